//! A program that serves a page: runs until Enter is pressed.

use std::io;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::shell::Failed;

const POLL: Duration = Duration::from_millis(100);

/// Runs the program until a line is typed, then asks it to end. Ctrl-C ends both.
///
/// # Errors
///
/// It cannot be started or asked, or it fails.
pub fn until_enter(mut program: Command) -> Result<()> {
    let mut child = program
        .stdin(Stdio::null())
        .spawn()
        .context("cannot start cluster-faces")?;
    println!("Enter ends the naming and goes on.");
    let (sender, typed) = mpsc::channel();
    // Left behind where the program ends by itself: a waiting read cannot be cancelled.
    thread::spawn(move || {
        // At the end of the input no one can press Enter.
        if io::stdin()
            .read_line(&mut String::new())
            .is_ok_and(|bytes| bytes > 0)
        {
            sender.send(()).ok();
        }
    });
    let mut asked = false;
    loop {
        if let Some(status) = child.try_wait().context("cannot wait for cluster-faces")? {
            if !status.success() {
                bail!(Failed::new("cluster-faces", status));
            }
            return Ok(());
        }
        if !asked && typed.try_recv().is_ok() {
            interrupt(&child)?;
            asked = true;
        }
        thread::sleep(POLL);
    }
}

/// What Ctrl-C sends.
fn interrupt(child: &Child) -> Result<()> {
    let status = Command::new("sh")
        .args(["-c", "kill -s INT \"$1\"", "sh", &child.id().to_string()])
        .status()
        .context("cannot start sh")?;
    if !status.success() {
        bail!("cluster-faces cannot be asked to end");
    }
    Ok(())
}

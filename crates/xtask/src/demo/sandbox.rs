//! The process of flickr-sandbox: started on a free port, waited for, and never left behind.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::shell::Failed;

/// Until the sandbox must be ready.
const START: Duration = Duration::from_secs(60);
/// Until it must have ended when asked to.
const STOP: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(20);

/// Becomes the program given, which a helper ends when this shell's standard input closes. That is
/// when xtask ends, in whatever way: even `kill -9` leaves no process behind. The helper has a
/// copy of the input as descriptor 3, because a shell gives /dev/null to a helper's input.
const UNTIL_INPUT_CLOSES: &str = "exec 3<&0\n\
     { cat <&3 >/dev/null; kill $$ 2>/dev/null; } &\n\
     exec \"$@\" </dev/null 3<&-";

/// A running flickr-sandbox; ends when dropped.
pub struct Sandbox {
    _process: Process,
    url: String,
    key: String,
    secret: String,
}

impl Sandbox {
    /// Starts it with a folder of photos; `folder` takes the file that it writes when ready.
    ///
    /// # Errors
    ///
    /// It cannot be started, ends at once, or is not ready in time.
    pub fn start(program: &Path, photos: &Path, folder: &Path) -> Result<Self> {
        let state_file = folder.join("sandbox.json");
        let mut command = Command::new(program);
        command.arg("serve").arg("--photos").arg(photos);
        command.arg("--state-file").arg(&state_file);
        let mut process = Process::start(&command)?;
        let start = Instant::now();
        loop {
            if let Some(state) = read_state(&state_file)? {
                let [url, key, secret] = state;
                return Ok(Self {
                    _process: process,
                    url,
                    key,
                    secret,
                });
            }
            if let Some(status) = process.child.try_wait()? {
                bail!(Failed::new("flickr-sandbox", status));
            }
            if start.elapsed() > START {
                bail!("flickr-sandbox is not ready after {} s", START.as_secs());
            }
            sleep(POLL);
        }
    }

    /// Where it listens, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The API key it knows.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The key's secret.
    pub fn secret(&self) -> &str {
        &self.secret
    }
}

/// The URL, key and secret out of the state file; `None` while it is not there or not whole.
fn read_state(path: &Path) -> Result<Option<[String; 3]>> {
    let Ok(text) = fs::read_to_string(path) else {
        return Ok(None);
    };
    let Ok(state) = serde_json::from_str::<Value>(&text) else {
        return Ok(None);
    };
    let field = |name: &str| {
        let text = state[name].as_str();
        text.map(str::to_owned)
            .with_context(|| format!("{}: found no `{name}`", path.display()))
    };
    let url = field("url")?.trim_end_matches('/').to_owned();
    Ok(Some([url, field("key")?, field("secret")?]))
}

/// A process that ends when this is dropped, and when this process ends.
struct Process {
    child: Child,
}

impl Process {
    fn start(program: &Command) -> Result<Self> {
        let child = Command::new("sh")
            .args(["-c", UNTIL_INPUT_CLOSES, "sh"])
            .arg(program.get_program())
            .args(program.get_args())
            .stdin(Stdio::piped())
            // What it says when ready, xtask says too; its errors go to stderr.
            .stdout(Stdio::null())
            // Ctrl-C is for the program at work, which saves first and needs its Flickr for it.
            .process_group(0)
            .spawn()
            .context("cannot start sh")?;
        Ok(Self { child })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let start = Instant::now();
        while start.elapsed() < STOP {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            sleep(POLL);
        }
        // It did not heed the signal; there is no one to tell if this fails too.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::Scratch;

    /// Whether a process of this id is there and not a mere zombie.
    fn lives(id: &str) -> bool {
        let state = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        !state.is_empty() && !state.contains(") Z ")
    }

    fn wait_until(what: &str, holds: impl Fn() -> bool) {
        let start = Instant::now();
        while !holds() {
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "waited too long until {what}"
            );
            sleep(POLL);
        }
    }

    /// A program that writes a state file at once and then does nothing.
    fn stand_in(folder: &Path, then: &str) -> std::path::PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        let path = folder.join("stand-in");
        let text = format!(
            "#!/bin/sh\n# serve --photos DIR --state-file FILE\n\
             printf '{{\"url\":\"http://127.0.0.1:1/\",\"key\":\"k\",\"secret\":\"%s\"}}' $$ > \"$5\"\n{then}\n"
        );
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        path
    }

    #[test]
    fn it_is_ready_with_its_state_file_and_ends_when_dropped() {
        let folder = Scratch::for_test("sandbox");
        let program = stand_in(folder.path(), "exec sleep 1000");
        let sandbox = Sandbox::start(&program, folder.path(), folder.path()).unwrap();
        assert_eq!((sandbox.url(), sandbox.key()), ("http://127.0.0.1:1", "k"));
        let id = sandbox.secret().to_owned();
        assert!(lives(&id));
        drop(sandbox);
        assert!(!lives(&id));
    }

    #[test]
    fn it_ends_with_the_process_that_started_it() {
        let folder = Scratch::for_test("orphan");
        // Between this test and the program: a shell in the place of xtask, killed by -9.
        let script = format!(
            "mkfifo p; sh -c '{UNTIL_INPUT_CLOSES}' sh sleep 1000 < p & exec 9>p; echo $! > id; \
             exec sleep 1000"
        );
        let mut starter = Command::new("sh")
            .args(["-c", &script])
            .current_dir(folder.path())
            .spawn()
            .unwrap();
        let read = || fs::read_to_string(folder.path().join("id")).unwrap_or_default();
        wait_until("the program runs", || read().ends_with('\n'));
        let id = read().trim().to_owned();
        assert!(lives(&id));
        starter.kill().unwrap();
        starter.wait().unwrap();
        wait_until("the program has ended", || !lives(&id));
    }

    #[test]
    fn one_that_ends_at_once_is_an_error_with_its_code() {
        let folder = Scratch::for_test("ends");
        let program = Path::new("false");
        let error = Sandbox::start(program, folder.path(), folder.path())
            .err()
            .unwrap();
        assert_eq!(error.to_string(), "flickr-sandbox failed with exit code 1");
    }

    #[test]
    fn a_state_file_must_be_whole_and_complete() {
        let folder = Scratch::for_test("state");
        let path = folder.path().join("state.json");
        assert_eq!(read_state(&path).unwrap(), None);
        fs::write(&path, r#"{"url":"http://127"#).unwrap();
        assert_eq!(read_state(&path).unwrap(), None);
        fs::write(&path, r#"{"url":"u","key":"k"}"#).unwrap();
        let error = read_state(&path).unwrap_err().to_string();
        assert!(error.ends_with("state.json: found no `secret`"), "{error}");
    }
}

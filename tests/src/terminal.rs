//! A program at a terminal: util-linux's `script` gives it one, the test types and reads.

use std::{
    io::{Read, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use crate::home::{Home, TIMEOUT};

/// Columns and lines of the usual terminal.
const SIZE: (u16, u16) = (100, 40);

/// What a terminal is asked before it is given pictures, and waited for: its primary device attributes, as ECMA-48 §8.3.24
/// has them.
const ASKED: &[u8] = b"\x1b[c";
/// Colours (22) and no sixel graphics (4).
const ANSWER: &[u8] = b"\x1b[?62;22c";

/// A program that runs at a terminal.
#[derive(Debug)]
pub struct Terminal {
    script: Child,
    keys: Arc<Mutex<ChildStdin>>,
    screen: Arc<Screen>,
    /// How much of the screen was waited for already.
    seen: usize,
}

/// What the program has written, as text without control sequences.
#[derive(Debug, Default)]
struct Screen {
    text: Mutex<String>,
    grown: Condvar,
}

impl Terminal {
    /// Runs a built program with a home's config.ini, without colours, at a terminal of 100 columns and 40 lines.
    ///
    /// # Panics
    /// Where it cannot be run.
    pub fn run(home: &Home, name: &str, arguments: &[&str]) -> Self {
        Self::shell(home, name, arguments, SIZE, |program| {
            format!("exec {program}")
        })
    }

    /// The same at a terminal of `size`, in columns and lines, that has colours and no graphics.
    ///
    /// # Panics
    /// Where it cannot be run.
    pub fn run_in(size: (u16, u16), home: &Home, name: &str, arguments: &[&str]) -> Self {
        let exec = |program: &str| format!("exec {program}");
        Self::shell(home, name, arguments, size, exec)
    }

    /// The same by a shell with job control, which runs `then` as soon as the program has ended or is suspended.
    ///
    /// # Panics
    /// Where it cannot be run.
    pub fn run_then(home: &Home, name: &str, arguments: &[&str], then: &str) -> Self {
        Self::shell(home, name, arguments, SIZE, |program| {
            format!("set -m; {program}; {then}")
        })
    }

    fn shell(
        home: &Home,
        name: &str,
        arguments: &[&str],
        (columns, rows): (u16, u16),
        line_of: impl FnOnce(&str) -> String,
    ) -> Self {
        let plain = home.command(name);
        let line: Vec<String> = [plain.get_program()]
            .into_iter()
            .chain(plain.get_args())
            .map(|word| word.to_string_lossy().into_owned())
            .chain(arguments.iter().map(|word| (*word).to_owned()))
            .map(|word| format!("'{word}'"))
            .collect();
        let mut command = Command::new("script");
        command
            .args(["--quiet", "--return", "--flush", "--command"])
            .arg(format!(
                "stty columns {columns} rows {rows}; {}",
                line_of(&line.join(" "))
            ))
            .arg("/dev/null")
            .current_dir(home.folder())
            .env_clear()
            .envs(
                plain
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .env("TERM", "xterm")
            .env("NO_COLOR", "1")
            .env("SHELL", "/bin/sh")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut script = command.spawn().expect("script, of util-linux, runs");
        let keys = Arc::new(Mutex::new(script.stdin.take().expect("its input")));
        let mut output = script.stdout.take().expect("its output");
        let screen = Arc::new(Screen::default());
        let (reader, answers) = (Arc::clone(&screen), Arc::clone(&keys));
        thread::spawn(move || {
            let (mut bytes, mut some) = (Vec::new(), [0; 4096]);
            while let Ok(count @ 1..) = output.read(&mut some) {
                bytes.extend_from_slice(&some[..count]);
                if bytes.ends_with(ASKED) {
                    let answered = lock(&answers).write_all(ANSWER);
                    answered.expect("the terminal answers");
                }
                *reader.lock() = plain_text(&bytes);
                reader.grown.notify_all();
            }
        });
        Self {
            script,
            keys,
            screen,
            seen: 0,
        }
    }

    /// Waits until the program has written `text`, after what was waited for before.
    ///
    /// # Panics
    /// Where it does not.
    #[track_caller]
    pub fn shows(&mut self, text: &str) -> &mut Self {
        let begun = Instant::now();
        let mut screen = self.screen.lock();
        loop {
            if let Some(at) = screen[self.seen..].find(text) {
                self.seen += at + text.len();
                break;
            }
            assert!(
                begun.elapsed() < TIMEOUT,
                "{text:?} is missing after {:?}",
                &screen[self.seen..]
            );
            let waited = self
                .screen
                .grown
                .wait_timeout(screen, Duration::from_millis(100));
            screen = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(screen);
        self
    }

    /// Types a line and Enter.
    ///
    /// # Panics
    /// Where the program is gone.
    pub fn types(&mut self, line: &str) -> &mut Self {
        self.presses(&format!("{line}\r"))
    }

    /// Presses keys.
    ///
    /// # Panics
    /// Where the program is gone.
    pub fn presses(&mut self, keys: &str) -> &mut Self {
        // What is typed before the question is up would be shown twice.
        thread::sleep(Duration::from_millis(50));
        let mut terminal = lock(&self.keys);
        terminal
            .write_all(keys.as_bytes())
            .expect("the terminal takes keys");
        terminal.flush().expect("the terminal takes keys");
        drop(terminal);
        self
    }

    /// Waits for the program's end: its exit code, and everything that it has written.
    ///
    /// # Panics
    /// Where it does not end.
    #[track_caller]
    pub fn ends(mut self) -> (Option<i32>, String) {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.script.try_wait().expect("script is waited for") {
                // What it wrote last may still be on its way.
                thread::sleep(Duration::from_millis(200));
                return (status.code(), self.screen.lock().clone());
            }
            assert!(
                begun.elapsed() < TIMEOUT,
                "it does not end: {:?}",
                self.screen.lock()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Screen {
    fn lock(&self) -> MutexGuard<'_, String> {
        lock(&self.text)
    }
}

fn lock<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.script.kill().ok();
        self.script.wait().ok();
    }
}

/// Without what only moves the cursor: control characters, and the sequences of ECMA-48 §5.4 (`ESC [`,
/// parameters, a final byte from `@` to `~`).
fn plain_text(bytes: &[u8]) -> String {
    let all = String::from_utf8_lossy(bytes);
    let mut text = String::new();
    let mut rest = all.chars();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' => {
                if rest.next() == Some('[') {
                    rest.by_ref().find(|c| ('@'..='~').contains(c));
                }
            }
            '\n' => text.push('\n'),
            c if c.is_control() => {}
            c => text.push(c),
        }
    }
    text
}

//! Everything that is printed. Control characters are shown, not obeyed: names, titles and Flickr's replies come from
//! outside, and an escape sequence among them could forge a line or a title of the terminal.
//!
//! A reader that has gone, as `head` does, is no error: the work goes on in silence. Any other error of standard
//! output is told at the end, with exit code 4. Standard error has no place to tell its own.

use std::{
    fmt::Display,
    io::{self, ErrorKind, IsTerminal, Write},
    sync::OnceLock,
};

pub use flickr_faces::text::{one_line, shown};
use serde_json::Value;

use crate::text::{columns, fitted};

/// What has gone wrong with standard output first.
static BROKEN: OnceLock<io::Error> = OnceLock::new();

/// Prints a line to standard output.
pub fn line(text: impl Display) {
    let text = text.to_string();
    text_as_it_is(&format!("{}\n", fitted(&shown(&text), columns())));
}

/// Prints lines that end with a new line each to standard output.
pub fn lines(text: impl Display) {
    text_as_it_is(&shown(&text.to_string()));
}

/// Prints a value to standard output, as a line of JSON.
pub fn json(value: &Value) {
    text_as_it_is(&format!("{}\n", json_text(value)));
}

/// Prints a line to standard error.
pub fn aside(text: impl Display) {
    let size = io::stderr().is_terminal().then(crossterm::terminal::size);
    let columns = size.and_then(Result::ok).map(|(columns, _)| columns.into());
    let text = text.to_string();
    let text = format!("{}\n", fitted(&shown(&text), columns));
    io::stderr().lock().write_all(text.as_bytes()).ok();
}

/// Standard output for what is written there piece by piece; see the module's head for its errors.
pub struct Stdout;

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        bytes_as_they_are(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        note(io::stdout().lock().flush());
        Ok(())
    }
}

/// Writes what is left; what went wrong with standard output, unless its reader has gone.
pub(crate) fn end() -> Option<&'static io::Error> {
    if BROKEN.get().is_none() {
        note(io::stdout().lock().flush());
    }
    BROKEN
        .get()
        .filter(|error| error.kind() != ErrorKind::BrokenPipe)
}

/// Keeps an error of standard output for the end.
pub(crate) fn note(result: io::Result<()>) {
    if let Err(error) = result {
        BROKEN.set(error).ok();
    }
}

fn text_as_it_is(text: &str) {
    bytes_as_they_are(text.as_bytes());
}

fn bytes_as_they_are(bytes: &[u8]) {
    if BROKEN.get().is_none() {
        note(io::stdout().lock().write_all(bytes));
    }
}

/// JSON whose texts hold no control character as it is: serde_json escapes those below U+0020 only.
fn json_text(value: &Value) -> String {
    let text = value.to_string();
    if !text.chars().any(is_hidden) {
        return text;
    }
    // All of them are in strings.
    text.chars().fold(String::new(), |mut text, c| {
        if is_hidden(c) {
            text += &format!("\\u{:04x}", u32::from(c));
        } else {
            text.push(c);
        }
        text
    })
}

fn is_hidden(c: char) -> bool {
    flickr_faces::text::is_hidden(c)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_stays_json() {
        let value = json!({"title": "a\u{1b}[2J\u{9b}\u{7f}\u{202e}é\n"});
        let text = json_text(&value);
        assert_eq!(text, r#"{"title":"a\u001b[2J\u009b\u007f\u202eé\n"}"#);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}

//! Questions that are answered with a line: typed at a terminal with completion of known names, or
//! read from a file or a pipe.
//!
//! What a line means is decided elsewhere.

mod list;
mod names;
mod person;
mod reply;

use std::io::{self, BufRead, IsTerminal, Write};

pub(crate) use self::person::{Settings, give_back};
pub use self::{
    person::Person,
    reply::{Asker, PromptError, Reply},
};

/// A person at the terminal where standard input is one, else the lines of standard input; these
/// and their questions are echoed to `echo`.
#[must_use]
pub fn asker(echo: impl Write + 'static) -> Box<dyn Asker> {
    if io::stdin().is_terminal() {
        Box::new(Person)
    } else {
        Box::new(Lines::new(io::stdin().lock(), echo))
    }
}

/// Lines of an input that is not a terminal, one for each question.
///
/// Question and answer are written to the output, so that a log shows what was decided.
#[derive(Debug)]
pub struct Lines<R, W> {
    input: R,
    output: W,
    read: usize,
}

impl<R: BufRead, W: Write> Lines<R, W> {
    /// Reads from `input`, writes to `output`.
    pub fn new(input: R, output: W) -> Self {
        Self {
            input,
            output,
            read: 0,
        }
    }
}

impl<R: BufRead, W: Write> Asker for Lines<R, W> {
    fn is_interactive(&self) -> bool {
        false
    }

    fn ask(&mut self, prompt: &str, _help: &str, _names: &[String]) -> Result<Reply, PromptError> {
        let mut line = Vec::new();
        self.read += 1;
        let count =
            self.input
                .read_until(b'\n', &mut line)
                .map_err(|source| PromptError::Read {
                    line: self.read,
                    source,
                })?;
        if count == 0 {
            return Ok(Reply::End);
        }
        let line = String::from_utf8(line).map_err(|_| PromptError::NotUtf8 { line: self.read })?;
        let line = line.strip_suffix('\n').unwrap_or(&line);
        let line = line.strip_suffix('\r').unwrap_or(line);
        // Windows' editors begin a file with a byte order mark.
        let line = if self.read == 1 {
            line.trim_start_matches('\u{feff}')
        } else {
            line
        };
        writeln!(self.output, "{prompt} {line}")
            .and_then(|()| self.output.flush())
            .map_err(PromptError::Echo)?;
        Ok(Reply::Line(line.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The replies to questions about `input` until it ends, and what was written.
    fn replies(input: &[u8]) -> (Vec<String>, String) {
        let (mut lines, mut output) = (Vec::new(), Vec::new());
        let mut asker = Lines::new(input, &mut output);
        loop {
            match asker.ask("Who?", "help", &[]) {
                Ok(Reply::Line(line)) => lines.push(line),
                Ok(Reply::End) => break,
                Ok(Reply::Interrupted) => panic!("nobody interrupts a file"),
                Err(error) => {
                    lines.push(format!("error: {error}"));
                    break;
                }
            }
        }
        (lines, String::from_utf8(output).unwrap())
    }

    #[test]
    fn one_line_for_each_question() {
        struct Case {
            input: &'static [u8],
            replies: &'static [&'static str],
        }
        let cases = [
            Case {
                input: b"",
                replies: &[],
            },
            Case {
                input: b"\n",
                replies: &[""],
            },
            Case {
                input: b"Ada\n\n:q\n",
                replies: &["Ada", "", ":q"],
            },
            Case {
                input: b"Ada\r\n:x 3\r\nlast",
                replies: &["Ada", ":x 3", "last"],
            },
            Case {
                input: "\u{feff}Zoë\nAda".as_bytes(),
                replies: &["Zoë", "Ada"],
            },
            Case {
                input: b"Ada\nZo\xeb\nBob\n",
                replies: &["Ada", "error: line 2 of the answers is not UTF-8"],
            },
        ];
        let wrong: Vec<_> = cases
            .iter()
            .map(|case| (replies(case.input).0, case.replies))
            .filter(|(found, expected)| found != expected)
            .collect();
        assert!(wrong.is_empty(), "(found, expected): {wrong:#?}");
    }

    #[test]
    fn a_log_shows_questions_and_answers() {
        assert_eq!(replies(b"Ada\n\n").1, "Who? Ada\nWho? \n");
    }

    #[test]
    fn the_end_stays_the_end() {
        let mut asker = Lines::new(&b"Ada"[..], io::sink());
        assert_eq!(
            asker.ask("", "", &[]).unwrap(),
            Reply::Line("Ada".to_owned())
        );
        assert_eq!(asker.ask("", "", &[]).unwrap(), Reply::End);
        assert_eq!(asker.ask("", "", &[]).unwrap(), Reply::End);
    }
}

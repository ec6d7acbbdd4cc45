//! What is asked, and what comes back.

use std::io;

use rustyline::error::ReadlineError;

use crate::exit::{Exit, Explained, Verdict};

/// What came back from a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A line, without its end; may be empty.
    Line(String),
    /// There will be no more answers: end of the input, or Ctrl-D on an empty line.
    End,
    /// Ctrl-C: stop now.
    Interrupted,
}

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// The terminal fails.
    #[error("cannot ask at the terminal: {0}")]
    Terminal(#[from] ReadlineError),
    /// The input fails.
    #[error("cannot read line {line} of the answers: {source}")]
    Read {
        /// Its number, from 1.
        line: usize,
        /// What the system said.
        source: io::Error,
    },
    /// A line of the input is no text.
    #[error("line {line} of the answers is not UTF-8")]
    NotUtf8 {
        /// Its number, from 1.
        line: usize,
    },
    /// The log fails.
    #[error("cannot write the answer to standard output: {0}")]
    Echo(io::Error),
}

impl Explained for PromptError {
    fn verdict(&self) -> Verdict {
        let exit = match self {
            Self::NotUtf8 { .. } => Exit::Usage,
            Self::Terminal(_) | Self::Read { .. } | Self::Echo(_) => Exit::CannotGoOn,
        };
        (exit, None)
    }
}

/// Someone, or something, that answers questions.
pub trait Asker {
    /// Asks `prompt`, with `help` in sight, offering `names` for completion.
    ///
    /// # Errors
    /// Where the terminal or the input fails, or a line is not UTF-8.
    fn ask(&mut self, prompt: &str, help: &str, names: &[String]) -> Result<Reply, PromptError>;

    /// Whether an answer that was not understood can be given again.
    fn is_interactive(&self) -> bool;
}

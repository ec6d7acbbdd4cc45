//! A person at the terminal: a line is edited as in a shell, with the known names below it.

use std::{
    io,
    sync::{Mutex, PoisonError},
};

use rustix::termios::{self, OptionalActions, QueueSelector, Termios};
use rustyline::{
    Behavior, Cmd, ColorMode, Config, Editor, Event, EventHandler, KeyCode, KeyEvent, Modifiers,
    error::ReadlineError, history::MemHistory,
};

use super::{
    list::{Below, Go, Press},
    names::Names,
    reply::{Asker, PromptError, Reply},
};

/// Esc also begins the sequences of the arrows: these follow within this many milliseconds, over a slow line too.
const AFTER_ESCAPE: u16 = 100;

/// A person at the terminal.
///
/// Keys are those of readline. Names are offered while one types: Tab and the arrows put one into the line, Esc takes
/// the list away, and then the line. Ctrl-D leaves, on an empty line only. What was typed before the question was
/// on the screen is no answer to it. Colours are left out where the environment variable `NO_COLOR` is set and not
/// empty.
#[derive(Debug, Clone, Copy, Default)]
pub struct Person;

impl Asker for Person {
    fn is_interactive(&self) -> bool {
        true
    }

    fn ask(&mut self, prompt: &str, help: &str, names: &[String]) -> Result<Reply, PromptError> {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let size = crossterm::terminal::size();
        let (columns, rows) = size.map_or((80, 24), |(columns, rows)| (columns, rows));
        let below = Below::new(Names::new(names), help, (columns.into(), rows.into()));
        // What an editor has read ahead goes with it: each question has its own.
        let mut editor = editor(below, plain)?;
        // Where this fails, the line editor will, and say it.
        termios::tcflush(io::stdin(), QueueSelector::IFlush).ok();
        let settings = Settings::keep();
        let reply = editor.readline(&format!("{prompt} "));
        drop(settings);
        match reply {
            Ok(line) => Ok(Reply::Line(line)),
            Err(ReadlineError::Eof) => Ok(Reply::End),
            Err(ReadlineError::Interrupted) => Ok(Reply::Interrupted),
            Err(error) => Err(error.into()),
        }
    }
}

fn editor(below: Below, plain: bool) -> Result<Editor<Below, MemHistory>, ReadlineError> {
    let colours = match plain {
        true => ColorMode::Disabled,
        false => ColorMode::Enabled,
    };
    let config = Config::builder()
        // The terminal, wherever standard output goes.
        .behavior(Behavior::PreferTerm)
        .keyseq_timeout(Some(AFTER_ESCAPE))
        .color_mode(colours)
        .build();
    let mut editor = Editor::with_history(config, MemHistory::new())?;
    for (key, go) in [
        (KeyCode::Down, Go::Next),
        (KeyCode::Tab, Go::Next),
        (KeyCode::Up, Go::Back),
        (KeyCode::BackTab, Go::Back),
        (KeyCode::Esc, Go::Away),
    ] {
        let press = EventHandler::Conditional(Box::new(Press::new(&below, go)));
        editor.bind_sequence(Event::from(KeyEvent(key, Modifiers::NONE)), press);
    }
    for searches in ['R', 'S'] {
        // There is no history to search.
        editor.bind_sequence(KeyEvent::ctrl(searches), EventHandler::Simple(Cmd::Noop));
    }
    editor.set_helper(Some(below));
    Ok(editor)
}

/// How the terminal was set before the question that is open.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// The terminal's settings while a question is open: given back when dropped. Who ends the program meanwhile calls
/// [`give_back`].
pub(crate) struct Settings;

impl Settings {
    pub(crate) fn keep() -> Self {
        let before = termios::tcgetattr(io::stdin()).ok();
        *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = before;
        Self
    }
}

impl Drop for Settings {
    fn drop(&mut self) {
        let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(before) = before {
            termios::tcsetattr(io::stdin(), OptionalActions::Now, &before).ok();
        }
    }
}

/// Gives the shell its terminal back, as it was before the question that is open; nothing where none is.
pub(crate) fn give_back() {
    use io::Write;

    let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(before) = before {
        // No more brackets around what is pasted (xterm's mode 2004), and nothing below the line.
        io::stderr().write_all(b"\x1b[?2004l\x1b[J\r\n").ok();
        termios::tcsetattr(io::stdin(), OptionalActions::Now, &before).ok();
    }
}

//! What stands below the line that is being typed: the keys while it is empty, then the names that it may become.

use std::{
    borrow::Cow,
    sync::{Arc, Mutex, PoisonError},
};

use rustyline::{
    Cmd, ConditionalEventHandler, Context, Event, EventContext, Helper, Movement, RepeatCount,
    completion::Completer,
    highlight::Highlighter,
    hint::{Hint, Hinter},
    validate::{ValidationContext, ValidationResult, Validator},
};

use super::names::Names;

/// Names below the line, where the terminal is high enough.
const MOST_ROWS: usize = 7;

/// What the keys share with what is drawn.
#[derive(Debug)]
struct State {
    names: Names,
    /// The name that was put into the line: what had been typed, its place in the list, and the line since.
    taken: Option<(String, usize, String)>,
    /// The line whose list was closed.
    closed: Option<String>,
}

impl State {
    /// The names for a line, and the place of the one that it is.
    fn list(&self, line: &str) -> (Vec<String>, Option<usize>) {
        if self.closed.as_deref() == Some(line) {
            return (Vec::new(), None);
        }
        match &self.taken {
            Some((typed, at, now)) if now == line => (self.names.suggestions(typed), Some(*at)),
            _ => {
                let mut list = self.names.suggestions(line);
                list.retain(|name| name != line);
                (list, None)
            }
        }
    }

    /// What a key makes of the line; `None` where nothing.
    fn go(&mut self, line: &str, go: Go) -> Option<String> {
        let (list, at) = self.list(line);
        let to = match (go, at) {
            (Go::Away, _) if list.is_empty() => return (!line.is_empty()).then(String::new),
            (Go::Away, _) => {
                self.closed = Some(line.to_owned());
                return None;
            }
            (_, _) if list.is_empty() => return None,
            (Go::Next, None) => Some(0),
            (Go::Next, Some(at)) => Some((at + 1) % list.len()),
            (Go::Back, None) => Some(list.len() - 1),
            (Go::Back, Some(at)) => at.checked_sub(1),
        };
        let typed = match (&self.taken, at) {
            (Some((typed, ..)), Some(_)) => typed.clone(),
            _ => line.to_owned(),
        };
        let Some((to, name)) = to.and_then(|to| Some((to, list.get(to)?))) else {
            self.taken = None;
            return Some(typed);
        };
        self.taken = Some((typed, to, name.clone()));
        Some(name.clone())
    }
}

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Go {
    /// Puts the next name into the line.
    Next,
    /// Puts the one before there, and at last what was typed.
    Back,
    /// Takes the list away, or the line where there is none.
    Away,
}

/// A key.
#[derive(Debug)]
pub(super) struct Press {
    state: Arc<Mutex<State>>,
    go: Go,
}

impl Press {
    pub(super) fn new(below: &Below, go: Go) -> Self {
        let state = Arc::clone(&below.state);
        Self { state, go }
    }
}

impl ConditionalEventHandler for Press {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, ctx: &EventContext) -> Option<Cmd> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        Some(match state.go(ctx.line(), self.go) {
            Some(line) => Cmd::Replace(Movement::WholeBuffer, Some(line)),
            None => Cmd::Repaint,
        })
    }
}

/// What is drawn below the line.
#[derive(Debug)]
pub(super) struct Below {
    state: Arc<Mutex<State>>,
    keys: String,
    columns: usize,
    rows: usize,
}

impl Below {
    /// `keys` says what can be answered; the terminal has some columns and rows.
    pub(super) fn new(names: Names, keys: &str, (columns, rows): (usize, usize)) -> Self {
        let state = State {
            names,
            taken: None,
            closed: None,
        };
        Self {
            state: Arc::new(Mutex::new(state)),
            keys: wrapped(keys, columns),
            columns,
            rows: MOST_ROWS.min(rows.saturating_sub(3)),
        }
    }

    fn text(&self, line: &str) -> String {
        if line.is_empty() {
            let keys = self.keys.lines();
            return keys.map(|keys| format!("\n{keys}")).collect();
        }
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (list, at) = state.list(line);
        let first = at.map_or(0, |at| (at + 1).saturating_sub(self.rows));
        let rows = list.iter().enumerate().skip(first).take(self.rows);
        let mut text: String = rows
            .map(|(place, name)| {
                let mark = if Some(place) == at { '>' } else { ' ' };
                format!("\n{mark} {}", cut(name, self.columns.saturating_sub(3)))
            })
            .collect();
        let more = list.len().saturating_sub(first + self.rows);
        if more > 0 && self.rows > 0 {
            text += &format!("\n  … and {more} more");
        }
        text
    }
}

/// Breaks `help`, whose parts are separated by commas, into lines of a terminal of `columns`: between
/// parts, so that a key stays with what it does.
fn wrapped(help: &str, columns: usize) -> String {
    // What fills the last column would begin another row.
    let columns = columns.saturating_sub(1);
    let (mut lines, mut room) = (String::new(), columns);
    for part in help.split_inclusive(", ") {
        // The comma stays, the space after it need not fit.
        let needed = part.trim_end().chars().count();
        if needed > room && !lines.is_empty() {
            lines.truncate(lines.trim_end().len());
            lines.push('\n');
            room = columns;
        }
        lines.push_str(part);
        room = room.saturating_sub(part.chars().count());
    }
    lines
}

/// As much of a name as fits `columns`.
fn cut(name: &str, columns: usize) -> Cow<'_, str> {
    use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

    if name.width() <= columns {
        return name.into();
    }
    let mut used = 1;
    let fits = |c: &char| {
        used += c.width().unwrap_or(0);
        used <= columns
    };
    let mut text: String = name.chars().take_while(fits).collect();
    text.push('…');
    text.into()
}

/// A text that no key takes into the line.
pub(super) struct Text(String);

impl Hint for Text {
    fn display(&self) -> &str {
        &self.0
    }

    fn completion(&self) -> Option<&str> {
        None
    }
}

impl Hinter for Below {
    type Hint = Text;

    fn hint(&self, line: &str, _: usize, _: &Context<'_>) -> Option<Text> {
        let text = self.text(line);
        (!text.is_empty()).then_some(Text(text))
    }
}

impl Highlighter for Below {
    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        format!("\x1b[1m{prompt}\x1b[0m").into()
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        format!("\x1b[2m{hint}\x1b[0m").into()
    }
}

impl Validator for Below {
    fn validate(&self, ctx: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(match ctx.input().contains(['\n', '\r']) {
            true => ValidationResult::Invalid(Some(
                "\nOne line at a time: this one was pasted with line breaks. Esc clears it."
                    .to_owned(),
            )),
            false => ValidationResult::Valid(None),
        })
    }
}

impl Completer for Below {
    type Candidate = String;
}

impl Helper for Below {}

#[cfg(test)]
mod tests {
    use super::*;

    fn below(names: &[&str]) -> Below {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        Below::new(Names::new(&names), "Enter later, :q leave", (20, 24))
    }

    #[test]
    fn keys_stay_with_what_they_do() {
        let help = "y yes, n no, :x 3 take out, :q leave";
        let cases = [
            (80, help),
            (36, "y yes, n no, :x 3 take out,\n:q leave"),
            (37, help),
            (20, "y yes, n no,\n:x 3 take out,\n:q leave"),
            (3, "y yes,\nn no,\n:x 3 take out,\n:q leave"),
        ];
        let wrong: Vec<_> = cases
            .iter()
            .map(|&(columns, expected)| (columns, wrapped(help, columns), expected))
            .filter(|(_, found, expected)| found != expected)
            .collect();
        assert!(wrong.is_empty(), "(columns, found, expected): {wrong:#?}");
    }

    #[test]
    fn keys_walk_through_the_names() {
        let below = below(&["Ada", "Adam", "Bob"]);
        let mut line = "ad".to_owned();
        let mut seen = Vec::new();
        for go in [
            Go::Next,
            Go::Next,
            Go::Next,
            Go::Back,
            Go::Back,
            Go::Away,
            Go::Away,
        ] {
            let next = below.state.lock().unwrap().go(&line, go);
            line = next.unwrap_or(line);
            seen.push(line.clone());
        }
        assert_eq!(seen, ["Ada", "Adam", "Ada", "ad", "Adam", "Adam", ""]);
    }

    #[test]
    fn what_stands_below() {
        let below = below(&["Ada of a very long name", "Adam", "ad"]);
        assert_eq!(below.text(""), "\nEnter later,\n:q leave");
        assert_eq!(below.text("a"), "\n  Ada of a very lo…\n  Adam\n  ad");
        assert_eq!(below.text("ad"), "\n  Ada of a very lo…\n  Adam");
        assert_eq!(below.text("x"), "");
        below.state.lock().unwrap().go("a", Go::Next);
        let text = below.text("Ada of a very long name");
        assert_eq!(text, "\n> Ada of a very lo…\n  Adam\n  ad");
        below.state.lock().unwrap().go("b", Go::Away);
        assert_eq!(below.text("b"), "");
    }

    #[test]
    fn a_long_list_moves_with_the_name_that_is_taken() {
        let names: Vec<String> = (0..20).map(|n| format!("Ada {n}")).collect();
        let below = Below::new(Names::new(&names), "", (80, 24));
        assert!(below.text("ad").ends_with("\n  Ada 6\n  … and 13 more"));
        let mut line = "ad".to_owned();
        for _ in 0..10 {
            line = below.state.lock().unwrap().go(&line, Go::Next).unwrap();
        }
        let text = below.text(&line);
        assert!(text.starts_with("\n  Ada 3\n"), "{text}");
        assert!(text.ends_with("\n> Ada 9\n  … and 10 more"), "{text}");
    }
}

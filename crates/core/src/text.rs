//! Numbers and lists in sentences for people.

use std::{borrow::Cow, fmt::Display, time::Duration};

pub use flickr_faces_vision::numbers::{grouped, hexadecimal};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// `1 photo`, `2,345 photos`. For whole numbers.
pub fn count(number: impl Display, one: &str, more: &str) -> String {
    let number = grouped(number);
    let noun = if number == "1" { one } else { more };
    format!("{number} {noun}")
}

/// `2.9 GB`, `31 MB`, `0.4 MB`.
pub fn bytes(number: u64) -> String {
    let number = number as f64;
    match number {
        1e9.. => format!("{:.1} GB", number / 1e9),
        1e7.. => format!("{:.0} MB", number / 1e6),
        _ => format!("{:.1} MB", number / 1e6),
    }
}

/// `3 h 5 min`, `12 min`, `40 s`.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match (
        seconds / 86_400,
        seconds / 3600 % 24,
        seconds / 60 % 60,
        seconds % 60,
    ) {
        (0, 0, 0, seconds) => format!("{seconds} s"),
        (0, 0, minutes, seconds) if minutes < 10 && seconds > 0 => {
            format!("{minutes} min {seconds} s")
        }
        (0, 0, minutes, _) => format!("{minutes} min"),
        (0, hours, minutes, _) => format!("{hours} h {minutes} min"),
        (days, hours, ..) => format!("{days} d {hours} h"),
    }
}

/// `2020-09-13 12:26`, of seconds since 1970, in UTC.
pub fn minute(seconds: u64) -> String {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds).map_or_else(
        |_| seconds.to_string(),
        |time| time.strftime("%Y-%m-%d %H:%M").to_string(),
    )
}

/// `; did you mean "Ada"?` where there is something like what was given, else nothing.
pub fn did_you_mean(similar: Option<&str>) -> String {
    similar.map_or_else(String::new, |name| format!("; did you mean {name:?}?"))
}

/// A text as it is looked for: in lower case and without accents, so that `zoe` finds Zoë.
#[must_use]
pub fn plain(text: &str) -> String {
    let lower = text.to_lowercase();
    lower.nfd().filter(|c| !is_combining_mark(*c)).collect()
}

/// Whether this is a dash, as keyboards and word processors put between two numbers.
pub fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2014}' | '\u{2212}')
}

/// Whether a terminal would obey this character, or turn what follows around, in place of showing it: controls
/// (escape sequences begin with one), separators of lines, and marks of direction.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text as it can be put on a terminal: [hidden characters](is_hidden) but ends of lines are shown as `\u{1b}`.
pub fn shown(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c != '\n' && is_hidden(c))
}

/// The same of a text from outside that is to stay within a line: ends of lines are shown, too.
pub fn one_line(text: &str) -> Cow<'_, str> {
    escaped(text, is_hidden)
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match is_escaped(c) {
            true => escaped.extend(c.escape_debug()),
            false => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        let text = "a\u{1b}[2J\u{9b}1m\r\n\u{202e}hint: \u{7}é 山\u{200d}";
        assert_eq!(
            shown(text),
            "a\\u{1b}[2J\\u{9b}1m\\r\n\\u{202e}hint: \\u{7}é 山\u{200d}"
        );
        assert_eq!(one_line("a\nhint:  b\t"), "a\\nhint:  b\\t");
        assert!(matches!(one_line("as it is"), Cow::Borrowed("as it is")));
    }

    #[test]
    fn accents_and_case_are_not_looked_for() {
        let cases = [
            ("Zoë", "zoe"),
            ("MUÑOZ", "munoz"),
            ("İpek", "ipek"),
            ("山田", "山田"),
        ];
        for (text, expected) in cases {
            assert_eq!(plain(text), expected);
        }
    }

    #[test]
    fn times_are_short() {
        let cases = [
            (0, "0 s"),
            (59, "59 s"),
            (61, "1 min 1 s"),
            (600, "10 min"),
            (3660, "1 h 1 min"),
            (90_000, "1 d 1 h"),
        ];
        for (seconds, text) in cases {
            assert_eq!(duration(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn what_is_counted_has_its_number() {
        assert_eq!(minute(1_600_000_000), "2020-09-13 12:26");
        assert_eq!(count(1, "face", "faces"), "1 face");
        assert_eq!(count(0, "face", "faces"), "0 faces");
        assert_eq!(count(1000, "face", "faces"), "1,000 faces");
    }
}

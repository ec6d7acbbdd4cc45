//! Where each key stands in config.ini, and how to change one value and nothing else.
//!
//! Read line by line: section, comment, blank, or `KEY = value` (`:` for `=` as in Python's
//! configparser), with an optional comment after white space and `#` or `;`. No crate reads that:
//! rust-ini keeps neither lines nor comments, so that an error could not name its line and an edit
//! would lose the rest; ini-roundtrip keeps both, but knows neither `:` nor a comment after a value,
//! and takes an indented comment or a byte order mark for a key.

use std::ops::Range;

/// One `KEY = value` of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    /// Line, counted from 1.
    pub line: usize,
    /// As written.
    pub key: &'a str,
    /// Without the white space around it and without a comment after it.
    pub value: &'a str,
    /// Where the value stands, in bytes of the whole text.
    pub span: Range<usize>,
}

/// A line that is none of the four kinds: its number and its text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadLine<'a>(pub usize, pub &'a str);

/// Every entry in the order of the file.
pub(super) fn entries(text: &str) -> Result<Vec<Entry<'_>>, BadLine<'_>> {
    let mut found = Vec::new();
    let mut end = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let start = end;
        end += line.len();
        let content = content(line);
        if content.is_empty() || content.starts_with(['#', ';']) || is_section(content) {
            continue;
        }
        let (key, after) = content
            .split_once(['=', ':'])
            .map(|(key, after)| (key.trim(), after))
            .filter(|(key, _)| !key.is_empty())
            .ok_or(BadLine(index + 1, content))?;
        let value = after[..comment_start(after)].trim();
        let indent = match value {
            "" => 0,
            _ => after.len() - after.trim_start().len(),
        };
        let from = start + line.trim_end().len() - after.len() + indent;
        found.push(Entry {
            line: index + 1,
            key,
            value,
            span: from..from + value.len(),
        });
    }
    Ok(found)
}

/// A line without white space around it, and without the byte order mark that Windows puts first.
fn content(line: &str) -> &str {
    line.trim_start_matches('\u{feff}').trim()
}

fn is_section(content: &str) -> bool {
    content.starts_with('[') && content.ends_with(']')
}

/// Where a comment after a value begins: at `#` or `;` behind white space.
fn comment_start(after: &str) -> usize {
    after
        .char_indices()
        .zip(after.chars().skip(1))
        .find(|((_, before), mark)| before.is_whitespace() && matches!(mark, '#' | ';'))
        .map_or(after.len(), |((at, _), _)| at)
}

/// The text with the value of the first key that `is_key` accepts replaced; where there is none, the
/// text with `new_key = value` added at the end of `section` (made where it is not there).
pub(super) fn with_value(
    text: &str,
    is_key: impl Fn(&str) -> bool,
    section: &str,
    new_key: &str,
    value: &str,
) -> String {
    let entries = entries(text).unwrap_or_default();
    if let Some(entry) = entries.iter().find(|entry| is_key(entry.key)) {
        let space = if entry.value.is_empty() { " " } else { "" };
        return format!(
            "{}{space}{value}{}",
            &text[..entry.span.start],
            &text[entry.span.end..]
        );
    }
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let heading = format!("[{section}]");
    let Some(at) = end_of_section(text, &heading) else {
        let missing = match text {
            "" => 0,
            text if text.ends_with("\n\n") || text.ends_with("\r\n\r\n") => 0,
            text if text.ends_with('\n') => 1,
            _ => 2,
        };
        let gap = newline.repeat(missing);
        return format!("{text}{gap}{heading}{newline}{new_key} = {value}{newline}");
    };
    let (before, after) = text.split_at(at);
    let gap = if before.ends_with('\n') { "" } else { newline };
    format!("{before}{gap}{new_key} = {value}{newline}{after}")
}

/// Behind the last line of the section that is not blank.
fn end_of_section(text: &str, heading: &str) -> Option<usize> {
    let mut inside = false;
    let mut end = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        start += line.len();
        let content = content(line);
        if is_section(content) {
            inside = content.eq_ignore_ascii_case(heading);
        }
        if inside && !content.is_empty() {
            end = Some(start);
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str, value: &str) -> String {
        with_value(
            text,
            |key| key == "start_image",
            "flickr",
            "start_image",
            value,
        )
    }

    #[test]
    fn one_value_changes_and_every_other_byte_stays() {
        struct Case {
            what: &'static str,
            before: &'static str,
            after: &'static str,
        }
        let cases = [
            Case {
                what: "comments, blank lines and order",
                before: "# top\n\n[flickr]\nstart_image = 7   ; mine\nkey=a\n\n# end",
                after: "# top\n\n[flickr]\nstart_image = 99   ; mine\nkey=a\n\n# end",
            },
            Case {
                what: "Windows line ends",
                before: "[flickr]\r\nstart_image=7\r\nkey: a\r\n",
                after: "[flickr]\r\nstart_image=99\r\nkey: a\r\n",
            },
            Case {
                what: "an empty value",
                before: "start_image =\nkey = a\n",
                after: "start_image = 99\nkey = a\n",
            },
            Case {
                what: "a missing key goes to the end of its section",
                before: "[flickr]\nkey = a\n\n[paths]\nimgs = i\n",
                after: "[flickr]\nkey = a\nstart_image = 99\n\n[paths]\nimgs = i\n",
            },
            Case {
                what: "a missing section goes to the end",
                before: "[paths]\nimgs = i",
                after: "[paths]\nimgs = i\n\n[flickr]\nstart_image = 99\n",
            },
            Case {
                what: "a section at the very end without a newline",
                before: "[flickr]",
                after: "[flickr]\nstart_image = 99\n",
            },
            Case {
                what: "an empty file",
                before: "",
                after: "[flickr]\nstart_image = 99\n",
            },
        ];
        let wrong: Vec<_> = cases
            .iter()
            .filter(|case| set(case.before, "99") != case.after)
            .map(|case| (case.what, set(case.before, "99")))
            .collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn setting_twice_is_setting_once() {
        let text = "\u{feff}[flickr]\nkey = a\n";
        assert_eq!(set(&set(text, "5"), "6"), set(text, "6"));
    }

    #[test]
    fn values_end_before_their_comment() {
        let text = "a = 1 # one\nb = x#y\nc=\td ;e\n f : g = h \n";
        let found: Vec<_> = entries(text)
            .unwrap()
            .into_iter()
            .map(|entry| (entry.line, entry.key, entry.value))
            .collect();
        assert_eq!(
            found,
            [
                (1, "a", "1"),
                (2, "b", "x#y"),
                (3, "c", "d"),
                (4, "f", "g = h")
            ]
        );
        assert_eq!(entries("a = 1\n\nnonsense\n"), Err(BadLine(3, "nonsense")));
        assert_eq!(entries("= 3"), Err(BadLine(1, "= 3")));
    }
}

//! What a file is, by its first bytes: Flickr's image host answers with pages and placeholder
//! pictures under the name of a JPEG.

use std::fmt;

/// What a file is by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A JPEG picture.
    Jpeg,
    /// A PNG picture.
    Png,
    /// A GIF picture, as Flickr's "photo unavailable" is.
    Gif,
    /// A web page.
    Html,
    /// No bytes at all.
    Empty,
    /// Something else.
    Other,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Jpeg => "a JPEG",
            Self::Png => "a PNG",
            Self::Gif => "a GIF",
            Self::Html => "a web page",
            Self::Empty => "an empty file",
            Self::Other => "something else",
        })
    }
}

/// What a file is that begins with `bytes`; 64 of them are enough.
pub fn sniff(bytes: &[u8]) -> Kind {
    if bytes.is_empty() {
        Kind::Empty
    } else if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        Kind::Jpeg
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Kind::Png
    } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        Kind::Gif
    } else if is_html(bytes) {
        Kind::Html
    } else {
        Kind::Other
    }
}

/// A page begins with a tag or a comment, after a byte order mark and blanks.
fn is_html(bytes: &[u8]) -> bool {
    let text = bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .trim_ascii_start();
    ["<!doctype html", "<html", "<head", "<body", "<!--", "<?xml"]
        .iter()
        .any(|tag| {
            text.get(..tag.len())
                .is_some_and(|begin| begin.eq_ignore_ascii_case(tag.as_bytes()))
        })
}

/// The first bytes of a file for a message: what can be printed as it is, the rest as escapes.
pub(super) fn begins(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "it has no bytes".to_owned();
    }
    let first = &bytes[..bytes.len().min(24)];
    format!("it begins with `{}`", first.escape_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_first_bytes() {
        struct Case {
            bytes: &'static [u8],
            kind: Kind,
        }
        let cases = [
            Case {
                bytes: b"\xff\xd8\xff\xe0\x00\x10JFIF",
                kind: Kind::Jpeg,
            },
            Case {
                bytes: b"\xff\xd8",
                kind: Kind::Other,
            },
            Case {
                bytes: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
                kind: Kind::Png,
            },
            Case {
                bytes: b"GIF89a\x01\x00",
                kind: Kind::Gif,
            },
            Case {
                bytes: b"GIF87a\x01\x00",
                kind: Kind::Gif,
            },
            Case {
                bytes: b"<html><body>",
                kind: Kind::Html,
            },
            Case {
                bytes: b"\xef\xbb\xbf\r\n <!DOCTYPE html>",
                kind: Kind::Html,
            },
            Case {
                bytes: b"<!-- busy --><p>",
                kind: Kind::Html,
            },
            Case {
                bytes: b"",
                kind: Kind::Empty,
            },
            Case {
                bytes: b"RIFF\x10\0\0\0WEBP",
                kind: Kind::Other,
            },
            Case {
                bytes: b"<",
                kind: Kind::Other,
            },
        ];
        let wrong: Vec<_> = cases
            .iter()
            .filter(|case| sniff(case.bytes) != case.kind)
            .map(|case| (begins(case.bytes), sniff(case.bytes), case.kind))
            .collect();
        assert!(wrong.is_empty(), "(bytes, found, expected): {wrong:#?}");
    }

    #[test]
    fn first_bytes_are_printable() {
        assert_eq!(begins(b"<html>\n\x00"), "it begins with `<html>\\n\\x00`");
        assert_eq!(begins(b""), "it has no bytes");
    }
}

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
    /// A WebP picture.
    Webp,
    /// A HEIC picture, as iPhones take them.
    Heic,
    /// An AVIF picture.
    Avif,
    /// A JPEG XL picture.
    JpegXl,
    /// A JPEG 2000 picture.
    Jpeg2000,
    /// A TIFF picture, or a camera's raw data in that form.
    Tiff,
    /// A Windows bitmap.
    Bmp,
    /// A web page.
    Html,
    /// No bytes at all.
    Empty,
    /// Something else.
    Other,
}

impl Kind {
    /// Whether it is a picture that somebody uploaded, in a format that is not read here. A GIF is not
    /// meant: Flickr shows one in place of photos that are gone.
    pub fn is_other_picture(self) -> bool {
        match self {
            Self::Webp
            | Self::Heic
            | Self::Avif
            | Self::JpegXl
            | Self::Jpeg2000
            | Self::Tiff
            | Self::Bmp => true,
            Self::Jpeg | Self::Png | Self::Gif | Self::Html | Self::Empty | Self::Other => false,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Jpeg => "a JPEG",
            Self::Png => "a PNG",
            Self::Gif => "a GIF",
            Self::Webp => "a WebP image",
            Self::Heic => "a HEIC image",
            Self::Avif => "an AVIF image",
            Self::JpegXl => "a JPEG XL image",
            Self::Jpeg2000 => "a JPEG 2000 image",
            Self::Tiff => "a TIFF image",
            Self::Bmp => "a BMP image",
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
        other_picture(bytes).unwrap_or(Kind::Other)
    }
}

/// Pictures that are told from each other to be named in messages.
fn other_picture(bytes: &[u8]) -> Option<Kind> {
    // The second four bytes of the formats that are built as MP4 is; their kind follows (ISO/IEC 14496-12, 4.3).
    if bytes.get(4..8) == Some(b"ftyp") {
        return match bytes.get(8..12)? {
            b"heic" | b"heix" | b"hevc" | b"heim" | b"heis" | b"mif1" | b"msf1" => Some(Kind::Heic),
            b"avif" | b"avis" => Some(Kind::Avif),
            _ => None,
        };
    }
    let begins = |first: &[u8]| bytes.starts_with(first);
    if begins(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some(Kind::Webp)
    } else if begins(b"\xff\x0a") || begins(b"\0\0\0\x0cJXL \r\n\x87\n") {
        Some(Kind::JpegXl)
    } else if begins(b"\xff\x4f\xff\x51") || begins(b"\0\0\0\x0cjP  \r\n\x87\n") {
        Some(Kind::Jpeg2000)
    } else if begins(b"II*\0") || begins(b"MM\0*") {
        Some(Kind::Tiff)
    } else if begins(b"BM") {
        Some(Kind::Bmp)
    } else {
        None
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
                kind: Kind::Webp,
            },
            Case {
                bytes: b"RIFF\x10\0\0\0WAVE",
                kind: Kind::Other,
            },
            Case {
                bytes: b"\0\0\0\x18ftypmif1",
                kind: Kind::Heic,
            },
            Case {
                bytes: b"\0\0\0\x18ftypavif",
                kind: Kind::Avif,
            },
            Case {
                bytes: b"\0\0\0\x18ftypisom",
                kind: Kind::Other,
            },
            Case {
                bytes: b"\0\0\0\x0cJXL \r\n\x87\n",
                kind: Kind::JpegXl,
            },
            Case {
                bytes: b"\xff\x4f\xff\x51",
                kind: Kind::Jpeg2000,
            },
            Case {
                bytes: b"II*\0\x08\0\0\0",
                kind: Kind::Tiff,
            },
            Case {
                bytes: b"BM\x36",
                kind: Kind::Bmp,
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

//! Whether a file holds the whole picture, by its structure alone.
//!
//! `image`'s JPEG decoder takes a file without its end and fills the rest with grey. What comes
//! after the end of the picture does not count: cameras append previews and videos there.

/// Checks that a JPEG's segments lead to its end-of-image marker (ITU-T T.81, annex B).
///
/// # Errors
/// What is missing, for a message.
pub(super) fn jpeg(bytes: &[u8]) -> Result<(), String> {
    const MISSING: &str = "no end-of-image marker";
    let cut = |at: usize| format!("{MISSING} in {} bytes, looked from byte {at}", bytes.len());
    let mut at = 2; // after the start-of-image marker
    loop {
        // Markers are found by their first byte: fill bytes (FF) may stand before one, and after
        // a scan comes its entropy-coded data, in which FF is followed by 00 or a restart marker.
        let Some(offset) = bytes.get(at..).and_then(|rest| {
            rest.windows(2)
                .position(|pair| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xff | 0xd0..=0xd7))
        }) else {
            return Err(cut(at));
        };
        at += offset + 2;
        match bytes[at - 1] {
            0xd9 => return Ok(()),
            0x01 | 0xd8 => {} // markers without a segment
            _ => {
                let Some(&[high, low]) = bytes.get(at..at + 2) else {
                    return Err(cut(at));
                };
                at += usize::from(u16::from_be_bytes([high, low])).max(2);
            }
        }
    }
}

/// Checks that a PNG's chunks lead to `IEND` (PNG specification, 5.3).
///
/// # Errors
/// What is missing, for a message.
pub(super) fn png(bytes: &[u8]) -> Result<(), String> {
    let mut at: usize = 8; // after the signature
    loop {
        let Some(&[a, b, c, d, ref name @ ..]) = bytes.get(at..at.saturating_add(8)) else {
            return Err(format!("no IEND chunk in {} bytes", bytes.len()));
        };
        let end = at
            .saturating_add(12)
            .saturating_add(u32::from_be_bytes([a, b, c, d]) as usize);
        if end > bytes.len() {
            return Err(format!(
                "chunk {} at byte {at} ends at byte {end}, the file at {}",
                name.escape_ascii(),
                bytes.len()
            ));
        }
        if name == b"IEND" {
            return Ok(());
        }
        at = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jpeg_needs_its_own_end() {
        struct Case {
            name: &'static str,
            bytes: &'static [u8],
            whole: bool,
        }
        let cases = [
            Case {
                name: "segment, scan, end",
                bytes: b"\xff\xd8\xff\xe0\x00\x04ab\xff\xda\x00\x02xy\xff\x00\xff\xd0z\xff\xd9",
                whole: true,
            },
            Case {
                name: "two scans, fill bytes, something after the end",
                bytes: b"\xff\xd8\xff\xda\x00\x02x\xff\xff\xda\x00\x02y\xff\xff\xd9more",
                whole: true,
            },
            Case {
                name: "the end is a preview's, inside a segment",
                bytes: b"\xff\xd8\xff\xe1\x00\x08\xff\xd8\xff\xd9ab\xff\xda\x00\x02x",
                whole: false,
            },
            Case {
                name: "cut inside the marker",
                bytes: b"\xff\xd8\xff\xda\x00\x02x\xff",
                whole: false,
            },
            Case {
                name: "cut inside a segment's length",
                bytes: b"\xff\xd8\xff\xda\x00",
                whole: false,
            },
            Case {
                name: "a segment longer than the file",
                bytes: b"\xff\xd8\xff\xda\xff\xff\xff\xd9",
                whole: false,
            },
            Case {
                name: "nothing but the start",
                bytes: b"\xff\xd8",
                whole: false,
            },
        ];
        let wrong: Vec<_> = cases
            .iter()
            .filter(|case| jpeg(case.bytes).is_ok() != case.whole)
            .map(|case| (case.name, jpeg(case.bytes)))
            .collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn a_png_needs_its_last_chunk() {
        let chunk = |name: &[u8; 4], length: usize| {
            let mut bytes = (length as u32).to_be_bytes().to_vec();
            bytes.extend(name);
            bytes.extend(vec![0; length + 4]);
            bytes
        };
        let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
        bytes.extend(chunk(b"IHDR", 13));
        bytes.extend(chunk(b"IDAT", 40));
        bytes.extend(chunk(b"IEND", 0));
        png(&bytes).unwrap();
        for length in 8..bytes.len() {
            assert!(png(&bytes[..length]).is_err(), "cut after {length} bytes");
        }
        bytes.extend(b"more");
        png(&bytes).unwrap();
    }
}

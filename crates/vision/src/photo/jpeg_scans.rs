//! A JPEG's structure: its segments, and whether all scans of its picture are there (ITU-T T.81, annex B).
//!
//! A decoder shows a progressive picture without its last scans, and says nothing: it is a blurred one, in
//! which faces are missed. What comes after the end of the picture does not count: cameras append previews
//! and videos there. Whether the data of the last scan is whole, the decoder tells.

/// A segment: its marker's second byte, and what follows its length.
pub(super) type Segment<'a> = (u8, &'a [u8]);

/// The segments of a file, up to its end-of-image marker or its own end. The entropy-coded data of scans is
/// skipped.
#[derive(Debug, Clone)]
pub(super) struct Segments<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Where a segment reaches past the end of the file.
    pub(super) cut: Option<String>,
}

impl<'a> Segments<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 2, // after the start-of-image marker
            cut: None,
        }
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    fn next(&mut self) -> Option<Segment<'a>> {
        loop {
            // Markers are found by their first byte: fill bytes (FF) may stand before one, and after
            // a scan comes its entropy-coded data, in which FF is followed by 00 or a restart marker.
            let rest = self.bytes.get(self.at..)?;
            let offset = rest.windows(2).position(|pair| {
                pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xff | 0xd0..=0xd7)
            })?;
            let begin = self.at + offset;
            let marker = self.bytes[begin + 1];
            self.at = begin + 2;
            match marker {
                0xd9 => {
                    self.at = self.bytes.len();
                    return None;
                }
                0x01 | 0xd8 => {} // markers without a segment
                _ => {
                    let length = self.bytes.get(self.at..self.at + 2);
                    let length = length.map(|l| usize::from(u16::from_be_bytes([l[0], l[1]])));
                    let end = self.at + length.unwrap_or(0).max(2);
                    let Some(content) = self.bytes.get(self.at + 2..end) else {
                        self.cut = Some(format!(
                            "the segment at byte {begin} ends at byte {end}, the file at {}",
                            self.bytes.len()
                        ));
                        self.at = self.bytes.len();
                        return None;
                    };
                    self.at = end;
                    return Some((marker, content));
                }
            }
        }
    }
}

/// What the frame header says, of a picture with all its scans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Structure {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) components: usize,
    frame: u8,
}

/// A component's scans so far: in how many lowest bits each of its 64 coefficients is not known yet.
struct Component {
    id: u8,
    missing: [u8; 64],
}

/// No scan has had this coefficient.
const NOTHING: u8 = u8::MAX;

impl Structure {
    /// # Errors
    /// What is missing, for a message.
    pub(super) fn of(bytes: &[u8]) -> Result<Self, String> {
        let mut frame: Option<(Self, Vec<Component>)> = None;
        let mut segments = Segments::new(bytes);
        for (marker, content) in &mut segments {
            match (marker, &mut frame) {
                // All start-of-frame markers: 0xc4, 0xc8 and 0xcc are others.
                (0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf, None) => {
                    frame = read_frame(marker, content);
                }
                (0xda, Some((structure, components))) => {
                    read_scan(structure.is_progressive(), content, components);
                }
                _ => {}
            }
        }
        if let Some(cut) = segments.cut {
            return Err(cut);
        }
        let Some((structure, components)) = frame else {
            return Err(format!("no picture in {} bytes", bytes.len()));
        };
        for (number, component) in (1..).zip(&components) {
            let wanted = if structure.is_progressive() { 64 } else { 1 };
            if component.missing[..wanted].iter().any(|&bits| bits != 0) {
                return Err(format!(
                    "the last scans of component {number} of {} are missing",
                    components.len()
                ));
            }
        }
        Ok(structure)
    }

    fn is_progressive(self) -> bool {
        matches!(self.frame, 0xc2 | 0xc6 | 0xca | 0xce)
    }

    /// What kind of JPEG it is, in words.
    pub(super) fn process(self) -> &'static str {
        match self.frame {
            0xc0 | 0xc1 => "a JPEG",
            0xc2 => "a progressive JPEG",
            0xc3 => "a lossless JPEG",
            0xc9 | 0xca => "an arithmetic-coded JPEG",
            0xcb => "a lossless, arithmetic-coded JPEG",
            _ => "a hierarchical JPEG",
        }
    }
}

/// T.81, B.2.2: precision, height, width, number of components, and three bytes for each.
fn read_frame(marker: u8, content: &[u8]) -> Option<(Structure, Vec<Component>)> {
    let &[_, a, b, c, d, count, ref rest @ ..] = content else {
        return None;
    };
    let components = rest.chunks_exact(3).take(usize::from(count));
    let components: Vec<_> = components
        .map(|component| Component {
            id: component[0],
            missing: [NOTHING; 64],
        })
        .collect();
    let structure = Structure {
        width: u32::from(u16::from_be_bytes([c, d])),
        height: u32::from(u16::from_be_bytes([a, b])),
        components: components.len(),
        frame: marker,
    };
    Some((structure, components))
}

/// T.81, B.2.3: the components, from which coefficient to which, and from which bit on.
fn read_scan(is_progressive: bool, content: &[u8], components: &mut [Component]) {
    let Some((&count, rest)) = content.split_first() else {
        return;
    };
    let Some((ids, &[from, to, bits, ..])) = rest.split_at_checked(usize::from(count) * 2) else {
        return;
    };
    let (from, to, bits) = if is_progressive {
        (usize::from(from), usize::from(to), bits & 0x0f)
    } else {
        (0, 63, 0)
    };
    for id in ids.iter().step_by(2) {
        let scanned = components
            .iter_mut()
            .filter(|component| component.id == *id);
        for component in scanned {
            if let Some(missing) = component.missing.get_mut(from..=to) {
                missing.fill(bits);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame of two components with the ids 1 and 2, 16 pixels wide and 8 high.
    fn frame(marker: u8) -> Vec<u8> {
        let mut bytes = vec![0xff, 0xd8, 0xff, marker, 0, 14, 8, 0, 8, 0, 16, 2];
        bytes.extend([1, 0x11, 0, 2, 0x11, 0]);
        bytes
    }

    fn scan(ids: &[u8], from: u8, to: u8, bits: u8) -> Vec<u8> {
        let length = 6 + 2 * ids.len() as u8;
        let mut bytes = vec![0xff, 0xda, 0, length, ids.len() as u8];
        bytes.extend(ids.iter().flat_map(|&id| [id, 0]));
        bytes.extend([from, to, bits]);
        bytes.extend(b"data\xff\x00\xff\xd0data");
        bytes
    }

    const END: &[u8] = b"\xff\xd9";

    #[test]
    fn every_component_needs_its_scans() {
        struct Case {
            name: &'static str,
            parts: Vec<Vec<u8>>,
            missing: Option<&'static str>,
        }
        let all_but_dc = |id, bits| scan(&[id], 1, 63, bits);
        let cases = [
            Case {
                name: "one scan of both",
                parts: vec![frame(0xc0), scan(&[1, 2], 0, 63, 0), END.to_vec()],
                missing: None,
            },
            Case {
                name: "a scan for each, no end, fill bytes",
                parts: vec![
                    frame(0xc1),
                    scan(&[1], 0, 63, 0),
                    vec![0xff],
                    scan(&[2], 0, 63, 0),
                ],
                missing: None,
            },
            Case {
                name: "one scan is missing",
                parts: vec![frame(0xc0), scan(&[1], 0, 63, 0), END.to_vec()],
                missing: Some("the last scans of component 2 of 2 are missing"),
            },
            Case {
                name: "progressive, with its last bit",
                parts: vec![
                    frame(0xc2),
                    scan(&[1, 2], 0, 0, 1),
                    all_but_dc(1, 2),
                    all_but_dc(2, 0),
                    all_but_dc(1, 0x21),
                    all_but_dc(1, 0x10),
                    scan(&[1, 2], 0, 0, 0x10),
                    END.to_vec(),
                ],
                missing: None,
            },
            Case {
                name: "progressive, without its last bit",
                parts: vec![
                    frame(0xc2),
                    scan(&[1, 2], 0, 0, 0),
                    all_but_dc(1, 1),
                    all_but_dc(2, 0),
                    END.to_vec(),
                ],
                missing: Some("the last scans of component 1 of 2 are missing"),
            },
            Case {
                name: "an end before the picture",
                parts: vec![b"\xff\xd8".to_vec(), END.to_vec(), frame(0xc0)],
                missing: Some("no picture in 22 bytes"),
            },
            Case {
                name: "the end is a preview's, inside a segment, and the picture's is cut",
                parts: vec![
                    b"\xff\xd8\xff\xe1\x00\x08\xff\xd8\xff\xd9ab".to_vec(),
                    frame(0xc0)[2..15].to_vec(),
                ],
                missing: Some("the segment at byte 12 ends at byte 28, the file at 25"),
            },
        ];
        for case in cases {
            let found = Structure::of(&case.parts.concat());
            assert_eq!(found.err().as_deref(), case.missing, "{}", case.name);
        }
    }

    #[test]
    fn the_frame_says_what_it_is() {
        let bytes = [frame(0xc9), scan(&[1, 2], 0, 63, 0)].concat();
        let found = Structure::of(&bytes).unwrap();
        assert_eq!((found.width, found.height, found.components), (16, 8, 2));
        assert_eq!(found.process(), "an arithmetic-coded JPEG");
    }
}

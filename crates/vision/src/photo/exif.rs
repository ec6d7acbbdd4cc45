//! EXIF orientation, as forgiving as viewers are: what cannot be read of it is left out, and the picture
//! stays as it lies.

use image::metadata::Orientation;

use super::jpeg_scans::Segments;

/// Of the first EXIF segment that can be read (EXIF 2.3, 4.7.2).
pub(super) fn orientation_of_jpeg(segments: Segments<'_>) -> Option<Orientation> {
    let mut exif = segments
        // What belongs to the picture comes before its first scan.
        .take_while(|&(marker, _)| marker != 0xda)
        .filter(|&(marker, _)| marker == 0xe1)
        .filter_map(|(_, content)| content.strip_prefix(b"Exif\0"))
        // The header has a second zero; some programs write another byte, or none.
        .filter_map(|rest| {
            let padded = rest.get(1..).and_then(Tiff::new);
            padded.or_else(|| Tiff::new(rest))
        });
    exif.next()?.orientation()
}

/// Of a PNG's eXIf chunk, wherever it is (PNG specification, third edition, 11.3.4.5).
pub(super) fn orientation_of_png<'a>(
    mut chunks: impl Iterator<Item = ([u8; 4], &'a [u8])>,
) -> Option<Orientation> {
    let (_, content) = chunks.find(|(name, _)| name == b"eXIf")?;
    // Some programs write JPEG's header before it.
    let content = content.strip_prefix(b"Exif\0\0").unwrap_or(content);
    Tiff::new(content)?.orientation()
}

/// EXIF data, which is a TIFF file (TIFF 6.0, section 2).
struct Tiff<'a> {
    bytes: &'a [u8],
    is_big_endian: bool,
}

impl<'a> Tiff<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        let is_big_endian = match bytes.get(..4)? {
            b"II*\0" => false,
            b"MM\0*" => true,
            _ => return None,
        };
        Some(Self {
            bytes,
            is_big_endian,
        })
    }

    fn number(&self, at: usize, bytes: usize) -> Option<u32> {
        let bytes = self.bytes.get(at..at.checked_add(bytes)?)?.iter();
        let join = |value: u32, byte: &u8| value << 8 | u32::from(*byte);
        Some(if self.is_big_endian {
            bytes.fold(0, join)
        } else {
            bytes.rev().fold(0, join)
        })
    }

    fn offset(&self, at: usize) -> Option<usize> {
        self.number(at, 4)?.try_into().ok()
    }

    /// The tag 0x0112 of the first directory: meant to be one number of 16 bits, and written as others, too.
    fn orientation(&self) -> Option<Orientation> {
        let directory = self.offset(4)?;
        let entries = self.number(directory, 2)? as usize;
        let entry = (0..entries)
            .map(|index| directory.saturating_add(2 + 12 * index))
            .map_while(|at| Some((at, self.number(at, 2)?)))
            .find(|&(_, tag)| tag == 0x0112);
        let (at, _) = entry?;
        let width: usize = match self.number(at + 2, 2)? {
            1 => 1,
            3 => 2,
            4 => 4,
            _ => return None,
        };
        // Values of more than four bytes lie elsewhere; of several the first counts.
        let values = (self.number(at + 4, 4)? as usize).checked_mul(width)?;
        let place = if values <= 4 {
            at + 8
        } else {
            self.offset(at + 8)?
        };
        let value = self.number(place, width)?;
        Orientation::from_exif(value.try_into().ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory with an orientation of a `kind`, `count` values and these last four bytes.
    fn tiff(kind: u8, count: u8, value: [u8; 4], more: &[u8]) -> Vec<u8> {
        let mut bytes = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0".to_vec();
        bytes.extend([kind, 0, 0, 0, count]);
        bytes.extend(value);
        bytes.extend([0, 0, 0, 0]);
        bytes.extend(more);
        bytes
    }

    fn jpeg(segments: &[&[u8]]) -> Vec<u8> {
        let mut bytes = vec![0xff, 0xd8];
        for content in segments {
            bytes.extend([0xff, 0xe1, 0, content.len() as u8 + 2]);
            bytes.extend(*content);
        }
        bytes
    }

    #[test]
    fn an_orientation_is_read_however_it_is_written() {
        let turned = tiff(3, 1, [0, 6, 0, 0], b"");
        let upright = tiff(3, 1, [0, 1, 0, 0], b"");
        let little = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
        let exif = |tiff: &[u8]| [b"Exif\0\0", tiff].concat();
        for (name, segments) in [
            ("SHORT", vec![exif(&turned)]),
            ("little endian", vec![exif(little)]),
            ("LONG", vec![exif(&tiff(4, 1, [0, 0, 0, 6], b""))]),
            ("BYTE", vec![exif(&tiff(1, 1, [6, 0, 0, 0], b""))]),
            ("count 2", vec![exif(&tiff(3, 2, [0, 6, 0, 6], b""))]),
            (
                "count 3",
                vec![exif(&tiff(3, 3, [0, 0, 0, 26], &[0, 6, 0, 1, 0, 1]))],
            ),
            ("two segments", vec![exif(&turned), exif(&upright)]),
            (
                "XMP first",
                vec![b"http://ns.adobe.com/xap".to_vec(), exif(&turned)],
            ),
            ("a damaged one first", vec![exif(b"XX*\0"), exif(&turned)]),
            ("one zero", vec![[b"Exif\0", &turned[..]].concat()]),
            (
                "another byte than zero",
                vec![[b"Exif\0\xff", &turned[..]].concat()],
            ),
        ] {
            let segments: Vec<_> = segments.iter().map(Vec::as_slice).collect();
            let found = orientation_of_jpeg(Segments::new(&jpeg(&segments)));
            assert_eq!(found, Some(Orientation::Rotate90), "{name}");
        }
        let found = orientation_of_jpeg(Segments::new(&jpeg(&[&exif(&upright), &exif(&turned)])));
        assert_eq!(found, Some(Orientation::NoTransforms));
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        let whole = [b"Exif\0\0", &tiff(3, 1, [0, 6, 0, 0], b"")[..]].concat();
        for length in 0..whole.len() - 6 {
            let found = orientation_of_jpeg(Segments::new(&jpeg(&[&whole[..length]])));
            assert_eq!(found, None, "{length} bytes");
        }
        for value in [0, 9, 255] {
            let exif = [b"Exif\0\0", &tiff(3, 1, [0, value, 0, 0], b"")[..]].concat();
            assert_eq!(orientation_of_jpeg(Segments::new(&jpeg(&[&exif]))), None);
        }
        let far = tiff(4, 200, [0xff; 4], b"");
        let far = [b"Exif\0\0", &far[..]].concat();
        assert_eq!(orientation_of_jpeg(Segments::new(&jpeg(&[&far]))), None);
    }
}

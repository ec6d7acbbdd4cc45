//! XMP in JPEG files: XMP specification part 3, 1.1.3 "JPEG".
//!
//! The segments before the first scan are looked through. Those of the XMP packet are read, and when the file
//! is written again they alone are others: EXIF, pixels and all that follows are copied byte by byte.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom, Write},
    ops::Range,
    path::Path,
};

use md5::{Digest, Md5};

use super::{
    fields::{RDF, rdf},
    packet::META,
    tree::{Edit, Unfit, edited, parse},
};
use crate::files::{Access, FileError, write_atomically_with};

const PACKET: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const EXTENSION: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
const EXIF: &[u8] = b"Exif\0\0";
/// CIPA DC-007, Multi-Picture Format: an index with offsets from itself to pictures behind the first.
const PICTURES: &[u8] = b"MPF\0";
/// `xmpNote:HasExtendedXMP`: the MD5 of the extension that belongs to the packet.
const NOTE: &str = "http://ns.adobe.com/xmp/note/";

/// A segment's length is of 16 bits and counts itself.
const MAX_PACKET: usize = 65_533 - PACKET.len();
/// XMP specification part 3, 1.1.3.1: at most this much of the extension in a segment.
const MAX_PART: usize = 65_400;
/// All parts of an extension together.
const MAX_EXTENSION: usize = 16 << 20;

/// Where a JPEG file has its XMP, and what it says.
#[derive(Debug)]
pub(in super::super) struct JpegXmp {
    /// The packet, where there is one, and its extension, where there is one.
    pub(in super::super) texts: Vec<String>,
    /// The segments that hold them, in the file's order.
    segments: Vec<Range<u64>>,
    /// Where the packet is to be.
    place: u64,
    /// Where an index of pictures is.
    pictures: Option<u64>,
}

/// Why a file's XMP cannot be read.
#[derive(Debug, thiserror::Error)]
pub(in super::super) enum JpegError {
    #[error("{0}")]
    Io(io::Error),
    #[error(transparent)]
    Unfit(#[from] Unfit),
}

impl From<io::Error> for JpegError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Unfit("not a whole JPEG file".to_owned()).into(),
            _ => Self::Io(error),
        }
    }
}

fn unfit<T>(why: &str) -> Result<T, JpegError> {
    Err(Unfit(why.to_owned()).into())
}

/// A part of an extension: its MD5, where it begins, the length of the whole, the text.
struct Part {
    segment: Range<u64>,
    digest: Vec<u8>,
    offset: usize,
    length: usize,
    text: Vec<u8>,
}

impl JpegXmp {
    /// Looks through a JPEG file; `None` where it is another kind of file.
    pub(in super::super) fn read(path: &Path) -> Result<Option<Self>, JpegError> {
        let mut file = BufReader::new(File::open(path)?);
        let mut start = [0; 2];
        if file.read_exact(&mut start).is_err() || start != [0xff, 0xd8] {
            return Ok(None);
        }
        let mut found = Self {
            texts: Vec::new(),
            segments: Vec::new(),
            place: 2,
            pictures: None,
        };
        let (mut parts, mut is_start, mut held) = (Vec::new(), true, 0);
        while let Some((segment, marker, length)) = next_segment(&mut file)? {
            let mut payload = vec![
                0;
                if matches!(marker, 0xe1 | 0xe2) {
                    length
                } else {
                    0
                }
            ];
            file.read_exact(&mut payload)?;
            // The packet comes after JFIF's and EXIF's segments, which must come first.
            is_start &= marker == 0xe0 || marker == 0xe1 && payload.starts_with(EXIF);
            if is_start {
                found.place = segment.end;
            }
            if marker == 0xe2 && payload.starts_with(PICTURES) {
                found.pictures.get_or_insert(segment.start);
            } else if let Some(packet) = payload.strip_prefix(PACKET).filter(|_| marker == 0xe1) {
                if !found.texts.is_empty() {
                    return unfit("it has two XMP packets");
                }
                found.texts.push(text(packet)?);
                found.segments.push(segment.clone());
            } else if let Some(part) = payload.strip_prefix(EXTENSION).filter(|_| marker == 0xe1) {
                held += part.len();
                if held > MAX_EXTENSION {
                    return unfit("its extended XMP is larger than 16 MiB");
                }
                parts.extend(Part::read(part, segment.clone()));
            }
            let read = payload.len() as u64;
            file.seek_relative(i64::try_from(length as u64 - read).unwrap_or(0))?;
        }
        found.add_extension(parts)?;
        Ok(Some(found))
    }

    /// Puts the parts together that belong to the packet.
    fn add_extension(&mut self, parts: Vec<Part>) -> Result<(), JpegError> {
        let Some(digest) = self
            .texts
            .first()
            .map(|text| digest_of(text))
            .transpose()?
            .flatten()
        else {
            return Ok(());
        };
        let mut parts: Vec<Part> = (parts.into_iter())
            .filter(|part| part.digest == digest.as_bytes())
            .collect();
        parts.sort_by_key(|part| part.offset);
        let mut whole = Vec::new();
        let mut length = 0;
        for part in &parts {
            if part.offset != whole.len() {
                return unfit("parts of its extended XMP are missing");
            }
            whole.extend(&part.text);
            length = part.length;
        }
        if whole.len() != length || parts.is_empty() {
            return unfit("parts of its extended XMP are missing");
        }
        self.texts.push(text(&whole)?);
        self.segments
            .extend(parts.into_iter().map(|part| part.segment));
        Ok(())
    }

    /// Replaces the file by one that has these texts, packet and extension; none where `texts` is empty.
    pub(in super::super) fn write(
        &self,
        path: &Path,
        texts: &[String],
    ) -> Result<Result<(), Unfit>, FileError> {
        let (segments, extension_stays) = match segments(texts, self.texts.get(1)) {
            Ok(segments) => segments,
            Err(error) => return Ok(Err(error)),
        };
        let mut old = self.segments.clone();
        if extension_stays {
            old.truncate(1);
        }
        old.sort_by_key(|segment| segment.start);
        let place = old.first().map_or(self.place, |segment| segment.start);
        if self
            .pictures
            .is_some_and(|index| old.iter().any(|segment| segment.start > index))
        {
            return Ok(Err(Unfit(
                "its XMP stands behind its index of pictures".to_owned(),
            )));
        }
        let mut source = File::open(path).map_err(FileError::at(path, "cannot read"))?;
        write_atomically_with(path, Access::Kept, |target| {
            let mut target = io::BufWriter::new(target);
            let mut copy = |range: Range<u64>, target: &mut dyn Write| -> io::Result<()> {
                source.seek(SeekFrom::Start(range.start))?;
                let length = range.end.saturating_sub(range.start);
                let copied = io::copy(&mut (&mut source).take(length), target)?;
                let cut = copied != length && range.end != u64::MAX;
                if cut {
                    Err(io::ErrorKind::UnexpectedEof.into())
                } else {
                    Ok(())
                }
            };
            copy(0..place, &mut target)?;
            target.write_all(&segments)?;
            let mut at = place;
            for segment in &old {
                copy(at..segment.start, &mut target)?;
                at = segment.end;
            }
            copy(at..u64::MAX, &mut target)?;
            target.flush()
        })?;
        Ok(Ok(()))
    }
}

/// The next segment with its marker and the length of what it holds; `None` where the picture begins.
fn next_segment(file: &mut BufReader<File>) -> Result<Option<(Range<u64>, u8, usize)>, JpegError> {
    let mut byte = || -> io::Result<u8> {
        let mut byte = [0];
        file.read_exact(&mut byte)?;
        Ok(byte[0])
    };
    if byte()? != 0xff {
        return unfit("not a whole JPEG file");
    }
    // Bytes 0xff before a marker may be any number (ITU T.81, B.1.1.2).
    let marker = loop {
        match byte()? {
            0xff => {}
            marker => break marker,
        }
    };
    if matches!(marker, 0xd9 | 0xda) {
        return Ok(None);
    }
    let length = u16::from_be_bytes([byte()?, byte()?]);
    let Some(inside) = length.checked_sub(2) else {
        return unfit("not a whole JPEG file");
    };
    let start = file.stream_position()?.saturating_sub(4);
    let end = start + 4 + u64::from(inside);
    Ok(Some((start..end, marker, usize::from(inside))))
}

impl Part {
    fn read(bytes: &[u8], segment: Range<u64>) -> Option<Self> {
        let (digest, rest) = bytes.split_at_checked(32)?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (offset, text) = rest.split_first_chunk::<4>()?;
        Some(Self {
            segment,
            digest: digest.to_owned(),
            offset: usize::try_from(u32::from_be_bytes(*offset)).ok()?,
            length: usize::try_from(u32::from_be_bytes(*length)).ok()?,
            text: text.to_owned(),
        })
    }
}

fn text(bytes: &[u8]) -> Result<String, Unfit> {
    // Some programs end the packet with a zero.
    let bytes = bytes.strip_suffix(b"\0").unwrap_or(bytes);
    let text = String::from_utf8(bytes.to_owned());
    text.map_err(|_| Unfit("its XMP is not UTF-8".to_owned()))
}

/// The MD5 of the packet's extension.
fn digest_of(packet: &str) -> Result<Option<String>, Unfit> {
    let root = parse(packet)?;
    let name = (NOTE, "HasExtendedXMP");
    let descriptions = rdf(&root)?.children.iter();
    let mut found = descriptions.filter_map(|description| {
        let child = || description.child(name).map(|child| child.text.as_str());
        description.attribute(name).or_else(child)
    });
    Ok(found.next().map(str::to_owned))
}

/// The segments that hold a packet and its extension; whether the extension is the one that was there, whose
/// segments stay.
fn segments(texts: &[String], there: Option<&String>) -> Result<(Vec<u8>, bool), Unfit> {
    let Some((packet, extension)) = texts.split_first() else {
        return Ok((Vec::new(), false));
    };
    let mut packet = packet.clone();
    let mut extension = extension.first().cloned();
    if packet.len() > MAX_PACKET {
        packet = without_padding(&packet);
    }
    while packet.len() > MAX_PACKET {
        move_out(&mut packet, &mut extension)?;
    }
    let mut segments = Vec::new();
    let mut parts = Vec::new();
    let stays = there.is_some() && extension.as_ref() == there;
    if let Some(extension) = extension.filter(|_| !stays) {
        let digest: String = (Md5::digest(&extension).iter())
            .map(|byte| format!("{byte:02X}"))
            .collect();
        if let Some(old) = digest_of(&packet)? {
            packet = packet.replace(&old, &digest);
        }
        let length =
            u32::try_from(extension.len()).map_err(|_| Unfit("too much XMP".to_owned()))?;
        for (number, part) in (0_u32..).zip(extension.as_bytes().chunks(MAX_PART)) {
            let offset = number * MAX_PART as u32;
            let numbers = [length.to_be_bytes(), offset.to_be_bytes()].concat();
            segment(&[EXTENSION, digest.as_bytes(), &numbers, part], &mut parts)?;
        }
    }
    segment(&[PACKET, packet.as_bytes()], &mut segments)?;
    segments.extend(parts);
    Ok((segments, stays))
}

fn segment(parts: &[&[u8]], to: &mut Vec<u8>) -> Result<(), Unfit> {
    let inside = parts.concat();
    let length = u16::try_from(inside.len() + 2).map_err(|_| Unfit("too much XMP".to_owned()))?;
    to.extend([0xff, 0xe1]);
    to.extend(length.to_be_bytes());
    to.extend(inside);
    Ok(())
}

/// Without the white space that others may write into.
fn without_padding(packet: &str) -> String {
    match packet.rsplit_once("<?xpacket") {
        Some((start, end)) => format!("{}\n<?xpacket{end}", start.trim_end()),
        None => packet.trim_end().to_owned(),
    }
}

/// Moves the largest property of the packet to its extension, which is made where there is none.
fn move_out(packet: &mut String, extension: &mut Option<String>) -> Result<(), Unfit> {
    let root = parse(packet)?;
    let rdf_node = rdf(&root)?;
    let descriptions = rdf_node.children.iter();
    let properties = descriptions.flat_map(|description| {
        description
            .children
            .iter()
            .map(move |property| (description, property))
    });
    let properties = properties.filter(|(_, property)| !property.is((NOTE, "HasExtendedXMP")));
    let Some((description, property)) = properties.max_by_key(|(_, property)| property.outer.len())
    else {
        return Err(Unfit("its XMP is larger than a JPEG segment".to_owned()));
    };
    let about =
        quick_xml::escape::escape(description.attribute((RDF, "about")).unwrap_or_default());
    let declared = property.declarations();
    let element = &packet[property.outer.clone()];
    let rdf_declared = if declared.contains(&format!("xmlns:rdf=\"{RDF}\"")) {
        String::new()
    } else {
        format!(" xmlns:rdf=\"{RDF}\"")
    };
    let moved = format!(
        "<rdf:Description rdf:about=\"{about}\"{declared}{rdf_declared}>{element}</rdf:Description>"
    );
    let mut edits: Vec<Edit> = vec![(property.with_space(description, packet), String::new())];
    match extension {
        Some(text) => {
            let root = parse(text)?;
            let edit = rdf(&root)?.append(&moved, text);
            *text = edited(text, vec![edit]);
        }
        None => {
            let start = format!(
                "<x:xmpmeta xmlns:x=\"{}\"><rdf:RDF xmlns:rdf=\"{RDF}\">",
                META
            );
            *extension = Some(format!("{start}{moved}</rdf:RDF></x:xmpmeta>"));
            let digest = "0".repeat(32);
            let note = format!(
                "<rdf:Description xmlns:rdf=\"{RDF}\" rdf:about=\"{about}\" xmlns:xmpNote=\"{NOTE}\" xmpNote:HasExtendedXMP=\"{digest}\"/>"
            );
            edits.push(rdf_node.append(&note, packet));
        }
    }
    *packet = edited(packet, edits);
    Ok(())
}

#[cfg(test)]
mod tests;

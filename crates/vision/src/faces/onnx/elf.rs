//! Whether a library's file is whole.
//!
//! The system maps a library's segments into memory without a look at the file's length; one that
//! is cut, by a download that was broken off say, ends the program with SIGBUS as soon as the part
//! that is missing is touched. So the program headers (elf(5)) are compared with the length first.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// Length of the file header and of a program header of 64-bit ELF.
const HEADER: usize = 64;
const PROGRAM_HEADER: u64 = 56;

/// A segment that is mapped from the file.
const LOAD: u32 = 1;

/// Says what is wrong with the file, if it is an ELF file of 64 bits, little-endian, and shorter than
/// it says. Of other files it says nothing: the system knows them.
pub(super) fn fault(path: &Path) -> io::Result<Option<String>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut header = [0; HEADER];
    if length < HEADER as u64 {
        return Ok(Some(format!("{length} bytes are too few for a library")));
    }
    file.read_exact(&mut header)?;
    // Magic number, ELFCLASS64, ELFDATA2LSB.
    if !header.starts_with(b"\x7fELF\x02\x01") {
        return Ok(None);
    }
    let (table, count) = (long(&header, 32), u64::from(short(&header, 56)));
    file.seek(SeekFrom::Start(table))?;
    let mut programs = Vec::new();
    file.take(count * PROGRAM_HEADER)
        .read_to_end(&mut programs)?;
    let cut = |end: u64| format!("the file is cut: it has {length} bytes and needs {end}");
    if (programs.len() as u64) < count * PROGRAM_HEADER {
        return Ok(Some(cut(table.saturating_add(count * PROGRAM_HEADER))));
    }
    Ok(programs
        .chunks_exact(PROGRAM_HEADER as usize)
        .filter(|program| short(program, 0) as u32 == LOAD && short(program, 2) == 0)
        .map(|program| long(program, 8).saturating_add(long(program, 32)))
        .max()
        .filter(|&end| end > length)
        .map(cut))
}

fn bytes<const N: usize>(from: &[u8], at: usize) -> [u8; N] {
    from.get(at..)
        .and_then(|rest| rest.first_chunk())
        .copied()
        .unwrap_or([0; N])
}

fn short(from: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(bytes(from, at))
}

fn long(from: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes(from, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A library of one segment that ends at byte 4096.
    fn library() -> Vec<u8> {
        let mut bytes = b"\x7fELF\x02\x01".to_vec();
        bytes.resize(4096, 0);
        bytes[32] = 64;
        bytes[56] = 1;
        bytes[64] = 1;
        bytes[64 + 32..64 + 34].copy_from_slice(&4096_u16.to_le_bytes());
        bytes
    }

    #[test]
    fn a_cut_library_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("library.so");
        struct Case {
            bytes: Vec<u8>,
            says: Option<&'static str>,
        }
        let whole = library();
        let cases = [
            Case {
                bytes: whole.clone(),
                says: None,
            },
            Case {
                bytes: whole[..4095].to_vec(),
                says: Some("it has 4095 bytes and needs 4096"),
            },
            Case {
                bytes: whole[..100].to_vec(),
                says: Some("it has 100 bytes and needs 120"),
            },
            Case {
                bytes: b"text".to_vec(),
                says: Some("4 bytes are too few"),
            },
            Case {
                bytes: vec![b'x'; 200],
                says: None,
            },
        ];
        for case in cases {
            std::fs::write(&path, &case.bytes).unwrap();
            let found = fault(&path).unwrap();
            match (&found, case.says) {
                (None, None) => {}
                (Some(found), Some(says)) if found.contains(says) => {}
                _ => panic!("{:?}, expected {:?}", found, case.says),
            }
        }
    }
}

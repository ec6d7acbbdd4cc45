//! The bytes of the file of pairs. All numbers are little-endian.
//!
//! | bytes | |
//! |---|---|
//! | 32 | [`FORM`]: what this is, and the version of the form |
//! | 4 | threshold, f32 |
//! | 8 | each face's nearest that were kept; 0 where all pairs are there |
//! | 8 | pairs that were found, with those that were not kept |
//! | 4 | no pair nearer than this is missing, f32 |
//! | 8, 8 | n faces, m pairs |
//! | 16 n | faces |
//! | 4 n | how many pairs each face has with faces of higher numbers |
//! | 4 m | these faces' numbers, ascending for each face |
//! | 4 m | their distances, f32 |
//! | 32 | SHA-256 of everything before |
//!
//! The length follows from n and m and is compared with the file's before anything is read into
//! memory, and nothing is used before the hash is checked: what a damaged file says costs no more
//! memory than the file is long.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::miss::CacheMiss;
use crate::{
    cluster::{
        graph::Edge,
        pair_collector::{Cut, Neighbours},
    },
    files::{Access, FileError, write_atomically_with},
};

/// The first bytes.
const FORM: &[u8; 32] = b"flickr-faces neighbours, form 1\n";

/// Bytes before the faces, and of the hash at the end.
const HEAD: u64 = 32 + 4 + 8 + 8 + 4 + 8 + 8;
const HASH: u64 = 32;

/// Bytes that are read or written at a time.
const PIECE: usize = 1 << 16;

/// A face: the first half of its descriptor's SHA-256, numbers as little-endian bytes.
pub(super) type Face = [u8; 16];

/// What a file holds.
pub(super) struct Saved {
    /// Searched for pairs nearer than this.
    pub threshold: f32,
    pub faces: Vec<Face>,
    /// Each once.
    pub edges: Vec<Edge>,
    /// What is missing, where memory did not hold all.
    pub cut: Option<Cut>,
}

/// What `path` holds; `None` where there is no such file.
pub(super) fn read(path: &Path) -> Result<Option<Saved>, CacheMiss> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let length = file.metadata()?.len();
    let mut file = Hashed {
        inner: BufReader::with_capacity(PIECE, file),
        hash: Sha256::new(),
    };
    let mut form = [0; 32];
    if length < form.len() as u64 {
        return Err(CacheMiss::Foreign);
    }
    file.fill(&mut form)?;
    if form != *FORM {
        return Err(CacheMiss::Foreign);
    }
    let threshold = f32::from_bits(file.number()?);
    let (nearest, found) = (file.long()?, file.long()?);
    let whole_below = f32::from_bits(file.number()?);
    let (count, pairs) = (file.long()?, file.long()?);
    let expected = u128::from(HEAD + HASH) + 20 * u128::from(count) + 8 * u128::from(pairs);
    if expected != u128::from(length) || u32::try_from(count).is_err() {
        return Err(CacheMiss::Damaged);
    }
    // Both are smaller than the file now.
    let (count, pairs) = (count as usize, pairs as usize);
    let mut faces: Vec<Face> = vec![[0; 16]; count];
    file.fill(faces.as_flattened_mut())?;
    let degrees = file.numbers(count)?;
    let targets = file.numbers(pairs)?;
    let distances = file.numbers(pairs)?;
    let computed: [u8; 32] = file.hash.clone().finalize().into();
    let mut written = [0; 32];
    file.inner.read_exact(&mut written)?;
    if computed != written {
        return Err(CacheMiss::Damaged);
    }
    let edges = edges(threshold, &degrees, &targets, &distances).ok_or(CacheMiss::Damaged)?;
    Ok(Some(Saved {
        threshold,
        faces,
        edges,
        cut: (nearest > 0).then_some(Cut {
            nearest: nearest as usize,
            found,
            whole_below,
        }),
    }))
}

/// The pairs, where they are those of a graph.
fn edges(threshold: f32, degrees: &[u32], targets: &[u32], distances: &[u32]) -> Option<Vec<Edge>> {
    let mut edges = Vec::with_capacity(targets.len());
    let mut pairs = targets.iter().zip(distances);
    for (from, &degree) in (0_u32..).zip(degrees) {
        let mut last = from;
        for _ in 0..degree {
            let (&to, &distance) = pairs.next()?;
            let distance = f32::from_bits(distance);
            if to <= last || to as usize >= degrees.len() || !(0.0..threshold).contains(&distance) {
                return None;
            }
            edges.push(Edge { from, to, distance });
            last = to;
        }
    }
    pairs.next().is_none().then_some(edges)
}

/// Replaces `path`: the pairs of `faces`, searched up to `threshold`.
pub(super) fn write(
    path: &Path,
    threshold: f32,
    faces: &[Face],
    neighbours: &Neighbours,
) -> Result<(), FileError> {
    let graph = &neighbours.graph;
    let pairs = graph.targets.len() as u64 / 2;
    let (nearest, found, whole_below) = match neighbours.cut {
        Some(cut) => (cut.nearest as u64, cut.found, cut.whole_below),
        None => (0, pairs, f32::INFINITY),
    };
    write_atomically_with(path, Access::Private, |file| {
        let mut file = Hashed {
            inner: BufWriter::with_capacity(PIECE, file),
            hash: Sha256::new(),
        };
        file.put(FORM)?;
        file.put(&threshold.to_le_bytes())?;
        file.put(&nearest.to_le_bytes())?;
        file.put(&found.to_le_bytes())?;
        file.put(&whole_below.to_le_bytes())?;
        file.put(&(faces.len() as u64).to_le_bytes())?;
        file.put(&pairs.to_le_bytes())?;
        file.put(faces.as_flattened())?;
        let higher = |face: u32| {
            let neighbours = graph.neighbours_of(face as usize);
            neighbours.len() - neighbours.partition_point(|&other| other < face)
        };
        file.put_numbers((0..faces.len() as u32).map(|face| higher(face) as u32))?;
        file.put_numbers(graph.edges().map(|edge| edge.to))?;
        file.put_numbers(graph.edges().map(|edge| edge.distance.to_bits()))?;
        let hash: [u8; 32] = file.hash.finalize().into();
        file.inner.write_all(&hash)?;
        file.inner.flush()
    })
}

/// A file, and the hash of what went through.
struct Hashed<F> {
    inner: F,
    hash: Sha256,
}

impl<F: Read> Hashed<F> {
    fn fill(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self.inner.read_exact(bytes)?;
        self.hash.update(&*bytes);
        Ok(())
    }

    fn number(&mut self) -> io::Result<u32> {
        let mut bytes = [0; 4];
        self.fill(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn long(&mut self) -> io::Result<u64> {
        let mut bytes = [0; 8];
        self.fill(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn numbers(&mut self, count: usize) -> io::Result<Vec<u32>> {
        let mut numbers = Vec::with_capacity(count);
        let mut piece = vec![0; PIECE];
        while numbers.len() < count {
            let bytes = &mut piece[..((count - numbers.len()) * 4).min(PIECE)];
            self.fill(bytes)?;
            let (read, _) = bytes.as_chunks();
            numbers.extend(read.iter().map(|&bytes| u32::from_le_bytes(bytes)));
        }
        Ok(numbers)
    }
}

impl<F: Write> Hashed<F> {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.inner.write_all(bytes)
    }

    fn put_numbers(&mut self, numbers: impl Iterator<Item = u32>) -> io::Result<()> {
        let mut piece = Vec::with_capacity(PIECE);
        for number in numbers {
            piece.extend(number.to_le_bytes());
            if piece.len() == PIECE {
                self.put(&piece)?;
                piece.clear();
            }
        }
        self.put(&piece)
    }
}

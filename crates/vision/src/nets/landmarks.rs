//! dlib's landmark model, `shape_predictor_5_face_landmarks.dat`
//! (dlib/image_processing/shape_predictor.h).

use std::path::Path;

use super::reader::{Damage, Reader};
use super::{NetError, open, parse_all};

/// The most cascades that are read: dlib's models have 10 to 15. One without trees has two bytes in a
/// file and fifty times as many in memory.
const MAX_CASCADES: usize = 1000;

/// One step of the regression: trees that compare pixels and move all landmarks.
#[derive(Debug, Clone, PartialEq)]
pub struct Cascade {
    /// For each pixel compared: the landmark it is relative to.
    pub anchors: Vec<usize>,
    /// For each pixel compared: its offset from that landmark, in the shape's units.
    pub deltas: Vec<[f32; 2]>,
    /// Splits of each tree, a power of two less one. All trees of a cascade have as many.
    pub splits_per_tree: usize,
    /// All trees' splits, tree after tree.
    pub splits: Vec<Split>,
    /// All trees' leaves, tree after tree, each as long as the shape: what is added to it.
    pub leaves: Vec<f32>,
}

/// A comparison of two pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Split {
    /// The index of the pixel that the other is subtracted from.
    pub one: u32,
    /// The other's index.
    pub other: u32,
    /// Where the difference is above it, the walk goes to the left child (`2 i + 1`), else to the
    /// right (`2 i + 2`).
    pub threshold: f32,
}

/// The landmark model. Shapes are `x, y` of each landmark, where (0, 0) is the upper left corner of
/// the face's box and (1, 1) the lower right.
#[derive(Debug, Clone, PartialEq)]
pub struct LandmarkModel {
    /// Where the regression begins: the mean shape.
    pub initial: Vec<f32>,
    /// Its steps.
    pub cascades: Vec<Cascade>,
}

impl LandmarkModel {
    /// Reads a model file of any number of landmarks.
    ///
    /// # Errors
    /// The file cannot be read, is damaged, or holds something else.
    pub fn open(path: &Path) -> Result<Self, NetError> {
        open(path, read)
    }

    /// Reads a model file's bytes; says what is wrong with them.
    ///
    /// # Errors
    /// The bytes are damaged or hold something else.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        parse_all(bytes, read).map_err(|damage| damage.to_string())
    }

    /// How many landmarks it finds.
    pub fn points(&self) -> usize {
        self.initial.len() / 2
    }
}

fn read(reader: &mut Reader<'_>) -> Result<LandmarkModel, Damage> {
    reader.version("a landmark model", &[1])?;
    let offset = reader.offset();
    let initial = reader.column()?;
    if initial.is_empty() || !initial.len().is_multiple_of(2) {
        return Err(Reader::damage(
            offset,
            "an x and a y for each landmark",
            format!("{} numbers", initial.len()),
        ));
    }
    let offset = reader.offset();
    let count = reader.count("a number of cascades")?;
    if count > MAX_CASCADES {
        let expected = format!("{MAX_CASCADES} cascades at most");
        return Err(Reader::damage(offset, expected, count));
    }
    let mut cascades = (0..count)
        .map(|_| forest(reader, initial.len()))
        .collect::<Result<Vec<_>, _>>()?;
    same_count(reader, count, "lists of anchors")?;
    for cascade in &mut cascades {
        let offset = reader.offset();
        let anchors = reader.count("a number of anchors")?;
        cascade.anchors = (0..anchors)
            .map(|_| reader.unsigned_size("a landmark's number"))
            .collect::<Result<_, _>>()?;
        if let Some(wrong) = cascade.anchors.iter().find(|&&a| a >= initial.len() / 2) {
            let expected = format!("landmarks below {}", initial.len() / 2);
            return Err(Reader::damage(offset, expected, wrong));
        }
    }
    same_count(reader, count, "lists of distances")?;
    for cascade in &mut cascades {
        same_count(reader, cascade.anchors.len(), "distances")?;
        let offset = reader.offset();
        cascade.deltas = (0..cascade.anchors.len())
            .map(|_| Ok([reader.float32()?, reader.float32()?]))
            .collect::<Result<_, _>>()?;
        let pixels = cascade.deltas.len();
        let within = |split: &Split| (split.one.max(split.other) as usize) < pixels;
        if let Some(wrong) = cascade.splits.iter().find(|split| !within(split)) {
            return Err(Reader::damage(
                offset,
                format!("the {pixels} pixels that the splits compare"),
                format!("a split of {} and {}", wrong.one, wrong.other),
            ));
        }
    }
    Ok(LandmarkModel { initial, cascades })
}

fn same_count(reader: &mut Reader<'_>, expected: usize, what: &str) -> Result<(), Damage> {
    let offset = reader.offset();
    match reader.count(what)? {
        found if found == expected => Ok(()),
        found => Err(Reader::damage(offset, format!("{expected} {what}"), found)),
    }
}

fn pixel(reader: &mut Reader<'_>) -> Result<u32, Damage> {
    let offset = reader.offset();
    let number = reader.unsigned_size("a pixel's number")?;
    u32::try_from(number).map_err(|_| Reader::damage(offset, "a pixel's number of 32 bits", number))
}

/// The trees of one cascade; its pixels come later in the file.
fn forest(reader: &mut Reader<'_>, shape: usize) -> Result<Cascade, Damage> {
    let mut cascade = Cascade {
        anchors: Vec::new(),
        deltas: Vec::new(),
        splits_per_tree: 0,
        splits: Vec::new(),
        leaves: Vec::new(),
    };
    for tree in 0..reader.count("a number of trees")? {
        let offset = reader.offset();
        let splits = reader.count("a number of splits")?;
        if tree == 0 {
            cascade.splits_per_tree = splits;
        }
        if splits != cascade.splits_per_tree || !(splits + 1).is_power_of_two() {
            return Err(Reader::damage(
                offset,
                "full trees, as many splits in each, a power of two less one",
                format!("{splits} splits"),
            ));
        }
        for _ in 0..splits {
            cascade.splits.push(Split {
                one: pixel(reader)?,
                other: pixel(reader)?,
                threshold: reader.float32()?,
            });
        }
        same_count(reader, splits + 1, "leaves")?;
        for _ in 0..=splits {
            let offset = reader.offset();
            let leaf = reader.column()?;
            if leaf.len() != shape {
                let expected = format!("a leaf of {shape} numbers");
                return Err(Reader::damage(offset, expected, leaf.len()));
            }
            cascade.leaves.extend(leaf);
        }
    }
    Ok(cascade)
}

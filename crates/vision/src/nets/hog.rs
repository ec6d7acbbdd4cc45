//! dlib's frontal face detector: a scanner's settings and five filters over its features.
//!
//! The type is `object_detector<scan_fhog_pyramid<pyramid_down<6>>>`, of which dlib has one ready in
//! dlib/image_processing/frontal_face_detector.h; the headers object_detector.h and
//! scan_fhog_pyramid.h beside it say how it is written.

use std::path::Path;

use super::detector::Overlap;
use super::reader::{Damage, Reader};
use super::separable::{self, WINDOW};
use super::{NetError, open, parse_all};

/// Planes of features: 18 signed and 9 unsigned orientations, 4 of texture.
pub const HOG_PLANES: usize = 31;

/// Rows and columns of a filter, in cells of 8x8 pixels.
pub const HOG_WINDOW: usize = WINDOW;

/// Filters at most: as many as dlib's own detector has faces in view, and a few.
const MAX_TEMPLATES: usize = 16;

/// The detector: where the sum of a template's filters reaches its threshold is a face.
#[derive(Debug, Clone, PartialEq)]
pub struct HogModel {
    /// Which of several boxes on one face stay.
    pub overlap: Overlap,
    /// The score that counts as 0, for each template. dlib has five: faces seen from the front, from
    /// the left and from the right, and turned a little to either side.
    pub thresholds: Vec<f64>,
    /// The filters of all templates, by their planes.
    pub filters: Vec<HogFilter>,
}

/// A part of a template: the product of a row of weights and a column of them, over one plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HogFilter {
    /// Which template it is a part of.
    pub template: usize,
    /// The plane of features, below [`HOG_PLANES`].
    pub plane: usize,
    /// Weights from left to right.
    pub across: [f32; HOG_WINDOW],
    /// Weights from top to bottom.
    pub down: [f32; HOG_WINDOW],
}

impl HogModel {
    /// Reads a model file.
    ///
    /// # Errors
    /// The file cannot be read, is damaged, or holds another detector.
    pub fn open(path: &Path) -> Result<Self, NetError> {
        open(path, read)
    }

    /// Reads a model file's bytes; says what is wrong with them.
    ///
    /// # Errors
    /// The bytes are damaged or hold another detector.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        parse_all(bytes, read).map_err(|damage| damage.to_string())
    }
}

fn read(reader: &mut Reader<'_>) -> Result<HogModel, Damage> {
    reader.version("an object detector", &[2])?;
    reader.version("a HOG scanner", &[1])?;
    // What the engine computes: cells of 8 pixels, windows of 80x80, none of it padding, on levels of 64
    // pixels and more; nothing of an image is kept in the file.
    for (what, expected) in [
        ("features kept at most", 0),
        ("features kept", 0),
        ("pixels of a cell", 8),
        ("cells of padding", 0),
        ("columns of the window", 80),
        ("rows of the window", 80),
        ("levels of the pyramid", 1000),
        ("columns of a level at least", 64),
        ("rows of a level at least", 64),
    ] {
        exactly(reader, what, expected)?;
    }
    // Of training: how strongly the filters were kept simple.
    reader.float()?;
    let weights = HOG_PLANES * HOG_WINDOW * HOG_WINDOW;
    exactly(reader, "weights", weights as i64)?;
    let overlap = Overlap {
        iou: reader.float()?,
        covered: reader.float()?,
    };
    let offset = reader.offset();
    let templates = reader.unsigned_size("a number of templates")?;
    if !(1..=MAX_TEMPLATES).contains(&templates) {
        let expected = format!("1 to {MAX_TEMPLATES} templates");
        return Err(Reader::damage(offset, expected, templates));
    }
    let mut thresholds = Vec::new();
    let mut filters = Vec::new();
    for template in 0..templates {
        // A matrix's sides are written as negative numbers: the mark of its second version.
        exactly(reader, "weights and a threshold", -(weights as i64 + 1))?;
        exactly(reader, "columns of weights", -1)?;
        for plane in 0..HOG_PLANES {
            let mut filter = [[0.0; HOG_WINDOW]; HOG_WINDOW];
            for weight in filter.as_flattened_mut() {
                *weight = reader.float()?;
            }
            let parts = separable::parts(&filter).into_iter();
            filters.extend(parts.map(|(down, across)| HogFilter {
                template,
                plane,
                across,
                down,
            }));
        }
        thresholds.push(reader.float()?);
    }
    filters.sort_by_key(|filter| (filter.plane, filter.template));
    Ok(HogModel {
        overlap,
        thresholds,
        filters,
    })
}

fn exactly(reader: &mut Reader<'_>, what: &str, expected: i64) -> Result<(), Damage> {
    let offset = reader.offset();
    match reader.int()? {
        found if found == expected => Ok(()),
        found => Err(Reader::damage(offset, format!("{what}: {expected}"), found)),
    }
}

//! What can go wrong between a photo's pixels and its faces.

use std::io;
use std::path::PathBuf;

use super::Rect;
use crate::nets::NetError;

/// Why faces could not be found or described.
#[derive(Debug, thiserror::Error)]
pub enum FacesError {
    /// A model file is not there.
    #[error("model file {} does not exist", path.display())]
    ModelMissing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A model file could not be read.
    #[error("cannot read model file {}", path.display())]
    ModelIo {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A model file has the wrong length.
    #[error("model file {} has {found} bytes: expected {expected}", path.display())]
    ModelSize {
        /// The file.
        path: PathBuf,
        /// Its length in bytes.
        found: u64,
        /// The length of the file that the numbers come from.
        expected: u64,
    },
    /// A model file has the right length and other contents.
    #[error("model file {} has SHA-256 {found}: expected {expected}", path.display())]
    ModelChecksum {
        /// The file.
        path: PathBuf,
        /// Its SHA-256, in hexadecimal.
        found: String,
        /// That of the file that the numbers come from.
        expected: &'static str,
    },
    /// The engine could not load a model file.
    #[error("the engine cannot load model file {}: {reason}", path.display())]
    ModelLoad {
        /// The file.
        path: PathBuf,
        /// What the engine said.
        reason: String,
    },
    /// An image with more pixels than the detector is given.
    #[error("too large to search: {width}x{height} pixels, the limit is {max_pixels} pixels")]
    TooLarge {
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
        /// The most that is allowed.
        max_pixels: u64,
    },
    /// The detector needs more memory than there is.
    #[error(
        "not enough memory to search {width}x{height} pixels: needs {}, {}",
        with_unit(*bytes), free(*available)
    )]
    OutOfMemory {
        /// Columns, after doubling.
        width: u32,
        /// Rows, after doubling.
        height: u32,
        /// About what the detector would take.
        bytes: u64,
        /// What there is; 0 where the system refused and gave no figure.
        available: u64,
    },
    /// The program was built without dlib, which alone does what is asked for.
    #[error(
        "{wanted} needs dlib, and this program was built without it: `cargo build --features dlib`"
    )]
    WithoutDlib {
        /// The setting in config.ini.
        wanted: &'static str,
    },
    /// The engine gave back something unexpected.
    #[error("the engine gave {found} {what} for a face: expected {expected}")]
    Engine {
        /// Of what.
        what: &'static str,
        /// How many there were.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// A model file could not be read without dlib.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The library of ONNX Runtime could not be loaded.
    #[error("cannot load ONNX Runtime from {}: {reason}", path.display())]
    RuntimeLoad {
        /// The library.
        path: PathBuf,
        /// What the system or the library said.
        reason: String,
    },
    /// A GPU was asked for and cannot be used.
    #[error("no CUDA with ONNX Runtime from {}: {reason}", path.display())]
    NoCuda {
        /// The library.
        path: PathBuf,
        /// What is missing, in its words.
        reason: String,
    },
    /// A second library of ONNX Runtime in one process.
    #[error("cannot load ONNX Runtime from {}: this process has it from {} already", path.display(), loaded.display())]
    RuntimeLoaded {
        /// The library.
        path: PathBuf,
        /// The one that is in use.
        loaded: PathBuf,
    },
    /// ONNX Runtime refused or failed.
    #[error("ONNX Runtime cannot {what}: {reason}")]
    Runtime {
        /// What it was asked to do.
        what: &'static str,
        /// What it said.
        reason: String,
    },
    /// A stored descriptor of the wrong length.
    #[error("stored descriptor has {found} bytes: expected 512")]
    DescriptorLength {
        /// Its length in bytes.
        found: usize,
    },
    /// A stored descriptor with a number that is none.
    #[error("stored descriptor: number {index} is not finite")]
    DescriptorNumber {
        /// Which, from 0.
        index: usize,
    },
    /// A rectangle that shares nothing with its image, or is empty.
    #[error("no crop: {rect:?} is not in the image of {width}x{height} pixels")]
    CropOutside {
        /// The rectangle.
        rect: Rect,
        /// Columns of the image.
        width: u32,
        /// Rows of the image.
        height: u32,
    },
    /// A crop could not be resized or written as JPEG.
    #[error("cannot make a crop of {rect:?}: {reason}")]
    Crop {
        /// The rectangle.
        rect: Rect,
        /// What the library said.
        reason: String,
    },
}

/// Bytes for people: `5.9 GiB`, `10 MiB`.
fn with_unit(bytes: u64) -> String {
    const MIB: f64 = 1024.0 * 1024.0;
    let mib = bytes as f64 / MIB;
    if mib < 1000.0 {
        format!("{mib:.0} MiB")
    } else {
        format!("{:.1} GiB", mib / 1024.0)
    }
}

fn free(available: u64) -> String {
    match available {
        0 => "the system gives less".to_owned(),
        _ => format!("{} free", with_unit(available)),
    }
}

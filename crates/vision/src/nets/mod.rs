//! dlib's model files, read without dlib.
//!
//! A `.dat` file is dlib's serialization of a C++ type: it names its layers, but their order comes
//! from the type. Read here are the four types that `face_recognition` uses: the CNN detector
//! ([`DetectorNet`]), the HOG detector ([`HogModel`]), the descriptor network ([`EncoderNet`]) and the
//! landmark model ([`LandmarkModel`]). What is read is weights and settings, checked to fit together, with each
//! affine layer folded into the convolution before it.
//!
//! The specification is dlib's headers: serialize.h, float_details.h, matrix/matrix.h,
//! cuda/tensor.h, dnn/core.h, dnn/layers.h, dnn/input.h, dnn/loss.h and
//! image_processing/shape_predictor.h.
//!
//! Not done here: running the networks (`faces::onnx`) and HOG's filters (`faces::hog`).

mod convolution;
mod detector;
mod encoder;
mod error;
mod hog;
mod landmarks;
mod layers;
mod reader;
mod separable;
mod stack;

pub use convolution::Convolution;
pub use detector::{DetectorNet, Overlap};
pub use encoder::{Block, EncoderNet};
pub use error::NetError;
pub use hog::{HOG_PLANES, HOG_WINDOW, HogFilter, HogModel};
pub use landmarks::{Cascade, LandmarkModel, Split};

use std::fs::File;
use std::io::Read;
use std::path::Path;

use reader::{Damage, Reader};

/// The longest model file that is read, in bytes. dlib's have 22 MB at most, 100 MB with 68
/// landmarks.
const MAX_BYTES: u64 = 256 << 20;

/// Means that dlib's networks subtract from red, green and blue (0 to 255) before they divide by
/// 256.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Means(pub [f32; 3]);

/// Reads a whole file and makes a model of its bytes.
fn open<T>(
    path: &Path,
    parse: impl FnOnce(&mut Reader<'_>) -> Result<T, Damage>,
) -> Result<T, NetError> {
    let io = |source| NetError::Io {
        path: path.to_owned(),
        source,
    };
    let mut file = File::open(path).map_err(io)?;
    let found = file.metadata().map_err(io)?.len();
    let too_long = || NetError::TooLong {
        path: path.to_owned(),
        max: MAX_BYTES,
    };
    if found > MAX_BYTES {
        return Err(too_long());
    }
    let mut bytes = Vec::new();
    // A file that grows while it is read, or a device, stops at the limit too.
    file.by_ref()
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(io)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(too_long());
    }
    parse_all(&bytes, parse).map_err(|damage| NetError::Damaged {
        path: path.to_owned(),
        offset: damage.offset,
        expected: damage.expected.into(),
        found: damage.found.into(),
    })
}

/// Makes a model of bytes that hold it and nothing else.
fn parse_all<T>(
    bytes: &[u8],
    parse: impl FnOnce(&mut Reader<'_>) -> Result<T, Damage>,
) -> Result<T, Damage> {
    let mut reader = Reader::new(bytes);
    let model = parse(&mut reader)?;
    reader.end()?;
    Ok(model)
}

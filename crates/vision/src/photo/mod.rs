//! Photo files: what a file is, and its pixels.
//!
//! JPEG and PNG become 8-bit sRGB with the EXIF orientation applied, a JPEG with libjpeg-turbo's own pixels, which are
//! converted where an ICC profile says that they mean other colours.
//! What is not whole is refused: decoders fill a cut file with grey and say nothing, and a face lost that way
//! is lost for good. Damaged metadata is no reason to refuse a picture.
//!
//! Not done here: fetching the files (`flickr`), finding faces in them (`faces`).

mod colour;
mod decode;
mod encode;
mod error;
mod exif;
mod jpeg;
mod jpeg_cmyk;
mod jpeg_scans;
mod limits;
mod png;
mod small;
mod sniff;

pub use decode::exif_rotation;
pub use decode::{check, decode, decode_as_stored};
pub use encode::encode;
pub use error::PhotoError;
pub use limits::Limits;
pub use small::small;
pub use sniff::{Kind, sniff};

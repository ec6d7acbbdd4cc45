//! Photo files: what a file is and its pixels, which are of `flickr-faces-vision`, and where files lie.

mod places;

pub use flickr_faces_vision::photo::*;
pub(crate) use places::places;
pub use places::{earlier_place, place};

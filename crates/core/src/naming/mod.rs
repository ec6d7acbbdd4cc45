//! Names: from a cluster to the file that says who is on which photo.
//!
//! `montage` draws a cluster's faces as numbered tiles, [`Name`] says what a name is, `tag_text` what Flickr makes of it, and
//! `tags_file` is `tags.json`, which `cluster-faces` writes and `tag-photos` reads.
//!
//! Asking is the business of the terminal, keeping decisions that of the store, writing tags to
//! Flickr that of `tag-photos`.

pub(crate) mod montage;
pub(crate) mod name;
pub(crate) mod quality_filter;
pub(crate) mod suggest;
pub(crate) mod tag_text;
pub(crate) mod tags_file;

pub use crate::ids::PhotoId;
pub use montage::MontageError;
pub use name::{Name, NameError};
pub use quality_filter::{FaceQuality, QualityFilter, RejectReason};
pub use suggest::coverage;
pub use tags_file::TagsFileError;

//! Names: from a cluster to the file that says who is on which photo.
//!
//! [`montage`] draws a cluster's faces as numbered tiles, [`name`] says what a name is, [`tag_text`] what Flickr makes of it, and [`tags_file`] is
//! `tags.json`, which `cluster-faces` writes and `tag-photos` reads.
//!
//! Asking is the business of the terminal, keeping decisions that of the store, writing tags to
//! Flickr that of `tag-photos`.

pub mod montage;
pub mod name;
pub mod quality_filter;
pub mod suggest;
pub mod tag_text;
pub mod tags_file;

pub use crate::ids::PhotoId;
pub use name::Name;
pub use tags_file::TagsFile;

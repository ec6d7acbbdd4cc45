//! A library of made-up photos.

use std::path::PathBuf;

use super::folder::photos_below;
use super::{FIRST_UPLOAD, Library};
use crate::photo::NewPhoto;
use crate::picture::{LibraryError, Picture};

/// Widths and heights of made-up photos, in turn.
const DIMENSIONS: [(u32, u32); 8] = [
    (1600, 1200),
    (1200, 1600),
    (1024, 768),
    (2048, 1365),
    (640, 480),
    (3000, 4000),
    (1500, 1001),
    (450, 300),
];

/// What a made-up library looks like.
#[derive(Debug, Clone)]
pub struct Generated {
    /// How many photos.
    pub count: u64,
    /// Photos that share each second of upload; at least 1.
    pub same_second: u64,
    /// A folder whose photos serve as pictures, in turn; without it each photo
    /// shows its own pattern.
    pub faces: Option<PathBuf>,
}

impl Generated {
    /// `count` photos with patterns, three in the same second, a minute apart.
    pub fn new(count: u64) -> Self {
        Self {
            count,
            same_second: 3,
            faces: None,
        }
    }
}

/// Makes the library.
pub(crate) fn make(wanted: &Generated) -> Result<Library, LibraryError> {
    let pictures = match &wanted.faces {
        None => DIMENSIONS
            .iter()
            .map(|&(width, height)| Picture::pattern(width, height))
            .collect(),
        Some(dir) => photos_below(dir)?
            .iter()
            .map(|path| Picture::of_file(path))
            .collect::<Result<Vec<_>, _>>()?,
    };
    let mut library = Library::default();
    for (index, picture) in (0..wanted.count).zip(pictures.iter().cycle()) {
        let new = NewPhoto {
            title: Some(format!("Photo {}", index + 1)),
            uploaded: Some(FIRST_UPLOAD + index / wanted.same_second.max(1) * 60),
            ..NewPhoto::default()
        };
        library.add(new, picture.clone());
    }
    Ok(library)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn photos_share_seconds() {
        let library = make(&Generated::new(7)).unwrap();
        let dates: Vec<_> = library
            .infos()
            .iter()
            .map(|p| p.uploaded - FIRST_UPLOAD)
            .collect();
        assert_eq!(dates, [0, 0, 0, 60, 60, 60, 120]);
    }
}

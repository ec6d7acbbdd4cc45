//! Where photos' files lie in their folder: `123/ID.jpg`, by the last three digits of the id, so that no folder holds
//! more than a thousandth of them. Earlier versions put all into one folder: there they are still found.

use std::path::{Path, PathBuf};

use crate::ids::PhotoId;

/// The kinds of file that photos are kept as.
const EXTENSIONS: [&str; 2] = ["jpg", "png"];

/// Where the file of a photo goes. The last digits of Flickr's ids are spread evenly, the first are not.
#[must_use]
pub fn place(folder: &Path, photo: &PhotoId, extension: &str) -> PathBuf {
    let id = photo.as_str();
    let last = id.get(id.len().saturating_sub(3)..).unwrap_or(id);
    folder
        .join(format!("{last:0>3}"))
        .join(format!("{photo}.{extension}"))
}

/// Where an earlier version has put it.
#[must_use]
pub fn earlier_place(folder: &Path, photo: &PhotoId, extension: &str) -> PathBuf {
    folder.join(format!("{photo}.{extension}"))
}

/// Everywhere that a photo's file may lie.
pub(crate) fn places(folder: &Path, photo: &PhotoId) -> impl Iterator<Item = PathBuf> {
    EXTENSIONS.into_iter().flat_map(move |extension| {
        [
            place(folder, photo, extension),
            earlier_place(folder, photo, extension),
        ]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn photos_are_spread_by_their_last_digits() {
        let at = |id: &str| place(Path::new("photos"), &id.parse().unwrap(), "jpg");
        assert_eq!(at("53012345678"), Path::new("photos/678/53012345678.jpg"));
        assert_eq!(at("53012345007"), Path::new("photos/007/53012345007.jpg"));
        assert_eq!(at("12"), Path::new("photos/012/12.jpg"));
        let photo = "53012345678".parse().unwrap();
        let all: Vec<_> = places(Path::new("p"), &photo).collect();
        assert_eq!(all.len(), 4);
        assert!(all.contains(&PathBuf::from("p/53012345678.png")));
    }
}

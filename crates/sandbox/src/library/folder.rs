//! A library of the photos in a folder, and what `library.json` in it says
//! about them.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use image::ImageFormat;
use walkdir::WalkDir;

use super::{FIRST_UPLOAD, Library};
use crate::photo::NewPhoto;
use crate::picture::{LibraryError, Picture};

/// Name of the optional file that describes photos: an object whose keys are
/// paths relative to the folder and whose values have the fields of
/// [`NewPhoto`].
const SIDECAR: &str = "library.json";

/// Makes a library of every JPEG and PNG file in `dir` and below, in the order
/// of their paths, uploaded a minute apart.
pub(crate) fn read(dir: &Path) -> Result<Library, LibraryError> {
    let sidecar = dir.join(SIDECAR);
    let mut described = read_sidecar(&sidecar)?;
    let mut library = Library::default();
    for (minute, path) in (0..).zip(&photos_below(dir)?) {
        let relative = path.strip_prefix(dir).unwrap_or(path);
        let mut new = described
            .remove(&*relative.to_string_lossy())
            .unwrap_or_default();
        let stem = path.file_stem().map(|stem| stem.to_string_lossy());
        new.title = new.title.or(stem.map(|stem| stem.into_owned()));
        new.uploaded.get_or_insert(FIRST_UPLOAD + minute * 60);
        library.add(new, Picture::of_file(path)?);
    }
    match described.into_keys().next() {
        Some(file) => Err(LibraryError::UnknownFile {
            path: sidecar,
            file,
        }),
        None => Ok(library),
    }
}

/// The JPEG and PNG files in a folder and below, except hidden ones, in the
/// order of their paths.
pub(super) fn photos_below(dir: &Path) -> Result<Vec<PathBuf>, LibraryError> {
    let mut photos = Vec::new();
    let entries = WalkDir::new(dir).follow_links(true).sort_by_file_name();
    for entry in entries.into_iter().filter_entry(|entry| {
        entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.')
    }) {
        let entry = entry.map_err(|error| LibraryError::Io {
            path: error.path().unwrap_or(dir).to_owned(),
            source: error.into(),
        })?;
        let format = ImageFormat::from_path(entry.path());
        let is_photo = matches!(format, Ok(ImageFormat::Jpeg | ImageFormat::Png));
        if is_photo && !entry.file_type().is_dir() {
            photos.push(entry.into_path());
        }
    }
    if photos.is_empty() {
        return Err(LibraryError::Empty {
            path: dir.to_owned(),
        });
    }
    Ok(photos)
}

fn read_sidecar(path: &Path) -> Result<BTreeMap<String, NewPhoto>, LibraryError> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeMap::new()),
        text => text.map_err(|source| LibraryError::Io {
            path: path.to_owned(),
            source,
        })?,
    };
    serde_json::from_str(&text).map_err(|source| LibraryError::Sidecar {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photo::Media;

    fn folder() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("sub")).unwrap();
        let image = image::DynamicImage::new_rgb8(30, 20);
        image.save(dir.path().join("b.jpg")).unwrap();
        image.save(dir.path().join("sub/a.PNG")).unwrap();
        image.save(dir.path().join("a.jpeg")).unwrap();
        fs::write(dir.path().join("notes.txt"), "not a photo").unwrap();
        dir
    }

    #[test]
    fn files_become_photos_in_the_order_of_their_paths() {
        let dir = folder();
        let sidecar = r#"{"sub/a.PNG": {"title": "Clip", "media": "video", "private": true,
            "tags": ["Ann Example", "annexample", "x"], "uploaded": 1500000000}}"#;
        fs::write(dir.path().join(SIDECAR), sidecar).unwrap();
        let library = read(dir.path()).unwrap();
        let photos = library.infos();
        let titles: Vec<_> = photos.iter().map(|photo| photo.title.as_str()).collect();
        assert_eq!(titles, ["a", "b", "Clip"]);
        assert_eq!(photos[1].uploaded, FIRST_UPLOAD + 60);
        assert_eq!((photos[1].width, photos[1].height), (30, 20));
        assert_eq!(photos[2].uploaded, 1_500_000_000);
        assert_eq!(photos[2].media, Media::Video);
        assert!(photos[2].private);
        assert_eq!(photos[2].tags, ["Ann Example", "x"]);
    }

    #[test]
    fn mistakes_are_named() {
        let dir = folder();
        let sidecar = dir.path().join(SIDECAR);
        let error = |text: &str| {
            fs::write(&sidecar, text).unwrap();
            read(dir.path()).unwrap_err().to_string()
        };
        assert!(error(r#"{"c.jpg": {}}"#).contains("\"c.jpg\", which is not a photo"));
        assert!(error(r#"{"b.jpg": {"titel": "x"}}"#).contains("unknown field `titel`"));
        fs::remove_file(&sidecar).unwrap();
        fs::write(dir.path().join("c.jpg"), "no image").unwrap();
        let message = read(dir.path()).unwrap_err().to_string();
        assert!(message.contains("c.jpg is not a JPEG"), "{message}");
        let empty = tempfile::tempdir().unwrap();
        assert!(matches!(
            read(empty.path()),
            Err(LibraryError::Empty { .. })
        ));
    }
}

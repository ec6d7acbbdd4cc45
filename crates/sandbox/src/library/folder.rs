//! A library made of the photos in a folder, and what `library.json` in it
//! says about them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{FIRST_UPLOAD, Library, LibraryError, NewPhoto, Picture};

/// Name of the optional file that describes photos: an object whose keys are
/// paths relative to the folder and whose values have the fields of
/// [`NewPhoto`].
const SIDECAR: &str = "library.json";

/// Makes a library of every JPEG and PNG file in `dir` and below, in the order
/// of their paths, uploaded a minute apart.
pub(crate) fn read(dir: &Path) -> Result<Library, LibraryError> {
    let mut files = Vec::new();
    collect(dir, &mut files)?;
    files.sort();
    if files.is_empty() {
        return Err(LibraryError::Empty {
            path: dir.to_owned(),
        });
    }
    let sidecar = dir.join(SIDECAR);
    let mut described = read_sidecar(&sidecar)?;
    let mut library = Library::default();
    for (minute, path) in (0..).zip(&files) {
        let relative = path.strip_prefix(dir).unwrap_or(path);
        let name = relative.to_string_lossy().replace('\\', "/");
        let mut new = described.remove(&name).unwrap_or_default();
        if new.title.is_none() {
            new.title = path
                .file_stem()
                .map(|stem| stem.to_string_lossy().into_owned());
        }
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

/// The JPEG and PNG files in a folder and below, hidden ones left out.
pub(super) fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> Result<(), LibraryError> {
    let io = |path: &Path, source| LibraryError::Io {
        path: path.to_owned(),
        source,
    };
    for entry in fs::read_dir(dir).map_err(|error| io(dir, error))? {
        let entry = entry.map_err(|error| io(dir, error))?;
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let is_dir = fs::metadata(&path)
            .map_err(|error| io(&path, error))?
            .is_dir();
        let is_photo = path
            .extension()
            .and_then(|extension| extension.to_str())
            .is_some_and(|extension| {
                ["jpg", "jpeg", "png"]
                    .iter()
                    .any(|known| extension.eq_ignore_ascii_case(known))
            });
        if is_dir {
            collect(&path, files)?;
        } else if is_photo {
            files.push(path);
        }
    }
    Ok(())
}

fn read_sidecar(path: &Path) -> Result<BTreeMap<String, NewPhoto>, LibraryError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(source) => {
            return Err(LibraryError::Io {
                path: path.to_owned(),
                source,
            });
        }
    };
    serde_json::from_str(&text).map_err(|source| LibraryError::Sidecar {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::Media;

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
        let photos: Vec<_> = library.iter().map(|photo| photo.info()).collect();
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
        assert!(error(r#"{"c.jpg": {}}"#).contains("\"c.jpg\", which is no photo"));
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

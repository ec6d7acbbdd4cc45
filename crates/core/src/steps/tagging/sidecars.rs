//! Out of Flickr: an XMP sidecar beside each photo of a folder.
//!
//! A photo `NAME.jpg` gets `NAME.jpg.xmp`: the name that digiKam gives, and that Immich and PhotoPrism
//! look for first. A sidecar by another program, under that name or `NAME.xmp`, is never touched, nor
//! is another put beside it: it would hide what that one says.
//!
//! Regions are of the image as its file stores it, before its EXIF orientation, as digiKam, Lightroom
//! and Immich read them. Faces were found in the image upright.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use image::{ImageDecoder, ImageReader, metadata::Orientation};
use serde::{Serialize, Serializer};
use serde_json::json;

use super::{
    super::StepError,
    geometry::{as_stored, same_shape},
    people::{NameSource, People},
    selection::Selection,
    xmp::{Sidecar, is_ours},
};
use crate::{
    faces::FaceBox,
    files::{Access, FileError, private_folder, write_atomically},
    ids::PhotoId,
    store::Store,
};

/// Extensions of the photos that `download` fetches and people keep.
const PHOTOS: [&str; 3] = ["jpg", "jpeg", "png"];

/// What became of the sidecars.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Sidecars {
    /// Written, new or changed.
    pub written: u64,
    /// Ours, and unchanged.
    pub unchanged: u64,
    /// Ours, of photos that no longer have names.
    pub deleted: u64,
    /// By other programs: left as they are.
    pub left_alone: Vec<PathBuf>,
    /// Sidecars whose photo is not in the folder.
    pub without_photo: u64,
    /// Names without a region, because no face of the person is known on the photo.
    pub without_face: u64,
    /// Photos whose file has another shape than the one that was searched: names without regions.
    pub other_shape: Vec<PathBuf>,
    /// Photos whose file cannot be read, with the reason: names without regions.
    #[serde(serialize_with = "as_objects")]
    pub unreadable: Vec<(PathBuf, String)>,
    /// People who are marked never to be written: skipped.
    pub never_write: u64,
}

fn as_objects<S: Serializer>(
    unreadable: &[(PathBuf, String)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let objects = unreadable.iter();
    serializer.collect_seq(objects.map(|(file, reason)| json!({"file": file, "reason": reason})))
}

/// The people on a photo, and their faces.
#[derive(Debug, Default)]
struct OnPhoto {
    names: Vec<String>,
    faces: Vec<(String, FaceBox)>,
    without_face: u64,
}

/// Writes a sidecar for each photo with names into `folder`, beside the photos there.
///
/// # Errors
/// Where names or store cannot be read, or a file cannot be written.
pub async fn write_sidecars(
    names: &NameSource,
    selection: &Selection,
    store: &Store,
    folder: &Path,
) -> Result<Sidecars, StepError> {
    let people = People::load(store, names).await?.selected(selection)?;
    let mut result = Sidecars::default();
    let mut photos: BTreeMap<PhotoId, OnPhoto> = BTreeMap::new();
    for person in &people {
        if !person.entry.write {
            result.never_write += 1;
            continue;
        }
        let name = person.entry.name.as_str();
        for photo in &person.entry.photos {
            let on = photos.entry(photo.clone()).or_default();
            on.names.push(name.to_owned());
            let faces = person.faces_on(photo);
            on.without_face += u64::from(faces.is_empty());
            on.faces
                .extend(faces.iter().map(|face| (name.to_owned(), *face)));
        }
    }
    // Sidecars of photos that no longer have names are deleted only where no name was deselected.
    let known: BTreeSet<PhotoId> = if selection.only.is_empty() && selection.except.is_empty() {
        let titles = store.photo_titles().await?.into_iter();
        titles
            .map(|photo| photo.photo)
            .filter(|photo| !photos.contains_key(photo))
            .collect()
    } else {
        BTreeSet::new()
    };
    let folder = folder.to_owned();
    let all = tokio::task::spawn_blocking(move || {
        private_folder(&folder)?;
        let files = photo_files(&folder, |id| photos.contains_key(id) || known.contains(id))?;
        for (photo, on) in &photos {
            result.without_face += on.without_face;
            match files.get(photo) {
                Some(files) => {
                    for file in files {
                        result.beside(file, on)?;
                    }
                }
                None => {
                    result.without_photo += 1;
                    let size = on.faces.first().map(|(_, face)| face.image);
                    let sidecar = on.sidecar(size, Orientation::NoTransforms);
                    result.write(&folder.join(format!("{photo}.jpg")), &sidecar)?;
                }
            }
        }
        for file in known.iter().filter_map(|photo| files.get(photo)).flatten() {
            result.delete(&sidecar_of(file))?;
        }
        Ok::<_, StepError>(result)
    });
    all.await
        .map_err(|_| StepError::TaskFailed("writing the sidecars"))?
}

impl OnPhoto {
    /// With regions of the image as it is stored, where its size is known.
    fn sidecar(&self, size: Option<(u32, u32)>, orientation: Orientation) -> Sidecar {
        Sidecar {
            names: self.names.clone(),
            size,
            regions: match size {
                None => Vec::new(),
                Some(_) => (self.faces.iter())
                    .map(|(name, face)| (name.clone(), as_stored(face.normalized(), orientation)))
                    .collect(),
            },
        }
    }
}

impl Sidecars {
    /// The sidecar of a photo that is there.
    fn beside(&mut self, file: &Path, on: &OnPhoto) -> Result<(), StepError> {
        let size = match stored(file) {
            Ok((size, orientation)) => {
                let upright = match is_turned(orientation) {
                    true => (size.1, size.0),
                    false => size,
                };
                let fits = (on.faces.iter()).all(|(_, face)| same_shape(face.image, upright));
                if !fits {
                    self.other_shape.push(file.to_owned());
                }
                fits.then_some((size, orientation))
            }
            Err(error) => {
                self.unreadable.push((file.to_owned(), error.to_string()));
                None
            }
        };
        let orientation = size.map_or(Orientation::NoTransforms, |(_, orientation)| orientation);
        let sidecar = on.sidecar(size.map(|(size, _)| size), orientation);
        self.write(file, &sidecar)
    }

    fn write(&mut self, file: &Path, sidecar: &Sidecar) -> Result<(), StepError> {
        let path = sidecar_of(file);
        let short = file.with_extension("xmp");
        for other in [&path, &short] {
            if let Some(found) = read(other)?
                && !is_ours(&found)
            {
                self.left_alone.push(other.clone());
                return Ok(());
            }
        }
        let text = sidecar.to_xml();
        if read(&path)?.as_deref() == Some(text.as_bytes()) {
            self.unchanged += 1;
        } else {
            write_atomically(&path, text.as_bytes(), Access::Kept)?;
            self.written += 1;
        }
        Ok(())
    }

    /// Deletes a sidecar of ours.
    fn delete(&mut self, path: &Path) -> Result<(), StepError> {
        if read(path)?.is_some_and(|text| is_ours(&text)) {
            fs::remove_file(path).map_err(FileError::at(path, "cannot delete"))?;
            self.deleted += 1;
        }
        Ok(())
    }
}

/// `NAME.jpg` → `NAME.jpg.xmp`.
fn sidecar_of(file: &Path) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(".xmp");
    path.into()
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    match fs::read(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(FileError::at(path, "cannot read")(error)),
    }
}

/// Width and height of an image as its file stores it, and how it is to be turned.
fn stored(path: &Path) -> image::ImageResult<((u32, u32), Orientation)> {
    let reader = ImageReader::open(path)?.with_guessed_format()?;
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    Ok((decoder.dimensions(), orientation))
}

fn is_turned(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

/// The photos' files in a folder and below, hidden ones left out.
fn photo_files(
    folder: &Path,
    wanted: impl Fn(&PhotoId) -> bool,
) -> Result<BTreeMap<PhotoId, Vec<PathBuf>>, FileError> {
    let mut files: BTreeMap<PhotoId, Vec<PathBuf>> = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).map_err(FileError::at(&folder, "cannot look into"))?;
        for entry in entries {
            let entry = entry.map_err(FileError::at(&folder, "cannot look into"))?;
            let path = entry.path();
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            // A link to a folder is not followed: it could lead round in a circle.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(path);
            } else if let Some(photo) = photo_of(&path).into_iter().find(&wanted) {
                files.entry(photo).or_default().push(path);
            }
        }
    }
    for of_one in files.values_mut() {
        of_one.sort();
    }
    Ok(files)
}

/// The ids that a file's name may hold: `ID.jpg`, as `download` names it; `TITLE_ID_o.jpg` and
/// `ID_SECRET_o.jpg`, as Flickr does.
fn photo_of(path: &Path) -> Vec<PhotoId> {
    let is_photo =
        (path.extension().and_then(|extension| extension.to_str())).is_some_and(|extension| {
            PHOTOS
                .iter()
                .any(|known| extension.eq_ignore_ascii_case(known))
        });
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    match stem.filter(|_| is_photo) {
        None => Vec::new(),
        Some(stem) => stem
            .split('_')
            .filter_map(|part| PhotoId::new(part).ok())
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_from_names() {
        let cases: [(&str, &[&str]); 8] = [
            ("53000000001.jpg", &["53000000001"]),
            ("a/53000000001.PNG", &["53000000001"]),
            (
                "53000000001_0123456789_o.jpg",
                &["53000000001", "0123456789"],
            ),
            ("at-the-sea_53000000001_o.jpeg", &["53000000001"]),
            ("IMG_0815.jpg", &["0815"]),
            ("53000000001.xmp", &[]),
            ("53000000001.jpg.xmp", &[]),
            ("sea.jpg", &[]),
        ];
        for (name, ids) in cases {
            let found: Vec<_> = photo_of(Path::new(name));
            let found: Vec<_> = found.iter().map(PhotoId::as_str).collect();
            assert_eq!(found, ids, "{name}");
        }
    }
}

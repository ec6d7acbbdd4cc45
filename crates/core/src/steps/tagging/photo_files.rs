//! Which file of a folder is which photo.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    io::BufReader,
    path::{Path, PathBuf},
};

use quick_xml::escape::unescape;
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;
use walkdir::WalkDir;

use super::super::StepError;
use crate::{files::FileError, ids::PhotoId, store::PhotoTitle};

/// Extensions of the photos that `download` fetches and people keep.
const PHOTOS: [&str; 3] = ["jpg", "jpeg", "png"];

/// What Flickr's file names end in: the letters of the sizes.
const SIZES: [&str; 17] = [
    "s", "q", "t", "m", "n", "w", "z", "c", "b", "h", "k", "3k", "4k", "f", "5k", "6k", "o",
];

/// What tells which photo a file is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Matching {
    /// The id in its name, where the name has a form that Flickr or `download` gives.
    #[default]
    Id,
    /// Its name, which is the photo's title.
    Title,
    /// The second in which it was taken, by its EXIF data.
    Date,
    /// A CSV file with a photo's id and a file in each row.
    Table(PathBuf),
}

/// Files and photos that fit each other in more than one way: none of them is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ambiguous {
    /// The files.
    pub files: Vec<PathBuf>,
    /// The photos that they may be.
    pub photos: Vec<PhotoId>,
}

/// What a folder holds of the account's photos.
#[derive(Debug, Default)]
pub(super) struct PhotoFiles {
    pub(super) of: BTreeMap<PhotoId, Vec<PathBuf>>,
    /// Files `NAME.jpg` that are not there but have a sidecar `NAME.jpg.xmp`, where the name holds the id.
    pub(super) sidecar_alone: BTreeMap<PhotoId, Vec<PathBuf>>,
    pub(super) ambiguous: Vec<Ambiguous>,
    /// Photos that are no photo of the store.
    pub(super) unknown: u64,
    /// All files, without their extension: a `NAME.xmp` may be the sidecar of any `NAME.*`.
    stems: HashMap<PathBuf, u32>,
    /// Folders that were looked into.
    pub(super) folders: Vec<PathBuf>,
}

impl PhotoFiles {
    /// Looks through `folder` and the folders below it, hidden ones left out, for files of the photos.
    ///
    /// # Errors
    /// Where `folder` is none, or cannot be looked into; where the table cannot be read.
    pub(super) fn find(
        folder: &Path,
        photos: &[PhotoTitle],
        matching: &Matching,
    ) -> Result<Self, StepError> {
        if !folder.is_dir() {
            return Err(StepError::NoFolder {
                path: folder.to_owned(),
            });
        }
        if *matching == Matching::Date && photos.iter().all(|photo| photo.taken.is_none()) {
            return Err(StepError::NoDates);
        }
        let mut found = Self::default();
        let mut files = found.walk(folder)?;
        if let Matching::Table(table) = matching {
            found.of = read_table(table, folder)?;
            let in_table: BTreeSet<PathBuf> = found.of.values().flatten().cloned().collect();
            let others = files.iter().filter(|file| !in_table.contains(*file));
            found.unknown = others.filter(|file| is_photo(file)).count() as u64;
            return Ok(found);
        }
        let by_key = keys(photos, matching);
        // A sidecar without its photo stands for it, where the sidecar's name says which it is.
        let there: BTreeSet<PathBuf> = files.iter().cloned().collect();
        files.extend((there.iter()).filter_map(|file| {
            let photo = file.with_extension("");
            let alone = file.extension().is_some_and(|extension| extension == "xmp")
                && is_photo(&photo)
                && !there.contains(&photo);
            alone.then_some(photo)
        }));
        for file in files.into_iter().filter(|file| is_photo(file)) {
            let alone = !there.contains(&file);
            if alone && *matching != Matching::Id {
                continue;
            }
            let mut photos: Vec<&PhotoId> = (keys_of(&file, matching).iter())
                .filter_map(|key| by_key.get(key))
                .flatten()
                .copied()
                .collect();
            photos.sort_unstable();
            photos.dedup();
            match (photos.as_slice(), alone) {
                ([], true) => {}
                ([], false) => found.unknown += 1,
                ([one], true) => {
                    let of = found.sidecar_alone.entry((*one).clone()).or_default();
                    of.push(file);
                }
                ([one], false) => found.of.entry((*one).clone()).or_default().push(file),
                (several, _) => found.ambiguous.push(Ambiguous {
                    files: vec![file],
                    photos: several.iter().copied().cloned().collect(),
                }),
            }
        }
        if *matching != Matching::Id {
            found.leave_doubtful();
        }
        Ok(found)
    }

    /// Whether a file `NAME.*` is alone with its name, so that `NAME.xmp` is surely its sidecar.
    pub(super) fn is_alone(&self, file: &Path) -> bool {
        (self.stems.get(&file.with_extension(""))).is_none_or(|count| *count < 2)
    }

    /// All files in order of their names.
    fn walk(&mut self, folder: &Path) -> Result<Vec<PathBuf>, FileError> {
        let is_hidden = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with('.');
        let mut files = Vec::new();
        // A link to a folder is not followed: it could lead round in a circle.
        let entries = WalkDir::new(folder).sort_by_file_name();
        let entries = (entries.into_iter())
            .filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry.file_name()));
        for entry in entries {
            let entry = entry.map_err(|error| {
                let path = error.path().unwrap_or(folder).to_owned();
                FileError::at(&path, "cannot look into")(error.into())
            })?;
            let path = entry.into_path();
            if path.is_dir() {
                if !path.is_symlink() || path == folder {
                    self.folders.push(path);
                }
                continue;
            }
            if path.extension().is_none_or(|extension| extension != "xmp") {
                *self.stems.entry(path.with_extension("")).or_default() += 1;
            }
            files.push(path);
        }
        Ok(files)
    }

    /// Two files of one title or one second may be any two photos.
    fn leave_doubtful(&mut self) {
        for (photo, files) in std::mem::take(&mut self.of) {
            if files.len() == 1 {
                self.of.insert(photo, files);
            } else {
                self.ambiguous.push(Ambiguous {
                    files,
                    photos: vec![photo],
                });
            }
        }
    }
}

/// What may tell a photo, and the photos that it tells.
fn keys<'a>(photos: &'a [PhotoTitle], matching: &Matching) -> HashMap<String, Vec<&'a PhotoId>> {
    let mut keys: HashMap<String, Vec<&PhotoId>> = HashMap::new();
    for photo in photos {
        let key = match matching {
            Matching::Title => title_key(&photo.title),
            Matching::Date => photo.taken.clone().unwrap_or_default(),
            Matching::Id | Matching::Table(_) => photo.photo.to_string(),
        };
        if !key.is_empty() {
            keys.entry(key).or_default().push(&photo.photo);
        }
    }
    keys
}

/// What a file says that a photo may be told by.
fn keys_of(file: &Path, matching: &Matching) -> Vec<String> {
    let text =
        |part: Option<&std::ffi::OsStr>| part.map(|part| part.to_string_lossy().into_owned());
    match matching {
        Matching::Date => taken(file).into_iter().collect(),
        // Flickr makes the title of the name without its extension.
        Matching::Title => [text(file.file_stem()), text(file.file_name())]
            .into_iter()
            .flatten()
            .map(|name| title_key(&name))
            .collect(),
        Matching::Id | Matching::Table(_) => ids_in_name(file),
    }
}

/// A title as it is compared. Flickr gives titles with HTML's entities.
fn title_key(title: &str) -> String {
    let plain = unescape(title).unwrap_or(title.into());
    plain.trim().nfc().collect()
}

/// The second in which a photo was taken, as Flickr writes it: EXIF's DateTimeOriginal.
fn taken(file: &Path) -> Option<String> {
    let mut reader = BufReader::new(fs::File::open(file).ok()?);
    let exif = exif::Reader::new().read_from_container(&mut reader).ok()?;
    let field = exif.get_field(exif::Tag::DateTimeOriginal, exif::In::PRIMARY)?;
    let exif::Value::Ascii(texts) = &field.value else {
        return None;
    };
    let date = exif::DateTime::from_ascii(texts.first()?).ok()?;
    // As in EXIF, but with hyphens.
    Some(date.to_string())
}

/// The ids that a file's name may hold: `ID.jpg`, as `download` names it; `ID_SECRET.jpg`,
/// `ID_SECRET_o.jpg` and `TITLE_ID_o.jpg`, as Flickr does. Digits elsewhere are none.
fn ids_in_name(file: &Path) -> Vec<String> {
    let stem = file.file_stem().and_then(|stem| stem.to_str());
    let stem = stem.unwrap_or_default();
    // Browsers number a second copy.
    let stem = match stem.rsplit_once(" (") {
        Some((start, copy)) if copy.strip_suffix(')').is_some_and(is_number) => start,
        _ => stem,
    };
    let mut parts: Vec<&str> = stem.split('_').collect();
    let size = (parts.last()).is_some_and(|last| parts.len() > 1 && SIZES.contains(last));
    if size {
        parts.pop();
    }
    let ids = match parts.as_slice() {
        [id] => vec![*id],
        [id, secret] if is_secret(secret) && size => vec![*id, *secret],
        [id, secret] if is_secret(secret) => vec![*id],
        [.., id] if size => vec![*id],
        _ => Vec::new(),
    };
    let ids = ids.into_iter().filter(|id| PhotoId::new(id).is_ok());
    ids.map(str::to_owned).collect()
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The secret in the addresses of Flickr's files.
fn is_secret(text: &str) -> bool {
    text.len() == 10 && (text.bytes()).all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_photo(file: &Path) -> bool {
    let extension = file.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| {
        PHOTOS
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    })
}

/// Reads a table of photos and files, with or without a line of headings; files are named from `folder`.
fn read_table(path: &Path, folder: &Path) -> Result<BTreeMap<PhotoId, Vec<PathBuf>>, StepError> {
    let text = fs::read_to_string(path).map_err(FileError::at(path, "cannot read"))?;
    let wrong = |line: u64, problem: String| StepError::Table {
        path: path.to_owned(),
        line,
        problem,
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let (mut photo_column, mut file_column) = (0, 1);
    let mut table: BTreeMap<PhotoId, Vec<PathBuf>> = BTreeMap::new();
    let mut seen: HashMap<PathBuf, PhotoId> = HashMap::new();
    for (number, row) in reader.records().enumerate() {
        let row = row.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            wrong(line, "cannot be read as CSV".to_owned())
        })?;
        let line = row.position().map_or(0, csv::Position::line);
        let column = |names: &[&str]| {
            row.iter()
                .position(|cell| names.iter().any(|name| cell.eq_ignore_ascii_case(name)))
        };
        let headings = column(&["photo", "photo id", "photo_id", "id"]).zip(column(&["file"]));
        if let (0, Some(columns)) = (number, headings) {
            (photo_column, file_column) = columns;
            continue;
        }
        let cell = |column: usize| row.get(column).unwrap_or_default();
        let photo =
            PhotoId::new(cell(photo_column)).map_err(|error| wrong(line, error.to_string()))?;
        let file = match cell(file_column) {
            "" => return Err(wrong(line, format!("photo {photo} has no file beside it"))),
            file => folder.join(file),
        };
        if !is_photo(&file) || !file.is_file() {
            let problem = format!("{}: no JPEG or PNG file is there", file.display());
            return Err(wrong(line, problem));
        }
        match seen.insert(file.clone(), photo.clone()) {
            Some(other) if other != photo => {
                let problem = format!("{} is photo {other} already", file.display());
                return Err(wrong(line, problem));
            }
            Some(_) => {}
            None => table.entry(photo).or_default().push(file),
        }
    }
    Ok(table)
}

#[cfg(test)]
mod tests;

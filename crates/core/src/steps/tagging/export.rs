//! Out of Flickr: the names as XMP in a sidecar beside each photo of a folder, or in the photo itself.
//!
//! A photo `NAME.jpg` gets `NAME.jpg.xmp`: the name that digiKam and darktable give, and that Immich and
//! PhotoPrism look for first. Where there is a sidecar already, under that name or `NAME.xmp`, the names are
//! merged into it: another beside it would hide what that one says.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use serde::{Serialize, Serializer};
use serde_json::json;

use super::{
    super::{StepError, blocking::blocking},
    people::{NameSource, NamedPerson, People},
    photo_files::{Ambiguous, Matching, PhotoFiles},
    placing::{OnPhoto, PlaceError, Placed, place},
    selection::Selection,
    xmp::{DECLARATION, Merged, Rules, Unfit, Wanted, fresh, jpeg::JpegXmp, merge, written_name},
};
use crate::{
    boxed,
    files::{Access, FileError, sweep, write_atomically},
    ids::PhotoId,
    store::{NamedCrop, PhotoTitle, Store, StoreError},
};

/// Largest sidecar that is read: darktable's are the longest, with kilobytes.
const MAX_SIDECAR: u64 = 16 << 20;

/// Where names go, and how photos are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct XmpOptions {
    /// The folder with the photos.
    pub folder: PathBuf,
    /// What tells which photo a file is.
    pub matching: Matching,
    /// Into JPEG files themselves; other photos get sidecars.
    pub embed: bool,
    /// Sidecars for photos that are not in the folder, too.
    pub all: bool,
}

/// How often something was added and taken away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// Added.
    pub added: u64,
    /// Taken away: nothing but what this program had added.
    pub removed: u64,
}

/// Files that are written, and those that say already what they are to say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Written {
    /// New or changed.
    pub written: u64,
    /// As they are to be.
    pub unchanged: u64,
    /// Deleted: sidecars of this program's in which nothing was left.
    pub deleted: u64,
}

/// What became of the names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// Sidecars.
    pub sidecars: Written,
    /// JPEG files that hold names themselves.
    pub photos: Written,
    /// People on photos, as keywords.
    pub names: Changes,
    /// Regions of faces.
    pub regions: Changes,
    /// Names and regions that were added before and that somebody has taken away.
    pub taken_away: u64,
    /// Faces to which somebody has given another name.
    pub named_otherwise: u64,
    /// Names without a region, because no face of the person is known on the photo.
    pub without_face: u64,
    /// Photos with names that are not in the folder.
    pub without_photo: u64,
    /// Photos in the folder that are none of the account's, as far as the matching tells.
    pub unknown: u64,
    /// Files and photos that fit each other in more than one way.
    pub ambiguous: Vec<Ambiguous>,
    /// Files that were left as they are, with the reason.
    #[serde(serialize_with = "as_objects")]
    pub left: Vec<(PathBuf, String)>,
    /// Photos whose file has another shape than the one that was searched: names without regions.
    pub other_shape: Vec<PathBuf>,
    /// Photos whose file cannot be read, with the reason: names without regions.
    #[serde(serialize_with = "as_objects")]
    pub unreadable: Vec<(PathBuf, String)>,
    /// Photos with names inside, by an earlier `--embed`, that are no longer as they are to be.
    pub outdated_inside: Vec<PathBuf>,
    /// People who are marked never to be written.
    pub never_write: u64,
    /// Files that named one of them until now.
    pub withdrawn: Vec<PathBuf>,
    /// Files in which somebody else has named one of them.
    pub still_named: Vec<PathBuf>,
    /// Left-over temporary files that were deleted.
    pub swept: u64,
}

fn as_objects<S: Serializer>(
    files: &[(PathBuf, String)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let objects = files.iter();
    serializer.collect_seq(objects.map(|(file, reason)| json!({"file": file, "reason": reason})))
}

/// Brings the photos of a folder, or their sidecars, to name the people on them.
///
/// # Errors
/// Where names or store cannot be read, where the folder is none, or a file cannot be written.
#[boxed]
pub async fn export_xmp(
    names: &NameSource,
    selection: &Selection,
    store: &Store,
    options: &XmpOptions,
) -> Result<Exported, StepError> {
    let people = People::load(store, names).await?;
    // Photos of a list may not be in the store.
    let in_list = people.all.iter().flat_map(|person| &person.entry.photos);
    let in_list: BTreeSet<PhotoId> = in_list.cloned().collect();
    let people = people.selected(selection)?;
    let mut result = Exported::default();
    let mut on_photos: BTreeMap<PhotoId, OnPhoto> = BTreeMap::new();
    for person in people.iter().filter(|person| person.entry.write) {
        let name = written_name(person.entry.name.as_str());
        if name.is_empty() {
            continue;
        }
        for photo in &person.entry.photos {
            let on = on_photos.entry(photo.clone()).or_default();
            let faces = person.faces_on(photo);
            on.names.insert(name.clone());
            on.without_face += u64::from(faces.is_empty());
            on.faces
                .extend(faces.iter().map(|face| (name.clone(), *face)));
        }
    }
    let rules = rules(&people, selection);
    result.never_write = people.iter().filter(|person| !person.entry.write).count() as u64;
    let mut photos = store.photo_titles().await?;
    let known: BTreeSet<&PhotoId> = photos.iter().map(|photo| &photo.photo).collect();
    let unlisted: Vec<PhotoTitle> = (in_list.into_iter())
        .filter(|photo| !known.contains(photo))
        .map(|photo| PhotoTitle {
            photo,
            title: String::new(),
            uploaded: 0,
            taken: None,
            rotation: None,
        })
        .collect();
    photos.extend(unlisted);
    for photo in &photos {
        if let (Some(on), Some(rotation)) = (on_photos.get_mut(&photo.photo), photo.rotation) {
            on.rotation = Some(rotation);
        }
    }
    let (options, store) = (options.clone(), store.clone());
    let handle = tokio::runtime::Handle::current();
    blocking("writing the names", move || {
        let files = PhotoFiles::find(&options.folder, &photos, &options.matching)?;
        for folder in &files.folders {
            result.swept += sweep(folder)?;
        }
        result.unknown = files.unknown;
        result.ambiguous.clone_from(&files.ambiguous);
        let nobody = OnPhoto::default();
        let pictures = |photo: &PhotoId| handle.block_on(store.named_crops(photo));
        let mut run = Run {
            pictures: &pictures,
            result,
            rules,
            embed: options.embed,
            files: &files,
        };
        for (photo, files) in &files.of {
            let on = on_photos.get(photo).unwrap_or(&nobody);
            run.result.without_face += on.without_face;
            for file in files {
                run.photo(photo, file, on)?;
            }
        }
        for (photo, on) in &on_photos {
            let is_there = files.of.contains_key(photo);
            let alone = files.sidecar_alone.get(photo);
            if is_there || alone.is_some() && !options.all {
                continue;
            }
            run.result.without_photo += 1;
            if options.all && alone.is_none() {
                run.result.without_face += on.without_face;
                let file = options.folder.join(format!("{photo}.jpg"));
                run.sidecar(&file, &on.as_searched(), true)?;
            }
        }
        for (photo, files) in &files.sidecar_alone {
            let on = on_photos.get(photo).unwrap_or(&nobody);
            run.result.without_photo += u64::from(!on.names.is_empty() && !options.all);
            run.result.without_face += on.without_face;
            for file in files {
                run.sidecar(file, &on.as_searched(), false)?;
            }
        }
        Ok::<_, StepError>(run.result)
    })
    .await?
}

/// Whom the run is about, in the names as they are written.
fn rules(people: &[NamedPerson], selection: &Selection) -> Rules {
    let written = |name: &String| written_name(name);
    let name = |person: &NamedPerson| written_name(person.entry.name.as_str());
    let is_only = !selection.only.is_empty();
    // A selected name may be spelt in another case.
    let people_of = |names: &mut dyn Iterator<Item = String>| names.collect::<BTreeSet<_>>();
    Rules {
        people: match is_only {
            true => people_of(&mut people.iter().map(name)),
            false => people_of(&mut selection.except.iter().map(written)),
        },
        is_only,
        never: people_of(&mut people.iter().filter(|person| !person.entry.write).map(name)),
        again: selection.again,
    }
}

struct Run<'a> {
    pictures: &'a dyn Fn(&PhotoId) -> Result<Vec<NamedCrop>, StoreError>,
    result: Exported,
    rules: Rules,
    embed: bool,
    files: &'a PhotoFiles,
}

impl Run<'_> {
    /// A photo that is there.
    fn photo(&mut self, photo: &PhotoId, file: &Path, on: &OnPhoto) -> Result<(), StepError> {
        let wanted = match place(file, on, || (self.pictures)(photo)) {
            Ok(Placed::Regions(wanted)) => wanted,
            Ok(Placed::OtherShape(wanted)) => {
                self.result.other_shape.push(file.to_owned());
                wanted
            }
            Err(PlaceError::Store(error)) => return Err(error.into()),
            Err(PlaceError::File(error)) => {
                self.result
                    .unreadable
                    .push((file.to_owned(), error.to_string()));
                on.without_places()
            }
        };
        let inside = match JpegXmp::read(file) {
            Ok(inside) => inside,
            Err(error) if self.embed => {
                self.leave(file, error.to_string());
                return Ok(());
            }
            Err(_) => None,
        };
        match inside {
            Some(inside) if self.embed => {
                self.embed(file, &inside, &wanted)?;
                self.sidecar(file, &wanted, false)
            }
            Some(inside) => {
                let merged = merge(&inside.texts, &wanted, &self.rules);
                if merged.is_ok_and(|merged| merged.had_ours && merged.texts != inside.texts) {
                    self.result.outdated_inside.push(file.to_owned());
                }
                self.sidecar(file, &wanted, true)
            }
            None => self.sidecar(file, &wanted, true),
        }
    }

    /// The names in a JPEG file.
    fn embed(&mut self, file: &Path, inside: &JpegXmp, wanted: &Wanted) -> Result<(), StepError> {
        let is_new = inside.texts.is_empty();
        if is_new && wanted.names.is_empty() {
            return Ok(());
        }
        let texts = if is_new {
            vec![fresh_with_padding()]
        } else {
            inside.texts.clone()
        };
        let merged = match merge(&texts, wanted, &self.rules) {
            Ok(merged) => merged,
            Err(error) => {
                self.leave(file, error.to_string());
                return Ok(());
            }
        };
        if merged.texts == texts {
            self.result.photos.unchanged += u64::from(merged.had_ours || !wanted.names.is_empty());
            self.count(file, &merged, false);
            return Ok(());
        }
        if is_read_only(file) {
            self.leave(file, "it is read-only".to_owned());
            return Ok(());
        }
        let empty = Vec::new();
        let texts = if merged.is_spent {
            &empty
        } else {
            &merged.texts
        };
        match inside.write(file, texts)? {
            Ok(()) => {
                self.result.photos.written += 1;
                self.count(file, &merged, true);
            }
            Err(Unfit(reason)) => self.leave(file, reason),
        }
        Ok(())
    }

    /// The sidecar of a photo; where `is_made` is unset, only one that holds names of this program's.
    fn sidecar(&mut self, file: &Path, wanted: &Wanted, is_made: bool) -> Result<(), StepError> {
        let long = sidecar_of(file);
        let short = file.with_extension("xmp");
        // A raw file beside the photo has its sidecar under the short name.
        let candidates = [
            Some(&long),
            Some(&short).filter(|_| self.files.is_alone(file)),
        ];
        let mut found = None;
        for path in candidates.into_iter().flatten() {
            match read(path)? {
                Some(Ok(text)) => {
                    found = Some((path, text));
                    break;
                }
                Some(Err(reason)) => {
                    self.leave(path, reason);
                    return Ok(());
                }
                None => {}
            }
        }
        let (path, text, is_new) = match found {
            Some((path, text)) => (path, text, false),
            None if !is_made || wanted.names.is_empty() => return Ok(()),
            None => (&long, format!("{DECLARATION}{}\n", fresh()), true),
        };
        let merged = match merge(std::slice::from_ref(&text), wanted, &self.rules) {
            Ok(merged) => merged,
            Err(error) => {
                if is_made && !wanted.names.is_empty() {
                    self.leave(path, error.to_string());
                }
                return Ok(());
            }
        };
        let has_part = merged.had_ours || is_made && !wanted.names.is_empty();
        if !has_part && merged.still_named.is_empty() {
            return Ok(());
        }
        let new = merged.texts.first().filter(|new| **new != text && has_part);
        let Some(new) = new else {
            self.result.sidecars.unchanged += u64::from(has_part && !is_new);
            self.count(path, &merged, false);
            return Ok(());
        };
        if !is_new && is_read_only(path) {
            self.leave(path, "it is read-only".to_owned());
            return Ok(());
        }
        if merged.is_spent {
            fs::remove_file(path).map_err(FileError::at(path, "cannot delete"))?;
            self.result.sidecars.deleted += 1;
        } else {
            write_atomically(path, new.as_bytes(), Access::New(mode_beside(file)))?;
            self.result.sidecars.written += 1;
        }
        self.count(path, &merged, true);
        Ok(())
    }

    fn leave(&mut self, file: &Path, reason: String) {
        self.result.left.push((file.to_owned(), reason));
    }

    fn count(&mut self, file: &Path, merged: &Merged, is_written: bool) {
        let result = &mut self.result;
        result.taken_away += merged.taken_away;
        result.named_otherwise += merged.named_otherwise;
        if !merged.still_named.is_empty() {
            result.still_named.push(file.to_owned());
        }
        if is_written {
            result.names.added += merged.names_added;
            result.names.removed += merged.names_removed;
            result.regions.added += merged.regions_added;
            result.regions.removed += merged.regions_removed;
            if !merged.withdrawn.is_empty() {
                result.withdrawn.push(file.to_owned());
            }
        }
    }
}

/// With room for programs that edit in place: XMP specification part 1, 7.3.2, wants 2 to 4 KB.
fn fresh_with_padding() -> String {
    let padding = format!("{}\n", " ".repeat(99)).repeat(20);
    fresh().replace("<?xpacket end", &format!("{padding}<?xpacket end"))
}

/// `NAME.jpg` → `NAME.jpg.xmp`.
fn sidecar_of(file: &Path) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(".xmp");
    path.into()
}

/// A sidecar's text, or why it is none.
fn read(path: &Path) -> Result<Option<Result<String, String>>, FileError> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Ok(metadata) if !metadata.is_file() => return Ok(Some(Err("it is no file".to_owned()))),
        Ok(metadata) if metadata.len() > MAX_SIDECAR => {
            return Ok(Some(Err("it is larger than 16 MiB".to_owned())));
        }
        _ => {}
    }
    let bytes = fs::read(path).map_err(FileError::at(path, "cannot read"))?;
    Ok(Some(
        String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned()),
    ))
}

fn is_read_only(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().readonly())
}

/// The mode of a photo, for what is written beside it: whoever sees the photo may know who is on it.
fn mode_beside(file: &Path) -> u32 {
    fs::metadata(file).map_or(0o600, |photo| photo.permissions().mode() & 0o666)
}

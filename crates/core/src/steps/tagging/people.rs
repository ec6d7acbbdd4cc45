//! People with their photos and faces. They are joined here and nowhere else, by the person's id: a
//! name that is corrected keeps its faces.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
};

use super::{
    super::{
        StepError,
        blocking::blocking,
        tags_json::{self, TakenOver},
    },
    geometry::{frame, overlap, rect_on},
    selection::{NameFilter, Selection},
};
use crate::{
    boxed,
    faces::FaceBox,
    flickr::NoteRect,
    ids::{FaceId, PersonId, PhotoId},
    naming::{
        tag_text::clean_tag,
        tags_file::{Person, TagsFile, TagsFileError},
    },
    store::{FlickrWrite, Store, WriteKind, key_of},
};

/// Where the names of a run come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameSource {
    /// The store, after tags.json was taken over into it.
    Store,
    /// A list in the format of tags.json that is not this store's own: used as it is. Neither the list
    /// nor the store changes; people of the store with the same name lend it their faces.
    List(PathBuf),
}

impl NameSource {
    /// Whether anybody has been named: the store knows a name, or `tags_json` is there to bring some.
    ///
    /// # Errors
    /// Where the store cannot be read.
    #[boxed]
    pub async fn is_there(store: &Store, tags_json: &Path) -> Result<bool, StepError> {
        Ok(tags_json.exists() || !store.names().await?.is_empty())
    }

    /// The store's names, after taking over what was changed by hand in `tags_json`.
    ///
    /// # Errors
    /// Where the file is damaged, belongs to another account, or is missing while no one has a name;
    /// where the store cannot be written to. Then neither file nor store was changed.
    #[boxed]
    pub async fn tags_json(
        store: &Store,
        tags_json: &Path,
    ) -> Result<(Self, Option<TakenOver>), StepError> {
        let taken_over = tags_json::take_over(store, tags_json).await?;
        if !Self::is_there(store, tags_json).await? {
            return Err(TagsFileError::Read {
                path: tags_json.to_owned(),
                source: io::ErrorKind::NotFound.into(),
            }
            .into());
        }
        Ok((Self::Store, taken_over))
    }
}

/// Everyone with a name.
pub(super) struct People {
    /// In the order of their names; in that of the file where they come from one.
    pub(super) all: Vec<NamedPerson>,
    /// NSID of the account that the photos are in, where it is known.
    pub(super) account: Option<String>,
}

/// A person, the photos that show them, and their faces there.
#[derive(Debug, Clone)]
pub(super) struct NamedPerson {
    /// As tags.json has it.
    pub(super) entry: Person,
    faces: HashMap<PhotoId, Faces>,
}

/// A person's faces on a photo, from left to right.
#[derive(Debug, Clone, Default)]
struct Faces {
    boxes: Vec<FaceBox>,
    ids: Vec<FaceId>,
}

/// A note with a name on a face.
#[derive(Debug, Clone)]
pub(super) struct NoteOnFace<'a> {
    /// What the journal calls it.
    pub(super) item: String,
    pub(super) text: &'a str,
    pub(super) face: FaceBox,
}

impl NoteOnFace<'_> {
    /// Whether an entry of the journal is this note: by its face; or, as a face that is found again has
    /// another id, and older entries none, by what it says where.
    pub(super) fn is(&self, entry: &FlickrWrite) -> bool {
        entry.kind == WriteKind::Note
            && (entry.item == self.item
                || entry.text == self.text && entry.place.is_none_or(|place| self.is_at(place)))
    }

    /// Whether a place of the medium image is that of the face.
    pub(super) fn is_at(&self, place: NoteRect) -> bool {
        let frame = frame(self.face.image, None);
        overlap(rect_on(self.face.normalized(), frame), place)
    }
}

impl People {
    pub(super) async fn load(store: &Store, source: &NameSource) -> Result<Self, StepError> {
        let mut account = store.account().await?;
        let rows = store.people_with_photos().await?;
        let entries: Vec<(Option<PersonId>, Person)> = match source {
            NameSource::Store => (rows.into_iter())
                .filter_map(|row| Some((Some(row.id), tags_json::entry(row)?)))
                .collect(),
            NameSource::List(path) => {
                let list = read(path).await?;
                tags_json::check_account(store, path, &list).await?;
                account = account.or(list.account);
                let ids: HashMap<String, PersonId> = (rows.iter())
                    .map(|row| (key_of(&row.name), row.id))
                    .collect();
                (list.people.into_iter())
                    .map(|entry| (ids.get(&entry.name.key()).copied(), entry))
                    .collect()
            }
        };
        let mut faces: HashMap<PersonId, HashMap<PhotoId, Faces>> = HashMap::new();
        for face in store.named_faces().await? {
            let photos = faces.entry(face.person).or_default();
            let faces = photos.entry(face.photo).or_default();
            faces.boxes.push(face.face);
            faces.ids.push(face.id);
        }
        let all = entries.into_iter().map(|(id, entry)| NamedPerson {
            faces: id.and_then(|id| faces.remove(&id)).unwrap_or_default(),
            entry,
        });
        Ok(Self {
            all: all.collect(),
            account,
        })
    }

    /// The selected people, those who are never written among them.
    pub(super) fn selected(self, selection: &Selection) -> Result<Vec<NamedPerson>, StepError> {
        let names = self.all.iter().map(|person| person.entry.name.as_str());
        let filter = NameFilter::new(selection, names, "tags.json")?;
        let mut people = self.all;
        people.retain(|person| filter.matches(person.entry.name.as_str()));
        Ok(people)
    }
}

impl NamedPerson {
    /// Their faces on a photo, from left to right.
    pub(super) fn faces_on(&self, photo: &PhotoId) -> &[FaceBox] {
        (self.faces.get(photo)).map_or(&[], |faces| faces.boxes.as_slice())
    }

    /// What a note calls them: the text of their tag; the value of a machine tag.
    pub(super) fn note_text(&self) -> &str {
        let text = self.entry.tag_text();
        let value = text.split_once('=').map(|(_, value)| value.trim());
        match value {
            // Only the clean form of a machine tag keeps its marks.
            Some(value) if clean_tag(text).contains('=') && !value.is_empty() => value,
            _ => text,
        }
    }

    /// The notes that their faces on a photo are to have.
    pub(super) fn notes_on(&self, photo: &PhotoId) -> Vec<NoteOnFace<'_>> {
        let Some(faces) = self.faces.get(photo) else {
            return Vec::new();
        };
        let text = self.note_text();
        (faces.ids.iter().zip(&faces.boxes))
            .map(|(id, face)| NoteOnFace {
                item: format!("{}/{text}", id.as_str()),
                text,
                face: *face,
            })
            .collect()
    }
}

async fn read(path: &Path) -> Result<TagsFile, StepError> {
    let path = path.to_owned();
    Ok(blocking("reading the names", move || TagsFile::read(&path)).await??)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::naming::Name;

    #[test]
    fn notes_say_what_the_tag_says() {
        let cases = [
            (None, "Ada Lovelace"),
            (Some("Ada at home"), "Ada at home"),
            (Some("people:name=Ada L."), "Ada L."),
            (Some("people:name=???"), "???"),
            (Some("a=b"), "a=b"),
        ];
        for (tag, text) in cases {
            let person = NamedPerson {
                entry: Person {
                    name: Name::new("Ada Lovelace").unwrap(),
                    tag: tag.map(|tag| Name::new(tag).unwrap()),
                    write: true,
                    nsid: None,
                    photos: Default::default(),
                },
                faces: HashMap::new(),
            };
            assert_eq!(person.note_text(), text);
        }
    }
}

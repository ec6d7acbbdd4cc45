//! tags.json, written from the store.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::StepError;
use crate::{
    files::FileError,
    naming::{
        Name, PhotoId,
        tags_file::{Person, TagsFile},
    },
    store::Store,
};

/// Where tags.json was written, and what became of changes made by hand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Saved {
    /// A copy of the file as somebody had changed it since it was last written.
    pub edited_copy: Option<PathBuf>,
}

/// SHA-256 of tags.json as it was last written, to see whether somebody changed it since.
const TAGS_WRITTEN: &str = "tags_json_sha256";

/// Writes every name with its photos to tags.json.
///
/// # Errors
/// Where the store cannot be read or the file cannot be written.
pub async fn save(store: &Store, path: &Path) -> Result<Saved, StepError> {
    let mut file = TagsFile::new(store.account().await?);
    for person in store.people_with_photos().await? {
        // A name that an older program let through would be shown, not lost: the store has it.
        let Ok(name) = Name::new(&person.name) else {
            tracing::warn!(
                "the name {:?} cannot be a tag: left out of tags.json",
                person.name
            );
            continue;
        };
        file.people.push(Person {
            name,
            tag: person.tag.as_deref().and_then(|tag| Name::new(tag).ok()),
            write: !person.never_write,
            nsid: person.nsid,
            photos: person
                .photos
                .iter()
                .filter_map(|photo| PhotoId::new(photo).ok())
                .collect(),
        });
    }
    let last = store.fact(TAGS_WRITTEN).await?;
    let path = path.to_owned();
    let writing = tokio::task::spawn_blocking(move || {
        let edited_copy = keep_edits(&path, last.as_deref())?;
        file.write(&path)?;
        Ok::<_, StepError>((edited_copy, hash_of(&path)?))
    });
    let (edited_copy, hash) = writing
        .await
        .map_err(|_| StepError::BrokeOff("writing tags.json"))??;
    if let Some(hash) = hash {
        store.set_fact(TAGS_WRITTEN, &hash).await?;
    }
    Ok(Saved { edited_copy })
}

/// Copies the file aside where it is not as it was last written, so that nobody's changes are lost.
fn keep_edits(path: &Path, last: Option<&str>) -> Result<Option<PathBuf>, StepError> {
    let found = hash_of(path)?;
    if found.is_none() || found.as_deref() == last {
        return Ok(None);
    }
    let copy = (1..)
        .map(|number| path.with_extension(format!("edited-{number}.json")))
        .find(|copy| !copy.exists());
    let Some(copy) = copy else { return Ok(None) };
    std::fs::copy(path, &copy).map_err(FileError::at(&copy, "cannot write"))?;
    Ok(Some(copy))
}

fn hash_of(path: &Path) -> Result<Option<String>, FileError> {
    match std::fs::read(path) {
        Ok(bytes) => {
            let hash = Sha256::digest(&bytes);
            Ok(Some(
                hash.iter().map(|byte| format!("{byte:02x}")).collect(),
            ))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(FileError::at(path, "cannot read")(error)),
    }
}

//! What of the store is in tags.json.

use std::path::Path;

use crate::{
    naming::{
        Name,
        tags_file::{Person, TagsFile},
    },
    steps::StepError,
    store::{PersonPhotos, Store},
};

/// tags.json as the store has it; `account` is kept where the store does not know its own.
pub(super) async fn content(store: &Store, account: Option<String>) -> Result<TagsFile, StepError> {
    let mut file = TagsFile::new(store.account().await?.or(account));
    for row in store.people_with_photos().await? {
        let name = row.name.clone();
        match entry(row) {
            Some(person) => file.people.push(person),
            None => {
                tracing::warn!("the name {name:?} cannot be a tag and is not written to tags.json")
            }
        }
    }
    Ok(file)
}

/// A person of the store as tags.json has them; `None` where an older program let a name through that
/// cannot be one.
pub(in crate::steps) fn entry(row: PersonPhotos) -> Option<Person> {
    Some(Person {
        name: Name::new(&row.name).ok()?,
        tag: row.tag.as_deref().and_then(|tag| Name::new(tag).ok()),
        write: !row.never_write,
        nsid: row.nsid,
        photos: row.photos.into_iter().collect(),
    })
}

/// Checks that a file is of the account that the store is of, where both say.
pub(in crate::steps) async fn check_account(
    store: &Store,
    path: &Path,
    file: &TagsFile,
) -> Result<(), StepError> {
    match (&file.account, store.account().await?) {
        (Some(found), Some(expected)) if *found != expected => Err(StepError::TagsOfOtherAccount {
            path: path.to_owned(),
            found: found.clone(),
            store: store.name().to_owned(),
            expected,
        }),
        _ => Ok(()),
    }
}

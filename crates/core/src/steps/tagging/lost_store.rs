//! A store that was lost takes with it which tags on Flickr are ours. A new, empty one beside the tags.json of the
//! old knows of none: it would take nothing away, and call that whole.

use std::path::Path;

use super::super::{StepError, tags_json::had_another_store};
use crate::boxed;
use crate::store::Store;

/// That the store knows what was written to Flickr, as far as that can be told.
///
/// # Errors
/// [`StepError::LostStore`] where tags.json was written from another store and this one has no journal of tags;
/// those of the store and of files.
#[boxed]
pub async fn knows_writes(store: &Store, tags: &Path) -> Result<(), StepError> {
    if store.has_flickr_writes().await? || !had_another_store(store, tags).await? {
        return Ok(());
    }
    Err(StepError::LostStore {
        store: store.name().to_owned(),
        tags: tags.to_owned(),
    })
}

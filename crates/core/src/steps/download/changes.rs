//! What has changed in the account since the last listing: photos that were replaced, turned, given another title or
//! other tags.
//!
//! Who may see a photo is not kept: `tag-photos` asks Flickr before each write.

use super::lister::Lister;
use crate::{
    flickr::{By, Look, Span},
    steps::StepError,
};

/// Stores what was added or changed since a second since 1970.
pub(super) async fn list(lister: &Lister, since: u64) -> Result<(), StepError> {
    let span = Span::since(since);
    let page_size = lister.job.settings.page_size;
    let mut look = Look::new(lister.job.flickr.clone(), By::Change, span, page_size);
    loop {
        let mut page = match lister.outage.passed(look.next_page().await).await? {
            None => continue,
            Some(None) => return Ok(()),
            Some(Some(page)) => page,
        };
        for photo in &mut page.photos {
            // Not in the order of their upload: no other photo says when this one was.
            if !photo.has_date() {
                photo.upload_date = lister.job.store.upload_date(&photo.id).await?;
            }
        }
        // What is new and has no date is found by comparing the counts.
        page.photos.retain(|photo| photo.upload_date.is_some());
        lister.add(&page.photos, None).await?;
    }
}

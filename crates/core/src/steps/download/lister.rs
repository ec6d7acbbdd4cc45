//! Photos of a listing, from whichever method, into the store.

use std::sync::Arc;

use tokio::sync::watch;

use super::{counters::Counters, job::Download, list::State};
use crate::{
    flickr::{Media, Outage, replies, sizes},
    steps::StepError,
    store::{ListedImage, ListedPhoto},
};

/// What the parts of the listing share.
pub(super) struct Lister {
    pub job: Download,
    pub counters: Arc<Counters>,
    pub state: watch::Sender<State>,
    /// Of the calls that list.
    pub outage: Outage,
}

impl Lister {
    /// Stores the photos of a page, all or none, and lets the fetchers know. Videos are left out. `total` is what
    /// Flickr says that there are in the account.
    pub(super) async fn add(
        &self,
        photos: &[replies::ListedPhoto],
        total: Option<u64>,
    ) -> Result<(), StepError> {
        let max_size = self.job.settings.processing.max_size;
        let photos: Vec<_> = photos
            .iter()
            .filter(|photo| photo.media == Media::Photo)
            .map(|photo| chosen(photo, max_size))
            .collect();
        let new = self.job.store.add_listed(&photos).await?;
        self.counters.listed(new, total);
        // Fetchers that found nothing to claim look again.
        self.state.send_modify(|_| ());
        Ok(())
    }
}

fn chosen(photo: &replies::ListedPhoto, max_size: u32) -> ListedPhoto {
    let format = photo.original_format.as_deref();
    let image = if photo.needs_get_sizes(max_size) {
        None
    } else {
        sizes::choose(&photo.sizes, format, max_size).map(image_of)
    };
    ListedPhoto {
        id: photo.id.clone(),
        uploaded: i64::try_from(photo.upload_date.unwrap_or(0)).unwrap_or(i64::MAX),
        title: photo.title.clone(),
        tags: photo.tags.clone(),
        taken: photo.taken.clone(),
        rotation: photo.rotation,
        image,
    }
}

/// What is kept of a size.
pub(super) fn image_of(size: &sizes::PhotoSize) -> ListedImage {
    ListedImage {
        url: size.url.to_string(),
        width: size.width,
        height: size.height,
    }
}

//! Photos of a listing, from whichever method, into the store.

use std::sync::Arc;

use tokio::sync::watch;

use super::{counters::Counters, job::Download, state::State};
use crate::{
    flickr::{Media, Outage, replies, sizes},
    photo::places,
    steps::StepError,
    store::{ListedImage, ListedPhoto, Picture},
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
        let sizes = photos;
        let photos: Vec<_> = photos
            .iter()
            .filter(|photo| photo.media == Media::Photo)
            .map(|photo| chosen(photo, max_size))
            .collect();
        self.forget_old_files(&photos).await?;
        let new = self.job.store.add_listed(&photos).await?;
        self.counters.listed(new, total, sizes);
        // Fetchers that found nothing to claim look again.
        self.state.send_modify(|_| ());
        Ok(())
    }

    /// Deletes the files of photos that have another picture by now, before the list has it: one that is there would be
    /// taken for the new one's.
    async fn forget_old_files(&self, photos: &[ListedPhoto]) -> Result<(), StepError> {
        let ids: Vec<_> = photos.iter().map(|photo| photo.id.clone()).collect();
        let known = self.job.store.pictures(&ids).await?;
        for photo in photos {
            let Some(before) = known.get(&photo.id) else {
                continue;
            };
            if !has_changed(before, photo) {
                continue;
            }
            tracing::info!("photo {}: replaced or turned on Flickr", photo.id);
            for file in places(&self.job.settings.photos, &photo.id) {
                tokio::fs::remove_file(file).await.ok();
            }
        }
        Ok(())
    }
}

/// Whether a photo has another picture than `before`, as far as Flickr said both times.
fn has_changed(before: &Picture, photo: &ListedPhoto) -> bool {
    let other_secret = before.secret.as_ref().zip(photo.secret.as_ref());
    let other_rotation = before.rotation.zip(photo.rotation.map(i64::from));
    other_secret.is_some_and(|(before, now)| before != now)
        || other_rotation.is_some_and(|(before, now)| before != now)
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
        secret: photo.secret.clone(),
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

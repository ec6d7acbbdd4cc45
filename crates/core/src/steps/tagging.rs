//! Names → tags on Flickr: the step behind `tag-photos`.
//!
//! First a [`Plan`]: which tags each photo lacks, by Flickr's own clean form. Then one call per
//! photo, journalled in the store before and after, so that a stopped run goes on and a call whose
//! answer was lost is looked up, never repeated blindly.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
    time::Instant,
};

use super::{StepError, Stop, clock};
use crate::{
    flickr::{self, Flickr, Listing, ListingOptions},
    naming::{tag_text::clean_tag, tags_file::TagsFile},
    progress::{Progress, TagProgress},
    store::{Store, StoreError, TagState, TagWrite},
};

/// What is to be written, photo by photo.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Photos that lack a tag, in the order of their ids.
    pub photos: Vec<PhotoPlan>,
    /// Tags that are on their photo already, as the journal will keep them.
    pub present: Vec<TagWrite>,
    /// Tags that we added in an earlier run.
    pub added_before: u64,
    /// Photos in tags.json that the account does not have.
    pub missing: Vec<String>,
}

/// The tags that one photo lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhotoPlan {
    /// Flickr's photo id.
    pub photo: String,
    /// The tags to add, as they will be written.
    pub tags: Vec<String>,
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// Tags added.
    pub added: u64,
    /// Tags that were there already.
    pub present: u64,
    /// Photos that failed, with the reason.
    pub failed: Vec<(String, String)>,
    /// Photos in tags.json that the account does not have.
    pub missing: Vec<String>,
    /// Photos left, where the run was stopped.
    pub left: u64,
    /// API calls used since the program began, the sign-in and the plan included.
    pub calls: u64,
    /// Seconds the run took.
    pub seconds: f64,
    /// Whether it was stopped before its end.
    pub stopped: bool,
}

impl Plan {
    /// Tags to add, over all photos.
    pub fn tags(&self) -> u64 {
        self.photos
            .iter()
            .map(|photo| photo.tags.len() as u64)
            .sum()
    }

    /// Reads tags.json and the account's tags, and says what is lacking.
    ///
    /// The tags are read with the listing, 500 photos a call, or photo by photo where that takes
    /// fewer calls.
    ///
    /// # Errors
    /// Where tags.json is damaged or another account's, or Flickr cannot be read.
    pub async fn make(
        file: &Path,
        store: &Store,
        flickr: &Flickr,
        progress: &dyn Progress,
    ) -> Result<Self, StepError> {
        let path = file.to_owned();
        let read = tokio::task::spawn_blocking(move || TagsFile::read(&path));
        let tags = read
            .await
            .map_err(|_| StepError::BrokeOff("reading tags.json"))??;
        if let Some(account) = tags.account.as_ref().filter(|nsid| *nsid != flickr.nsid()) {
            return Err(StepError::OtherAccount {
                path: file.to_owned(),
                found: account.clone(),
                expected: flickr.nsid().to_owned(),
            });
        }
        let mut wanted: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for person in &tags.people {
            for photo in &person.photos {
                wanted
                    .entry(photo.to_string())
                    .or_default()
                    .push(person.tag_text().to_owned());
            }
        }
        let (mut journal, mut begun) = (BTreeSet::new(), BTreeSet::new());
        for write in store.tag_writes().await? {
            match write.state {
                TagState::Added => drop(journal.insert((write.photo, write.key))),
                TagState::Begun => drop(begun.insert((write.photo, write.key))),
                TagState::Present | TagState::Failed => {}
            }
        }
        let mut plan = Self::default();
        let mut undone: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (photo, texts) in wanted {
            let mut keys = BTreeSet::new();
            for text in texts {
                let key = clean_tag(&text);
                if journal.contains(&(photo.clone(), key.clone())) {
                    plan.added_before += 1;
                } else if keys.insert(key) {
                    undone.entry(photo.clone()).or_default().push(text);
                }
            }
        }
        if !undone.is_empty() {
            progress.busy("reading the tags that are on Flickr already");
        }
        let existing = existing_tags(flickr, store, undone.keys()).await?;
        for (photo, texts) in undone {
            let Some(there) = existing.get(&photo) else {
                plan.missing.push(photo);
                continue;
            };
            let (present, lacking): (Vec<_>, Vec<_>) = texts
                .into_iter()
                .partition(|text| there.contains(&clean_tag(text)));
            plan.present.extend(present.iter().map(|text| {
                // A call whose answer was lost had been made after all: the tag is ours.
                let ours = begun.contains(&(photo.clone(), clean_tag(text)));
                let state = if ours {
                    TagState::Added
                } else {
                    TagState::Present
                };
                entry(&photo, text, state)
            }));
            if !lacking.is_empty() {
                plan.photos.push(PhotoPlan {
                    photo,
                    tags: lacking,
                });
            }
        }
        Ok(plan)
    }

    /// Adds what is lacking: one call per photo.
    ///
    /// # Errors
    /// What concerns the whole run: sign-in, store, Flickr not answering. What concerns one photo is
    /// in the summary.
    pub async fn carry_out(
        &self,
        store: &Store,
        flickr: &Flickr,
        progress: &Arc<dyn Progress>,
        stop: Stop,
    ) -> Result<Summary, StepError> {
        let begun = Instant::now();
        let mut done = TagProgress {
            photos: self.photos.len() as u64,
            ..TagProgress::default()
        };
        let mut summary = Summary {
            present: self.present.len() as u64 + self.added_before,
            missing: self.missing.clone(),
            ..Summary::default()
        };
        store.record_tags(&self.present, clock::now()).await?;
        for photo in &self.photos {
            progress.tags(&done);
            if stop.is_asked() {
                summary.stopped = true;
                break;
            }
            match add(store, flickr, photo).await? {
                Added::Tags(tags) => done.added += tags,
                Added::Refused(reason) => {
                    done.failed += 1;
                    tracing::warn!("photo {}: {reason}", photo.photo);
                    summary.failed.push((photo.photo.clone(), reason));
                }
            }
            done.done += 1;
        }
        progress.tags(&done);
        summary.added = done.added;
        summary.left = done.photos - done.done;
        summary.calls = flickr.door().calls();
        summary.seconds = begun.elapsed().as_secs_f64();
        Ok(summary)
    }
}

/// The clean tags of each of these photos that the account has.
async fn existing_tags(
    flickr: &Flickr,
    store: &Store,
    photos: impl ExactSizeIterator<Item = &String>,
) -> Result<BTreeMap<String, BTreeSet<String>>, StepError> {
    let pages = store.counts().await?.photos.div_ceil(500);
    let mut found = BTreeMap::new();
    if photos.len() == 0 {
        return Ok(found);
    }
    // A short list costs a call a photo, a long one a call per 500 photos of the account.
    if (photos.len() as u64) <= pages {
        for photo in photos {
            match flickr.tags_get_list_photo(photo).await {
                Ok(tags) => {
                    let clean = tags.into_iter().map(|tag| tag.clean).collect();
                    found.insert(photo.clone(), clean);
                }
                Err(flickr::Error::Api { code: 1, .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        return Ok(found);
    }
    let mut listing = Listing::new(flickr.clone(), ListingOptions::default());
    while let Some(page) = listing.next_page().await? {
        for photo in page.photos {
            found.insert(photo.id, photo.tags.into_iter().collect());
        }
    }
    Ok(found)
}

/// What became of one photo.
enum Added {
    Tags(u64),
    Refused(String),
}

/// How often a call is made whose answer was lost and that, looked up, had not been carried out.
const TRIES: u32 = 3;

async fn add(store: &Store, flickr: &Flickr, plan: &PhotoPlan) -> Result<Added, StepError> {
    let photo = &plan.photo;
    record(store, plan, TagState::Begun, &[], None).await?;
    let mut tries = 0;
    let refused = loop {
        tries += 1;
        let lost = match flickr.photos_add_tags(photo, &plan.tags).await {
            Ok(tags) => {
                let tags = tags.unwrap_or_default();
                record(store, plan, TagState::Added, &tags, None).await?;
                return Ok(Added::Tags(plan.tags.len() as u64));
            }
            Err(flickr::Error::AnswerLost { why, .. }) => why,
            Err(error) if error.is_about_one_photo() => break error.to_string(),
            Err(error) => return Err(error.into()),
        };
        // It may have been done: look before doing it again.
        let tags = flickr.tags_get_list_photo(photo).await?;
        let there: BTreeSet<_> = tags.iter().map(|tag| tag.clean.clone()).collect();
        if plan.tags.iter().all(|tag| there.contains(&clean_tag(tag))) {
            record(store, plan, TagState::Added, &tags, None).await?;
            return Ok(Added::Tags(plan.tags.len() as u64));
        }
        if tries == TRIES {
            break format!("Flickr's answer was lost {TRIES} times ({lost}); the tag is not there");
        }
    };
    record(store, plan, TagState::Failed, &[], Some(&refused)).await?;
    Ok(Added::Refused(refused))
}

async fn record(
    store: &Store,
    plan: &PhotoPlan,
    state: TagState,
    tags: &[flickr::replies::Tag],
    error: Option<&str>,
) -> Result<(), StoreError> {
    let entries: Vec<_> = plan
        .tags
        .iter()
        .map(|text| {
            let tag = tags
                .iter()
                .find(|tag| clean_tag(&tag.raw) == clean_tag(text));
            TagWrite {
                flickr_id: tag
                    .map(|tag| tag.full_id.clone())
                    .filter(|id| !id.is_empty()),
                error: error.map(str::to_owned),
                ..entry(&plan.photo, text, state)
            }
        })
        .collect();
    store.record_tags(&entries, clock::now()).await
}

fn entry(photo: &str, tag: &str, state: TagState) -> TagWrite {
    TagWrite {
        photo: photo.to_owned(),
        tag: tag.to_owned(),
        key: clean_tag(tag),
        state,
        flickr_id: None,
        error: None,
    }
}

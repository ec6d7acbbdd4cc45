//! The photos of the account, by id.
//!
//! `folder` and `generate` fill it; `images` draws the pictures.

pub(crate) mod folder;
pub(crate) mod generate;

use std::collections::BTreeMap;
use std::time::Instant;

use crate::annotations::Annotations;
use crate::photo::{NewPhoto, Photo, PhotoInfo};
use crate::picture::Picture;
use crate::tags::{self, CleanRule};

/// Upload date of the first photo, in unix seconds.
pub(crate) const FIRST_UPLOAD: u64 = 1_600_000_000;
/// Id of the first photo.
const FIRST_ID: u64 = 53_000_000_001;
/// Distance between ids: other people upload as well.
const ID_STEP: u64 = 7;

/// All photos, by id.
#[derive(Debug, Default)]
pub(crate) struct Library {
    pub(crate) photos: BTreeMap<u64, Photo>,
    added: u64,
    rule: CleanRule,
}

impl Library {
    /// Adds a photo with this picture; returns its id.
    pub(crate) fn add(&mut self, new: NewPhoto, picture: Picture) -> u64 {
        let id = FIRST_ID + self.added * ID_STEP;
        self.added += 1;
        let uploaded = new.uploaded.unwrap_or_else(|| {
            let latest = self.photos.values().map(|photo| photo.uploaded).max();
            latest.map_or(FIRST_UPLOAD, |at| at.saturating_add(60))
        });
        let mut photo = Photo {
            id,
            visibility: new.visibility(),
            title: new.title.unwrap_or_else(|| id.to_string()),
            description: new.description,
            media: new.media,
            foreign: new.foreign,
            can_download: !new.no_download,
            album: new.album,
            uploaded,
            added: Instant::now(),
            updated: uploaded,
            tags: Vec::new(),
            notes: Vec::new(),
            people: Vec::new(),
            picture,
            replaced: 0,
            remade: 0,
            past: Vec::new(),
        };
        tags::add(&mut photo.tags, &new.tags, usize::MAX, self.rule);
        photo.remember();
        self.photos.insert(id, photo);
        id
    }

    /// Makes the clean forms of all tags anew by this rule.
    pub(crate) fn set_rule(&mut self, rule: CleanRule) {
        self.rule = rule;
        for photo in self.photos.values_mut() {
            for tag in &mut photo.tags {
                tag.clean = rule.clean(&tag.raw);
            }
            photo.past.clear();
            photo.remember();
        }
    }

    /// The photo with this id, as replies and calls write it.
    pub(crate) fn get(&self, id: &str) -> Option<&Photo> {
        self.photos.get(&id.parse().ok()?)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Photo> {
        self.photos.get_mut(&id.parse().ok()?)
    }

    /// Removes a photo; false if there is none with this id.
    pub(crate) fn remove(&mut self, id: &str) -> bool {
        id.parse()
            .is_ok_and(|id: u64| self.photos.remove(&id).is_some())
    }

    /// The first photo in which `find` finds something, and what it found.
    pub(crate) fn find_mut<T>(
        &mut self,
        find: impl Fn(&Photo) -> Option<T>,
    ) -> Option<(&mut Photo, T)> {
        self.photos.values_mut().find_map(|photo| {
            let found = find(photo)?;
            Some((photo, found))
        })
    }

    pub(crate) fn infos(&self) -> Vec<PhotoInfo> {
        self.photos.values().map(Photo::info).collect()
    }

    pub(crate) fn annotations(&self) -> BTreeMap<String, Annotations> {
        let photos = self.photos.values();
        photos
            .map(|photo| (photo.id.to_string(), photo.annotations()))
            .collect()
    }
}

//! Behaviour of Flickr that differs from year to year or from photo to photo.
//! A test can turn each on.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::tags::CleanRule;

/// How numbers are written in JSON replies; Flickr has done all three.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberStyle {
    /// `"total":30` (seen from 2023 on).
    #[default]
    Numbers,
    /// `"total":"30"` (seen until 2020).
    Strings,
    /// Every second number is a string (seen in 2014).
    Mixed,
}

/// Switches for behaviour that a client has to cope with.
///
/// The default is the Flickr of the latest recordings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quirks {
    /// How numbers are written in JSON.
    pub numbers: NumberStyle,
    /// Letters of sizes (`"l"`, `"k"`, ...) that do not exist for any photo.
    pub withheld_sizes: BTreeSet<String>,
    /// Letters of sizes whose `url_*` is absent from listings although
    /// `flickr.photos.getSizes` has them; `"*"` stands for all.
    pub unlisted_sizes: BTreeSet<String>,
    /// What `dateupload` is in listings instead of a date, in turn: `""`,
    /// `"0"`, a word, a negative number, null.
    pub odd_dates: Vec<Value>,
    /// `withheld_sizes`, `unlisted_sizes` and `odd_dates` affect every n-th
    /// photo only; 1 is every photo.
    pub every: u64,
    /// A size label next above the original is listed at the original's own
    /// width and height where the original has at least 92 % of it.
    pub near_labels: bool,
    /// Every page after the first begins with the last row of the page before,
    /// as when photos arrive while a client reads pages.
    pub overlapping_pages: bool,
    /// Photos of the same second are in another order on each call.
    pub changing_ties: bool,
    /// A photo is found by `flickr.photos.search` only once the library has
    /// had it for so many milliseconds.
    pub index_lag_ms: u64,
    /// The same goes for `flickr.people.getPhotos`.
    pub index_lag_everywhere: bool,
    /// What `flickr.people.getInfo` says how many photos there are, instead of
    /// how many there are.
    pub odd_count: Option<Value>,
    /// Failures in JSON are sent as `text/plain`.
    pub plain_text_failures: bool,
    /// A comma separates tags, spaces do not.
    pub comma_tags: bool,
    /// How a tag's clean form is made; the tags of all photos follow it.
    pub clean: CleanRule,
    /// Reads of one photo show tags, notes, people and visibility as they were
    /// this many milliseconds ago: another server has not heard yet.
    pub lag_ms: u64,
    /// The same for listings, which come from a search index.
    pub listing_lag_ms: u64,
    /// Answers of the API are compressed for clients that take it.
    pub gzip: bool,
    /// An `http:` callback is rewritten to `https:`, as Flickr did from 2019
    /// to 2023.
    pub https_callbacks: bool,
    /// Plain http is refused with status 403 and code 95.
    pub ssl_required: bool,
    /// Tags a photo can have.
    pub max_tags: usize,
    /// Notes a photo can have.
    pub max_notes: usize,
    /// People a photo can have.
    pub max_people: usize,
    /// `addTags` answers without the tags, as its documentation says.
    pub bare_tag_replies: bool,
    /// Listings come without any photo's tags: Flickr's search index lags
    /// behind.
    pub stale_tags: bool,
    /// Rows that `flickr.photos.search` can reach.
    pub search_cap: usize,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            numbers: NumberStyle::Numbers,
            withheld_sizes: BTreeSet::new(),
            unlisted_sizes: BTreeSet::new(),
            odd_dates: Vec::new(),
            every: 1,
            near_labels: true,
            overlapping_pages: false,
            changing_ties: false,
            index_lag_ms: 0,
            index_lag_everywhere: false,
            odd_count: None,
            plain_text_failures: false,
            comma_tags: false,
            clean: CleanRule::Alphanumeric,
            lag_ms: 0,
            listing_lag_ms: 0,
            gzip: true,
            https_callbacks: false,
            ssl_required: false,
            max_tags: 75,
            max_notes: 100,
            max_people: 50,
            bare_tag_replies: false,
            stale_tags: false,
            search_cap: 4_000,
        }
    }
}

impl Quirks {
    /// Whether the photo does not have the size at all.
    pub(crate) fn withholds(&self, photo: u64, letter: &str) -> bool {
        self.affects(photo) && self.withheld_sizes.contains(letter)
    }

    /// Whether listings leave the size's `url_*` out.
    pub(crate) fn hides(&self, photo: u64, letter: &str) -> bool {
        self.affects(photo)
            && (self.unlisted_sizes.contains("*") || self.unlisted_sizes.contains(letter))
    }

    /// `dateupload` of the photo with this id.
    pub(crate) fn upload_date(&self, photo: u64, uploaded: u64) -> Value {
        let date = Value::from(uploaded.to_string());
        let turn = photo / self.every.max(1);
        let mut odd = self.odd_dates.iter().cycle();
        match self.odd_dates.len() as u64 {
            0 => date,
            _ if !self.affects(photo) => date,
            kinds => odd.nth((turn % kinds) as usize).cloned().unwrap_or(date),
        }
    }

    /// Whether the search index has a photo that was added then.
    pub(crate) fn has_indexed(&self, added: Instant) -> bool {
        added.elapsed() >= Duration::from_millis(self.index_lag_ms)
    }

    fn affects(&self, photo: u64) -> bool {
        photo.is_multiple_of(self.every.max(1))
    }
}

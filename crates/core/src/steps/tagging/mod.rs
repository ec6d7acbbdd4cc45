//! Names → Flickr: the step behind `tag-photos`.
//!
//! | file | does |
//! |---|---|
//! | `wanted` | tags.json, and whom of it a run is about |
//! | `account` | what the photos have on Flickr now |
//! | `plan`, `maker` | what each photo lacks, and why others are left out; writes nothing |
//! | `apply`, `tags`, `notes`, `members` | carries a plan out, one photo after the other |
//! | `undo`, `take` | takes away what an earlier run has added |
//! | `verify` | compares journal and names with the account |
//! | `place` | from a face's box to the frames of notes and sidecars |
//! | `xmp`, `sidecars`, `csv` | out of Flickr: sidecars beside photos, a table |
//!
//! Every write is journalled in the store before and after its call, so that a stopped run goes on
//! and a call whose answer was lost is looked up, never repeated blindly.

mod account;
mod apply;
mod csv;
mod journal;
mod maker;
mod members;
mod notes;
mod place;
mod plan;
mod sidecars;
mod tags;
mod take;
mod undo;
mod verify;
mod wanted;
mod xmp;

use std::path::Path;

pub use self::{
    apply::Summary,
    csv::{Table, write_csv},
    plan::{Extra, PersonPlan, PhotoPlan, Plan, Planned, Skip, Spot},
    sidecars::{Sidecars, write_sidecars},
    undo::{Undo, Undone, tags_now},
    verify::{Differs, Verified},
};
use crate::config::WriteTo;

/// Tags that Flickr lets a photo have, as it announced in 2007.
pub const MAX_TAGS: usize = 75;

/// Whom and what a run is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// Only these people; everybody where it is empty.
    pub only: Vec<String>,
    /// Not these people.
    pub except: Vec<String>,
    /// At most so many photos are written to.
    pub limit: Option<usize>,
    /// Write again what somebody took away on Flickr.
    pub again: bool,
    /// Notes with the name on each face, too.
    pub notes: bool,
    /// People who are members of Flickr, too.
    pub members: bool,
}

/// What is asked of a run.
#[derive(Debug, Clone)]
pub struct Wish<'a> {
    /// tags.json.
    pub file: &'a Path,
    /// Which photos may get names.
    pub write_to: WriteTo,
    /// Tags that a photo can have.
    pub max_tags: usize,
    /// Whom and what it is about.
    pub choice: &'a Choice,
}

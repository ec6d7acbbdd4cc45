//! Names → Flickr: the step behind `tag-photos`.
//!
//! | file | does |
//! |---|---|
//! | `people`, `selection` | people with their photos and faces, and which of them a run is about |
//! | `account` | what photos have on Flickr now |
//! | `plan`, `planner`, `photo_planner` | what each photo lacks, and why others are skipped; writes nothing |
//! | `apply`, `write`, `tags`, `annotations` | carries a plan out, one photo at a time |
//! | `looks`, `tag_forms` | what on a photo is ours; what Flickr makes of texts |
//! | `undo`, `remove` | removes what an earlier run added |
//! | `verify` | compares journal and names with the account |
//! | `journal` | what was written, by photo |
//! | `geometry` | from a face's box to note and sidecar regions |
//! | `xmp`, `sidecars`, `csv` | out of Flickr: sidecars beside photos, a table |
//!
//! Every write is journalled in the store before and after its call, so that an interrupted run
//! continues where it was, and a call whose answer was lost is looked up, never repeated blindly.

mod account;
mod annotations;
mod apply;
mod csv;
mod geometry;
mod journal;
mod looks;
mod people;
mod photo_planner;
mod plan;
mod planner;
mod remove;
mod selection;
mod sidecars;
mod tag_forms;
mod tags;
mod undo;
mod verify;
mod write;
mod xmp;

pub use self::{
    apply::Summary,
    csv::{Table, write_csv},
    journal::{Failure, RunEnd, WriteCounts},
    people::NameSource,
    plan::{NoteCounts, PersonPlan, PhotoPlan, Plan, PlannedWrite, Skip, SkippedPhoto, TagOptions},
    selection::Selection,
    sidecars::{Sidecars, write_sidecars},
    undo::{Undo, Undone},
    verify::{Difference, Verified},
};

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
//! | `overview` | plans as they are shown: by person, and exceptions by kind |
//! | `journal` | what was written, by photo |
//! | `geometry` | from a face's box to note and sidecar regions |
//! | `export`, `photo_files`, `placing`, `xmp` | out of Flickr: names into photos of a folder, or beside them |
//! | `csv` | out of Flickr: a table |
//!
//! Every write is journalled in the store before and after its call, so that an interrupted run
//! continues where it was, and a call whose answer was lost is looked up, never repeated blindly.

mod account;
mod annotations;
mod apply;
mod csv;
mod export;
mod geometry;
mod journal;
mod looks;
mod lost_store;
mod overview;
mod people;
mod photo_files;
mod photo_planner;
mod placing;
mod plan;
mod planner;
mod remove;
mod selection;
mod tag_forms;
mod tags;
mod undo;
mod verify;
mod write;
mod xmp;

pub use self::{
    apply::Summary,
    csv::{Table, write_csv},
    export::{Changes, Exported, Written, XmpOptions, export_xmp},
    journal::{Failure, RunEnd, WriteCounts},
    lost_store::knows_writes,
    overview::{About, Exception, Exceptions, UndoRow},
    people::NameSource,
    photo_files::{Ambiguous, Matching},
    plan::{NoteCounts, PersonPlan, PhotoPlan, Plan, PlannedWrite, Skip, SkippedPhoto, TagOptions},
    selection::Selection,
    undo::{Undo, Undone},
    verify::{Difference, Verified},
};

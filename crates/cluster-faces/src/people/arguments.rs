//! What can be asked of the people who have names, as arguments.

use clap::{ArgGroup, Args};
use flickr_faces::ids::JournalId;

/// What to do with the people who have names; one thing at a time.
#[derive(Debug, Clone, Default, Args)]
#[group(skip)]
#[command(
    next_help_heading = "People",
    group = ArgGroup::new("people_action").multiple(false),
    group = ArgGroup::new("people_mode").multiple(true).conflicts_with_all(
        ["min_cluster", "sweep", "no_suggestions", "left_out", "report"]
    ),
    group = ArgGroup::new("people_without_threshold").multiple(true)
        .conflicts_with_all(["threshold", "seed", "no_pictures"])
)]
pub(crate) struct Arguments {
    /// List the people who have names, and ask what to change
    ///
    /// With --json, or one of the options below, nothing is asked.
    #[arg(long, group = "people_mode")]
    people: bool,

    /// Give a person another name
    #[arg(long, value_name = "OLD=NEW", groups = GROUPS)]
    rename: Option<String>,

    /// Make two people one: the faces of FROM are those of INTO
    #[arg(long, value_name = "FROM=INTO", groups = GROUPS)]
    merge: Option<String>,

    /// Split a person's faces at a stricter threshold and ask whose each part is
    ///
    /// The threshold is that of --threshold; default: 0.15 below THRESHOLD in config.ini. With --part
    /// nothing is asked, with --json the parts are listed.
    #[arg(long, value_name = "NAME", groups = ["people_action", "people_mode"])]
    split: Option<String>,

    /// Say whose part NUMBER of --split is; can be given again
    #[arg(long, value_name = "NUMBER=NAME", requires = "split")]
    part: Vec<String>,

    /// Show a person's faces with their numbers, ids and photos
    #[arg(long, value_name = "NAME", groups = ["people_action", "people_mode"])]
    show: Option<String>,

    /// Take faces of a person back
    ///
    /// FACES are numbers as --show gives them, such as 3,7-9, face ids, or ids of photos. They wait for
    /// a name again, and are never offered for that person again.
    #[arg(long, value_name = "NAME=FACES", groups = GROUPS)]
    take_back: Option<String>,

    /// Write another tag than the name; without TEXT the name again
    #[arg(long, value_name = "NAME=TEXT", groups = GROUPS)]
    tag: Option<String>,

    /// Write nothing of a person to Flickr
    #[arg(long, value_name = "NAME", groups = GROUPS)]
    never_write: Option<String>,

    /// Write a person to Flickr after all
    #[arg(long, value_name = "NAME", groups = GROUPS)]
    may_write: Option<String>,

    /// Say which member of Flickr a person is; without NSID none
    #[arg(long, value_name = "NAME=NSID", groups = GROUPS)]
    nsid: Option<String>,

    /// List what was decided, the newest first
    ///
    /// As many entries as said; default: 20.
    #[arg(
        long,
        value_name = "ENTRIES",
        num_args = 0..=1,
        default_missing_value = "20",
        value_parser = clap::value_parser!(u32).range(1..),
        groups = GROUPS
    )]
    journal: Option<u32>,

    /// Undo an entry of the journal; without a number the last decision
    ///
    /// Any entry can be undone, an undoing too. What was decided since about the same faces stays.
    #[arg(long, value_name = "ENTRY", num_args = 0..=1, groups = GROUPS)]
    undo: Option<Option<JournalId>>,
}

const GROUPS: [&str; 3] = ["people_action", "people_mode", "people_without_threshold"];

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// List everybody, and ask.
    Menu,
    Rename(String),
    Merge(String),
    Split(String, Vec<String>),
    Show(String),
    TakeBack(String),
    Tag(String),
    Write(String, bool),
    Nsid(String),
    Journal(u32),
    Undo(Option<JournalId>),
}

impl Arguments {
    /// What is asked for; `None` where it is not about people who have names.
    pub(crate) fn action(&self) -> Option<Action> {
        let with = |value: &Option<String>, action: fn(String) -> Action| value.clone().map(action);
        with(&self.rename, Action::Rename)
            .or_else(|| with(&self.merge, Action::Merge))
            .or_else(|| {
                let split = self.split.clone()?;
                Some(Action::Split(split, self.part.clone()))
            })
            .or_else(|| with(&self.show, Action::Show))
            .or_else(|| with(&self.take_back, Action::TakeBack))
            .or_else(|| with(&self.tag, Action::Tag))
            .or_else(|| with(&self.never_write, |name| Action::Write(name, false)))
            .or_else(|| with(&self.may_write, |name| Action::Write(name, true)))
            .or_else(|| with(&self.nsid, Action::Nsid))
            .or_else(|| self.journal.map(Action::Journal))
            .or_else(|| self.undo.map(Action::Undo))
            .or_else(|| self.people.then_some(Action::Menu))
    }
}

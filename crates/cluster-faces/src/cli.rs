//! The command line.

use clap::{Args, Parser, Subcommand};
use flickr_faces::store::JournalId;
use flickr_faces::{
    config::Config,
    steps::{people::SplitBy, review::Thresholds},
};
use flickr_faces_terminal::{
    args::Common,
    exit::{EXIT_CODES, EXIT_CODES_LONG},
};

const ABOUT: &str = "\
Asks first about faces that look like people you have named, then about clusters
of the others, largest first. Every answer is saved at once, in the store and in
tags.json, which tag-photos reads. A named face is never asked about again.

    cluster-faces                   ask here; the browser: cluster-faces web
    cluster-faces sweep             ask about the rest, more and more strictly
    cluster-faces people rename Ada \"Ada Lovelace\"";

/// Group similar faces and give them names
#[derive(Debug, Parser)]
#[command(
    version,
    before_help = ABOUT,
    after_help = EXIT_CODES,
    after_long_help = EXIT_CODES_LONG
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(flatten)]
    pub(crate) review: Review,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ask who the faces are; the default
    Review(Review),
    /// Ask at one threshold after the other, down to a strict one
    Sweep(Sweep),
    /// Ask in the browser
    #[command(
        after_help = "Serves a page on 127.0.0.1, for this computer only. Answers given there and in the terminal \
                      are the same; both can be used at once. Ctrl-C ends it, with exit code 0."
    )]
    Web(Web),
    /// Show what each threshold would give, and which to begin with
    Report(Clustering),
    /// List the people who have names, and change what is known of them
    People(People),
    /// List what was decided, the newest first
    Journal {
        /// How many entries
        #[arg(default_value = "20", value_parser = clap::value_parser!(u32).range(1..))]
        entries: u32,
    },
    /// Undo a decision: the last one, or any entry of the journal
    #[command(
        after_help = "What was decided since about the same faces stays. An undo can be undone, too."
    )]
    Undo {
        /// Its number in the journal
        entry: Option<JournalId>,
    },
}

/// What is asked about, at one threshold.
#[derive(Debug, Args)]
pub(crate) struct Review {
    #[command(flatten)]
    pub(crate) at: Threshold,
    #[command(flatten)]
    pub(crate) clustering: Clustering,
    #[command(flatten)]
    pub(crate) asking: Asking,
}

#[derive(Debug, Args)]
pub(crate) struct Threshold {
    /// Link faces closer than this; lower is stricter
    ///
    /// Above 0 and up to 1. Default: THRESHOLD in config.ini, 0.57.
    #[arg(short, long, value_name = "DISTANCE", value_parser = threshold)]
    pub(crate) threshold: Option<f32>,
}

#[derive(Debug, Args)]
pub(crate) struct Sweep {
    /// The thresholds
    #[arg(value_name = "FROM:TO:STEP", default_value = "0.57:0.45:0.06")]
    pub(crate) thresholds: Thresholds,
    #[command(flatten)]
    pub(crate) clustering: Clustering,
    #[command(flatten)]
    pub(crate) asking: Asking,
}

#[derive(Debug, Args)]
pub(crate) struct Web {
    /// Print the address and open no browser, as over SSH
    #[arg(long)]
    pub(crate) no_browser: bool,

    /// Serve at this port; default: a free one
    #[arg(long, value_name = "PORT")]
    pub(crate) port: Option<u16>,
    #[command(flatten)]
    pub(crate) at: Threshold,
    #[command(flatten)]
    pub(crate) clustering: Clustering,
}

#[derive(Debug, Args)]
pub(crate) struct Clustering {
    /// Ask about clusters of at least this many faces
    ///
    /// Default: `min_cluster` in config.ini, 3; with --low-quality 1.
    #[arg(short, long, value_name = "FACES", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) min_cluster: Option<u32>,

    /// Visit the faces in another order
    ///
    /// The same seed gives the same clusters. Default: `seed` in config.ini, 0.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) seed: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct Asking {
    /// Do not ask about people who have names already
    ///
    /// For scripts that give one line for each cluster.
    #[arg(long)]
    pub(crate) no_suggestions: bool,

    /// Ask about faces of too low quality to be grouped
    ///
    /// Lists them first. The keys in config.ini that begin with `quality_` say which they are.
    #[arg(long, alias = "left-out")]
    pub(crate) low_quality: bool,
    #[command(flatten)]
    pub(crate) pictures: Pictures,
}

#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Pictures {
    /// Show no pictures in the terminal
    ///
    /// Only where their files are.
    #[arg(long)]
    pub(crate) no_pictures: bool,
}

#[derive(Debug, Args)]
pub(crate) struct People {
    #[command(flatten)]
    pub(crate) splitting: Splitting,
    #[command(subcommand)]
    pub(crate) command: Option<PeopleCommand>,
}

/// How a person's faces are split and shown.
#[derive(Debug, Clone, Args)]
pub(crate) struct Splitting {
    /// Link faces closer than this distance when splitting
    ///
    /// Default: 0.15 below THRESHOLD in config.ini.
    #[arg(short, long, value_name = "DISTANCE", value_parser = threshold)]
    pub(crate) threshold: Option<f32>,

    /// Visit the faces in another order when splitting
    #[arg(long, value_name = "NUMBER")]
    pub(crate) seed: Option<u64>,
    #[command(flatten)]
    pub(crate) pictures: Pictures,
}

/// A split that names no threshold is this much stricter than config.ini.
const STRICTER: f32 = 0.15;

impl Splitting {
    pub(crate) fn by(&self, config: &Config) -> SplitBy {
        SplitBy {
            threshold: (self.threshold).unwrap_or((config.threshold - STRICTER).max(0.05)),
            method: config.method,
            seed: self.seed.unwrap_or(config.seed),
            same_photo: config.same_photo,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum PeopleCommand {
    /// List the people who have names, those with most faces first
    List {
        /// Only those with this word in their name
        word: Option<String>,
    },
    /// Show a person's faces with their numbers, ids and photos
    Show {
        name: String,
        #[command(flatten)]
        pictures: Pictures,
    },
    /// Give a person another name
    Rename { old: String, new: Option<String> },
    /// Make two people one: the faces of FROM become those of INTO
    #[command(after_help = "At a terminal both are shown first, and it is asked.")]
    Merge {
        from: String,
        into: Option<String>,

        /// Do not ask first
        #[arg(short, long)]
        yes: bool,
        #[command(flatten)]
        pictures: Pictures,
    },
    /// Split a person's faces at a stricter threshold and ask who each part is
    #[command(after_help = "With --part nothing is asked, with --json the parts are listed.")]
    Split {
        name: String,

        /// Say who part NUMBER is; can be given again
        #[arg(long, value_name = "NUMBER=NAME")]
        part: Vec<String>,

        #[command(flatten)]
        splitting: Splitting,
    },
    /// Take faces of a person back: they wait for a name again
    #[command(after_help = "They are never offered for that person again.")]
    TakeBack {
        name: String,

        /// Numbers as `people show` gives them, such as 3,7-9, face ids, or ids of photos
        faces: Vec<String>,
    },
    /// Write another tag than the name; without TEXT the name again
    Tag { name: String, text: Option<String> },
    /// Say whether tag-photos may write a person to Flickr
    Write {
        name: String,

        #[arg(value_name = "yes|no")]
        may: Option<String>,
    },
    /// Say which member of Flickr a person is; without NSID none
    Nsid { name: String, nsid: Option<String> },
}

/// A distance to link faces at.
pub(crate) fn threshold(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(distance) if distance > 0.0 && distance <= 1.0 => Ok(distance),
        _ => Err("expected a distance above 0 and up to 1, such as 0.57".to_owned()),
    }
}

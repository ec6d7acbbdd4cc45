//! `tag-photos`: names → Flickr, and out of it.

mod apply;
mod export;
mod plan;
mod run;
mod undo;
mod verify;
mod words;

use std::{path::PathBuf, process::ExitCode};

use flickr_faces::steps::tagging::Choice;
use flickr_faces_terminal::{args::Common, exit};

const EXIT_CODES: &str = "\
Exit codes:
  0    done; with --verify: all is as it should be
  1    the arguments, config.ini or tags.json are wrong
  2    done, but some photos failed, each with its reason; with --verify: something differs
  3    Flickr wants a sign-in, or does not know the API key
  4    it could not go on: network, disk or store
  130  stopped by Ctrl-C; run again to go on";

/// Write the names in tags.json to Flickr as tags
///
/// Adds each name as one tag to its photos and skips what a photo has already. Begin with
/// `tag-photos plan`, which shows what would be written and writes nothing. Public photos get no
/// names unless config.ini says `write_to = all`. Stop it at any time with Ctrl-C and run it again:
/// nothing is written twice. What it wrote it takes away again with --undo, and nothing else.
#[derive(Debug, clap::Parser)]
#[command(version, after_help = EXIT_CODES)]
struct Arguments {
    /// `plan` prints what would be written, or with --undo taken away, and changes nothing
    #[arg(value_enum, hide_possible_values = true, conflicts_with_all = ["verify", "xmp", "csv"])]
    action: Option<Action>,

    #[command(flatten)]
    common: Common,

    /// The same as `plan`
    #[arg(long, conflicts_with_all = ["verify", "xmp", "csv"])]
    dry_run: bool,

    /// Only this person; give it once for each
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,

    /// Everybody but this person; give it once for each
    #[arg(long, value_name = "NAME")]
    except: Vec<String>,

    /// Write to this many photos at most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..),
        conflicts_with_all = ["verify", "xmp", "csv"])]
    limit: Option<u32>,

    /// Write again what somebody took away on Flickr
    ///
    /// Without it a tag that was there and was removed by hand is never added again.
    #[arg(long, conflicts_with_all = ["undo", "verify", "xmp", "csv"])]
    again: bool,

    /// Add a note with the name on each face, too; with --undo: take away notes only
    ///
    /// For faces that cluster-faces knows. With the text of the tag; of a machine tag its value.
    #[arg(long, conflicts_with_all = ["xmp", "csv"])]
    notes: bool,

    /// Add people who are members of Flickr, too; with --undo: take away people only
    ///
    /// Those with an "nsid" in tags.json.
    #[arg(long, conflicts_with_all = ["xmp", "csv"])]
    people: bool,

    /// Take away what earlier runs have added, and look whether it is
    ///
    /// By the journal in the store: exactly the tags, notes and people that tag-photos added, by
    /// Flickr's own ids; what was there before stays. Names may have changed since.
    #[arg(long)]
    undo: bool,

    /// With --undo: only what tags.json no longer asks for
    ///
    /// After a name was corrected or a person taken off a photo.
    #[arg(long, requires = "undo")]
    outdated: bool,

    /// Compare names and journal with Flickr, and say what differs
    #[arg(long, conflicts_with = "undo")]
    verify: bool,

    /// Write an XMP sidecar beside each photo in DIR, and nothing to Flickr
    ///
    /// Keywords and face regions for digiKam, Immich, PhotoPrism and others. Photos are known by the
    /// id in their name, as in ID.jpg or TITLE_ID_o.jpg. Sidecars by other programs stay as they are.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["undo", "verify"])]
    xmp: Option<PathBuf>,

    /// Write who is on which photo to FILE, for spreadsheets, and nothing to Flickr
    #[arg(long, value_name = "FILE", conflicts_with_all = ["undo", "verify"])]
    csv: Option<PathBuf>,

    /// Read the names from this file
    ///
    /// Default: `tags` in config.ini, tags.json.
    #[arg(long, value_name = "FILE")]
    tags: Option<PathBuf>,

    /// Sign in with a code to type, as over SSH
    #[arg(long)]
    no_browser: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Action {
    /// Print what would be written, and change nothing
    Plan,
}

impl Arguments {
    fn is_plan(&self) -> bool {
        self.dry_run || self.action == Some(Action::Plan)
    }

    fn choice(&self) -> Choice {
        Choice {
            only: self.only.clone(),
            except: self.except.clone(),
            limit: self.limit.map(|limit| limit as usize),
            again: self.again,
            notes: self.notes,
            members: self.people,
        }
    }
}

fn main() -> ExitCode {
    exit::run(&[], run::run)
}

//! The command line, and the flags of earlier versions.

use std::{convert::Infallible, path::PathBuf};

use flickr_faces::steps::tagging::{Matching, Selection, XmpOptions};
use flickr_faces_terminal::{
    args::Common,
    old_flags::{OldFlag, OldValue},
};

const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 wrong arguments or settings, 2 some photos failed or
differ, 3 sign-in needed, 4 could not go on, 130 stopped by Ctrl-C";

const EXIT_CODES_LONG: &str = "\
Exit codes:

    0    done; verify: Flickr matches the names
    1    the arguments, config.ini or tags.json are wrong
    2    done, but some photos failed; verify: something differs
    3    Flickr wants a sign-in, or does not know the API key
    4    it could not go on: network, disk or store
    130  stopped by Ctrl-C; run again to continue";

const ABOUT: &str = "\
Adds each name as a tag to that person's photos; public photos are skipped
unless config.ini says `write_to = all`. Stop it at any time and run it again:
nothing is written twice.

    tag-photos plan         show what would be written
    tag-photos              write it
    tag-photos undo --plan  show what an undo would remove";

/// Write the names in tags.json to Flickr as tags
#[derive(Debug, clap::Parser)]
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
    pub(crate) apply: Apply,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Show what would be written, and write nothing
    Plan(Apply),
    /// Write the names to Flickr; the default
    Apply(Apply),
    /// Compare Flickr with the names and with what was written
    Verify(Verify),
    /// Remove what tag-photos added, and nothing else
    Undo(Undo),
    /// Write the names to files instead of Flickr
    #[command(subcommand)]
    Export(Export),
}

/// Which names.
#[derive(Debug, clap::Args)]
pub(crate) struct Names {
    /// Only this person; repeat for more
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,

    /// Everyone but this person; repeat for more
    #[arg(long, value_name = "NAME")]
    except: Vec<String>,

    /// Use the names in this file, and not those of tags.json
    #[arg(long, value_name = "FILE")]
    pub(crate) tags: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SignIn {
    /// Sign in with a code to type, as over SSH
    #[arg(long)]
    pub(crate) no_browser: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Apply {
    /// Add a note with the name to each known face, too
    #[arg(long)]
    notes: bool,

    /// Add people who are Flickr members, too
    ///
    /// Those with an "nsid" in tags.json.
    #[arg(long)]
    people: bool,

    #[command(flatten)]
    pub(crate) names: Names,

    /// Write to at most this many photos
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,

    /// Write again what was removed or refused on Flickr
    #[arg(long)]
    again: bool,

    /// List every photo
    #[arg(long)]
    pub(crate) full: bool,

    #[command(flatten)]
    pub(crate) sign_in: SignIn,

    /// `plan` in earlier versions.
    #[arg(long, hide = true)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    pub(crate) names: Names,

    #[command(flatten)]
    pub(crate) sign_in: SignIn,

    /// What was written is compared in any case.
    #[arg(long, hide = true)]
    notes: bool,
    #[arg(long, hide = true)]
    people: bool,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Removes exactly what tag-photos added, by its journal and Flickr's own ids. What was there\n\
    before stays. Then it checks that everything is gone."
)]
pub(crate) struct Undo {
    /// Show what would be removed, and remove nothing
    #[arg(long, alias = "dry-run")]
    plan: bool,

    /// Only what tags.json no longer asks for, as after a name was corrected
    #[arg(long)]
    pub(crate) outdated: bool,

    /// Only from photos that are public now
    #[arg(long)]
    pub(crate) public: bool,

    /// Take what the store has lost from this journal file first
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,

    /// Only notes
    #[arg(long)]
    notes: bool,

    /// Only people
    #[arg(long)]
    people: bool,

    #[command(flatten)]
    pub(crate) names: Names,

    /// Remove from at most this many photos
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,

    /// List every photo
    #[arg(long)]
    pub(crate) full: bool,

    #[command(flatten)]
    pub(crate) sign_in: SignIn,

    /// `tag-photos plan --undo` of earlier versions.
    #[arg(hide = true, value_parser = ["plan"])]
    action: Option<String>,
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Export {
    /// Write the names as XMP beside each photo in DIR, or into it
    #[command(
        after_help = "Keywords and face regions for digiKam, Immich, Lightroom and others. They are\n\
        merged into what is there: nothing but what an earlier run has added is ever\n\
        taken away."
    )]
    Xmp {
        /// The folder with the photos
        #[arg(value_name = "DIR")]
        folder: PathBuf,

        /// Into the JPEG files themselves; other photos get sidecars
        #[arg(long)]
        embed: bool,

        /// Know photos by `id` in the name, `title`, `date` taken, or a CSV file of
        /// photo ids and files
        #[arg(
            long = "match",
            value_name = "HOW",
            default_value = "id",
            value_parser = matching
        )]
        matching: Matching,

        /// Sidecars for photos that are not in DIR, too
        #[arg(long)]
        all: bool,

        /// Add again what was taken away by hand
        #[arg(long)]
        again: bool,

        #[command(flatten)]
        names: Names,
    },
    /// Write a table of people and photos to FILE, for spreadsheets
    Csv {
        /// The table; one of an earlier run is replaced, any other file is not
        #[arg(value_name = "FILE")]
        file: PathBuf,

        #[command(flatten)]
        names: Names,
    },
    /// `tag-photos --xmp DIR --csv FILE` of earlier versions.
    #[command(hide = true)]
    All {
        #[arg(long, required_unless_present = "csv")]
        xmp: Option<PathBuf>,
        #[arg(long)]
        csv: Option<PathBuf>,
        #[command(flatten)]
        names: Names,
    },
}

#[expect(clippy::unnecessary_wraps, reason = "clap wants a result")]
fn matching(text: &str) -> Result<Matching, Infallible> {
    Ok(match text {
        "id" => Matching::Id,
        "title" => Matching::Title,
        "date" => Matching::Date,
        file => Matching::Table(file.into()),
    })
}

impl Names {
    pub(crate) fn selection(&self, notes: bool, members: bool) -> Selection {
        Selection {
            only: self.only.clone(),
            except: self.except.clone(),
            notes,
            members,
            ..Selection::default()
        }
    }
}

impl Apply {
    pub(crate) fn selection(&self) -> Selection {
        Selection {
            limit: self.limit,
            again: self.again,
            ..self.names.selection(self.notes, self.people)
        }
    }
}

impl Verify {
    pub(crate) fn selection(&self) -> Selection {
        self.names.selection(self.notes, self.people)
    }
}

impl Undo {
    pub(crate) fn selection(&self) -> Selection {
        Selection {
            limit: self.limit,
            ..self.names.selection(self.notes, self.people)
        }
    }

    pub(crate) fn is_plan(&self) -> bool {
        self.plan || self.action.is_some()
    }
}

impl Export {
    /// Where names go as XMP, the file for the table, and the names for both.
    pub(crate) fn targets(&self) -> (Option<XmpOptions>, Option<&PathBuf>, &Names) {
        match self {
            Self::Xmp {
                folder,
                embed,
                matching,
                all,
                names,
                ..
            } => {
                let options = XmpOptions {
                    folder: folder.clone(),
                    matching: matching.clone(),
                    embed: *embed,
                    all: *all,
                };
                (Some(options), None, names)
            }
            Self::Csv { file, names } => (None, Some(file), names),
            Self::All { xmp, csv, names } => {
                let options = xmp.as_ref().map(|folder| XmpOptions {
                    folder: folder.clone(),
                    ..XmpOptions::default()
                });
                (options, csv.as_ref(), names)
            }
        }
    }

    pub(crate) fn selection(&self) -> Selection {
        let again = matches!(self, Self::Xmp { again: true, .. });
        Selection {
            again,
            ..self.targets().2.selection(false, false)
        }
    }
}

/// `--dry-run` and `plan --undo` are hidden arguments of the commands above.
pub(crate) const OLD_FLAGS: [OldFlag; 4] = [
    OldFlag::new("--undo", OldValue::None, &["undo"]),
    OldFlag::new("--verify", OldValue::None, &["verify"]),
    OldFlag::new("--xmp", OldValue::Kept, &["export", "all"]),
    OldFlag::new("--csv", OldValue::Kept, &["export", "all"]),
];

#[cfg(test)]
mod tests;

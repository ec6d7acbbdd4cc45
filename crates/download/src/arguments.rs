//! What `download` can be told.

use flickr_faces_terminal::{args::Common, exit, given_key::KeyArguments};

const ABOUT: &str = "\
Lists all your photos, oldest first, fetches each at or below MAX_SIZE, finds
faces with DETECTION_METHOD and stores them. Stop it at any time with Ctrl-C and
run it again: it goes on where it was, and finds what you have uploaded since.
Nothing in your account is changed.

    download           sign in, fetch photos, find faces
    download status    show what is done so far
    download doctor    look for what is wrong with this machine
    download repair    rebuild a damaged store";

/// Fetch the photos of a Flickr account and find the faces in them
#[derive(Debug, clap::Parser)]
#[command(
    version,
    before_help = ABOUT,
    after_help = exit::EXIT_CODES,
    after_long_help = exit::EXIT_CODES_LONG
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,

    #[command(flatten)]
    pub(crate) run: Run,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What to do; to fetch photos where nothing is said.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Fetch photos and find their faces; the default
    Run(Run),
    /// Show how far the store is, without asking Flickr
    #[command(
        after_help = "Photos by state, why some failed, faces, photos processed with other settings than config.ini \
                      has now, and whether the whole account is listed. Needs config.ini and the store; without \
                      --verify no network. With --verify it ends with exit code 2 where Flickr has other photos."
    )]
    Status(Status),
    /// Show what this machine has of what the programs need
    #[command(
        after_help = "Versions, free memory and disk, permissions, model files with their SHA-256, the engine and the \
                      device that are really used, what the store holds and whether it is sound, whether Flickr \
                      can be reached, and the clock. Asks Flickr without signing in. Exit code 4 where something \
                      is wrong."
    )]
    Doctor,
    /// Rebuild a damaged store from all that can be read of it
    #[command(
        after_help = "Checks the SQLite file and, where it is damaged, puts a new one into its place; the damaged \
                      one stays beside it. Photos whose faces are lost are processed again by the next download, \
                      photos that are lost are listed again, and lost names come back from tags.json. No other \
                      program may use the store meanwhile."
    )]
    Repair(Repair),
}

/// What to rebuild.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Repair {
    /// Rebuild the store where no damage is found, too
    #[arg(long)]
    pub(crate) anyway: bool,
}

/// What to show.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Status {
    /// Compare with the number of photos that Flickr says the account has
    ///
    /// Takes three calls. Exit code 2 where the numbers differ: the next download looks for the photos.
    #[arg(long)]
    pub(crate) verify: bool,
}

/// How to fetch.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Run {
    /// Sign in with a code to type, as over SSH
    ///
    /// Shows an address to open in any browser, on any machine, and asks for the nine-digit code
    /// that Flickr shows there.
    #[arg(long)]
    pub(crate) no_browser: bool,

    #[command(flatten)]
    pub(crate) key: KeyArguments,

    /// Fetch photos at or below this longest side
    ///
    /// Written into config.ini as MAX_SIZE, for this run and all later ones. Photos that are done stay
    /// as they are, but for --redo.
    #[arg(long, value_name = "PIXELS", value_parser = clap::value_parser!(u32).range(100..=20_000))]
    pub(crate) max_size: Option<u32>,

    /// Process outdated photos again
    ///
    /// Photos processed with another MAX_SIZE, DETECTION_METHOD, upsample, min_face, turned or encoder_model
    /// than config.ini has now. Names stay with their faces.
    #[arg(long)]
    pub(crate) redo: bool,

    /// List the whole account again
    ///
    /// Finds photos whose upload date was set back; needs one call per 500 photos.
    #[arg(long)]
    pub(crate) relist: bool,
}

//! The arguments that all programs take.

use std::path::PathBuf;

/// How to find config.ini and how much to say; before a subcommand or after it.
#[derive(Debug, Clone, clap::Args)]
pub struct Common {
    /// Use this configuration file
    ///
    /// Its folder is where relative paths in it start, and where the sign-in is kept. Default:
    /// config.ini in the working folder.
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        default_value = "config.ini",
        hide_default_value = true
    )]
    pub config: PathBuf,

    /// Increase verbosity (-vv for debug)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,

    /// Show no progress, only warnings, errors and the summary
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Print the summary as JSON
    ///
    /// One object on standard output; progress and warnings go to standard error.
    #[arg(long, global = true)]
    pub json: bool,
}

/// Where the model files are where config.ini does not say: the folder that `cargo xtask assets`
/// fills. `FLICKR_FACES_CACHE`, or `flickr-faces` in the user's cache folder.
pub fn cache_folder() -> PathBuf {
    let set = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    set("FLICKR_FACES_CACHE").unwrap_or_else(|| {
        set("XDG_CACHE_HOME")
            .or_else(|| set("HOME").map(|home| home.join(".cache")))
            .unwrap_or_else(|| PathBuf::from(".cache"))
            .join("flickr-faces")
    })
}

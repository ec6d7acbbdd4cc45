//! The arguments that all programs take.

use std::path::PathBuf;

/// The heading of these arguments in help texts.
pub(crate) const GLOBAL: &str = "Global options";

/// How to find config.ini and how much to say; before a subcommand or after it.
#[derive(Debug, Clone, clap::Args)]
pub struct Common {
    /// Use this configuration file
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        default_value = "config.ini",
        help_heading = GLOBAL
    )]
    pub config: PathBuf,

    /// Increase verbosity (-vv for debug)
    #[arg(short, long, global = true, help_heading = GLOBAL, action = clap::ArgAction::Count)]
    pub verbose: u8,

    /// Show no progress, only warnings, errors and the summary
    #[arg(short, long, global = true, help_heading = GLOBAL, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Print the summary as one JSON object
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub json: bool,
}

/// Whether the environment says where a cache can be; else [`cache_folder`] is one in the working folder.
pub fn has_cache_folder() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    ["FLICKR_FACES_CACHE", "XDG_CACHE_HOME", "HOME"]
        .into_iter()
        .any(is_set)
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

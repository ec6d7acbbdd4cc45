//! `cluster-faces`: faces → clusters → names.

mod ask;
mod people;
mod question;
mod report;
mod run;
mod sitting;
mod step;
mod sweep;
mod web;
mod words;

use std::process::ExitCode;

use flickr_faces_terminal::{args::Common, exit};

use sweep::Sweep;

/// Group similar faces and give them names
///
/// First asks about faces that look like people you have named: is this Ada? Then shows the other
/// faces without a name in clusters, largest first, as pictures, and asks who it is. Every answer is
/// saved at once, to the store and to tags.json, which tag-photos reads. Name the clean clusters
/// only; --sweep goes on with what is left at lower thresholds, from 0.6 down to 0.4 by 0.05. A face
/// that has a name is never asked about again.
#[derive(Debug, clap::Parser)]
#[command(version, after_help = exit::EXIT_CODES)]
struct Arguments {
    #[command(flatten)]
    common: Common,

    /// Take faces nearer than this for the same person's
    ///
    /// A distance above 0 and up to 1; lower is stricter. Default: THRESHOLD in config.ini, 0.6.
    #[arg(short, long, value_name = "DISTANCE", value_parser = threshold)]
    threshold: Option<f32>,

    /// Go from threshold to threshold in one sitting
    ///
    /// Asks about what is left at each, from the first down to the last. Without a value:
    /// 0.60:0.40:0.05.
    #[arg(
        long,
        value_name = "FROM:TO:STEP",
        num_args = 0..=1,
        default_missing_value = "0.60:0.40:0.05",
        conflicts_with = "threshold"
    )]
    sweep: Option<Sweep>,

    /// Ask about clusters of this many faces and more
    ///
    /// Default: `min_cluster` in config.ini, 3; with --left-out 1.
    #[arg(short, long, value_name = "FACES", value_parser = clap::value_parser!(u32).range(1..))]
    min_cluster: Option<u32>,

    /// Do not ask about people who have names already
    ///
    /// For scripts that give one line for each cluster.
    #[arg(long)]
    no_suggestions: bool,

    /// List the faces that are too poor to be grouped, and ask about those
    ///
    /// Which they are is said by the keys in config.ini that begin with `gate_`.
    #[arg(long)]
    left_out: bool,

    /// Show what each threshold would give, and ask nothing
    ///
    /// For thresholds from 0.30 to 0.65: the clusters, the faces in them, the largest, the conflicts; and
    /// which threshold to begin with, and why.
    #[arg(long, conflicts_with_all = ["sweep", "threshold", "left_out", "no_suggestions"])]
    report: bool,

    #[command(flatten)]
    web: web::Web,

    /// Visit the faces in another order
    ///
    /// The same seed gives the same clusters. Default: `seed` in config.ini, 0.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,

    /// Show no pictures in the terminal, only where their files are
    #[arg(long)]
    no_pictures: bool,

    #[command(flatten)]
    people: people::Arguments,
}

fn threshold(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(distance) if distance > 0.0 && distance <= 1.0 => Ok(distance),
        _ => Err("expected a distance above 0 and up to 1, such as 0.6".to_owned()),
    }
}

fn main() -> ExitCode {
    exit::run(&[], run::run)
}

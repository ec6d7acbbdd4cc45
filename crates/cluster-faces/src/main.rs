//! `cluster-faces`: faces → clusters → names.

mod ask;
mod run;

use std::process::ExitCode;

use flickr_faces_terminal::{args::Common, exit};

/// Group similar faces and give them names
///
/// Shows the faces that have no name yet in clusters, largest first, as pictures, and asks who it
/// is. Every answer is saved at once, to the store and to tags.json, which tag-photos reads. Name
/// the clean clusters only, then run it again with a lower --threshold for what is left, from 0.6
/// down to 0.4 by 0.05. A face that has a name is never asked about again.
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

    /// Ask about clusters of this many faces and more
    ///
    /// Default: `min_cluster` in config.ini, 3.
    #[arg(short, long, value_name = "FACES", value_parser = clap::value_parser!(u32).range(1..))]
    min_cluster: Option<u32>,

    /// Visit the faces in another order
    ///
    /// The same seed gives the same clusters. Default: `seed` in config.ini, 0.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,

    /// Show no pictures in the terminal, only where their files are
    #[arg(long)]
    no_pictures: bool,
}

fn threshold(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(distance) if distance > 0.0 && distance <= 1.0 => Ok(distance),
        _ => Err("expected a distance above 0 and up to 1, such as 0.6".to_owned()),
    }
}

fn main() -> ExitCode {
    exit::run(run::run)
}

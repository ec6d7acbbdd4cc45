//! One sitting: cluster, ask about one cluster after the other, say what came of it.

use std::collections::BTreeSet;

use flickr_faces::{
    config::Config,
    files::private_folder,
    progress::Progress,
    steps::{
        naming::{Session, Settings},
        tags_json,
    },
    store::{Counts, Store},
};
use flickr_faces_terminal::{exit::Exit, log, progress::Bars, prompt, text::count};

use crate::{
    Arguments,
    ask::{Asked, Sitting, Tally},
};

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let common = &arguments.common;
    let bars = Bars::new(common.quiet);
    log::start(common.verbose, &bars);
    let config = Config::read(&common.config)?;
    let store = Store::open(&config.store).await?;
    private_folder(&config.results)?;
    if let Some(taken) = tags_json::take_over(&store, &config.tags).await? {
        if common.json {
            eprintln!("{taken}");
        } else {
            println!("{taken}");
        }
    }
    let settings = Settings {
        threshold: arguments.threshold.unwrap_or(config.threshold),
        min_cluster: arguments
            .min_cluster
            .map_or(config.min_cluster, |least| least as usize),
        seed: arguments.seed.unwrap_or(config.seed),
    };
    bars.busy("comparing the faces");
    let session = Session::begin(store.clone(), settings, config.tags.clone()).await;
    bars.finish();
    let session = session?;
    let before = session.counts().await?;
    let beginning = beginning(&before, &session, settings);
    if common.json {
        eprint!("{beginning}");
    } else {
        print!("{beginning}");
    }

    if before.undecided <= session.left_out() && !common.json {
        store.close().await;
        return Ok(Exit::Done);
    }
    let clusters = session.clusters().len();
    let mut sitting = Sitting {
        session,
        config: &config,
        pictures: !arguments.no_pictures,
        json: common.json,
        asker: if common.json {
            prompt::asker(std::io::stderr())
        } else {
            prompt::asker(std::io::stdout())
        },
        tally: Tally::default(),
        answered: BTreeSet::new(),
    };
    let mut exit = Exit::Done;
    let mut next = 0;
    while next < clusters {
        if sitting.answered.contains(&next) {
            next += 1;
            continue;
        }
        match sitting.ask_about(next).await? {
            Asked::Next => next += 1,
            Asked::Again(cluster) => next = cluster,
            Asked::Leave => break,
            Asked::Interrupted => {
                exit = Exit::Stopped;
                break;
            }
        }
    }
    let tally = sitting.tally;
    let after = sitting.session.counts().await?;
    let left_out = sitting.session.left_out();
    store.close().await;
    if common.json {
        println!(
            "{}",
            serde_json::json!({
                "clusters": tally.clusters,
                "named": tally.named,
                "other_decisions": tally.others,
                "undecided": after.undecided,
                "left_out": left_out,
                "tags": config.tags,
            })
        );
    } else {
        print!("{}", end(&tally, &after, left_out, &config, settings));
    }
    Ok(exit)
}

fn beginning(counts: &Counts, session: &Session, settings: Settings) -> String {
    if counts.faces == 0 {
        return "There are no faces in the store yet: run download first.\n".to_owned();
    }
    if counts.undecided == 0 {
        return "Every face has a name or another answer: nothing to ask.\n".to_owned();
    }
    let mut left_out = String::new();
    if session.left_out() > 0 {
        left_out = format!(
            "{} made with another encoder_model than the last download had, and the two cannot be \
             compared. `download --redo` encodes anew; names stay.\n",
            count(
                session.left_out(),
                "face without a name is left out: it was",
                "faces without a name are left out: they were",
            ),
        );
    }
    let compared = counts.undecided.saturating_sub(session.left_out());
    if compared == 0 {
        return left_out;
    }
    let (_, small_faces) = session.small();
    let mut text = format!(
        "{} without a name; at threshold {} they form {} of {} or more",
        count(compared, "face", "faces"),
        settings.threshold,
        count(session.clusters().len() as u64, "cluster", "clusters"),
        settings.min_cluster,
    );
    if small_faces > 0 {
        text += &format!(
            " ({} in smaller ones)",
            count(small_faces as u64, "face", "faces")
        );
    }
    text + ".\n" + &left_out
}

fn end(
    tally: &Tally,
    after: &Counts,
    left_out: u64,
    config: &Config,
    settings: Settings,
) -> String {
    let mut text = format!(
        "\n{} named in {}; {} without a name left.\n",
        count(tally.named, "face", "faces"),
        count(tally.clusters, "cluster", "clusters"),
        count(after.undecided, "face", "faces"),
    );
    if tally.named > 0 {
        text += &format!(
            "The names are in {}. tag-photos writes them to Flickr.\n",
            config.tags.display()
        );
    }
    let lower = settings.threshold - 0.05;
    if after.undecided > left_out && lower > 0.38 {
        text += &format!("For what is left: cluster-faces --threshold {lower:.2}\n");
    }
    text
}

//! One sitting: find who is near whom, ask at each threshold, say what came of it.

use std::{
    io::IsTerminal,
    sync::{Arc, OnceLock},
};

use flickr_faces::{
    config::Config,
    files::private_folder,
    steps::{
        naming::{Session, Settings, Subset},
        tags_json,
    },
    store::Store,
};
use flickr_faces_terminal::{exit::Exit, log, progress::Bars, prompt, signals};
use serde_json::json;

use crate::{
    Arguments, people, report,
    sitting::Sitting,
    step::{Ended, Step},
    web,
    words::{self, Outside},
};

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let common = &arguments.common;
    let bars = Bars::new(common.quiet);
    log::start(common.verbose, &bars);
    let config = Config::read(&common.config)?;
    let store = Store::open(&config.store).await?;
    private_folder(&config.results)?;
    let taken_over = tags_json::take_over(&store, &config.tags).await?;
    if let Some(taken) = &taken_over {
        if common.json {
            eprintln!("{taken}");
        } else {
            println!("{taken}");
        }
    }
    if let Some(action) = arguments.people.action() {
        let setting = people::Setting {
            threshold: arguments.threshold,
            seed: arguments.seed,
            pictures: !arguments.no_pictures,
            json: common.json,
            taken_over,
        };
        let exit = people::run(action, setting, &config, store.clone()).await?;
        store.close().await;
        return Ok(exit);
    }
    if arguments.web.web {
        let session = begin(&arguments, &config, store.clone(), &bars).await;
        bars.finish();
        let exit = web::serve(&arguments.web, common.json, session?, &config, &bars).await?;
        store.close().await;
        return Ok(exit);
    }
    let begun: Arc<OnceLock<Session>> = Arc::default();
    signals::leave(&bars, {
        let begun = Arc::clone(&begun);
        async move {
            // An answer that is on its way arrives.
            if let Some(session) = begun.get() {
                session.settled().await;
            }
        }
    })?;
    let session = begin(&arguments, &config, store.clone(), &bars).await;
    bars.finish();
    let session = session?;
    begun.set(session.clone()).ok();
    for notice in session.notices() {
        tracing::warn!("{notice}");
    }
    let exit = if arguments.report {
        report::run(&session, common.json).await?
    } else {
        sit(&arguments, &config, session).await?
    };
    store.close().await;
    Ok(exit)
}

/// The thresholds to ask at, the highest first.
fn thresholds(arguments: &Arguments, config: &Config) -> Vec<f32> {
    match &arguments.sweep {
        Some(sweep) => sweep.thresholds().to_vec(),
        None => vec![arguments.threshold.unwrap_or(config.threshold)],
    }
}

async fn begin(
    arguments: &Arguments,
    config: &Config,
    store: Store,
    bars: &Bars,
) -> anyhow::Result<Session> {
    let highest = thresholds(arguments, config)
        .into_iter()
        .fold(0.0, f32::max);
    let settings = Settings {
        threshold: highest,
        min_cluster: match arguments.min_cluster {
            Some(least) => least as usize,
            // Poor faces are near few others.
            None if arguments.left_out => 1,
            None => config.min_cluster,
        },
        seed: arguments.seed.unwrap_or(config.seed),
        ..Settings::of(config)
    };
    Ok(Session::begin(store, settings, Arc::new(bars.clone())).await?)
}

/// Asks, and says what came of it.
async fn sit(arguments: &Arguments, config: &Config, session: Session) -> anyhow::Result<Exit> {
    let as_json = arguments.common.json;
    let subset = if arguments.left_out {
        Subset::LowQuality
    } else {
        Subset::Usable
    };
    let asker = if as_json {
        prompt::asker(std::io::stderr())
    } else {
        prompt::asker(std::io::stdout())
    };
    let mut sitting = Sitting::new(session, config, asker);
    sitting.pictures = !arguments.no_pictures;
    sitting.json = as_json;
    let thresholds = thresholds(arguments, config);
    let ended = ask(&mut sitting, arguments, &thresholds, subset).await?;
    let tally = sitting.tally;
    let after = sitting.session.counts().await?;
    let outside = outside(&sitting.session).await?;
    if as_json {
        let left_out = sitting.session.left_out();
        let mut summary = json!({
            "clusters": tally.clusters,
            "suggestions": tally.suggestions,
            "named": tally.named,
            "other_decisions": tally.others,
            "rejected": tally.rejected,
            "undecided": after.undecided,
            "left_out": outside.all(),
            "left_out_by_gate": outside.by_gate(),
            "tags": config.tags,
        });
        if subset == Subset::LowQuality {
            summary["left_out_faces"] = left_out.iter().map(words::left_out_face).collect();
        }
        println!("{summary}");
    } else if ended.is_some() {
        let lower = (arguments.sweep.is_none() && subset == Subset::Usable)
            .then(|| thresholds.last().map(|last| last - 0.05))
            .flatten();
        print!("{}", words::end(&tally, &after, &outside, config, lower));
    }
    Ok(match ended {
        Some(Ended::Interrupted) => Exit::Stopped,
        _ => Exit::Done,
    })
}

/// Asks at each threshold; `None` where there was nothing to ask at all.
async fn ask(
    sitting: &mut Sitting<'_>,
    arguments: &Arguments,
    thresholds: &[f32],
    subset: Subset,
) -> anyhow::Result<Option<Ended>> {
    let counts = sitting.session.counts().await?;
    let outside = outside(&sitting.session).await?;
    sitting.tell(&words::beginning(&counts, &outside, subset));
    if subset == Subset::LowQuality && outside.by_gate() > 0 && !sitting.json {
        let left_out = sitting.session.left_out();
        let is_short = std::io::stdin().is_terminal();
        sitting.tell(&words::listing(&left_out, is_short));
    }
    let mut ended = None;
    for (number, &threshold) in (1..).zip(thresholds) {
        sitting.sweeping = number < thresholds.len();
        sitting.session.refresh().await?;
        let view = sitting.session.view(threshold, subset).await?;
        if view.faces == 0 {
            break;
        }
        let step = Step {
            threshold,
            subset,
            suggestions: !arguments.no_suggestions,
        };
        let suggestions = match step.suggestions {
            true => sitting.session.suggestions(&view).await?,
            false => Arc::default(),
        };
        let place = arguments.sweep.as_ref().map(|_| (number, thresholds.len()));
        let least = sitting.session.settings().min_cluster;
        sitting.tell(&words::step(&view, &suggestions, least, place));
        let how = sitting.step(step, &view).await?;
        ended = Some(how);
        if how != Ended::Through {
            break;
        }
    }
    Ok(ended)
}

async fn outside(session: &Session) -> anyhow::Result<Outside> {
    let other_encoder = session.other_encoder().await?;
    Ok(Outside::new(&session.left_out(), other_encoder))
}

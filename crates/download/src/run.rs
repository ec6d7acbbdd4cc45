//! Puts the step together and says what came of it.

use std::{path::Path, sync::Arc};

use flickr_faces::{
    config::Config,
    faces::onnx::TelemetryOff,
    steps::download::{Download, News, Settings, Summary, Teller, download},
    store::{Processing, Store},
};
use flickr_faces_terminal::{
    args::Common,
    exit::{Exit, Failure},
    log,
    machine::free_space,
    output,
    progress::Bars,
    setup, signals,
};
use serde_json::json;

use crate::{arguments::Run, engine, messages, outlook};

pub(crate) async fn run(
    common: &Common,
    options: Run,
    telemetry: TelemetryOff,
) -> Result<Exit, Failure> {
    let bars = Bars::new(common.quiet);
    log::start(common.verbose, &bars);
    let stop = signals::listen(&bars, messages::STOPPING)?;
    // Before anything is made: a mistake in the arguments leaves the folder as it was.
    let given = options.key.read(&bars, &stop).await?;
    let mut config = setup::config_or_new(&common.config)?;
    if let Some(max_size) = options.max_size {
        Config::save_max_size(&config.path, max_size)?;
        config = Config::read(&config.path)?;
    }
    // First what needs no network: a missing model is known before the sign-in.
    let engine = engine::engine(&config, telemetry, &bars)?;
    let turned = engine::turned(&config)?;
    let workers = engine::workers(&config, &*engine);
    bars.note(&messages::engine(config.detector, &*engine, workers));
    let store = Store::open_waiting(&config.store, config.longest_wait, stop.clone());
    let Some(store) = signals::unless_stopped(&stop, store).await? else {
        let summary = Summary {
            stopped: true,
            ..Summary::default()
        };
        return Ok(ended(common, &summary));
    };
    let (browser, grace) = (!options.no_browser, signals::grace(&stop));
    let signing_in = async {
        let config = match given {
            Some(given) => given.keep(&config, &store, &bars, grace.clone()).await?,
            None => config.clone(),
        };
        setup::flickr(&config, &store, browser, &bars, grace).await
    };
    let Some(flickr) = signals::unless_stopped(&stop, signing_in).await? else {
        let summary = Summary::stopped_before(&store).await?;
        store.close().await;
        return Ok(ended(common, &summary));
    };
    let is_first = store.counts().await?.done == 0;
    if is_first {
        bars.note(&messages::beginning());
    }
    let processing = processing(&config, engine.encoder(), engine.name());
    let job = Download {
        store: store.clone(),
        flickr,
        images: setup::images(&config)?,
        engine,
        turned,
        settings: Settings {
            config: config.path.clone(),
            photos: config.photos.clone(),
            processing,
            page_size: config.page_size,
            downloads: config.downloads,
            workers,
            keep_photos: config.keep_photos,
            redo: options.redo,
            relist: options.relist,
            worker: setup::machine_name(),
        },
        teller: teller(&config, is_first, &bars),
    };
    let result = download(job, Arc::new(bars.clone()), stop).await;
    bars.finish();
    store.close().await;
    Ok(ended(common, &result?))
}

/// Says on a first run what is before the person, and on each whether there is room for it.
fn teller(config: &Config, is_first: bool, bars: &Bars) -> Teller {
    let (config, bars) = (config.clone(), bars.clone());
    Arc::new(move |news| match news {
        News::Account(photos) if is_first => bars.note(&messages::account_has(photos)),
        News::Account(_) => {}
        News::Outlook(outlook, disk) => {
            if is_first {
                bars.note(&outlook::outlook(&outlook));
            }
            let folder = match config.keep_photos {
                true => config.photos.as_path(),
                false => Path::new(&config.store),
            };
            if let Some(free) = free_space(folder).filter(|free| *free < disk.to_come) {
                tracing::warn!("{}", outlook::no_room(folder, disk.to_come, free));
            }
        }
    })
}

/// Says what came of it.
fn ended(common: &Common, summary: &Summary) -> Exit {
    if common.json {
        output::json(&json!(summary));
    } else {
        output::lines(messages::summary(summary));
    }
    match summary {
        Summary { stopped: true, .. } => Exit::Stopped,
        Summary { failed: 1.., .. } | Summary { missing: 1.., .. } | Summary { left: 1.., .. } => {
            Exit::SomeFailed
        }
        _ => Exit::Done,
    }
}

/// What photos are processed with.
pub(crate) fn processing(config: &Config, encoder: &str, engine: &'static str) -> Processing {
    Processing {
        max_size: config.max_size,
        detector: config.detector,
        upsample: config.upsample,
        min_face: config.min_face,
        turned: config.turned,
        encoder: encoder.to_owned(),
        engine,
    }
}

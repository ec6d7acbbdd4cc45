//! Puts the step together and says what came of it.

use std::{sync::Arc, time::Duration};

use flickr_faces::{
    config::Config,
    faces::onnx::TelemetryOff,
    steps::download::{Download, Settings, Summary, download},
    store::{Processing, Store},
};
use flickr_faces_terminal::{
    args::Common,
    exit::{Exit, Failure},
    log,
    progress::Bars,
    setup, signals,
    text::{count, duration, grouped},
};

use serde_json::json;

use crate::{arguments::Run, engine};

pub(crate) async fn run(
    common: &Common,
    options: Run,
    telemetry: TelemetryOff,
) -> Result<Exit, Failure> {
    let bars = Bars::new(common.quiet);
    log::start(common.verbose, &bars);
    let config = setup::config_or_new(&common.config, engine::DEFAULT_DETECTOR)?;
    // First what needs no network: a missing model is known before the sign-in.
    let engine = engine::engine(&config, telemetry, &bars)?;
    let workers = engine::workers(&config, &*engine);
    bars.note(&format!(
        "Faces: {}, {}, {}",
        config.detector,
        engine.description(),
        count(workers as u64, "worker", "workers")
    ));
    let flickr = setup::flickr(&config, !options.no_browser, &bars).await?;
    let stop = signals::listen(&bars, "the photos under way are finished and saved")?;
    let store = Store::open(&config.store).await?;
    let processing = processing(&config, engine.encoder(), engine.name());
    let job = Download {
        store: store.clone(),
        flickr,
        images: setup::images(&config)?,
        engine,
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
            worker: setup::worker_name(&config),
        },
    };
    let result = download(job, Arc::new(bars.clone()), stop).await;
    bars.finish();
    store.close().await;
    let summary = result?;
    if common.json {
        println!("{}", json!(summary));
    } else {
        print!("{}", text(&summary));
    }
    Ok(match summary {
        Summary { stopped: true, .. } => Exit::Stopped,
        Summary { failed: 1.., .. } => Exit::SomeFailed,
        _ => Exit::Done,
    })
}

/// What photos are processed with.
pub(crate) fn processing(config: &Config, encoder: &str, engine: &'static str) -> Processing {
    Processing {
        max_size: config.max_size,
        detector: config.detector,
        upsample: config.upsample,
        min_face: config.min_face,
        encoder: encoder.to_owned(),
        engine,
    }
}

/// What to say of photos that were processed with other settings.
pub(crate) fn outdated(photos: u64) -> String {
    if photos == 0 {
        return String::new();
    }
    let photos = count(photos, "photo was", "photos were");
    format!(
        "{photos} processed with another MAX_SIZE, DETECTION_METHOD, upsample, min_face or encoder_model; \
         `download --redo` processes them again.\n"
    )
}

fn text(summary: &Summary) -> String {
    let mut rows = vec![
        (
            "photos",
            format!(
                "{} processed, {} in the list",
                grouped(summary.photos),
                grouped(summary.listed)
            ),
        ),
        (
            "faces",
            format!(
                "{} found, {} in the store",
                grouped(summary.faces),
                grouped(summary.all_faces)
            ),
        ),
        (
            "failed",
            match summary.failed {
                0 => "none".to_owned(),
                failed => format!(
                    "{}: run download again to retry",
                    count(failed, "photo", "photos")
                ),
            },
        ),
    ];
    if summary.no_image > 0 {
        let without = count(summary.no_image, "photo", "photos");
        rows.push((
            "left out",
            format!("{without} of which Flickr has no JPEG or PNG at or below MAX_SIZE"),
        ));
    }
    rows.push((
        "time",
        duration(Duration::from_secs_f64(summary.seconds.max(0.0))),
    ));
    rows.push(("API calls", grouped(summary.calls)));
    let mut text: String = rows
        .iter()
        .map(|(name, value)| format!("{name:<10} {value}\n"))
        .collect();
    text += &outdated(summary.outdated);
    if summary.stopped {
        let left = count(summary.left, "photo", "photos");
        text += &format!("Stopped with {left} of the list left. Run download again to go on.\n");
    } else if summary.all_faces > 0 {
        text += "Next: cluster-faces, to name them.\n";
    }
    text
}

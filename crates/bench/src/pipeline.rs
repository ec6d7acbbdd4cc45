//! All of `download` but the network: JPEG files in, descriptors stored, with the step itself, a
//! small Flickr in this process and a store on disk. The files lie there already, as after a run
//! that was stopped.

use std::{
    num::NonZeroU32,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use flickr_faces::{
    faces::{Detector, Engine},
    flickr::{
        AccessToken, ApiKey, Door, DoorSettings, Endpoints, Flickr, ImageHost, ImageSettings,
    },
    progress::Silent,
    steps::{
        download::{Download, Settings, download},
        stop,
    },
    store::{Processing, Store},
};
use flickr_sandbox::{FULLNAME, NSID, Options, Perms, Sandbox, USERNAME};
use url::Url;

use crate::{
    Engines,
    compare::{Runs, Side, Words, compare},
    photos::{self, Photo},
    settings,
};

/// Photos in a run, at least: so many that the last, which not all workers share, counts little.
const PHOTOS: usize = 12;

pub(crate) fn pipeline(engines: &Engines, photos: &[Photo], runs: Runs) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let account = folder.path().join("account");
    std::fs::create_dir(&account)?;
    let copies = PHOTOS.div_ceil(photos.len());
    photos::save(photos, copies, &account)?;
    let count = photos.len() * copies;
    let bench = Bench {
        sandbox: Sandbox::start(Options::folder(&account))?,
        runtime: tokio::runtime::Runtime::new()?,
        folder: folder.path(),
        max_size: photos
            .iter()
            .map(|photo| photo.image.width().max(photo.image.height()))
            .max()
            .unwrap_or(0),
        photos: count,
    };
    let threads = engines.threads;
    let what = format!("{count} photos");

    let onnx = engines.onnx(Detector::Cnn, 1)?;
    let dlib = engines.dlib(Detector::Cnn, 1)?;
    compare(
        &Words {
            name: "pipeline",
            what: &what,
            both: &format!("{threads} threads each"),
        },
        runs,
        [
            Side {
                name: "onnxruntime",
                run: &mut || bench.run(&onnx, Detector::Cnn, threads),
            },
            Side {
                name: "dlib",
                run: &mut || bench.run(&dlib, Detector::Cnn, threads),
            },
        ],
    )?;

    let hog = engines.onnx(Detector::Hog, 1)?;
    compare(
        &Words {
            name: "hog-pipeline",
            what: &what,
            both: "the same work",
        },
        runs,
        [
            Side {
                name: &format!("{threads} threads"),
                run: &mut || bench.run(&hog, Detector::Hog, threads),
            },
            Side {
                name: "1 thread",
                run: &mut || bench.run(&hog, Detector::Hog, 1),
            },
        ],
    )
}

/// An account of photos, and a folder to work in.
struct Bench<'a> {
    sandbox: Sandbox,
    runtime: tokio::runtime::Runtime,
    folder: &'a Path,
    max_size: u32,
    photos: usize,
}

impl Bench<'_> {
    /// One download into a store of its own.
    fn run(
        &self,
        engine: &Arc<dyn Engine>,
        detector: Detector,
        workers: usize,
    ) -> anyhow::Result<Duration> {
        let own = tempfile::tempdir_in(self.folder)?;
        self.runtime.block_on(async {
            let path = own.path().join("faces.sqlite");
            let store = Store::open(path.to_str().context("a path that is not UTF-8")?).await?;
            let config = own.path().join("config.ini");
            std::fs::write(&config, "start_image = 0\n")?;
            let url = Url::parse(self.sandbox.base_url())?;
            let job = Download {
                store: store.clone(),
                flickr: self.flickr(&url)?,
                images: Arc::new(ImageHost::new(
                    Endpoints::local(&url)?,
                    ImageSettings::default(),
                )?),
                engine: Arc::clone(engine),
                settings: Settings {
                    config,
                    // The same in every run: only the first, which is not counted, fetches.
                    photos: self.folder.join("photos"),
                    processing: Processing {
                        max_size: self.max_size,
                        detector,
                        upsample: settings(detector).upsample,
                        min_face: settings(detector).min_face,
                        engine: engine.name(),
                        encoder: engine.encoder().to_owned(),
                    },
                    page_size: 500,
                    downloads: 4,
                    workers,
                    keep_photos: true,
                    redo: false,
                    relist: false,
                    worker: "bench".to_owned(),
                },
            };
            let (_switch, stop) = stop();
            let begun = Instant::now();
            let summary = download(job, Arc::new(Silent), stop).await?;
            let time = begun.elapsed();
            store.close().await;
            ensure!(
                summary.photos == self.photos as u64 && summary.faces > 0,
                "of {} photos {} were processed, with {} faces",
                self.photos,
                summary.photos,
                summary.faces
            );
            Ok(time)
        })
    }

    fn flickr(&self, url: &Url) -> anyhow::Result<Flickr> {
        let (token, secret) = self.sandbox.issue_token(Perms::Write);
        let settings = DoorSettings {
            calls_per_hour: NonZeroU32::MAX,
            ..DoorSettings::default()
        };
        let key = ApiKey::new(self.sandbox.key(), self.sandbox.secret());
        let door = Door::new(Endpoints::local(url)?, key, settings)?;
        let token = AccessToken {
            token: token.into(),
            secret: secret.into(),
            nsid: NSID.to_owned(),
            username: USERNAME.to_owned(),
            fullname: FULLNAME.to_owned(),
        };
        Ok(Flickr::new(Arc::new(door), token))
    }
}

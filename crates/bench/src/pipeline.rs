//! All of `download` but the network: JPEG files in, descriptors stored, with the step itself, a
//! small Flickr in this process and a store on disk. The files lie there already, as after a run
//! that was stopped.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use flickr_faces::{
    faces::{Detector, Engine},
    progress::Silent,
    steps::{
        CancellationToken,
        download::{Download, Settings, download},
    },
    store::{Processing, Store},
};
use flickr_sandbox::{Options, Sandbox};
use tempfile::TempDir;

use crate::{
    account::Account,
    compare::{Labels, Runs, Side, compare},
    engines::{Engines, settings},
    photos::{self, Photo},
};

/// Photos in a run with cnn, at least.
const CNN_PHOTOS: usize = 12;

/// Photos in a run with hog, at least. hog takes a fifth of a second for each: enough that
/// loading the models and the last photo, which the workers do not share, count little.
const HOG_PHOTOS: usize = 48;

pub(crate) fn pipeline(engines: &Engines, photos: &[Photo], runs: Runs) -> anyhow::Result<()> {
    cnn(engines, photos, runs)?;
    hog(engines, photos, runs)
}

/// Both engines, with cnn.
fn cnn(engines: &Engines, photos: &[Photo], runs: Runs) -> anyhow::Result<()> {
    let bench = Bench::new(photos, CNN_PHOTOS)?;
    let threads = engines.threads;
    let onnx = engines.onnx(Detector::Cnn, 1)?;
    let dlib = engines.dlib(Detector::Cnn, 1)?;
    compare(
        &Labels {
            name: "pipeline",
            what: &format!("{} photos", bench.photos),
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
    )
}

/// HOG in Rust: beside dlib's, and on one thread beside all.
fn hog(engines: &Engines, photos: &[Photo], runs: Runs) -> anyhow::Result<()> {
    let bench = Bench::new(photos, HOG_PHOTOS)?;
    let threads = engines.threads;
    let hog = engines.onnx(Detector::Hog, 1)?;
    let dlib = engines.dlib(Detector::Hog, 1)?;
    let what = format!("{} photos", bench.photos);
    let all = format!("{threads} threads");
    let others = [
        (
            "hog-dlib-pipeline",
            "onnxruntime",
            &dlib,
            "dlib",
            threads,
            format!("{all} each"),
        ),
        (
            "hog-pipeline",
            &*all,
            &hog,
            "1 thread",
            1,
            "the same work".to_owned(),
        ),
    ];
    for (name, ours, engine, other, workers, both) in &others {
        compare(
            &Labels {
                name,
                what: &what,
                both,
            },
            runs,
            [
                Side {
                    name: ours,
                    run: &mut || bench.run(&hog, Detector::Hog, threads),
                },
                Side {
                    name: other,
                    run: &mut || bench.run(engine, Detector::Hog, *workers),
                },
            ],
        )?;
    }
    Ok(())
}

/// An account of photos, and a folder to work in.
struct Bench {
    sandbox: Sandbox,
    runtime: tokio::runtime::Runtime,
    folder: TempDir,
    max_size: u32,
    photos: usize,
}

impl Bench {
    /// An account with each of the photos as often as needed for `least` or more in all.
    fn new(photos: &[Photo], least: usize) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let account = folder.path().join("account");
        std::fs::create_dir(&account)?;
        let copies = least.div_ceil(photos.len());
        photos::save(photos, copies, &account)?;
        Ok(Self {
            sandbox: Sandbox::start(Options::folder(&account))?,
            runtime: tokio::runtime::Runtime::new()?,
            folder,
            max_size: photos
                .iter()
                .map(|photo| photo.image.width().max(photo.image.height()))
                .max()
                .unwrap_or(0),
            photos: photos.len() * copies,
        })
    }

    /// One download into a store of its own.
    fn run(
        &self,
        engine: &Arc<dyn Engine>,
        detector: Detector,
        workers: usize,
    ) -> anyhow::Result<Duration> {
        let own = tempfile::tempdir_in(self.folder.path())?;
        self.runtime.block_on(async {
            let path = own.path().join("faces.sqlite");
            let store = Store::open(path.to_str().context("a path that is not UTF-8")?).await?;
            let config = own.path().join("config.ini");
            std::fs::write(&config, "start_image = 0\n")?;
            let account = Account::of(&self.sandbox)?;
            let job = Download {
                store: store.clone(),
                flickr: account.flickr()?,
                images: Arc::new(account.images()?),
                engine: Arc::clone(engine),
                turned: None,
                settings: Settings {
                    config,
                    // The same in every run: only the first, which is not counted, fetches.
                    photos: self.folder.path().join("photos"),
                    processing: Processing {
                        max_size: self.max_size,
                        detector,
                        upsample: settings(detector).upsample,
                        min_face: settings(detector).min_face,
                        turned: false,
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
                teller: Arc::new(|_| ()),
            };
            let begun = Instant::now();
            let summary = download(job, Arc::new(Silent), CancellationToken::new()).await?;
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
}

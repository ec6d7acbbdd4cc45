//! What `download` costs a photo as an account grows: listing, claims, fetching, decoding and the store, with the step itself
//! and a small Flickr in another process. Faces are not looked for, which takes the same for each photo and much more.

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use anyhow::{Context, ensure};
use flickr_faces::{
    faces::{AlignedFace, Analyser, Detection, Detector, Engine, Face, FacesError, Models},
    progress::Silent,
    steps::{
        CancellationToken,
        download::{Download, Settings, download},
    },
    store::Processing,
};
use flickr_sandbox::{Options, Sandbox};
use image::RgbImage;

use crate::{
    account::Account,
    cluster::peak,
    made_up::{runtime, store},
};

/// The longest side of a photo: Flickr's smallest whole picture.
const MAX_SIZE: u32 = 100;

/// What one account took.
pub(super) struct Downloaded {
    /// Seconds of CPU.
    pub(super) cpu: f64,
    /// Bytes of memory, at most.
    pub(super) peak: f64,
}

/// Downloads an account of `photos` made-up photos, in a process of its own.
pub(super) fn downloaded(photos: usize) -> anyhow::Result<Downloaded> {
    let sandbox = Sandbox::start(Options::generate(photos as u64))?;
    let folder = tempfile::tempdir()?;
    let mut child = Command::new(std::env::current_exe()?)
        .args(["scale", "--download", &photos.to_string()])
        .arg(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start this program again")?;
    let mut stdin = child.stdin.take().context("no way to the program")?;
    stdin.write_all(&serde_json::to_vec(&Account::of(&sandbox)?)?)?;
    drop(stdin);
    let output = child.wait_with_output()?;
    ensure!(
        output.status.success(),
        "{photos} photos: {}",
        output.status
    );
    let text = String::from_utf8_lossy(&output.stdout);
    let (cpu, peak) = text.trim().split_once(' ').context("two numbers")?;
    Ok(Downloaded {
        cpu: cpu.parse()?,
        peak: peak.parse()?,
    })
}

/// Downloads the account that stdin names into `folder`, and prints the numbers only: seconds of CPU, and bytes at most.
pub(crate) fn alone(photos: usize, folder: &Path) -> anyhow::Result<()> {
    let account: Account = serde_json::from_reader(std::io::stdin())?;
    let config = folder.join("config.ini");
    fs::write(&config, "start_image = 0\n")?;
    let done = runtime()?.block_on(async {
        let store = store(folder).await?;
        let engine: Arc<dyn Engine> = Arc::new(NoFaces);
        let job = Download {
            store: store.clone(),
            flickr: account.flickr()?,
            images: Arc::new(account.images()?),
            settings: Settings {
                config,
                photos: folder.join("photos"),
                processing: Processing {
                    max_size: MAX_SIZE,
                    detector: Detector::Hog,
                    upsample: 0,
                    min_face: 40,
                    turned: false,
                    engine: engine.name(),
                    encoder: engine.encoder().to_owned(),
                },
                page_size: 500,
                downloads: 4,
                workers: 2,
                keep_photos: false,
                redo: false,
                relist: false,
                worker: "bench".to_owned(),
            },
            engine,
            turned: None,
            teller: Arc::new(|_| ()),
        };
        let done = download(job, Arc::new(Silent), CancellationToken::new()).await?;
        store.close().await;
        anyhow::Ok(done.photos)
    })?;
    ensure!(done == photos as u64, "{done} of {photos} photos are done");
    println!("{} {}", cpu()?, peak()?);
    Ok(())
}

/// The seconds of CPU that this process has taken (proc(5), `/proc/pid/stat`: utime and stime, in hundredths).
fn cpu() -> anyhow::Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat").context("/proc/self/stat")?;
    let (_, after_name) = stat.rsplit_once(") ").context("/proc/self/stat: no name")?;
    let ticks = after_name.split(' ').skip(11).take(2);
    let ticks: Vec<u64> = ticks.map(str::parse).collect::<Result<_, _>>()?;
    Ok(ticks.iter().sum::<u64>() as f64 / 100.0)
}

/// An engine that finds no face.
struct NoFaces;

impl Engine for NoFaces {
    fn name(&self) -> &'static str {
        "none"
    }

    fn description(&self) -> String {
        "no engine".to_owned()
    }

    fn encoder(&self) -> &str {
        Models::ENCODER.sha256
    }

    fn analyser(&self) -> Result<Box<dyn Analyser>, FacesError> {
        Ok(Box::new(Self))
    }
}

impl Analyser for NoFaces {
    fn detect(&mut self, _: &RgbImage) -> Result<Vec<Detection>, FacesError> {
        Ok(Vec::new())
    }

    fn align(&mut self, _: &RgbImage, _: &[Detection]) -> Result<Vec<AlignedFace>, FacesError> {
        Ok(Vec::new())
    }

    fn encode(&mut self, _: &[AlignedFace]) -> Result<Vec<Face>, FacesError> {
        Ok(Vec::new())
    }

    fn max_batch_size(&self) -> usize {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_this_process_is_read() {
        let before = cpu().unwrap();
        // Two billion steps take longer than a hundredth of a second.
        let busy = (0..2_000_000_000_u64).find(|step| {
            step % 1_000_000 == 0 && cpu().unwrap() > before
                || std::hint::black_box(*step) == u64::MAX
        });
        assert!(busy.is_some());
    }
}

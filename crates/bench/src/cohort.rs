//! A cohort for another encoder than dlib's, made of photos of many people.

use std::path::Path;

use anyhow::{Context, ensure};
use flickr_faces::{
    cluster::{Cohort, DIMENSIONS},
    faces::{
        Analyser, Detector, Engine, Models,
        onnx::{OnnxEngine, Runtime},
    },
    files::{Access, write_atomically},
    photo,
};

use crate::{engines::settings, photos};

/// Faces of the built-in cohort: fewer made clusters worse (docs/decisions/clusters.md).
const FACES: usize = 1000;

/// With fewer people than this the made-up ones are too much alike.
const ENOUGH: usize = 1000;

/// Encodes all faces of these photos with `encoder` and writes a cohort beside it.
pub(crate) fn cohort(
    models: &Models,
    encoder: &Path,
    runtime: &Runtime,
    paths: &[std::path::PathBuf],
) -> anyhow::Result<()> {
    let models = models.clone().with_encoder(encoder);
    let digest = models.check()?;
    ensure!(
        digest != Models::ENCODER.sha256,
        "{}: this is dlib's own network, whose cohort is built in",
        encoder.display()
    );
    let engine = OnnxEngine::new(&models, settings(Detector::Cnn), runtime)?;
    let mut analyser = engine.analyser()?;
    let files = photos::files(paths)?;
    let mut faces: Vec<[f32; DIMENSIONS]> = Vec::new();
    let mut unreadable = 0;
    for (done, file) in (1..).zip(&files) {
        match photo::decode(file, &photo::Limits::default()) {
            Ok(image) => faces.extend(encoded(&mut *analyser, &image)?),
            Err(error) => {
                eprintln!("{error}; left out");
                unreadable += 1;
            }
        }
        if done % 100 == 0 || done == files.len() {
            eprintln!("{done} of {} photos: {} faces", files.len(), faces.len());
        }
    }
    if faces.len() < ENOUGH {
        eprintln!(
            "warning: {} faces are few; best are one face each of {ENOUGH} people or more",
            faces.len()
        );
    }
    let cohort = Cohort::make(&faces, FACES, 0).context("no cohort can be made of these photos")?;
    let folder = encoder.parent().unwrap_or(Path::new(""));
    let path = folder.join(Cohort::file_name(&digest));
    write_atomically(&path, &cohort.to_bytes(), Access::Private)?;
    println!(
        "{}: {FACES} made-up faces of {} real ones in {} photos",
        path.display(),
        faces.len(),
        files.len() - unreadable
    );
    Ok(())
}

fn encoded(
    analyser: &mut dyn Analyser,
    image: &image::RgbImage,
) -> anyhow::Result<Vec<[f32; DIMENSIONS]>> {
    let found = analyser.detect(image)?;
    let aligned = analyser.align(image, &found)?;
    let mut faces = Vec::new();
    for batch in aligned.chunks(analyser.max_batch_size()) {
        faces.extend(
            analyser
                .encode(batch)?
                .into_iter()
                .map(|face| face.descriptor.0),
        );
    }
    Ok(faces)
}

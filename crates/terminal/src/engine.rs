//! Which engine finds the faces, and where ONNX Runtime's library is.

use std::{
    env,
    path::{Path, PathBuf},
    sync::Arc,
};

use flickr_faces::{
    config::{Config, EngineChoice},
    faces::{
        Detector, Engine, FacesError, Models, Settings,
        onnx::{Device, OnnxEngine, Runtime},
    },
};

use crate::{args::cache_folder, progress::Bars, setup};

/// The engine that config.ini asks for, its models checked. Says once where `auto` falls back to the
/// slow one.
///
/// # Errors
/// Where a model file is missing or damaged, the library or the GPU asked for is not there, or the
/// program was built without the engine that is needed.
pub fn engine(config: &Config, bars: &Bars) -> anyhow::Result<Arc<dyn Engine>> {
    if config.detector == Detector::Hog && cfg!(not(feature = "dlib")) {
        let wanted = "DETECTION_METHOD = hog (the default)";
        return Err(FacesError::WithoutDlib { wanted }.into());
    }
    if config.engine == EngineChoice::Dlib {
        return dlib(config);
    }
    // A library or a GPU that was asked for by name is not done without.
    let may_do_without = config.engine == EngineChoice::Auto
        && config.onnxruntime_library.is_none()
        && config.device != Device::Cuda
        && cfg!(feature = "dlib");
    let runtime = match library(config) {
        Some(library) => Runtime::load(&library).map_err(anyhow::Error::from),
        None if may_do_without => Err(anyhow::anyhow!("ONNX Runtime's library was not found")),
        None => Err(not_found(config)),
    };
    match runtime {
        Ok(runtime) => onnx(config, &runtime),
        Err(error) if may_do_without => {
            bars.say(&without(config.detector, &error));
            dlib(config)
        }
        Err(error) => Err(error),
    }
}

/// What it costs to run without ONNX Runtime, and how to get it.
fn without(detector: Detector, why: &anyhow::Error) -> String {
    let cost = match detector {
        Detector::Cnn => "cnn runs in dlib itself, many times slower",
        Detector::Hog => "dlib itself describes the faces, several times slower",
    };
    format!(
        "{why}: {cost}.\n\
         `cargo xtask assets` fetches the library; `engine = dlib` in config.ini is content without."
    )
}

fn not_found(config: &Config) -> anyhow::Error {
    let needed_by = match (config.engine, config.device) {
        (EngineChoice::Onnxruntime, _) => "engine = onnxruntime",
        (_, Device::Cuda) => "device = cuda",
        _ => "a program built without dlib",
    };
    anyhow::anyhow!(
        "ONNX Runtime's library, which {needed_by} needs, was not found: `cargo xtask assets` fetches it, \
         or name it with `onnxruntime_library` in config.ini; looked for: {}",
        candidates(config)
            .iter()
            .map(|path| path.display().to_string())
            .collect::<Vec<_>>()
            .join(", ")
    )
}

fn models(config: &Config) -> Models {
    let folder = config
        .models
        .clone()
        .unwrap_or_else(|| cache_folder().join("models"));
    match &config.encoder_model {
        Some(encoder) => Models::new(folder).with_encoder(encoder),
        None => Models::new(folder),
    }
}

fn settings(config: &Config) -> Settings {
    Settings {
        detector: config.detector,
        upsample: config.upsample,
        min_face: config.min_face,
    }
}

fn onnx(config: &Config, runtime: &Runtime) -> anyhow::Result<Arc<dyn Engine>> {
    tracing::info!("ONNX Runtime: {}", runtime.path().display());
    let engine = OnnxEngine::new(&models(config), settings(config), runtime)?;
    let engine = engine
        .with_device(config.device)?
        .with_threads(threads_each(
            config.workers,
            config.detector,
            setup::cores(),
        ))
        .with_encoders(1);
    Ok(match pixels(config) {
        Some(pixels) => Arc::new(engine.with_max_pixels(pixels)),
        None => Arc::new(engine),
    })
}

/// Analysers of the CNN at a time where config.ini leaves it open: each takes 0.4 GB with the settings that
/// config.ini begins with, and together they are to stay below 1.5 GB however many cores there are.
const CNN_ANALYSERS: usize = 3;

/// Threads for each analyser of ONNX Runtime: one, but where there are more cores than analysers.
fn threads_each(workers: usize, detector: Detector, cores: usize) -> usize {
    match (workers, detector) {
        (0, Detector::Cnn) => cores.div_ceil(CNN_ANALYSERS),
        _ => 1,
    }
}

fn pixels(config: &Config) -> Option<u64> {
    config
        .detector_megapixels
        .map(|megapixels| u64::from(megapixels) * 1_000_000)
}

#[cfg(feature = "dlib")]
fn dlib(config: &Config) -> anyhow::Result<Arc<dyn Engine>> {
    use flickr_faces::faces::dlib::DlibEngine;
    let engine = DlibEngine::new(&models(config), settings(config))?;
    Ok(match pixels(config) {
        Some(pixels) => Arc::new(engine.with_max_pixels(pixels)),
        None => Arc::new(engine),
    })
}

#[cfg(not(feature = "dlib"))]
fn dlib(_: &Config) -> anyhow::Result<Arc<dyn Engine>> {
    let wanted = "engine = dlib";
    Err(FacesError::WithoutDlib { wanted }.into())
}

/// The library: the one that is named, or else the first that is there.
fn library(config: &Config) -> Option<PathBuf> {
    // One that is named and is not there is an error of its own, which names it.
    if config.onnxruntime_library.is_some() {
        return config.onnxruntime_library.clone();
    }
    candidates(config).into_iter().find(|path| path.is_file())
}

/// Where the library is looked for, in this order: config.ini, `ORT_DYLIB_PATH`, beside the program,
/// the cache that `cargo xtask assets` fills, the system.
fn candidates(config: &Config) -> Vec<PathBuf> {
    let named = config.onnxruntime_library.clone();
    let variable = env::var_os("ORT_DYLIB_PATH").filter(|path| !path.is_empty());
    let program = env::current_exe().ok();
    let beside = program.as_deref().and_then(Path::parent);
    let mut found: Vec<PathBuf> = named
        .into_iter()
        .chain(variable.map(PathBuf::from))
        .collect();
    found.extend(beside.map(|folder| folder.join("libonnxruntime.so")));
    found.push(newest_in(&cache_folder().join("onnxruntime")));
    for folder in ["/usr/local/lib", "/usr/lib", "/usr/lib64"] {
        found.push(Path::new(folder).join("libonnxruntime.so"));
    }
    found.push(PathBuf::from(format!(
        "/usr/lib/{}-linux-gnu/libonnxruntime.so",
        env::consts::ARCH
    )));
    found
}

/// `libonnxruntime.so.*` in a folder, the last by name.
fn newest_in(folder: &Path) -> PathBuf {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| name.starts_with("libonnxruntime.so"))
        })
        .max()
        .unwrap_or_else(|| folder.join("libonnxruntime.so"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_cnn_analysers_share_all_cores() {
        for (cores, analysers, threads) in [
            (1, 1, 1),
            (2, 2, 1),
            (3, 3, 1),
            (4, 2, 2),
            (6, 3, 2),
            (8, 3, 3),
            (16, 3, 6),
            (64, 3, 22),
        ] {
            let each = threads_each(0, Detector::Cnn, cores);
            let found = (cores.div_ceil(each), each);
            assert_eq!(found, (analysers, threads), "{cores}");
        }
        // Who says how many workers has so many, of one thread each; HOG has no threads.
        assert_eq!(threads_each(8, Detector::Cnn, 8), 1);
        assert_eq!(threads_each(0, Detector::Hog, 8), 1);
    }
}

//! Which engine finds the faces.

use std::sync::Arc;

use flickr_faces::{
    config::{Config, EngineChoice},
    faces::{
        Detector, Engine, FacesError, Models, Settings, TurnedSearch,
        onnx::{Device, OnnxEngine, Runtime, TelemetryOff},
    },
};
use flickr_faces_terminal::{
    args::cache_folder,
    exit::{Exit, Failure},
    progress::Bars,
};

use crate::{messages, places};

/// dlib's engine.
#[cfg(feature = "dlib")]
fn dlib_engine(models: &Models, settings: Settings) -> Result<Arc<dyn Engine>, FacesError> {
    let engine = flickr_faces_dlib::DlibEngine::new(models, settings)?;
    Ok(Arc::new(engine))
}

/// What a program without dlib says instead.
#[cfg(not(feature = "dlib"))]
fn dlib_engine(_: &Models, _: Settings) -> Result<Arc<dyn Engine>, FacesError> {
    let wanted = "engine = dlib";
    Err(FacesError::WithoutDlib { wanted })
}

/// Whether this program was built with dlib.
const HAS_DLIB: bool = cfg!(feature = "dlib");

/// The engine that config.ini asks for, its models checked. Says once where `auto` falls back to the
/// slow one.
///
/// # Errors
/// Where a model file is missing or damaged, the library or the GPU asked for is not there, or the
/// program was built without the engine that is needed.
pub(crate) fn engine(
    config: &Config,
    telemetry: TelemetryOff,
    bars: &Bars,
) -> Result<Arc<dyn Engine>, Failure> {
    let settings = settings(config);
    if places::needs_home(config) {
        bars.say(&messages::no_home(&cache_folder()));
    }
    let dlib = || Ok(dlib_engine(&places::models(config), settings)?);
    if config.engine == EngineChoice::Dlib {
        return dlib();
    }
    // There is no fallback for a library or a GPU that was asked for by name.
    let may_fall_back = config.engine == EngineChoice::Auto
        && config.onnxruntime_library.is_none()
        && config.device != Device::Cuda
        && HAS_DLIB;
    let runtime = match places::library(config) {
        Some(library) => Runtime::load(&library, telemetry).map_err(Failure::from),
        None if may_fall_back => Err(Failure::new(Exit::CannotGoOn, messages::NO_ONNX_RUNTIME)),
        None => Err(Failure::new(
            Exit::CannotGoOn,
            messages::no_onnx_runtime(config, &places::candidates(config)),
        )),
    };
    match runtime {
        Ok(runtime) => onnx(config, settings, &runtime),
        Err(error) if may_fall_back => {
            bars.say(&messages::fallback(config.detector, &error));
            dlib()
        }
        Err(error) => Err(error),
    }
}

/// What looks how photos lie, where config.ini asks for it; its model checked.
///
/// # Errors
/// Where its model file is missing or damaged.
pub(crate) fn turned(config: &Config) -> Result<Option<TurnedSearch>, Failure> {
    let search = || TurnedSearch::new(&places::models(config), settings(config));
    Ok(config.turned.then(search).transpose()?)
}

fn settings(config: &Config) -> Settings {
    let max_pixels = config.detector_megapixels;
    Settings {
        detector: config.detector,
        upsample: config.upsample,
        min_face: config.min_face,
        max_pixels: max_pixels.map(|megapixels| u64::from(megapixels) * 1_000_000),
        max_memory: None,
    }
}

fn onnx(
    config: &Config,
    settings: Settings,
    runtime: &Runtime,
) -> Result<Arc<dyn Engine>, Failure> {
    tracing::info!("ONNX Runtime: {}", runtime.path().display());
    let engine = OnnxEngine::new(&places::models(config), settings, runtime)?;
    let threads = threads_each(config.workers, config.detector, cores());
    let engine = engine.with_device(config.device)?.with_threads(threads);
    Ok(Arc::new(engine.with_encoders(1)))
}

/// Analysers of the CNN at a time where config.ini leaves it open: each takes 0.4 GB with the settings that
/// config.ini begins with, and together they stay below 1.5 GB however many cores there are.
const CNN_ANALYSERS: usize = 3;

/// Threads for each analyser of ONNX Runtime: one, but where there are more cores than analysers.
fn threads_each(workers: usize, detector: Detector, cores: usize) -> usize {
    match (workers, detector) {
        (0, Detector::Cnn) => cores.div_ceil(CNN_ANALYSERS),
        _ => 1,
    }
}

/// Workers of HOG at most where config.ini leaves it open: each takes 0.11 GB with the settings that it
/// begins with, so that together they stay below 1.5 GB.
const HOG_WORKERS: usize = 12;

/// Threads that look for faces, each with an analyser of `engine`: as many as config.ini says, or as keep
/// all cores busy.
pub(crate) fn workers(config: &Config, engine: &dyn Engine) -> usize {
    let most = match config.detector {
        Detector::Hog => HOG_WORKERS,
        Detector::Cnn => usize::MAX,
    };
    match config.workers {
        0 => cores().div_ceil(engine.threads().max(1)).min(most),
        workers => workers,
    }
}

/// Cores that this process may use.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
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
        // A given number of workers have one thread each; HOG has no threads.
        assert_eq!(threads_each(8, Detector::Cnn, 8), 1);
        assert_eq!(threads_each(0, Detector::Hog, 8), 1);
    }
}

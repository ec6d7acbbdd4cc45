//! Which engine finds the faces, and where ONNX Runtime's library is.

use std::{
    env,
    path::{Path, PathBuf},
    sync::Arc,
};

use flickr_faces::{
    config::{Config, EngineChoice},
    faces::{
        Detector, Engine, Models, Settings,
        onnx::{OnnxEngine, Runtime},
    },
};

use crate::{args::cache_folder, progress::Bars};

/// The engine that config.ini asks for, its models checked. Says once where `auto` falls back to the
/// slow one.
///
/// # Errors
/// Where a model file is missing or damaged, the library asked for is not there, or the program was
/// built without the engine that is needed.
pub fn engine(config: &Config, bars: &Bars) -> anyhow::Result<Arc<dyn Engine>> {
    let folder = config
        .models
        .clone()
        .unwrap_or_else(|| cache_folder().join("models"));
    let models = Models::new(folder);
    let settings = Settings {
        detector: config.detector,
        upsample: config.upsample,
        ..Settings::default()
    };
    let use_onnx = match config.engine {
        EngineChoice::Dlib => false,
        EngineChoice::Onnxruntime => true,
        EngineChoice::Auto => config.detector == Detector::Cnn,
    };
    if !use_onnx {
        return dlib(&models, settings, config);
    }
    match library(config) {
        Some(library) => {
            let runtime = Runtime::load(&library)?;
            tracing::info!("ONNX Runtime: {}", runtime.path().display());
            let engine = OnnxEngine::new(&models, settings, &runtime)?;
            Ok(match pixels(config) {
                Some(pixels) => Arc::new(engine.with_max_pixels(pixels)),
                None => Arc::new(engine),
            })
        }
        None if config.engine == EngineChoice::Auto && cfg!(feature = "dlib") => {
            bars.say(
                "ONNX Runtime's library was not found: cnn runs in dlib itself, many times slower.\n\
                 `cargo xtask assets` fetches the library; `engine = dlib` in config.ini is content without.",
            );
            dlib(&models, settings, config)
        }
        None => anyhow::bail!(
            "ONNX Runtime's library was not found: `cargo xtask assets` fetches it, or name it with \
             `onnxruntime_library` in config.ini; looked for: {}",
            candidates(config)
                .iter()
                .map(|path| path.display().to_string())
                .collect::<Vec<_>>()
                .join(", ")
        ),
    }
}

fn pixels(config: &Config) -> Option<u64> {
    config
        .detector_megapixels
        .map(|megapixels| u64::from(megapixels) * 1_000_000)
}

#[cfg(feature = "dlib")]
fn dlib(models: &Models, settings: Settings, config: &Config) -> anyhow::Result<Arc<dyn Engine>> {
    let engine = flickr_faces::faces::dlib::DlibEngine::new(models, settings)?;
    Ok(match pixels(config) {
        Some(pixels) => Arc::new(engine.with_max_pixels(pixels)),
        None => Arc::new(engine),
    })
}

#[cfg(not(feature = "dlib"))]
fn dlib(_: &Models, settings: Settings, _: &Config) -> anyhow::Result<Arc<dyn Engine>> {
    let wanted = match settings.detector {
        Detector::Hog => "DETECTION_METHOD = hog (the default)",
        Detector::Cnn => "engine = dlib",
    };
    Err(flickr_faces::faces::FacesError::WithoutDlib { wanted }.into())
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

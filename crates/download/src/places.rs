//! Where the model files and ONNX Runtime's library are.

use std::{
    env::{self, consts},
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use flickr_faces::{
    config::Config,
    faces::{Models, onnx::Device},
};
use flickr_faces_terminal::args::{cache_folder, has_cache_folder};

/// The model files that config.ini names, not looked at yet. Without a name: those of a cache that is named
/// by `FLICKR_FACES_CACHE`, those that came with the program, or those of the user's cache folder.
pub(crate) fn models(config: &Config) -> Models {
    let cached = || cache_folder().join("models");
    let folder = match &config.models {
        Some(folder) => folder.clone(),
        None if is_set("FLICKR_FACES_CACHE") => cached(),
        None => packaged("share")
            .map(|folder| folder.join("models"))
            .filter(|folder| folder.is_dir())
            .unwrap_or_else(cached),
    };
    match &config.encoder_model {
        Some(encoder) => Models::new(folder).with_encoder(encoder),
        None => Models::new(folder),
    }
}

/// Whether models are looked for in a cache for which the environment names no place.
pub(crate) fn needs_home(config: &Config) -> bool {
    config.models.is_none()
        && !has_cache_folder()
        && !packaged("share").is_some_and(|folder| folder.join("models").is_dir())
}

/// The library: the one that is named, or else the first that is there.
pub(crate) fn library(config: &Config) -> Option<PathBuf> {
    // One that is named and is not there is an error of its own, which names it.
    if config.onnxruntime_library.is_some() {
        return config.onnxruntime_library.clone();
    }
    candidates(config).into_iter().find(|path| path.is_file())
}

/// Where the library is looked for, in this order: config.ini, `ORT_DYLIB_PATH`, beside the program,
/// what came with it, the cache that `cargo xtask assets` fills, the system.
pub(crate) fn candidates(config: &Config) -> Vec<PathBuf> {
    let file_name = format!("{LIBRARY}{}", consts::DLL_SUFFIX);
    let named = config.onnxruntime_library.clone();
    let variable = env::var_os("ORT_DYLIB_PATH").filter(|path| !path.is_empty());
    let mut found: Vec<PathBuf> = named
        .into_iter()
        .chain(variable.map(PathBuf::from))
        .collect();
    found.extend(program_folder().map(|folder| folder.join(&file_name)));
    if config.device != Device::Cpu {
        // `flickr-faces-fetch-cuda` and `cargo xtask assets --cuda` fetch it, and nothing does so unasked.
        found.push(newest_in(&cache_folder().join("onnxruntime-cuda")));
    }
    let cached = Some(newest_in(&cache_folder().join("onnxruntime")));
    let packaged = packaged("lib").map(|folder| newest_in(&folder));
    let both = if is_set("FLICKR_FACES_CACHE") {
        [cached, packaged]
    } else {
        [packaged, cached]
    };
    found.extend(both.into_iter().flatten());
    let of_processor = format!("/usr/lib/{}-linux-gnu", consts::ARCH);
    for folder in ["/usr/local/lib", "/usr/lib", "/usr/lib64", &of_processor] {
        found.push(Path::new(folder).join(&file_name));
    }
    found
}

const LIBRARY: &str = "libonnxruntime";

fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// The folder of this program, links followed.
fn program_folder() -> Option<PathBuf> {
    let program = env::current_exe().ok()?;
    let program = fs::canonicalize(&program).unwrap_or(program);
    program.parent().map(Path::to_path_buf)
}

/// `share/flickr-faces` or `lib/flickr-faces` beside the folder `bin` of the program: where packages put files.
fn packaged(kind: &str) -> Option<PathBuf> {
    let folder = program_folder()?;
    let beside = folder.parent()?.join(kind).join("flickr-faces");
    (folder.file_name() == Some(OsStr::new("bin"))).then_some(beside)
}

/// The library in a folder, with its version in its name or without: the last by name.
fn newest_in(folder: &Path) -> PathBuf {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str());
            name.is_some_and(is_library)
        })
        .max()
        .unwrap_or_else(|| folder.join(format!("{LIBRARY}{}", consts::DLL_SUFFIX)))
}

/// `libonnxruntime.so`, `libonnxruntime.so.1.32.0`, `libonnxruntime.1.32.0.dylib`; not its providers.
fn is_library(name: &str) -> bool {
    name.strip_prefix(LIBRARY)
        .is_some_and(|rest| rest.starts_with('.') && rest.contains(consts::DLL_SUFFIX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_is_told_from_its_providers() {
        let suffix = consts::DLL_SUFFIX;
        assert!(is_library(&format!("libonnxruntime{suffix}")));
        assert!(is_library(&format!("libonnxruntime.1.32.0{suffix}")));
        assert!(is_library(&format!("libonnxruntime{suffix}.1.32.0")));
        assert!(!is_library(&format!(
            "libonnxruntime_providers_shared{suffix}"
        )));
        assert!(!is_library("libonnxruntime.txt"));
    }
}

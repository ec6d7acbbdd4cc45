//! What CUDA's provider needs beside ONNX Runtime's library, and in words what is missing.

use std::{
    fs,
    path::{Path, PathBuf},
};

use ort::util::preload_dylib;

/// NVIDIA's libraries, each after those that it needs itself. The provider names them without a folder: one
/// that is loaded already is taken before the system is searched.
const LIBRARIES: [&str; 8] = [
    "libcudart.so.",
    "libnvrtc.so.",
    "libnvJitLink.so.",
    "libcublasLt.so.",
    "libcublas.so.",
    "libcurand.so.",
    "libcufft.so.",
    "libcudnn.so.",
];

/// What comes with the driver, and only with it.
const DRIVER: &str = "libcuda.so.1";

/// Loads NVIDIA's libraries that lie in the folder of ONNX Runtime's, for the provider to find; where one is not
/// there, the system's serves.
///
/// # Errors
/// In words why no GPU can be used: there is no driver, or a library does not load.
pub(super) fn prepare(folder: &Path) -> Result<(), String> {
    preload_dylib(DRIVER)
        .map_err(|_| format!("NVIDIA's driver is not installed: there is no {DRIVER}"))?;
    for path in LIBRARIES.iter().filter_map(|name| beside(folder, name)) {
        preload_dylib(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

/// The library of this name in the folder, whatever its version.
fn beside(folder: &Path, name: &str) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?;
    let mut paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.find(|path| {
        let found = path.file_name().and_then(|name| name.to_str());
        found.is_some_and(|found| found.starts_with(name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_found_in_any_version() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["libcudnn_ops.so.9", "libcudnn.so.9", "libcublas.so"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let found = |name| beside(folder.path(), name);
        assert_eq!(
            found("libcudnn.so."),
            Some(folder.path().join("libcudnn.so.9"))
        );
        assert_eq!(found("libcublas.so."), None);
        assert_eq!(beside(Path::new("/no/folder"), "libcudnn.so."), None);
    }
}

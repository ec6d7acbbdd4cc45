//! The library of ONNX Runtime, loaded while the program runs.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;
use ort::logging::LogLevel;
use ort::session::Session;
use ort::session::builder::SessionBuilder;

use super::super::FacesError;
use super::elf;

/// The library of ONNX Runtime (1.22 or newer), loaded. A process can have one.
#[derive(Clone)]
pub struct Runtime {
    environment: Environment,
    path: PathBuf,
}

/// The one that this process has: `ort` allows one environment, and it goes with the last that
/// holds it.
static LOADED: Mutex<Option<Runtime>> = Mutex::new(None);

impl Runtime {
    /// Loads the library at `path`, for example `libonnxruntime.so.1.22.0`. The same path a second
    /// time gives the same library.
    ///
    /// A library is code: loading it runs what it does when loaded. So `path` must come from the
    /// user or from a place that only the user can write to.
    ///
    /// # Errors
    /// There is no such file, it is no library of ONNX Runtime or one that is too old, or another
    /// was loaded before.
    pub fn load(path: &Path) -> Result<Self, FacesError> {
        let failed = |reason: String| FacesError::RuntimeLoad {
            path: path.to_owned(),
            reason,
        };
        // An absolute path: `ort` would look for a relative one beside the program first.
        let path = &std::path::absolute(path).map_err(|error| failed(error.to_string()))?;
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = &*loaded {
            return if runtime.path == *path {
                Ok(runtime.clone())
            } else {
                Err(FacesError::RuntimeLoaded {
                    path: path.to_owned(),
                    loaded: runtime.path.clone(),
                })
            };
        }
        if !path.is_file() {
            return Err(failed("there is no such file".to_owned()));
        }
        if let Some(fault) = elf::fault(path).map_err(|error| failed(error.to_string()))? {
            return Err(failed(fault));
        }
        let environment = ort::init_from(path)
            .map_err(|error| failed(error.to_string()))?
            .with_name("flickr-faces")
            .with_telemetry(false)
            .build()
            .map_err(|error| failed(error.to_string()))?;
        environment.set_log_level(LogLevel::Warning);
        let runtime = Self {
            environment,
            path: path.to_owned(),
        };
        *loaded = Some(runtime.clone());
        Ok(runtime)
    }

    /// The library's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What every session has in common: `threads` threads, one of which is the caller's.
    pub(super) fn session(&self, threads: usize) -> Result<SessionBuilder, FacesError> {
        let set = || -> ort::Result<SessionBuilder> {
            Ok(Session::builder(&self.environment)?
                .with_intra_threads(threads)?
                .with_inter_threads(1)?
                // Patterns are kept for each shape of the input, and photos have many.
                .with_memory_pattern(false)?)
        };
        set().map_err(|error| failed("set up a session", &error))
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Runtime").field(&self.path).finish()
    }
}

/// What ONNX Runtime said when it was to do `what`.
pub(super) fn failed(what: &'static str, error: &ort::Error) -> FacesError {
    FacesError::Runtime {
        what,
        reason: error.to_string(),
    }
}

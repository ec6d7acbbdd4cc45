//! The library of ONNX Runtime, loaded while the program runs.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;
use ort::ep::{CUDA, ExecutionProvider, cuda::ConvAlgorithmSearch};
use ort::logging::LogLevel;
use ort::session::Session;
use ort::session::builder::{AutoDevicePolicy, SessionBuilder};
use ort::value::TensorRef;

use super::graph::{Builder, Conv};
use super::telemetry::TelemetryOff;
use super::{cuda, elf};
use crate::faces::FacesError;

/// The library of ONNX Runtime (1.23 or newer), loaded. A process can have one.
#[derive(Clone)]
pub struct Runtime {
    environment: Environment,
    path: PathBuf,
}

/// The one that this process has: `ort` allows one environment, and it goes with the last that
/// holds it.
static LOADED: Mutex<Option<Runtime>> = Mutex::new(None);

impl Runtime {
    /// Loads the library at `path`, for example `libonnxruntime.so.1.23.2`. The same path a second
    /// time gives the same library.
    ///
    /// A library is code: loading it runs what it does when loaded. So `path` must come from the
    /// user or from a place that only the user can write to.
    ///
    /// The library would report to its maker: hence [`TelemetryOff`].
    ///
    /// # Errors
    /// There is no such file, it is no library of ONNX Runtime or one that is too old, or another
    /// was loaded before.
    pub fn load(path: &Path, _: TelemetryOff) -> Result<Self, FacesError> {
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
        // What a library cannot do shows when it is used, and is better known now.
        Target::cpu(&runtime, "not asked for")
            .works()
            .map_err(|error| failed(format!("version 1.23 or newer is needed ({error})")))?;
        *loaded = Some(runtime.clone());
        Ok(runtime)
    }

    /// The library's file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Runtime").field(&self.path).finish()
    }
}

const WITHOUT_CUDA: &str = "the library is built without CUDA";

/// What the networks are to run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Device {
    /// An NVIDIA GPU where the library and the machine offer one, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// An NVIDIA GPU, through ONNX Runtime's CUDA provider, and an error where that cannot be.
    Cuda,
}

/// A library and the device that sessions are made for.
#[derive(Debug, Clone)]
pub(super) struct Target {
    runtime: Runtime,
    pub(super) cuda: bool,
    /// Why it is not the GPU, in words.
    pub(super) no_gpu: Option<String>,
}

impl Target {
    /// The device asked for, tried out.
    ///
    /// # Errors
    /// [`Device::Cuda`] where the library or the machine has none that works.
    pub(super) fn new(runtime: &Runtime, device: Device) -> Result<Self, FacesError> {
        if device == Device::Cpu {
            return Ok(Self::cpu(runtime, "device = cpu"));
        }
        match Self::gpu(runtime) {
            Ok(gpu) => Ok(gpu),
            Err(no_gpu) if device == Device::Auto => {
                if no_gpu != WITHOUT_CUDA {
                    tracing::warn!("the GPU is not used: {no_gpu}");
                }
                Ok(Self::cpu(runtime, &no_gpu))
            }
            Err(reason) => Err(FacesError::NoCuda {
                path: runtime.path.clone(),
                reason,
            }),
        }
    }

    fn cpu(runtime: &Runtime, no_gpu: &str) -> Self {
        Self {
            runtime: runtime.clone(),
            cuda: false,
            no_gpu: Some(no_gpu.to_owned()),
        }
    }

    /// The GPU, or in words why not.
    fn gpu(runtime: &Runtime) -> Result<Self, String> {
        let gpu = Self {
            runtime: runtime.clone(),
            cuda: true,
            no_gpu: None,
        };
        if !CUDA::is_available().map_err(|error| error.to_string())? {
            return Err(WITHOUT_CUDA.to_owned());
        }
        cuda::prepare(runtime.path.parent().unwrap_or(Path::new("/")))?;
        gpu.works().map_err(|error| error.to_string())?;
        Ok(gpu)
    }

    pub(super) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Runs a convolution of one pixel: what is missing of CUDA shows when it is used.
    fn works(&self) -> ort::Result<()> {
        let mut graph = Builder::new([1, 1, -1, -1])?;
        let filter = Conv {
            shape: [1, 1, 1, 1],
            filters: &[2.0],
            biases: &[1.0],
            stride: [1, 1],
            padding: [0, 0],
        };
        graph.conv("in", &filter)?;
        let mut session = graph.finish(&[1, 1, -1, -1], &self.builder(1)?)?;
        let input = TensorRef::from_array_view(([1_usize, 1, 1, 1], &[3.0_f32][..]))?;
        let outputs = session.run(ort::inputs![input])?;
        let (_, found) = outputs["out"].try_extract_tensor::<f32>()?;
        if found == [7.0] {
            Ok(())
        } else {
            Err(ort::Error::new(format!("2 * 3 + 1 came out as {found:?}")))
        }
    }

    /// What every session has in common: `threads` threads, one of which is the caller's.
    pub(super) fn session(&self, threads: usize) -> Result<SessionBuilder, FacesError> {
        self.builder(threads)
            .map_err(|error| failed("set up a session", &error))
    }

    fn builder(&self, threads: usize) -> ort::Result<SessionBuilder> {
        let builder = Session::builder(&self.runtime.environment)?
            .with_intra_threads(threads)?
            .with_inter_threads(1)?
            // Threads that wait for work would take it from those of other analysers.
            .with_intra_op_spinning(false)?
            // Patterns are kept for each shape of the input, and photos have many.
            .with_memory_pattern(false)?;
        if !self.cuda {
            // `ort` would have ONNX Runtime choose the most efficient device: a neural processor, with
            // other numbers, or where 1.22 finds none, the end of the process. 1.22 has no other way
            // for graphs made in memory.
            return Ok(builder.with_auto_device(AutoDevicePolicy::PreferCPU)?);
        }
        let provider = CUDA::default()
            // Its 10 bits of precision would be other numbers than dlib's.
            .with_tf32(false)
            // A full search for each size of photo would take longer than the photo.
            .with_conv_algorithm_search(ConvAlgorithmSearch::Heuristic)
            .build()
            .error_on_failure();
        Ok(builder.with_execution_providers([provider])?)
    }
}

/// What ONNX Runtime said when it was to do `what`.
pub(super) fn failed(what: &'static str, error: &ort::Error) -> FacesError {
    FacesError::Runtime {
        what,
        reason: error.to_string(),
    }
}

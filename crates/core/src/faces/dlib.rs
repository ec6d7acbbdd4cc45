//! The engine that runs dlib itself, through the crate `dlib-face-recognition`.
//!
//! What a photo goes through is what Python's `face_recognition` does: doubled `upsample` times,
//! detector, boxes mapped back; then on the photo at its own size landmarks, the 150x150 chip with
//! padding 0.25, the network, one pass without jitter.
//!
//! The crate's C++ may throw, and an exception must never reach Rust. What could make it throw is
//! refused before it is called: damaged model files ([`Models::check`]), images too small for the
//! network's filters, images too large for the memory.

use std::ffi::c_int;
use std::path::Path;

use dlib_face_recognition::{
    FaceDetector, FaceDetectorCnn, FaceDetectorTrait, FaceEncoderNetwork, FaceEncoderTrait,
    FaceLandmarks, FaceLocations, ImageMatrix, LandmarkPredictor, LandmarkPredictorTrait,
    Rectangle,
};
use image::RgbImage;

use super::{
    Analyser, Descriptor, Detector, Engine, Face, FacesError, ModelFile, Models, Rect, Settings,
};

/// The shortest side, after doubling, that a detector is given. The CNN's three convolutions of 5x5
/// with stride 2 and no padding, on a picture with a border of 11, need a side of 7 (dlib's
/// `tensor_conv` throws below it). No face fits into so few pixels.
const MIN_SIDE: u32 = 16;

/// The engine of dlib.
#[derive(Debug)]
pub struct DlibEngine {
    models: Models,
    settings: Settings,
    max_pixels: u64,
}

impl DlibEngine {
    /// Most doublings that [`Settings::upsample`] may ask for. More would find faces of so few
    /// pixels that their five landmarks fall together, and the chip would have no size.
    pub const MAX_UPSAMPLE: u8 = 4;
    /// Pixels that the detector is given at most unless [`Self::with_max_pixels`] says otherwise.
    pub const DEFAULT_MAX_PIXELS: u64 = 40_000_000;

    /// An engine with the model files in `models`, which are checked here, once.
    ///
    /// Sets OpenBLAS to one thread for the whole process: dlib's networks run on its matrix
    /// product, and with one analyser per core its own threads would only fight over the cores.
    ///
    /// # Errors
    /// A model file is missing, unreadable or another than expected; too many doublings.
    pub fn new(models: &Models, settings: Settings) -> Result<Self, FacesError> {
        if settings.upsample > Self::MAX_UPSAMPLE {
            return Err(FacesError::TooManyDoublings {
                found: settings.upsample,
                max: Self::MAX_UPSAMPLE,
            });
        }
        models.check()?;
        one_blas_thread();
        Ok(Self {
            models: models.clone(),
            settings,
            max_pixels: Self::DEFAULT_MAX_PIXELS,
        })
    }

    /// The same engine with another limit for the pixels that a detector is given, after doubling.
    /// A photo is doubled less often where it would pass the limit, and refused where it passes
    /// the limit at its own size.
    #[must_use]
    pub fn with_max_pixels(mut self, max_pixels: u64) -> Self {
        self.max_pixels = max_pixels;
        self
    }
}

impl Engine for DlibEngine {
    fn name(&self) -> &'static str {
        "dlib"
    }

    fn analyser(&self) -> Result<Box<dyn Analyser>, FacesError> {
        Ok(Box::new(DlibAnalyser {
            finder: match self.settings.detector {
                Detector::Cnn => Finder::Cnn(load(&self.models, Models::DETECTOR, |path| {
                    FaceDetectorCnn::open(path)
                })?),
                Detector::Hog => Finder::Hog(FaceDetector::new()),
            },
            predictor: load(&self.models, Models::LANDMARKS, |path| {
                LandmarkPredictor::open(path)
            })?,
            encoder: load(&self.models, Models::ENCODER, |path| {
                FaceEncoderNetwork::open(path)
            })?,
            settings: self.settings,
            max_pixels: self.max_pixels,
        }))
    }
}

/// One thread's detector, landmark model and network: dlib's are not safe to share.
struct DlibAnalyser {
    finder: Finder,
    predictor: LandmarkPredictor,
    encoder: FaceEncoderNetwork,
    settings: Settings,
    max_pixels: u64,
}

enum Finder {
    Cnn(FaceDetectorCnn),
    Hog(FaceDetector),
}

impl Finder {
    fn find(&self, image: &ImageMatrix) -> FaceLocations {
        match self {
            Self::Cnn(detector) => detector.face_locations(image),
            Self::Hog(detector) => detector.face_locations(image),
        }
    }
}

impl Analyser for DlibAnalyser {
    fn analyse(&mut self, image: &RgbImage) -> Result<Vec<Face>, FacesError> {
        let size = image.dimensions();
        if pixels(size) > self.max_pixels {
            return Err(FacesError::TooLarge {
                width: size.0,
                height: size.1,
                max_pixels: self.max_pixels,
            });
        }
        let levels = doublings(size, self.settings.upsample, self.max_pixels);
        let sizes: Vec<_> = std::iter::successors(Some(size), |&size| Some(doubled(size)))
            .take(usize::from(levels) + 1)
            .collect();
        let &searched = sizes.last().unwrap_or(&size);
        if size.0.min(size.1) == 0 || searched.0.min(searched.1) < MIN_SIDE {
            return Ok(Vec::new());
        }
        memory_for(searched, self.settings.detector)?;

        let matrix = matrix_of(image);
        let found = match sizes.get(1) {
            None => self.finder.find(&matrix),
            Some(&first) => {
                let resize = |from: &ImageMatrix, (width, height): (u32, u32)| {
                    from.resize(width as usize, height as usize)
                };
                let once = resize(&matrix, first);
                let all = sizes[2..]
                    .iter()
                    .fold(once, |matrix, &size| resize(&matrix, size));
                self.finder.find(&all)
            }
        };
        let rects: Vec<Rectangle> = found.iter().map(|rect| halved(rect, levels)).collect();
        let landmarks: Vec<FaceLandmarks> = rects
            .iter()
            .map(|rect| self.predictor.face_landmarks(&matrix, rect))
            .collect();
        let encodings = self.encoder.get_face_encodings(&matrix, &landmarks, 0);
        if encodings.len() != rects.len() {
            return Err(FacesError::Engine {
                what: "descriptors for as many",
                found: encodings.len(),
                expected: rects.len(),
            });
        }
        rects
            .iter()
            .zip(&landmarks)
            .zip(encodings.iter())
            .map(|((rect, landmarks), encoding)| {
                Ok(Face {
                    rect: plain(rect),
                    score: None,
                    landmarks: five(landmarks)?,
                    descriptor: descriptor(encoding.as_ref())?,
                })
            })
            .collect()
    }
}

/// Loads one model. The crate makes a C string of the path and panics where it cannot.
fn load<T>(
    models: &Models,
    file: ModelFile,
    open: impl Fn(&Path) -> Result<T, String>,
) -> Result<T, FacesError> {
    let path = models.path(file);
    let failed = |reason: String| FacesError::ModelLoad {
        path: path.clone(),
        reason,
    };
    match path.to_str() {
        None => Err(failed("dlib wants a path that is valid UTF-8".to_owned())),
        Some(text) if text.contains('\0') => Err(failed(
            "dlib wants a path without a null character".to_owned(),
        )),
        Some(_) => open(&path).map_err(failed),
    }
}

/// dlib's copy of an image. The crate's own conversion wants another version of `image`.
fn matrix_of(image: &RgbImage) -> ImageMatrix {
    let (width, height) = image.dimensions();
    // SAFETY: the constructor reads width * height * 3 bytes, rows one after another, and keeps
    // nothing; an `RgbImage` holds at least as many.
    unsafe { ImageMatrix::new(width as usize, height as usize, image.as_raw().as_ptr()) }
}

/// Pixels of an image of that size.
fn pixels((width, height): (u32, u32)) -> u64 {
    u64::from(width) * u64::from(height)
}

/// The size that dlib's `pyramid_up` makes with `pyramid_down<2>`, which maps the last pixel's
/// corner by `(p + (1.25, 0.75)) * 2` and rounds: 500x375 becomes 1002x751
/// (dlib/image_transforms/image_pyramid.h, `pyramid_down_2_1::rect_up`; interpolation.h).
fn doubled((width, height): (u32, u32)) -> (u32, u32) {
    (
        width.saturating_mul(2).saturating_add(2),
        height.saturating_mul(2).saturating_add(1),
    )
}

/// How often an image can be doubled, `wanted` times at most, without passing `max_pixels`.
fn doublings(size: (u32, u32), wanted: u8, max_pixels: u64) -> u8 {
    let mut reached = size;
    for done in 0..wanted {
        let next = doubled(reached);
        if pixels(next) > max_pixels {
            tracing::warn!(
                width = size.0,
                height = size.1,
                wanted,
                done,
                max_pixels,
                "photo doubled less often than asked: it would pass the limit for pixels"
            );
            return done;
        }
        reached = next;
    }
    wanted
}

/// A rectangle of an image doubled `levels` times, in pixels of the image itself: every corner by
/// `p / 2 - (1.25, 0.75)` per level, rounded once at the end, halves upwards
/// (dlib/image_transforms/image_pyramid.h, `pyramid_down_2_1::rect_down`; geometry/drectangle.h).
/// dlib's Python bindings do this for the CNN and for HOG alike.
fn halved(rect: &Rectangle, levels: u8) -> Rectangle {
    let down = |edge: i64, offset: f64| {
        let exact = (0..levels).fold(edge as f64, |value, _| value / 2.0 - offset);
        (exact + 0.5).floor() as i64
    };
    Rectangle {
        left: down(rect.left, 1.25),
        top: down(rect.top, 0.75),
        right: down(rect.right, 1.25),
        bottom: down(rect.bottom, 0.75),
    }
}

/// dlib's `long` edges as ours. An edge is at most a few window widths outside an image of less
/// than 2^31 pixels, so nothing is cut.
fn plain(rect: &Rectangle) -> Rect {
    Rect {
        left: narrow(rect.left),
        top: narrow(rect.top),
        right: narrow(rect.right),
        bottom: narrow(rect.bottom),
    }
}

fn narrow(value: i64) -> i32 {
    value.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32
}

fn five(landmarks: &FaceLandmarks) -> Result<[[i32; 2]; 5], FacesError> {
    let points: Vec<[i32; 2]> = landmarks
        .iter()
        .map(|point| [narrow(point.x()), narrow(point.y())])
        .collect();
    points
        .try_into()
        .map_err(|points: Vec<_>| FacesError::Engine {
            what: "landmarks",
            found: points.len(),
            expected: 5,
        })
}

/// The crate widens the network's `float` to `double`: going back loses nothing.
fn descriptor(numbers: &[f64]) -> Result<Descriptor, FacesError> {
    let numbers: Vec<f32> = numbers.iter().map(|&number| number as f32).collect();
    numbers
        .try_into()
        .map(Descriptor)
        .map_err(|numbers: Vec<_>| FacesError::Engine {
            what: "numbers",
            found: numbers.len(),
            expected: Descriptor::LEN,
        })
}

/// Makes sure that the system would give the memory that a detector takes: dlib throws
/// `std::bad_alloc` where it does not.
fn memory_for(size: (u32, u32), detector: Detector) -> Result<(), FacesError> {
    let per_pixel = match detector {
        Detector::Cnn => 1000,
        Detector::Hog => 100,
    };
    let bytes = pixels(size).saturating_mul(per_pixel);
    let enough =
        usize::try_from(bytes).is_ok_and(|bytes| Vec::<u8>::new().try_reserve_exact(bytes).is_ok());
    if enough {
        Ok(())
    } else {
        Err(FacesError::OutOfMemory {
            width: size.0,
            height: size.1,
            bytes,
        })
    }
}

fn one_blas_thread() {
    unsafe extern "C" {
        fn openblas_set_num_threads(threads: c_int);
    }
    // SAFETY: OpenBLAS, which dlib-face-recognition links with its feature `openblas`, declares it
    // as `void openblas_set_num_threads(int)`; it takes its own lock and accepts any number.
    unsafe { openblas_set_num_threads(1) }
}

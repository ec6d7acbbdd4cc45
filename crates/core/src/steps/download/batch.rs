//! Photos whose faces wait to be encoded together: the network is faster over many.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use tokio::sync::mpsc;

use super::record::Ended;
use crate::{
    faces::{Analyser, Face, FacesError, Found, crop},
    photo,
    store::{FoundFace, Outcome},
};

/// The longest that a photo waits for others: a run that is killed loses no more than that.
const PATIENCE: Duration = Duration::from_secs(5);

/// One worker's analyser, and the photos that it has searched and not encoded yet. A photo that
/// waits holds its chips and crops, no more.
pub(super) struct Batch {
    analyser: Box<dyn Analyser>,
    photos: Vec<Searched>,
    faces: usize,
    since: Instant,
}

/// A photo in which faces were found.
struct Searched {
    photo: String,
    path: PathBuf,
    size: (u32, u32),
    faces: Vec<Found>,
    crops: Vec<Vec<u8>>,
}

/// The recorder is gone: the run is ending.
pub(super) struct Gone;

impl Batch {
    pub(super) fn new(analyser: Box<dyn Analyser>) -> Self {
        Self {
            analyser,
            photos: Vec::new(),
            faces: 0,
            since: Instant::now(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.photos.is_empty()
    }

    /// Searches a photo, and encodes what has come together where that is enough.
    pub(super) fn take(
        &mut self,
        photo: String,
        path: PathBuf,
        results: &mpsc::Sender<Ended>,
    ) -> Result<(), Gone> {
        let found = guarded(|| search(&mut *self.analyser, &path));
        let (size, faces, crops) = match found {
            Ok(found) => found,
            Err(reason) => return send(results, photo, path, Outcome::Failed(reason)),
        };
        if faces.is_empty() {
            return send(results, photo, path, done(size, Vec::new(), crops));
        }
        if self.is_empty() {
            self.since = Instant::now();
        }
        self.faces += faces.len();
        self.photos.push(Searched {
            photo,
            path,
            size,
            faces,
            crops,
        });
        if self.faces >= self.analyser.batch() || self.since.elapsed() >= PATIENCE {
            self.end(results)?;
        }
        Ok(())
    }

    /// Encodes all that waits and hands the photos on.
    pub(super) fn end(&mut self, results: &mpsc::Sender<Ended>) -> Result<(), Gone> {
        let photos = std::mem::take(&mut self.photos);
        self.faces = 0;
        let all: Vec<Found> = photos
            .iter()
            .flat_map(|photo| &photo.faces)
            .cloned()
            .collect();
        let faces = guarded(|| self.analyser.encode(all).map_err(|error| error.to_string()));
        let mut faces = faces.map(Vec::into_iter);
        for photo in photos {
            let count = photo.faces.len();
            let own = match &mut faces {
                Ok(faces) => Ok(faces.take(count).collect()),
                // Each for itself, so that one photo's fault is not the others'.
                Err(_) => guarded(|| {
                    let encoded = self.analyser.encode(photo.faces);
                    encoded.map_err(|error| error.to_string())
                }),
            };
            let outcome = own.map_or_else(Outcome::Failed, |faces| {
                done(photo.size, faces, photo.crops)
            });
            send(results, photo.photo, photo.path, outcome)?;
        }
        Ok(())
    }
}

fn done((width, height): (u32, u32), faces: Vec<Face>, crops: Vec<Vec<u8>>) -> Outcome {
    if faces.len() != crops.len() {
        let error = FacesError::Engine {
            what: "descriptors",
            found: faces.len(),
            expected: crops.len(),
        };
        return Outcome::Failed(error.to_string());
    }
    Outcome::Done {
        width,
        height,
        faces: faces
            .into_iter()
            .zip(crops)
            .map(|(face, crop)| FoundFace { face, crop })
            .collect(),
    }
}

/// What a photo is once it is searched: its size, its faces, their crops.
type Search = ((u32, u32), Vec<Found>, Vec<Vec<u8>>);

fn search(analyser: &mut dyn Analyser, path: &Path) -> Result<Search, String> {
    let image = photo::decode(path, &photo::Limits::default()).map_err(|e| e.to_string())?;
    let faces = analyser.find(&image).map_err(|e| e.to_string())?;
    let crops: Result<Vec<_>, _> = faces.iter().map(|face| crop(&image, face.rect)).collect();
    Ok((image.dimensions(), faces, crops.map_err(|e| e.to_string())?))
}

/// A decoder or an engine that panics over one photo must not end the others.
fn guarded<T>(act: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(act))
        .unwrap_or_else(|_| Err("internal error over this photo".to_owned()))
}

fn send(
    results: &mpsc::Sender<Ended>,
    photo: String,
    path: PathBuf,
    outcome: Outcome,
) -> Result<(), Gone> {
    results
        .blocking_send(Ended::photo(photo, outcome, Some(path)))
        .map_err(|_| Gone)
}

//! Photos whose faces wait to be encoded together: the network is faster over many.

use std::{
    borrow::Cow,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use tokio::sync::mpsc;

use super::{record::PhotoResult, stopwatch::Stopwatch};
use crate::{
    faces::{AlignedFace, Analyser, Face, FacesError, Turn, TurnedFinder, Upright, crop_within},
    ids::PhotoId,
    photo,
    store::{FoundFace, Outcome},
};

/// The longest that a photo waits for others: a run that is killed loses no more than that.
const MAX_BATCH_DELAY: Duration = Duration::from_secs(5);

/// One worker's analyser, and the photos that it has searched and not encoded yet. A photo that
/// waits holds its chips and crops, no more.
pub(super) struct Batch {
    analyser: Box<dyn Analyser>,
    /// Where photos may lie on their side.
    turned: Option<TurnedFinder>,
    /// The longest side of faces' crops, in pixels.
    crop_side: u32,
    photos: Vec<Searched>,
    /// Of all these photos, one after the other.
    faces: Vec<AlignedFace>,
    /// When the first of them was searched.
    since: Instant,
    stopwatch: Stopwatch,
}

/// A photo in which faces were found.
struct Searched {
    photo: PhotoId,
    path: PathBuf,
    size: (u32, u32),
    turn: Turn,
    /// One of each face.
    crops: Vec<Vec<u8>>,
}

/// The recorder is gone: the run is ending.
#[derive(Debug)]
pub(super) struct ChannelClosed;

impl Batch {
    pub(super) fn new(
        analyser: Box<dyn Analyser>,
        turned: Option<TurnedFinder>,
        crop_side: u32,
        stopwatch: Stopwatch,
    ) -> Self {
        Self {
            analyser,
            turned,
            crop_side,
            photos: Vec::new(),
            faces: Vec::new(),
            since: Instant::now(),
            stopwatch,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.photos.is_empty()
    }

    /// The worker has waited so long for a photo; `None` for its first, which may not be listed yet.
    pub(super) fn has_waited(&mut self, time: Option<Duration>) {
        match time {
            Some(time) => self.stopwatch.idled(time),
            None => self.stopwatch.begin(),
        }
    }

    /// Searches a photo, and encodes what has come together where that is enough.
    pub(super) fn push(
        &mut self,
        photo: PhotoId,
        path: PathBuf,
        results: &mpsc::Sender<PhotoResult>,
    ) -> Result<(), ChannelClosed> {
        self.stopwatch.start();
        let pushed = self.search_and_encode(photo, path, results);
        self.stopwatch.stop();
        pushed
    }

    fn search_and_encode(
        &mut self,
        photo: PhotoId,
        path: PathBuf,
        results: &mpsc::Sender<PhotoResult>,
    ) -> Result<(), ChannelClosed> {
        let searched = guarded(|| {
            let turned = self.turned.as_mut();
            search(&mut *self.analyser, turned, &path, self.crop_side)
        });
        match searched {
            Err(reason) => {
                self.stopwatch.forget();
                send(results, photo, path, Outcome::Failed(reason))?;
            }
            Ok(Search { size, faces, .. }) if faces.is_empty() => {
                self.stopwatch.searched();
                if self.is_empty() {
                    self.stopwatch.end();
                } else {
                    self.stopwatch.waits();
                }
                let nothing = done(size, Turn::None, Vec::new(), Vec::new());
                send(results, photo, path, nothing)?;
            }
            Ok(Search {
                size,
                turn,
                faces,
                crops,
            }) => {
                if self.is_empty() {
                    self.since = Instant::now();
                }
                self.faces.extend(faces);
                self.photos.push(Searched {
                    photo,
                    path,
                    size,
                    turn,
                    crops,
                });
                self.stopwatch.searched();
                self.stopwatch.waits();
            }
        }
        // After every photo: many without faces must not keep one with faces waiting.
        if self.faces.len() >= self.analyser.max_batch_size()
            || self.since.elapsed() >= MAX_BATCH_DELAY
        {
            self.encode_all(results)?;
        }
        Ok(())
    }

    /// Encodes all that waits and hands the photos on.
    pub(super) fn flush(
        &mut self,
        results: &mpsc::Sender<PhotoResult>,
    ) -> Result<(), ChannelClosed> {
        self.stopwatch.start();
        let flushed = self.encode_all(results);
        self.stopwatch.stop();
        flushed
    }

    fn encode_all(&mut self, results: &mpsc::Sender<PhotoResult>) -> Result<(), ChannelClosed> {
        if self.is_empty() {
            return Ok(());
        }
        let photos = std::mem::take(&mut self.photos);
        let found = std::mem::take(&mut self.faces);
        let mut together = encode(&mut *self.analyser, &found).map(Vec::into_iter);
        // Before anybody hears of them, and asks what they took.
        self.stopwatch.end();
        let mut rest = found.as_slice();
        for photo in photos {
            let own;
            (own, rest) = rest.split_at(photo.crops.len());
            let faces = match &mut together {
                Ok(faces) => Ok(faces.take(own.len()).collect()),
                // Each for itself, so that one photo's fault is not the others'.
                Err(_) => encode(&mut *self.analyser, own),
            };
            let outcome = faces.map_or_else(Outcome::Failed, |faces| {
                done(photo.size, photo.turn, faces, photo.crops)
            });
            send(results, photo.photo, photo.path, outcome)?;
        }
        Ok(())
    }
}

/// A photo's end, with as many faces as crops.
fn done((width, height): (u32, u32), turn: Turn, faces: Vec<Face>, crops: Vec<Vec<u8>>) -> Outcome {
    Outcome::Done {
        width,
        height,
        faces: faces
            .into_iter()
            .zip(crops)
            .map(|(face, crop)| FoundFace { face, crop, turn })
            .collect(),
    }
}

/// What a photo is once it is searched. Faces are in the photo as it lies, their crops upright.
struct Search {
    /// Width and height.
    size: (u32, u32),
    /// How it was turned for its faces to be upright.
    turn: Turn,
    faces: Vec<AlignedFace>,
    /// One of each face.
    crops: Vec<Vec<u8>>,
}

fn search(
    analyser: &mut dyn Analyser,
    turned: Option<&mut TurnedFinder>,
    path: &Path,
    crop_side: u32,
) -> Result<Search, String> {
    let photo = photo::decode(path, &photo::Limits::default()).map_err(|e| e.to_string())?;
    let Upright { image, turn, faces } = match turned {
        Some(finder) => finder.find(analyser, &photo),
        None => analyser.find(&photo).map(|faces| Upright {
            image: Cow::Borrowed(&photo),
            turn: Turn::None,
            faces,
        }),
    }
    .map_err(|e| e.to_string())?;
    let crop = |face: &AlignedFace| crop_within(&image, face.rect, crop_side);
    let crops: Result<Vec<_>, _> = faces.iter().map(crop).collect();
    let back = |face: AlignedFace| AlignedFace {
        rect: turn.back().rect(face.rect, image.dimensions()),
        landmarks: (face.landmarks).map(|point| turn.back().point(point, image.dimensions())),
        ..face
    };
    Ok(Search {
        size: photo.dimensions(),
        turn,
        crops: crops.map_err(|e| e.to_string())?,
        faces: faces.into_iter().map(back).collect(),
    })
}

/// As many faces as there were found: each photo is then sure of its own.
fn encode(analyser: &mut dyn Analyser, found: &[AlignedFace]) -> Result<Vec<Face>, String> {
    guarded(|| {
        let faces = analyser.encode(found).map_err(|error| error.to_string())?;
        if faces.len() == found.len() {
            return Ok(faces);
        }
        let error = FacesError::Engine {
            what: "descriptors",
            found: faces.len(),
            expected: found.len(),
        };
        Err(error.to_string())
    })
}

/// A decoder or an engine that panics over one photo must not end the others.
fn guarded<T>(act: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(act))
        .unwrap_or_else(|_| Err("internal error over this photo".to_owned()))
}

fn send(
    results: &mpsc::Sender<PhotoResult>,
    photo: PhotoId,
    path: PathBuf,
    outcome: Outcome,
) -> Result<(), ChannelClosed> {
    results
        .blocking_send(PhotoResult::photo(photo, outcome, Some(path)))
        .map_err(|_| ChannelClosed)
}

#[cfg(test)]
mod tests;

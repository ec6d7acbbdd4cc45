//! Batches of photos, some at fault.

use std::sync::{Arc, Mutex, PoisonError};

use image::{Rgb, RgbImage};

use super::super::stopwatch::Timed;
use super::*;
use crate::faces::{Descriptor, Detection, EncoderInput, Quality, Rect};
use crate::steps::download::record::Ended;

const FINE: u8 = 0;
const FIND_FAILS: u8 = 1;
const FIND_PANICS: u8 = 2;
const ENCODE_FAILS: u8 = 3;
const ENCODE_PANICS: u8 = 4;
const ENCODE_LOSES: u8 = 5;
/// No file at all.
const MISSING: u8 = 6;

/// What a call of `encode` takes at least.
const ENCODING: Duration = Duration::from_millis(10);

/// Photo and face: what a face is known by here, as its first landmark.
type Tag = [i32; 2];

/// An analyser that fails on demand, as no real one does: a photo's first pixel says which photo
/// it is, how many faces it has and what goes wrong with it.
struct OnDemand {
    batch: usize,
    /// The faces of each call of `encode`.
    calls: Arc<Mutex<Vec<Vec<Tag>>>>,
}

fn failure() -> FacesError {
    FacesError::Runtime {
        what: "do this",
        reason: "as ordered".to_owned(),
    }
}

fn tag(face: &AlignedFace) -> Tag {
    face.landmarks[0]
}

impl Analyser for OnDemand {
    fn detect(&mut self, image: &RgbImage) -> Result<Vec<Detection>, FacesError> {
        let Rgb([_, count, fault]) = *image.get_pixel(0, 0);
        match fault {
            FIND_FAILS => return Err(failure()),
            FIND_PANICS => panic!("as ordered"),
            _ => {}
        }
        let rect = |face| Rect {
            left: face,
            top: 0,
            right: face + 3,
            bottom: 3,
        };
        Ok((0..i32::from(count))
            .map(|face| Detection {
                rect: rect(face),
                score: None,
            })
            .collect())
    }

    fn align(
        &mut self,
        image: &RgbImage,
        detections: &[Detection],
    ) -> Result<Vec<AlignedFace>, FacesError> {
        let Rgb([photo, _, fault]) = *image.get_pixel(0, 0);
        Ok(detections
            .iter()
            .map(|&Detection { rect, score }| {
                let mut landmarks = [[0; 2]; 5];
                landmarks[0] = [photo.into(), rect.left];
                landmarks[1] = [fault.into(), 0];
                AlignedFace {
                    rect,
                    score,
                    landmarks,
                    quality: Quality {
                        sharpness: 80.0,
                        yaw: 0.1,
                    },
                    input: EncoderInput::Chip(RgbImage::new(1, 1)),
                }
            })
            .collect())
    }

    fn encode(&mut self, faces: &[AlignedFace]) -> Result<Vec<Face>, FacesError> {
        std::thread::sleep(ENCODING);
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.push(faces.iter().map(tag).collect());
        drop(calls);
        let has = |fault| faces.iter().any(|f| f.landmarks[1][0] == i32::from(fault));
        assert!(!has(ENCODE_PANICS), "as ordered");
        if has(ENCODE_FAILS) {
            return Err(failure());
        }
        let lost = usize::from(has(ENCODE_LOSES));
        Ok(faces
            .iter()
            .skip(lost)
            .map(|face| {
                let mut numbers = [0.0; 128];
                numbers[0] = face.landmarks[0][0] as f32;
                numbers[1] = face.landmarks[0][1] as f32;
                face.encoded(Descriptor(numbers))
            })
            .collect())
    }

    fn max_batch_size(&self) -> usize {
        self.batch
    }
}

/// A worker's batch, and what the recorder would see of it.
struct Bench {
    batch: Batch,
    calls: Arc<Mutex<Vec<Vec<Tag>>>>,
    timed: Arc<Mutex<Vec<Timed>>>,
    results: mpsc::Sender<PhotoResult>,
    ended: mpsc::Receiver<PhotoResult>,
    folder: tempfile::TempDir,
}

impl Bench {
    fn new(batch: usize) -> Self {
        let calls = Arc::default();
        let timed: Arc<Mutex<Vec<Timed>>> = Arc::default();
        let told = Arc::clone(&timed);
        let (results, ended) = mpsc::channel(100);
        Self {
            batch: Batch::new(
                Box::new(OnDemand {
                    batch,
                    calls: Arc::clone(&calls),
                }),
                None,
                160,
                Stopwatch::new(move |timed| told.lock().unwrap().push(timed)),
            ),
            calls,
            timed,
            results,
            ended,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn push(&mut self, photo: u8, faces: u8, fault: u8) -> Result<(), ChannelClosed> {
        let path = self.folder.path().join(format!("{photo}.png"));
        if fault != MISSING {
            let mut image = RgbImage::new(16, 16);
            image.put_pixel(0, 0, Rgb([photo, faces, fault]));
            image.save(&path).unwrap();
        }
        self.batch
            .push(photo.to_string().parse().unwrap(), path, &self.results)
    }

    /// What has reached the recorder since the last time, a line for each photo: its faces by
    /// photo and number, as their descriptors tell, or why it failed.
    fn ended(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.ended.try_recv().ok())
            .map(|ended| {
                let PhotoResult::Photo(ended) = ended else {
                    panic!("not a photo's end");
                };
                let Ended {
                    photo,
                    outcome,
                    file,
                } = ended;
                let file = file.unwrap();
                assert_eq!(file.file_stem().unwrap(), photo.as_str());
                match outcome {
                    Outcome::Done { faces, .. } => {
                        let words: Vec<_> = faces.iter().map(word).collect();
                        format!("{photo}: {}", words.join(" "))
                    }
                    Outcome::Failed(reason) => format!("{photo} failed: {reason}"),
                    Outcome::NoImage(why) => format!("{photo} has no image: {why}"),
                    Outcome::Deleted => format!("{photo} is deleted"),
                }
            })
            .collect()
    }

    fn calls(&self) -> Vec<Vec<Tag>> {
        self.calls.lock().unwrap().clone()
    }
}

fn word(FoundFace { face, crop, .. }: &FoundFace) -> String {
    let [photo, number, ..] = face.descriptor.0;
    assert_eq!(face.landmarks[0], [photo as i32, number as i32]);
    assert!(crop.starts_with(&[0xff, 0xd8]), "no JPEG");
    format!("{photo}.{number}")
}

#[test]
fn faces_of_several_photos_are_encoded_in_one_call() {
    let mut bench = Bench::new(6);
    bench.push(1, 2, FINE).unwrap();
    bench.push(2, 1, FINE).unwrap();
    assert!(bench.ended().is_empty());
    assert!(bench.calls().is_empty());
    bench.push(3, 4, FINE).unwrap();
    let all = [[1, 0], [1, 1], [2, 0], [3, 0], [3, 1], [3, 2], [3, 3]];
    assert_eq!(bench.calls(), [all]);
    assert_eq!(
        bench.ended(),
        ["1: 1.0 1.1", "2: 2.0", "3: 3.0 3.1 3.2 3.3"]
    );
    assert!(bench.batch.is_empty());

    // The next batch begins with nothing of this one.
    bench.push(4, 5, FINE).unwrap();
    assert!(bench.ended().is_empty());
    bench.batch.flush(&bench.results).unwrap();
    assert_eq!(bench.ended(), ["4: 4.0 4.1 4.2 4.3 4.4"]);
    assert_eq!(bench.calls().len(), 2);
}

#[test]
fn photos_without_faces_do_not_wait() {
    let mut bench = Bench::new(6);
    bench.push(1, 0, FINE).unwrap();
    assert_eq!(bench.ended(), ["1: "]);
    assert!(bench.batch.is_empty());
    bench.push(2, 1, FINE).unwrap();
    bench.push(3, 0, FINE).unwrap();
    assert_eq!(bench.ended(), ["3: "]);
    assert!(bench.calls().is_empty());
}

#[test]
fn no_photo_waits_longer_than_the_delay() {
    for (next, faces, fault) in [
        ("with faces", 1, FINE),
        ("without faces", 0, FINE),
        ("that fails", 1, FIND_FAILS),
    ] {
        let mut bench = Bench::new(6);
        bench.push(1, 1, FINE).unwrap();
        assert!(!bench.batch.is_empty(), "{next}");
        bench.batch.since -= MAX_BATCH_DELAY;
        bench.push(2, faces, fault).unwrap();
        assert!(bench.batch.is_empty(), "{next}");
        assert!(bench.ended().contains(&"1: 1.0".to_owned()), "{next}");
    }
    // Time in which nothing waited does not count.
    let mut bench = Bench::new(6);
    bench.batch.since -= MAX_BATCH_DELAY;
    bench.push(1, 1, FINE).unwrap();
    assert!(!bench.batch.is_empty());
}

#[test]
fn only_the_guilty_photo_fails() {
    struct Case {
        name: &'static str,
        fault: u8,
        reason: &'static str,
        /// Faces of each call of `encode` for photos 1, 2 and 3 with 2, 1 and 1 faces, where 2
        /// is at fault.
        calls: &'static [usize],
    }
    const RETRIED: &[usize] = &[4, 2, 1, 1];
    let cases = [
        Case {
            name: "no file",
            fault: MISSING,
            reason: "2.png",
            calls: &[3],
        },
        Case {
            name: "find fails",
            fault: FIND_FAILS,
            reason: "as ordered",
            calls: &[3],
        },
        Case {
            name: "find panics",
            fault: FIND_PANICS,
            reason: "internal error over this photo",
            calls: &[3],
        },
        Case {
            name: "encode fails",
            fault: ENCODE_FAILS,
            reason: "as ordered",
            calls: RETRIED,
        },
        Case {
            name: "encode panics",
            fault: ENCODE_PANICS,
            reason: "internal error over this photo",
            calls: RETRIED,
        },
        Case {
            name: "encode loses a face",
            fault: ENCODE_LOSES,
            reason: "0 descriptors",
            calls: RETRIED,
        },
    ];
    let mut failing = Vec::new();
    for case in cases {
        let mut bench = Bench::new(10);
        bench.push(1, 2, FINE).unwrap();
        bench.push(2, 1, case.fault).unwrap();
        bench.push(3, 1, FINE).unwrap();
        bench.batch.flush(&bench.results).unwrap();
        let mut ended = bench.ended();
        ended.sort();
        let right = matches!(
            &ended[..],
            [one, two, three]
                if one == "1: 1.0 1.1"
                    && two.starts_with("2 failed: ") && two.contains(case.reason)
                    && three == "3: 3.0"
        );
        let calls: Vec<_> = bench.calls().iter().map(Vec::len).collect();
        // And the worker goes on.
        bench.push(4, 1, FINE).unwrap();
        bench.batch.flush(&bench.results).unwrap();
        let after = bench.ended();
        if !right || calls != case.calls || after != ["4: 4.0"] {
            failing.push(format!("{}: {ended:?}, {calls:?}, {after:?}", case.name));
        }
    }
    assert!(failing.is_empty(), "{failing:#?}");
}

#[test]
fn photos_are_told_to_take_what_their_faces_take_with_those_of_others() {
    let mut bench = Bench::new(4);
    let timed = |bench: &Bench| std::mem::take(&mut *bench.timed.lock().unwrap());
    bench.batch.has_waited(None);
    bench.push(1, 0, FINE).unwrap();
    let told = timed(&bench);
    assert!(
        matches!(&told[..], [Timed::Begins, Timed::Ends { photos: 1, waited, .. }] if waited.is_zero()),
        "{told:?}"
    );
    bench.push(2, 2, FINE).unwrap();
    bench.batch.has_waited(Some(Duration::from_secs(6)));
    bench.push(3, 0, FINE).unwrap();
    bench.push(4, 1, FIND_FAILS).unwrap();
    let told = timed(&bench);
    let [Timed::Waits(two), Timed::Waits(three)] = told[..] else {
        panic!("{told:?}");
    };
    // The fourth photo completes the batch: what encoding takes is known before the recorder hears of a photo.
    bench.push(5, 2, FINE).unwrap();
    let told = timed(&bench);
    let [
        Timed::Waits(five),
        Timed::Ends {
            photos: 3,
            each,
            waited,
        },
    ] = told[..]
    else {
        panic!("{told:?}");
    };
    assert_eq!(waited, two + three + five);
    assert_eq!(each.idle, Duration::from_secs(2));
    assert!(
        each.work * 3 >= waited + ENCODING - Duration::from_nanos(3),
        "{told:?}"
    );
    // Nothing is left for the next.
    bench.push(6, 1, FINE).unwrap();
    bench.batch.flush(&bench.results).unwrap();
    let told = timed(&bench);
    assert!(
        matches!(&told[..], [Timed::Waits(six), Timed::Ends { photos: 1, waited, each }]
            if six == waited && each.idle.is_zero() && each.work >= *six + ENCODING),
        "{told:?}"
    );
}

#[test]
fn an_end_with_nothing_waiting_is_quiet() {
    let mut bench = Bench::new(1);
    bench.batch.flush(&bench.results).unwrap();
    assert!(bench.ended().is_empty());
    assert!(bench.calls().is_empty());
}

#[test]
fn a_closed_channel_ends_the_worker() {
    let mut bench = Bench::new(2);
    bench.push(1, 1, FINE).unwrap();
    bench.ended.close();
    assert!(bench.push(2, 0, FINE).is_err());
    assert!(bench.batch.flush(&bench.results).is_err());
}

//! The reader of dlib's model files under damage of every kind, by numbered seeds: what is read is
//! sound, what is refused is refused in words that say where, nothing panics, and no file makes the
//! reader take far more memory than the file has bytes.
//!
//! The files themselves are read in `nets.rs`.

use std::any::Any;
use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use crate::common::models;
use crate::fuzz_support::memory::peak;
use crate::fuzz_support::mutation::{Kind, Map, damaged};
use crate::fuzz_support::writer::{column, integer, quarters, small_model};
use flickr_faces::faces::{ModelFile, Models};
use flickr_faces::nets::{Convolution, DetectorNet, EncoderNet, LandmarkModel, NetError, Split};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// The most that reading may take: ten times the file, for the shortest integers become eight bytes
/// and a vector that grows may have twice as much as it holds; and a little for small files.
fn allowed(file: usize) -> usize {
    10 * file + (1 << 20)
}

/// A file, its reader, and how often it is hurt.
struct Subject {
    name: &'static str,
    bytes: Vec<u8>,
    map: Map,
    rounds: u64,
    /// Reads and checks what was read.
    read: fn(&[u8]) -> Result<(), String>,
    open: fn(&Path) -> Result<(), NetError>,
}

fn bytes(file: ModelFile) -> Vec<u8> {
    let path = models().path(file);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn sound(convolution: &Convolution) {
    let Convolution {
        outputs,
        inputs,
        size: [rows, columns],
        ..
    } = *convolution;
    assert_eq!(convolution.filters.len(), outputs * inputs * rows * columns);
    assert_eq!(convolution.biases.len(), outputs);
    let mut numbers = convolution.filters.iter().chain(&convolution.biases);
    assert!(numbers.all(|number| number.is_finite()));
    assert!(convolution.stride.iter().all(|&stride| stride > 0));
}

fn read_detector(bytes: &[u8]) -> Result<(), String> {
    let net = DetectorNet::parse(bytes)?;
    let all = net.stem.iter().chain(&net.body).chain([&net.score]);
    all.for_each(sound);
    assert!(net.window.iter().all(|side| (1..=1000).contains(side)));
    Ok(())
}

fn read_encoder(bytes: &[u8]) -> Result<(), String> {
    let net = EncoderNet::parse(bytes)?;
    sound(&net.stem);
    for block in &net.blocks {
        sound(&block.first);
        sound(&block.second);
    }
    assert_eq!(net.weights.len(), 256 * EncoderNet::OUTPUTS);
    Ok(())
}

fn read_landmarks(bytes: &[u8]) -> Result<(), String> {
    let model = LandmarkModel::parse(bytes)?;
    assert!(model.points() > 0);
    for cascade in &model.cascades {
        let pixels = cascade.anchors.len();
        assert_eq!(cascade.deltas.len(), pixels);
        assert!(cascade.anchors.iter().all(|&at| at < model.points()));
        let within = |split: &Split| (split.one.max(split.other) as usize) < pixels;
        assert!(cascade.splits.iter().all(within));
        // Every tree is as long as the first, and has a shape for each leaf.
        let leaves = cascade.leaves.len() / model.initial.len();
        assert!(leaves.is_multiple_of(cascade.splits_per_tree + 1));
        let trees = leaves / (cascade.splits_per_tree + 1);
        assert_eq!(cascade.splits.len(), trees * cascade.splits_per_tree);
    }
    Ok(())
}

/// Checks one reading of `bytes`; whether they were accepted.
fn check(subject: &Subject, bytes: &[u8], what: &str) -> bool {
    let (outcome, taken) = peak(|| catch_unwind(AssertUnwindSafe(|| (subject.read)(bytes))));
    // First, since a panic's message takes memory too.
    let read = outcome.unwrap_or_else(|panic| panic!("{what}: panic: {}", text(&*panic)));
    assert!(
        taken <= allowed(bytes.len()),
        "{what}: {taken} bytes taken for a file of {}",
        bytes.len()
    );
    match read {
        Ok(()) => true,
        Err(message) => {
            let offset = offset(&message).unwrap_or_else(|| panic!("{what}: no offset: {message}"));
            assert!(offset <= bytes.len(), "{what}: {message}");
            assert!(message.len() < 500, "{what}: {message}");
            false
        }
    }
}

/// Where the message `byte 12: expected ..., found ...` points.
fn offset(message: &str) -> Option<usize> {
    let (offset, rest) = message.strip_prefix("byte ")?.split_once(": expected ")?;
    rest.contains(", found ").then_some(())?;
    offset.parse().ok()
}

fn text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string))
        .unwrap_or_default()
}

/// The same through a file: the error names it.
fn check_file(subject: &Subject, bytes: &[u8], folder: &Path, what: &str) {
    let path = folder.join("hurt.dat");
    fs::write(&path, bytes).unwrap();
    match (subject.open)(&path) {
        Err(NetError::Damaged {
            path: named,
            offset,
            ..
        }) => assert!(named == path && offset <= bytes.len(), "{what}"),
        other => panic!("{what}: {other:?}"),
    }
}

fn fuzz(subject: &Subject) {
    assert!(check(subject, &subject.bytes, "whole"), "{}", subject.name);
    let folder = tempfile::tempdir().unwrap();
    let mut refused = BTreeMap::new();
    for seed in 0..subject.rounds {
        let kind = Kind::ALL[(seed % Kind::ALL.len() as u64) as usize];
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let hurt = damaged(&subject.bytes, &subject.map, kind, &mut random);
        let what = format!("{}, seed {seed}, {kind:?}", subject.name);
        let accepted = check(subject, &hurt, &what);
        // A number may become another; a file that is cut has lost something.
        assert!(!(accepted && kind == Kind::Cut), "{what}: accepted");
        if !accepted {
            let count = refused.entry(kind).or_insert(0_u64);
            *count += 1;
            if *count % 20 == 1 {
                check_file(subject, &hurt, folder.path(), &what);
            }
        }
    }
    println!(
        "{}: {} rounds, refused {refused:?}",
        subject.name, subject.rounds
    );
    // Damage that is never noticed is no damage.
    assert_eq!(
        refused.len(),
        Kind::ALL.len(),
        "{}: {refused:?}",
        subject.name
    );
}

#[test]
fn the_detector() {
    let bytes = bytes(Models::DETECTOR);
    fuzz(&Subject {
        name: "detector",
        map: Map::of_network(&bytes),
        bytes,
        rounds: 4500,
        read: read_detector,
        open: |path| DetectorNet::open(path).map(drop),
    });
}

#[test]
fn the_encoder() {
    let bytes = bytes(Models::ENCODER);
    fuzz(&Subject {
        name: "encoder",
        map: Map::of_network(&bytes),
        bytes,
        rounds: 270,
        read: read_encoder,
        open: |path| EncoderNet::open(path).map(drop),
    });
}

#[test]
fn the_landmark_model() {
    let bytes = bytes(Models::LANDMARKS);
    fuzz(&Subject {
        name: "landmarks",
        map: Map::of_integers(&bytes),
        bytes,
        rounds: 90,
        read: read_landmarks,
        open: |path| LandmarkModel::open(path).map(drop),
    });
}

/// Of the real one nearly all is leaves; here every second byte is structure.
#[test]
fn a_small_landmark_model() {
    let bytes = small_model();
    fuzz(&Subject {
        name: "small landmarks",
        map: Map::of_integers(&bytes),
        bytes,
        rounds: 90_000,
        read: read_landmarks,
        open: |path| LandmarkModel::open(path).map(drop),
    });
}

/// Files that are as short as can be for what they make the reader keep.
#[test]
fn files_made_to_take_memory_do_not() {
    struct Case {
        what: &'static str,
        write: fn(&mut Vec<u8>),
    }
    const MANY: i64 = 1 << 20;
    let cases = [
        Case {
            what: "empty cascades",
            write: |to| {
                integer(to, MANY);
                (0..MANY).for_each(|_| integer(to, 0));
            },
        },
        Case {
            what: "trees without splits",
            write: |to| {
                integer(to, 1);
                integer(to, MANY);
                for _ in 0..MANY {
                    integer(to, 0);
                    integer(to, 1);
                    column(to, &[0, 0]);
                }
            },
        },
        Case {
            what: "splits",
            write: |to| {
                integer(to, 1);
                integer(to, 1);
                integer(to, MANY - 1);
                for _ in 1..MANY {
                    integer(to, 0);
                    integer(to, 0);
                    quarters(to, 0);
                }
            },
        },
        Case {
            what: "anchors",
            write: |to| {
                integer(to, 1);
                integer(to, 0);
                integer(to, 1);
                integer(to, MANY);
                (0..MANY).for_each(|_| integer(to, 0));
            },
        },
    ];
    for case in cases {
        let mut file = Vec::new();
        integer(&mut file, 1);
        column(&mut file, &[0, 0]);
        (case.write)(&mut file);
        let (read, taken) = peak(|| LandmarkModel::parse(&file));
        let error = read.map(drop).unwrap_err();
        println!("{}: {taken} bytes for {}: {error}", case.what, file.len());
        assert!(offset(&error).is_some(), "{error}");
        assert!(
            taken <= allowed(file.len()),
            "{}: {taken} bytes taken for a file of {}",
            case.what,
            file.len()
        );
    }
}

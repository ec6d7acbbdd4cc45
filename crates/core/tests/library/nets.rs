//! The reader of dlib's model files: the real files, and the same damaged in every way.

use std::fs;
use std::sync::LazyLock;

use crate::common::models;
use flickr_faces::faces::{ModelFile, Models};
use flickr_faces::nets::{DetectorNet, EncoderNet, LandmarkModel, NetError};
use proptest::prelude::*;

fn bytes(file: ModelFile) -> Vec<u8> {
    let path = models().path(file);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

static DETECTOR: LazyLock<Vec<u8>> = LazyLock::new(|| bytes(Models::DETECTOR));
static ENCODER: LazyLock<Vec<u8>> = LazyLock::new(|| bytes(Models::ENCODER));
static LANDMARKS: LazyLock<Vec<u8>> = LazyLock::new(|| bytes(Models::LANDMARKS));

/// A kind of model: its file's bytes, and its reader.
struct Kind {
    name: &'static str,
    bytes: &'static [u8],
    parse: fn(&[u8]) -> Result<(), String>,
}

fn kinds() -> [Kind; 3] {
    [
        Kind {
            name: "detector",
            bytes: &DETECTOR,
            parse: |bytes| DetectorNet::parse(bytes).map(drop),
        },
        Kind {
            name: "encoder",
            bytes: &ENCODER,
            parse: |bytes| EncoderNet::parse(bytes).map(drop),
        },
        Kind {
            name: "landmarks",
            bytes: &LANDMARKS,
            parse: |bytes| LandmarkModel::parse(bytes).map(drop),
        },
    ]
}

#[test]
fn the_detector_is_read() {
    let net = DetectorNet::open(&models().path(Models::DETECTOR)).unwrap();
    assert_eq!(net.means.0, [122.782, 117.001, 104.298]);
    assert_eq!((net.padding, net.outer_padding), (10, 11));
    assert_eq!(net.window, [80, 80]);
    assert!(
        (net.overlap.iou - 0.338_276).abs() < 1e-6,
        "{:?}",
        net.overlap
    );
    assert_eq!(net.overlap.covered, 1.0);
    let channels: Vec<_> = net
        .stem
        .iter()
        .chain(&net.body)
        .chain([&net.score])
        .map(|convolution| (convolution.inputs, convolution.outputs))
        .collect();
    assert_eq!(
        channels,
        [
            (3, 16),
            (16, 32),
            (32, 32),
            (32, 45),
            (45, 45),
            (45, 45),
            (45, 1)
        ]
    );
}

#[test]
fn the_encoder_is_read() {
    let net = EncoderNet::open(&models().path(Models::ENCODER)).unwrap();
    assert_eq!(net.means.0, [122.782, 117.001, 104.298]);
    assert_eq!(net.stem.outputs, 32);
    assert_eq!(net.blocks.len(), 14);
    assert_eq!(net.blocks.iter().filter(|block| block.down).count(), 4);
    assert_eq!(net.weights.len(), 256 * EncoderNet::OUTPUTS);
}

#[test]
fn the_landmark_model_is_read() {
    let model = LandmarkModel::open(&models().path(Models::LANDMARKS)).unwrap();
    assert_eq!(model.points(), 5);
    assert!(!model.cascades.is_empty());
    for cascade in &model.cascades {
        assert_eq!(
            cascade.leaves.len(),
            cascade.splits.len() / cascade.splits_per_tree * (cascade.splits_per_tree + 1) * 10
        );
    }
}

#[test]
fn a_file_of_another_kind_is_refused() {
    for kind in kinds() {
        for other in kinds().iter().filter(|other| other.name != kind.name) {
            let error = (kind.parse)(other.bytes).unwrap_err();
            assert!(error.contains("expected"), "{error}");
        }
        for foreign in [
            &b""[..],
            b"\0",
            b"\x89PNG\r\n\x1a\n",
            b"not a model",
            &[1; 4096],
        ] {
            assert!((kind.parse)(foreign).is_err(), "{}: {foreign:?}", kind.name);
        }
        let longer = [kind.bytes, b"\0"].concat();
        let error = (kind.parse)(&longer).unwrap_err();
        assert!(
            error.contains("the end of the file, found 1 more bytes"),
            "{error}"
        );
    }
}

#[test]
fn errors_name_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cut.dat");
    assert!(matches!(DetectorNet::open(&path), Err(NetError::Io { .. })));
    fs::write(&path, &DETECTOR[..1000]).unwrap();
    let error = DetectorNet::open(&path).unwrap_err().to_string();
    assert!(
        error.contains("cut.dat is damaged or of another kind: byte "),
        "{error}"
    );
    // Sparse: it takes no room.
    fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
    let error = DetectorNet::open(&path).unwrap_err();
    assert!(matches!(error, NetError::TooLong { .. }), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    /// No file that is cut short is accepted, wherever it is cut.
    #[test]
    fn a_cut_file_is_refused(at in any::<prop::sample::Index>(), early in any::<bool>()) {
        for kind in kinds() {
            let all = if early { kind.bytes.len().min(2000) } else { kind.bytes.len() };
            let cut = &kind.bytes[..at.index(all)];
            prop_assert!((kind.parse)(cut).is_err(), "{} of {} bytes", kind.name, cut.len());
        }
    }

    /// Changed bytes are read as other numbers or refused; nothing panics, and no count makes the
    /// reader ask for more memory than there is.
    #[test]
    fn a_changed_file_is_read_or_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        early in any::<bool>(),
    ) {
        for kind in kinds() {
            let mut bytes = kind.bytes.to_vec();
            let all = if early { bytes.len().min(2000) } else { bytes.len() };
            for (at, byte) in &changes {
                bytes[at.index(all)] = *byte;
            }
            let _ = (kind.parse)(&bytes);
        }
    }

    /// Random bytes.
    #[test]
    fn random_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for kind in kinds() {
            prop_assert!((kind.parse)(&bytes).is_err());
        }
    }
}

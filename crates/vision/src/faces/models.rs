//! The model files, checked before anything loads them.
//!
//! dlib's C++ throws on a damaged file, and some of what it throws cannot be caught on the Rust
//! side: a file reaches an engine only after its length and SHA-256 are right.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::FacesError;
use crate::{nets::EncoderNet, numbers::hexadecimal};

/// A model file: those of the PyPI package `face_recognition_models` 0.3.0, and the detector that dlib
/// has built in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModelFile {
    /// File name.
    pub name: &'static str,
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256 of the contents, in lower-case hexadecimal.
    pub sha256: &'static str,
}

/// The folder that holds the model files; the descriptor network may be another file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Models {
    dir: PathBuf,
    encoder: Option<PathBuf>,
}

impl Models {
    /// dlib's CNN face detector.
    pub const DETECTOR: ModelFile = ModelFile {
        name: "mmod_human_face_detector.dat",
        bytes: 729_940,
        sha256: "4cb19393e2fbaf2b1609a9319ad5386618c886a6234ec1b971f3e87c85d87fe6",
    };
    /// dlib's 5-point landmark model.
    pub const LANDMARKS: ModelFile = ModelFile {
        name: "shape_predictor_5_face_landmarks.dat",
        bytes: 9_150_489,
        sha256: "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888",
    };
    /// dlib's face descriptor network.
    pub const ENCODER: ModelFile = ModelFile {
        name: "dlib_face_recognition_resnet_model_v1.dat",
        bytes: 22_466_066,
        sha256: "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
    };
    /// dlib's frontal face detector, HOG, as dlib serializes it. dlib has it in its code; `cargo xtask assets`
    /// takes it out of the PyPI package `dlib-bin` 20.0.1.
    pub const HOG: ModelFile = ModelFile {
        name: "dlib_frontal_face_detector.dat",
        bytes: 155_005,
        sha256: "f3f7aa833fb4a14a46fc48689f45b98d85ef72d6dfaf8bdc012b7d3c522a5426",
    };
    /// All four.
    pub const FILES: [ModelFile; 4] = [Self::DETECTOR, Self::LANDMARKS, Self::ENCODER, Self::HOG];

    /// The model files in `dir`, which is not looked at yet.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            encoder: None,
        }
    }

    /// The same with another descriptor network, of the same architecture as dlib's, in the file
    /// `encoder`. Its descriptors cannot be compared with those of dlib's.
    #[must_use]
    pub fn with_encoder(mut self, encoder: impl Into<PathBuf>) -> Self {
        self.encoder = Some(encoder.into());
        self
    }

    /// The file of the descriptor network.
    pub fn encoder(&self) -> PathBuf {
        self.encoder
            .clone()
            .unwrap_or_else(|| self.path(Self::ENCODER))
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where `file` is looked for.
    pub fn path(&self, file: ModelFile) -> PathBuf {
        self.dir.join(file.name)
    }

    /// Checks that the files which every engine reads are there, all but [`Self::HOG`], with the length and
    /// SHA-256 that they must have; a descriptor network of one's own must be readable as one. Reads 32 MB.
    ///
    /// Gives the SHA-256 of the descriptor network, in hexadecimal.
    ///
    /// # Errors
    /// The first file that is missing, unreadable or different.
    pub fn check(&self) -> Result<String, FacesError> {
        self.check_file(Self::DETECTOR)?;
        self.check_file(Self::LANDMARKS)?;
        match &self.encoder {
            None => self.check_file(Self::ENCODER)?,
            Some(own) => drop(EncoderNet::open(own)?),
        }
        self.encoder_digest()
    }

    /// The SHA-256 of the descriptor network, in hexadecimal; dlib's own is known without its file.
    ///
    /// # Errors
    /// A network of one's own is missing or unreadable.
    pub fn encoder_digest(&self) -> Result<String, FacesError> {
        match &self.encoder {
            None => Ok(Self::ENCODER.sha256.to_owned()),
            Some(own) => digest(own),
        }
    }

    /// Checks one file as [`Self::check`] does.
    ///
    /// # Errors
    /// It is missing, unreadable or different.
    pub fn check_file(&self, file: ModelFile) -> Result<(), FacesError> {
        check_file(&self.path(file), file)
    }
}

fn check_file(path: &Path, expected: ModelFile) -> Result<(), FacesError> {
    let found = open(path)?.metadata().map_err(failed(path))?.len();
    if found != expected.bytes {
        return Err(FacesError::ModelSize {
            path: path.to_owned(),
            found,
            expected: expected.bytes,
        });
    }
    let found = digest(path)?;
    if found != expected.sha256 {
        return Err(FacesError::ModelChecksum {
            path: path.to_owned(),
            found,
            expected: expected.sha256,
        });
    }
    Ok(())
}

/// The SHA-256 of a file, in hexadecimal.
fn digest(path: &Path) -> Result<String, FacesError> {
    let mut file = open(path)?;
    let mut hash = Sha256::new();
    let mut block = vec![0; 1 << 16];
    loop {
        match file.read(&mut block).map_err(failed(path))? {
            0 => return Ok(hexadecimal(&hash.finalize())),
            length => hash.update(&block[..length]),
        }
    }
}

fn open(path: &Path) -> Result<File, FacesError> {
    File::open(path).map_err(failed(path))
}

fn failed(path: &Path) -> impl Fn(io::Error) -> FacesError {
    move |source| match source.kind() {
        io::ErrorKind::NotFound => FacesError::ModelMissing {
            path: path.to_owned(),
        },
        _ => FacesError::ModelIo {
            path: path.to_owned(),
            source,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: ModelFile = ModelFile {
        name: "abc.dat",
        bytes: 3,
        sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    };

    #[test]
    fn the_right_file_passes_and_others_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE.name);
        let shown = path.display().to_string();
        struct Case {
            contents: Option<&'static [u8]>,
            message: Option<String>,
        }
        let cases = [
            Case {
                contents: None,
                message: Some(format!("model file {shown} does not exist")),
            },
            Case {
                contents: Some(b"abc"),
                message: None,
            },
            Case {
                contents: Some(b"ab"),
                message: Some(format!("model file {shown} has 2 bytes: expected 3")),
            },
            Case {
                contents: Some(b"abd"),
                message: Some(format!(
                    "model file {shown} has SHA-256 \
                     a52d159f262b2c6ddb724a61840befc36eb30c88877a4030b65cbe86298449c9: expected {}",
                    FILE.sha256
                )),
            },
        ];
        for case in cases {
            if let Some(contents) = case.contents {
                std::fs::write(&path, contents).unwrap();
            }
            let message = check_file(&path, FILE).err().map(|error| error.to_string());
            assert_eq!(message, case.message, "{:?}", case.contents);
        }
    }

    #[test]
    fn an_empty_folder_names_the_first_missing_file() {
        let dir = tempfile::tempdir().unwrap();
        let error = Models::new(dir.path()).check().unwrap_err();
        assert!(
            matches!(&error, FacesError::ModelMissing { path } if path.ends_with(Models::DETECTOR.name)),
            "{error:?}"
        );
    }
}

//! What the cache holds: which files, out of which package, with which size and SHA-256.

/// A package on PyPI, fetched by name and version for some files in it.
#[derive(Debug, Clone, Copy)]
pub struct Archive {
    /// As pip takes it.
    pub requirement: &'static str,
    /// Which of the package's own files pip fetches, as its options.
    pub pip: &'static [&'static str],
    /// Of that file; pip refuses any other before it looks inside.
    pub sha256: &'static str,
    /// Its size in bytes.
    pub bytes: u64,
    /// What is in it for us, for the person who waits.
    pub content: &'static str,
    /// The folder of the wanted files inside the archive.
    pub inside: &'static str,
    /// The folder of the cache they go to.
    pub folder: &'static str,
    /// The wanted files, one a line: name, size in bytes, SHA-256.
    pub files: &'static str,
}

/// A file out of an archive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wanted {
    /// The file's name.
    pub name: &'static str,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: &'static str,
}

impl Archive {
    /// The wanted files.
    pub fn files(&self) -> impl Iterator<Item = Wanted> {
        self.files.lines().filter_map(|line| {
            let mut columns = line.split_ascii_whitespace();
            Some(Wanted {
                name: columns.next()?,
                bytes: columns.next()?.parse().ok()?,
                sha256: columns.next()?,
            })
        })
    }
}

/// dlib's two networks and its 5-point landmark model.
pub const MODELS: Archive = Archive {
    requirement: "face_recognition_models==0.3.0",
    pip: &["--no-binary=face_recognition_models"],
    sha256: "b79bd200a88c87c9a9d446c990ae71c5a626d1f3730174e6d570157ff1d896cf",
    bytes: 100_149_358,
    content: "dlib's models",
    inside: "face_recognition_models-0.3.0/face_recognition_models/models",
    folder: "models",
    files: "\
mmod_human_face_detector.dat 729940 4cb19393e2fbaf2b1609a9319ad5386618c886a6234ec1b971f3e87c85d87fe6
dlib_face_recognition_resnet_model_v1.dat 22466066 55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30
shape_predictor_5_face_landmarks.dat 9150489 c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888
",
};

/// dlib as a Python module: dlib's HOG detector is in its code and nowhere else. Taken out of it as bytes
/// (detector.py), never loaded, so that one wheel serves every machine and every Python.
pub const DLIB: Archive = Archive {
    requirement: "dlib-bin==20.0.1",
    pip: WHEEL_X86_64,
    sha256: "987dff3685d537fc05a6deb2d71e8f9397e72f4a45a03e732d8153542b5bbb5c",
    bytes: 4_167_178,
    content: "dlib's HOG detector",
    inside: "",
    folder: "models",
    files: "_dlib_pybind11.cpython-311-x86_64-linux-gnu.so 11001840 b1398a7a66e8fddae21d720c91fb70925d6e5113742784f559b20d85dbc11701",
};

/// What detector.py makes of [`DLIB`].
pub const HOG: Wanted = Wanted {
    name: "dlib_frontal_face_detector.dat",
    bytes: 155_005,
    sha256: "f3f7aa833fb4a14a46fc48689f45b98d85ef72d6dfaf8bdc012b7d3c522a5426",
};

/// A wheel for x86-64 with glibc 2.28 or newer, whichever Python this machine has.
pub const WHEEL_X86_64: &[&str] = &[
    "--only-binary=:all:",
    "--implementation=cp",
    "--python-version=3.11",
    "--abi=cp311",
    "--platform=manylinux_2_28_x86_64",
];

/// ONNX Runtime for this machine's processor, with glibc 2.28 or newer: one wheel for every machine,
/// whichever Python it has. The wheel is for one version of Python, the library in it for none. Nobody has tried
/// those for macOS yet.
pub const ONNX_RUNTIME: Archive = match (cfg!(target_os = "macos"), cfg!(target_arch = "aarch64")) {
    (true, true) => ONNX_RUNTIME_MACOS_AARCH64,
    (true, false) => ONNX_RUNTIME_MACOS_X86_64,
    (false, true) => ONNX_RUNTIME_AARCH64,
    (false, false) => ONNX_RUNTIME_X86_64,
};

const ONNX_RUNTIME_MACOS_AARCH64: Archive = Archive {
    pip: &[
        "--only-binary=:all:",
        "--implementation=cp",
        "--python-version=3.11",
        "--abi=cp311",
        "--platform=macosx_14_0_arm64",
    ],
    sha256: "366b9e53d07812cc5c92822cecf7563b76a8a0f32ba3bb8dd232a206ac3bcb6c",
    bytes: 22_506_162,
    files: "libonnxruntime.1.32.0.dylib 35272344 fa585fabbea65b823b9a8f7e27d46aee3989d1be7e36b528203d3a1fd613aae7",
    ..ONNX_RUNTIME_X86_64
};

/// The last version that is there for Macs with Intel's processors.
const ONNX_RUNTIME_MACOS_X86_64: Archive = Archive {
    requirement: "onnxruntime==1.23.2",
    pip: &[
        "--only-binary=:all:",
        "--implementation=cp",
        "--python-version=3.11",
        "--abi=cp311",
        "--platform=macosx_13_0_x86_64",
    ],
    sha256: "87d8b6eaf0fbeb6835a60a4265fde7a3b60157cf1b2764773ac47237b4d48612",
    bytes: 19_153_857,
    files: "libonnxruntime.1.23.2.dylib 30819512 8330f6d9d53f81d564c88de6520113b25db9537872e70a0fb7942fea202f08b1",
    ..ONNX_RUNTIME_X86_64
};

const ONNX_RUNTIME_AARCH64: Archive = Archive {
    pip: &[
        "--only-binary=:all:",
        "--implementation=cp",
        "--python-version=3.11",
        "--abi=cp311",
        "--platform=manylinux_2_28_aarch64",
    ],
    sha256: "2303372a85299b6757b0e11e1cbf13e410ddf7e10c37f4b37e99d1c90e7daf7c",
    bytes: 23_195_070,
    files: "libonnxruntime.so.1.32.0 27165936 49852228a93995158b2a813d4df487d47a1b76b0eaa894507ef49e91b6d7954a",
    ..ONNX_RUNTIME_X86_64
};

const ONNX_RUNTIME_X86_64: Archive = Archive {
    requirement: "onnxruntime==1.32.0",
    pip: WHEEL_X86_64,
    sha256: "5a34fc4dfeb5a7b4a74c95dcba1e773d722abda720b474edf1b0c419dc6d163d",
    bytes: 27_773_237,
    content: "ONNX Runtime",
    inside: "onnxruntime/capi",
    folder: "onnxruntime",
    files: "libonnxruntime.so.1.32.0 34824680 6c1585d1bbf45b0712ea4a21b705c5fcb4ba04ff2e30f1fbf81a49faf658638f",
};

/// What the licences of the models, of ONNX Runtime and of dlib ask to be handed on with them: for packages alone.
pub const NOTICES: [Archive; 3] = [
    Archive {
        content: "the licence of dlib's models",
        inside: "face_recognition_models-0.3.0",
        folder: "licences/models",
        files: "LICENSE 6556 6a1ee543e5282cd9061881edf462e6fdab181f328da71fc2c9a6950a80e94d01",
        ..MODELS
    },
    Archive {
        content: "the licence of dlib's HOG detector",
        inside: "dlib_bin-20.0.1.dist-info/licenses",
        folder: "licences/dlib",
        files: "LICENSE.txt 1337 8d8291caf1cee26d23acf3eb67c9f9a2d58f1c681b16a4fbe8cbfb9e3c0b5a9b",
        ..DLIB
    },
    Archive {
        content: "the licences of ONNX Runtime",
        inside: "onnxruntime",
        folder: "licences/onnxruntime",
        files: "\
LICENSE 1073 2f07c72751aed99790b8a4869cf2311df85a860b22ded05fa22803587a48922c
ThirdPartyNotices.txt 334795 d8696258afcf9df7827a5e01d6b6d55ee9b461b4e82020f5f48242deb9cc2270
",
        // One text for all machines, out of the wheel of one.
        ..ONNX_RUNTIME_X86_64
    },
];

/// Portraits of two people.
pub const SAMPLES: Archive = Archive {
    requirement: "face_recognition==1.3.0",
    pip: &["--no-binary=face_recognition"],
    sha256: "5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec",
    bytes: 3_182_249,
    content: "sample photos",
    inside: "face_recognition-1.3.0/tests/test_images",
    folder: "samples",
    files: "\
biden.jpg 353723 3c17508bb91554c637a2eabddfae790e5bb1caba93130814fc2ac50be9760c4c
obama.jpg 279922 0930e3aa8cae5920329c0c8cbc6a2ab70f47b0e67b432875beaa95cbf7e741f6
obama2.jpg 184455 a7efcc907375274796f39646510704aa86672d59f6d5469d69af3c85590976a6
obama3.jpg 595944 76ac6bf97c36dc2da0ad16a537d6a5ac1b10f48d49aac29a0cca9a17cdbc3ca3
obama_partial_face.jpg 423060 c2d1f09e7ef3042352b41e41286e6eb0522f64f88308be13886991b95db52117
obama_partial_face2.jpg 478346 9a812347f97633542b8cd9992de22def11b74f79d82056bc3ee830f13878e028
",
};

/// axe-core 4.12.1, which looks in a page for what keeps people from using it. For the tests alone.
pub const AXE: Archive = Archive {
    requirement: "axe-playwright-python==0.1.8",
    pip: &["--only-binary=:all:"],
    sha256: "fdd263c998388f1a8e67cad02677e612d946248bd44d163be5e8650ea31f95f8",
    bytes: 160_681,
    content: "axe-core, for the tests of the naming page",
    inside: "axe_playwright_python",
    folder: "axe",
    files: "axe.min.js 572600 84494fec757e4710dc751c8d7a636e457f4532f08f85c86dc9070133fbff53bc",
};

/// The pixels of the samples that the reference numbers were computed on, a line `NAME=SHA256` for each:
/// of the rows from top to bottom, three bytes a pixel, red, green, blue. JPEG decoders differ in a few
/// percent of the samples; the PNG files made of these pixels do not.
pub const PIXELS: &str = "\
biden=4fa33c4b39578062cfcce3dff2f9eb8e52e357b3f630ccd14aad6e054d7510dc
obama=fc008c49b09a2c260f438218a38efcc471b10df79f39e34117c0a7453a722afd
obama2=5f36099b2a55d78c83297da5d8b24ac47838bfa36db77a8450678e7e3aa44648
obama3=bc281369b96cebf7bfa2eb59ebf41a4aff1bdc4a1709fe2cb120fc4d277db658
obama_partial_face=358ae602ebd4331b234691f20db58a162af7a37ea4e800c69ae4e4ee441a5a3a
obama_partial_face2=e0dc9cea299754eca3177f60811cd910dc51d238c50790bf8823c5b426253678
";

/// The names in [`PIXELS`].
pub fn pixel_names() -> impl Iterator<Item = &'static str> {
    PIXELS
        .lines()
        .filter_map(|line| Some(line.split_once('=')?.0))
}

/// The Python packages of the tests and the demo: every one of them, so that the tests meet the
/// same clients everywhere.
const PYTHON_PACKAGES: &str = include_str!("requirements.txt");

/// Some of [`PYTHON_PACKAGES`].
pub struct Packages {
    /// What their lines begin with.
    lines_begin_with: &'static str,
    /// Ends well where they are there.
    pub probe: &'static str,
    /// What they are for us, for the person who waits.
    pub content: &'static str,
    /// Their size.
    pub megabytes: u32,
}

impl Packages {
    /// As pip takes them.
    pub fn lines(&self) -> impl Iterator<Item = &'static str> {
        PYTHON_PACKAGES
            .lines()
            .filter(|line| line.starts_with(self.lines_begin_with))
    }
}

/// Decodes the samples and draws the demo's library.
pub const PILLOW: Packages = Packages {
    lines_begin_with: "pillow==",
    probe: "import PIL.Image",
    content: "Pillow, a Python package that draws the demo's photos,",
    megabytes: 7,
};

/// Flickr clients that are not ours, and Pillow.
pub const CLIENTS: Packages = Packages {
    lines_begin_with: "",
    probe: "import flickr_api, flickrapi, gallery_dl, PIL.Image",
    content: "Python packages for tests: flickr_api, flickrapi, gallery-dl, Pillow",
    megabytes: 9,
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_demo_needs_one_package_of_those_that_tests_need() {
        let demo: Vec<_> = PILLOW.lines().collect();
        assert!(matches!(demo[..], [line] if CLIENTS.lines().any(|other| other == line)));
        assert_eq!(CLIENTS.lines().count(), PYTHON_PACKAGES.lines().count());
    }

    #[test]
    fn every_sample_has_its_pixels() {
        let samples: BTreeSet<_> = SAMPLES
            .files()
            .filter_map(|file| file.name.strip_suffix(".jpg"))
            .collect();
        let pixels: BTreeSet<_> = pixel_names().collect();
        assert_eq!(samples, pixels);
    }

    #[test]
    fn every_line_is_a_file_and_every_hash_is_one() {
        let archives = [
            MODELS,
            SAMPLES,
            DLIB,
            ONNX_RUNTIME_X86_64,
            ONNX_RUNTIME_AARCH64,
            ONNX_RUNTIME_MACOS_AARCH64,
            ONNX_RUNTIME_MACOS_X86_64,
            AXE,
        ];
        let archives = [&archives[..], &NOTICES, &crate::assets::cuda::CUDA].concat();
        for archive in &archives {
            assert_eq!(archive.files().count(), archive.files.lines().count());
        }
        let files = archives
            .iter()
            .flat_map(|archive| archive.files().map(|file| file.sha256));
        let hashes = archives.iter().map(|archive| archive.sha256);
        let pixels = PIXELS
            .lines()
            .filter_map(|line| Some(line.split_once('=')?.1));
        for hash in files.chain(hashes).chain(pixels) {
            let digit = |c: char| matches!(c, '0'..='9' | 'a'..='f');
            assert!(hash.len() == 64 && hash.chars().all(digit), "{hash}");
        }
    }
}

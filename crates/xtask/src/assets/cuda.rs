//! ONNX Runtime for NVIDIA's GPUs, and what it needs beside the driver: 1.6 GB that `cargo xtask assets --cuda` and
//! the packages' `flickr-faces-fetch-cuda` fetch, and nothing else does. Both are one script: docs/licences.md says why no
//! package holds the libraries themselves.

use std::fmt::Write as _;

use super::manifest::{Archive, WHEEL_X86_64};

/// The folder of the cache; the programs look for it (`crates/download/src/places.rs`).
const FOLDER: &str = "onnxruntime-cuda";

/// What a package calls the script.
pub const SCRIPT: &str = "flickr-faces-fetch-cuda";

/// The script that fetches all of it.
pub fn script() -> String {
    script_for(&CUDA)
}

/// Strings of the table are written in the same way in Rust and in Python.
fn script_for(archives: &[Archive]) -> String {
    let mut table = String::new();
    for archive in archives {
        let files: String = (archive.files())
            .map(|file| {
                format!(
                    "        ({:?}, {}, {:?}),\n",
                    file.name, file.bytes, file.sha256
                )
            })
            .collect();
        let Archive {
            requirement,
            pip,
            sha256,
            bytes,
            content,
            inside,
            ..
        } = archive;
        let _ = writeln!(
            table,
            "    ({requirement:?}, {pip:?}, {sha256:?}, {bytes}, {content:?}, {inside:?}, [\n{files}    ]),"
        );
    }
    include_str!("fetch_cuda.py").replace("    #ARCHIVES#\n", &table)
}

/// Wheels of NVIDIA are for one or the other.
const WHEEL: &[&str] = &[
    "--only-binary=:all:",
    "--platform=manylinux_2_27_x86_64",
    "--platform=manylinux2014_x86_64",
];

const NVIDIA: Archive = Archive {
    requirement: "",
    pip: WHEEL,
    sha256: "",
    bytes: 0,
    content: "",
    inside: "nvidia/cu13/lib",
    folder: FOLDER,
    files: "",
};

/// The library, its provider, and NVIDIA's libraries in the versions that it was built for.
pub(super) const CUDA: [Archive; 8] = [
    Archive {
        requirement: "onnxruntime-gpu==1.31.1",
        pip: WHEEL_X86_64,
        sha256: "e26c475fe361b2015f45b4b824bd13f0bb20204e59b62814e6f0acd5f3d491a6",
        bytes: 255_560_985,
        content: "ONNX Runtime for GPUs",
        inside: "onnxruntime/capi",
        files: "\
libonnxruntime.so.1.31.1 29421832 5104254339ecadae808da771bd0b63b240f0dbd466514234905e54372435c303
libonnxruntime_providers_cuda.so 284014752 d5290158115fa5569a3fe8f1f4037ee9b0e86658a96e52f852bbb7039aa88137
libonnxruntime_providers_shared.so 14632 086ec1d5388f64153d9c63470d126693db9a182c8ce236d3a1119068471b8a0d
",
        ..NVIDIA
    },
    Archive {
        requirement: "nvidia-cuda-runtime==13.5.37",
        sha256: "df2b79a8852f10d1fef8c848489c49eebb5754051bf870202a862831412b179d",
        bytes: 2_504_024,
        content: "CUDA's runtime",
        files: "libcudart.so.13 806720 be114eaabb3f3251cf30b6e334be5e8c3cf1b12c0a11c17295a810dd83cc141a",
        ..NVIDIA
    },
    Archive {
        requirement: "nvidia-cuda-nvrtc==13.5.37",
        sha256: "86b4d68058807988b7d9af5b44917a0601e9c337f35ccd657bfb3c759ff8d8bc",
        bytes: 58_185_930,
        content: "CUDA's compiler",
        files: "\
libnvrtc.so.13 141163664 98a317ff5d2176dee5a04235c6663f8d553d5ed95b3104cbf7fb198cbf76a10d
libnvrtc-builtins.so.13.5 7268296 6cecb2fd3e562bab1cb1c6e192f8f828157683c8febb22a00e178f9faf4e7f6a
",
        ..NVIDIA
    },
    Archive {
        requirement: "nvidia-nvjitlink==13.5.37",
        sha256: "280d7cb9649704145f074b8dbde500de04ce02d0872e066e20a83c17bcaa93eb",
        bytes: 46_642_491,
        content: "CUDA's linker",
        files: "libnvJitLink.so.13 117247464 0ba4a7e2c0819291ce928513755f4931dd69c77c63fb77677d14dc1360f28601",
        ..NVIDIA
    },
    Archive {
        requirement: "nvidia-cublas==13.10.0.20",
        sha256: "dcc6d63884c53d07e267ce7e6feac17b2538cebaafec5db865736c3e28e4dc84",
        bytes: 444_289_903,
        content: "cuBLAS",
        files: "\
libcublas.so.13 57282152 863f349b5352363c66079090d43d9d56ad3d676373ecac18418fd4fb2d0579d1
libcublasLt.so.13 551653208 b58e18ab4a6adc9bf4833d5cfe28db688e675fd6021db7eaf5da78d23f95d2de
",
        ..NVIDIA
    },
    Archive {
        requirement: "nvidia-curand==10.4.5.25",
        sha256: "22bb226a857e5888fe6b54ae465fc4371296bcff13a35f79e19691bcf454f529",
        bytes: 77_113_015,
        content: "cuRAND",
        files: "libcurand.so.10 104860296 82586610865e67dc73505087e04dd40a3cc69b281028731ce763faafe14b1347",
        ..NVIDIA
    },
    Archive {
        requirement: "nvidia-cufft==12.5.0.14",
        sha256: "b8be26837a5abad2b5b74f3e92dd29f622a42934b355be0961a48712cbba23ad",
        bytes: 165_072_555,
        content: "cuFFT",
        files: "libcufft.so.12 236983152 fbc2100d3725d93ebd5c407c4c33717097f34ec0fd01ee899be4c9712b671774",
        ..NVIDIA
    },
    Archive {
        requirement: "nvidia-cudnn-cu13==9.28.1.4",
        sha256: "a54f205b1db1f2895d99f398754db1369816f0569dd459731f925635cf7b65ec",
        bytes: 516_817_937,
        content: "cuDNN",
        inside: "nvidia/cudnn/lib",
        files: "\
libcudnn.so.9 137432 f756cabeed9b481134769fdbc0c2ae022cf52ac39aab08be26ea990a56da2efc
libcudnn_adv.so.9 92392360 d69ed7d8adc4524ddb6cbf5e10211e35f580d14e40924692f0cdf1b78cf23ab2
libcudnn_cnn.so.9 4204144 2512f47e6e33000e12be5b2e59ac71eb8f5805a548561e7637e4413d1b7cdeb7
libcudnn_engines_precompiled.so.9 260072128 51bd1d25591ae2994120aac5c5be172e31b973e0fdeba43a50647949096ee40a
libcudnn_engines_runtime_compiled.so.9 41978752 738655d1b9441a752fde9b9911780635e60fe96113f2b06c1af6d70458ef5174
libcudnn_engines_tensor_ir.so.9 249581552 ff088c803f896fd9a92c0ab861026ff3b7ee5a4222713c3dd8221e1c843e74ec
libcudnn_ext.so.9 10492592 46c273e178b7733ffa5d56bd9719f378a20b94e07d2ccf23c4078e22bced0652
libcudnn_graph.so.9 149118552 06c28f04f028466cf33461a7d645210146015d425a0dae6c7dc7e60c07c4d973
libcudnn_heuristic.so.9 96473968 7738da4dd6fee9597680ff595863743b2bc4bd5b0ec3edb4e8e9d28a2b5e629d
libcudnn_ops.so.9 35661648 e849b0a7353eec5bb5c9f75d841d075d786e205d84f8fd07b092770554674e48
",
        ..NVIDIA
    },
];

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::{Command, Output};
    use std::{fs, io::Write as _};

    use super::*;
    use crate::assets::sha256;
    use crate::cache::Scratch;
    use crate::shell;

    /// A package of one library and a licence, as pip takes it; gives its path.
    fn package(folder: &Path, library: &str) -> String {
        let make = "import sys, zipfile
package = zipfile.ZipFile(sys.argv[1], 'w')
info = 'made_up-1.0.dist-info/'
package.writestr('inner/libmade.so', sys.argv[2])
package.writestr('inner/other.so', 'other')
package.writestr(info + 'licenses/License.txt', 'the licence')
package.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: made-up\\nVersion: 1.0\\n')
package.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
package.writestr(info + 'RECORD', '')
package.close()";
        let path = folder.join("made_up-1.0-py3-none-any.whl");
        let mut python = Command::new("python3");
        python.args(["-c", make]).arg(&path).arg(library);
        shell::run("making a package", &mut python).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Runs the script, as a file like in a package, with the packages in `folder` and no others.
    fn run(script: &str, folder: &Path, arguments: &[&str]) -> (Output, String) {
        let file = folder.join(SCRIPT);
        fs::write(&file, script).unwrap();
        let mut command = Command::new("sh");
        command
            .arg(&file)
            .args(arguments)
            .env("FLICKR_FACES_CACHE", folder.join("cache"))
            .env("PIP_NO_INDEX", "1")
            .env("PIP_FIND_LINKS", folder);
        let output = shell::quiet(&mut command).unwrap();
        let said = [&output.stdout[..], &output.stderr].concat();
        (output, String::from_utf8(said).unwrap())
    }

    #[test]
    fn every_library_is_in_the_script() {
        let script = script();
        assert!(!script.contains("#ARCHIVES#"));
        for archive in &CUDA {
            assert!(archive.bytes > 0 && archive.sha256.len() == 64);
            for file in archive.files() {
                let line = format!("({:?}, {}, {:?}),\n", file.name, file.bytes, file.sha256);
                assert!(script.contains(&line), "{line}");
            }
        }
        assert!(script.contains(&format!("FOLDER = {FOLDER:?}\n")));
    }

    #[test]
    fn a_package_is_fetched_by_name_and_nothing_twice() {
        let scratch = Scratch::for_test("fetch-cuda");
        let folder = scratch.path();
        let path = package(folder, "a library");
        // Archives are written down as constants, which live for ever.
        let hash = |text: String| -> &'static str { text.leak() };
        let library = folder.join("expected");
        fs::write(&library, "a library").unwrap();
        let archive = Archive {
            requirement: "made-up==1.0",
            pip: &["--only-binary=:all:"],
            sha256: hash(sha256(Path::new(&path)).unwrap()),
            bytes: 1_500_000,
            content: "a made-up library",
            inside: "inner",
            folder: FOLDER,
            files: hash(format!("libmade.so 9 {}", sha256(&library).unwrap())),
        };
        let script = script_for(&[archive]);
        let there = folder.join("cache").join(FOLDER);
        let names = || {
            let mut names: Vec<_> = fs::read_dir(&there)
                .unwrap()
                .map(|entry| entry.unwrap().file_name())
                .collect();
            names.sort();
            names
        };

        let (output, said) = run(&script, folder, &[]);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(
            said.contains("0.0 GB to fetch") && said.contains("--yes goes on"),
            "{said}"
        );
        assert!(!there.exists());

        let (output, said) = run(&script, folder, &["--yes"]);
        assert!(output.status.success(), "{said}");
        assert!(
            said.contains("Fetching a made-up library: made-up==1.0 by pip, 2 MB\n"),
            "{said}"
        );
        assert_eq!(
            fs::read_to_string(there.join("libmade.so")).unwrap(),
            "a library"
        );
        let licence = there.join("licences/made-up/License.txt");
        assert_eq!(fs::read_to_string(licence).unwrap(), "the licence");
        assert_eq!(names(), ["libmade.so", "licences"]);

        // What is whole is not fetched again, what is damaged is.
        let (output, said) = run(&script, folder, &[]);
        assert!(
            output.status.success() && !said.contains("Fetching"),
            "{said}"
        );
        let mut file = fs::File::options()
            .write(true)
            .open(there.join("libmade.so"))
            .unwrap();
        file.write_all(b"A").unwrap();
        let (output, said) = run(&script, folder, &["--yes"]);
        assert!(output.status.success(), "{said}");
        assert!(
            said.contains("libmade.so has the SHA-256 ") && said.contains("Fetching"),
            "{said}"
        );
        assert_eq!(
            fs::read_to_string(there.join("libmade.so")).unwrap(),
            "a library"
        );

        // A package of the same name with another library: pip refuses it, and so does the script.
        let path = package(folder, "b library");
        fs::remove_file(there.join("libmade.so")).unwrap();
        let (output, said) = run(&script, folder, &["--yes"]);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(
            said.contains("error: pip could not fetch made-up==1.0 (exit code 1)"),
            "{said}"
        );
        let other = Archive {
            sha256: hash(sha256(Path::new(&path)).unwrap()),
            ..archive
        };
        let (output, said) = run(&script_for(&[other]), folder, &["--yes"]);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(
            said.contains("holds another libmade.so than this version was made with"),
            "{said}"
        );
        assert_eq!(names(), ["licences"]);
    }
}

//! ONNX Runtime for NVIDIA's GPUs, and what it needs beside the driver: 1.5 GB that `cargo xtask assets --cuda`
//! fetches and nothing else does.

use super::manifest::{Archive, WHEEL_X86_64};

/// The folder of the cache; the programs look for it (`crates/download/src/places.rs`).
pub const FOLDER: &str = "onnxruntime-cuda";

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
pub const CUDA: [Archive; 8] = [
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

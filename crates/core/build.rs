//! Records which of the processor's instruction sets the C++ compiler uses for dlib's detectors, so
//! that a program carried to a machine without them can say so (src/faces/dlib/processor.rs).

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(feature = "dlib")]
    instruction_sets::record();
}

#[cfg(feature = "dlib")]
mod instruction_sets {
    use std::{env, fs, path::PathBuf};

    /// What compilers use by themselves: the macro that GCC and Clang define where they may, and the
    /// name that `is_x86_feature_detected!` knows.
    const KNOWN: &[(&str, &str)] = &[
        ("__SSE3__", "sse3"),
        ("__SSSE3__", "ssse3"),
        ("__SSE4_1__", "sse4.1"),
        ("__SSE4_2__", "sse4.2"),
        ("__SSE4A__", "sse4a"),
        ("__POPCNT__", "popcnt"),
        ("__LZCNT__", "lzcnt"),
        ("__MOVBE__", "movbe"),
        ("__BMI__", "bmi1"),
        ("__BMI2__", "bmi2"),
        ("__F16C__", "f16c"),
        ("__FMA__", "fma"),
        ("__AVX__", "avx"),
        ("__AVX2__", "avx2"),
        ("__AVXVNNI__", "avxvnni"),
        ("__AVX512F__", "avx512f"),
        ("__AVX512CD__", "avx512cd"),
        ("__AVX512BW__", "avx512bw"),
        ("__AVX512DQ__", "avx512dq"),
        ("__AVX512VL__", "avx512vl"),
        ("__AVX512IFMA__", "avx512ifma"),
        ("__AVX512VBMI__", "avx512vbmi"),
        ("__AVX512VBMI2__", "avx512vbmi2"),
        ("__AVX512VNNI__", "avx512vnni"),
        ("__AVX512BITALG__", "avx512bitalg"),
        ("__AVX512VPOPCNTDQ__", "avx512vpopcntdq"),
    ];

    /// Asks the compiler that `dlib-face-recognition` uses, through the same crate, for its macros.
    pub fn record() {
        let used = if env::var("CARGO_CFG_TARGET_ARCH").as_deref() == Ok("x86_64") {
            used(&macros())
        } else {
            String::new()
        };
        println!("cargo::rustc-env=FLICKR_FACES_DLIB_INSTRUCTION_SETS={used}");
    }

    fn used(macros: &str) -> String {
        let defined = |name: &str| {
            macros
                .lines()
                .any(|line| line.split_ascii_whitespace().nth(1) == Some(name))
        };
        let used: Vec<_> = KNOWN
            .iter()
            .filter(|(name, _)| defined(name))
            .map(|(_, name)| *name)
            .collect();
        used.join(" ")
    }

    /// The macros that are defined before a source's first line.
    fn macros() -> String {
        let empty =
            PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("empty.cpp");
        fs::write(&empty, "").unwrap_or_else(|error| panic!("{}: {error}", empty.display()));
        let mut command = cc::Build::new().cpp(true).get_compiler().to_command();
        let output = command
            .args(["-dM", "-E", "-x", "c++"])
            .arg(&empty)
            .output()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        assert!(
            output.status.success(),
            "{command:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

//! Writes down which of the processor's instruction sets the C++ compiler uses for dlib's detectors, so
//! that a program carried to a machine without them can say so (src/processor.rs).

use std::{env, fs, path::Path, process::Command};

/// What compilers use without being told, by the names that `is_x86_feature_detected!` knows.
const KNOWN: &str = "sse3 ssse3 sse4.1 sse4.2 sse4a popcnt lzcnt movbe bmi1 bmi2 f16c fma avx avx2 avxvnni \
    avx512f avx512cd avx512bw avx512dq avx512vl avx512ifma avx512vbmi avx512vbmi2 avx512vnni avx512bitalg \
    avx512vpopcntdq";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let folder = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    let folder = Path::new(&folder);
    let mut used = String::new();
    if env::var("CARGO_CFG_TARGET_ARCH").as_deref() == Ok("x86_64") {
        let macros = macros(folder);
        for name in KNOWN.split_whitespace() {
            if macros.contains(&format!("#define {} 1\n", macro_of(name))) {
                used += &format!("({name:?}, std::arch::is_x86_feature_detected!({name:?})),\n");
            }
        }
    }
    write(
        &folder.join("instruction_sets.rs"),
        &format!("vec![{used}]"),
    );
}

/// The macro that GCC and Clang define where they may use an instruction set.
fn macro_of(name: &str) -> String {
    match name {
        "bmi1" => "__BMI__".to_owned(),
        _ => format!("__{}__", name.to_uppercase().replace('.', "_")),
    }
}

/// The macros that are defined before a source's first line, by the compiler that `dlib-face-recognition`
/// uses, found through the same crate.
fn macros(folder: &Path) -> String {
    let empty = folder.join("empty.cpp");
    write(&empty, "");
    let mut command: Command = cc::Build::new().cpp(true).get_compiler().to_command();
    let output = command
        .args(["-dM", "-E", "-x", "c++"])
        .arg(&empty)
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

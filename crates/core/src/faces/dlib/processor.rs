//! Whether this machine's processor can run dlib as it was compiled.
//!
//! dlib's C++ is compiled for the processor of the machine that builds it (.cargo/config.toml). On
//! another the first instruction that it does not know would end the program without a word.

use super::super::FacesError;

/// The instruction sets that the C++ compiler was allowed to use, by the names of
/// `is_x86_feature_detected!`; empty where it was told of none (build.rs).
const BUILT_FOR: &str = env!("FLICKR_FACES_DLIB_INSTRUCTION_SETS");

/// Refuses a processor that lacks what dlib was compiled for.
pub(super) fn check() -> Result<(), FacesError> {
    check_that(BUILT_FOR, has)
}

fn check_that(built_for: &'static str, has: impl Fn(&str) -> bool) -> Result<(), FacesError> {
    let missing: Vec<_> = built_for
        .split_ascii_whitespace()
        .filter(|name| !has(name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(FacesError::Processor {
        built_for,
        missing: missing.join(" "),
    })
}

/// Whether the processor has `wanted`, one of these names; of others it is said to lack them.
#[cfg(target_arch = "x86_64")]
macro_rules! detected {
    ($wanted:expr, $($name:tt)*) => {
        match $wanted {
            $($name => std::arch::is_x86_feature_detected!($name),)*
            _ => false,
        }
    };
}

/// Whether the processor, and the system on it, has an instruction set.
#[cfg(target_arch = "x86_64")]
fn has(name: &str) -> bool {
    detected!(
        name,
        "sse3" "ssse3" "sse4.1" "sse4.2" "sse4a" "popcnt" "lzcnt" "movbe" "bmi1" "bmi2" "f16c"
        "fma" "avx" "avx2" "avxvnni" "avx512f" "avx512cd" "avx512bw" "avx512dq" "avx512vl"
        "avx512ifma" "avx512vbmi" "avx512vbmi2" "avx512vnni" "avx512bitalg" "avx512vpopcntdq"
    )
}

/// Of other processors build.rs records nothing to ask for.
#[cfg(not(target_arch = "x86_64"))]
fn has(_: &str) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_runs_what_it_has_built() {
        check().unwrap();
    }

    #[test]
    fn a_processor_that_lacks_something_is_refused() {
        check_that("", |_| false).unwrap();
        check_that("fma avx2", |_| true).unwrap();
        let error = check_that("sse3 fma avx2", |name| name == "sse3").unwrap_err();
        assert_eq!(
            error.to_string(),
            "dlib was compiled for a processor with sse3 fma avx2, and this one lacks fma avx2: \
             build the programs again on this machine"
        );
    }

    /// The build takes what the machine has: `.cargo/config.toml` says so to the compiler of every
    /// cargo command in the checkout.
    #[cfg(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu"))]
    #[test]
    fn dlib_is_compiled_for_avx2_where_the_machine_has_it() {
        let used = BUILT_FOR
            .split_ascii_whitespace()
            .any(|name| name == "avx2");
        assert_eq!(used, has("avx2"), "compiled for: {BUILT_FOR}");
    }
}

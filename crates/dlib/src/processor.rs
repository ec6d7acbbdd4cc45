//! Whether this machine's processor can run dlib as it was compiled.
//!
//! dlib's C++ is compiled for the processor of the machine that builds it (.cargo/config.toml). On
//! another, the first unknown instruction would end the program without a word. dlib has constructors
//! that run before `main`, so on Linux the check runs before them.

use flickr_faces::faces::FacesError;

/// Refuses a processor that lacks what dlib was compiled for.
pub(crate) fn check() -> Result<(), FacesError> {
    check_that(&built_for())
}

/// The instruction sets that the C++ compiler was allowed to use, and whether this processor and its
/// system have them (build.rs).
fn built_for() -> Vec<(&'static str, bool)> {
    include!(concat!(env!("OUT_DIR"), "/instruction_sets.rs"))
}

fn check_that(built_for: &[(&str, bool)]) -> Result<(), FacesError> {
    let names = |wanted: &dyn Fn(bool) -> bool| -> String {
        let names = built_for.iter().filter(|(_, has)| wanted(*has));
        names.map(|(name, _)| *name).collect::<Vec<_>>().join(" ")
    };
    let missing = names(&|has| !has);
    if missing.is_empty() {
        return Ok(());
    }
    Err(FacesError::Processor {
        built_for: names(&|_| true),
        missing,
    })
}

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod before_main {
    use std::io::Write;

    /// The programs' exit code for "cannot go on".
    const CANNOT_GO_ON: i32 = 4;

    extern "C" fn check() {
        if let Err(error) = super::check() {
            // Before `main` there is nothing to return to.
            writeln!(std::io::stderr(), "error: {error}").ok();
            std::process::exit(CANNOT_GO_ON);
        }
    }

    /// Called by the C library as the program starts: linkers put these in the order of their numbers,
    /// and before those without, such as C++'s.
    // SAFETY: the section holds pointers to functions that the C library calls with arguments, which
    // this one may ignore; the C library and its allocator are ready, and nothing of `main` is needed.
    #[unsafe(link_section = ".init_array.00150")]
    #[used]
    static CHECK: extern "C" fn() = check;
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
        check_that(&[]).unwrap();
        check_that(&[("fma", true), ("avx2", true)]).unwrap();
        let error = check_that(&[("sse3", true), ("fma", false), ("avx2", false)]).unwrap_err();
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
        let built_for = built_for();
        let used = built_for.iter().any(|(name, _)| *name == "avx2");
        assert_eq!(
            used,
            is_x86_feature_detected!("avx2"),
            "compiled for: {built_for:?}"
        );
    }
}

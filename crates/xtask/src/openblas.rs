//! Which of OpenBLAS's kernels dlib computes with.
//!
//! A version of OpenBLAS knows the processors of its time: that of Debian 12 (0.3.21) computes on later ones as on a Pentium 4
//! (`Prescott`): more slowly, and with roundings that move a landmark by a pixel where a photo is doubled for the
//! CNN. Python's dlib, whose numbers are the reference, has kernels of its own.

use std::{env, process::Command};

/// By which OpenBLAS is told (its `driver/others/dynamic.c`); read when it is loaded.
const CORE: &str = "OPENBLAS_CORETYPE";

/// Has a command, and what it starts, compute with the kernels for what this processor can do, unless the person has
/// chosen others.
pub fn choose_kernels(command: &mut Command) {
    if let (None, Some(core)) = (env::var_os(CORE), core()) {
        command.env(CORE, core);
    }
}

/// The latest processor that OpenBLAS has kernels for and this one can do all of; `None` where its own choice will do.
#[cfg(target_arch = "x86_64")]
fn core() -> Option<&'static str> {
    use std::arch::is_x86_feature_detected as has;
    if has!("avx512f")
        && has!("avx512bw")
        && has!("avx512dq")
        && has!("avx512vl")
        && has!("avx512cd")
    {
        Some("SkylakeX")
    } else if has!("avx2") && has!("fma") {
        Some("Haswell")
    } else {
        None
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn core() -> Option<&'static str> {
    None
}

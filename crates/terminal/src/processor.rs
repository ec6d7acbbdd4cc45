//! Refuses, before anything of dlib runs, a processor that dlib was not compiled for.
//!
//! dlib's C++ has constructors that run before `main`. Compiled for AVX2, they would end the program
//! with an illegal instruction, even for `--help`. This runs before them.

use std::io::Write;

use flickr_faces::faces::dlib::check_processor;

use crate::exit::Exit;

extern "C" fn check() {
    if let Err(error) = check_processor() {
        // Before `main` there is nothing to return to.
        writeln!(std::io::stderr(), "error: {error}").ok();
        std::process::exit(Exit::CannotGoOn as i32);
    }
}

/// Called by the C library as the program starts: linkers put these in the order of their numbers, and
/// before those without, such as C++'s.
// SAFETY: the section holds pointers to functions that the C library calls with arguments, which
// this one may ignore; the C library and its allocator are ready, and nothing of `main` is needed.
#[unsafe(link_section = ".init_array.00150")]
#[used]
static CHECK: extern "C" fn() = check;

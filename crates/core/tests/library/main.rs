//! The library against numbers, files and models from outside. One program, since each is linked with all that
//! the library is.

#[path = "../common/mod.rs"]
mod common;

mod cluster;
mod cluster_support;
mod fuzz_support;
mod nets;
mod nets_fuzz;
mod onnx_edges;
mod photo_samples;
mod pictures;
mod reference;

/// Counts for each thread what the tests of [`nets_fuzz`] want to know; the others do not notice.
#[global_allocator]
static MEMORY: fuzz_support::memory::Counting = fuzz_support::memory::Counting;

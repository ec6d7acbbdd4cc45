//! dlib's own clustering, through its C++ library.

use std::time::Duration;

use anyhow::ensure;
use flickr_faces::cluster::DIMENSIONS;

/// What dlib made of faces, and how long it took.
pub(crate) struct Clustered {
    /// A label for each face.
    pub(crate) labels: Vec<u32>,
    /// Comparing all pairs.
    pub(crate) linking: Duration,
    /// Chinese whispers.
    pub(crate) whispering: Duration,
}

/// Groups `faces` as `chinese_whispers_clustering` of dlib's Python binding does, with the visits that
/// dlib always makes.
pub(crate) fn clusters(faces: &[[f32; DIMENSIONS]], threshold: f32) -> anyhow::Result<Clustered> {
    let mut labels = vec![0; faces.len()];
    let mut seconds = [0.0; 2];
    // SAFETY: `faces` are as many numbers as are said, one after the other; there is a label for each
    // face and room for two times; nothing is kept, and an exception does not leave the function.
    let done = unsafe {
        flickr_faces_bench_dlib_clusters(
            faces.as_ptr().cast(),
            faces.len(),
            DIMENSIONS,
            threshold,
            labels.as_mut_ptr(),
            seconds.as_mut_ptr(),
        )
    };
    ensure!(done, "dlib could not cluster {} faces", faces.len());
    Ok(Clustered {
        labels,
        linking: Duration::from_secs_f64(seconds[0]),
        whispering: Duration::from_secs_f64(seconds[1]),
    })
}

unsafe extern "C" {
    /// In clusters.cpp.
    fn flickr_faces_bench_dlib_clusters(
        numbers: *const f32,
        count: usize,
        dimensions: usize,
        threshold: f32,
        labels: *mut u32,
        seconds: *mut f64,
    ) -> bool;
}

//! Groups faces by their descriptors, 128 numbers each.
//!
//! ```sh
//! cargo run -p flickr-faces --example cluster_descriptors              # of twelve generated faces
//! cargo run -p flickr-faces --example cluster_descriptors -- FILE.json # of a list of lists
//! ```

use std::{env, error::Error, fs};

use flickr_faces::cluster::{
    Calibrated, Cohort, DEFAULT_THRESHOLD, DIMENSIONS, average_linkage, clusters, neighbours,
};

/// Three people's faces in turn, each a little off the person's own point.
fn generated() -> Vec<Vec<f32>> {
    let face = |number: usize| {
        let (person, look) = (number % 3, number / 3);
        let value = |at| match at % 3 == person {
            true => 0.1 + 0.01 * (at * (look + 1) % 7) as f32,
            false => 0.0,
        };
        (0..DIMENSIONS).map(value).collect()
    };
    (0..12).map(face).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let faces: Vec<Vec<f32>> = match env::args().nth(1) {
        Some(file) => serde_json::from_slice(&fs::read(file)?)?,
        None => generated(),
    };
    let descriptors = faces.into_iter().map(<[f32; DIMENSIONS]>::try_from);
    let descriptors: Vec<_> = descriptors
        .collect::<Result<_, _>>()
        .map_err(|face| format!("a face has {} numbers, expected {DIMENSIONS}", face.len()))?;
    // Distances are corrected by how crowded it is around each face.
    let cohort = Cohort::of_dlib();
    let calibrated = descriptors.iter().map(|descriptor| Calibrated {
        descriptor,
        crowding: Some(cohort.crowding(descriptor)),
    });
    let faces: Vec<_> = calibrated.collect();
    // Every pair within the threshold is an edge; groups join by the mean of all their pairs.
    let graph = neighbours(&faces, DEFAULT_THRESHOLD);
    let labels = average_linkage(&graph, &faces, None, DEFAULT_THRESHOLD);
    for (number, faces) in clusters(&labels).iter().enumerate() {
        println!("cluster {}: faces {faces:?}", number + 1);
    }
    Ok(())
}

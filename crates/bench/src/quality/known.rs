//! How right the clusters of known people are, and what naming them takes.

use std::path::Path;

use flickr_faces::cluster::{self, DEFAULT_THRESHOLD, Grouping, MAX_THRESHOLD, Method};

use super::{
    DBSCAN,
    b_cubed::BCubed,
    calibrated, crowding,
    effort::{self, suggestions},
    people::People,
    report,
};
use crate::dlib;

/// The thresholds that are gone through, besides the default and the recommended one.
const THRESHOLDS: [f32; 11] = [
    0.40, 0.45, 0.50, 0.52, 0.54, 0.55, 0.56, 0.58, 0.60, 0.62, 0.65,
];

/// Measures on the people of `folder`.
pub(crate) fn people(folder: &Path) -> anyhow::Result<()> {
    let people = People::read(folder)?;
    let crowding = crowding(&people.descriptors);
    let points = calibrated(&people.descriptors, &crowding);
    let graph = cluster::neighbours(&points, MAX_THRESHOLD);
    let ours = Grouping {
        photos: Some(&people.photo),
        ..Grouping::default()
    };
    let persons: std::collections::HashSet<_> = people.person.iter().collect();
    println!(
        "{} faces of {} people; B-cubed P, R and F1, then F1 of East Asian people and of the others",
        points.len(),
        persons.len()
    );
    let recommended = report(&graph, &points, &people.photo, &ours).recommended;
    let mut thresholds = THRESHOLDS.to_vec();
    thresholds.extend([DEFAULT_THRESHOLD, recommended]);
    thresholds.sort_by(f32::total_cmp);
    thresholds.dedup();
    let mut best = [(0.0, 0.0); 2];
    for (name, method) in [
        ("average", Method::Average),
        ("chinese_whispers", Method::ChineseWhispers),
        ("dbscan", DBSCAN),
    ] {
        for &threshold in &thresholds {
            let grouping = Grouping { method, ..ours };
            let labels = cluster::group(&graph, &points, threshold, &grouping);
            let f1 = line(name, threshold, &people, &labels);
            if method == Method::Average && f1 > best[0].0 {
                best[0] = (f1, threshold);
            }
        }
    }
    let dlib =
        |threshold| Ok::<_, anyhow::Error>(dlib::clusters(&people.descriptors, threshold)?.labels);
    for &threshold in &thresholds {
        let f1 = line("dlib's", threshold, &people, &dlib(threshold)?);
        if f1 > best[1].0 {
            best[1] = (f1, threshold);
        }
    }
    let at = |threshold| people.f1(&cluster::group(&graph, &points, threshold, &ours));
    let [all, asian, others] = at(DEFAULT_THRESHOLD);
    let [theirs, ..] = people.f1(&dlib(DEFAULT_THRESHOLD)?);
    println!(
        "quality: f1 {all:.3} at {DEFAULT_THRESHOLD:.2} (whispers {theirs:.3} at {DEFAULT_THRESHOLD:.2}, \
         best {:.3} at {:.2})",
        best[1].0, best[1].1
    );
    println!("fairness: {asian:.3} and {others:.3}");
    println!(
        "advice: f1 {:.3} at the recommended {recommended:.2}, best {:.3} at {:.2}",
        at(recommended)[0],
        best[0].0,
        best[0].1
    );
    let (right, asked) = suggestions(&people)?;
    println!("suggestions: {right:.3} right, {asked:.3} of the faces of named people asked about");
    println!("{}", effort::effort(&people)?);
    Ok(())
}

/// Prints a line and returns F1.
fn line(name: &str, threshold: f32, people: &People, labels: &[u32]) -> f64 {
    let of = BCubed::of(labels, &people.person);
    let [all, asian, others] = people.f1(labels);
    println!("  {name:<17}{threshold:.2}  {of}   {asian:.4} {others:.4}");
    all
}

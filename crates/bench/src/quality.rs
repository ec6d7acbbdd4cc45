//! How right the clusters are: ours, DBSCAN and dlib's Chinese whispers on photos of known people.
//!
//! Measured by B-cubed precision and recall (A. Bagga, B. Baldwin, "Entity-based cross-document
//! coreferencing using the vector space model", COLING-ACL 1998), of which E. Amigó et al., "A
//! comparison of extrinsic clustering evaluation metrics based on formal constraints", Information
//! Retrieval 12 (2009), found that no other measure meets as many of the demands one would make: for
//! each face, how much of its cluster is its person, and how much of its person is in its cluster,
//! both averaged over the faces; F1 is their harmonic mean.

mod truth;

use std::{collections::HashMap, path::Path};

use anyhow::{Context, ensure};
use flickr_faces::{
    cluster::{self, DIMENSIONS, Graph, Grouping, MAX_THRESHOLD, Method, Report, THRESHOLDS},
    faces::Detector,
    photo,
};

use crate::{dlib, engines::Engines, photos};
use truth::Person;

/// The smallest cluster that the programs ask about, for the report.
const MIN_CLUSTER: usize = 3;

/// Less than this is a sum's rounding, not a difference: each face counts for more.
const ROUNDING: f64 = 1e-9;

/// A face of a known person.
#[derive(Clone)]
struct Known {
    descriptor: [f32; DIMENSIONS],
    photo: u32,
    person: Person,
}

/// Measures on the folders below `folder`: `johns` and `portraits`, and, where there is one, `groups`.
pub(crate) fn quality(engines: &Engines, folder: &Path) -> anyhow::Result<()> {
    let known = |folders: &[&str]| known(engines, folder, folders);
    let people = known(&["johns", "portraits"])?;
    ensure!(
        !people.is_empty(),
        "{}: no faces in johns and portraits",
        folder.display()
    );
    let right = measure("johns and portraits", &people)?;
    if !folder.join("groups").is_dir() {
        return right.check();
    }
    let mut with_groups = people;
    let photos = with_groups
        .iter()
        .map(|face| face.photo + 1)
        .max()
        .unwrap_or(0);
    with_groups.extend(known(&["groups"])?.into_iter().map(|face| Known {
        photo: face.photo + photos,
        ..face
    }));
    println!();
    let harder = measure(
        "johns, portraits and groups (each face of a group a person of its own)",
        &with_groups,
    )?;
    right.check()?;
    harder.check()
}

/// The faces of some folders, found by the CNN detector after doubling once.
fn known(engines: &Engines, folder: &Path, folders: &[&str]) -> anyhow::Result<Vec<Known>> {
    let mut analyser = engines.onnx(Detector::Cnn, engines.threads)?.analyser()?;
    let mut known = Vec::new();
    let paths: Vec<_> = folders.iter().map(|name| folder.join(name)).collect();
    for (number, path) in photos::files(&paths)?.iter().enumerate() {
        let image = photo::decode(path, &photo::Limits::default())?;
        let faces = analyser.analyse(&image)?;
        let rects: Vec<_> = faces.iter().map(|face| face.rect).collect();
        let relative = path.strip_prefix(folder).context("a photo of the folder")?;
        let people = truth::people(relative, &rects)?;
        known.extend(faces.iter().zip(people).map(|(face, person)| Known {
            descriptor: face.descriptor.0,
            photo: number as u32,
            person,
        }));
    }
    Ok(known)
}

/// The measured figures that are checked.
struct Outcome {
    /// Thresholds at which ours is less precise than dlib's.
    less_precise: Vec<f32>,
    /// F1 at the recommended threshold.
    ours: f64,
    /// The best F1 that dlib has at any.
    dlibs_best: f64,
}

impl Outcome {
    fn check(&self) -> anyhow::Result<()> {
        ensure!(
            self.less_precise.is_empty(),
            "less precise than dlib's at {:?}",
            self.less_precise
        );
        ensure!(
            self.ours >= self.dlibs_best - ROUNDING,
            "F1 at the recommended threshold is {:.4}, dlib's best is {:.4}",
            self.ours,
            self.dlibs_best
        );
        Ok(())
    }
}

fn measure(what: &str, faces: &[Known]) -> anyhow::Result<Outcome> {
    let descriptors: Vec<_> = faces.iter().map(|face| face.descriptor).collect();
    let photos: Vec<u32> = faces.iter().map(|face| face.photo).collect();
    let people = numbered(faces);
    let graph = cluster::neighbours(&descriptors, MAX_THRESHOLD);
    let ours = Grouping {
        photos: Some(&photos),
        ..Grouping::default()
    };
    let dbscan = Grouping {
        method: Method::Dbscan {
            min_samples: Method::MIN_SAMPLES,
        },
        ..ours
    };
    println!(
        "{what}: {} faces of {} people in {} photos; B-cubed precision, recall and F1",
        faces.len(),
        people.iter().max().map_or(0, |most| most + 1),
        photos
            .iter()
            .collect::<std::collections::HashSet<_>>()
            .len(),
    );
    println!("             ours                   DBSCAN                 dlib");
    println!("  threshold  P      R      F1       P      R      F1       P      R      F1");
    let mut rows = Vec::new();
    for threshold in THRESHOLDS {
        let near = graph.filter_below(threshold);
        let row = [
            cluster::group(&near, &ours),
            cluster::group(&near, &dbscan),
            dlib::clusters(&descriptors, threshold)?.labels,
        ]
        .map(|labels| BCubed::of(&labels, &people));
        let [ours, dbscan, dlib] = row;
        println!("  {threshold:.2}       {ours}   {dbscan}   {dlib}");
        rows.push((threshold, ours, dlib));
    }
    let outcome = outcome(&rows, &report(&graph, &photos, &ours));
    println!(
        "  F1 at the recommended threshold {:.4}, dlib's best at any {:.4}",
        outcome.ours, outcome.dlibs_best
    );
    for samples in [2, 3, 4, 5] {
        let grouping = Grouping {
            method: Method::Dbscan {
                min_samples: samples,
            },
            ..ours
        };
        let best = THRESHOLDS
            .map(|threshold| {
                let labels = cluster::group(&graph.filter_below(threshold), &grouping);
                (threshold, BCubed::of(&labels, &people))
            })
            .into_iter()
            .max_by(|(_, a), (_, b)| a.f1().total_cmp(&b.f1()));
        if let Some((threshold, best)) = best {
            println!("  DBSCAN with min_samples {samples} at its best, {threshold:.2}: {best}");
        }
    }
    Ok(outcome)
}

/// The report of `cluster-faces report`; prints its recommendation.
fn report(graph: &Graph, photos: &[u32], grouping: &Grouping<'_>) -> Report {
    let report = cluster::report(graph, photos, grouping, &THRESHOLDS, MIN_CLUSTER);
    println!("  recommended: {:.2}: {}", report.recommended, report.why);
    report
}

fn outcome(rows: &[(f32, BCubed, BCubed)], report: &Report) -> Outcome {
    let recommended = rows.iter().find(|row| row.0 == report.recommended);
    Outcome {
        less_precise: rows
            .iter()
            .filter(|(_, ours, dlib)| ours.precision < dlib.precision - ROUNDING)
            .map(|row| row.0)
            .collect(),
        ours: recommended.map_or(0.0, |(_, ours, _)| ours.f1()),
        dlibs_best: rows
            .iter()
            .map(|(_, _, dlib)| dlib.f1())
            .fold(0.0, f64::max),
    }
}

/// People as numbers.
fn numbered(faces: &[Known]) -> Vec<u32> {
    let mut numbers = HashMap::new();
    faces
        .iter()
        .enumerate()
        .map(|(face, known)| {
            // Each stranger is a person of their own.
            let next = numbers.len() as u32;
            let key = match &known.person {
                Person::Named(name) => (name.clone(), 0),
                Person::Stranger => (String::new(), face + 1),
            };
            *numbers.entry(key).or_insert(next)
        })
        .collect()
}

/// B-cubed precision and recall.
#[derive(Debug, Clone, Copy, PartialEq)]
struct BCubed {
    precision: f64,
    recall: f64,
}

impl BCubed {
    /// Of clusters by their labels, people by theirs.
    fn of(labels: &[u32], people: &[u32]) -> Self {
        let (mut clusters, mut persons, mut both) =
            (HashMap::new(), HashMap::new(), HashMap::new());
        for (&label, &person) in labels.iter().zip(people) {
            *clusters.entry(label).or_insert(0.0) += 1.0;
            *persons.entry(person).or_insert(0.0) += 1.0;
            *both.entry((label, person)).or_insert(0.0) += 1.0;
        }
        let (mut precision, mut recall) = (0.0, 0.0);
        for (&(label, person), &count) in &both {
            // The same for each of the `count` faces.
            precision += count * count / clusters[&label];
            recall += count * count / persons[&person];
        }
        let faces = labels.len().max(1) as f64;
        Self {
            precision: precision / faces,
            recall: recall / faces,
        }
    }

    fn f1(&self) -> f64 {
        2.0 * self.precision * self.recall / (self.precision + self.recall).max(f64::MIN_POSITIVE)
    }
}

impl std::fmt::Display for BCubed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:.4} {:.4} {:.4}",
            self.precision,
            self.recall,
            self.f1()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b_cubed_is_that_of_the_paper() {
        // Bagga and Baldwin's example: truth 12345, 67, 89ABC.
        let people = [0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 2, 2];
        let first = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1];
        let second = [0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0];
        let of = |labels: &[u32]| {
            let found = BCubed::of(labels, &people);
            (
                (found.precision * 100.0).round(),
                (found.recall * 100.0).round(),
            )
        };
        assert_eq!(of(&first), (76.0, 100.0));
        assert_eq!(of(&second), (58.0, 100.0));
        let alone: Vec<u32> = (0..12).collect();
        let alone = BCubed::of(&alone, &people);
        assert_eq!(alone.precision, 1.0);
        assert!((alone.recall - 0.25).abs() < ROUNDING);
        assert!((BCubed::of(&people, &people).f1() - 1.0).abs() < ROUNDING);
    }

    #[test]
    fn each_stranger_is_another_person() {
        let known = |person| Known {
            descriptor: [0.0; DIMENSIONS],
            photo: 0,
            person,
        };
        let named = |name: &str| known(Person::Named(name.to_owned()));
        let faces = [
            named("a"),
            known(Person::Stranger),
            named("b"),
            known(Person::Stranger),
            named("a"),
        ];
        assert_eq!(numbered(&faces), [0, 1, 2, 3, 0]);
    }
}

//! How right the clusters are: ours, DBSCAN's and dlib's Chinese whispers, on photos or on descriptors of
//! known people; and what naming them takes.

mod b_cubed;
mod effort;
mod known;
mod people;
mod truth;

use std::{collections::HashMap, path::Path};

use anyhow::{Context, ensure};
use flickr_faces::{
    cluster::{
        self, Calibrated, Cohort, DIMENSIONS, Graph, Grouping, MAX_THRESHOLD, Method, Report,
        THRESHOLDS,
    },
    faces::Detector,
    photo,
};

use crate::{dlib, engines::Engines, photos};
use b_cubed::BCubed;
pub(crate) use known::people;
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
    /// F1 at the recommended threshold.
    ours: f64,
    /// The best F1 that dlib has at any.
    dlibs_best: f64,
}

impl Outcome {
    fn check(&self) -> anyhow::Result<()> {
        ensure!(
            self.ours >= self.dlibs_best - ROUNDING,
            "F1 at the recommended threshold is {:.4}, dlib's best is {:.4}",
            self.ours,
            self.dlibs_best
        );
        Ok(())
    }
}

/// How crowded it is around each face, by the built-in cohort.
fn crowding(descriptors: &[[f32; DIMENSIONS]]) -> Vec<f32> {
    let cohort = Cohort::of_dlib();
    descriptors
        .iter()
        .map(|face| cohort.crowding(face))
        .collect()
}

fn calibrated<'a>(descriptors: &'a [[f32; DIMENSIONS]], crowding: &[f32]) -> Vec<Calibrated<'a>> {
    let pairs = descriptors.iter().zip(crowding);
    pairs
        .map(|(descriptor, &crowding)| Calibrated {
            descriptor,
            crowding: Some(crowding),
        })
        .collect()
}

const DBSCAN: Method = Method::Dbscan {
    min_samples: Method::MIN_SAMPLES,
};

fn measure(what: &str, faces: &[Known]) -> anyhow::Result<Outcome> {
    let descriptors: Vec<_> = faces.iter().map(|face| face.descriptor).collect();
    let photos: Vec<u32> = faces.iter().map(|face| face.photo).collect();
    let people = numbered(faces);
    let crowding = crowding(&descriptors);
    let points = calibrated(&descriptors, &crowding);
    let graph = cluster::neighbours(&points, MAX_THRESHOLD);
    let ours = Grouping {
        photos: Some(&photos),
        ..Grouping::default()
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
    let report = report(&graph, &points, &photos, &ours);
    let mut dlibs_best = 0.0_f64;
    for threshold in report.rows.iter().map(|row| row.threshold) {
        let of = |method| {
            let grouping = Grouping { method, ..ours };
            let labels = cluster::group(&graph, &points, threshold, &grouping);
            BCubed::of(&labels, &people)
        };
        let (average, dbscan) = (of(Method::Average), of(DBSCAN));
        let dlib = BCubed::of(&dlib::clusters(&descriptors, threshold)?.labels, &people);
        println!("  {threshold:.2}       {average}   {dbscan}   {dlib}");
        dlibs_best = dlibs_best.max(dlib.f1());
    }
    let labels = cluster::group(&graph, &points, report.recommended, &ours);
    let outcome = Outcome {
        ours: BCubed::of(&labels, &people).f1(),
        dlibs_best,
    };
    println!(
        "  F1 at the recommended threshold {:.4}, dlib's best at any {:.4}",
        outcome.ours, outcome.dlibs_best
    );
    Ok(outcome)
}

/// The report of `cluster-faces report`; prints its recommendation.
fn report(
    graph: &Graph,
    points: &[Calibrated<'_>],
    photos: &[u32],
    grouping: &Grouping<'_>,
) -> Report {
    let report = cluster::report(graph, points, photos, grouping, &THRESHOLDS, MIN_CLUSTER);
    println!("  recommended: {:.2}: {}", report.recommended, report.why);
    report
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

#[cfg(test)]
mod tests {
    use super::*;

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

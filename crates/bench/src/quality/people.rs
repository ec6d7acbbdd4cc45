//! Descriptors of known people in a folder: `faces.f32`, little-endian, 128 a face, and `faces.json` with the
//! person and photo of each face and, for each person, whether they are East Asian.

use std::{fs, path::Path};

use anyhow::{Context, ensure};
use flickr_faces::cluster::DIMENSIONS;
use serde::Deserialize;

use super::b_cubed::BCubed;

/// Faces of known people.
#[derive(Debug)]
pub(super) struct People {
    pub(super) descriptors: Vec<[f32; DIMENSIONS]>,
    pub(super) person: Vec<u32>,
    pub(super) photo: Vec<u32>,
    east_asian: Vec<bool>,
}

#[derive(Deserialize)]
struct Labels {
    person: Vec<u32>,
    photo: Vec<u32>,
    east_asian: Vec<u8>,
}

impl People {
    pub(super) fn read(folder: &Path) -> anyhow::Result<Self> {
        let read = |name: &str| {
            let path = folder.join(name);
            fs::read(&path).with_context(|| path.display().to_string())
        };
        let bytes = read("faces.f32")?;
        let (numbers, rest) = bytes.as_chunks::<4>();
        let numbers: Vec<f32> = numbers
            .iter()
            .map(|&bytes| f32::from_le_bytes(bytes))
            .collect();
        let (descriptors, odd) = numbers.as_chunks::<DIMENSIONS>();
        ensure!(
            rest.is_empty() && odd.is_empty() && !descriptors.is_empty(),
            "faces.f32: {} bytes, expected 512 a face",
            bytes.len()
        );
        let labels: Labels = serde_json::from_slice(&read("faces.json")?).context("faces.json")?;
        let faces = descriptors.len();
        ensure!(
            labels.person.len() == faces && labels.photo.len() == faces,
            "faces.json: {} people and {} photos, expected one for each of {faces} faces",
            labels.person.len(),
            labels.photo.len()
        );
        let of = |&person: &u32| {
            let group = labels.east_asian.get(person as usize);
            let group =
                group.with_context(|| format!("faces.json: no east_asian of person {person}"));
            group.map(|&group| group != 0)
        };
        Ok(Self {
            descriptors: descriptors.to_vec(),
            east_asian: labels
                .person
                .iter()
                .map(of)
                .collect::<anyhow::Result<_>>()?,
            person: labels.person,
            photo: labels.photo,
        })
    }

    /// F1 of all, of East Asian people and of the others.
    pub(super) fn f1(&self, labels: &[u32]) -> [f64; 3] {
        let among = |group: bool| {
            BCubed::among(labels, &self.person, |face| self.east_asian[face] == group).f1()
        };
        [
            BCubed::of(labels, &self.person).f1(),
            among(true),
            among(false),
        ]
    }
}

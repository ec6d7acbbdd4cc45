//! One person's faces, grouped more strictly: two people under one name come apart.

use std::collections::HashMap;

use flickr_faces::{
    cluster::{self, Grouping},
    steps::{StepError, naming::Member},
    store::{PersonFace, PersonId},
};

use crate::{app::App, problem::Problem};

impl App {
    /// The person's faces in groups, the largest first. Faces of another descriptor network are in
    /// none of them.
    pub(crate) async fn split(
        &self,
        person: PersonId,
        threshold: f32,
    ) -> Result<Vec<Vec<Member>>, Problem> {
        let faces = self.session.store().faces_of(person).await?;
        let settings = self.session.settings();
        let (method, seed) = (settings.method, settings.seed);
        let same_photo = settings.same_photo;
        let grouping = tokio::task::spawn_blocking(move || {
            grouped(faces, threshold, |graph, photos| {
                cluster::group(
                    graph,
                    &Grouping {
                        method,
                        seed,
                        photos: (!same_photo).then_some(photos),
                    },
                )
            })
        });
        let groups = grouping.await;
        Ok(groups.map_err(|_| StepError::BrokeOff("grouping a person's faces"))?)
    }
}

fn grouped(
    faces: Vec<PersonFace>,
    threshold: f32,
    labels: impl FnOnce(&cluster::Graph, &[u32]) -> Vec<u32>,
) -> Vec<Vec<Member>> {
    let mut numbers = HashMap::new();
    let (mut known, mut descriptors, mut photos) = (Vec::new(), Vec::new(), Vec::new());
    for face in faces {
        let Some(descriptor) = face.descriptor else {
            continue;
        };
        descriptors.push(descriptor.0);
        let next = numbers.len() as u32;
        photos.push(*numbers.entry(face.photo.clone()).or_insert(next));
        known.push((face.id, face.photo));
    }
    let graph = cluster::neighbours(&descriptors, threshold);
    cluster::clusters(&labels(&graph, &photos))
        .into_iter()
        .map(|mut members| {
            let distances = cluster::most_typical_first(&mut members, &descriptors);
            let placed = members.iter().zip(distances);
            placed
                .filter_map(|(&face, distance)| {
                    let (id, photo) = known.get(face as usize)?.clone();
                    Some(Member {
                        id,
                        photo,
                        distance,
                        outlier: false,
                    })
                })
                .collect()
        })
        .collect()
}

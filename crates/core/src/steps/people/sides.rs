//! Two people beside each other, before they become one.

use std::{collections::HashSet, path::Path};

use super::{People, blocking};
use crate::{
    boxed,
    naming::montage::{self, MOST_BESIDE, Tile},
    steps::{StepError, crops::crops},
    store::{FaceId, PersonRow},
    text::count,
};

/// Two people whose faces are to be one person's.
#[derive(Debug, Clone, PartialEq)]
pub struct Sides {
    /// Whose faces become the other's, and some of the faces: the one that was chosen to stand for them, then the most
    /// typical.
    pub from: (PersonRow, Vec<FaceId>),
    /// Who they become.
    pub into: (PersonRow, Vec<FaceId>),
    /// How many photos show both.
    pub together: usize,
}

impl Sides {
    /// Who they are, and how many photos show both: a line each.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let together = match self.together {
            0 => "No photo shows both.".to_owned(),
            photos => format!("{} both.", count(photos, "photo shows", "photos show")),
        };
        vec![in_a_line(&self.from.0), in_a_line(&self.into.0), together]
    }
}

/// A person, with how many faces and photos.
#[must_use]
pub fn in_a_line(person: &PersonRow) -> String {
    let faces = count(person.faces, "face", "faces");
    let photos = count(person.photos, "photo", "photos");
    format!("{}: {faces} in {photos}", person.name)
}

impl People {
    /// Two people, to be looked at before they become one.
    ///
    /// # Errors
    /// Where the store cannot be read.
    #[boxed]
    pub async fn sides(&self, from: &PersonRow, into: &PersonRow) -> Result<Sides, StepError> {
        let (some, photos) = self.some_faces(from).await?;
        let (others, other_photos) = self.some_faces(into).await?;
        Ok(Sides {
            from: (from.clone(), some),
            into: (into.clone(), others),
            together: photos.intersection(&other_photos).count(),
        })
    }

    async fn some_faces(
        &self,
        person: &PersonRow,
    ) -> Result<(Vec<FaceId>, HashSet<crate::store::PhotoId>), StepError> {
        let faces = self.faces(person).await?;
        let photos = faces.iter().map(|face| face.photo.clone()).collect();
        let cover = self.store.cover(person.id).await?;
        let ids = faces.into_iter().map(|face| face.id);
        let mut ids: Vec<FaceId> = ids.collect();
        // A cover that is somebody else's by now stands for nobody.
        if let Some(place) = ids.iter().position(|id| Some(id) == cover.as_ref()) {
            ids[..=place].rotate_right(1);
        }
        ids.truncate(MOST_BESIDE);
        Ok((ids, photos))
    }

    /// The small JPEGs of faces, in their order, without what lies beyond the photos' edges; empty where a face is no
    /// longer there.
    ///
    /// # Errors
    /// Where the store cannot be read.
    #[boxed]
    pub async fn crops(&self, faces: &[FaceId]) -> Result<Vec<Vec<u8>>, StepError> {
        crops(&self.store, faces).await
    }

    /// Draws two people into a JPEG file at `path`: who they become above, those that become so below.
    ///
    /// # Errors
    /// Where the store cannot be read or the file cannot be written.
    #[boxed]
    pub async fn sides_montage(&self, sides: &Sides, path: &Path) -> Result<(), StepError> {
        let known = self.store.crops(&sides.into.1).await?;
        let asked = self.store.crops(&sides.from.1).await?;
        let path = path.to_owned();
        let drawing = blocking("drawing a montage", move || {
            let known: Vec<&[u8]> = known.iter().map(Vec::as_slice).collect();
            let tiles: Vec<_> = (1..)
                .zip(&asked)
                .map(|(number, jpeg)| Tile {
                    number,
                    odd: false,
                    jpeg,
                })
                .collect();
            montage::save(&montage::draw_beside(&known, &tiles, 0), &path)
        });
        Ok(drawing.await??)
    }
}

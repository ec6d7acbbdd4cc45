//! Faces, as they are found and as they are read for clustering.

use futures_util::TryStreamExt as _;
use sqlx::{AssertSqlSafe, any::AnyRow};

use super::{FaceId, PersonId, PhotoId, Result, SET_METADATA, Store, StoreError};
use crate::boxed;
use crate::faces::{Descriptor, Face, FaceBox, Models, Rect, Turn};
use crate::naming::quality_filter::FaceQuality;

/// Faces that one statement changes. Of many more PostgreSQL would rather read the whole table.
const FACES_A_STATEMENT: usize = 100;

/// A face as an engine found it, with its picture for montages.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundFace {
    /// Box, landmarks and descriptor.
    pub face: Face,
    /// A small JPEG of the face.
    pub crop: Vec<u8>,
    /// How the photo was turned for the face to be upright, as it is in that JPEG; box and landmarks are in the photo
    /// as it was.
    pub turn: Turn,
}

/// What has been decided about a face so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaceState {
    /// Nothing yet.
    Unnamed,
    /// It is the face of the person with this id.
    Named(PersonId),
    /// Someone who is not to be named.
    Ignored,
    /// The detector was wrong.
    NotAFace,
}

/// A face that can be compared with others, whatever has been decided about it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredFace {
    /// Its id.
    pub id: FaceId,
    /// The photo it is in.
    pub photo: PhotoId,
    /// How well it can be seen.
    pub seen: FaceQuality,
    /// What has been decided.
    pub state: FaceState,
    /// What it is compared by.
    pub descriptor: Descriptor,
    /// How crowded the network's space is around it; `None` where that is not computed yet.
    pub crowding: Option<f32>,
}

/// The metadata that names the descriptor network whose faces can be compared.
const ENCODER: &str = "encoder";

impl Store {
    /// The descriptor network whose faces can be compared: that of the last `download`, as the
    /// SHA-256 of its file in hexadecimal.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn encoder(&self) -> Result<String> {
        // A store that no `download` has been at since it knows this holds dlib's.
        Ok(self
            .metadata(ENCODER)
            .await?
            .unwrap_or_else(|| Models::ENCODER.sha256.to_owned()))
    }

    /// Sets the descriptor network whose faces can be compared from now on.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    #[boxed]
    pub async fn set_encoder(&self, encoder: &str) -> Result<()> {
        self.set_metadata(ENCODER, encoder).await
    }

    /// Every face whose descriptor comes from the network of the last `download`, but for those in deleted
    /// photos, in the order of their photos' upload, then of their numbers.
    ///
    /// # Errors
    /// Where the store cannot be read or a face's numbers are damaged.
    #[boxed]
    pub async fn faces(&self) -> Result<Vec<StoredFace>> {
        let encoder = self.encoder().await?;
        self.while_away(|| self.faces_of_network(&encoder)).await
    }

    async fn faces_of_network(&self, encoder: &str) -> Result<Vec<StoredFace>> {
        let select = sqlx::query(
            "SELECT faces.id AS id, photo, box_left, box_top, box_right, box_bottom, image_width,
                image_height, score, sharpness, turn, descriptor, crowding, decision, person
             FROM faces JOIN photos ON photos.id = photo JOIN face_descriptors ON face = faces.id
             WHERE encoder = $1 AND state <> 'deleted' ORDER BY uploaded, photo, number",
        );
        // One by one: as rows they take several times the memory.
        let failed = || self.failed("read the faces");
        let mut rows = select.bind(encoder).fetch(self.pool.at_once());
        let mut faces = Vec::new();
        while let Some(row) = rows.try_next().await.map_err(failed())? {
            let id: FaceId = self.column(&row, "id")?;
            faces.push(StoredFace {
                photo: self.column(&row, "photo")?,
                seen: self.seen(&row)?,
                state: self.state(&row)?,
                descriptor: self.descriptor(&row, &id)?,
                crowding: self.measured(&row, "crowding")?,
                id,
            });
        }
        Ok(faces)
    }

    /// Remembers by which cohort, known by its SHA-256, the faces of an encoder are calibrated; where it is another than
    /// before, how crowded it is around them is to be computed again.
    ///
    /// # Errors
    /// Where the store cannot be written to; then nothing was changed.
    pub(crate) async fn calibrated_by(&self, encoder: &str, cohort: &str) -> Result<()> {
        let name = format!("cohort of {encoder}");
        if self.metadata(&name).await?.as_deref() == Some(cohort) {
            return Ok(());
        }
        let what = "forget how crowded faces are";
        self.while_away(|| async {
            let mut write = self.begin(what).await?;
            let forget = sqlx::query("UPDATE faces SET crowding = NULL WHERE encoder = $1");
            self.run(&mut write, what, forget.bind(encoder)).await?;
            let remember = sqlx::query(SET_METADATA).bind(&name).bind(cohort);
            self.run(&mut write, what, remember).await?;
            self.commit(write, what).await
        })
        .await
    }

    /// Keeps how crowded the network's space is around faces, in one transaction.
    ///
    /// # Errors
    /// Where the store cannot be written to; then nothing was kept.
    pub(crate) async fn set_crowding(&self, faces: &[(FaceId, f32)]) -> Result<()> {
        let what = "keep how crowded faces are";
        self.while_away(|| async {
            let mut write = self.begin(what).await?;
            for faces in faces.chunks(FACES_A_STATEMENT) {
                let row = |face| {
                    format!(
                        "(${}, CAST(${} AS DOUBLE PRECISION))",
                        2 * face + 1,
                        2 * face + 2
                    )
                };
                let rows: Vec<String> = (0..faces.len()).map(row).collect();
                let mut keep = sqlx::query(AssertSqlSafe(format!(
                    "UPDATE faces SET crowding = given.column2 FROM (VALUES {}) AS given
                     WHERE faces.id = given.column1",
                    rows.join(", ")
                )));
                for (face, crowding) in faces {
                    keep = keep.bind(face).bind(f64::from(*crowding));
                }
                self.run(&mut write, what, keep).await?;
            }
            self.commit(write, what).await
        })
        .await
    }

    /// Of a row with `box_left` and the other edges, `image_width` and `image_height`.
    pub(super) fn face_box(&self, row: &AnyRow) -> Result<FaceBox> {
        let pixels = |name| -> Result<i32> {
            let value: i64 = self.column(row, name)?;
            Ok(i32::try_from(value).unwrap_or_default())
        };
        let (width, height) = (pixels("image_width")?, pixels("image_height")?);
        Ok(FaceBox {
            rect: Rect {
                left: pixels("box_left")?,
                top: pixels("box_top")?,
                right: pixels("box_right")?,
                bottom: pixels("box_bottom")?,
            },
            image: (width.unsigned_abs(), height.unsigned_abs()),
        })
    }

    /// Of a row with `rotated`.
    pub(super) fn rotated(&self, row: &AnyRow) -> Result<Turn> {
        let degrees: i64 = self.column(row, "rotated")?;
        Ok(Turn::from_degrees(degrees).unwrap_or_default())
    }

    /// Of a row with box and image, `score`, `sharpness` and `turn`.
    pub(super) fn seen(&self, row: &AnyRow) -> Result<FaceQuality> {
        let FaceBox { rect, .. } = self.face_box(row)?;
        Ok(FaceQuality {
            size: u32::try_from(rect.width().max(rect.height())).unwrap_or(0),
            score: self.measured(row, "score")?,
            sharpness: self.measured(row, "sharpness")?,
            yaw: self.measured(row, "turn")?,
        })
    }

    /// A number of 32 bits.
    fn measured(&self, row: &AnyRow, name: &str) -> Result<Option<f32>> {
        let value: Option<f64> = self.column(row, name)?;
        Ok(value.map(|value| value as f32))
    }

    pub(super) fn descriptor(&self, row: &AnyRow, face: &FaceId) -> Result<Descriptor> {
        let bytes: Vec<u8> = self.column(row, "descriptor")?;
        Descriptor::from_le_bytes(&bytes).map_err(|source| StoreError::Face {
            store: self.name.clone(),
            face: face.clone(),
            source,
        })
    }

    /// Of a row with `descriptor` and `encoder`; `None` where another network than `encoder` made it.
    pub(super) fn comparable(
        &self,
        row: &AnyRow,
        face: &FaceId,
        encoder: &str,
    ) -> Result<Option<Descriptor>> {
        let made_by: Option<String> = self.column(row, "encoder")?;
        let comparable = made_by.as_deref() == Some(encoder);
        comparable.then(|| self.descriptor(row, face)).transpose()
    }

    /// Of a row with `decision` and `person`.
    pub(super) fn state(&self, row: &AnyRow) -> Result<FaceState> {
        let decision: Option<String> = self.column(row, "decision")?;
        let person: Option<PersonId> = self.column(row, "person")?;
        Ok(match (decision.as_deref(), person) {
            (None, _) => FaceState::Unnamed,
            (Some("stranger"), _) => FaceState::Ignored,
            // The table's checks leave `named` with a person, and `not_a_face` without.
            (Some(_), Some(person)) => FaceState::Named(person),
            (Some(_), None) => FaceState::NotAFace,
        })
    }

    /// The small JPEGs of these faces, in their order, each with the face's box; empty, and without one, where a face is
    /// no longer there.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn crops_with_boxes(
        &self,
        faces: &[FaceId],
    ) -> Result<Vec<(Vec<u8>, Option<FaceBox>)>> {
        let mut crops = Vec::with_capacity(faces.len());
        for face in faces {
            let row = sqlx::query(
                "SELECT crop, box_left, box_top, box_right, box_bottom, image_width, image_height,
                    rotated
                 FROM face_crops JOIN faces ON faces.id = face WHERE face = $1",
            )
            .bind(face)
            .fetch_optional(&self.pool)
            .await
            .map_err(self.failed("read a face's picture"))?;
            crops.push(match row {
                Some(row) => {
                    let crop: Option<Vec<u8>> = self.column(&row, "crop")?;
                    let face = self.rotated(&row)?.face_box(self.face_box(&row)?);
                    (crop.unwrap_or_default(), Some(face))
                }
                None => (Vec::new(), None),
            });
        }
        Ok(crops)
    }

    /// The small JPEGs of these faces, in their order; empty where a face is no longer there.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn crops(&self, faces: &[FaceId]) -> Result<Vec<Vec<u8>>> {
        let mut crops = Vec::with_capacity(faces.len());
        for face in faces {
            let crop: Option<Vec<u8>> =
                sqlx::query_scalar("SELECT crop FROM face_crops WHERE face = $1")
                    .bind(face)
                    .fetch_optional(&self.pool)
                    .await
                    .map_err(self.failed("read a face's picture"))?;
            crops.push(crop.unwrap_or_default());
        }
        Ok(crops)
    }
}

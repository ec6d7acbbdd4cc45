//! Faces: kept with their photo, replaced without losing a name, read for clustering.

use sqlx::{Any, Transaction, any::AnyRow};

use super::{FaceId, PersonId, PhotoId, Result, Store, StoreError};
use crate::faces::{Descriptor, Face, Models, Rect};
use crate::naming::quality_filter::FaceQuality;

/// A face as an engine found it, with its picture for montages.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundFace {
    /// Box, landmarks and descriptor.
    pub face: Face,
    /// A small JPEG of the face.
    pub crop: Vec<u8>,
}

/// What has been decided about a face so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaceState {
    /// Nothing yet.
    Unnamed,
    /// It is the face of the person with this id.
    Named(PersonId),
    /// Somebody who is not to be named.
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
}

/// The fact that names the descriptor network whose faces can be compared.
const ENCODER: &str = "encoder";

/// Boxes that overlap this much (intersection over union) are the same face found again.
const SAME_FACE: f64 = 0.4;

/// An old face of a photo that is processed again.
struct Old {
    id: FaceId,
    number: u32,
    place: Place,
    decision: Option<String>,
    person: Option<PersonId>,
    decided: Option<i64>,
}

/// A box as parts of the image's sides, so that boxes of images of two sizes can be compared.
#[derive(Debug, Clone, Copy)]
struct Place {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Place {
    /// `edges` are left, top, right and bottom in pixels, inclusive.
    fn new(edges: [i64; 4], width: i64, height: i64) -> Self {
        let (width, height) = (width.max(1) as f64, height.max(1) as f64);
        let [left, top, right, bottom] = edges.map(|edge| edge as f64);
        Self {
            left: left / width,
            top: top / height,
            right: (right + 1.0) / width,
            bottom: (bottom + 1.0) / height,
        }
    }

    fn of(rect: Rect, width: u32, height: u32) -> Self {
        let edges = [rect.left, rect.top, rect.right, rect.bottom].map(i64::from);
        Self::new(edges, width.into(), height.into())
    }

    fn area(self) -> f64 {
        (self.right - self.left).max(0.0) * (self.bottom - self.top).max(0.0)
    }

    /// Intersection over union: 0 to 1.
    fn overlap(self, other: Self) -> f64 {
        let both = Self {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        }
        .area();
        both / (self.area() + other.area() - both)
    }
}

/// A photo as its faces were found in it.
#[derive(Clone, Copy)]
pub(super) struct Image<'a> {
    /// Flickr's id.
    pub photo: &'a PhotoId,
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// The network that its faces' descriptors come from.
    pub encoder: &'a str,
}

/// Puts the new faces of a photo in place of the old ones; see [`Store::finish`].
pub(super) async fn replace(
    store: &Store,
    write: &mut Transaction<'static, Any>,
    image: Image<'_>,
    faces: &[FoundFace],
) -> Result<()> {
    let what = "store a photo's faces";
    let photo = image.photo;
    let mut old = old_faces(store, write, photo).await?;
    if !old.is_empty() {
        // Nobody decides about the old faces from here on: on PostgreSQL a name given between reading
        // and deleting them would be lost.
        let wait = sqlx::query("UPDATE journal_last SET entry = entry");
        store.run(write, what, wait).await?;
        old = old_faces(store, write, photo).await?;
    }
    let first = old.iter().map(|old| old.number + 1).max().unwrap_or(0);
    let heirs = heirs(&old, faces, image.size);
    for ((found, &heir), number) in faces.iter().zip(&heirs).zip(first..) {
        let old = heir.and_then(|index| old.get(index));
        let id = FaceId::new(photo, number);
        insert(store, write, image, (&id, number), found, old).await?;
        if let Some(old) = old {
            // What is known of the old face is known of the new one, and whoever still has the old
            // one's id before them means the new one.
            for follow in [
                "UPDATE rejections SET face = $1 WHERE face = $2",
                "UPDATE journal_changes SET face = $1 WHERE face = $2",
                "UPDATE face_heirs SET face = $1 WHERE face = $2",
                "INSERT INTO face_heirs (face, was) VALUES ($1, $2)
                    ON CONFLICT (was) DO UPDATE SET face = excluded.face",
            ] {
                let follow = sqlx::query(follow).bind(&id).bind(&old.id);
                store.run(write, what, follow).await?;
            }
        }
    }
    for (index, face) in old.iter().enumerate() {
        if face.decision.is_some() && !heirs.contains(&Some(index)) {
            continue;
        }
        for delete in [
            "DELETE FROM rejections WHERE face = $1",
            "DELETE FROM journal_changes WHERE face = $1",
            "DELETE FROM face_heirs WHERE face = $1",
            "DELETE FROM faces WHERE id = $1",
        ] {
            store
                .run(write, what, sqlx::query(delete).bind(&face.id))
                .await?;
        }
    }
    Ok(())
}

async fn old_faces(
    store: &Store,
    write: &mut Transaction<'static, Any>,
    photo: &PhotoId,
) -> Result<Vec<Old>> {
    let rows = sqlx::query(
        "SELECT id, number, box_left, box_top, box_right, box_bottom, image_width, image_height,
            decision, person, decided FROM faces WHERE photo = $1 ORDER BY number",
    )
    .bind(photo)
    .fetch_all(&mut **write)
    .await
    .map_err(store.failed("read a photo's faces"))?;
    rows.iter()
        .map(|row| {
            let pixels = |name| store.column::<i64>(row, name);
            let edges = [
                pixels("box_left")?,
                pixels("box_top")?,
                pixels("box_right")?,
                pixels("box_bottom")?,
            ];
            Ok(Old {
                id: store.column(row, "id")?,
                number: u32::try_from(pixels("number")?).unwrap_or_default(),
                place: Place::new(edges, pixels("image_width")?, pixels("image_height")?),
                decision: store.column(row, "decision")?,
                person: store.column(row, "person")?,
                decided: store.column(row, "decided")?,
            })
        })
        .collect()
}

/// For each new face the old one that it is, best overlap first, none twice.
fn heirs(old: &[Old], faces: &[FoundFace], (width, height): (u32, u32)) -> Vec<Option<usize>> {
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    for (new, found) in faces.iter().enumerate() {
        let place = Place::of(found.face.rect, width, height);
        for (index, old) in old.iter().enumerate() {
            let overlap = place.overlap(old.place);
            if overlap >= SAME_FACE {
                pairs.push((overlap, new, index));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut heirs = vec![None; faces.len()];
    for (_, new, index) in pairs {
        if !heirs.contains(&Some(index))
            && let Some(heir @ None) = heirs.get_mut(new)
        {
            *heir = Some(index);
        }
    }
    heirs
}

async fn insert(
    store: &Store,
    write: &mut Transaction<'static, Any>,
    image: Image<'_>,
    (id, number): (&FaceId, u32),
    FoundFace { face, crop }: &FoundFace,
    old: Option<&Old>,
) -> Result<()> {
    let landmarks: Vec<String> = face
        .landmarks
        .iter()
        .map(|[x, y]| format!("{x},{y}"))
        .collect();
    let insert = sqlx::query(
        "INSERT INTO faces (id, photo, number, box_left, box_top, box_right, box_bottom,
            image_width, image_height, score, landmarks, descriptor, crop, decision, person, decided,
            encoder, sharpness, turn)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
    )
    .bind(id)
    .bind(image.photo)
    .bind(i64::from(number))
    .bind(i64::from(face.rect.left))
    .bind(i64::from(face.rect.top))
    .bind(i64::from(face.rect.right))
    .bind(i64::from(face.rect.bottom))
    .bind(i64::from(image.size.0))
    .bind(i64::from(image.size.1))
    .bind(face.score.map(f64::from))
    .bind(landmarks.join(" "))
    .bind(face.descriptor.to_le_bytes())
    .bind(crop.as_slice())
    .bind(old.and_then(|old| old.decision.as_deref()))
    .bind(old.and_then(|old| old.person))
    .bind(old.and_then(|old| old.decided))
    .bind(image.encoder)
    .bind(f64::from(face.quality.sharpness))
    .bind(f64::from(face.quality.yaw));
    store.run(write, "store a photo's faces", insert).await?;
    Ok(())
}

impl Store {
    /// The descriptor network whose faces can be compared: that of the last `download`, as the
    /// SHA-256 of its file in hexadecimal.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn encoder(&self) -> Result<String> {
        // A store that no `download` has been at since it knows this holds dlib's.
        Ok(self
            .fact(ENCODER)
            .await?
            .unwrap_or_else(|| Models::ENCODER.sha256.to_owned()))
    }

    /// Sets the descriptor network whose faces can be compared from now on.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub async fn set_encoder(&self, encoder: &str) -> Result<()> {
        self.set_fact(ENCODER, encoder).await
    }

    /// Every face whose descriptor comes from [`Self::encoder`], in the order of their photos' upload,
    /// then of their numbers.
    ///
    /// # Errors
    /// Where the store cannot be read or a face's numbers are damaged.
    pub async fn faces(&self) -> Result<Vec<StoredFace>> {
        let encoder = self.encoder().await?;
        let rows = sqlx::query(
            "SELECT faces.id AS id, photo, box_left, box_top, box_right, box_bottom, score,
                sharpness, turn, descriptor, decision, person
             FROM faces JOIN photos ON photos.id = photo
             WHERE encoder = $1 ORDER BY uploaded, photo, number",
        )
        .bind(&encoder)
        .fetch_all(&self.pool)
        .await
        .map_err(self.failed("read the faces"))?;
        rows.iter().map(|row| self.stored_face(row)).collect()
    }

    /// What has been decided about the faces of [`Self::faces`], in their order: cheaper than reading
    /// them again.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn face_states(&self) -> Result<Vec<(FaceId, FaceState)>> {
        let encoder = self.encoder().await?;
        let rows = sqlx::query(
            "SELECT faces.id AS id, decision, person FROM faces JOIN photos ON photos.id = photo
             WHERE encoder = $1 ORDER BY uploaded, photo, number",
        )
        .bind(&encoder)
        .fetch_all(&self.pool)
        .await
        .map_err(self.failed("read what was decided"))?;
        rows.iter()
            .map(|row| Ok((self.column(row, "id")?, self.state(row)?)))
            .collect()
    }

    fn stored_face(&self, row: &AnyRow) -> Result<StoredFace> {
        let id: FaceId = self.column(row, "id")?;
        Ok(StoredFace {
            photo: self.column(row, "photo")?,
            seen: self.seen(row)?,
            state: self.state(row)?,
            descriptor: self.descriptor(row, &id)?,
            id,
        })
    }

    /// Of a row with box, `score`, `sharpness` and `turn`.
    pub(super) fn seen(&self, row: &AnyRow) -> Result<FaceQuality> {
        let pixels = |name| self.column::<i64>(row, name);
        let width = pixels("box_right")? - pixels("box_left")? + 1;
        let height = pixels("box_bottom")? - pixels("box_top")? + 1;
        let measured = |name| -> Result<Option<f32>> {
            let value: Option<f64> = self.column(row, name)?;
            Ok(value.map(|value| value as f32))
        };
        Ok(FaceQuality {
            size: u32::try_from(width.max(height)).unwrap_or(0),
            score: measured("score")?,
            sharpness: measured("sharpness")?,
            turn: measured("turn")?,
        })
    }

    pub(super) fn descriptor(&self, row: &AnyRow, face: &FaceId) -> Result<Descriptor> {
        let bytes: Vec<u8> = self.column(row, "descriptor")?;
        Descriptor::from_le_bytes(&bytes).map_err(|source| StoreError::Face {
            store: self.name.clone(),
            face: face.clone(),
            source,
        })
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

    /// The small JPEGs of these faces, in their order; empty where a face is no longer there.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn crops(&self, faces: &[FaceId]) -> Result<Vec<Vec<u8>>> {
        let mut crops = Vec::with_capacity(faces.len());
        for face in faces {
            let crop: Option<Vec<u8>> = sqlx::query_scalar("SELECT crop FROM faces WHERE id = $1")
                .bind(face)
                .fetch_optional(&self.pool)
                .await
                .map_err(self.failed("read a face's picture"))?;
            crops.push(crop.unwrap_or_default());
        }
        Ok(crops)
    }
}

//! The faces of a photo that was processed again: names, decisions and rejections go to the new faces.

use sqlx::{Any, Transaction};

use super::{FaceId, FoundFace, PersonId, PhotoId, Result, Store};
use crate::faces::{Descriptor, FaceBox, NormalizedRect};

const WHAT: &str = "store a photo's faces";

/// Boxes that overlap this much (intersection over union) are the same face found again.
const SAME_FACE: f64 = 0.4;

/// Descriptors at most this far apart are, in one photo, the same face, wherever it is now: the photo was turned,
/// or replaced by another cut of it. dlib's own limit for one person is 0.6.
const SAME_DESCRIPTOR: f32 = 0.4;

/// An old face of a photo that is processed again.
struct Old {
    id: FaceId,
    number: i64,
    rect: NormalizedRect,
    decision: Option<String>,
    person: Option<PersonId>,
    decided: Option<i64>,
    /// Where it comes from the network that the new faces' come from.
    descriptor: Option<Descriptor>,
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
    let photo = image.photo;
    let mut old = old_faces(store, write, image).await?;
    if !old.is_empty() {
        // No one decides about the old faces from here on: on PostgreSQL a name given between reading
        // and deleting them would be lost.
        let wait = sqlx::query("UPDATE journal_last SET entry = entry");
        store.run(write, WHAT, wait).await?;
        old = old_faces(store, write, image).await?;
    }
    let first = old.iter().map(|old| old.number + 1).max().unwrap_or(0);
    let predecessors = predecessors(&old, faces, image.size);
    for ((found, &predecessor), number) in faces.iter().zip(&predecessors).zip(first..) {
        let old = predecessor.and_then(|index| old.get(index));
        let id = FaceId::new(photo, u32::try_from(number).unwrap_or_default());
        insert(store, write, image, (&id, number), found, old).await?;
        let Some(old) = old else { continue };
        // What is known of the old face is known of its successor, and an answer about the old id
        // means the successor.
        for follow in [
            "UPDATE rejections SET face = $1 WHERE face = $2",
            "UPDATE group_pairs SET face = $1 WHERE face = $2",
            "UPDATE journal_changes SET face = $1 WHERE face = $2",
            "UPDATE face_heirs SET face = $1 WHERE face = $2",
            "INSERT INTO face_heirs (face, was) VALUES ($1, $2)
                ON CONFLICT (was) DO UPDATE SET face = excluded.face",
        ] {
            let follow = sqlx::query(follow).bind(&id).bind(&old.id);
            store.run(write, WHAT, follow).await?;
        }
    }
    for (index, face) in old.iter().enumerate() {
        if face.decision.is_some() && !predecessors.contains(&Some(index)) {
            continue;
        }
        for delete in [
            "DELETE FROM rejections WHERE face = $1",
            "DELETE FROM group_pairs WHERE face = $1",
            "DELETE FROM journal_changes WHERE face = $1",
            "DELETE FROM face_heirs WHERE face = $1",
            "DELETE FROM faces WHERE id = $1",
        ] {
            let delete = sqlx::query(delete).bind(&face.id);
            store.run(write, WHAT, delete).await?;
        }
    }
    Ok(())
}

async fn old_faces(
    store: &Store,
    write: &mut Transaction<'static, Any>,
    image: Image<'_>,
) -> Result<Vec<Old>> {
    let rows = sqlx::query(
        "SELECT id, number, box_left, box_top, box_right, box_bottom, image_width, image_height,
            decision, person, decided, encoder, descriptor
         FROM faces LEFT JOIN face_descriptors ON face = faces.id WHERE photo = $1 ORDER BY number",
    )
    .bind(image.photo)
    .fetch_all(&mut **write)
    .await
    .map_err(store.failed("read a photo's faces"))?;
    rows.iter()
        .map(|row| {
            let id = store.column(row, "id")?;
            let encoder: Option<String> = store.column(row, "encoder")?;
            let is_same = encoder.as_deref() == Some(image.encoder);
            // A repaired store may lack it.
            let is_there = store
                .column::<Option<Vec<u8>>>(row, "descriptor")?
                .is_some();
            let comparable = is_same && is_there;
            let descriptor = comparable.then(|| store.descriptor(row, &id)).transpose()?;
            Ok(Old {
                id,
                descriptor,
                number: store.column(row, "number")?,
                rect: store.face_box(row)?.normalized(),
                decision: store.column(row, "decision")?,
                person: store.column(row, "person")?,
                decided: store.column(row, "decided")?,
            })
        })
        .collect()
}

/// For each new face the old one that it is, none twice: the best overlap first, then the closest descriptors of those
/// that lie elsewhere.
fn predecessors(old: &[Old], faces: &[FoundFace], image: (u32, u32)) -> Vec<Option<usize>> {
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    for (new, found) in faces.iter().enumerate() {
        let rect = found.face.rect;
        let rect = FaceBox { rect, image }.normalized();
        for (index, old) in old.iter().enumerate() {
            let overlap = rect.iou(old.rect);
            let apart = (old.descriptor.as_ref())
                .map(|descriptor| found.face.descriptor.distance(descriptor));
            if overlap >= SAME_FACE {
                pairs.push((1.0 + overlap, new, index));
            } else if let Some(apart) = apart.filter(|apart| *apart <= SAME_DESCRIPTOR) {
                pairs.push((1.0 - f64::from(apart), new, index));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut predecessors = vec![None; faces.len()];
    for (_, new, index) in pairs {
        if !predecessors.contains(&Some(index))
            && let Some(predecessor @ None) = predecessors.get_mut(new)
        {
            *predecessor = Some(index);
        }
    }
    predecessors
}

async fn insert(
    store: &Store,
    write: &mut Transaction<'static, Any>,
    image: Image<'_>,
    (id, number): (&FaceId, i64),
    FoundFace { face, crop, turn }: &FoundFace,
    old: Option<&Old>,
) -> Result<()> {
    let landmarks: Vec<String> = face
        .landmarks
        .iter()
        .map(|[x, y]| format!("{x},{y}"))
        .collect();
    let insert = sqlx::query(
        "INSERT INTO faces (id, photo, number, box_left, box_top, box_right, box_bottom,
            image_width, image_height, score, landmarks, decision, person, decided, encoder, sharpness,
            turn, rotated)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
    )
    .bind(id)
    .bind(image.photo)
    .bind(number)
    .bind(i64::from(face.rect.left))
    .bind(i64::from(face.rect.top))
    .bind(i64::from(face.rect.right))
    .bind(i64::from(face.rect.bottom))
    .bind(i64::from(image.size.0))
    .bind(i64::from(image.size.1))
    .bind(face.score.map(f64::from))
    .bind(landmarks.join(" "))
    .bind(old.and_then(|old| old.decision.as_deref()))
    .bind(old.and_then(|old| old.person))
    .bind(old.and_then(|old| old.decided))
    .bind(image.encoder)
    .bind(f64::from(face.quality.sharpness))
    .bind(f64::from(face.quality.yaw))
    .bind(i64::from(turn.degrees()));
    store.run(write, WHAT, insert).await?;
    let descriptor = face.descriptor.to_le_bytes();
    for (insert, large) in [
        (
            "INSERT INTO face_descriptors (face, descriptor) VALUES ($1, $2)",
            &descriptor[..],
        ),
        (
            "INSERT INTO face_crops (face, crop) VALUES ($1, $2)",
            crop.as_slice(),
        ),
    ] {
        let insert = sqlx::query(insert).bind(id).bind(large);
        store.run(write, WHAT, insert).await?;
    }
    Ok(())
}

//! What the naming session asks of the store besides faces and decisions.

use super::{FaceId, PhotoId, Result, Store};
use crate::{
    faces::{FaceBox, Rect},
    naming::{Name, quality_filter::FaceQuality},
};

/// A face in its photo.
#[derive(Debug, Clone, PartialEq)]
pub struct FaceInPhoto {
    /// The face.
    pub id: FaceId,
    /// Flickr's id of the photo.
    pub photo: PhotoId,
    /// The photo's title, may be empty.
    pub title: String,
    /// When the photo was uploaded, in seconds since 1970.
    pub uploaded: i64,
    /// The face's box, its edges inclusive, in pixels of `image`.
    pub rect: Rect,
    /// Width and height of the upright picture that the box was found in.
    pub image: (u32, u32),
    /// How well the face can be seen.
    pub seen: FaceQuality,
}

impl Store {
    /// Where a face is; `None` where there is none of that id.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn face_in_photo(&self, face: &FaceId) -> Result<Option<FaceInPhoto>> {
        let row = sqlx::query(
            "SELECT photo, title, uploaded, box_left, box_top, box_right, box_bottom, image_width,
                image_height, score, sharpness, turn
             FROM faces JOIN photos ON photos.id = photo WHERE faces.id = $1",
        )
        .bind(face)
        .fetch_optional(&self.pool)
        .await
        .map_err(self.failed("read a face"))?;
        let Some(row) = row else { return Ok(None) };
        let FaceBox { rect, image } = self.face_box(&row)?;
        Ok(Some(FaceInPhoto {
            id: face.clone(),
            photo: self.column(&row, "photo")?,
            title: self.column(&row, "title")?,
            uploaded: self.column(&row, "uploaded")?,
            rect,
            image,
            seen: self.seen(&row)?,
        }))
    }

    /// How many faces without a decision come from another descriptor network than
    /// [`Self::encoder`].
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn undecided_of_other_encoders(&self) -> Result<u64> {
        let encoder = self.encoder().await?;
        let count: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM faces JOIN photos ON photos.id = photo
             WHERE decision IS NULL AND (encoder IS NULL OR encoder <> $1) AND state <> 'deleted'",
        )
        .bind(&encoder)
        .fetch_one(&self.pool)
        .await
        .map_err(self.failed("count the faces"))?;
        Ok(count.unsigned_abs())
    }

    /// The photos with faces to decide about that have tags on Flickr, and these tags in their clean
    /// form, separated by spaces. Not those that hold an undecided face of another descriptor network
    /// than [`Self::encoder`]: how many are to be decided about cannot be told by the others.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn tags_of_undecided(&self) -> Result<Vec<(PhotoId, String)>> {
        let encoder = self.encoder().await?;
        let select = sqlx::query(
            "SELECT id, tags FROM photos
             WHERE tags IS NOT NULL AND tags <> '' AND state <> 'deleted'
                AND EXISTS (SELECT 1 FROM faces WHERE photo = photos.id AND decision IS NULL)
                AND NOT EXISTS (SELECT 1 FROM faces WHERE photo = photos.id AND decision IS NULL
                    AND (encoder IS NULL OR encoder <> $1))",
        );
        let rows = self
            .rows("read the photos' tags", select.bind(encoder))
            .await?;
        rows.iter()
            .map(|row| Ok((self.column(row, "id")?, self.column(row, "tags")?)))
            .collect()
    }

    /// The faces that were rejected as the person with that name.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn rejected_for(&self, name: &Name) -> Result<Vec<FaceId>> {
        sqlx::query_scalar(
            "SELECT face FROM rejections JOIN people ON people.id = person WHERE name_key = $1",
        )
        .bind(name.key())
        .fetch_all(&self.pool)
        .await
        .map_err(self.failed("read who faces are not"))
    }
}

//! What `tag-photos` reads beside the journal: boxes of named faces, photos' titles.

use super::{FaceId, PersonId, PhotoId, Result, Store};
use crate::faces::{FaceBox, Turn};

/// A face with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedFace {
    /// Flickr's id of its photo.
    pub photo: PhotoId,
    /// The person's id.
    pub person: PersonId,
    /// The face's id.
    pub id: FaceId,
    /// Its box in the processed image, upright.
    pub face: FaceBox,
}

/// The picture of a face with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedCrop {
    /// The face's box in the processed image, as that lies.
    pub face: FaceBox,
    /// How the image was turned for the picture, in which the face is upright.
    pub turn: Turn,
    /// A small JPEG; empty where there is none.
    pub jpeg: Vec<u8>,
}

/// A photo as its page on Flickr calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PhotoTitle {
    /// Flickr's id.
    pub photo: PhotoId,
    /// Title, may be empty.
    pub title: String,
    /// Upload date, seconds since 1970.
    pub uploaded: i64,
    /// When it was taken, `2005-07-12 12:34:56`, where that is known to the second.
    pub taken: Option<String>,
    /// By how many degrees Flickr shows it turned clockwise against the original's pixels, where known.
    pub rotation: Option<u32>,
}

impl Store {
    /// Every face that has a name, but for those in deleted photos, photo by photo, from left to right.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn named_faces(&self) -> Result<Vec<NamedFace>> {
        let select = sqlx::query(
            "SELECT photo, person, faces.id AS id, box_left, box_top, box_right, box_bottom,
                image_width, image_height
             FROM faces JOIN photos ON photos.id = photo
             WHERE person IS NOT NULL AND state <> 'deleted' ORDER BY photo, box_left, number",
        );
        let rows = self.rows("read the named faces", select).await?;
        rows.iter()
            .map(|row| {
                Ok(NamedFace {
                    photo: self.column(row, "photo")?,
                    person: self.column(row, "person")?,
                    id: self.column(row, "id")?,
                    face: self.face_box(row)?,
                })
            })
            .collect()
    }

    /// The pictures of the named faces on a photo.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn named_crops(&self, photo: &PhotoId) -> Result<Vec<NamedCrop>> {
        let select = sqlx::query(
            "SELECT box_left, box_top, box_right, box_bottom, image_width, image_height, rotated, crop
             FROM faces JOIN face_crops ON face = faces.id WHERE photo = $1 AND person IS NOT NULL ORDER BY number",
        )
        .bind(photo);
        let rows = self.rows("read the faces' pictures", select).await?;
        rows.iter()
            .map(|row| {
                Ok(NamedCrop {
                    face: self.face_box(row)?,
                    turn: self.rotated(row)?,
                    jpeg: self.column(row, "crop")?,
                })
            })
            .collect()
    }

    /// The titles of all photos.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn photo_titles(&self) -> Result<Vec<PhotoTitle>> {
        let select = sqlx::query(
            "SELECT id, title, uploaded, taken, rotation FROM photos ORDER BY uploaded, id",
        );
        let rows = self.rows("read the photos", select).await?;
        rows.iter()
            .map(|row| {
                Ok(PhotoTitle {
                    photo: self.column(row, "id")?,
                    title: self.column(row, "title")?,
                    uploaded: self.column(row, "uploaded")?,
                    taken: self.column(row, "taken")?,
                    rotation: (self.column::<Option<i64>>(row, "rotation")?)
                        .and_then(|degrees| u32::try_from(degrees).ok()),
                })
            })
            .collect()
    }

    /// Keeps the tags that photos of the list have on Flickr, each in its clean form; photos that
    /// are not in the list are left out.
    ///
    /// # Errors
    /// Where the store cannot be written to; then nothing is kept.
    pub(crate) async fn keep_tags(&self, photos: &[(PhotoId, Vec<String>)]) -> Result<()> {
        let what = "keep the photos' tags";
        self.while_away(|| async {
            let mut write = self.begin(what).await?;
            for (photo, tags) in photos {
                let update = sqlx::query(
                    "UPDATE photos SET tags = $2 WHERE id = $1 AND (tags IS NULL OR tags <> $2)",
                )
                .bind(photo)
                .bind(tags.join(" "));
                self.run(&mut write, what, update).await?;
            }
            self.commit(write, what).await
        })
        .await
    }
}

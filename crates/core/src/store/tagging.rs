//! What `tag-photos` reads beside the journal: places of named faces, photos' titles; and the lock
//! that keeps two of it apart.

use std::fs;

use sqlx::any::AnyRow;

use super::{PhotoId, Result, Store, StoreError, private_file};
use crate::{faces::Rect, files::FileError, naming::Name};

/// A face that somebody has named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFace {
    /// Flickr's id of its photo.
    pub photo: PhotoId,
    /// [`Name::key`] of the person.
    pub person: String,
    /// Its box in pixels of the processed image, upright.
    pub rect: Rect,
    /// That image's width and height.
    pub image: (u32, u32),
}

/// A photo as its page on Flickr calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhotoTitle {
    /// Flickr's id.
    pub photo: PhotoId,
    /// Title, may be empty.
    pub title: String,
    /// Upload date, seconds since 1970.
    pub uploaded: i64,
}

/// Held while `tag-photos` writes to Flickr; let go when dropped or when the process ends.
#[derive(Debug)]
pub struct TaggingLock(#[expect(dead_code, reason = "held for its lock")] Option<fs::File>);

impl Store {
    /// Makes sure that this is the only `tag-photos` that writes by the journal in the store's file:
    /// two would each add the notes of the other.
    ///
    /// # Errors
    /// [`StoreError::InUse`] where another holds the lock.
    pub fn lock_for_tagging(&self) -> Result<TaggingLock> {
        let Some(file) = &self.file else {
            return Ok(TaggingLock(None));
        };
        let mut path = file.clone().into_os_string();
        path.push(".tagging.lock");
        let path = std::path::PathBuf::from(path);
        let lock = private_file(&path)?;
        match lock.try_lock() {
            Ok(()) => Ok(TaggingLock(Some(lock))),
            Err(fs::TryLockError::WouldBlock) => Err(StoreError::InUse {
                store: self.name.clone(),
                by: "tag-photos",
            }),
            Err(fs::TryLockError::Error(error)) => {
                Err(FileError::at(&path, "cannot lock")(error).into())
            }
        }
    }

    /// Every face that has a name, photo by photo, from left to right.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn named_faces(&self) -> Result<Vec<NamedFace>> {
        let rows = sqlx::query(
            "SELECT photo, people.name AS name, box_left, box_top, box_right, box_bottom,
                image_width, image_height
             FROM faces JOIN people ON people.id = faces.person
             ORDER BY photo, box_left, number",
        )
        .fetch_all(&self.pool)
        .await
        .map_err(self.failed("read the named faces"))?;
        let faces = rows.iter().map(|row| self.named_face(row));
        faces.filter_map(Result::transpose).collect()
    }

    /// `None` where the name can no longer be one.
    fn named_face(&self, row: &AnyRow) -> Result<Option<NamedFace>> {
        let pixels = |name| -> Result<i32> {
            let value: i64 = self.column(row, name)?;
            Ok(i32::try_from(value).unwrap_or_default())
        };
        let name: String = self.column(row, "name")?;
        let Ok(name) = Name::new(&name) else {
            return Ok(None);
        };
        let side = |name| Ok::<_, StoreError>(u32::try_from(pixels(name)?).unwrap_or_default());
        Ok(Some(NamedFace {
            photo: self.column(row, "photo")?,
            person: name.key(),
            rect: Rect {
                left: pixels("box_left")?,
                top: pixels("box_top")?,
                right: pixels("box_right")?,
                bottom: pixels("box_bottom")?,
            },
            image: (side("image_width")?, side("image_height")?),
        }))
    }

    /// The titles of all photos.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn photo_titles(&self) -> Result<Vec<PhotoTitle>> {
        let rows = sqlx::query("SELECT id, title, uploaded FROM photos ORDER BY uploaded, id")
            .fetch_all(&self.pool)
            .await
            .map_err(self.failed("read the photos"))?;
        rows.iter()
            .map(|row| {
                Ok(PhotoTitle {
                    photo: self.column(row, "id")?,
                    title: self.column(row, "title")?,
                    uploaded: self.column(row, "uploaded")?,
                })
            })
            .collect()
    }

    /// Keeps the tags that photos of the list have on Flickr, each in its clean form; photos that
    /// are not in the list are left out.
    ///
    /// # Errors
    /// Where the store cannot be written to; then nothing is kept.
    pub async fn keep_tags(&self, photos: &[(PhotoId, Vec<String>)]) -> Result<()> {
        let what = "keep the photos' tags";
        let mut write = self.begin(what).await?;
        for (photo, tags) in photos {
            let update = sqlx::query(
                "UPDATE photos SET tags = $2 WHERE id = $1 AND (tags IS NULL OR tags <> $2)",
            )
            .bind(photo)
            .bind(tags.join(" "));
            self.run(&mut write, what, update).await?;
        }
        write.commit().await.map_err(self.failed(what))
    }
}

//! What can be seen: faces, the photos they are in, and montages.

use std::path::{Path, PathBuf};

use super::{ACROSS, Member, Session, StepError, blocking};
use crate::{
    boxed,
    naming::montage::{self, Tile},
    photo::places,
    steps::crops::crops,
    store::{FaceId, FaceInPhoto, PhotoId},
};

/// A face in its photo, and where that is.
#[derive(Debug, Clone, PartialEq)]
pub struct FacePicture {
    /// Where the face is, and how well it can be seen.
    pub face: FaceInPhoto,
    /// The photo's file, where it is still on disk.
    pub file: Option<PathBuf>,
}

impl Session {
    /// The small JPEG of a face; `None` where it is no longer there.
    ///
    /// # Errors
    /// Where the store cannot be read.
    #[boxed]
    pub async fn crop(&self, face: &FaceId) -> Result<Option<Vec<u8>>, StepError> {
        let crops = self.crops(std::slice::from_ref(face)).await?;
        Ok(crops.into_iter().next().filter(|crop| !crop.is_empty()))
    }

    /// A face in its photo; `None` where it is no longer there.
    ///
    /// # Errors
    /// Where the store cannot be read.
    #[boxed]
    pub async fn picture(&self, face: &FaceId) -> Result<Option<FacePicture>, StepError> {
        let Some(face) = self.0.store.face_in_photo(face).await? else {
            return Ok(None);
        };
        let mut file = None;
        for path in places(&self.0.settings.photos, &face.photo) {
            if tokio::fs::try_exists(&path).await.unwrap_or(false) {
                file = Some(path);
                break;
            }
        }
        Ok(Some(FacePicture { face, file }))
    }

    /// The small JPEGs of faces, in their order, without what lies beyond the photos' edges; empty where a face is no
    /// longer there.
    ///
    /// # Errors
    /// Where the store cannot be read.
    #[boxed]
    pub async fn crops(&self, faces: &[FaceId]) -> Result<Vec<Vec<u8>>, StepError> {
        crops(&self.0.store, faces).await
    }

    /// The faces of the photo that this one is in, itself among them, from left to right.
    ///
    /// # Errors
    /// Where the store cannot be read.
    #[boxed]
    pub async fn faces_beside(&self, face: &FaceId) -> Result<Vec<FaceInPhoto>, StepError> {
        let library = &self.0.library;
        let mut beside = Vec::new();
        for other in library
            .number(face)
            .map(|face| library.in_photo_of(face))
            .unwrap_or_default()
        {
            let id = &library.ids[other as usize];
            beside.extend(self.0.store.face_in_photo(id).await?);
        }
        beside.sort_by_key(|face| face.rect.left);
        Ok(beside)
    }

    /// The address of a photo's page on Flickr; `None` while it is not known whose account this is.
    ///
    /// # Errors
    /// Where the store cannot be read.
    #[boxed]
    pub async fn photo_page(&self, photo: &PhotoId) -> Result<Option<String>, StepError> {
        let account = self.0.store.account().await?;
        Ok(account.map(|nsid| format!("https://www.flickr.com/photos/{nsid}/{photo}/")))
    }

    /// Draws faces as tiles, numbered as given, into a JPEG file at `path`, the odd ones in a frame; above them, where there
    /// are any, `samples`: faces of the person they may be.
    ///
    /// # Errors
    /// Where the store cannot be read or the file cannot be written.
    #[boxed]
    pub async fn montage(
        &self,
        faces: &[(usize, &Member)],
        samples: &[FaceId],
        path: &Path,
    ) -> Result<(), StepError> {
        let shown = montage::shown(faces.len());
        let chosen: Vec<_> = shown.iter().filter_map(|&index| faces.get(index)).collect();
        let more = faces.len() - chosen.len();
        let marks = chosen.iter().map(|(number, face)| (*number, face.outlier));
        let marks: Vec<_> = marks.collect();
        let ids: Vec<_> = chosen.iter().map(|(_, face)| face.id.clone()).collect();
        let crops = self.0.store.crops(&ids).await?;
        let known = self.0.store.crops(samples).await?;
        let path = path.to_owned();
        let drawing = blocking("drawing a montage", move || {
            let tiles: Vec<_> = marks
                .iter()
                .zip(&crops)
                .map(|(&(number, odd), jpeg)| Tile { number, odd, jpeg })
                .collect();
            let picture = if known.is_empty() {
                montage::draw(&tiles, more)
            } else {
                let known: Vec<&[u8]> = known.iter().map(Vec::as_slice).collect();
                montage::draw_beside(&known, &tiles, more)
            };
            montage::save(&picture, &path)
        });
        Ok(drawing.await??)
    }

    /// Draws a screen of rows, each its number with the faces of its left and its right side, into a JPEG file at `path`.
    ///
    /// # Errors
    /// Where the store cannot be read or the file cannot be written.
    #[boxed]
    pub async fn rows_montage(
        &self,
        rows: &[(usize, Vec<FaceId>, Vec<FaceId>)],
        path: &Path,
    ) -> Result<(), StepError> {
        let store = &self.0.store;
        let mut drawn = Vec::new();
        for (number, known, asked) in rows {
            let known = &known[..known.len().min(montage::rows::KNOWN)];
            drawn.push((
                *number,
                store.crops(known).await?,
                store.crops(asked).await?,
            ));
        }
        let path = path.to_owned();
        let drawing = blocking("drawing a montage", move || {
            let rows: Vec<_> = drawn
                .iter()
                .map(|(number, known, asked)| montage::rows::Row {
                    number: *number,
                    known,
                    asked,
                })
                .collect();
            montage::save(&montage::rows::draw(&rows, ACROSS), &path)
        });
        Ok(drawing.await??)
    }
}

//! What was said of two faces without a name: they are one person's, or two people's.
//!
//! Groups are made anew each time, so that nothing can be kept of them; what is said of two groups is kept of a face of
//! each.

use super::{
    FaceId, Result, Store,
    journal::{Register, Writing},
};

/// Two faces, and whether they are one person's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacePair {
    /// One of them.
    pub face: FaceId,
    /// The other one.
    pub other: FaceId,
    /// Whether they are one person's; two people's else.
    pub is_same: bool,
}

impl Store {
    /// All that was said of two faces.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn face_pairs(&self) -> Result<Vec<FacePair>> {
        let select = sqlx::query("SELECT face, other, same FROM face_pairs ORDER BY face, other");
        let rows = self
            .rows("read which faces are one person's", select)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(FacePair {
                    face: self.column(row, "face")?,
                    other: self.column(row, "other")?,
                    is_same: self.column::<i64>(row, "same")? == 1,
                })
            })
            .collect()
    }
}

impl Writing<'_> {
    /// Says that two faces are one person's, or two people's; nothing where one is not there any more.
    pub(super) async fn say_of_pair(&mut self, pair: &FacePair) -> Result<()> {
        let (Some(one), Some(two)) = (
            self.there(&pair.face).await?,
            self.there(&pair.other).await?,
        ) else {
            return Ok(());
        };
        let said = if pair.is_same { "same" } else { "two" };
        let register = Register::Pair(one.clone().min(two.clone()), one.max(two));
        self.set(&register, Some(said.to_owned())).await?;
        Ok(())
    }
}

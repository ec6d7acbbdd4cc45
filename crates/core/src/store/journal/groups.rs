//! What an entry says of two groups of faces without a name, and what comes of it once one of them has one.

use std::collections::BTreeSet;

use super::{FaceId, FaceState, PersonId, Register, Result, WHAT, Writing};
use crate::store::group_pairs::{GroupPair, Side};

/// More than a screen has pairs.
const PAIRS_OF_AN_ENTRY: i64 = 1000;

impl Writing<'_> {
    /// Says that two groups are one person's, or two people's: the `number`th that this entry says. Nothing is said of faces
    /// that are not there any more.
    pub(in crate::store) async fn say_of_groups(
        &mut self,
        number: usize,
        pair: &GroupPair,
    ) -> Result<()> {
        let number = i64::try_from(number).unwrap_or(PAIRS_OF_AN_ENTRY - 1);
        let said = self.entry.0 * PAIRS_OF_AN_ENTRY + number;
        let word = if pair.is_same { "same" } else { "two" };
        for (faces, side) in [(&pair.left, "left"), (&pair.right, "right")] {
            for face in faces {
                if let Some(face) = self.there(face).await? {
                    let value = Some(format!("{word} {side}"));
                    self.set(&Register::Group(face, said), value).await?;
                }
            }
        }
        Ok(())
    }

    /// Where one of two groups that are two people's has got a name in this entry, the faces of the other one are not that
    /// person's, unless they have that very name. A group has a name once half of its faces have it: a single one may have
    /// been in the wrong group.
    pub(super) async fn reject_other_groups(&mut self) -> Result<()> {
        let mut sides: BTreeSet<(i64, i64, PersonId)> = BTreeSet::new();
        for (face, person) in std::mem::take(&mut self.named) {
            let said = self.two_people_with(&face).await?;
            sides.extend(said.into_iter().map(|(said, side)| (said, side, person)));
        }
        for (said, side, person) in sides {
            let (all, theirs) = self.count_side(said, side, person).await?;
            if 2 * theirs < all {
                continue;
            }
            let other = Side::of_number(side).other().number();
            for face in self.faces_of_side(said, other).await? {
                let state = self.state(&face).await?;
                let is_theirs = |(_, state): (FaceId, FaceState)| state == FaceState::Named(person);
                if !state.is_some_and(is_theirs) {
                    self.reject(&face, person).await?;
                }
            }
        }
        Ok(())
    }

    /// Where it was said that a face's group and another one are two people's: the number of what was said, and the side of
    /// the face.
    async fn two_people_with(&mut self, face: &FaceId) -> Result<Vec<(i64, i64)>> {
        let select =
            sqlx::query_as("SELECT said, side FROM group_pairs WHERE face = $1 AND same = 0");
        let found = select.bind(face).fetch_all(&mut *self.write).await;
        found.map_err(self.store.failed(WHAT))
    }

    /// How many faces a group has, and how many of them have this person's name.
    async fn count_side(&mut self, said: i64, side: i64, person: PersonId) -> Result<(i64, i64)> {
        // Each face is looked up by itself: of a join, PostgreSQL may believe that it pays to read all faces.
        let select = sqlx::query_as(
            "SELECT COUNT(*), COUNT((SELECT faces.person FROM faces
                WHERE faces.id = group_pairs.face AND faces.person = $3))
             FROM group_pairs WHERE said = $1 AND side = $2",
        );
        let counts = select.bind(said).bind(side).bind(person);
        let counts = counts.fetch_one(&mut *self.write).await;
        counts.map_err(self.store.failed(WHAT))
    }

    async fn faces_of_side(&mut self, said: i64, side: i64) -> Result<Vec<FaceId>> {
        let select = sqlx::query_scalar(
            "SELECT face FROM group_pairs WHERE said = $1 AND side = $2 ORDER BY face",
        );
        let faces = select.bind(said).bind(side);
        let faces = faces.fetch_all(&mut *self.write).await;
        faces.map_err(self.store.failed(WHAT))
    }
}

//! What was said of two groups of faces without a name: they are one person's, or two people's.
//!
//! Groups are made anew each time, so that nothing can be kept of them. So all their faces are kept, each with its side: what
//! was said holds for them in whatever groups they are later.

use super::{FaceId, Result, Store};

/// Two groups, and whether they are one person's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupPair {
    /// The faces of one.
    pub left: Vec<FaceId>,
    /// Those of the other one.
    pub right: Vec<FaceId>,
    /// Whether they are one person's; two people's else.
    pub is_same: bool,
}

/// A face of which something was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SaidOfFace {
    /// What is said in one breath has one number; later ones are higher.
    pub said: i64,
    pub face: FaceId,
    pub side: Side,
    pub is_same: bool,
}

/// Which of the two groups a face is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

impl Side {
    /// As the store's column has it.
    pub(super) fn number(self) -> i64 {
        match self {
            Self::Left => 0,
            Self::Right => 1,
        }
    }

    pub(super) fn of_number(number: i64) -> Self {
        match number {
            0 => Self::Left,
            _ => Self::Right,
        }
    }

    /// The other one.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }
}

impl Store {
    /// All that was said of groups, face by face.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn said_of_groups(&self) -> Result<Vec<SaidOfFace>> {
        let select =
            sqlx::query("SELECT said, face, side, same FROM group_pairs ORDER BY said, face");
        let rows = self
            .rows("read which faces are one person's", select)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(SaidOfFace {
                    said: self.column(row, "said")?,
                    face: self.column(row, "face")?,
                    side: Side::of_number(self.column(row, "side")?),
                    is_same: self.column::<i64>(row, "same")? == 1,
                })
            })
            .collect()
    }
}

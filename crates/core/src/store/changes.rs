//! What decisions have changed since an entry of the journal: all that is to be read again by who knows what was
//! before.

use super::{FaceId, FaceState, PersonId, Result, Store};

/// What the entries after one have changed, by how it is now.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// [`Store::revision`], or an earlier one: what was decided meanwhile is perhaps in here and comes again.
    pub revision: i64,
    /// Faces, and what is decided about them.
    pub faces: Vec<(FaceId, FaceState)>,
    /// Faces and people, and whether the face is rejected as that person.
    pub rejections: Vec<(FaceId, PersonId, bool)>,
    /// Faces that are one person's or two people's; and those of whom that is no longer said.
    pub pairs: Vec<(FaceId, FaceId, Option<bool>)>,
    /// People about whom something else was changed.
    pub people: Vec<PersonId>,
}

const READ: &str = "read what was decided";

/// The entries after $1, and those that these undo or let stand again.
macro_rules! touched {
    () => {
        "WITH RECURSIVE touched (id) AS (
            SELECT id FROM journal WHERE id > $1
            UNION SELECT undoes FROM journal JOIN touched ON journal.id = touched.id
                WHERE undoes IS NOT NULL) "
    };
}

// Each face is looked up by itself: of a join, PostgreSQL believes that it pays to read all faces.
const FACES: &str = concat!(
    touched!(),
    "SELECT DISTINCT face AS id,
        (SELECT COUNT(*) FROM faces WHERE faces.id = journal_changes.face) AS found,
        (SELECT decision FROM faces WHERE faces.id = journal_changes.face) AS decision,
        (SELECT faces.person FROM faces WHERE faces.id = journal_changes.face) AS person
     FROM journal_changes WHERE entry IN (SELECT id FROM touched) AND subject = 'face'"
);

const REJECTIONS: &str = concat!(
    touched!(),
    "SELECT DISTINCT face, person, (SELECT COUNT(*) FROM rejections
        WHERE rejections.face = journal_changes.face AND rejections.person = journal_changes.person)
        AS rejected
     FROM journal_changes WHERE entry IN (SELECT id FROM touched) AND subject = 'rejection'"
);

const PAIRS: &str = concat!(
    touched!(),
    "SELECT DISTINCT face, photo AS other, (SELECT same FROM face_pairs
        WHERE face_pairs.face = journal_changes.face AND face_pairs.other = journal_changes.photo) AS same
     FROM journal_changes WHERE entry IN (SELECT id FROM touched) AND subject = 'pair'"
);

const PEOPLE: &str = concat!(
    touched!(),
    "SELECT DISTINCT person FROM journal_changes
     WHERE entry IN (SELECT id FROM touched) AND subject NOT IN ('face', 'rejection', 'pair')"
);

impl Store {
    /// What was decided, undone and changed after the entry `revision`.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn changes_since(&self, revision: i64) -> Result<Changes> {
        // First of all: what is decided while the rest is read then counts as news.
        let now = self.revision().await?;
        if now == revision {
            return Ok(Changes {
                revision,
                ..Changes::default()
            });
        }
        let faces = self.rows(READ, sqlx::query(FACES).bind(revision)).await?;
        let faces = faces.iter();
        let rejections = self
            .rows(READ, sqlx::query(REJECTIONS).bind(revision))
            .await?;
        let rejections = rejections.iter();
        let pairs = self.rows(READ, sqlx::query(PAIRS).bind(revision)).await?;
        let pairs = pairs.iter();
        Ok(Changes {
            revision: now,
            faces: faces
                .filter_map(|row| match self.column::<i64>(row, "found") {
                    Ok(0) => None,
                    _ => Some(
                        self.column(row, "id")
                            .and_then(|id| Ok((id, self.state(row)?))),
                    ),
                })
                .collect::<Result<_>>()?,
            rejections: rejections
                .map(|row| {
                    let rejected = self.column::<i64>(row, "rejected")? != 0;
                    Ok((
                        self.column(row, "face")?,
                        self.column(row, "person")?,
                        rejected,
                    ))
                })
                .collect::<Result<_>>()?,
            pairs: pairs
                .map(|row| {
                    let same: Option<i64> = self.column(row, "same")?;
                    Ok((
                        self.column(row, "face")?,
                        self.column(row, "other")?,
                        same.map(|same| same == 1),
                    ))
                })
                .collect::<Result<_>>()?,
            people: sqlx::query_scalar(PEOPLE)
                .bind(revision)
                .fetch_all(&self.pool)
                .await
                .map_err(self.failed(READ))?,
        })
    }
}

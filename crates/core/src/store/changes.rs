//! What decisions have changed since an entry of the journal: all that is to be read again by who knows what was
//! before.

use super::{FaceId, FaceState, PersonId, Result, SaidOfFace, Side, Store};

/// What the entries after one have changed, by how it is now.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// [`Store::revision`], or an earlier one: what was decided meanwhile is perhaps in here and comes again.
    pub revision: i64,
    /// Faces, and what is decided about them.
    pub faces: Vec<(FaceId, FaceState)>,
    /// Faces and people, and whether the face is rejected as that person.
    pub rejections: Vec<(FaceId, PersonId, bool)>,
    /// What is said of faces of groups.
    pub said: Vec<SaidOfFace>,
    /// Numbers of what was said of groups, and faces of which that is no longer said.
    pub unsaid: Vec<(i64, FaceId)>,
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

const SAID: &str = concat!(
    touched!(),
    "SELECT DISTINCT person AS said, face,
        (SELECT side FROM group_pairs
            WHERE said = journal_changes.person AND group_pairs.face = journal_changes.face) AS side,
        (SELECT same FROM group_pairs
            WHERE said = journal_changes.person AND group_pairs.face = journal_changes.face) AS same
     FROM journal_changes WHERE entry IN (SELECT id FROM touched) AND subject = 'group'"
);

const PEOPLE: &str = concat!(
    touched!(),
    "SELECT DISTINCT person FROM journal_changes
     WHERE entry IN (SELECT id FROM touched) AND subject NOT IN ('face', 'rejection', 'group')"
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
        let (mut said, mut unsaid) = (Vec::new(), Vec::new());
        for row in self.rows(READ, sqlx::query(SAID).bind(revision)).await? {
            let (number, face) = (self.column(&row, "said")?, self.column(&row, "face")?);
            let side: Option<i64> = self.column(&row, "side")?;
            match side {
                None => unsaid.push((number, face)),
                Some(side) => said.push(SaidOfFace {
                    said: number,
                    face,
                    side: Side::of_number(side),
                    is_same: self.column::<i64>(&row, "same")? == 1,
                }),
            }
        }
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
            said,
            unsaid,
            people: sqlx::query_scalar(PEOPLE)
                .bind(revision)
                .fetch_all(&self.pool)
                .await
                .map_err(self.failed(READ))?,
        })
    }
}

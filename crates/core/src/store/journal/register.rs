//! What decisions set: each thing that has a value, how it is read, and how it is set.

use sqlx::{Any, Transaction};

use crate::store::{FaceId, FaceState, PersonId, PhotoId, Result, Store};

/// A thing that has a value. In this order they are restored: names last, since who has which depends
/// on who has faces.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::store) enum Register {
    /// What was decided about a face, and when; see [`face_value`].
    Face(FaceId),
    /// That a face is not a person's.
    Rejection(FaceId, PersonId),
    /// That a face is of one of two groups that are one person's, or two people's: `same left`, `two right`. The number is
    /// that of what was said.
    Group(FaceId, i64),
    /// That a photo shows a person without a face that could be named.
    Photo(PersonId, PhotoId),
    /// That a person is listed without any photo.
    Pinned(PersonId),
    /// The text of a person's tag.
    Tag(PersonId),
    /// That nothing of a person is written to Flickr.
    NeverWrite(PersonId),
    /// A person's own NSID.
    Nsid(PersonId),
    /// A person's name.
    Name(PersonId),
}

/// A register's value; `None` is nothing: undecided, not rejected, no text.
pub(in crate::store) type Value = Option<String>;

/// The value of a register that is there or not.
pub(in crate::store) fn set() -> Value {
    Some("1".to_owned())
}

/// The value of a face with that state, decided at that time.
pub(in crate::store) fn face_value(state: FaceState, decided: i64) -> Value {
    match state {
        FaceState::Unnamed => None,
        FaceState::Named(person) => Some(format!("{decided} named {person}")),
        FaceState::Ignored => Some(format!("{decided} stranger")),
        FaceState::NotAFace => Some(format!("{decided} not_a_face")),
    }
}

/// The state that a face's value says, and when it was decided.
pub(in crate::store) fn face_state(value: &Value) -> (FaceState, Option<i64>) {
    let mut words = value.iter().flat_map(|value| value.split(' '));
    let decided = words.next().and_then(|time| time.parse().ok());
    let state = match (words.next(), words.next().map(str::parse)) {
        (Some("named"), Some(Ok(person))) => FaceState::Named(person),
        (Some("stranger"), _) => FaceState::Ignored,
        (Some("not_a_face"), _) => FaceState::NotAFace,
        // Nothing else is ever written.
        _ => FaceState::Unnamed,
    };
    (state, decided)
}

impl Register {
    /// As the journal's columns have it: subject, face, person, photo.
    pub(super) fn columns(&self) -> (&'static str, &str, i64, &str) {
        match self {
            Self::Face(face) => ("face", face.as_str(), 0, ""),
            Self::Rejection(face, person) => ("rejection", face.as_str(), person.0, ""),
            Self::Group(face, said) => ("group", face.as_str(), *said, ""),
            Self::Photo(person, photo) => ("photo", "", person.0, photo.as_str()),
            Self::Pinned(person) => ("kept", "", person.0, ""),
            Self::Tag(person) => ("tag", "", person.0, ""),
            Self::NeverWrite(person) => ("never_write", "", person.0, ""),
            Self::Nsid(person) => ("nsid", "", person.0, ""),
            Self::Name(person) => ("name", "", person.0, ""),
        }
    }

    /// Of the journal's columns; `None` where the subject is of a newer program.
    pub(super) fn of(subject: &str, face: &str, person: i64, photo: &str) -> Option<Self> {
        let person = PersonId(person);
        Some(match subject {
            "face" => Self::Face(face.parse().ok()?),
            "rejection" => Self::Rejection(face.parse().ok()?, person),
            "group" => Self::Group(face.parse().ok()?, person.0),
            "photo" => Self::Photo(person, photo.parse().ok()?),
            "kept" => Self::Pinned(person),
            "tag" => Self::Tag(person),
            "never_write" => Self::NeverWrite(person),
            "nsid" => Self::Nsid(person),
            "name" => Self::Name(person),
            _ => return None,
        })
    }

    /// The value; `None` where its face or person is not there.
    pub(super) async fn read(
        &self,
        store: &Store,
        write: &mut Transaction<'static, Any>,
    ) -> Result<Option<Value>> {
        // Where the row is there, its value may still be nothing.
        let select = |query| sqlx::query_scalar::<Any, Value>(query);
        let select = match self {
            Self::Face(face) => select(
                "SELECT CASE WHEN decision IS NOT NULL THEN
                    CAST(COALESCE(decided, 0) AS TEXT) || ' ' || decision
                        || COALESCE(' ' || CAST(person AS TEXT), '') END
                 FROM faces WHERE id = $1",
            )
            .bind(face),
            Self::Rejection(face, person) => select(
                "SELECT (SELECT '1' FROM rejections WHERE face = faces.id AND person = $2)
                 FROM faces WHERE id = $1",
            )
            .bind(face)
            .bind(person),
            Self::Group(face, said) => select(
                "SELECT (SELECT CASE WHEN same = 1 THEN 'same' ELSE 'two' END
                        || CASE WHEN side = 0 THEN ' left' ELSE ' right' END
                    FROM group_pairs WHERE said = $2 AND face = faces.id)
                 FROM faces WHERE id = $1",
            )
            .bind(face)
            .bind(said),
            Self::Photo(person, photo) => select(
                "SELECT (SELECT '1' FROM person_photos WHERE person = people.id AND photo = $2)
                 FROM people WHERE id = $1",
            )
            .bind(person)
            .bind(photo),
            Self::Pinned(person) => {
                select("SELECT CASE WHEN kept = 1 THEN '1' END FROM people WHERE id = $1")
                    .bind(person)
            }
            Self::NeverWrite(person) => {
                select("SELECT CASE WHEN never_write = 1 THEN '1' END FROM people WHERE id = $1")
                    .bind(person)
            }
            Self::Tag(person) => select("SELECT tag FROM people WHERE id = $1").bind(person),
            Self::Nsid(person) => select("SELECT nsid FROM people WHERE id = $1").bind(person),
            Self::Name(person) => select("SELECT name FROM people WHERE id = $1").bind(person),
        };
        let value = select.fetch_optional(&mut **write).await;
        value.map_err(store.failed("read the store"))
    }

    /// Sets the value; nothing where its face or person is not there. A name must be free.
    pub(super) async fn write(
        &self,
        store: &Store,
        write: &mut Transaction<'static, Any>,
        value: &Value,
    ) -> Result<()> {
        let statement = match self {
            Self::Face(face) => {
                let (state, decided) = face_state(value);
                let (word, person) = match state {
                    FaceState::Unnamed => (None, None),
                    FaceState::Named(person) => (Some("named"), Some(person)),
                    FaceState::Ignored => (Some("stranger"), None),
                    FaceState::NotAFace => (Some("not_a_face"), None),
                };
                sqlx::query(
                    "UPDATE faces SET decision = $2, person = $3, decided = $4 WHERE id = $1",
                )
                .bind(face)
                .bind(word)
                .bind(person)
                .bind(decided.filter(|_| word.is_some()))
            }
            Self::Rejection(face, person) => sqlx::query(match value {
                Some(_) => {
                    "INSERT INTO rejections (face, person) SELECT id, $2 FROM faces WHERE id = $1
                     ON CONFLICT DO NOTHING"
                }
                None => "DELETE FROM rejections WHERE face = $1 AND person = $2",
            })
            .bind(face)
            .bind(person),
            Self::Group(face, said) => match value {
                Some(words) => sqlx::query(
                    "INSERT INTO group_pairs (face, said, side, same) SELECT id, $2, $3, $4 FROM faces WHERE id = $1
                     ON CONFLICT (said, face) DO UPDATE SET side = excluded.side, same = excluded.same",
                )
                .bind(face)
                .bind(said)
                .bind(i64::from(words.ends_with("right")))
                .bind(i64::from(words.starts_with("same"))),
                None => sqlx::query("DELETE FROM group_pairs WHERE face = $1 AND said = $2")
                    .bind(face)
                    .bind(said),
            },
            Self::Photo(person, photo) => sqlx::query(match value {
                Some(_) => {
                    "INSERT INTO person_photos (person, photo) VALUES ($1, $2)
                     ON CONFLICT DO NOTHING"
                }
                None => "DELETE FROM person_photos WHERE person = $1 AND photo = $2",
            })
            .bind(person)
            .bind(photo),
            Self::Pinned(person) => sqlx::query("UPDATE people SET kept = $2 WHERE id = $1")
                .bind(person)
                .bind(i64::from(value.is_some())),
            Self::NeverWrite(person) => {
                sqlx::query("UPDATE people SET never_write = $2 WHERE id = $1")
                    .bind(person)
                    .bind(i64::from(value.is_some()))
            }
            Self::Tag(person) => sqlx::query("UPDATE people SET tag = $2 WHERE id = $1")
                .bind(person)
                .bind(value.as_deref()),
            Self::Nsid(person) => sqlx::query("UPDATE people SET nsid = $2 WHERE id = $1")
                .bind(person)
                .bind(value.as_deref()),
            Self::Name(person) => {
                let name = value.as_deref().unwrap_or_default();
                sqlx::query("UPDATE people SET name = $2, name_key = $3 WHERE id = $1")
                    .bind(person)
                    .bind(name)
                    .bind(key_of(name))
            }
        };
        store.run(write, "store a decision", statement).await?;
        Ok(())
    }
}

/// The key of a stored name. One that an older program let through need not be a name today.
pub(crate) fn key_of(name: &str) -> String {
    crate::naming::Name::new(name).map_or_else(|_| name.to_lowercase(), |name| name.key())
}

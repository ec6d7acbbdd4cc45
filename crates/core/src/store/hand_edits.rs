//! Changes made to tags.json by hand, taken over into the store: all in one entry of the journal.

use super::{
    FaceId, FaceState, JournalId, Kind, PersonId, PhotoId, Result, Store,
    journal::{Register, Writing, set},
};
use crate::{faces::Descriptor, naming::Name};

/// Whom a change is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Whose {
    /// A person of the store.
    Known(PersonId),
    /// The person with that name, made if there is none.
    Named(Name),
}

/// One change to make in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HandEdit {
    /// A person has another name; if another person has it, the two become one.
    Rename(PersonId, Name),
    /// These faces are not the person's whose name they have.
    TakeBack(Vec<FaceId>),
    /// A photo without a face to name no longer shows the person.
    ForgetPhoto(PersonId, PhotoId),
    /// This face is the person's.
    Face(Whose, FaceId),
    /// A photo shows the person without a face to name.
    Photo(Whose, PhotoId),
    /// The text of the tag; `None` for the name.
    Tag(Whose, Option<Name>),
    /// Whether the person may be written to Flickr.
    Write(Whose, bool),
    /// The person's own NSID.
    Nsid(Whose, Option<String>),
    /// Whether the person is listed although no photo shows them.
    Pin(Whose, bool),
}

/// A face on a photo, with what may decide whose it is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PhotoFace {
    /// Its id.
    pub id: FaceId,
    /// What has been decided about it.
    pub state: FaceState,
    /// What it is compared by; `None` where it comes from another network than
    /// [`Store::encoder`] says.
    pub descriptor: Option<Descriptor>,
}

impl Store {
    /// Makes changes, in their order and in one transaction. `what` are they in words, for the
    /// journal; returns the entry there.
    ///
    /// # Errors
    /// Where the store cannot be written to; then nothing was changed.
    pub(crate) async fn edit(&self, edits: &[HandEdit], what: &str, now: i64) -> Result<JournalId> {
        self.entry(now, |mut writing| async move {
            for edit in edits {
                writing.edit(edit).await?;
            }
            writing.keep_numbered(Kind::TagsJson, what.to_owned()).await
        })
        .await
    }

    /// The faces on a photo, by number.
    ///
    /// # Errors
    /// Where the store cannot be read or a face's numbers are damaged.
    pub(crate) async fn faces_on(&self, photo: &PhotoId) -> Result<Vec<PhotoFace>> {
        let encoder = self.encoder().await?;
        let select = sqlx::query(
            "SELECT id, decision, person, descriptor, encoder
             FROM faces JOIN face_descriptors ON face = faces.id
             WHERE photo = $1 ORDER BY number",
        );
        let rows = self.rows("read a photo's faces", select.bind(photo));
        (rows.await?.iter())
            .map(|row| {
                let id: FaceId = self.column(row, "id")?;
                Ok(PhotoFace {
                    state: self.state(row)?,
                    descriptor: self.comparable(row, &id, &encoder)?,
                    id,
                })
            })
            .collect()
    }

    /// The photos that show a person without a face that could be named.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn photos_without_face(&self, person: PersonId) -> Result<Vec<PhotoId>> {
        sqlx::query_scalar("SELECT photo FROM person_photos WHERE person = $1 ORDER BY photo")
            .bind(person)
            .fetch_all(&self.pool)
            .await
            .map_err(self.failed("read the names"))
    }

    /// What tells this store from another, made at the first use.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub(crate) async fn identity(&self) -> Result<String> {
        const IDENTITY: &str = "identity";
        if let Some(identity) = self.metadata(IDENTITY).await? {
            return Ok(identity);
        }
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let made = format!(
            "{:x}-{:x}",
            since.unwrap_or_default().as_nanos(),
            std::process::id()
        );
        // Of two programs that make one at once, both take the first one's.
        sqlx::query("INSERT INTO facts (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(IDENTITY)
            .bind(&made)
            .execute(&self.pool)
            .await
            .map_err(self.failed("write to the store"))?;
        Ok(self.metadata(IDENTITY).await?.unwrap_or(made))
    }
}

impl Writing<'_> {
    async fn edit(&mut self, edit: &HandEdit) -> Result<()> {
        let (register, value) = match edit {
            HandEdit::Rename(person, name) => {
                return match self.holder(&name.key()).await? {
                    Some((other, _)) if other != *person && self.person_exists(other).await? => {
                        self.merge(*person, other).await
                    }
                    _ => self.rename(*person, name).await,
                };
            }
            HandEdit::TakeBack(faces) => {
                for face in faces {
                    self.take_back(face).await?;
                }
                return Ok(());
            }
            HandEdit::Face(whose, face) => {
                let person = self.whose(whose).await?;
                self.decide(face, FaceState::Named(person)).await?;
                return Ok(());
            }
            HandEdit::ForgetPhoto(person, photo) => (Register::Photo(*person, photo.clone()), None),
            HandEdit::Photo(whose, photo) => (
                Register::Photo(self.whose(whose).await?, photo.clone()),
                set(),
            ),
            HandEdit::Tag(whose, tag) => (
                Register::Tag(self.whose(whose).await?),
                tag.as_ref().map(Name::to_string),
            ),
            HandEdit::Write(whose, may) => (
                Register::NeverWrite(self.whose(whose).await?),
                if *may { None } else { set() },
            ),
            HandEdit::Nsid(whose, nsid) => (Register::Nsid(self.whose(whose).await?), nsid.clone()),
            HandEdit::Pin(whose, keep) => (
                Register::Pinned(self.whose(whose).await?),
                if *keep { set() } else { None },
            ),
        };
        self.set(&register, value).await?;
        Ok(())
    }

    async fn whose(&mut self, whose: &Whose) -> Result<PersonId> {
        match whose {
            Whose::Known(person) => Ok(*person),
            Whose::Named(name) => self.person(name).await,
        }
    }
}

//! People: listed, renamed, merged, and what is written of them.
//!
//! A person's row is never deleted and its id never given to another: an entry of the journal may
//! name it. A person without a face or a photo is not listed, and gives up their name to the next
//! person who gets it.

use sqlx::any::AnyRow;

use super::{
    Decision, FaceId, FaceState, JournalId, PersonId, PhotoId, Result, Store, StoreError,
    journal::{Kind, Register, Writing, key_of, set},
    schema::person_exists,
};
use crate::{boxed, faces::Descriptor, naming::Name};

/// A person with the photos that show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PersonPhotos {
    /// The person's id.
    pub id: PersonId,
    /// The name as it was first given.
    pub name: String,
    /// The tag to write, where it is not the name itself.
    pub tag: Option<String>,
    /// Whether nothing of them is to be written to Flickr.
    pub never_write: bool,
    /// Their own NSID, where they are a member of Flickr.
    pub nsid: Option<String>,
    /// Flickr's photo ids, in the order of upload, none twice.
    pub photos: Vec<PhotoId>,
}

/// A person in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// The person's id.
    pub id: PersonId,
    /// The name.
    pub name: String,
    /// The tag to write, where it is not the name itself.
    pub tag: Option<String>,
    /// Whether nothing of them is to be written to Flickr.
    pub never_write: bool,
    /// Their own NSID, where they are a member of Flickr.
    pub nsid: Option<String>,
    /// How many faces have the name.
    pub faces: u64,
    /// How many photos show the person.
    pub photos: u64,
}

/// A face that has a person's name.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonFace {
    /// Its id.
    pub id: FaceId,
    /// The photo it is in.
    pub photo: PhotoId,
    /// What it is compared by; `None` where it comes from another network than
    /// that of the last `download`.
    pub descriptor: Option<Descriptor>,
}

impl PersonRow {
    /// By what people are sorted: the name, in any case.
    pub(crate) fn order(&self) -> (String, PersonId) {
        (key_of(&self.name), self.id)
    }
}

const READ: &str = "read the names";

/// The columns of a [`PersonRow`], of all who are listed.
macro_rules! select_people {
    () => {
        concat!(
            "SELECT id, name, tag, never_write, nsid,
                (SELECT COUNT(*) FROM faces JOIN photos ON photos.id = photo
                    WHERE decision = 'named' AND person = people.id AND state <> 'deleted')
                    AS faces,
                (SELECT COUNT(*) FROM (
                    SELECT photo FROM faces WHERE decision = 'named' AND person = people.id
                    UNION SELECT photo FROM person_photos WHERE person = people.id) AS shown
                    LEFT JOIN photos ON photos.id = photo
                    WHERE state IS NULL OR state <> 'deleted') AS photos
             FROM people WHERE ",
            person_exists!()
        )
    };
}

impl Store {
    /// The face that was chosen to stand for a person; `None` where none was.
    ///
    /// # Errors
    /// Where the store cannot be read.
    #[boxed]
    pub async fn cover(&self, person: PersonId) -> Result<Option<FaceId>> {
        let select = sqlx::query_scalar("SELECT cover FROM people WHERE id = $1").bind(person);
        let cover: Option<Option<FaceId>> = select
            .fetch_optional(&self.pool)
            .await
            .map_err(self.failed(READ))?;
        Ok(cover.flatten())
    }

    /// Lets a face stand for a person. No entry of the journal: it says nothing about who anybody is.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    #[boxed]
    pub async fn set_cover(&self, person: PersonId, face: &FaceId) -> Result<()> {
        sqlx::query("UPDATE people SET cover = $1 WHERE id = $2")
            .bind(face)
            .bind(person)
            .execute(&self.pool)
            .await
            .map_err(self.failed("choose a person's picture"))?;
        Ok(())
    }

    /// Every person who is listed with their photos, by name: those with a face of theirs, and those
    /// that were added to tags.json by hand, but none that is deleted.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn people_with_photos(&self) -> Result<Vec<PersonPhotos>> {
        let select = sqlx::query(concat!(
            "SELECT people.id AS id, name, tag, never_write, nsid, shown.photo AS photo
             FROM people LEFT JOIN (
                SELECT person, photo, uploaded FROM (
                    SELECT person, photo FROM faces WHERE decision = 'named'
                    UNION SELECT person, photo FROM person_photos) AS named
                LEFT JOIN photos ON photos.id = photo
                WHERE state IS NULL OR state <> 'deleted') AS shown ON shown.person = people.id
             WHERE ",
            person_exists!(),
            " ORDER BY name_key, people.id, COALESCE(uploaded, 0), shown.photo"
        ));
        let rows = self.rows(READ, select).await?;
        let mut people: Vec<PersonPhotos> = Vec::new();
        for row in &rows {
            let id: PersonId = self.column(row, "id")?;
            let photo: Option<PhotoId> = self.column(row, "photo")?;
            match people.last_mut() {
                Some(person) if person.id == id => person.photos.extend(photo),
                _ => people.push(PersonPhotos {
                    id,
                    name: self.column(row, "name")?,
                    tag: self.column(row, "tag")?,
                    never_write: self.column::<i64>(row, "never_write")? != 0,
                    nsid: self.column(row, "nsid")?,
                    photos: photo.into_iter().collect(),
                }),
            }
        }
        Ok(people)
    }

    /// All people who are listed, by name; faces and photos that are deleted are not counted.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn people(&self) -> Result<Vec<PersonRow>> {
        let rows = self.rows(READ, sqlx::query(select_people!())).await?;
        let people = rows.iter().map(|row| self.person_row(row));
        let mut people: Vec<PersonRow> = people.collect::<Result<_>>()?;
        // Databases sort texts each in their own way.
        people.sort_by_cached_key(PersonRow::order);
        Ok(people)
    }

    /// One of [`Self::people`]; `None` where there is none of that id, or they are not listed.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn listed_person(&self, id: PersonId) -> Result<Option<PersonRow>> {
        let row = sqlx::query(concat!(select_people!(), " AND people.id = $1"))
            .bind(id)
            .fetch_optional(&self.pool)
            .await
            .map_err(self.failed(READ))?;
        row.map(|row| self.person_row(&row)).transpose()
    }

    fn person_row(&self, row: &AnyRow) -> Result<PersonRow> {
        Ok(PersonRow {
            id: self.column(row, "id")?,
            name: self.column(row, "name")?,
            tag: self.column(row, "tag")?,
            never_write: self.column::<i64>(row, "never_write")? != 0,
            nsid: self.column(row, "nsid")?,
            faces: self.column::<i64>(row, "faces")?.unsigned_abs(),
            photos: self.column::<i64>(row, "photos")?.unsigned_abs(),
        })
    }

    /// What a person is called, whether they have faces or not; `None` where there is no such person.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn name_of(&self, person: PersonId) -> Result<Option<String>> {
        sqlx::query_scalar("SELECT name FROM people WHERE id = $1")
            .bind(person)
            .fetch_optional(&self.pool)
            .await
            .map_err(self.failed("read a name"))
    }

    /// The names of all people who are listed, sorted.
    ///
    /// # Errors
    /// Where the store cannot be read.
    #[boxed]
    pub async fn names(&self) -> Result<Vec<String>> {
        sqlx::query_scalar(concat!(
            "SELECT name FROM people WHERE ",
            person_exists!(),
            " ORDER BY name_key"
        ))
        .fetch_all(&self.pool)
        .await
        .map_err(self.failed(READ))
    }

    /// The faces that have a person's name, in the order of their photos' upload, then of their
    /// numbers.
    ///
    /// # Errors
    /// Where the store cannot be read or a face's numbers are damaged.
    pub(crate) async fn faces_of(&self, person: PersonId) -> Result<Vec<PersonFace>> {
        let encoder = self.encoder().await?;
        let select = sqlx::query(
            "SELECT faces.id AS id, photo, descriptor, encoder
             FROM faces JOIN photos ON photos.id = photo JOIN face_descriptors ON face = faces.id
             WHERE decision = 'named' AND person = $1 ORDER BY uploaded, photo, number",
        );
        let rows = self.rows("read a person's faces", select.bind(person));
        (rows.await?.iter())
            .map(|row| {
                let id: FaceId = self.column(row, "id")?;
                Ok(PersonFace {
                    photo: self.column(row, "photo")?,
                    descriptor: self.comparable(row, &id, &encoder)?,
                    id,
                })
            })
            .collect()
    }

    /// Gives a person another name. Returns the entry in the journal.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`] where another listed person has it; or where there is no such
    /// person or the store cannot be written to. Then nothing was changed.
    pub(crate) async fn rename(
        &self,
        person: PersonId,
        name: &Name,
        now: i64,
    ) -> Result<JournalId> {
        self.entry(now, |mut writing| async move {
            let old = writing.name_of(person).await?;
            writing.rename(person, name).await?;
            let what = format!("{old} is {name}");
            writing.keep_numbered(Kind::Rename, what).await
        })
        .await
    }

    /// Makes two people one: the faces and photos of `from` are those of `into`, and a face that was
    /// known not to be the one is not the other. Where nothing was to be written of either, nothing is
    /// to be written of them; the name, the tag text and, where there is one, the NSID of `into` stay.
    /// Returns the entry in the journal.
    ///
    /// # Errors
    /// [`StoreError::SamePerson`] where they are one already; or where either is not there or the
    /// store cannot be written to. Then nothing was changed.
    pub(crate) async fn merge(
        &self,
        from: PersonId,
        into: PersonId,
        now: i64,
    ) -> Result<JournalId> {
        self.entry(now, |mut writing| async move {
            let what = format!(
                "{} is {}, merged",
                writing.name_of(from).await?,
                writing.name_of(into).await?
            );
            writing.merge(from, into).await?;
            writing.keep_numbered(Kind::Merge, what).await
        })
        .await
    }

    /// Decides about faces of a person that are not theirs: they are not to be offered for that
    /// person again. Returns the entry in the journal.
    ///
    /// # Errors
    /// Where there is no such person or the store cannot be written to; then nothing was changed.
    pub(crate) async fn split_off(
        &self,
        person: PersonId,
        faces: &[FaceId],
        decision: &Decision,
        now: i64,
    ) -> Result<JournalId> {
        self.entry(now, |mut writing| async move {
            let from = writing.name_of(person).await?;
            let (state, to) = writing.state_for(decision).await?;
            for face in faces {
                writing.decide(face, state).await?;
                if state != FaceState::Named(person) {
                    writing.reject(face, person).await?;
                }
            }
            let what = format!("{to}, split off {from}");
            writing.keep_numbered(Kind::Decide, what).await
        })
        .await
    }

    /// Sets the text of a person's tag; `None` for the name itself. Returns the entry in the journal.
    ///
    /// # Errors
    /// Where there is no such person or the store cannot be written to; then nothing was changed.
    pub(crate) async fn set_tag(
        &self,
        person: PersonId,
        tag: Option<&Name>,
        now: i64,
    ) -> Result<JournalId> {
        let tag = tag.map(Name::to_string);
        let what = |name: String| match &tag {
            Some(tag) => format!("{name} is tagged {tag:?}"),
            None => format!("{name} is tagged by name"),
        };
        self.set_of(person, Register::Tag, tag.clone(), what, now)
            .await
    }

    /// Says whether a person may be written to Flickr. Returns the entry in the journal.
    ///
    /// # Errors
    /// Where there is no such person or the store cannot be written to; then nothing was changed.
    pub(crate) async fn set_write(
        &self,
        person: PersonId,
        may: bool,
        now: i64,
    ) -> Result<JournalId> {
        let never = if may { None } else { set() };
        let what = |name| match may {
            true => format!("{name} may be written to Flickr"),
            false => format!("{name} is never written to Flickr"),
        };
        self.set_of(person, Register::NeverWrite, never, what, now)
            .await
    }

    /// Sets a person's own NSID; `None` where they are not a member of Flickr. Returns the entry in the
    /// journal.
    ///
    /// # Errors
    /// Where there is no such person or the store cannot be written to; then nothing was changed.
    pub(crate) async fn set_nsid(
        &self,
        person: PersonId,
        nsid: Option<&str>,
        now: i64,
    ) -> Result<JournalId> {
        let what = |name| match nsid {
            Some(nsid) => format!("{name} is {nsid} on Flickr"),
            None => format!("{name} is not a member of Flickr"),
        };
        self.set_of(person, Register::Nsid, nsid.map(str::to_owned), what, now)
            .await
    }

    async fn set_of(
        &self,
        person: PersonId,
        register: impl Fn(PersonId) -> Register,
        value: Option<String>,
        what: impl Fn(String) -> String,
        now: i64,
    ) -> Result<JournalId> {
        let (register, value, what) = (&register(person), &value, &what);
        self.entry(now, |mut writing| async move {
            let what = what(writing.name_of(person).await?);
            writing.set(register, value.clone()).await?;
            writing.keep_numbered(Kind::Settings, what).await
        })
        .await
    }
}

impl Writing<'_> {
    /// Gives a person another name, which no other listed person may have.
    pub(super) async fn rename(&mut self, person: PersonId, name: &Name) -> Result<()> {
        if let Some((other, spelt)) = self.holder(&name.key()).await?
            && other != person
        {
            if self.person_exists(other).await? {
                return Err(StoreError::NameTaken { name: spelt });
            }
            self.free_name_of(other).await?;
        }
        self.set(&Register::Name(person), Some(name.to_string()))
            .await?;
        Ok(())
    }

    /// Makes two people one; see [`Store::merge`].
    pub(super) async fn merge(&mut self, from: PersonId, into: PersonId) -> Result<()> {
        if from == into {
            return Err(StoreError::SamePerson {
                name: self.name_of(into).await?,
            });
        }
        let faces: Vec<FaceId> = self
            .ids_of(
                "SELECT id FROM faces WHERE decision = 'named' AND person = $1",
                from,
            )
            .await?;
        for face in faces {
            self.decide(&face, FaceState::Named(into)).await?;
        }
        let rejected: Vec<FaceId> = self
            .ids_of("SELECT face FROM rejections WHERE person = $1", from)
            .await?;
        for face in rejected {
            let state = self.state(&face).await?.map(|(_, state)| state);
            if state != Some(FaceState::Named(into)) {
                self.reject(&face, into).await?;
            }
        }
        let photos: Vec<PhotoId> = self
            .ids_of("SELECT photo FROM person_photos WHERE person = $1", from)
            .await?;
        for photo in photos {
            self.set(&Register::Photo(into, photo.clone()), set())
                .await?;
            self.set(&Register::Photo(from, photo), None).await?;
        }
        if let Some(Some(kept)) = self.read(&Register::Pinned(from)).await? {
            self.set(&Register::Pinned(into), Some(kept)).await?;
            self.set(&Register::Pinned(from), None).await?;
        }
        if let Some(Some(never)) = self.read(&Register::NeverWrite(from)).await? {
            self.set(&Register::NeverWrite(into), Some(never)).await?;
        }
        if let Some(Some(nsid)) = self.read(&Register::Nsid(from)).await?
            && self.read(&Register::Nsid(into)).await? == Some(None)
        {
            self.set(&Register::Nsid(into), Some(nsid)).await?;
        }
        Ok(())
    }
}

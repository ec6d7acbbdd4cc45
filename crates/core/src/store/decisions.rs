//! Decisions about faces, and the people they belong to.
//!
//! A decision belongs to a face, never to a cluster: whatever is clustered later, it stays.

use sqlx::{Any, Transaction};

use super::{FaceId, Result, Store};
use crate::naming::Name;

/// What was decided about a face.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It is this person's.
    Named(Name),
    /// Somebody who is not to be named.
    Stranger,
    /// The detector was wrong.
    NotAFace,
}

/// A person with the photos that hold at least one of their faces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonPhotos {
    /// The name as it was first given.
    pub name: String,
    /// The tag to write, where it is not the name itself.
    pub tag: Option<String>,
    /// Whether nothing of them is to be written to Flickr.
    pub never_write: bool,
    /// Their own NSID, where they are a member of Flickr.
    pub nsid: Option<String>,
    /// Flickr's photo ids, in the order of upload, none twice.
    pub photos: Vec<String>,
}

const WHAT: &str = "store a decision";

impl Store {
    /// Decides about faces, in one transaction. A person not known yet is made; names that differ
    /// only in case are one person. `not_them` are faces that were looked at and are somebody else.
    /// `now` is in seconds since 1970.
    ///
    /// # Errors
    /// Where the store cannot be written to; then nothing was decided.
    pub async fn decide(
        &self,
        faces: &[FaceId],
        decision: &Decision,
        not_them: &[FaceId],
        now: i64,
    ) -> Result<()> {
        let mut write = self.begin(WHAT).await?;
        let (word, person) = match decision {
            Decision::Named(name) => ("named", Some(self.person(&mut write, name).await?)),
            Decision::Stranger => ("stranger", None),
            Decision::NotAFace => ("not_a_face", None),
        };
        for face in faces {
            let update = sqlx::query(
                "UPDATE faces SET decision = $2, person = $3, decided = $4 WHERE id = $1",
            )
            .bind(face.0.as_str())
            .bind(word)
            .bind(person)
            .bind(now);
            self.run(&mut write, WHAT, update).await?;
        }
        for face in person.map_or(&[][..], |_| not_them) {
            let reject = sqlx::query(
                "INSERT INTO rejections (face, person) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            )
            .bind(face.0.as_str())
            .bind(person);
            self.run(&mut write, WHAT, reject).await?;
        }
        write.commit().await.map_err(self.failed(WHAT))
    }

    /// Takes a decision back: the faces wait for one again, and what was said of `not_them` beside
    /// it is forgotten. A person left without any face is forgotten too.
    ///
    /// # Errors
    /// Where the store cannot be written to; then nothing was taken back.
    pub async fn undecide(
        &self,
        faces: &[FaceId],
        decision: &Decision,
        not_them: &[FaceId],
    ) -> Result<()> {
        let mut write = self.begin(WHAT).await?;
        for face in faces {
            let update = sqlx::query(
                "UPDATE faces SET decision = NULL, person = NULL, decided = NULL WHERE id = $1",
            )
            .bind(face.0.as_str());
            self.run(&mut write, WHAT, update).await?;
        }
        if let Decision::Named(name) = decision {
            for face in not_them {
                let forget = sqlx::query(
                    "DELETE FROM rejections WHERE face = $1
                     AND person = (SELECT id FROM people WHERE name_key = $2)",
                )
                .bind(face.0.as_str())
                .bind(name.key());
                self.run(&mut write, WHAT, forget).await?;
            }
            for delete in [
                "DELETE FROM rejections WHERE person IN (SELECT id FROM people WHERE name_key = $1
                    AND id NOT IN (SELECT person FROM faces WHERE person IS NOT NULL))",
                "DELETE FROM people WHERE name_key = $1
                    AND id NOT IN (SELECT person FROM faces WHERE person IS NOT NULL)",
            ] {
                self.run(&mut write, WHAT, sqlx::query(delete).bind(name.key()))
                    .await?;
            }
        }
        write.commit().await.map_err(self.failed(WHAT))
    }

    /// The id of the person with that name, made where there is none.
    async fn person(&self, write: &mut Transaction<'static, Any>, name: &Name) -> Result<i64> {
        let make = sqlx::query(
            "INSERT INTO people (id, name, name_key)
             VALUES ((SELECT COALESCE(MAX(id), 0) + 1 FROM people), $1, $2)
             ON CONFLICT (name_key) DO NOTHING",
        )
        .bind(name.as_str())
        .bind(name.key());
        self.run(write, WHAT, make).await?;
        sqlx::query_scalar("SELECT id FROM people WHERE name_key = $1")
            .bind(name.key())
            .fetch_one(&mut **write)
            .await
            .map_err(self.failed(WHAT))
    }

    /// Every person with their photos, by name.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn people_with_photos(&self) -> Result<Vec<PersonPhotos>> {
        let rows = sqlx::query(
            "SELECT people.name AS name, people.tag AS tag, people.never_write AS never_write,
                people.nsid AS nsid, photos.id AS photo
             FROM people JOIN faces ON faces.person = people.id JOIN photos ON photos.id = photo
             GROUP BY people.name_key, people.name, people.tag, people.never_write, people.nsid,
                photos.uploaded, photos.id
             ORDER BY people.name_key, photos.uploaded, photos.id",
        )
        .fetch_all(&self.pool)
        .await
        .map_err(self.failed("read the names"))?;
        let mut people: Vec<PersonPhotos> = Vec::new();
        for row in &rows {
            let name: String = self.column(row, "name")?;
            let photo: String = self.column(row, "photo")?;
            match people.last_mut() {
                Some(person) if person.name == name => person.photos.push(photo),
                _ => people.push(PersonPhotos {
                    name,
                    tag: self.column(row, "tag")?,
                    never_write: self.column::<i64>(row, "never_write")? != 0,
                    nsid: self.column(row, "nsid")?,
                    photos: vec![photo],
                }),
            }
        }
        Ok(people)
    }

    /// The names of all people, by name.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn names(&self) -> Result<Vec<String>> {
        sqlx::query_scalar("SELECT name FROM people ORDER BY name_key")
            .fetch_all(&self.pool)
            .await
            .map_err(self.failed("read the names"))
    }
}

//! Names that are on Flickr already: those of the owner's contacts, and the owner's tags as they were typed.

use std::collections::HashMap;

use super::{Result, Store};

/// What can be offered while a name is typed. By default nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FlickrNames {
    /// What contacts are called, in the order of the alphabet.
    pub contacts: Vec<String>,
    /// How a tag was typed, by its clean form.
    pub tags: HashMap<String, String>,
}

const WHAT: &str = "keep the names on Flickr";

impl Store {
    /// Keeps the contacts, by NSID with their names, in place of those of before.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub(crate) async fn set_contacts(&self, contacts: &[(String, String)]) -> Result<()> {
        let insert = "INSERT INTO contacts (nsid, name) VALUES ($1, $2)
                      ON CONFLICT (nsid) DO UPDATE SET name = excluded.name";
        self.set_names("DELETE FROM contacts", insert, contacts)
            .await
    }

    /// Keeps the tags, by clean form as they were typed, in place of those of before.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub(crate) async fn set_own_tags(&self, tags: &[(String, String)]) -> Result<()> {
        let insert = "INSERT INTO own_tags (clean, raw) VALUES ($1, $2)
                      ON CONFLICT (clean) DO UPDATE SET raw = excluded.raw";
        self.set_names("DELETE FROM own_tags", insert, tags).await
    }

    async fn set_names(
        &self,
        delete: &'static str,
        insert: &'static str,
        rows: &[(String, String)],
    ) -> Result<()> {
        let mut write = self.begin(WHAT).await?;
        self.run(&mut write, WHAT, sqlx::query(delete)).await?;
        for (key, name) in rows {
            let row = sqlx::query(insert).bind(key).bind(name);
            self.run(&mut write, WHAT, row).await?;
        }
        write.commit().await.map_err(self.failed(WHAT))
    }

    /// The names that were kept last.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn flickr_names(&self) -> Result<FlickrNames> {
        let what = "read the names on Flickr";
        let contacts = self.rows(what, sqlx::query("SELECT name FROM contacts"));
        let contacts = contacts.await?;
        let names = contacts.iter().map(|row| self.column(row, "name"));
        let mut names: Vec<String> = names.collect::<Result<_>>()?;
        // Databases sort texts each in their own way.
        names.sort_by_cached_key(|name| name.to_lowercase());
        let tags = self.rows(what, sqlx::query("SELECT clean, raw FROM own_tags"));
        let tags = tags.await?;
        let tags = tags
            .iter()
            .map(|row| Ok((self.column(row, "clean")?, self.column(row, "raw")?)));
        Ok(FlickrNames {
            contacts: names,
            tags: tags.collect::<Result<_>>()?,
        })
    }
}

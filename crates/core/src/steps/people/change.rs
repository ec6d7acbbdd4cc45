//! Changes to a person, given as text.

use super::{Done, People, PeopleError, which};
use crate::{
    boxed,
    naming::Name,
    steps::{StepError, clock::now},
    store::PersonRow,
};

/// What to change about a person. Each takes one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Another name.
    Rename,
    /// They are this other person: all their faces become the other's.
    Merge,
    /// These faces wait for a name again, and are not offered for the person again: numbers as
    /// [`People::faces`] has them, ids of faces, or ids of photos.
    TakeBack,
    /// Another tag than the name; empty for the name.
    Tag,
    /// `yes` or `no`: whether they may be written to Flickr.
    Write,
    /// Which member of Flickr they are, by NSID; empty for none.
    Nsid,
}

impl Change {
    /// How the person and the text are given together.
    const fn form(self) -> &'static str {
        match self {
            Self::Rename => "OLD=NEW",
            Self::Merge => "FROM=INTO",
            Self::TakeBack => "NAME=FACES",
            Self::Tag => "NAME=TEXT",
            Self::Write => "NAME=yes or NAME=no",
            Self::Nsid => "NAME=NSID",
        }
    }
}

impl People {
    /// Changes something about a person.
    ///
    /// # Errors
    /// Where the text is not what the change takes, or it cannot be
    /// ([`StepError::is_refusal`]); or the store or tags.json cannot be written to.
    #[boxed]
    pub async fn change(
        &self,
        change: Change,
        person: &PersonRow,
        text: &str,
    ) -> Result<Done, StepError> {
        let store = &self.store;
        let text = text.trim();
        let entry = match change {
            Change::Rename => store.rename(person.id, &name(text)?, now()).await?,
            Change::Merge => {
                let into = self.find(text).await?;
                store.merge(person.id, into.id, now()).await?
            }
            Change::TakeBack => {
                let faces = which::faces(text, &person.name, &self.faces(person).await?)?;
                return self.take_back(&faces).await;
            }
            Change::Tag => {
                let tag = (!text.is_empty()).then(|| name(text)).transpose()?;
                store.set_tag(person.id, tag.as_ref(), now()).await?
            }
            Change::Write => {
                let may = match text.to_lowercase().as_str() {
                    "yes" | "y" => true,
                    "no" | "n" => false,
                    _ => return Err(expected(text, "yes or no").into()),
                };
                store.set_write(person.id, may, now()).await?
            }
            Change::Nsid => store.set_nsid(person.id, nsid(text)?, now()).await?,
        };
        self.done(entry).await
    }

    /// Changes something about a person, given together as for [`Self::whom`].
    ///
    /// # Errors
    /// As for [`Self::whom`] and [`Self::change`].
    #[boxed]
    pub async fn change_in_one(
        &self,
        change: Change,
        text: &str,
        shown: Option<&PersonRow>,
    ) -> Result<Done, StepError> {
        let (person, text) = self.whom(change, text, shown).await?;
        self.change(change, &person, text).await
    }

    /// Whom a change is about and its text, given together as `NAME=TEXT`. A name may hold `=`: the first
    /// one that leaves a known name before it counts. Without one the text is about `shown`, where
    /// there is such a person.
    ///
    /// # Errors
    /// Where no one has the name, or there is none.
    #[boxed]
    pub async fn whom<'t>(
        &self,
        change: Change,
        text: &'t str,
        shown: Option<&PersonRow>,
    ) -> Result<(PersonRow, &'t str), StepError> {
        for (at, _) in text.match_indices('=') {
            let (name, rest) = (&text[..at], &text[at + 1..]);
            match self.find(name).await {
                Ok(person) => return Ok((person, rest)),
                Err(StepError::People(_)) => {}
                Err(error) => return Err(error),
            }
        }
        match (text.split_once('='), shown) {
            // The error names who is not there.
            (Some((name, rest)), _) => Ok((self.find(name).await?, rest)),
            (None, Some(shown)) => Ok((self.find(&shown.name).await?, text)),
            (None, None) => Err(expected(text, change.form()).into()),
        }
    }
}

pub(super) fn name(text: &str) -> Result<Name, PeopleError> {
    Ok(Name::new(text)?)
}

fn expected(found: &str, expected: &'static str) -> PeopleError {
    PeopleError::Expected {
        found: found.to_owned(),
        expected,
    }
}

/// An NSID as Flickr gives them: digits, @, N and two digits. `None` for no text.
fn nsid(text: &str) -> Result<Option<&str>, PeopleError> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once("@N") {
        _ if text.is_empty() => Ok(None),
        Some((before, after))
            if !before.is_empty() && digits(before) && after.len() == 2 && digits(after) =>
        {
            Ok(Some(text))
        }
        _ => Err(expected(text, "an NSID such as 12345678@N00")),
    }
}

//! Changes that are written as `NAME=...`, in flags and at the prompt alike.

use anyhow::Context;
use flickr_faces::{naming::Name, store::PersonRow};
use flickr_faces_terminal::exit::BadAnswer;

use super::Desk;

impl Desk<'_> {
    /// Whom `NAME=REST` is about, and the rest. A name may hold `=`: the first that leaves somebody's
    /// name before it counts. Without one it is whoever was shown last.
    async fn whose<'t>(&self, text: &'t str, form: &str) -> anyhow::Result<(PersonRow, &'t str)> {
        let people = self.people.list().await?;
        let mut first = None;
        for (at, _) in text.match_indices('=') {
            let (name, rest) = (text[..at].trim(), text[at + 1..].trim());
            first.get_or_insert(name);
            let key = |name: &str| Name::new(name).map(|name| name.key()).ok();
            let is_theirs = |person: &&PersonRow| key(&person.name) == key(name);
            if let Some(person) = people.iter().find(is_theirs) {
                return Ok((person.clone(), rest));
            }
        }
        match (first, &self.shown) {
            // The error names whoever is not there.
            (Some(name), _) => Ok((self.people.find(name).await?, "")),
            (None, Some(shown)) => Ok((self.people.find(&shown.name).await?, text.trim())),
            (None, None) => Err(BadAnswer(format!("{text:?}: expected {form}")).into()),
        }
    }

    pub(super) async fn rename(&mut self, text: &str) -> anyhow::Result<()> {
        let (person, new) = self.whose(text, "OLD=NEW").await?;
        let done = self.people.rename(&person, &name(new)?).await?;
        self.shown = None;
        self.tell(&done);
        Ok(())
    }

    pub(super) async fn merge(&mut self, text: &str) -> anyhow::Result<()> {
        let (from, into) = self.whose(text, "FROM=INTO").await?;
        let into = self.people.find(into).await?;
        let done = self.people.merge(&from, &into).await?;
        self.shown = None;
        self.tell(&done);
        Ok(())
    }

    pub(super) async fn take_back(&mut self, text: &str) -> anyhow::Result<()> {
        let (person, which) = self.whose(text, "NAME=FACES").await?;
        let done = self.people.take_back(&person, which).await?;
        self.tell(&done);
        Ok(())
    }

    pub(super) async fn tag(&mut self, text: &str) -> anyhow::Result<()> {
        let (person, tag) = self.whose(text, "NAME=TEXT").await?;
        let tag = (!tag.is_empty()).then(|| name(tag)).transpose()?;
        let done = self.people.set_tag(&person, tag.as_ref()).await?;
        self.tell(&done);
        Ok(())
    }

    pub(super) async fn nsid(&mut self, text: &str) -> anyhow::Result<()> {
        let (person, nsid) = self.whose(text, "NAME=NSID").await?;
        // As Flickr gives them: digits, @, N and two digits.
        let is_nsid = nsid.split_once("@N").is_some_and(|(before, after)| {
            let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
            !before.is_empty() && digits(before) && after.len() == 2 && digits(after)
        });
        if !nsid.is_empty() && !is_nsid {
            return Err(BadAnswer(format!(
                "{nsid:?} is no NSID: expected one such as 12345678@N00"
            ))
            .into());
        }
        let nsid = (!nsid.is_empty()).then_some(nsid);
        let done = self.people.set_nsid(&person, nsid).await?;
        self.tell(&done);
        Ok(())
    }

    pub(super) async fn write(&mut self, text: &str) -> anyhow::Result<()> {
        let (person, may) = self.whose(text, "NAME = yes or NAME = no").await?;
        let may = match may.to_lowercase().as_str() {
            "yes" | "y" => true,
            "no" | "n" => false,
            other => {
                return Err(BadAnswer(format!("{other:?}: expected yes or no")).into());
            }
        };
        let done = self.people.set_write(&person, may).await?;
        self.tell(&done);
        Ok(())
    }
}

/// A name as somebody gave it: what is none is an error of usage.
pub(super) fn name(text: &str) -> anyhow::Result<Name> {
    Name::new(text).map_err(|error| BadAnswer(error.to_string()).into())
}

/// A number and a name, as in `2=Grace Hopper`.
pub(super) fn part(text: &str) -> anyhow::Result<(usize, Name)> {
    let expected = || {
        BadAnswer(format!(
            "{text:?}: expected NUMBER=NAME, such as 2=Grace Hopper"
        ))
    };
    let (number, rest) = text.split_once('=').with_context(expected)?;
    let number = number.trim().parse().ok().with_context(expected)?;
    Ok((number, name(rest)?))
}

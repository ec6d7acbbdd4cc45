//! What Flickr makes of the texts of tags: learned from its replies.
//!
//! Flickr compares tags by a clean form whose rule it has not published. For a text of ASCII alone the
//! rule is known from recordings; any other text's clean form is known once a reply has shown it.

use std::collections::HashMap;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::{
    flickr::{Tag, is_same_text},
    naming::tag_text::clean_tag,
    store::{FlickrWrite, WriteKind},
};

/// The clean forms of texts.
#[derive(Debug, Clone, Default)]
pub(super) struct TagForms(HashMap<String, String>);

/// Texts that differ in case only are one tag under any rule.
fn key(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").nfc().collect::<String>().to_lowercase()
}

impl TagForms {
    /// What the journal's tags became.
    pub(super) fn of<'a>(entries: impl IntoIterator<Item = &'a FlickrWrite>) -> Self {
        let mut forms = Self::default();
        for entry in entries {
            if let (WriteKind::Tag, Some(clean)) = (entry.kind, &entry.clean) {
                forms.learn(&entry.text, clean);
            }
        }
        forms
    }

    /// Flickr has made `clean` of `text`.
    pub(super) fn learn(&mut self, text: &str, clean: &str) {
        self.0.insert(key(text), clean.to_owned());
    }

    /// The clean form of a text; `None` where only a guess is possible.
    pub(super) fn clean(&self, text: &str) -> Option<String> {
        let learned = self.0.get(&key(text)).cloned();
        learned.or_else(|| text.is_ascii().then(|| clean_tag(text)))
    }

    /// Equal for texts that are one tag to Flickr, as far as is known.
    pub(super) fn id(&self, text: &str) -> String {
        match self.clean(text) {
            Some(clean) => format!("={clean}"),
            None => key(text),
        }
    }

    /// The tag that `text` is or would be on a photo with these tags.
    pub(super) fn find<'a>(&self, tags: &'a [Tag], text: &str) -> Option<&'a Tag> {
        let with_text = |tag: &&Tag| !tag.raw.is_empty() && is_same_text(text, &tag.raw);
        let clean = self.clean(text);
        (tags.iter().find(with_text))
            .or_else(|| {
                let key = key(text);
                tags.iter()
                    .find(|tag| !tag.raw.is_empty() && self::key(&tag.raw) == key)
            })
            .or_else(|| tags.iter().find(|tag| Some(&tag.clean) == clean.as_ref()))
    }

    /// Where `text` is not among the tags after it was added: one that it may have become. Its clean form is
    /// left out where it may as well be another.
    pub(super) fn guess(tags: &[Tag], text: &str) -> Option<Tag> {
        let clean = clean_tag(text);
        if let Some(tag) = tags.iter().find(|tag| tag.clean == clean) {
            return Some(tag.clone());
        }
        let letters = letters(text);
        let mut alike = tags.iter().filter(|tag| self::letters(&tag.raw) == letters);
        let mut found = alike.next().filter(|_| !letters.is_empty())?.clone();
        if alike.next().is_some() {
            found.clean.clear();
        }
        Some(found)
    }
}

/// Letters and digits without marks and accents, in lower case: equal for all texts that any rule makes
/// one, and for some more.
pub(super) fn letters(text: &str) -> String {
    text.nfkd()
        .filter(|c| c.is_alphanumeric() && !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(raw: &str, clean: &str) -> Tag {
        Tag {
            full_id: format!("1-2-{clean}"),
            raw: raw.to_owned(),
            clean: clean.to_owned(),
            author: String::new(),
            machine: false,
        }
    }

    #[test]
    fn ascii_is_known_and_the_rest_is_learned() {
        let mut forms = TagForms::default();
        assert_eq!(forms.clean("Ada O'Neil").as_deref(), Some("adaoneil"));
        assert_eq!(forms.id("Max"), forms.id("max!"));
        assert_eq!(forms.clean("Zoë"), None);
        assert_eq!(forms.id("Zoë"), forms.id("ZOË"));
        assert_ne!(forms.id("Zoë"), forms.id("Zoe"));
        let tags = [tag("Zoe", "zoe"), tag("दीपिका", "दपक")];
        assert_eq!(forms.find(&tags, "Zoë"), None);
        assert_eq!(forms.find(&tags, "दीपिका"), tags.get(1));
        assert_eq!(forms.find(&tags, "ZOE"), tags.first());
        assert_eq!(TagForms::guess(&tags, "Zoë").as_ref(), tags.first());
        forms.learn("Zoë", "zoe");
        assert_eq!(forms.id("zoë"), forms.id("Zoe"));
        assert_eq!(forms.find(&tags, "Zoë"), tags.first());
    }

    #[test]
    fn a_guess_that_may_be_wrong_teaches_nothing() {
        let tags = [tag("Zoe", "zoe"), tag("Zoé", "zoé"), tag("zoë.", "zoë")];
        assert_eq!(TagForms::guess(&tags, "Zoë").as_ref(), tags.last());
        let guess = TagForms::guess(&tags, "Zoè").unwrap();
        assert_eq!((guess.raw.as_str(), guess.clean.as_str()), ("Zoe", ""));
        assert_eq!(TagForms::guess(&tags, "🌻"), None);
        assert_eq!(TagForms::guess(&tags, "Ada"), None);
    }
}

//! A person's name: one spelling in the store, and one idea of which names are the same.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::tag_text::clean_tag;

/// The longest name, in bytes of UTF-8. Flickr's own limit for a tag is not known; names that people
/// bear are far below this.
pub(crate) const MAX_BYTES: usize = 255;

/// A person's name that can be a tag on Flickr.
///
/// In Unicode's form NFC, without white space at the ends, with single spaces inside, without
/// control characters or invisible marks; begins with no `:`, which begins a command.
///
/// Two names that differ in case only are equal in [`Name::key`], not in `==`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing, or only white space.
    #[error("the name is empty")]
    Empty,
    /// Begins as a command does.
    #[error("a name cannot begin with a colon: {0:?}")]
    Colon(String),
    /// Holds a character that shows nothing, so that two names could look the same.
    #[error("a name cannot hold the invisible character U+{code:04X}: {name:?}", code = u32::from(*found))]
    Invisible {
        /// The text.
        name: String,
        /// The first such character.
        found: char,
    },
    /// Longer than 255 bytes of UTF-8.
    #[error("the name has {bytes} bytes, the most is {MAX_BYTES}: {start:?} ...")]
    TooLong {
        /// Its length in UTF-8.
        bytes: usize,
        /// Its first characters.
        start: String,
    },
    /// Flickr would make an empty tag of it.
    #[error("a name needs a letter or a digit, or Flickr cannot keep it as a tag: {0:?}")]
    NoTag(String),
}

impl Name {
    /// Makes a name of what someone typed.
    ///
    /// # Errors
    /// Where it cannot be a name: each [`NameError`] says why.
    pub fn new(text: &str) -> Result<Self, NameError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let name: String = words.join(" ").nfc().collect();
        if name.is_empty() {
            return Err(NameError::Empty);
        }
        if name.len() > MAX_BYTES {
            let start = name.chars().take(20).collect();
            return Err(NameError::TooLong {
                bytes: name.len(),
                start,
            });
        }
        if name.starts_with(':') {
            return Err(NameError::Colon(name));
        }
        if let Some(found) = name.chars().find(|&c| is_invisible(c)) {
            return Err(NameError::Invisible { name, found });
        }
        if clean_tag(&name).is_empty() {
            return Err(NameError::NoTag(name));
        }
        Ok(Self(name))
    }

    /// The name as it is shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as it is compared: equal for names that differ in case only.
    #[must_use]
    pub fn key(&self) -> String {
        // Lowercase can leave NFC: İ becomes i and a dot above.
        self.0.to_lowercase().nfc().collect()
    }
}

/// Control characters, and those marks that shift or hide text. The joiners U+200C and U+200D are
/// not among them: Persian and Indian names need them.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{00AD}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFFD}' | '\u{E0000}'..='\u{E007F}'
        )
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::new(text)
    }
}

impl TryFrom<String> for Name {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        Self::new(&text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_take_one_spelling() {
        let cases = [
            ("Ada Lovelace", "Ada Lovelace"),
            ("  Ada \t  Lovelace\n", "Ada Lovelace"),
            ("Ada\u{a0}Lovelace", "Ada Lovelace"),
            ("Zoe\u{308}", "Zoë"),
            ("山田\u{3000}太郎", "山田 太郎"),
            ("50 Cent", "50 Cent"),
            ("Dr. No :)", "Dr. No :)"),
            ("علی\u{200c}رضا", "علی\u{200c}رضا"),
        ];
        let wrong: Vec<_> = cases
            .iter()
            .map(|&(text, name)| (text, Name::new(text).map(String::from), name))
            .filter(|(_, found, name)| found.as_deref() != Ok(*name))
            .collect();
        assert!(wrong.is_empty(), "(text, found, expected): {wrong:?}");
    }

    #[test]
    fn other_texts_say_why() {
        let long = "ß".repeat(128);
        let cases = [
            ("", "the name is empty"),
            (" \t\n", "the name is empty"),
            (":ada", "a name cannot begin with a colon: \":ada\""),
            (
                "Ada\u{7}",
                "a name cannot hold the invisible character U+0007: \"Ada\\u{7}\"",
            ),
            (
                "\u{202e}Ada",
                "a name cannot hold the invisible character U+202E: \"\\u{202e}Ada\"",
            ),
            (
                long.as_str(),
                "the name has 256 bytes, the most is 255: \"ßßßßßßßßßßßßßßßßßßßß\" ...",
            ),
            (
                "?!",
                "a name needs a letter or a digit, or Flickr cannot keep it as a tag: \"?!\"",
            ),
        ];
        let wrong: Vec<_> = cases
            .iter()
            .map(|&(text, why)| (text, Name::new(text).map_err(|e| e.to_string()), why))
            .filter(|(_, found, why)| found != &Err((*why).to_owned()))
            .collect();
        assert!(wrong.is_empty(), "(text, found, expected): {wrong:?}");
    }

    #[test]
    fn keys_ignore_case_and_composition() {
        let key = |text| Name::new(text).unwrap().key();
        assert_eq!(key("ADA LOVELACE"), key("ada  lovelace"));
        assert_eq!(key("ZOE\u{308}"), key("zoë"));
        assert_ne!(key("Ada Lovelace"), key("AdaLovelace"));
    }

    proptest! {
        #[test]
        fn a_name_is_its_own_spelling(text in "\\PC{0,80}|[ -~]{0,300}") {
            if let Ok(name) = Name::new(&text) {
                prop_assert_eq!(&Name::new(name.as_str()).unwrap(), &name);
                prop_assert!(!clean_tag(name.as_str()).is_empty());
                let json = serde_json::to_string(&name).unwrap();
                prop_assert_eq!(serde_json::from_str::<Name>(&json).unwrap(), name);
            }
        }
    }
}

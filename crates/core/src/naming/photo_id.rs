//! Flickr's number of a photo, as it stands in `tags.json`.

use std::cmp::Ordering;
use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

/// A photo's id: 1 to 20 digits, compared as a number and kept as the text that Flickr gave.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct PhotoId(String);

/// A text that is no photo id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no photo id: expected 1 to 20 digits, as in the address of the photo's page")]
pub struct PhotoIdError(String);

impl PhotoId {
    /// Makes an id of digits.
    ///
    /// # Errors
    /// Where `text` is anything but 1 to 20 digits.
    pub fn new(text: &str) -> Result<Self, PhotoIdError> {
        if (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(PhotoIdError(text.chars().take(40).collect()))
        }
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Ord for PhotoId {
    fn cmp(&self, other: &Self) -> Ordering {
        let digits = |id: &Self| id.0.trim_start_matches('0').len();
        // The text last, so that 07 and 7 are two ids, as they are for ==.
        (digits(self), self.0.trim_start_matches('0'), &self.0).cmp(&(
            digits(other),
            other.0.trim_start_matches('0'),
            &other.0,
        ))
    }
}

impl PartialOrd for PhotoId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for PhotoId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for PhotoId {
    /// From a text, or from a number, as someone who edits the file may write it.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Digits;
        impl Visitor<'_> for Digits {
            type Value = PhotoId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a photo id of digits")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<PhotoId, E> {
                PhotoId::new(text).map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<PhotoId, E> {
                PhotoId::new(&number.to_string()).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Digits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_ordered_as_numbers() {
        let mut ids: Vec<PhotoId> = ["100", "9", "53012345678", "07", "7", "0"]
            .map(|id| PhotoId::new(id).unwrap())
            .into();
        ids.sort();
        let texts: Vec<&str> = ids.iter().map(PhotoId::as_str).collect();
        assert_eq!(texts, ["0", "07", "7", "9", "100", "53012345678"]);
    }

    #[test]
    fn only_digits_are_ids() {
        for text in ["", " 1", "1a", "-1", "１", "1.0", "123456789012345678901"] {
            assert!(PhotoId::new(text).is_err(), "{text:?}");
        }
    }
}

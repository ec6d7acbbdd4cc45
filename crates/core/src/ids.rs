//! Ids of what Flickr and the store keep, each of a type of its own so that none is taken for another.
//!
//! How they are kept in the database is the store's business.

use std::{cmp::Ordering, fmt, str::FromStr};

use serde::{
    Deserialize, Serialize,
    de::{self, Deserializer, Visitor},
};

/// Digits of a [`token`].
pub(crate) const TOKEN_DIGITS: usize = 16;

/// What nothing else is known by: hexadecimal digits.
pub(crate) fn token() -> String {
    format!("{:0TOKEN_DIGITS$x}", rand::random::<u64>())
}

/// An id that is a number given by the store.
macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

number_id! {
    /// A person of the store, named or once named; never given to another.
    PersonId
}

number_id! {
    /// An entry of the journal of decisions, from 1; later ones are higher.
    JournalId
}

/// Flickr's id of a photo: 1 to 20 digits, compared as a number and kept as the text that Flickr gave.
/// It is safe as part of a file name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct PhotoId(String);

/// A text that is not a photo id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a photo id: expected 1 to 20 digits, as in the address of the photo's page")]
pub struct PhotoIdError(String);

/// A face's id: the photo's id and a number, such as `53000000001:2`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FaceId(String);

/// A text that is not a face id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a face id: expected PHOTO:NUMBER, such as 53000000001:2")]
pub struct FaceIdError(String);

/// The start of a text, for messages.
fn excerpt(text: &str) -> String {
    text.chars().take(40).collect()
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl PhotoId {
    /// Makes an id of digits.
    ///
    /// # Errors
    /// Where `text` is anything but 1 to 20 digits.
    pub fn new(text: &str) -> Result<Self, PhotoIdError> {
        if is_digits(text) && text.len() <= 20 {
            Ok(Self(text.to_owned()))
        } else {
            Err(PhotoIdError(excerpt(text)))
        }
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PhotoId {
    type Err = PhotoIdError;

    fn from_str(text: &str) -> Result<Self, PhotoIdError> {
        Self::new(text)
    }
}

impl FaceId {
    /// The face of this number on a photo.
    #[must_use]
    pub fn new(photo: &PhotoId, number: u32) -> Self {
        Self(format!("{photo}:{number}"))
    }

    /// `PHOTO:NUMBER`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FaceId {
    type Err = FaceIdError;

    fn from_str(text: &str) -> Result<Self, FaceIdError> {
        match text.split_once(':') {
            Some((photo, number)) if PhotoId::new(photo).is_ok() && is_digits(number) => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(FaceIdError(excerpt(text))),
        }
    }
}

impl PartialEq<str> for PhotoId {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for PhotoId {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl fmt::Display for FaceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
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
        for text in [
            "",
            " 1",
            "1a",
            "-1",
            "１",
            "1.0",
            "53/../1",
            "../53",
            "123456789012345678901",
        ] {
            assert!(PhotoId::new(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_face_is_a_photo_and_a_number() {
        let cases = [
            ("53000000001:2", true),
            ("1:0", true),
            ("", false),
            (":", false),
            ("1:", false),
            (":1", false),
            ("1", false),
            ("1:2:3", false),
            ("1:-2", false),
            ("a:2", false),
            ("1:2 ", false),
        ];
        let wrong: Vec<_> = cases
            .iter()
            .filter(|(text, is_one)| text.parse::<FaceId>().is_ok() != *is_one)
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}

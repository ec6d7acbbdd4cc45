//! Tags as Flickr keeps them: how a tag string is split, the clean form, the
//! ids and the limit.

use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::account::{FOREIGN_NSID, NSID, OTHER_AUTHOR_NUMBER, TAG_AUTHOR_NUMBER};

/// Which characters of a tag's text are left in its clean form: Flickr has not
/// published its rule, and the scripts that would tell them apart are missing
/// from recordings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CleanRule {
    /// What Unicode counts as alphabetic or numeric: vowel signs stay.
    #[default]
    Alphanumeric,
    /// The categories L* and N* alone: vowel signs of Hindi and Thai, and
    /// those of vocalised Arabic, vanish.
    LettersAndNumbers,
    /// The same, and accents vanish too: `Zoë` is `zoe`.
    Folded,
}

/// A tag on a photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag {
    /// The text as typed.
    pub(crate) raw: String,
    /// The form that Flickr compares and searches.
    pub(crate) clean: String,
    /// Whether it has the form `namespace:predicate=value`.
    pub(crate) machine: bool,
    /// Another member set it, not the owner.
    pub(crate) by_other: bool,
}

impl Tag {
    pub(crate) fn new(raw: &str, rule: CleanRule) -> Self {
        Self {
            raw: raw.to_owned(),
            clean: rule.clean(raw),
            machine: machine_parts(raw).is_some(),
            by_other: false,
        }
    }

    /// NSID of who set it.
    pub(crate) fn author(&self) -> &'static str {
        if self.by_other { FOREIGN_NSID } else { NSID }
    }

    /// The short id: the same for every photo that has the tag.
    pub(crate) fn short_id(&self) -> u64 {
        let digest = Sha1::digest(self.clean.as_bytes());
        let number = digest
            .iter()
            .take(4)
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        number % 900_000_000 + 100
    }

    /// The full id, `{author}-{photo}-{tag}`: what `removeTag` takes.
    pub(crate) fn full_id(&self, photo: u64) -> String {
        let author = match self.by_other {
            true => OTHER_AUTHOR_NUMBER,
            false => TAG_AUTHOR_NUMBER,
        };
        format!("{author}-{photo}-{}", self.short_id())
    }
}

/// Splits the `tags` argument of addTags and setTags.
///
/// Tags are separated by spaces; double quotes keep spaces together, also
/// within a tag (`person:name="Ann Example"`), and are not part of it. With
/// `commas`, a comma outside quotes separates tags instead and spaces do not.
pub(crate) fn split(text: &str, commas: bool) -> Vec<String> {
    let mut tags = Vec::new();
    let mut tag = String::new();
    let mut quoted = false;
    for character in text.chars() {
        match character {
            '"' => quoted = !quoted,
            ',' if commas && !quoted => tags.push(std::mem::take(&mut tag)),
            c if c.is_whitespace() && !quoted && !commas => tags.push(std::mem::take(&mut tag)),
            c => tag.push(c),
        }
    }
    tags.push(tag);
    tags.iter()
        .map(|tag| tag.trim())
        .filter(|tag| !tag.is_empty())
        .map(str::to_owned)
        .collect()
}

impl CleanRule {
    /// Flickr's clean form: NFC, lower case, letters and digits only; of a
    /// machine tag, namespace and predicate are kept and the value is cleaned.
    pub fn clean(self, raw: &str) -> String {
        match machine_parts(raw) {
            Some((namespace, predicate, value)) => format!(
                "{}:{}={}",
                namespace.to_ascii_lowercase(),
                predicate.to_ascii_lowercase(),
                self.clean_text(value)
            ),
            None => self.clean_text(raw),
        }
    }

    /// The clean form of text that is not treated as a machine tag.
    pub(crate) fn clean_text(self, raw: &str) -> String {
        let text: String = match self {
            Self::Alphanumeric | Self::LettersAndNumbers => raw.nfc().collect(),
            Self::Folded => raw.nfd().collect(),
        };
        let kept = |c: &char| match self {
            Self::Alphanumeric => c.is_alphanumeric(),
            // Beyond the two categories, only marks and circled letters count
            // as alphabetic.
            Self::LettersAndNumbers | Self::Folded => {
                c.is_alphanumeric() && !is_combining_mark(*c) && !('Ⓐ'..='ⓩ').contains(c)
            }
        };
        text.chars()
            .flat_map(char::to_lowercase)
            .filter(|c| kept(c) || matches!(c, '§' | '±'))
            .collect()
    }
}

/// Splits `namespace:predicate=value`; namespace and predicate begin with a
/// letter, then letters, digits and underscores.
pub(crate) fn machine_parts(raw: &str) -> Option<(&str, &str, &str)> {
    let (namespace, rest) = raw.split_once(':')?;
    let (predicate, value) = rest.split_once('=')?;
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    (is_name(namespace) && is_name(predicate)).then_some((namespace, predicate, value))
}

/// Adds tags to `present`, all of them or none.
///
/// A tag whose clean form is present stays as it is. Returns the photo's tags
/// for `added`, or `None` if the photo would have more than `limit` tags.
pub(crate) fn add(
    present: &mut Vec<Tag>,
    added: &[String],
    limit: usize,
    rule: CleanRule,
) -> Option<Vec<Tag>> {
    let mut all = present.clone();
    let mut answer = Vec::with_capacity(added.len());
    for raw in added {
        let tag = Tag::new(raw, rule);
        match all.iter().find(|other| other.clean == tag.clean) {
            Some(other) => answer.push(other.clone()),
            None => {
                all.push(tag.clone());
                answer.push(tag);
            }
        }
    }
    if all.len() > limit && all.len() > present.len() {
        return None;
    }
    *present = all;
    Some(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tag_strings_are_split_at_spaces_outside_quotes() {
        struct Case {
            text: &'static str,
            commas: bool,
            tags: &'static [&'static str],
        }
        let cases = [
            Case {
                text: "",
                commas: false,
                tags: &[],
            },
            Case {
                text: "  one  two\t",
                commas: false,
                tags: &["one", "two"],
            },
            Case {
                text: r#"a "two words" b"#,
                commas: false,
                tags: &["a", "two words", "b"],
            },
            Case {
                text: r#""Café noir" person:name="Ann O'Neil" a*b"#,
                commas: false,
                tags: &["Café noir", "person:name=Ann O'Neil", "a*b"],
            },
            Case {
                text: r#""ns:pred=a value""#,
                commas: false,
                tags: &["ns:pred=a value"],
            },
            Case {
                text: r#""never closed tag"#,
                commas: false,
                tags: &["never closed tag"],
            },
            Case {
                text: r#""" " " x"#,
                commas: false,
                tags: &["x"],
            },
            Case {
                text: "one,two",
                commas: false,
                tags: &["one,two"],
            },
            Case {
                text: r#"uploaded:by=me,two words,"a,b""#,
                commas: true,
                tags: &["uploaded:by=me", "two words", "a,b"],
            },
        ];
        let wrong: Vec<_> = cases
            .iter()
            .filter(|case| split(case.text, case.commas) != case.tags)
            .map(|case| format!("{}: {:?}", case.text, split(case.text, case.commas)))
            .collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn clean_forms_follow_the_measured_rule() {
        let cases = [
            ("Wild Life", "wildlife"),
            ("Ann O'Neil-Smith, Jr.", "annoneilsmithjr"),
            ("Cafe\u{301} NOIR", "caf\u{e9}noir"),
            ("ÅNGSTRÖM_1", "ångström1"),
            ("東京 タワー", "東京タワー"),
            ("rock & roll / 2", "rockroll2"),
            ("\u{1f600}", ""),
            ("dc:identifier=http://a.b/C 1", "dc:identifier=httpabc1"),
            ("Person:Name=Ann O'Neil", "person:name=annoneil"),
            ("1a:b=c", "1abc"),
            ("a:b", "ab"),
            ("a:=b", "ab"),
        ];
        let clean = |raw| CleanRule::Alphanumeric.clean(raw);
        let wrong: Vec<_> = cases
            .iter()
            .filter(|(raw, expected)| clean(raw) != *expected)
            .map(|(raw, expected)| format!("{raw}: {} is not {expected}", clean(raw)))
            .collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
        let rules = [
            CleanRule::Alphanumeric,
            CleanRule::LettersAndNumbers,
            CleanRule::Folded,
        ];
        for (raw, expected) in [
            ("Zo\u{eb} K", ["zo\u{eb}k", "zo\u{eb}k", "zoek"]),
            ("दीपिका", ["दीपिका", "दपक", "दपक"]),
            ("مُحَمَّد", ["مُحَمَّد", "محمد", "محمد"]),
            ("Ada \u{1f33b}", ["ada"; 3]),
        ] {
            assert_eq!(rules.map(|rule| rule.clean(raw)), expected, "{raw}");
        }
    }

    #[test]
    fn the_limit_is_all_or_nothing() {
        let rule = CleanRule::default();
        let mut tags = Vec::new();
        let many: Vec<String> = (0..74).map(|n| format!("tag {n}")).collect();
        assert_eq!(add(&mut tags, &many, 75, rule).map(|t| t.len()), Some(74));
        let two = ["x".to_owned(), "y".to_owned()];
        assert_eq!(add(&mut tags, &two, 75, rule), None);
        assert_eq!(tags.len(), 74);
        let same = ["Tag-0".to_owned(), "x".to_owned(), "X!".to_owned()];
        let added = add(&mut tags, &same, 75, rule).unwrap();
        assert_eq!(tags.len(), 75);
        assert_eq!(added[0].raw, "tag 0", "the first writing stays");
        assert!(add(&mut tags, &["TAG 5".to_owned()], 75, rule).is_some());
    }

    #[test]
    fn the_full_id_ends_in_the_short_id() {
        let tag = Tag::new("Ann Example", CleanRule::default());
        let full = tag.full_id(53_000_000_001);
        assert_eq!(
            full,
            format!("{TAG_AUTHOR_NUMBER}-53000000001-{}", tag.short_id())
        );
        assert_eq!(
            tag.short_id(),
            Tag::new("annexample", CleanRule::default()).short_id()
        );
        assert_ne!(
            tag.short_id(),
            Tag::new("bobexample", CleanRule::default()).short_id()
        );
    }
}

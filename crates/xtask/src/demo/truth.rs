//! Who is on which photo of the demo's library, and whether the tags say the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Names or tags by the title of the photo.
pub type ByTitle = BTreeMap<String, BTreeSet<String>>;

/// The names of the people on each photo.
pub struct Truth(ByTitle);

impl Truth {
    /// Reads a JSON object: title -> names.
    ///
    /// # Errors
    ///
    /// The file cannot be read or is something else.
    pub fn read(path: &Path) -> Result<Self> {
        let context = || path.display().to_string();
        let text = fs::read(path).with_context(context)?;
        let photos: Value = serde_json::from_slice(&text).with_context(context)?;
        let photos = photos
            .as_object()
            .context("expected an object")
            .with_context(context)?;
        let names = |(title, names): (&String, &Value)| Some((title.clone(), strings(names)?));
        let names: Option<ByTitle> = photos.iter().map(names).collect();
        Ok(Self(
            names
                .context("expected lists of names")
                .with_context(context)?,
        ))
    }

    /// How many photos there are, with and without people.
    pub fn photos(&self) -> usize {
        self.0.len()
    }

    /// All names, the one with most photos first: the order in which clusters are shown.
    ///
    /// # Errors
    ///
    /// Two people have the same number of photos, so that the order would not tell them apart.
    pub fn names_most_photos_first(&self) -> Result<Vec<String>> {
        let mut photos = BTreeMap::<&String, usize>::new();
        for name in self.0.values().flatten() {
            *photos.entry(name).or_default() += 1;
        }
        let mut names: Vec<_> = photos.into_iter().collect();
        names.sort_by_key(|(_, photos)| std::cmp::Reverse(*photos));
        if let Some([(one, photos), (other, _)]) = names
            .array_windows()
            .find(|[(_, more), (_, fewer)]| more == fewer)
        {
            bail!("{one} and {other} have {photos} photos each: the larger cluster is neither's");
        }
        Ok(names.into_iter().map(|(name, _)| name.clone()).collect())
    }

    /// Puts the tags beside the truth.
    pub fn compare(&self, tags: &ByTitle) -> Comparison {
        let titles: BTreeSet<_> = self.0.keys().chain(tags.keys()).collect();
        let row = |title: &&String| Row {
            title: (*title).clone(),
            expected: self.0.get(*title).cloned(),
            found: tags.get(*title).cloned(),
        };
        Comparison(titles.iter().map(row).collect())
    }
}

/// The tags in the sandbox's reply: `{ID: {"title": TITLE, "tags": [TAG, ...]}}`.
///
/// # Errors
///
/// The reply is something else, or two photos have one title.
pub fn tags(reply: &[u8]) -> Result<ByTitle> {
    let expected = r#"flickr-sandbox's tags: expected {ID: {"title": TITLE, "tags": [TAG, ...]}}"#;
    let reply: Value = serde_json::from_slice(reply).context(expected)?;
    let mut by_title = ByTitle::new();
    for (id, photo) in reply.as_object().context(expected)? {
        let about = || format!("{expected}, found otherwise for photo {id}");
        let title = photo["title"].as_str().with_context(about)?.to_owned();
        let tags = strings(&photo["tags"]).with_context(about)?;
        if by_title.insert(title.clone(), tags).is_some() {
            bail!("flickr-sandbox's tags: two photos are titled `{title}`");
        }
    }
    Ok(by_title)
}

fn strings(list: &Value) -> Option<BTreeSet<String>> {
    let text = |item: &Value| item.as_str().map(str::to_owned);
    list.as_array()?.iter().map(text).collect()
}

/// The truth and the tags photo by photo; displayed as a table.
pub struct Comparison(Vec<Row>);

struct Row {
    title: String,
    /// `None`: no photo of this title should be there.
    expected: Option<BTreeSet<String>>,
    /// `None`: no photo of this title is there.
    found: Option<BTreeSet<String>>,
}

impl Row {
    fn agrees(&self) -> bool {
        self.expected == self.found
    }
}

impl Comparison {
    /// Whether every photo has just the tags it should have.
    pub fn agree(&self) -> bool {
        self.0.iter().all(Row::agrees)
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |names: &Option<BTreeSet<String>>| match names {
            None => "(no such photo)".to_owned(),
            Some(names) if names.is_empty() => "-".to_owned(),
            Some(names) => names
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(", "),
        };
        let head = ["photo", "expected", "on Flickr", "ok"].map(str::to_owned);
        let rows = self.0.iter().map(|row| {
            let ok = if row.agrees() { "yes" } else { "NO" };
            [
                row.title.clone(),
                list(&row.expected),
                list(&row.found),
                ok.to_owned(),
            ]
        });
        let table: Vec<_> = std::iter::once(head).chain(rows).collect();
        let width = |column: usize| {
            let widths = table.iter().map(|row| row[column].chars().count());
            widths.max().unwrap_or(0)
        };
        let [title, expected, found] = [0, 1, 2].map(width);
        for row in &table {
            writeln!(
                out,
                "{:title$}  {:expected$}  {:found$}  {}",
                row[0], row[1], row[2], row[3]
            )?;
        }
        let right = self.0.iter().filter(|row| row.agrees()).count();
        write!(
            out,
            "{right} of {} photos have the tags they should have",
            self.0.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_title(photos: &[(&str, &[&str])]) -> ByTitle {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        photos
            .iter()
            .map(|(title, names)| ((*title).to_owned(), set(names)))
            .collect()
    }

    #[test]
    fn the_tags_agree_only_when_every_photo_has_just_its_names() {
        struct Case {
            why: &'static str,
            tags: &'static [(&'static str, &'static [&'static str])],
            agree: bool,
        }
        let truth = Truth(by_title(&[("a", &["Ann B", "Cy"]), ("hills", &[])]));
        let cases = [
            Case {
                why: "equal",
                tags: &[("a", &["Cy", "Ann B"]), ("hills", &[])],
                agree: true,
            },
            Case {
                why: "a name lacks",
                tags: &[("a", &["Cy"]), ("hills", &[])],
                agree: false,
            },
            Case {
                why: "one too many",
                tags: &[("a", &["Cy", "Ann B"]), ("hills", &["Cy"])],
                agree: false,
            },
            Case {
                why: "a name in two parts",
                tags: &[("a", &["Cy", "Ann", "B"]), ("hills", &[])],
                agree: false,
            },
            Case {
                why: "a photo lacks",
                tags: &[("a", &["Cy", "Ann B"])],
                agree: false,
            },
            Case {
                why: "a photo too many",
                tags: &[("a", &["Cy", "Ann B"]), ("hills", &[]), ("x", &[])],
                agree: false,
            },
            Case {
                why: "nothing",
                tags: &[],
                agree: false,
            },
        ];
        let wrong: Vec<_> = cases
            .iter()
            .filter(|case| truth.compare(&by_title(case.tags)).agree() != case.agree)
            .map(|case| case.why)
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn the_table_shows_what_differs() {
        let truth = Truth(by_title(&[("a", &["Ann B", "Cy"]), ("hills", &[])]));
        let table = truth.compare(&by_title(&[("a", &["Cy"]), ("hills", &[])]));
        let expected = [
            "photo  expected   on Flickr  ok",
            "a      Ann B, Cy  Cy         NO",
            "hills  -          -          yes",
            "1 of 2 photos have the tags they should have",
        ];
        assert_eq!(table.to_string(), expected.join("\n"));
    }

    #[test]
    fn names_come_in_the_order_of_their_clusters() {
        let photos: &[(&str, &[&str])] = &[
            ("1", &["Ann"]),
            ("2", &["Bo", "Ann"]),
            ("3", &["Bo", "Cy"]),
            ("4", &["Bo"]),
            ("5", &[]),
        ];
        let names = Truth(by_title(photos)).names_most_photos_first().unwrap();
        assert_eq!(names, ["Bo", "Ann", "Cy"]);
        let error = Truth(by_title(&photos[..3]))
            .names_most_photos_first()
            .unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("Ann and Bo have 2 photos each"),
            "{error}"
        );
    }

    #[test]
    fn the_sandboxs_reply_is_read_by_title() {
        let reply =
            r#"{"7": {"title": "a", "tags": ["Ann B", "x"]}, "8": {"title": "b", "tags": []}}"#;
        assert_eq!(
            tags(reply.as_bytes()).unwrap(),
            by_title(&[("a", &["Ann B", "x"]), ("b", &[])])
        );
        for wrong in [
            "<html>",
            "[]",
            r#"{"7": {"title": "a"}}"#,
            r#"{"7": {"tags": []}}"#,
            r#"{"7": {"title": "a", "tags": [1]}}"#,
            r#"{"7": {"title": "a", "tags": []}, "8": {"title": "a", "tags": []}}"#,
        ] {
            assert!(tags(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}

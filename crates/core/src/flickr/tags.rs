//! How a tag's text is written in a call to flickr.photos.addTags. Comparing tags in their clean
//! form is the naming module's job.

use super::error::{Error, Result};

/// Tags that Flickr lets a photo have, as it announced in 2007.
pub(crate) const MAX_TAGS: usize = 75;

/// One string for the `tags` argument: each tag in double quotes, separated by a space. Quoted, a
/// tag keeps its spaces and commas and stays one tag.
///
/// How Flickr reads a quote inside quotes is not documented: an inner `"` becomes `'`, which makes
/// no difference to the tag's clean form. White space collapses to one space.
///
/// # Errors
/// [`Error::BadArgument`] for no tag, or one without a letter or digit: Flickr would make it
/// nothing.
pub(super) fn quote<T: AsRef<str>>(tags: &[T]) -> Result<String> {
    let bad = |found: &str, expected| Error::BadArgument {
        what: "tag",
        found: found.to_owned(),
        expected,
    };
    if tags.is_empty() {
        return Err(bad("", "at least one tag"));
    }
    let mut quoted = Vec::with_capacity(tags.len());
    for tag in tags {
        let tag = tag.as_ref();
        if !tag.chars().any(char::is_alphanumeric) {
            return Err(bad(tag, "a text with a letter or digit"));
        }
        let spaced: String = tag
            .chars()
            .map(|c| match c {
                '"' => '\'',
                c if c.is_control() => ' ',
                c => c,
            })
            .collect();
        let words: Vec<&str> = spaced.split_whitespace().collect();
        quoted.push(format!("\"{}\"", words.join(" ")));
    }
    Ok(quoted.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tag_stays_one_tag() {
        let cases: [(&[&str], &str); 6] = [
            (&["Ada"], r#""Ada""#),
            (&["Ada Lovelace", "Café"], r#""Ada Lovelace" "Café""#),
            (
                &[r#"Dwayne "The Rock" Johnson"#],
                r#""Dwayne 'The Rock' Johnson""#,
            ),
            (&["a, b"], r#""a, b""#),
            (&["  two\n\tlines\u{a0}x "], r#""two lines x""#),
            (&["李小龙"], r#""李小龙""#),
        ];
        let wrong: Vec<_> = cases
            .iter()
            .map(|(tags, expected)| (quote(tags).unwrap(), expected))
            .filter(|(found, expected)| found != *expected)
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn a_tag_of_nothing_is_refused() {
        let cases: [&[&str]; 5] = [&[], &[""], &["Ada", " "], &["\"\""], &["!?"]];
        for tags in cases {
            assert!(
                matches!(quote(tags), Err(Error::BadArgument { what: "tag", .. })),
                "{tags:?}"
            );
        }
    }
}

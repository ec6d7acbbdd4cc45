//! How a tag's text is written in a call to flickr.photos.addTags. Comparing tags in their clean
//! form is the naming module's job.

use unicode_normalization::UnicodeNormalization;

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
        quoted.push(format!("\"{}\"", as_sent(tag)));
    }
    Ok(quoted.join(" "))
}

/// A tag's text without what cannot stand in a call.
fn as_sent(tag: &str) -> String {
    let spaced: String = tag
        .chars()
        .map(|c| match c {
            '"' => '\'',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect();
    let words: Vec<&str> = spaced.split_whitespace().collect();
    words.join(" ")
}

/// Whether Flickr shows `sent` again as `shown`, letter by letter: but for what [`quote`] changes, and for
/// the HTML entities that its replies hold now and then.
pub(crate) fn is_same_text(sent: &str, shown: &str) -> bool {
    let plain = |text: &str| {
        let text = [
            ("&quot;", "\""),
            ("&#39;", "'"),
            ("&#039;", "'"),
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&amp;", "&"),
        ]
        .into_iter()
        .fold(text.to_owned(), |text, (entity, sign)| {
            text.replace(entity, sign)
        });
        as_sent(&text).nfc().collect::<String>()
    };
    plain(sent) == plain(shown)
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
    fn what_was_sent_is_known_again() {
        let same = [
            ("Ada Lovelace", "Ada Lovelace"),
            ("Dwayne \"The Rock\"", "Dwayne 'The Rock'"),
            ("Groß & Söhne", "Groß &amp; Söhne"),
            ("O'Hara", "O&#039;Hara"),
            ("Zoë", "Zoe\u{308}"),
        ];
        for (sent, shown) in same {
            assert!(is_same_text(sent, shown), "{sent} {shown}");
        }
        for shown in ["ada lovelace", "Ada-Lovelace", "AdaLovelace", ""] {
            assert!(!is_same_text("Ada Lovelace", shown), "{shown}");
        }
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

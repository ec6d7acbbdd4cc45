//! The proof that a person approved: out of what is typed or pasted, or out of a redirect.

use secrecy::SecretString;
use url::Url;

use super::error::{Error, Result};

/// What the redirect's query holds, or the page shows.
#[derive(Debug, Clone)]
pub(super) struct Pasted {
    /// `oauth_verifier`: 16 hex digits of a redirect, or the nine-digit code as `123-456-789`.
    pub verifier: SecretString,
    /// `oauth_token`, if it was a URL: the sign-in that it belongs to.
    pub token: Option<SecretString>,
}

/// Reads the nine-digit code (with or without dashes or spaces), the whole redirected URL (http or
/// https; the page itself need not have loaded), or its query alone.
///
/// # Errors
/// [`Error::NoVerifier`], which does not repeat the text.
pub(crate) fn parse_pasted(text: &str) -> Result<Pasted> {
    // Terminals and chat programs add quotes and brackets around URLs.
    let text = text.trim().trim_matches(['"', '\'', '<', '>']).trim();
    if text.is_empty() {
        return Err(no("nothing"));
    }
    if text.contains("oauth_verifier=") || text.contains("://") {
        return of_url(text);
    }
    let code: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    if code.chars().all(|c| c.is_ascii_digit()) && code.len() == 9 {
        // With dashes is the form that Flickr is known to take.
        let dashed = format!("{}-{}-{}", &code[..3], &code[3..6], &code[6..]);
        return Ok(Pasted {
            verifier: dashed.into(),
            token: None,
        });
    }
    if code.len() == 16 && code.chars().all(|c| c.is_ascii_hexdigit()) {
        return Ok(Pasted {
            verifier: code.into(),
            token: None,
        });
    }
    Err(no(&format!("{} characters", text.chars().count())))
}

fn of_url(text: &str) -> Result<Pasted> {
    let query = match Url::parse(text) {
        Ok(url) => url.query().unwrap_or_default().to_owned(),
        Err(_) => text.rsplit('?').next().unwrap_or_default().to_owned(),
    };
    of_query(&query).ok_or_else(|| no("an address without oauth_verifier"))
}

/// Reads `oauth_token=..&oauth_verifier=..`; `None` without a verifier.
pub(crate) fn of_query(query: &str) -> Option<Pasted> {
    let mut verifier = None;
    let mut token = None;
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "oauth_verifier" => verifier = Some(value.into_owned()),
            "oauth_token" => token = Some(value.into_owned().into()),
            _ => {}
        }
    }
    let verifier = verifier.filter(|verifier| !verifier.is_empty())?.into();
    Some(Pasted { verifier, token })
}

fn no(found: &str) -> Error {
    Error::NoVerifier {
        found: found.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn codes_and_addresses_are_read() {
        // text, verifier, token
        let cases = [
            ("123-456-789", Some(("123-456-789", None))),
            ("123456789", Some(("123-456-789", None))),
            (" 123 456 789\n", Some(("123-456-789", None))),
            ("0011223344556677", Some(("0011223344556677", None))),
            (
                "http://127.0.0.1:4000/?oauth_token=7-a&oauth_verifier=00ff",
                Some(("00ff", Some("7-a"))),
            ),
            (
                "https://127.0.0.1:4000/?oauth_token=7-a&oauth_verifier=00ff",
                Some(("00ff", Some("7-a"))),
            ),
            (
                "\"http://127.0.0.1:4000/?oauth_verifier=00ff&x=1#top\"",
                Some(("00ff", None)),
            ),
            (
                "127.0.0.1:4000/?oauth_token=7-a&oauth_verifier=00ff",
                Some(("00ff", Some("7-a"))),
            ),
            (
                "oauth_token=7-a&oauth_verifier=00ff",
                Some(("00ff", Some("7-a"))),
            ),
            ("", None),
            ("12345678", None),
            ("1234567890", None),
            ("abc-def-ghi", None),
            ("yes", None),
            ("https://www.flickr.com/", None),
            (
                "http://127.0.0.1:4000/?oauth_token=7-a&oauth_verifier=",
                None,
            ),
            ("１２３４５６７８９", None),
        ];
        let mut wrong = Vec::new();
        for (text, expected) in cases {
            let found = parse_pasted(text).ok();
            let found = found.as_ref().map(|pasted| {
                (
                    pasted.verifier.expose_secret(),
                    pasted.token.as_ref().map(ExposeSecret::expose_secret),
                )
            });
            if found != expected {
                wrong.push(format!("{text}: {found:?}"));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        let error = parse_pasted("hunter2secret").unwrap_err().to_string();
        assert!(
            !error.contains("hunter2") && error.contains("13 characters"),
            "{error}"
        );
    }
}

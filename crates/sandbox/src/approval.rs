//! Approves a sign-in, as a person in a browser would.
//!
//! Opens the authorize page, presses its button and follows where that leads,
//! but only on this machine: no program may approve access to a real account.

use std::time::Duration;

use reqwest::header::LOCATION;
use reqwest::{Client, redirect};
use url::{Host, Url};

/// Why nothing was approved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApproveError {
    /// The address cannot be read.
    #[error("\"{address}\" is not an address: {source}")]
    Address {
        /// The text.
        address: String,
        /// What is wrong with it.
        source: url::ParseError,
    },
    /// The address is not on this machine.
    #[error(
        "{url} is not on this machine; only http://127.0.0.1 and http://localhost are approved"
    )]
    NotLocal {
        /// The address.
        url: Url,
    },
    /// The page does not ask for approval.
    #[error("{url} does not ask for approval; the page says: {text}")]
    NoForm {
        /// The page's address.
        url: Url,
        /// The text of the page.
        text: String,
    },
    /// A page cannot be loaded.
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    /// The page after the button is neither a redirect nor shows a code.
    #[error("{url} shows no code after approval; the page says: {text}")]
    NoCode {
        /// The page's address.
        url: Url,
        /// The text of the page.
        text: String,
    },
}

/// What the approval led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approval {
    /// The browser was sent back to the application.
    Callback {
        /// Where to, with `oauth_token` and `oauth_verifier`.
        url: Url,
        /// Status that the application answered.
        status: u16,
    },
    /// The page shows a code of nine digits to type into the application.
    Code(String),
}

/// Approves what the authorize page at `address` asks for.
///
/// # Errors
/// If the address is not on this machine, a page cannot be loaded, or it is
/// not the expected one.
pub async fn approve(address: &str) -> Result<Approval, ApproveError> {
    let url = local(address, Url::parse(address))?;
    let client = client()?;
    let page = client.get(url.clone()).send().await?.text().await?;
    let Some((action, mut fields)) = form(&page) else {
        let text = visible_text(&page);
        return Err(ApproveError::NoForm { url, text });
    };
    let target = local(&action, url.join(&action))?;
    fields.push(("action".to_owned(), "approve".to_owned()));
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let request = client
        .post(target.clone())
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    let answer = request.send().await?;
    let location = answer.headers().get(LOCATION);
    if let Some(location) = location.and_then(|value| value.to_str().ok()) {
        let url = local(location, target.join(location))?;
        let status = client.get(url.clone()).send().await?.status().as_u16();
        return Ok(Approval::Callback { url, status });
    }
    let page = answer.text().await?;
    code(&page)
        .map(Approval::Code)
        .ok_or_else(|| ApproveError::NoCode {
            url: target,
            text: visible_text(&page),
        })
}

fn client() -> reqwest::Result<Client> {
    // Nothing here uses TLS, but the client needs a provider; an error means
    // that one is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .tls_certs_only([])
        .timeout(Duration::from_secs(30))
        .build()
}

/// The address, if it is on this machine.
fn local(address: &str, parsed: Result<Url, url::ParseError>) -> Result<Url, ApproveError> {
    let url = parsed.map_err(|source| ApproveError::Address {
        address: address.to_owned(),
        source,
    })?;
    let is_local = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if is_local && url.scheme() == "http" {
        Ok(url)
    } else {
        Err(ApproveError::NotLocal { url })
    }
}

/// Action and hidden fields of the page's form, if it has a button to approve.
fn form(page: &str) -> Option<(String, Vec<(String, String)>)> {
    let (_, rest) = page.split_once("<form")?;
    let (form, _) = rest.split_once("</form>")?;
    let (head, body) = form.split_once('>')?;
    if !body.contains("value=\"approve\"") {
        return None;
    }
    let fields = body
        .split("<input")
        .skip(1)
        .filter_map(|input| input.split_once('>'))
        .filter_map(|(input, _)| Some((attribute(input, "name")?, attribute(input, "value")?)))
        .collect();
    Some((attribute(head, "action")?, fields))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    let value = quick_xml::escape::unescape(value).ok()?;
    Some(value.into_owned())
}

/// The code in the page's element `verifier`.
fn code(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("id=\"verifier\">")?;
    let (code, _) = rest.split_once('<')?;
    Some(code.trim().to_owned()).filter(|code| !code.is_empty())
}

/// The words of a page without its tags, at most 300 characters.
fn visible_text(page: &str) -> String {
    let body = page.split_once("<body").map_or(page, |(_, body)| body);
    let texts = body
        .split('<')
        .map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    let words: Vec<&str> = texts.flat_map(str::split_whitespace).collect();
    words.join(" ").chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_this_machine_is_approved() {
        for address in [
            "https://www.flickr.com/services/oauth/authorize?oauth_token=x",
            "http://127.0.0.1.example.com/",
            "https://127.0.0.1/",
        ] {
            let error = approve(address).await.unwrap_err();
            assert!(matches!(error, ApproveError::NotLocal { .. }), "{error}");
        }
        let error = approve("no address").await.unwrap_err();
        assert!(matches!(error, ApproveError::Address { .. }), "{error}");
    }

    #[test]
    fn forms_and_words_are_read_from_pages() {
        let page = "<html><body class=\"x\"><p>May it?</p><form method=\"post\" action=\"/a?b=1&amp;c=2\">\
            <input type=\"hidden\" name=\"t\" value=\"1&lt;2\"><button name=\"action\" value=\"approve\">OK</button>\
            </form></body></html>";
        let (action, fields) = form(page).unwrap();
        assert_eq!(action, "/a?b=1&c=2");
        assert_eq!(fields, [("t".to_owned(), "1<2".to_owned())]);
        assert_eq!(visible_text(page), "May it? OK");
        assert_eq!(form("<form action=\"/\"></form>"), None);
    }
}

//! Plays the person who approves an application in a browser.
//!
//! Opens the authorize page, presses its button and follows where that leads,
//! but only on this machine: a real account is never approved by a program.

use std::time::Duration;

use reqwest::header::LOCATION;
use reqwest::{Client, Response, redirect};
use url::{Host, Url};

/// Why nothing was approved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApproveError {
    /// The address cannot be read.
    #[error("\"{address}\" is not an address: {source}")]
    Address {
        /// What was given.
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
    /// A page cannot be had.
    #[error("no answer from {url}: {source}")]
    Http {
        /// The address.
        url: Url,
        /// What went wrong.
        source: reqwest::Error,
    },
    /// The page after the button is neither a redirect nor shows a code.
    #[error("{url} shows no code after approval; the page says: {text}")]
    NoCode {
        /// The page's address.
        url: Url,
        /// The text of the page.
        text: String,
    },
}

/// What approving led to.
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
/// Where the address is not on this machine, a page cannot be had, or it is
/// not the page that was expected.
pub async fn approve(address: &str) -> Result<Approval, ApproveError> {
    let url = Url::parse(address).map_err(|source| ApproveError::Address {
        address: address.to_owned(),
        source,
    })?;
    check_local(&url)?;
    let client = client(&url)?;
    let page = text(&url, send(&url, client.get(url.clone())).await?).await?;
    let (action, fields) = form(&page).ok_or_else(|| ApproveError::NoForm {
        url: url.clone(),
        text: visible_text(&page),
    })?;
    let target = url.join(&action).map_err(|source| ApproveError::Address {
        address: action,
        source,
    })?;
    check_local(&target)?;
    let pressed = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .chain([("action", "approve")]);
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pressed)
        .finish();
    let request = client
        .post(target.clone())
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    let answer = send(&target, request).await?;
    let location = answer
        .headers()
        .get(LOCATION)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let Some(location) = location else {
        let page = text(&target, answer).await?;
        return code(&page)
            .map(Approval::Code)
            .ok_or_else(|| ApproveError::NoCode {
                url: target,
                text: visible_text(&page),
            });
    };
    let callback = target
        .join(&location)
        .map_err(|source| ApproveError::Address {
            address: location,
            source,
        })?;
    check_local(&callback)?;
    let status = send(&callback, client.get(callback.clone()))
        .await?
        .status();
    Ok(Approval::Callback {
        url: callback,
        status: status.as_u16(),
    })
}

fn client(url: &Url) -> Result<Client, ApproveError> {
    // Nothing here goes over TLS, yet the client is not built without a
    // provider; an error means that there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .tls_certs_only([])
        .timeout(Duration::from_secs(30))
        .build()
        .map_err(|source| ApproveError::Http {
            url: url.clone(),
            source,
        })
}

fn check_local(url: &Url) -> Result<(), ApproveError> {
    let is_local = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if is_local && url.scheme() == "http" {
        Ok(())
    } else {
        Err(ApproveError::NotLocal { url: url.clone() })
    }
}

async fn send(url: &Url, request: reqwest::RequestBuilder) -> Result<Response, ApproveError> {
    request.send().await.map_err(|source| ApproveError::Http {
        url: url.clone(),
        source,
    })
}

async fn text(url: &Url, response: Response) -> Result<String, ApproveError> {
    response.text().await.map_err(|source| ApproveError::Http {
        url: url.clone(),
        source,
    })
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
    Some(
        value
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&amp;", "&"),
    )
}

/// The code in the page's element `verifier`.
fn code(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("id=\"verifier\">")?;
    let (code, _) = rest.split_once('<')?;
    Some(code.trim().to_owned()).filter(|code| !code.is_empty())
}

/// The words of a page, tags left out, at most 300 characters.
fn visible_text(page: &str) -> String {
    let body = page.split_once("<body").map_or(page, |(_, body)| body);
    let words: String = body
        .split('<')
        .map(|part| part.split_once('>').map_or(part, |(_, text)| text))
        .collect::<Vec<_>>()
        .join(" ");
    let words: Vec<&str> = words.split_whitespace().collect();
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

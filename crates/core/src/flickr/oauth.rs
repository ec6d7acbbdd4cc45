//! Sign-in by OAuth 1.0a (RFC 5849): a request token, a person's approval in a browser, an access
//! token. Flickr's differences: `perms` must be sent, or the page is an error; a repeated
//! access_token call is refused, so a lost answer means starting again.
//!
//! Not its job: opening the browser and talking to the person.

use std::sync::Arc;

use oauth1_request::Credentials;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::client::{Call, Client};
use super::error::{Error, Result};
use super::fault::{Fault, Reply, RetryWhen};
use super::keys::AccessToken;
use super::retry::Effect;
use super::verifier::parse_pasted;
use crate::boxed;

/// The callback that makes Flickr show a nine-digit code instead of redirecting.
pub const OUT_OF_BAND: &str = "oob";

/// The three steps of signing in, through a client.
#[derive(Debug, Clone)]
pub struct SignIn {
    client: Arc<Client>,
}

/// The first step's result: it stands for one sign-in.
#[derive(Debug, Clone)]
pub struct RequestToken {
    token: SecretString,
    secret: SecretString,
}

impl RequestToken {
    /// `oauth_token`: what a redirect must bring along.
    pub fn token(&self) -> &SecretString {
        &self.token
    }

    /// The verifier in `text`, typed or pasted by a person.
    ///
    /// # Errors
    /// [`Error::NoVerifier`], also for the URL of another sign-in.
    pub fn verifier_of(&self, text: &str) -> Result<SecretString> {
        let pasted = parse_pasted(text)?;
        match pasted.token {
            Some(token) if token.expose_secret() != self.token.expose_secret() => {
                Err(Error::NoVerifier {
                    found: "the address of another sign-in".to_owned(),
                })
            }
            _ => Ok(pasted.verifier),
        }
    }
}

impl SignIn {
    /// Sends nothing yet.
    pub fn new(client: Arc<Client>) -> Self {
        Self { client }
    }

    /// First step. `callback` is where Flickr sends the browser, or [`OUT_OF_BAND`].
    ///
    /// # Errors
    /// [`Error::BadKey`], [`Error::SignatureRefused`] (a wrong API secret), [`Error::Clock`];
    /// those of the client.
    #[boxed]
    pub async fn request_token(&self, callback: &str) -> Result<RequestToken> {
        let call = Call {
            method: "request_token",
            url: self.client.endpoints().request_token(),
            effect: Effect::Read,
            params: vec![],
            token: None,
            callback: Some(callback),
            verifier: None,
        };
        let pairs = self.client.send(&call, pairs).await?;
        let [token, secret] = required(&call, &pairs, ["oauth_token", "oauth_token_secret"])?;
        Ok(RequestToken {
            token: token.into(),
            secret: secret.into(),
        })
    }

    /// Second step: the page for the person's browser; always asks for write permission.
    pub fn authorize_url(&self, token: &RequestToken) -> Url {
        let mut url = self.client.endpoints().authorize().clone();
        url.query_pairs_mut()
            .append_pair("oauth_token", token.token.expose_secret())
            .append_pair("perms", "write");
        url
    }

    /// Third step: trades the approval for an access token.
    ///
    /// # Errors
    /// [`Error::TokenRevoked`] or [`Error::SignInRefused`] for a wrong or used verifier,
    /// [`Error::AnswerLost`]: start again from the first step. Those of the client.
    #[boxed]
    pub async fn access_token(
        &self,
        token: RequestToken,
        verifier: &SecretString,
    ) -> Result<AccessToken> {
        let call = Call {
            method: "access_token",
            url: self.client.endpoints().access_token(),
            // It spends the request token: not to be repeated.
            effect: Effect::Write,
            params: vec![],
            token: Some(Credentials::new(
                token.token.expose_secret(),
                token.secret.expose_secret(),
            )),
            callback: None,
            verifier: Some(verifier.expose_secret()),
        };
        let pairs = self.client.send(&call, pairs).await?;
        let [token, secret, nsid] = required(
            &call,
            &pairs,
            ["oauth_token", "oauth_token_secret", "user_nsid"],
        )?;
        let optional = |name| value(&pairs, name).unwrap_or_default().to_owned();
        Ok(AccessToken {
            token: token.into(),
            secret: secret.into(),
            nsid: nsid.to_owned(),
            username: optional("username"),
            fullname: optional("fullname"),
        })
    }
}

type Pairs = Vec<(String, String)>;

/// Reads a form-encoded reply.
fn pairs(reply: &Reply<'_>) -> std::result::Result<Pairs, Fault> {
    let pairs: Pairs = url::form_urlencoded::parse(reply.body)
        .into_owned()
        .collect();
    if value(&pairs, "oauth_token").is_some() {
        return Ok(pairs);
    }
    // A problem with status 200 is not known of Flickr, but says more than "unexpected".
    if let Some(problem) = value(&pairs, "oauth_problem") {
        let problem: String = problem
            .chars()
            .filter(|c| c.is_ascii_lowercase() || *c == '_')
            .collect();
        return Err(Fault::never(Error::SignInRefused {
            step: reply.method.to_owned(),
            problem,
        }));
    }
    let mut error = reply.unexpected("oauth_token=...");
    let is_name = |name: &str| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let names: Vec<&str> = pairs
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| is_name(name) && name.starts_with("oauth_"))
        .collect();
    if let Error::UnexpectedReply { excerpt, .. } = &mut error
        && !names.is_empty()
    {
        // A piece of a good reply: its names may be shown, its values are secrets not known here.
        *excerpt = format!("fields {}", names.join(", "));
    }
    Err(Fault {
        error,
        retry: RetryWhen::Later,
    })
}

fn value<'a>(pairs: &'a Pairs, name: &str) -> Option<&'a str> {
    pairs
        .iter()
        .find(|(key, value)| key == name && !value.is_empty())
        .map(|(_, value)| value.as_str())
}

fn required<'a, const N: usize>(
    call: &Call<'_>,
    pairs: &'a Pairs,
    names: [&str; N],
) -> Result<[&'a str; N]> {
    let mut values = [""; N];
    for (slot, name) in values.iter_mut().zip(names) {
        *slot = value(pairs, name).ok_or_else(|| Error::SignInRefused {
            step: call.method.to_owned(),
            problem: format!("the reply has no {name}"),
        })?;
    }
    Ok(values)
}

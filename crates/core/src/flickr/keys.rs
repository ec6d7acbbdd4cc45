//! The API key and the access token in memory. Debug shows nothing of them.

use oauth1_request::Credentials;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::text::hexadecimal;

/// The key and secret of an application, from <https://www.flickr.com/services/apps/create/>.
#[derive(Debug, Clone)]
pub struct ApiKey {
    key: SecretString,
    secret: SecretString,
}

impl ApiKey {
    /// White space around either is dropped: it comes with copying from a web page.
    pub fn new(key: &str, secret: &str) -> Self {
        Self {
            key: key.trim().into(),
            secret: secret.trim().into(),
        }
    }

    /// SHA-256 of the key in hex: tells keys apart without showing them.
    pub(crate) fn fingerprint(&self) -> String {
        hexadecimal(&Sha256::digest(self.key.expose_secret().as_bytes()))
    }

    pub(crate) fn credentials(&self) -> Credentials<&str> {
        Credentials::new(self.key.expose_secret(), self.secret.expose_secret())
    }
}

/// What Flickr gave for a person's approval: it acts in the person's name.
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// `oauth_token`.
    pub token: SecretString,
    /// `oauth_token_secret`.
    pub secret: SecretString,
    /// The account's id, like `12345678@N00`.
    pub nsid: String,
    /// The account's screen name.
    pub username: String,
    /// The person's full name; may be empty.
    pub fullname: String,
}

impl AccessToken {
    pub(crate) fn credentials(&self) -> Credentials<&str> {
        Credentials::new(self.token.expose_secret(), self.secret.expose_secret())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let key = ApiKey::new(" the-key\n", "the-secret");
        let token = AccessToken {
            token: "the-token".into(),
            secret: "the-other".into(),
            nsid: "1@N00".into(),
            username: "ann".into(),
            fullname: String::new(),
        };
        let shown = format!("{key:?} {token:?} {key:#?} {token:#?}");
        for secret in ["the-key", "the-secret", "the-token", "the-other"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(shown.contains("1@N00"));
        assert_eq!(key.credentials().identifier, "the-key");
        assert_eq!(key.fingerprint().len(), 64);
        assert_ne!(
            key.fingerprint(),
            ApiKey::new("other", "the-secret").fingerprint()
        );
    }
}

//! The access token on disk: JSON, mode 0600, written atomically, bound to the API key it was
//! given for. These functions block for one small file.

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use super::error::{Error, Result};
use super::keys::{AccessToken, ApiKey};
use crate::files::{Access, write_atomically};

const VERSION: u32 = 1;
/// A token file has a few hundred bytes; anything longer is another file.
const MAX_BYTES: u64 = 64 * 1024;

#[derive(Serialize, Deserialize)]
struct Contents {
    version: u32,
    api_key_sha256: String,
    nsid: String,
    username: String,
    #[serde(default)]
    fullname: String,
    oauth_token: String,
    oauth_token_secret: String,
}

/// Writes `token` to `path` with mode 0600: the old file stays whole until the new one is.
///
/// # Errors
/// [`Error::Io`] with the path.
pub fn save(path: &Path, key: &ApiKey, token: &AccessToken) -> Result<()> {
    let contents = Contents {
        version: VERSION,
        api_key_sha256: key.fingerprint(),
        nsid: token.nsid.clone(),
        username: token.username.clone(),
        fullname: token.fullname.clone(),
        oauth_token: token.token.expose_secret().to_owned(),
        oauth_token_secret: token.secret.expose_secret().to_owned(),
    };
    let io = |source| Error::io(path, source);
    let mut text = serde_json::to_vec_pretty(&contents).map_err(|error| io(error.into()))?;
    text.push(b'\n');
    write_atomically(path, &text, Access::Private).map_err(|error| io(error.source))
}

/// Reads the token at `path`; `None` where there is no file.
///
/// # Errors
/// [`Error::TokenFileMode`] if others may read it, [`Error::TokenFileContents`] if it holds no
/// token, [`Error::TokenFileOtherKey`] if it was given for another key, [`Error::Io`].
pub fn load(path: &Path, key: &ApiKey) -> Result<Option<AccessToken>> {
    let io = |source| Error::io(path, source);
    let metadata = match std::fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        other => other.map_err(io)?,
    };
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(Error::TokenFileMode {
            path: path.to_owned(),
            mode,
        });
    }
    let contents = |problem: String| Error::TokenFileContents {
        path: path.to_owned(),
        problem,
    };
    if metadata.len() > MAX_BYTES {
        return Err(contents(format!(
            "{} bytes, expected a few hundred",
            metadata.len()
        )));
    }
    let text = std::fs::read(path).map_err(io)?;
    let read: Contents =
        serde_json::from_slice(&text).map_err(|error| contents(describe(&error)))?;
    if read.version != VERSION {
        return Err(contents(format!(
            "version {}, expected {VERSION}",
            read.version
        )));
    }
    if read.api_key_sha256 != key.fingerprint() {
        return Err(Error::TokenFileOtherKey {
            path: path.to_owned(),
        });
    }
    let empty = [
        ("oauth_token", &read.oauth_token),
        ("oauth_token_secret", &read.oauth_token_secret),
        ("nsid", &read.nsid),
    ]
    .into_iter()
    .find(|(_, value)| value.is_empty());
    if let Some((name, _)) = empty {
        return Err(contents(format!("{name} is empty")));
    }
    Ok(Some(AccessToken {
        token: read.oauth_token.into(),
        secret: read.oauth_token_secret.into(),
        nsid: read.nsid,
        username: read.username,
        fullname: read.fullname,
    }))
}

/// Where and what kind, without the text that was found: it may be a piece of the token.
fn describe(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Eof => "the file is cut off",
        serde_json::error::Category::Syntax => "not JSON",
        _ => "a key is missing or of the wrong type",
    };
    format!(
        "line {}, column {}: {what}, expected a token saved by download",
        error.line(),
        error.column()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> AccessToken {
        AccessToken {
            token: "72157600000000001-00112233445566aa".into(),
            secret: "8899aabbccddeeff".into(),
            nsid: "1@N00".into(),
            username: "ann".into(),
            fullname: "Ann \"Example\"".into(),
        }
    }

    #[test]
    fn saved_and_loaded_again_with_mode_0600() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token.json");
        let key = ApiKey::new("k", "s");
        assert!(load(&path, &key).unwrap().is_none());
        save(&path, &key, &token()).unwrap();
        save(&path, &key, &token()).unwrap();
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        let loaded = load(&path, &key).unwrap().unwrap();
        assert_eq!(loaded.token.expose_secret(), token().token.expose_secret());
        assert_eq!(
            loaded.secret.expose_secret(),
            token().secret.expose_secret()
        );
        assert_eq!(
            (loaded.nsid.as_str(), loaded.fullname.as_str()),
            ("1@N00", "Ann \"Example\"")
        );
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "a temporary file stays"
        );
        assert!(
            !std::fs::read_to_string(&path).unwrap().contains("\"k\""),
            "the key is written"
        );
        std::fs::remove_file(&path).unwrap();
        assert!(load(&path, &key).unwrap().is_none());
    }

    #[test]
    fn what_is_not_a_token_is_refused_with_a_reason() {
        struct Case(&'static str, Box<dyn Fn(&str) -> String>, u32, &'static str);
        let cases = [
            Case(
                "readable by others",
                Box::new(str::to_owned),
                0o644,
                "mode 0644, expected 0600",
            ),
            Case(
                "cut",
                Box::new(|t| t[..t.len() / 2].to_owned()),
                0o600,
                "cut off",
            ),
            Case("empty", Box::new(|_| String::new()), 0o600, "cut off"),
            Case(
                "other file",
                Box::new(|_| "[flickr]\nkey = 1".to_owned()),
                0o600,
                "not JSON",
            ),
            Case(
                "version",
                Box::new(|t| t.replace("\"version\": 1", "\"version\": 9")),
                0o600,
                "version 9, expected 1",
            ),
            Case(
                "no token",
                Box::new(|t| t.replace("72157600000000001-00112233445566aa", "")),
                0o600,
                "oauth_token is empty",
            ),
            Case(
                "missing key",
                Box::new(|t| t.replace("nsid", "nsdi")),
                0o600,
                "missing or of the wrong type",
            ),
            Case(
                "long",
                Box::new(|t| t.repeat(1000)),
                0o600,
                "expected a few hundred",
            ),
        ];
        let folder = tempfile::tempdir().unwrap();
        let key = ApiKey::new("k", "s");
        let mut wrong = Vec::new();
        for Case(name, change, mode, expected) in cases {
            let path = folder.path().join("token.json");
            save(&path, &key, &token()).unwrap();
            let text = change(&std::fs::read_to_string(&path).unwrap());
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let error = load(&path, &key).unwrap_err().to_string();
            if !error.contains(expected)
                || !error.contains("token.json")
                || error.contains("8899aabbccddeeff")
            {
                wrong.push(format!("{name}: {error}"));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn a_token_of_another_key_asks_for_a_sign_in() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token.json");
        save(&path, &ApiKey::new("k", "s"), &token()).unwrap();
        let error = load(&path, &ApiKey::new("other", "s")).unwrap_err();
        assert!(
            matches!(error, Error::TokenFileOtherKey { .. }) && error.needs_sign_in(),
            "{error}"
        );
    }
}

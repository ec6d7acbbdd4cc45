//! What can go wrong between this program and Flickr, named by what the caller can do about it.

use std::path::PathBuf;
use std::time::Duration;

use crate::{ids::PhotoId, photo::Kind, text::duration};

/// The result of everything in [`crate::flickr`].
pub type Result<T> = std::result::Result<T, Error>;

/// An error of [`crate::flickr`]. No variant holds a key, a token or a photo's URL.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The token is revoked or unknown (code 98, `token_rejected`): sign in again.
    #[error("Flickr no longer accepts the sign-in ({method}: {problem})")]
    TokenRevoked {
        /// API method or OAuth step.
        method: String,
        /// What Flickr said.
        problem: String,
    },
    /// Not signed in, or with too few rights (code 99): sign in again with write permission.
    #[error("Flickr asks for a sign-in with more rights ({method}: {problem})")]
    NotSignedIn {
        /// API method.
        method: String,
        /// What Flickr said.
        problem: String,
    },
    /// Flickr does not know the API key (code 100, `consumer_key_unknown`).
    #[error("Flickr does not know the API key ({method}: {problem})")]
    BadKey {
        /// API method or OAuth step.
        method: String,
        /// What Flickr said.
        problem: String,
    },
    /// Flickr computed another signature: nearly always a wrong API secret.
    #[error("Flickr refused the signature of {method}: the API secret does not belong to the key")]
    SignatureRefused {
        /// API method or OAuth step.
        method: String,
    },
    /// The time stamp was refused: this machine's clock is wrong.
    #[error("Flickr refused the time of {method}: this machine's clock is {}; set the clock and run again", clock(*.ahead))]
    Clock {
        /// API method or OAuth step.
        method: String,
        /// Seconds this machine is ahead of Flickr (negative: behind), if Flickr's reply had a date.
        ahead: Option<i64>,
    },
    /// The sign-in was refused in another way (`verifier_invalid`, `permission_denied`, ...).
    #[error("Flickr refused the sign-in at {step}: {problem}")]
    SignInRefused {
        /// OAuth step: `request_token`, `access_token`, or the API method that was called.
        step: String,
        /// The problem's name (OAuth Problem Reporting), or what is missing in the reply.
        problem: String,
    },
    /// What was typed or pasted is neither a code nor a redirected URL.
    #[error(
        "expected the nine-digit code (123-456-789) or the whole address of the page, found {found}"
    )]
    NoVerifier {
        /// What it looked like, in words; never the text itself.
        found: String,
    },
    /// HTTP 429 again and again, or a pause longer than is worth waiting for.
    #[error("Flickr asks to slow down ({method}); wait {} and run again", seconds(*.wait))]
    Throttled {
        /// API method, or `image`.
        method: String,
        /// How long the pause is that Flickr asked for, or that is in force.
        wait: Duration,
    },
    /// Nothing usable came, after every try that was allowed.
    #[error("Flickr did not answer {method} ({tries} tries): {why}")]
    Unavailable {
        /// API method or OAuth step.
        method: String,
        /// Tries made.
        tries: u32,
        /// What the last try met.
        why: String,
    },
    /// Flickr took no calls for as long as it may be waited for.
    #[error("Flickr {what}: given up after {} ({why})", duration(*.waited))]
    Outage {
        /// What it does not do: `does not answer`.
        what: &'static str,
        /// How long it was waited for.
        waited: Duration,
        /// What the last call met.
        why: String,
    },
    /// Flickr said no to this call: a code of the method, or a general one.
    #[error("{method}: Flickr says \"{message}\" (code {code})")]
    Api {
        /// API method.
        method: String,
        /// Flickr's error code.
        code: i64,
        /// Flickr's message.
        message: String,
    },
    /// The run was stopped before the call was made, or before its answer came.
    #[error("stopped before {method} was answered")]
    Stopped {
        /// API method or OAuth step.
        method: String,
    },
    /// A write was sent and no answer came: it may have been done. Look before repeating.
    #[error("the answer to {method} was lost ({why}): it may have been done")]
    AnswerLost {
        /// API method or OAuth step.
        method: String,
        /// What came instead of an answer.
        why: String,
    },
    /// An answer that cannot be understood.
    #[error("{method}: expected {expected}, found: {excerpt}")]
    UnexpectedReply {
        /// API method or OAuth step.
        method: String,
        /// What was expected.
        expected: String,
        /// The first 300 bytes of the reply, keys and tokens removed.
        excerpt: String,
    },
    /// A URL that leads to neither Flickr nor its image host; nothing was sent.
    #[error("photo {photo}: {host} is not Flickr's image host; nothing was sent there")]
    HostNotAllowed {
        /// Photo id.
        photo: PhotoId,
        /// Scheme and host of the URL.
        host: String,
    },
    /// The image of a photo could not be fetched; says what was found.
    #[error("photo {photo}: {problem}")]
    Image {
        /// Photo id.
        photo: PhotoId,
        /// What was found and what was expected.
        problem: ImageProblem,
    },
    /// An address for a sandbox that is not on this machine.
    #[error("{found}: expected http://127.0.0.1:PORT or http://localhost:PORT")]
    BadEndpoint {
        /// What was given.
        found: String,
    },
    /// A value that must not be sent to Flickr.
    #[error("{what}: expected {expected}, found {found:?}")]
    BadArgument {
        /// What it is: `tag`, `photo id`.
        what: &'static str,
        /// What was given.
        found: String,
        /// What is expected.
        expected: &'static str,
    },
    /// The token file can be read by others.
    #[error("{}: mode {mode:04o}, expected 0600: others may have read the token; run: chmod 600 {}", path.display(), path.display())]
    TokenFileMode {
        /// The file.
        path: PathBuf,
        /// Permission bits found.
        mode: u32,
    },
    /// The token file does not hold a token.
    #[error("{}: {problem}; delete the file and sign in again", path.display())]
    TokenFileContents {
        /// The file.
        path: PathBuf,
        /// What was found and what was expected; never the contents.
        problem: String,
    },
    /// The token file belongs to another API key: sign in again.
    #[error("{}: belongs to another API key than the one in the configuration", path.display())]
    TokenFileOtherKey {
        /// The file.
        path: PathBuf,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// This machine has no file descriptor or no memory left for a connection.
    #[error("cannot open a connection for {method}: {why}")]
    NoConnection {
        /// API method or OAuth step, or `image`.
        method: String,
        /// What the system said.
        why: String,
    },
    /// No free port on 127.0.0.1 for the sign-in's answer, or it failed while waiting.
    #[error("cannot wait for the browser on 127.0.0.1: {source}")]
    Callback {
        /// What the system said.
        source: std::io::Error,
    },
    /// No HTTP client: in practice, a system without CA certificates.
    #[error("cannot set up HTTPS (on Debian: install ca-certificates): {source}")]
    NoClient {
        /// What the HTTP library said.
        source: reqwest::Error,
    },
}

/// Whom an error concerns, which decides how a run goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Concerns {
    /// One photo: a refusal, the same whenever it is asked again.
    Photo,
    /// One photo, or all of Flickr: there was no usable answer. Only the next photos can tell.
    PhotoOrFlickr,
    /// Flickr: it takes no calls now.
    Flickr,
    /// The whole run: sign-in, key, clock, a stop.
    Run,
}

/// What was found in place of an image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImageProblem {
    /// HTTP status other than 200.
    #[error("HTTP status {0}, expected 200 and an image")]
    Status(u16),
    /// A redirect to Flickr's "photo unavailable" picture.
    #[error("Flickr says that this photo is unavailable")]
    Unavailable,
    /// More redirects than any image has.
    #[error("more than {0} redirects")]
    TooManyRedirects(u32),
    /// A page, not an image.
    #[error("content type {0}, expected an image")]
    ContentType(String),
    /// First bytes of neither a JPEG nor a PNG.
    #[error("the first bytes are {0}, expected a JPEG or a PNG")]
    Magic(String),
    /// A picture of another format.
    #[error("it is {0}, expected a JPEG or a PNG")]
    Format(Kind),
    /// The file stopped early.
    #[error("{got} bytes, expected {}", expected.map_or_else(|| "more".to_owned(), |n| n.to_string()))]
    Truncated {
        /// Bytes received.
        got: u64,
        /// Bytes announced by Content-Length, if any.
        expected: Option<u64>,
    },
    /// It came more slowly than a file must.
    #[error("{bytes} bytes in {seconds} s, expected {least} at least")]
    TooSlow {
        /// Bytes that came in this time.
        bytes: u64,
        /// The time.
        seconds: u64,
        /// Bytes that should have come.
        least: u64,
    },
    /// Larger than the limit.
    #[error("more than {0} bytes")]
    TooLarge(u64),
    /// No answer: connection refused, timeout.
    #[error("no answer: {0}")]
    NoAnswer(String),
}

impl Error {
    /// Whether signing in again can help.
    pub fn needs_sign_in(&self) -> bool {
        matches!(
            self,
            Self::TokenRevoked { .. } | Self::NotSignedIn { .. } | Self::TokenFileOtherKey { .. }
        )
    }

    /// Whom it concerns. Codes: 95 and more are those of every method; 105 and 106 pass, and come as
    /// [`Error::Unavailable`]; 116 is a URL in the text that Flickr does not want.
    pub(crate) fn concerns(&self) -> Concerns {
        match self {
            Self::Image { .. } | Self::HostNotAllowed { .. } | Self::BadArgument { .. } => {
                Concerns::Photo
            }
            Self::Api { code, .. } => match code {
                1..95 | 116 => Concerns::Photo,
                95..=104 | 107..=115 => Concerns::Run,
                // Unknown ones too, which Flickr gives as 0 or as none at all.
                _ => Concerns::PhotoOrFlickr,
            },
            Self::Unavailable { .. } | Self::UnexpectedReply { .. } | Self::AnswerLost { .. } => {
                Concerns::PhotoOrFlickr
            }
            Self::Throttled { .. } => Concerns::Flickr,
            _ => Concerns::Run,
        }
    }

    /// Whether it surely concerns one photo only.
    pub fn is_about_one_photo(&self) -> bool {
        self.concerns() == Concerns::Photo
    }

    pub(crate) fn io(path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        Self::Io {
            path: path.into(),
            source,
        }
    }
}

/// How a clock is wrong.
pub(super) fn clock(ahead: Option<i64>) -> String {
    match ahead {
        None => "wrong".to_owned(),
        Some(s) if s < 0 => format!("{} s behind Flickr's", -s),
        Some(s) => format!("{s} s ahead of Flickr's"),
    }
}

fn seconds(wait: Duration) -> String {
    format!("{} s", wait.as_secs_f64().ceil())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_say_what_to_do() {
        let clock = |ahead| {
            Error::Clock {
                method: "request_token".into(),
                ahead,
            }
            .to_string()
        };
        assert!(
            clock(Some(-700)).contains("700 s behind Flickr's"),
            "{}",
            clock(Some(-700))
        );
        assert!(
            clock(Some(90)).contains("90 s ahead"),
            "{}",
            clock(Some(90))
        );
        assert!(clock(None).contains("clock is wrong"), "{}", clock(None));
        let mode = Error::TokenFileMode {
            path: "/a/token.json".into(),
            mode: 0o644,
        }
        .to_string();
        assert!(
            mode.contains("mode 0644, expected 0600") && mode.contains("chmod 600 /a/token.json"),
            "{mode}"
        );
    }

    #[test]
    fn a_photos_error_is_distinguished_from_the_accounts() {
        let api = |code| Error::Api {
            method: "m".into(),
            code,
            message: "x".into(),
        };
        let cases = [
            (1, Concerns::Photo),
            (2, Concerns::Photo),
            (94, Concerns::Photo),
            (116, Concerns::Photo),
            (95, Concerns::Run),
            (112, Concerns::Run),
            (0, Concerns::PhotoOrFlickr),
            (-1, Concerns::PhotoOrFlickr),
            (106, Concerns::PhotoOrFlickr),
            (201, Concerns::PhotoOrFlickr),
        ];
        for (code, concerns) in cases {
            assert_eq!(api(code).concerns(), concerns, "{code}");
        }
        assert!(
            Error::TokenRevoked {
                method: "m".into(),
                problem: "98".into()
            }
            .needs_sign_in()
        );
    }
}

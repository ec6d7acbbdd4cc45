//! Fault rules: which answers go wrong, and how.
//!
//! The faulty answers are those that clients of Flickr have reported.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};

use crate::edits::Edit;

/// As the picture is that Flickr once redirected to when a photo was gone.
const GIF: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00\
    ,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// Time for the first half of a broken answer to be sent.
const FLUSH: Duration = Duration::from_millis(50);

/// How an answer goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum FaultKind {
    /// 429 with a page in HTML.
    TooManyRequests {
        /// Value of the `Retry-After` header, seconds or a date.
        #[serde(default)]
        retry_after: Option<String>,
    },
    /// Any status with a page in HTML: of a server that fails (500, 502, 504),
    /// or one that stays with a photo (403, 410, 451).
    ServerError {
        /// The status.
        status: u16,
    },
    /// Status 200 and `stat="fail"`.
    ApiFailure {
        /// The code, such as 105, 201 or 0.
        code: i64,
        /// The message; by default that the service is not available.
        #[serde(default)]
        message: Option<String>,
    },
    /// 401 with an `oauth_problem`, such as `nonce_used`.
    OauthProblem {
        /// Which.
        problem: String,
    },
    /// The answer stops in the middle: a reply of the API at half its length,
    /// a file before the length that its header promised.
    Truncated,
    /// Half a file, with the length of that half in its header.
    CutShort,
    /// Status 200 with a page in HTML instead of the answer.
    HtmlPage,
    /// Status 200 with JSON of a hundred thousand lists in each other.
    DeepJson,
    /// A JPEG whose header says that it has 10000x10000 pixels.
    LyingHeader,
    /// The right answer, but late.
    Delay {
        /// How late, in milliseconds.
        ms: u64,
    },
    /// The call is carried out, then 504 is answered.
    AnswerLost,
    /// 404 with a page in HTML.
    NotFound,
    /// A file of the right length and type that is not an image.
    Corrupt,
    /// A redirect to the picture that says that a photo is not available.
    PhotoUnavailable,
    /// Status 200 with a GIF of one pixel instead of the answer.
    Gif,
    /// Status 200 with the beginning of a WebP image instead of the answer, said to be a JPEG.
    Webp,
    /// The right answer, whose body comes a byte at a time.
    Trickle {
        /// Time before each byte, in milliseconds.
        ms: u64,
    },
    /// Rows are missing from a page, while `total` counts them.
    DropRows {
        /// How many.
        rows: usize,
    },
    /// A listing lacks photos that the index does not have yet.
    NotIndexed {
        /// Every n-th photo is one of them: n.
        every: u64,
        /// Whether `total` counts them.
        counted: bool,
    },
    /// The answer is right, and just before it somebody changed a photo on
    /// Flickr's pages.
    Edit {
        /// The photo's id.
        photo: String,
        /// What they did.
        edit: Edit,
    },
}

/// A fault rule: which answers go wrong, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Which answers: `all`, `api`, `oauth`, `static`, or a method such as
    /// `flickr.photos.search`.
    pub on: String,
    /// Only requests whose address or parameters contain this text, such as a
    /// photo's id.
    #[serde(default)]
    pub containing: Option<String>,
    /// Only listings that ask for more rows than this on a page.
    #[serde(default)]
    pub above_per_page: Option<u64>,
    /// How many answers stay right first.
    #[serde(default)]
    pub after: u32,
    /// How many answers go wrong.
    #[serde(default = "once")]
    pub times: u32,
    /// How they go wrong.
    #[serde(flatten)]
    pub kind: FaultKind,
}

fn once() -> u32 {
    1
}

impl Fault {
    /// The next answer on `on` goes wrong.
    pub fn once(on: impl Into<String>, kind: FaultKind) -> Self {
        Self {
            on: on.into(),
            containing: None,
            above_per_page: None,
            after: 0,
            times: 1,
            kind,
        }
    }

    /// The next `times` answers instead of one.
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// All answers from now on.
    pub fn always(self) -> Self {
        self.times(u32::MAX)
    }

    /// Leaves the next `after` answers right.
    pub fn after(mut self, after: u32) -> Self {
        self.after = after;
        self
    }

    /// Only requests that contain this text.
    pub fn containing(mut self, text: impl Into<String>) -> Self {
        self.containing = Some(text.into());
        self
    }

    /// Only listings that ask for more rows than this on a page.
    pub fn above_per_page(mut self, rows: u64) -> Self {
        self.above_per_page = Some(rows);
        self
    }
}

/// The part of the sandbox that a request goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target<'a> {
    /// A method of the API.
    Api(&'a str),
    OAuth,
    Static,
}

impl Target<'_> {
    fn matches(self, on: &str) -> bool {
        on == "all"
            || match self {
                Self::Api(method) => on == "api" || on == method,
                Self::OAuth => on == "oauth",
                Self::Static => on == "static",
            }
    }
}

/// The fault rules in force.
#[derive(Debug, Default)]
pub(crate) struct FaultRules(pub(crate) Vec<Fault>);

impl FaultRules {
    /// What happens to this request; uses up one answer of the first rule that
    /// matches it.
    pub(crate) fn take(
        &mut self,
        target: Target<'_>,
        contains: impl Fn(&str) -> bool,
        per_page: u64,
    ) -> Option<FaultKind> {
        for rule in &mut self.0 {
            let matches = rule.times > 0
                && target.matches(&rule.on)
                && rule.containing.as_deref().is_none_or(&contains)
                && rule.above_per_page.is_none_or(|rows| per_page > rows);
            if matches && rule.after > 0 {
                rule.after -= 1;
            } else if matches {
                if rule.times < u32::MAX {
                    rule.times -= 1;
                }
                return Some(rule.kind.clone());
            }
        }
        None
    }
}

impl FaultKind {
    /// The answer if the request is not even looked at.
    pub(crate) fn replacement(&self, base: &str) -> Option<Response> {
        Some(match self {
            Self::TooManyRequests { retry_after } => {
                let mut answer = html(
                    StatusCode::TOO_MANY_REQUESTS,
                    "<html><body><h1>429 Too Many Requests</h1>\n\
                     You have sent too many requests in a given amount of time.\n</body></html>\n",
                );
                if let Some(Ok(value)) = retry_after.as_deref().map(HeaderValue::from_str) {
                    answer.headers_mut().insert(header::RETRY_AFTER, value);
                }
                answer
            }
            Self::ServerError { status } => server_error(
                StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            ),
            Self::OauthProblem { problem } => (
                StatusCode::UNAUTHORIZED,
                [(header::CONTENT_TYPE, "text/plain;charset=UTF-8")],
                format!("oauth_problem={problem}"),
            )
                .into_response(),
            Self::HtmlPage => html(
                StatusCode::OK,
                "<!DOCTYPE html>\n<html><head><title>Flickr</title></head>\
                 <body><p>Please try again in a moment.</p></body></html>\n",
            ),
            Self::DeepJson => {
                let json = [(header::CONTENT_TYPE, "application/json")];
                (json, "[".repeat(100_000)).into_response()
            }
            Self::NotFound => server_error(StatusCode::NOT_FOUND),
            Self::PhotoUnavailable => {
                let picture = format!("{base}/images/photo_unavailable.gif");
                (StatusCode::FOUND, [(header::LOCATION, picture)]).into_response()
            }
            Self::Gif => gif(),
            Self::Webp => {
                let jpeg = [(header::CONTENT_TYPE, "image/jpeg")];
                (jpeg, &b"RIFF\x24\0\0\0WEBPVP8 \x18\0\0\0"[..]).into_response()
            }
            _ => return None,
        })
    }
}

/// Damages an answer as its fault says.
pub(crate) async fn damage(
    fault: Option<&FaultKind>,
    target: Target<'_>,
    answer: Response,
) -> Response {
    let Some(fault) = fault else {
        return answer;
    };
    let (mut parts, body) = answer.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let half = bytes.slice(..bytes.len() / 2);
    let body = match fault {
        FaultKind::AnswerLost => return server_error(StatusCode::GATEWAY_TIMEOUT),
        FaultKind::Truncated if target == Target::Static => {
            let promised = HeaderValue::from(bytes.len());
            parts.headers.insert(header::CONTENT_LENGTH, promised);
            // Later, or the bytes would be dropped with the connection.
            let end = async {
                tokio::time::sleep(FLUSH).await;
                Err(std::io::Error::other("the connection breaks here"))
            };
            Body::from_stream(stream::iter([Ok(half)]).chain(stream::once(end)))
        }
        FaultKind::CutShort | FaultKind::Truncated => Body::from(half),
        FaultKind::Trickle { ms } => {
            let promised = HeaderValue::from(bytes.len());
            parts.headers.insert(header::CONTENT_LENGTH, promised);
            let pause = Duration::from_millis(*ms);
            Body::from_stream(stream::iter(0..bytes.len()).then(move |at| {
                let byte = bytes.slice(at..=at);
                async move {
                    tokio::time::sleep(pause).await;
                    Ok::<_, std::io::Error>(byte)
                }
            }))
        }
        FaultKind::LyingHeader => {
            let mut bytes = Vec::from(bytes);
            // The start of the frame: height and width stand behind its length and the precision.
            let frame = bytes
                .windows(2)
                .position(|two| matches!(two, [0xff, 0xc0..=0xc2]));
            let sides = frame.and_then(|at| bytes.get_mut(at + 5..at + 9));
            if let Some(sides) = sides {
                sides.copy_from_slice(&[0x27, 0x10, 0x27, 0x10]);
            }
            Body::from(bytes)
        }
        FaultKind::Corrupt => {
            // The first bytes still say JPEG or PNG; nothing can be decoded.
            let mut bytes = Vec::from(bytes);
            bytes.iter_mut().skip(8).for_each(|byte| *byte = 0);
            Body::from(bytes)
        }
        _ => Body::from(bytes),
    };
    Response::from_parts(parts, body)
}

/// A GIF of one pixel.
pub(crate) fn gif() -> Response {
    ([(header::CONTENT_TYPE, "image/gif")], GIF).into_response()
}

/// An error page as the servers in front of Flickr send it.
pub(crate) fn server_error(status: StatusCode) -> Response {
    let page = format!(
        "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n\
         <center><h1>{status}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    );
    html(status, page)
}

fn html(status: StatusCode, page: impl Into<Body>) -> Response {
    (status, [(header::CONTENT_TYPE, "text/html")], page.into()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_used_up_in_turn() {
        let mut rules = FaultRules(vec![
            Fault::once("static", FaultKind::NotFound).times(2),
            Fault::once("flickr.photos.search", FaultKind::HtmlPage)
                .after(1)
                .containing("page=2"),
            Fault::once("api", FaultKind::AnswerLost),
        ]);
        let search = Target::Api("flickr.photos.search");
        let page_2 = |text: &str| text == "page=2";
        assert_eq!(
            rules.take(search, |_| false, 0),
            Some(FaultKind::AnswerLost),
            "what does not contain the text goes on to the next rule"
        );
        assert_eq!(rules.take(search, page_2, 0), None, "one stays right");
        assert_eq!(rules.take(search, page_2, 0), Some(FaultKind::HtmlPage));
        assert_eq!(rules.take(search, page_2, 0), None);
        assert_eq!(
            rules.take(Target::Static, |_| true, 0),
            Some(FaultKind::NotFound)
        );
        assert_eq!(rules.take(Target::OAuth, |_| true, 0), None);
        assert_eq!(
            rules.take(Target::Static, |_| true, 0),
            Some(FaultKind::NotFound)
        );
        assert_eq!(rules.take(Target::Static, |_| true, 0), None);
    }

    #[test]
    fn rules_are_read_from_json() {
        let text = r#"{"on": "static", "kind": "too_many_requests", "retry_after": "2"}"#;
        let fault: Fault = serde_json::from_str(text).unwrap();
        let expected = FaultKind::TooManyRequests {
            retry_after: Some("2".to_owned()),
        };
        assert_eq!(fault, Fault::once("static", expected));
    }
}

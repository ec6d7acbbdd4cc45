//! Failures to order: which answers go wrong, and how.
//!
//! The answers are those that clients of Flickr have reported.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};

/// Until the first half of a broken answer has left.
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
    /// A status such as 500, 502 or 504, with a page in HTML.
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
    /// The answer stops in the middle: a reply of the API at half its length,
    /// a file before the length that its header promised.
    Truncated,
    /// Half a file, with the length of that half in its header.
    CutShort,
    /// Status 200 with a page in HTML instead of the answer.
    HtmlPage,
    /// The answer comes late, and is right.
    Delay {
        /// How late, in milliseconds.
        ms: u64,
    },
    /// The call is carried out, then 504 is answered.
    AnswerLost,
    /// 404 with a page in HTML.
    NotFound,
    /// A file of the right length and type that is no image.
    Corrupt,
    /// A redirect to the picture that says that a photo is not available.
    PhotoUnavailable,
}

/// An order for answers that go wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Which answers: `all`, `api`, `oauth`, `static`, or a method such as
    /// `flickr.photos.search`.
    pub on: String,
    /// Only requests whose address or parameters contain this text, such as a
    /// photo's id.
    #[serde(default)]
    pub containing: Option<String>,
    /// Answers that stay right first.
    #[serde(default)]
    pub after: u32,
    /// Answers that go wrong.
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
}

/// The part of the sandbox that a request goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place<'a> {
    /// A method of the API.
    Api(&'a str),
    OAuth,
    Static,
}

impl Place<'_> {
    fn is(self, on: &str) -> bool {
        on == "all"
            || match self {
                Self::Api(method) => on == "api" || on == method,
                Self::OAuth => on == "oauth",
                Self::Static => on == "static",
            }
    }
}

/// The orders that are not used up.
#[derive(Debug, Default)]
pub(crate) struct Orders(Vec<Fault>);

impl Orders {
    pub(crate) fn new(faults: Vec<Fault>) -> Self {
        Self(faults)
    }

    /// What happens to this request; uses up one answer of the first order
    /// that fits it.
    pub(crate) fn take(
        &mut self,
        place: Place<'_>,
        contains: impl Fn(&str) -> bool,
    ) -> Option<FaultKind> {
        for fault in &mut self.0 {
            let fits = fault.times > 0
                && place.is(&fault.on)
                && fault.containing.as_deref().is_none_or(&contains);
            if !fits {
                continue;
            }
            if fault.after > 0 {
                fault.after -= 1;
                continue;
            }
            fault.times -= 1;
            return Some(fault.kind.clone());
        }
        None
    }
}

impl FaultKind {
    /// The answer where the request is not even looked at.
    pub(crate) fn instead(&self, base: &str) -> Option<Response> {
        match self {
            Self::TooManyRequests { retry_after } => {
                let mut answer = html(
                    StatusCode::TOO_MANY_REQUESTS,
                    "<html><body><h1>429 Too Many Requests</h1>\n\
                     You have sent too many requests in a given amount of time.\n</body></html>\n",
                );
                if let Some(value) = retry_after
                    .as_deref()
                    .and_then(|v| HeaderValue::from_str(v).ok())
                {
                    answer.headers_mut().insert(header::RETRY_AFTER, value);
                }
                Some(answer)
            }
            Self::ServerError { status } => Some(server_error(
                StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            )),
            Self::HtmlPage => Some(html(
                StatusCode::OK,
                "<!DOCTYPE html>\n<html><head><title>Flickr</title></head>\
                 <body><p>Please try again in a moment.</p></body></html>\n",
            )),
            Self::NotFound => Some(not_found()),
            Self::PhotoUnavailable => Some(
                (
                    StatusCode::FOUND,
                    [(
                        header::LOCATION,
                        format!("{base}/images/photo_unavailable.gif"),
                    )],
                )
                    .into_response(),
            ),
            Self::ApiFailure { .. }
            | Self::Truncated
            | Self::CutShort
            | Self::Delay { .. }
            | Self::AnswerLost
            | Self::Corrupt => None,
        }
    }

    /// How long the answer waits.
    pub(crate) async fn wait(&self) {
        if let Self::Delay { ms } = self {
            tokio::time::sleep(Duration::from_millis(*ms)).await;
        }
    }

    /// What becomes of the bytes of an answer: `None` where a 504 is sent.
    pub(crate) fn spoil(&self, place: Place<'_>, mut bytes: Vec<u8>) -> Option<Spoiled> {
        let half = bytes.len() / 2;
        match self {
            Self::AnswerLost => return None,
            Self::CutShort => bytes.truncate(half),
            Self::Truncated if place == Place::Static => {
                let promised = bytes.len();
                bytes.truncate(half);
                return Some(Spoiled::Broken { promised, bytes });
            }
            Self::Truncated => bytes.truncate(half),
            // The first bytes still say JPEG or PNG; nothing can be decoded.
            Self::Corrupt => bytes.iter_mut().skip(8).for_each(|byte| *byte = 0),
            _ => {}
        }
        Some(Spoiled::Whole(bytes))
    }
}

/// Bytes that are sent after a fault had its way with them.
pub(crate) enum Spoiled {
    /// Sent with their own length.
    Whole(Vec<u8>),
    /// Sent with a header that promises more; then the connection closes.
    Broken { promised: usize, bytes: Vec<u8> },
}

impl Spoiled {
    /// Sets body and length of an answer.
    pub(crate) fn put_into(self, mut answer: Response) -> Response {
        match self {
            Self::Whole(bytes) => *answer.body_mut() = Body::from(bytes),
            Self::Broken { promised, bytes } => {
                answer
                    .headers_mut()
                    .insert(header::CONTENT_LENGTH, HeaderValue::from(promised));
                // Later, or the bytes would be dropped with the connection.
                let end = async {
                    tokio::time::sleep(FLUSH).await;
                    Err(std::io::Error::other("the connection breaks here"))
                };
                let chunks = stream::once(async { Ok(bytes) }).chain(stream::once(end));
                *answer.body_mut() = Body::from_stream(chunks);
            }
        }
        answer
    }
}

/// An error page as the servers in front of Flickr send it.
pub(crate) fn server_error(status: StatusCode) -> Response {
    let page = format!(
        "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n\
         <center><h1>{status}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    );
    html(status, page)
}

/// The page for a file that is not there.
pub(crate) fn not_found() -> Response {
    server_error(StatusCode::NOT_FOUND)
}

fn html(status: StatusCode, page: impl Into<Body>) -> Response {
    (status, [(header::CONTENT_TYPE, "text/html")], page.into()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_used_up_in_turn() {
        let mut orders = Orders::new(vec![
            Fault::once("static", FaultKind::NotFound).times(2),
            Fault::once("flickr.photos.search", FaultKind::HtmlPage)
                .after(1)
                .containing("page=2"),
            Fault::once("api", FaultKind::AnswerLost),
        ]);
        let search = Place::Api("flickr.photos.search");
        let page_2 = |text: &str| text == "page=2";
        assert_eq!(
            orders.take(search, |_| false),
            Some(FaultKind::AnswerLost),
            "what does not contain the text goes on to the next order"
        );
        assert_eq!(orders.take(search, page_2), None, "one stays right");
        assert_eq!(orders.take(search, page_2), Some(FaultKind::HtmlPage));
        assert_eq!(orders.take(search, page_2), None);
        assert_eq!(
            orders.take(Place::Static, |_| true),
            Some(FaultKind::NotFound)
        );
        assert_eq!(orders.take(Place::OAuth, |_| true), None);
        assert_eq!(
            orders.take(Place::Static, |_| true),
            Some(FaultKind::NotFound)
        );
        assert_eq!(orders.take(Place::Static, |_| true), None);
    }

    #[test]
    fn orders_are_read_from_json() {
        let text = r#"{"on": "static", "kind": "too_many_requests", "retry_after": "2"}"#;
        let fault: Fault = serde_json::from_str(text).unwrap();
        let expected = FaultKind::TooManyRequests {
            retry_after: Some("2".to_owned()),
        };
        assert_eq!(fault, Fault::once("static", expected));
    }
}

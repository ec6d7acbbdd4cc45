//! A request as the signature sees it: method, address, and every parameter of
//! query, body and `Authorization` header.
//!
//! Checking the signature is `oauth`'s business.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Multipart};
use axum::http::{Request, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Bodies larger than this are refused.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// Parameters in the order they came, decoded.
#[derive(Debug, Clone, Default)]
pub(crate) struct Params(pub(crate) Vec<(String, String)>);

impl Params {
    /// The first value of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The first value of a name, if it is not empty.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }
}

/// A request to the API or to one of the OAuth endpoints.
#[derive(Debug)]
pub(crate) struct ApiRequest {
    /// `GET` or `POST`.
    pub(crate) method: String,
    /// Address without query: what goes into the signature's base string.
    pub(crate) url: String,
    /// Everything that is signed, and the signature.
    pub(crate) params: Params,
}

impl ApiRequest {
    /// Reads a request whole. Fails with the answer to send.
    pub(crate) async fn read(request: Request<Body>) -> Result<Self, Response> {
        let method = request.method().as_str().to_owned();
        let host = text_header(&request, header::HOST).to_ascii_lowercase();
        let url = format!("http://{host}{}", request.uri().path());
        let mut params = Params::default();
        let authorization = text_header(&request, header::AUTHORIZATION);
        params.0.extend(authorization_params(&authorization));
        if let Some(query) = request.uri().query() {
            params.0.extend(decode_form(query.as_bytes()));
        }
        let content_type = text_header(&request, header::CONTENT_TYPE).to_ascii_lowercase();
        if content_type.starts_with("application/x-www-form-urlencoded") {
            let body = to_bytes(request.into_body(), MAX_BODY)
                .await
                .map_err(|_| StatusCode::PAYLOAD_TOO_LARGE.into_response())?;
            params.0.extend(decode_form(&body));
        } else if content_type.starts_with("multipart/form-data") {
            let mut multipart = Multipart::from_request(request, &())
                .await
                .map_err(IntoResponse::into_response)?;
            while let Some(field) = multipart
                .next_field()
                .await
                .map_err(IntoResponse::into_response)?
            {
                // Text fields are signed, files are not.
                let Some(name) = field.name().map(str::to_owned) else {
                    continue;
                };
                let is_file = field.file_name().is_some();
                let text = field.text().await.map_err(IntoResponse::into_response)?;
                if !is_file {
                    params.0.push((name, text));
                }
            }
        }
        Ok(Self {
            method,
            url,
            params,
        })
    }
}

fn text_header(request: &Request<Body>, name: header::HeaderName) -> String {
    request
        .headers()
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned()
}

fn decode_form(bytes: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(bytes).into_owned().collect()
}

/// The parameters of an `Authorization: OAuth` header, without the realm
/// (RFC 5849, section 3.5.1).
fn authorization_params(header: &str) -> Vec<(String, String)> {
    let Some((scheme, pairs)) = header.split_once(' ') else {
        return Vec::new();
    };
    if !scheme.eq_ignore_ascii_case("OAuth") {
        return Vec::new();
    }
    pairs
        .split(',')
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| !name.eq_ignore_ascii_case("realm"))
        .map(|(name, value)| {
            (
                percent_decode(name),
                percent_decode(value.trim_matches('"')),
            )
        })
        .collect()
}

/// Decodes `%XX`; a plus sign stays what it is.
fn percent_decode(text: &str) -> String {
    let hex = |digit: u8| {
        char::from(digit)
            .to_digit(16)
            .and_then(|n| u8::try_from(n).ok())
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high << 4 | low);
                    rest = after;
                }
                _ => bytes.push(b'%'),
            },
            _ => bytes.push(*first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn parameters_come_from_header_query_and_body() {
        let request = Request::post("/services/rest/?a=1+2&b=%C3%A9")
            .header("host", "127.0.0.1:8000")
            .header(
                "authorization",
                "OAuth realm=\"x\", oauth_token=\"a%2Bb%3D+\", oauth_nonce=\"\"",
            )
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from("c=3&a=4"))
            .unwrap();
        let request = ApiRequest::read(request).await.unwrap();
        assert_eq!(request.url, "http://127.0.0.1:8000/services/rest/");
        assert_eq!(request.method, "POST");
        let params: Vec<(&str, &str)> = request
            .params
            .0
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            params,
            [
                ("oauth_token", "a+b=+"),
                ("oauth_nonce", ""),
                ("a", "1 2"),
                ("b", "é"),
                ("c", "3"),
                ("a", "4"),
            ]
        );
    }

    #[tokio::test]
    async fn text_parts_of_a_multipart_body_count_and_files_do_not() {
        let body = "--X\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nA b\r\n\
            --X\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"p.jpg\"\r\n\r\n123\r\n--X--\r\n";
        let request = Request::post("/services/rest")
            .header("host", "localhost:1")
            .header("content-type", "multipart/form-data; boundary=X")
            .body(Body::from(body))
            .unwrap();
        let request = ApiRequest::read(request).await.unwrap();
        assert_eq!(request.params.0, [("title".to_owned(), "A b".to_owned())]);
    }
}

//! A request as the signature sees it: method, address, and every parameter of
//! query, body and `Authorization` header.
//!
//! `oauth` verifies the signature.

use axum::body::Bytes;
use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{FromRequest, Request};
use axum::http::header::{self, HeaderName};
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;

/// Parameters in the order they came, decoded.
#[derive(Debug, Clone, Default)]
pub(crate) struct Params(pub(crate) Vec<(String, String)>);

impl Params {
    /// The first value of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut params = self.0.iter();
        let (_, value) = params.find(|(key, _)| key == name)?;
        Some(value)
    }

    /// The first value of a name, empty if there is none.
    pub(crate) fn or_empty(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// The first value of a name, if it is not empty.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }
}

/// A request to the API or to one of the OAuth endpoints, read whole.
#[derive(Debug)]
pub(crate) struct ApiRequest {
    /// `GET` or `POST`.
    pub(crate) method: String,
    /// Address without query: what goes into the signature's base string.
    pub(crate) url: String,
    /// Everything that is signed, and the signature.
    pub(crate) params: Params,
    /// The client takes compressed answers.
    pub(crate) accepts_gzip: bool,
}

impl<S: Send + Sync> FromRequest<S> for ApiRequest {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let headers = request.headers().clone();
        let text = |name: HeaderName| {
            let value = headers.get(name);
            let text = value.and_then(|value| value.to_str().ok());
            text.unwrap_or_default().to_owned()
        };
        let host = text(header::HOST).to_ascii_lowercase();
        let method = request.method().to_string();
        let url = format!("http://{host}{}", request.uri().path());
        let query = request.uri().query().unwrap_or_default();
        let mut params = authorization_params(&text(header::AUTHORIZATION));
        params.extend(decode_form(query.as_bytes()));
        let content_type = text(header::CONTENT_TYPE).to_ascii_lowercase();
        if content_type.starts_with("application/x-www-form-urlencoded") {
            let body = Bytes::from_request(request, state)
                .await
                .map_err(IntoResponse::into_response)?;
            params.extend(decode_form(&body));
        } else if content_type.starts_with("multipart/form-data") {
            let multipart = Multipart::from_request(request, state)
                .await
                .map_err(IntoResponse::into_response)?;
            let fields = text_fields(multipart).await;
            params.extend(fields.map_err(IntoResponse::into_response)?);
        }
        Ok(Self {
            method,
            url,
            params: Params(params),
            accepts_gzip: text(header::ACCEPT_ENCODING).contains("gzip"),
        })
    }
}

/// The text fields of a body: they are signed, files are not.
async fn text_fields(mut multipart: Multipart) -> Result<Vec<(String, String)>, MultipartError> {
    let mut fields = Vec::new();
    while let Some(field) = multipart.next_field().await? {
        let name = field.name().map(str::to_owned);
        if let (Some(name), None) = (name, field.file_name()) {
            fields.push((name, field.text().await?));
        }
    }
    Ok(fields)
}

fn decode_form(bytes: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(bytes).into_owned().collect()
}

/// The parameters of an `Authorization: OAuth` header, without the realm
/// (RFC 5849, section 3.5.1).
fn authorization_params(header: &str) -> Vec<(String, String)> {
    // A plus sign is not a space here.
    let decode = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (scheme, pairs) = header.split_once(' ').unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("OAuth") {
        return Vec::new();
    }
    pairs
        .split(',')
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| !name.eq_ignore_ascii_case("realm"))
        .map(|(name, value)| (decode(name), decode(value.trim_matches('"'))))
        .collect()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

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
        let request = ApiRequest::from_request(request, &()).await.unwrap();
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
        let request = ApiRequest::from_request(request, &()).await.unwrap();
        assert_eq!(request.params.0, [("title".to_owned(), "A b".to_owned())]);
    }
}

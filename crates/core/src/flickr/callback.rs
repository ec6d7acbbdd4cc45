//! Waits on 127.0.0.1 for the browser to come back from Flickr's authorize page.
//!
//! Browsers also ask for icons and open connections they never use, so several are served at once,
//! each with a limit in time and size, until one brings the verifier of this very sign-in. A person
//! who presses Cancel is sent to Flickr's home page and never comes: how long to wait is up to the
//! caller.
//!
//! On hyper: `axum::serve`, which stands on it, can limit neither the time of a connection nor the size
//! of its request nor how many there are.

use std::convert::Infallible;
use std::future::ready;
use std::net::Ipv4Addr;
use std::sync::OnceLock;
use std::time::Duration;

use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, REFERRER_POLICY};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use secrecy::{ExposeSecret, SecretString};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::error::{Error, Result};
use super::verifier;
use crate::boxed;

/// Bytes of the longest request that is read; a browser's has one or two thousand.
const MAX_REQUEST: usize = 16 * 1024;
/// For one connection, from its opening to the end of the answer.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(5);
const MAX_CONNECTIONS: usize = 32;

/// A port on 127.0.0.1 that waits for one browser.
#[derive(Debug)]
pub struct CallbackListener {
    listener: TcpListener,
    url: String,
}

impl CallbackListener {
    /// Takes a free port.
    ///
    /// # Errors
    /// [`Error::Callback`].
    #[boxed]
    pub async fn bind() -> Result<Self> {
        let failed = |source| Error::Callback { source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        Ok(Self {
            listener,
            url: format!("http://127.0.0.1:{port}/"),
        })
    }

    /// What to give [`super::SignIn::request_token`] as the callback.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits for the verifier that belongs to the request token `token`. Dropping the future stops
    /// the waiting.
    ///
    /// # Errors
    /// [`Error::Callback`] if no connection can be accepted any more.
    #[boxed]
    pub async fn wait(&self, token: &SecretString) -> Result<SecretString> {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept(), if connections.len() < MAX_CONNECTIONS => {
                    let (stream, _) = accepted.map_err(|source| Error::Callback { source })?;
                    connections.spawn(serve(stream, token.clone()));
                }
                Some(done) = connections.join_next() => {
                    if let Ok(Some(verifier)) = done {
                        return Ok(verifier);
                    }
                }
            }
        }
    }
}

/// Answers one request, and returns the verifier if it brought the right one: also where the browser
/// is gone before it has the page.
async fn serve(stream: TcpStream, token: SecretString) -> Option<SecretString> {
    let verifier = OnceLock::new();
    let service = service_fn(|request| {
        let answer = answer(&request, &token, &verifier);
        ready(Ok::<_, Infallible>(answer))
    });
    let serving = http1::Builder::new()
        .keep_alive(false)
        .max_buf_size(MAX_REQUEST)
        .serve_connection(TokioIo::new(stream), service);
    // Neither a bad request nor a slow one is an error of the sign-in.
    timeout(CONNECTION_TIMEOUT, serving).await.ok();
    verifier.into_inner()
}

fn answer<Body>(
    request: &Request<Body>,
    token: &SecretString,
    verifier: &OnceLock<SecretString>,
) -> Response<String> {
    let found = verifier::of_query(request.uri().query().unwrap_or_default());
    let (status, text) = match found {
        _ if request.method() != Method::GET => (
            StatusCode::BAD_REQUEST,
            "This is not a request that flickr-faces understands.",
        ),
        None => (
            StatusCode::NOT_FOUND,
            "Nothing here: flickr-faces is waiting for Flickr's answer.",
        ),
        Some(found)
            if found.token.as_ref().map(ExposeSecret::expose_secret)
                == Some(token.expose_secret()) =>
        {
            verifier.set(found.verifier).ok();
            (
                StatusCode::OK,
                "Thank you: flickr-faces is signed in. You can close this page.",
            )
        }
        Some(_) => {
            tracing::debug!("a redirect of another sign-in");
            (
                StatusCode::BAD_REQUEST,
                "This answer belongs to another sign-in. Use the page that was opened last.",
            )
        }
    };
    let mut response = Response::new(format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>flickr-faces</title>\n\
         <body style=\"font-family: sans-serif; margin: 4em auto; max-width: 32em\">\n\
         <h1>flickr-faces</h1>\n<p>{text}</p>\n</body></html>\n"
    ));
    *response.status_mut() = status;
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        // The address holds the verifier: it is neither kept nor passed on.
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
    ];
    let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
    response.headers_mut().extend(headers);
    response
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn ask(listener: &CallbackListener, request: &[u8]) -> String {
        let address = listener.listener.local_addr().unwrap();
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut answer = Vec::new();
        // A refused request may be cut off while it is still being sent.
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    #[tokio::test]
    async fn the_right_redirect_ends_the_wait_and_no_other() {
        let listener = CallbackListener::bind().await.unwrap();
        let token = SecretString::from("72157-aa");
        // A connection that is never used must not be in the way.
        let idle = TcpStream::connect(listener.listener.local_addr().unwrap())
            .await
            .unwrap();
        let browser = async {
            let get = |target: &str| {
                format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").into_bytes()
            };
            // request, status expected
            let cases = [
                (get("/favicon.ico"), "404"),
                (get("/"), "404"),
                (get("/?oauth_token=72157-bb&oauth_verifier=ff00"), "400"),
                (get("/?oauth_verifier=ff00"), "400"),
                (get("/?oauth_token=72157-aa"), "404"),
                (
                    b"POST /?oauth_token=72157-aa&oauth_verifier=ff00 HTTP/1.1\r\n\r\n".to_vec(),
                    "400",
                ),
                (
                    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
                    "400",
                ),
                (
                    get(&format!("/?oauth_token=72157-aa&x={}", "y".repeat(20_000))),
                    "",
                ),
            ];
            let mut wrong = Vec::new();
            for (request, status) in cases {
                let answer = ask(&listener, &request).await;
                if !answer.starts_with(&format!("HTTP/1.1 {status}")) && !status.is_empty() {
                    wrong.push((String::from_utf8_lossy(&request).into_owned(), answer));
                }
            }
            assert!(wrong.is_empty(), "{wrong:#?}");
            ask(
                &listener,
                &get("/?oauth_token=72157-aa&oauth_verifier=00112233445566ff"),
            )
            .await
        };
        let (verifier, page) = tokio::join!(listener.wait(&token), browser);
        assert_eq!(verifier.unwrap().expose_secret(), "00112233445566ff");
        assert!(
            page.starts_with("HTTP/1.1 200 OK") && page.contains("signed in"),
            "{page}"
        );
        assert!(
            !page.contains("00112233445566ff"),
            "the page repeats the verifier"
        );
        drop(idle);
    }
}

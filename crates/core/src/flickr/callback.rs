//! Waits on 127.0.0.1 for the browser to come back from Flickr's authorize page.
//!
//! Browsers also ask for icons and open connections they never use, so several are served at once,
//! each with a limit in time and size, until one brings the verifier of this very sign-in. A person
//! who presses Cancel is sent to Flickr's home page and never comes: the caller sets the patience.

use std::net::Ipv4Addr;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::error::{Error, Result};
use super::verifier;

/// Bytes of the longest request that is read; a browser's has one or two thousand.
const MAX_REQUEST: usize = 16 * 1024;
const MAX_HEADERS: usize = 64;
/// For one connection, from its opening to our answer.
const PATIENCE: Duration = Duration::from_secs(5);
const MAX_CONNECTIONS: usize = 32;

/// A port on 127.0.0.1 that waits for one browser.
#[derive(Debug)]
pub struct CallbackListener {
    listener: TcpListener,
    url: String,
}

/// What a connection asked for.
enum Asked {
    Approved(SecretString),
    Other,
}

impl CallbackListener {
    /// Takes a free port.
    ///
    /// # Errors
    /// [`Error::Callback`].
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
    pub async fn wait(&self, token: &SecretString) -> Result<SecretString> {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept(), if connections.len() < MAX_CONNECTIONS => {
                    let (stream, _) = accepted.map_err(|source| Error::Callback { source })?;
                    let token = token.clone();
                    connections.spawn(async move {
                        tokio::time::timeout(PATIENCE, serve(stream, &token)).await
                    });
                }
                Some(done) = connections.join_next() => {
                    if let Ok(Ok(Ok(Asked::Approved(verifier)))) = done {
                        return Ok(verifier);
                    }
                }
            }
        }
    }
}

/// Reads one request and answers it.
async fn serve(mut stream: TcpStream, token: &SecretString) -> std::io::Result<Asked> {
    let Some(target) = read_target(&mut stream).await? else {
        answer(
            &mut stream,
            "400 Bad Request",
            "This is not a request that flickr-faces understands.",
        )
        .await?;
        return Ok(Asked::Other);
    };
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let Some(found) = verifier::of_query(query) else {
        answer(
            &mut stream,
            "404 Not Found",
            "Nothing here: flickr-faces waits for Flickr's answer.",
        )
        .await?;
        return Ok(Asked::Other);
    };
    if found.token.as_ref().map(ExposeSecret::expose_secret) != Some(token.expose_secret()) {
        tracing::debug!("a redirect of another sign-in");
        answer(
            &mut stream,
            "400 Bad Request",
            "This answer belongs to another sign-in. Use the page that was opened last.",
        )
        .await?;
        return Ok(Asked::Other);
    }
    // The verifier counts even if the browser is gone before it has the page.
    let _ = answer(
        &mut stream,
        "200 OK",
        "Thank you: flickr-faces is signed in. You can close this page.",
    )
    .await;
    Ok(Asked::Approved(found.verifier))
}

/// The target of a GET request; `None` for anything else, or a request too long.
async fn read_target(stream: &mut TcpStream) -> std::io::Result<Option<String>> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 2048];
    loop {
        let read = stream.read(&mut chunk).await?;
        if read == 0 || bytes.len() + read > MAX_REQUEST {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk[..read]);
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(&bytes) {
            Ok(httparse::Status::Partial) => {}
            Ok(httparse::Status::Complete(_)) if request.method == Some("GET") => {
                return Ok(request.path.map(str::to_owned));
            }
            _ => return Ok(None),
        }
    }
}

async fn answer(stream: &mut TcpStream, status: &str, text: &str) -> std::io::Result<()> {
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>flickr-faces</title>\n\
         <body style=\"font-family: sans-serif; margin: 4em auto; max-width: 32em\">\n\
         <h1>flickr-faces</h1>\n<p>{text}</p>\n</body></html>\n"
    );
    // The address holds the verifier: it is neither kept nor passed on.
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n",
        page.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(page.as_bytes()).await?;
    stream.shutdown().await
}

#[cfg(test)]
mod tests {
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

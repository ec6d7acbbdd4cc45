//! The client against a server that answers, byte for byte, what a test tells it to: the faults
//! that no well-behaved server makes. Whether the calls are those of Flickr is for the tests
//! against the sandbox.

mod client;
mod images;
mod listing;
pub(crate) mod log;
mod secrets;
mod sign_in;

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::{AccessToken, ApiKey, Client, ClientConfig, Endpoints, Flickr};
use crate::ids::PhotoId;

const MS: Duration = Duration::from_millis(1);
const KEY: &str = "0123456789abcdef0123456789abcdef";
const SECRET: &str = "fedcba9876543210";
const TOKEN: &str = "72157600000000001-00112233445566aa";
const TOKEN_SECRET: &str = "8899aabbccddeeff";

fn photo(id: &str) -> PhotoId {
    id.parse().unwrap()
}

/// A request as the server saw it.
#[derive(Debug, Clone)]
struct Asked {
    verb: String,
    path: String,
    /// Of the query, or of the form.
    params: HashMap<String, String>,
    authorization: String,
    user_agent: String,
    accept_encoding: String,
}

impl Asked {
    fn param(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    /// A field of the Authorization header, as it is encoded there.
    fn oauth(&self, name: &str) -> &str {
        let start = format!("{name}=\"");
        let field = self.authorization.split(&start).nth(1);
        field
            .and_then(|rest| rest.split('"').next())
            .unwrap_or_default()
    }
}

/// What the server does with a request.
#[derive(Debug, Clone)]
enum Answer {
    /// Status, further header lines (each with its line end), body.
    Reply(u16, String, Vec<u8>),
    /// The body stops after this many of the announced bytes.
    Cut(String, Vec<u8>, usize),
    /// The body comes in pieces of this many bytes, each after this long.
    Trickle(Vec<u8>, usize, Duration),
    /// Says nothing for this long, then closes.
    Silence(Duration),
}

fn reply(status: u16, body: &str) -> Answer {
    Answer::Reply(status, String::new(), body.as_bytes().to_vec())
}

type Handler = dyn Fn(&Asked, usize) -> Answer + Send + Sync;

struct Server {
    base: Url,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// `handler` gets each request and how many came before it.
    async fn start(handler: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let handler: Arc<Handler> = Arc::new(handler);
        let log = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&handler), Arc::clone(&log)));
            }
        });
        Self { base, asked, task }
    }

    /// Answers in this order; the last one for ever.
    async fn script(answers: Vec<Answer>) -> Self {
        Self::start(move |_, n| answers[n.min(answers.len() - 1)].clone()).await
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    fn endpoints(&self) -> Endpoints {
        Endpoints::local(&self.base).unwrap()
    }

    fn client(&self) -> Arc<Client> {
        Arc::new(Client::new(self.endpoints(), ApiKey::new(KEY, SECRET), fast()).unwrap())
    }

    fn flickr(&self) -> Flickr {
        Flickr::new(self.client(), token())
    }
}

pub(crate) fn token() -> AccessToken {
    AccessToken {
        token: TOKEN.into(),
        secret: TOKEN_SECRET.into(),
        nsid: "12345678@N00".into(),
        username: "ann".into(),
        fullname: String::new(),
    }
}

/// Flickr's rules with the waits of a test.
fn fast() -> ClientConfig {
    ClientConfig {
        calls_per_hour: NonZeroU32::new(100_000_000).unwrap(),
        burst: NonZeroU32::new(1000).unwrap(),
        call_timeout: 1500 * MS,
        first_wait: 2 * MS,
        throttle_pause: 40 * MS,
        longest_wait: Duration::from_secs(5),
        ..ClientConfig::default()
    }
}

async fn serve(mut stream: TcpStream, handler: Arc<Handler>, log: Arc<Mutex<Vec<Asked>>>) {
    let Some(asked) = read_request(&mut stream).await else {
        return;
    };
    let before = {
        let mut log = log.lock().unwrap();
        log.push(asked.clone());
        log.len() - 1
    };
    let head = |status: u16, headers: &str, length: usize| {
        format!(
            "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n"
        )
    };
    // A client may be gone before it has everything: that is not the server's failure.
    let _ = match handler(&asked, before) {
        Answer::Reply(status, headers, body) => {
            let _ = stream
                .write_all(head(status, &headers, body.len()).as_bytes())
                .await;
            stream.write_all(&body).await
        }
        Answer::Cut(headers, body, sent) => {
            let _ = stream
                .write_all(head(200, &headers, body.len()).as_bytes())
                .await;
            stream.write_all(&body[..sent]).await
        }
        Answer::Trickle(body, piece, pause) => {
            let mut sent = stream.write_all(head(200, "", body.len()).as_bytes()).await;
            for piece in body.chunks(piece) {
                tokio::time::sleep(pause).await;
                sent = sent.and(stream.write_all(piece).await);
                if sent.is_err() {
                    break;
                }
            }
            sent
        }
        Answer::Silence(time) => {
            tokio::time::sleep(time).await;
            Ok(())
        }
    };
    let _ = stream.shutdown().await;
}

async fn read_request(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let read = stream.read(&mut chunk).await.ok()?;
        bytes.extend_from_slice(&chunk[..read]);
        let mut headers = [httparse::EMPTY_HEADER; 32];
        let mut request = httparse::Request::new(&mut headers);
        let parsed = request.parse(&bytes).unwrap();
        if let httparse::Status::Complete(head) = parsed {
            let header = |name: &str| {
                let found = request
                    .headers
                    .iter()
                    .find(|h| h.name.eq_ignore_ascii_case(name));
                found.map_or(String::new(), |h| {
                    String::from_utf8_lossy(h.value).into_owned()
                })
            };
            let length: usize = header("content-length").parse().unwrap_or(0);
            if bytes.len() - head < length {
                continue;
            }
            let target = request.path.unwrap();
            let (path, query) = target.split_once('?').unwrap_or((target, ""));
            let form = &bytes[head..head + length];
            let pairs =
                [query.as_bytes(), form].map(|part| url::form_urlencoded::parse(part).into_owned());
            return Some(Asked {
                verb: request.method.unwrap().to_owned(),
                path: path.to_owned(),
                params: pairs.into_iter().flatten().collect(),
                authorization: header("authorization"),
                user_agent: header("user-agent"),
                accept_encoding: header("accept-encoding"),
            });
        }
        if read == 0 {
            return None;
        }
    }
}

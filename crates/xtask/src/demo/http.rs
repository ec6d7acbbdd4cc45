//! One GET of a JSON document on this machine: HTTP/1.0 (RFC 1945), so that the reply is its head,
//! an empty line, and everything up to the end of the connection. No client of the wide world.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};

const TIMEOUT: Duration = Duration::from_secs(30);

/// Fetches `path` from `base`, which is `http://ADDRESS:PORT`; gives the body.
///
/// # Errors
///
/// No connection, another status than 200, or a reply that is cut.
pub fn get(base: &str, path: &str) -> Result<Vec<u8>> {
    let what = || format!("GET {base}{path}");
    let address = base.strip_prefix("http://").with_context(what)?;
    let mut stream = TcpStream::connect(address).with_context(what)?;
    stream.set_read_timeout(Some(TIMEOUT)).with_context(what)?;
    stream
        .write_all(format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n").as_bytes())
        .with_context(what)?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).with_context(what)?;
    Ok(body(&reply).with_context(what)?.to_owned())
}

/// The body of a reply with status 200.
fn body(reply: &[u8]) -> Result<&[u8]> {
    let end = reply
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .context("the reply's head does not end")?;
    let (head, body) = (String::from_utf8_lossy(&reply[..end]), &reply[end + 4..]);
    let mut lines = head.lines();
    let status = lines.next().unwrap_or_default();
    if status.split(' ').nth(1) != Some("200") {
        bail!("`{status}`, expected status 200");
    }
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("content-length") && value.trim() != body.len().to_string() {
            bail!("{} bytes came, announced were{value}", body.len());
        }
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    #[test]
    fn a_reply_is_taken_only_whole_and_with_status_200() {
        struct Case {
            reply: &'static str,
            expected: Result<&'static str, &'static str>,
        }
        let cases = [
            Case {
                reply: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
                expected: Ok("{}"),
            },
            Case {
                reply: "HTTP/1.0 200 OK\r\n\r\n{}\r\n\r\n",
                expected: Ok("{}\r\n\r\n"),
            },
            Case {
                reply: "HTTP/1.0 200\r\n\r\n",
                expected: Ok(""),
            },
            Case {
                reply: "HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{}",
                expected: Err("2 bytes came, announced were 20"),
            },
            Case {
                reply: "HTTP/1.1 404 Not Found\r\n\r\n",
                expected: Err("`HTTP/1.1 404 Not Found`, expected status 200"),
            },
            Case {
                reply: "HTTP/1.1 200 OK\r\n",
                expected: Err("the reply's head does not end"),
            },
            Case {
                reply: "",
                expected: Err("the reply's head does not end"),
            },
            Case {
                reply: "nonsense\r\n\r\n",
                expected: Err("`nonsense`, expected status 200"),
            },
        ];
        let wrong: Vec<_> = cases
            .iter()
            .filter_map(|case| {
                let found = body(case.reply.as_bytes()).map_err(|error| error.to_string());
                let expected = case.expected.map(str::as_bytes).map_err(str::to_owned);
                (found != expected).then_some((case.reply, found))
            })
            .collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn a_document_is_fetched() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = String::new();
            BufReader::new(&stream).read_line(&mut request).unwrap();
            stream.write_all(b"HTTP/1.0 200 OK\r\n\r\n[1]").unwrap();
            request
        });
        assert_eq!(get(&base, "/sandbox/tags").unwrap(), b"[1]");
        assert_eq!(server.join().unwrap(), "GET /sandbox/tags HTTP/1.0\r\n");
    }
}

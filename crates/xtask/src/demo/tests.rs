use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;

use super::*;

#[test]
fn the_config_points_at_the_small_flickr() {
    let text = config("http://127.0.0.1:1234", "thekey", "thesecret");
    for line in [
        "api_key = thekey",
        "api_secret = thesecret",
        "flickr_url = http://127.0.0.1:1234",
        "[paths]",
        "store = faces.sqlite",
    ] {
        assert!(
            text.lines().any(|found| found == line),
            "no line `{line}` in\n{text}"
        );
    }
}

#[test]
fn the_folder_of_the_programs_comes_first_in_the_path() {
    let path = search_path(Path::new("/bin/flickr-sandbox")).unwrap();
    assert_eq!(env::split_paths(&path).next().unwrap(), Path::new("/bin"));
}

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
            reply: "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{}",
            expected: Err("disconnected"),
        },
        Case {
            reply: "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            expected: Err("404"),
        },
        Case {
            reply: "HTTP/1.1 200 OK\r\n",
            expected: Err("disconnected"),
        },
        Case {
            reply: "",
            expected: Err("disconnected"),
        },
        Case {
            reply: "nonsense\r\n\r\n",
            expected: Err("http"),
        },
    ];
    let mut wrong = Vec::new();
    for case in cases {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/tags", listener.local_addr().unwrap());
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = BufReader::new(&stream).lines().map_while(Result::ok);
            let first = request.next().unwrap();
            // Up to the empty line, so that the connection ends without a reset.
            request.take_while(|line| !line.is_empty()).for_each(drop);
            stream.write_all(case.reply.as_bytes()).unwrap();
            first
        });
        let found = fetch(&url);
        assert_eq!(server.join().unwrap(), "GET /tags HTTP/1.1");
        let right = match (&found, case.expected) {
            (Ok(body), Ok(expected)) => body == expected.as_bytes(),
            (Err(error), Err(expected)) => {
                let text = format!("{error:#}");
                text.starts_with(&format!("GET {url}: ")) && text.contains(expected)
            }
            _ => false,
        };
        if !right {
            wrong.push((case.reply, found));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

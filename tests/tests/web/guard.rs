//! By plain HTTP: who is answered, and with which headers.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
};

use end_to_end::{Page, Run};

use crate::library::{FACES, decided, home, tagged};

/// Sends a request as it stands and gives the answer.
pub fn send(page: &Page, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(page.host()).unwrap();
    let request = format!(
        "{}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        head.replace('\n', "\r\n").replace("{host}", page.host()),
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

pub fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

pub fn header<'a>(answer: &'a str, name: &str) -> &'a str {
    let start = format!("{name}: ");
    let line = answer
        .lines()
        .find(|line| line.to_ascii_lowercase().starts_with(&start));
    line.map_or("", |line| &line[start.len()..])
}

#[test]
fn only_the_browser_that_was_let_in_is_answered() {
    let home = home();
    let page = Page::serve(&home, &[]);
    let token = page.url.split_once('?').unwrap().1;
    let entered = send(
        &page,
        &format!("GET /?{token} HTTP/1.1\nHost: {{host}}"),
        "",
    );
    assert_eq!(status(&entered), "200", "{entered}");
    let cookie = header(&entered, "set-cookie");
    assert!(
        cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Strict"),
        "{cookie}"
    );
    let place = cookie
        .split("Path=")
        .nth(1)
        .unwrap()
        .split(';')
        .next()
        .unwrap();
    let cookie = cookie.split(';').next().unwrap();
    let own = format!("Host: {{host}}\nCookie: {cookie}");
    struct Case {
        name: &'static str,
        head: String,
        body: &'static str,
        status: &'static str,
    }
    let case = |name, head: String, body, status| Case {
        name,
        head,
        body,
        status,
    };
    let post = |more: &str| format!("POST {place}decide HTTP/1.1\n{own}{more}");
    let cases = [
        case("let in", format!("GET {place} HTTP/1.1\n{own}"), "", "200"),
        case(
            "no token",
            "GET / HTTP/1.1\nHost: {host}".to_owned(),
            "",
            "403",
        ),
        case(
            "a wrong token",
            "GET /?token=00 HTTP/1.1\nHost: {host}".to_owned(),
            "",
            "403",
        ),
        case(
            "no cookie",
            format!("GET {place} HTTP/1.1\nHost: {{host}}"),
            "",
            "403",
        ),
        case(
            "no cookie, a face",
            format!("GET {place}crop/53000000001:0 HTTP/1.1\nHost: {{host}}"),
            "",
            "403",
        ),
        case(
            "a wrong cookie",
            format!("GET {place} HTTP/1.1\nHost: {{host}}\nCookie: {cookie}0"),
            "",
            "403",
        ),
        case(
            "another's host",
            format!("GET {place} HTTP/1.1\nHost: evil.example\nCookie: {cookie}"),
            "",
            "403",
        ),
        case(
            "the token by another's host",
            format!("GET /?{token} HTTP/1.1\nHost: evil.example"),
            "",
            "403",
        ),
        case(
            "a picture for another site",
            format!("GET {place} HTTP/1.1\n{own}\nSec-Fetch-Site: cross-site"),
            "",
            "403",
        ),
        case(
            "a form of another site",
            post("\nOrigin: https://evil.example"),
            "list=1&do=stranger",
            "403",
        ),
        case("a form of no page", post(""), "list=1&do=stranger", "403"),
        case(
            "a form of null",
            post("\nOrigin: null"),
            "list=1&do=stranger",
            "403",
        ),
        case(
            "its own form, of a page too old",
            post("\nOrigin: http://{host}"),
            "list=999&do=stranger",
            "409",
        ),
        case(
            "its own form, without the list",
            post("\nOrigin: http://{host}"),
            "do=stranger",
            "400",
        ),
        case(
            "no such page",
            format!("GET {place}nothing HTTP/1.1\n{own}"),
            "",
            "404",
        ),
        case(
            "no such face",
            format!("GET {place}crop/..%2f..%2fetc HTTP/1.1\n{own}"),
            "",
            "404",
        ),
        case(
            "no such threshold",
            format!("GET {place}?threshold=nan HTTP/1.1\n{own}"),
            "",
            "400",
        ),
        case(
            "not by this way",
            format!("DELETE {place} HTTP/1.1\n{own}\nOrigin: http://{{host}}"),
            "",
            "405",
        ),
    ];
    let mut wrong = Vec::new();
    for case in &cases {
        let answer = send(&page, &case.head, case.body);
        let safe = header(&answer, "content-security-policy").starts_with("default-src 'none'")
            && !header(&answer, "content-security-policy").contains("unsafe")
            && header(&answer, "cache-control") == "no-store"
            && header(&answer, "x-content-type-options") == "nosniff"
            && header(&answer, "x-frame-options") == "DENY"
            && header(&answer, "referrer-policy") == "same-origin";
        if status(&answer) != case.status || !safe {
            wrong.push(format!("{}: {answer}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert_eq!(decided(&home, "NULL"), FACES, "nothing was decided");

    // A form that is too long is not read to its end.
    let long = "x".repeat(2 << 20);
    let mut stream = TcpStream::connect(page.host()).unwrap();
    let head = post("\nOrigin: http://{host}")
        .replace('\n', "\r\n")
        .replace("{host}", page.host());
    write!(
        stream,
        "{head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        long.len()
    )
    .unwrap();
    // The server may close before all is written.
    stream.write_all(long.as_bytes()).ok();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok();
    assert!(answer.is_empty() || status(&answer) == "422", "{answer}");
}

#[test]
fn without_scripts_a_form_does_the_same() {
    let home = home();
    let page = Page::serve(&home, &[]);
    let token = page.url.split_once('?').unwrap().1;
    let entered = send(
        &page,
        &format!("GET /?{token} HTTP/1.1\nHost: {{host}}"),
        "",
    );
    let cookie = header(&entered, "set-cookie");
    let place = cookie
        .split("Path=")
        .nth(1)
        .unwrap()
        .split(';')
        .next()
        .unwrap();
    let own = format!(
        "Host: {{host}}\nCookie: {}",
        cookie.split(';').next().unwrap()
    );
    let clusters = send(
        &page,
        &format!("GET {place}?threshold=0.1 HTTP/1.1\n{own}"),
        "",
    );
    let link = clusters
        .split("href=\"cluster/")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let asked = send(
        &page,
        &format!("GET {place}cluster/{link} HTTP/1.1\n{own}"),
        "",
    );
    let list = asked
        .split("name=\"list\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    // Two boxes are ticked.
    let answer = send(
        &page,
        &format!("POST {place}decide HTTP/1.1\n{own}\nOrigin: http://{{host}}"),
        &format!("list={list}&threshold=0.1&at=0&do=name&name=Ada+Lovelace&out=1&out=3"),
    );
    assert_eq!(status(&answer), "303", "{answer}");
    assert_eq!(decided(&home, "'named'"), 4);
    let next = header(&answer, "location");
    let next = send(&page, &format!("GET {next} HTTP/1.1\n{own}"), "");
    assert!(next.contains("4 faces: Ada Lovelace"), "{next}");

    // A typed line means the same as with scripts; numbers alone need them.
    let list = next
        .split("name=\"list\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let typed = |line: &str| {
        send(
            &page,
            &format!("POST {place}decide HTTP/1.1\n{own}\nOrigin: http://{{host}}"),
            &format!("list={list}&threshold=0.1&at=1&do=name&name={line}"),
        )
    };
    let answer = typed("%3Ax+3");
    assert_eq!(status(&answer), "422", "{answer}");
    assert_eq!(decided(&home, "'named'"), 4);
    let answer = typed("%3Ax+3+2Pac");
    assert_eq!(status(&answer), "303", "{answer}");
    assert_eq!(decided(&home, "'named'"), 8);
    assert!(
        tagged(&home).contains(&("2Pac".to_owned(), 4)),
        "{:?}",
        tagged(&home)
    );
    // What is not there is said so.
    for (path, body, expected) in [
        ("undo", "entry=999&back=journal", "404"),
        ("undo", "entry=2&back=journal", "303"),
        ("undo", "entry=2&back=journal", "409"),
        ("person/999/rename", "name=Ada", "404"),
        ("person/1/rename", "name=", "422"),
    ] {
        let head = format!("POST {place}{path} HTTP/1.1\n{own}\nOrigin: http://{{host}}");
        let answer = send(&page, &head, body);
        assert_eq!(status(&answer), expected, "{path} {body}: {answer}");
    }
}

#[test]
fn the_browsers_command_line_does_not_hold_the_token() {
    let home = home();
    // In place of a browser: writes down how it was called.
    home.write(
        "browser.sh",
        "#!/bin/sh\necho \"$@\" > called.new && mv called.new called\n",
    );
    let script = home.path("browser.sh");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).unwrap();
    let mut command = home.command("cluster-faces");
    command
        .arg("--web")
        .env("BROWSER", format!("{} %s", script.display()));
    let page = Page::start(command);
    let begin = std::time::Instant::now();
    while !home.path("called").exists() && begin.elapsed().as_secs() < 20 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let called = home.read("called");
    let token = page.url.split_once("token=").unwrap().1.to_owned();
    assert!(!called.contains(&token), "{called}");
    let file = called.trim().trim_start_matches("file://").to_owned();
    let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600, "{file}");
    assert!(
        fs::read_to_string(&file).unwrap().contains(&page.url),
        "{file}"
    );
    assert_eq!(page.interrupt(), Some(0));
    assert!(fs::metadata(&file).is_err(), "it is gone with the page");
}

#[test]
fn a_port_that_is_taken_is_said() {
    let home = home();
    let page = Page::serve(&home, &[]);
    let port = page.host().split(':').nth(1).unwrap();
    let mut command = home.command("cluster-faces");
    command.args(["--web", "--no-browser", "--port", port]);
    let _ = Run::of(command, "").ends_with(1).complains(&[
        &format!("cannot listen on 127.0.0.1:{port}"),
        &format!("another program uses port {port}; choose another with --port"),
    ]);
    let _ = home
        .run("cluster-faces", &["--port", port])
        .ends_with(1)
        .complains(&["unexpected argument '--port' found"]);
}

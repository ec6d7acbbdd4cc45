use super::*;

/// Headers, one a line.
fn headers(lines: &str) -> HeaderMap {
    let line = |line: &str| {
        let (name, value) = line.split_once(": ").unwrap();
        let name: HeaderName = name.to_ascii_lowercase().parse().unwrap();
        (name, HeaderValue::from_str(value).unwrap())
    };
    let mut map = HeaderMap::new();
    for (name, value) in lines.lines().map(line) {
        map.append(name, value);
    }
    map
}

#[test]
fn only_its_own_pages_in_the_browser_with_the_cookie_are_answered() {
    let guard = Guard::new(8080).unwrap();
    let set = guard.set_cookie();
    let cookie = set.split(';').next().unwrap().to_owned();
    let base = &guard.base;
    struct Case {
        name: &'static str,
        method: Method,
        /// `{cookie}` stands for the right one.
        headers: &'static str,
        refused: Option<Refusal>,
    }
    let case = |name, method, headers, refused| Case {
        name,
        method,
        headers,
        refused,
    };
    let (get, post) = (|| Method::GET, || Method::POST);
    let cases = [
        case(
            "typed",
            get(),
            "Host: 127.0.0.1:8080\nCookie: {cookie}\nSec-Fetch-Site: none",
            None,
        ),
        case(
            "followed",
            get(),
            "Host: 127.0.0.1:8080\nCookie: a=b; {cookie}; c=d\nSec-Fetch-Site: same-origin",
            None,
        ),
        case(
            "by name",
            get(),
            "Host: localhost:8080\nCookie: {cookie}",
            None,
        ),
        case(
            "an old browser",
            get(),
            "Host: 127.0.0.1:8080\nCookie: a=b\nCookie: {cookie}",
            None,
        ),
        case(
            "posted",
            post(),
            "Host: 127.0.0.1:8080\nOrigin: http://127.0.0.1:8080\nCookie: {cookie}",
            None,
        ),
        case("no host", get(), "Cookie: {cookie}", Some(Refusal::Host)),
        case(
            "rebound",
            get(),
            "Host: evil.example:8080\nCookie: {cookie}",
            Some(Refusal::Host),
        ),
        case(
            "rebound, port alone",
            get(),
            "Host: 127.0.0.1.evil.example:8080\nCookie: {cookie}",
            Some(Refusal::Host),
        ),
        case(
            "another port",
            get(),
            "Host: 127.0.0.1:8081\nCookie: {cookie}",
            Some(Refusal::Host),
        ),
        case(
            "no port",
            get(),
            "Host: 127.0.0.1\nCookie: {cookie}",
            Some(Refusal::Host),
        ),
        case(
            "two hosts",
            get(),
            "Host: 127.0.0.1:8080\nHost: evil.example\nCookie: {cookie}",
            Some(Refusal::Host),
        ),
        case(
            "posted from nowhere",
            post(),
            "Host: 127.0.0.1:8080\nCookie: {cookie}",
            Some(Refusal::Origin),
        ),
        case(
            "posted from null",
            post(),
            "Host: 127.0.0.1:8080\nOrigin: null\nCookie: {cookie}",
            Some(Refusal::Origin),
        ),
        case(
            "posted from elsewhere",
            post(),
            "Host: 127.0.0.1:8080\nOrigin: https://evil.example\nCookie: {cookie}",
            Some(Refusal::Origin),
        ),
        case(
            "posted from another port",
            post(),
            "Host: 127.0.0.1:8080\nOrigin: http://127.0.0.1:80800\nCookie: {cookie}",
            Some(Refusal::Origin),
        ),
        case(
            "posted by https",
            post(),
            "Host: 127.0.0.1:8080\nOrigin: https://127.0.0.1:8080\nCookie: {cookie}",
            Some(Refusal::Origin),
        ),
        case(
            "two origins",
            post(),
            "Host: 127.0.0.1:8080\nOrigin: http://127.0.0.1:8080\nOrigin: http://evil.example\nCookie: {cookie}",
            Some(Refusal::Origin),
        ),
        case(
            "deleted from nowhere",
            Method::DELETE,
            "Host: 127.0.0.1:8080\nCookie: {cookie}",
            Some(Refusal::Origin),
        ),
        case(
            "read from elsewhere",
            get(),
            "Host: 127.0.0.1:8080\nOrigin: https://evil.example\nCookie: {cookie}",
            Some(Refusal::Origin),
        ),
        case(
            "embedded elsewhere",
            get(),
            "Host: 127.0.0.1:8080\nSec-Fetch-Site: cross-site\nCookie: {cookie}",
            Some(Refusal::Origin),
        ),
        case(
            "embedded on another port",
            get(),
            "Host: 127.0.0.1:8080\nSec-Fetch-Site: same-site\nCookie: {cookie}",
            Some(Refusal::Origin),
        ),
        case(
            "no cookie",
            get(),
            "Host: 127.0.0.1:8080",
            Some(Refusal::Cookie),
        ),
        case(
            "another's cookie",
            get(),
            "Host: 127.0.0.1:8080\nCookie: flickr-faces-8081=00",
            Some(Refusal::Cookie),
        ),
        case(
            "an empty cookie",
            get(),
            "Host: 127.0.0.1:8080\nCookie: flickr-faces-8080=",
            Some(Refusal::Cookie),
        ),
        case(
            "a guess",
            get(),
            "Host: 127.0.0.1:8080\nCookie: flickr-faces-8080=0000000000000000000000000000000000000000000000000000000000000000",
            Some(Refusal::Cookie),
        ),
    ];
    let wrong: Vec<_> = cases
        .iter()
        .filter_map(|case| {
            let headers = headers(&case.headers.replace("{cookie}", &cookie));
            let found = guard.refusal(&case.method, &base.parse().unwrap(), &headers);
            (found != case.refused).then_some((case.name, found, case.refused))
        })
        .collect();
    assert!(wrong.is_empty(), "(case, found, expected): {wrong:#?}");

    // An address with another server in it, as a proxy is asked.
    let whole = format!("http://evil.example{base}").parse().unwrap();
    let own = headers(&format!("Host: 127.0.0.1:8080\nCookie: {cookie}"));
    assert_eq!(guard.refusal(&get(), &whole, &own), Some(Refusal::Host));
    // The login is open to every request to this host; it looks at the token.
    let file = headers("Host: 127.0.0.1:8080\nSec-Fetch-Site: cross-site");
    assert_eq!(
        guard.refusal(&get(), &"/?token=1".parse().unwrap(), &file),
        None
    );
    let rebound = headers("Host: evil.example:8080");
    assert_eq!(
        guard.refusal(&get(), &"/?token=1".parse().unwrap(), &rebound),
        Some(Refusal::Host)
    );
}

#[test]
fn the_cookie_is_for_this_server_alone() {
    let guard = Guard::new(8080).unwrap();
    let cookie = guard.set_cookie();
    assert!(cookie.starts_with("flickr-faces-8080="), "{cookie}");
    let path = format!("; Path={};", guard.base);
    for part in [path.as_str(), "; HttpOnly", "; SameSite=Strict"] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    assert!(!cookie.contains(guard.token.expose()));
    assert!(!format!("{guard:?}").contains(guard.cookie.expose()));
}

//! What other processes can read and change, and the program.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use flickr_sandbox::{NewPhoto, Options, Sandbox};
use serde_json::{Value, json};

use crate::client::{Answer, TestClient};

async fn post(flickr: &TestClient, path: &str, body: &Value) -> Answer {
    let url = format!("{}/sandbox/{path}", flickr.sandbox.base_url());
    let request = flickr.http.post(url).body(body.to_string());
    flickr.send(request).await.unwrap()
}

#[tokio::test]
async fn other_processes_read_and_change_the_library() {
    let flickr = TestClient::new(Options::default());
    let added = post(
        &flickr,
        "photos",
        &json!({"title": "A", "tags": ["Ann Example"]}),
    )
    .await;
    let id = added.json()["id"].as_str().unwrap().to_owned();
    let tags = flickr.get("/sandbox/tags").await.json();
    assert_eq!(
        tags,
        json!({id.as_str(): {"title": "A", "tags": ["Ann Example"]}})
    );
    assert_eq!(flickr.sandbox.tags_of(&id).unwrap(), ["Ann Example"]);
    assert_eq!(flickr.sandbox.tags_of("1"), None);

    flickr.call("flickr.test.echo", "").await;
    let calls = flickr.get("/sandbox/calls").await.json();
    assert_eq!(calls["methods"], json!({"flickr.test.echo": 1}));

    let fault = json!([{"on": "api", "kind": "server_error", "status": 502}]);
    assert_eq!(post(&flickr, "faults", &fault).await.status, 200);
    assert_eq!(flickr.call("flickr.test.echo", "").await.status, 502);

    let token = post(&flickr, "tokens", &json!({"perms": "write"}))
        .await
        .json();
    let (number, hex) = token["oauth_token"]
        .as_str()
        .unwrap()
        .split_once('-')
        .unwrap();
    assert_eq!((number.len(), hex.len()), (17, 16));

    let bad_requests = [
        ("photos", json!({"titel": "A"}), "unknown field `titel`"),
        (
            "photos",
            json!({"file": "/no/such.jpg"}),
            "cannot read /no/such.jpg",
        ),
        ("quirks", json!({"max_tag": 1}), "unknown field `max_tag`"),
        ("tokens", json!({"perms": "all"}), "unknown variant `all`"),
    ];
    for (path, body, message) in &bad_requests {
        let answer = post(&flickr, path, body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.text().contains(message), "{}", answer.text());
    }
}

#[test]
fn a_dropped_sandbox_stops_listening() {
    let sandbox = Sandbox::start(Options::default()).unwrap();
    sandbox.add_photo(NewPhoto::default()).unwrap();
    let address = sandbox
        .base_url()
        .strip_prefix("http://")
        .unwrap()
        .to_owned();
    assert!(std::net::TcpStream::connect(&address).is_ok());
    drop(sandbox);
    assert!(std::net::TcpStream::connect(&address).is_err());
}

#[test]
fn the_program_says_where_it_listens_and_approves_only_sandboxes() {
    let dir = tempfile::tempdir().unwrap();
    let state_file = dir.path().join("state.json");
    let program = env!("CARGO_BIN_EXE_flickr-sandbox");
    let mut child = Command::new(program)
        .args(["serve", "--generate", "7", "--key", "k", "--secret", "s"])
        .arg("--state-file")
        .arg(&state_file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let state: Value = serde_json::from_slice(&std::fs::read(&state_file).unwrap()).unwrap();
    let mode = std::os::unix::fs::MetadataExt::mode(&state_file.metadata().unwrap());
    assert_eq!(
        (&state["key"], &state["secret"]),
        (&json!("k"), &json!("s"))
    );
    let url = state["url"].as_str().unwrap();
    let expected = format!("flickr-sandbox: 7 photos at {url} (key k, secret s)\n");
    assert_eq!(line, expected);
    assert_eq!(mode & 0o777, 0o600);

    let refused = Command::new(program)
        .args(["approve", "https://www.flickr.com/services/oauth/authorize"])
        .output()
        .unwrap();
    assert!(!refused.status.success());
    let message = String::from_utf8(refused.stderr).unwrap();
    assert!(message.contains("is not on this machine"), "{message}");
}

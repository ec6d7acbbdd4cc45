//! Formats and failures.

use flickr_sandbox::{NewPhoto, Options, Quirks};

use crate::client::TestClient;

#[tokio::test]
async fn replies_come_in_every_format() {
    let flickr = TestClient::new(Options::default());
    let key = flickr.sandbox.key();
    struct Case {
        arguments: &'static str,
        content_type: &'static str,
        body: &'static str,
    }
    let cases = [
        Case {
            arguments: "method=flickr.test.echo&x=a/b",
            content_type: "text/xml; charset=utf-8",
            body: "<rsp stat=\"ok\">\n<method>flickr.test.echo</method>\n<x>a/b</x>",
        },
        Case {
            arguments: "method=flickr.test.echo&x=a/b&format=json&nojsoncallback=1",
            content_type: "application/json",
            body: r#"{"method":{"_content":"flickr.test.echo"},"x":{"_content":"a\/b"},"#,
        },
        Case {
            arguments: "method=flickr.test.echo&format=json",
            content_type: "text/javascript; charset=utf-8",
            body: "jsonFlickrApi({\"method\":",
        },
        Case {
            arguments: "method=flickr.test.echo&format=json&jsoncallback=mine",
            content_type: "text/javascript; charset=utf-8",
            body: "mine({\"method\":",
        },
        Case {
            arguments: "method=flickr.no.such&format=json&nojsoncallback=1",
            content_type: "application/json",
            body: r#"{"stat":"fail","code":112,"message":"Method \"flickr.no.such\" not found"}"#,
        },
        Case {
            arguments: "method=flickr.no.such",
            content_type: "text/xml; charset=utf-8",
            body: "<rsp stat=\"fail\">\n\t<err code=\"112\" msg=\"Method &quot;flickr.no.such&quot; not found\" />\n</rsp>",
        },
        Case {
            arguments: "method=flickr.test.echo&format=yaml",
            content_type: "text/xml; charset=utf-8",
            body: "<err code=\"111\" msg=\"Format &quot;yaml&quot; not found\" />",
        },
    ];
    let mut wrong = Vec::new();
    for case in &cases {
        for path in ["/services/rest", "/services/rest/"] {
            let url = format!("{path}?{}&api_key={key}", case.arguments);
            let answer = flickr.get(&url).await;
            let text = answer.text();
            let fits = answer.status == 200
                && answer.header("content-type") == case.content_type
                && answer.header("x-robots-tag") == "noindex"
                && text.contains(case.body);
            if !fits {
                wrong.push(format!("{url}: {} {text}", answer.header("content-type")));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn failures_have_flickrs_codes_and_messages() {
    let flickr = TestClient::new(Options::default());
    let private = flickr
        .sandbox
        .add_photo(NewPhoto {
            private: true,
            ..NewPhoto::default()
        })
        .unwrap();
    let info = format!("method=flickr.photos.getInfo&photo_id={private}");
    let info_message = format!("Photo \"{private}\" not found (invalid ID)");
    let sizes = format!("method=flickr.photos.getSizes&photo_id={private}");
    let key = format!("&api_key={}", flickr.sandbox.key());
    let other_key = format!("&api_key={}", "0".repeat(32));
    let cases = [
        (info.as_str(), &key, 1, info_message.as_str()),
        (&sizes, &key, 1, "Photo not found"),
        (
            "method=flickr.test.login",
            &key,
            99,
            "Insufficient permissions. Method requires read privileges; none granted.",
        ),
        (
            "method=flickr.photos.addTags",
            &key,
            99,
            "Insufficient permissions. Method requires write privileges; none granted.",
        ),
        (
            "method=flickr.test.echo",
            &"&api_key=x".to_owned(),
            100,
            "Invalid API Key (Key has invalid format)",
        ),
        (
            "method=flickr.test.echo",
            &other_key,
            100,
            "Invalid API Key (Key not found)",
        ),
        (
            "method=flickr.photos.search&user_id=me",
            &key,
            2,
            "Unknown user",
        ),
        (
            "method=flickr.photos.search",
            &key,
            3,
            "Parameterless searches have been disabled. Please use flickr.photos.getRecent instead.",
        ),
        (
            "method=flickr.people.getPhotos",
            &key,
            1,
            "Required arguments missing",
        ),
        (
            "method=flickr.auth.oauth.checkToken&oauth_token=1-2",
            &key,
            97,
            "Missing signature",
        ),
    ];
    let mut wrong = Vec::new();
    for (arguments, key, code, message) in cases {
        let url = format!("/services/rest/?{arguments}{key}&format=json&nojsoncallback=1");
        let answer = flickr.get(&url).await;
        let reply = answer.json();
        let fits = answer.status == 200
            && reply["stat"] == "fail"
            && reply["code"] == code
            && reply["message"] == message;
        if !fits {
            wrong.push(format!("{arguments}: {reply}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn quirks_change_the_envelope() {
    let flickr = TestClient::new(Options::default());
    flickr.sandbox.set_quirks(Quirks {
        plain_text_failures: true,
        ..Quirks::default()
    });
    let answer = flickr.call("flickr.no.such", "").await;
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    flickr.sandbox.set_quirks(Quirks {
        ssl_required: true,
        ..Quirks::default()
    });
    let answer = flickr.call("flickr.test.echo", "").await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["code"]),
        (403, &95.into())
    );
}

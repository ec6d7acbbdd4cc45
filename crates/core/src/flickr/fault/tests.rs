use super::*;

fn reply(status: u16, body: &str) -> Reply<'_> {
    Reply {
        method: "flickr.test.login",
        status: StatusCode::from_u16(status).unwrap(),
        retry_after: None,
        date: None,
        body: body.as_bytes(),
        secrets: &["KEY0123", "TOKEN456"],
    }
}

fn judge(reply: &Reply<'_>) -> Result<Value, Fault> {
    reply.check_status().and_then(|()| reply.json())
}

#[test]
fn every_reply_has_its_meaning() {
    struct Case(u16, &'static str, RetryWhen, &'static str);
    let cases = [
        Case(
            200,
            r#"{"stat":"fail","code":98,"message":"Invalid auth token"}"#,
            RetryWhen::Once,
            "TokenRevoked",
        ),
        Case(
            200,
            r#"{"stat":"fail","code":"99","message":"User not logged in"}"#,
            RetryWhen::Once,
            "NotSignedIn",
        ),
        Case(
            200,
            r#"{"stat":"fail","code":100,"message":"Invalid API Key"}"#,
            RetryWhen::Once,
            "BadKey",
        ),
        Case(
            200,
            r#"{"stat":"fail","code":1,"message":"Photo not found"}"#,
            RetryWhen::Never,
            "Api",
        ),
        Case(
            403,
            r#"{"stat":"fail","code":95,"message":"SSL is required"}"#,
            RetryWhen::Never,
            "Api",
        ),
        Case(
            200,
            r#"{"stat":"fail","code":105,"message":"x"}"#,
            RetryWhen::Later,
            "Unavailable",
        ),
        Case(
            200,
            r#"{"stat":"fail","code":106,"message":"Write operation failed"}"#,
            RetryWhen::Later,
            "Unavailable",
        ),
        // A search's alone.
        Case(
            200,
            r#"{"stat":"fail","code":10,"message":"x"}"#,
            RetryWhen::Never,
            "Api",
        ),
        Case(
            401,
            "oauth_problem=nonce_used",
            RetryWhen::Later,
            "Unavailable",
        ),
        Case(
            200,
            r#"{"stat":"fail","message":"Sorry, the Flickr API service is not currently available.","code":201},"#,
            RetryWhen::Later,
            "Unavailable",
        ),
        Case(
            200,
            r#"{"stat":"fail","message":"Sorry, the Flickr API service is not currently available.","code":0}"#,
            RetryWhen::Later,
            "Unavailable",
        ),
        Case(
            200,
            r#"{"stat":"fail","code":112,"message":"Method \"x\" not found"}"#,
            RetryWhen::Never,
            "Api",
        ),
        Case(
            200,
            "<html>down</html>",
            RetryWhen::Later,
            "UnexpectedReply",
        ),
        Case(
            200,
            r#"{"photos":{"page":1,"#,
            RetryWhen::Later,
            "UnexpectedReply",
        ),
        Case(200, r#"{"photos":{}}"#, RetryWhen::Later, "UnexpectedReply"),
        Case(200, "", RetryWhen::Later, "UnexpectedReply"),
        Case(
            200,
            r#"{"stat":"ok"}<html>"#,
            RetryWhen::Later,
            "UnexpectedReply",
        ),
        Case(500, "<html>", RetryWhen::Later, "Unavailable"),
        Case(502, "", RetryWhen::Later, "Unavailable"),
        Case(302, "", RetryWhen::Never, "UnexpectedReply"),
        Case(404, "<html>", RetryWhen::Never, "UnexpectedReply"),
        Case(429, "<html>", RetryWhen::AfterPause(None), "Throttled"),
        Case(
            401,
            "oauth_problem=consumer_key_unknown",
            RetryWhen::Once,
            "BadKey",
        ),
        Case(
            401,
            "oauth_problem=signature_invalid&debug_sbs=GET&https%3A%2F%2F&KEY0123",
            RetryWhen::Once,
            "SignatureRefused",
        ),
        Case(
            401,
            "oauth_problem=token_rejected",
            RetryWhen::Once,
            "TokenRevoked",
        ),
        Case(
            401,
            "oauth_problem=timestamp_refused",
            RetryWhen::Never,
            "Clock",
        ),
        Case(
            401,
            "oauth_problem=verifier_invalid",
            RetryWhen::Never,
            "SignInRefused",
        ),
        Case(401, "<html>", RetryWhen::Never, "UnexpectedReply"),
    ];
    let mut wrong = Vec::new();
    for Case(status, body, again, variant) in cases {
        let fault = judge(&reply(status, body)).unwrap_err();
        let shown = format!("{:?}", fault.error);
        if fault.retry != again || !shown.starts_with(variant) {
            wrong.push(format!("{status} {body}: {:?} {shown}", fault.retry));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(judge(&reply(200, r#"{"stat":"ok"}"#)).is_ok());
}

#[test]
fn some_replies_mean_something_else_of_another_call() {
    let of = |method, status, body| {
        let reply = Reply {
            method,
            ..reply(status, body)
        };
        judge(&reply).unwrap_err()
    };
    let out = of(
        "flickr.photos.search",
        200,
        r#"{"stat":"fail","code":10,"message":"The Flickr search API is not available"}"#,
    );
    assert_eq!(out.retry, RetryWhen::Later, "{:?}", out.error);
    // The steps of a sign-in spend what they are sent.
    let rejected = of("access_token", 401, "oauth_problem=token_rejected");
    assert_eq!(rejected.retry, RetryWhen::Never);
    // With Flickr's time it can be signed anew.
    let hour_ago = SystemTime::now() - Duration::from_secs(3600);
    let late = Reply {
        date: Some(hour_ago),
        ..reply(401, "oauth_problem=timestamp_refused")
    };
    let fault = judge(&late).unwrap_err();
    assert!(
        fault.retry == RetryWhen::Once
            && matches!(
                fault.error,
                Error::Clock {
                    ahead: Some(3599..=3601),
                    ..
                }
            ),
        "{fault:?}"
    );
}

#[test]
fn an_excerpt_holds_no_secret_and_is_short() {
    let body = format!(
        "{}KEY0123 and\n{}TOKEN456",
        "x".repeat(280),
        "é".repeat(200)
    );
    let shown = format!("{:?}", judge(&reply(200, &body)).unwrap_err().error);
    assert!(
        !shown.contains("KEY") && shown.contains("[removed]") && shown.len() < 500,
        "{shown}"
    );
    // A token across the cut is gone as a whole.
    let body = format!("{}TOKEN456", "x".repeat(296));
    let shown = format!("{:?}", judge(&reply(200, &body)).unwrap_err().error);
    assert!(!shown.contains("TOK"), "{shown}");
    let fail = r#"{"stat":"fail","code":7,"message":"bad TOKEN456"}"#;
    let shown = judge(&reply(200, fail)).unwrap_err().error.to_string();
    assert!(!shown.contains("TOKEN456"), "{shown}");
}

#[test]
fn what_looks_like_a_token_is_taken_out() {
    let cases = [
        ("no token", "no token"),
        (
            "oauth_token=72157600000000001-00112233445566aa&x",
            "oauth_token=[removed]-[removed]&x",
        ),
        ("photo 53000000001, décédé", "photo 53000000001, décédé"),
        ("0123456789abcdef", "[removed]"),
        ("", ""),
    ];
    for (text, expected) in cases {
        assert_eq!(without_hex(text), expected);
    }
}

#[test]
fn the_clocks_error_comes_from_the_date_header() {
    let mut reply = reply(401, "oauth_problem=timestamp_refused");
    reply.date = Some(SystemTime::now() - Duration::from_secs(3600));
    let Error::Clock {
        ahead: Some(ahead), ..
    } = reply.check_status().unwrap_err().error
    else {
        panic!("no Clock error with a figure");
    };
    assert!((3599..=3660).contains(&ahead), "{ahead}");
}

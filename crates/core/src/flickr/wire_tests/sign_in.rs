//! The three steps, with answers as Flickr words them.

use secrecy::ExposeSecret;

use super::*;
use crate::flickr::callback::CallbackListener;
use crate::flickr::oauth::OUT_OF_BAND;
use crate::flickr::{Error, SignIn};

const FIRST: &str = "oauth_callback_confirmed=true&oauth_token=72157-aa&oauth_token_secret=bb";
const THIRD: &str = "fullname=Ann%20Example&oauth_token=72157-cc&oauth_token_secret=dd&user_nsid=12345678%40N00&username=annexample";

fn by_path(asked: &Asked) -> Answer {
    match asked.path.as_str() {
        "/services/oauth/request_token" => reply(200, FIRST),
        "/services/oauth/access_token" => reply(200, THIRD),
        _ => reply(404, ""),
    }
}

#[tokio::test]
async fn through_the_browser() {
    let server = Server::start(|asked, _| by_path(asked)).await;
    let sign_in = SignIn::new(server.client());
    let listener = CallbackListener::bind().await.unwrap();
    let token = sign_in.request_token(listener.url()).await.unwrap();
    let page = sign_in.authorize_url(&token);
    assert_eq!(page.path(), "/services/oauth/authorize");
    assert_eq!(page.query(), Some("oauth_token=72157-aa&perms=write"));
    // The browser, sent back.
    let back = format!(
        "{}?oauth_token=72157-aa&oauth_verifier=00112233445566ff",
        listener.url()
    );
    let browser = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .build()
        .unwrap();
    let (verifier, page) = tokio::join!(listener.wait(token.token()), browser.get(back).send());
    assert_eq!(page.unwrap().status(), 200);
    let access = sign_in
        .access_token(token, &verifier.unwrap())
        .await
        .unwrap();
    assert_eq!(access.token.expose_secret(), "72157-cc");
    assert_eq!(access.secret.expose_secret(), "dd");
    assert_eq!(
        (access.nsid.as_str(), access.username.as_str()),
        ("12345678@N00", "annexample")
    );
    assert_eq!(access.fullname, "Ann Example");
    let asked = server.asked();
    assert!(
        asked[0]
            .oauth("oauth_callback")
            .starts_with("http%3A%2F%2F127.0.0.1%3A"),
        "{asked:?}"
    );
    assert_eq!(asked[1].oauth("oauth_token"), "72157-aa");
    assert_eq!(asked[1].oauth("oauth_verifier"), "00112233445566ff");
}

#[tokio::test]
async fn by_the_code_that_a_person_types() {
    let server = Server::start(|asked, _| by_path(asked)).await;
    let sign_in = SignIn::new(server.client());
    let token = sign_in.request_token(OUT_OF_BAND).await.unwrap();
    let other = "http://127.0.0.1:1/?oauth_token=72157-zz&oauth_verifier=11";
    assert!(matches!(
        token.verifier_of(other),
        Err(Error::NoVerifier { .. })
    ));
    let verifier = token.verifier_of("123456789").unwrap();
    sign_in.access_token(token, &verifier).await.unwrap();
    assert_eq!(server.asked()[0].oauth("oauth_callback"), "oob");
    assert_eq!(server.asked()[1].oauth("oauth_verifier"), "123-456-789");
}

#[tokio::test]
async fn refusals_are_distinguished() {
    let cases = [
        (
            reply(401, "oauth_problem=consumer_key_unknown"),
            "does not know the API key",
        ),
        (
            reply(401, "oauth_problem=signature_invalid&debug_sbs=GET&x"),
            "the API secret does not belong",
        ),
        (
            Answer::Reply(
                401,
                "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n".into(),
                b"oauth_problem=timestamp_refused".to_vec(),
            ),
            "s ahead of Flickr's",
        ),
        (
            reply(200, "oauth_problem=permission_denied"),
            "permission_denied",
        ),
        (reply(200, "oauth_token=72157-aa"), "no oauth_token_secret"),
        (
            reply(200, "oauth_token_secret=bb"),
            "found: fields oauth_token_secret",
        ),
    ];
    let mut wrong = Vec::new();
    for (answer, expected) in cases {
        let server = Server::script(vec![answer]).await;
        let error = SignIn::new(server.client())
            .request_token(OUT_OF_BAND)
            .await
            .unwrap_err()
            .to_string();
        if !error.contains(expected) {
            wrong.push(format!("{error}, expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn the_third_step_is_not_repeated() {
    let server = Server::start(|asked, n| {
        if n == 0 {
            by_path(asked)
        } else {
            reply(504, "")
        }
    })
    .await;
    let sign_in = SignIn::new(server.client());
    let token = sign_in.request_token(OUT_OF_BAND).await.unwrap();
    let verifier = token.verifier_of("123456789").unwrap();
    let error = sign_in.access_token(token, &verifier).await.unwrap_err();
    assert!(matches!(error, Error::AnswerLost { .. }), "{error}");
    assert_eq!(server.asked().len(), 2);
}

//! Neither key nor secret nor token in what is logged or shown, whatever the server says.

use super::{
    log::{Log, log_to},
    *,
};
use crate::flickr::SignIn;

#[tokio::test]
async fn no_log_and_no_error_holds_a_secret() {
    // The server repeats everything it was sent, and some of what it knows, in every shape.
    let secrets = [KEY, SECRET, TOKEN, TOKEN_SECRET, "123-456-789"];
    let everything = format!(
        "{} debug_sbs=GET&oauth_token%3D{TOKEN}",
        secrets[..4].join(" & ")
    );
    let answers = vec![
        reply(200, &format!("<html>{everything}</html>")),
        reply(
            401,
            &format!("oauth_problem=signature_invalid&debug_sbs={everything}"),
        ),
        reply(401, &format!("oauth_problem={everything}")),
        reply(
            200,
            &format!("{{\"stat\":\"fail\",\"code\":7,\"message\":\"{everything}\"}}"),
        ),
        reply(
            200,
            &format!("{{\"stat\":\"fail\",\"code\":105,\"message\":\"{everything}\"}}"),
        ),
        reply(418, &everything),
        reply(
            200,
            &format!("{{\"stat\":\"ok\",\"oauth\":\"{everything}\"}}"),
        ),
        // Without a wait: the pause itself is tested elsewhere.
        Answer::Reply(
            429,
            "Retry-After: 0\r\n".into(),
            everything.clone().into_bytes(),
        ),
        reply(500, &everything),
    ];
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .with_ansi(false)
        .finish();
    let mut shown = String::new();
    {
        let _guard = log_to(subscriber);
        for answer in answers {
            let server = Server::script(vec![answer]).await;
            let flickr = server.flickr();
            shown += &format!("{flickr:?}\n");
            let sign_in = SignIn::new(server.client());
            let errors = [
                flickr.auth_oauth_check_token().await.err(),
                // "ok" with whatever else is a success of a write.
                flickr.photos_add_tags(&photo("53"), &["Ada"]).await.err(),
                sign_in.request_token("oob").await.err(),
            ];
            assert!(errors.iter().flatten().count() >= 2, "{errors:?}");
            for error in errors.into_iter().flatten() {
                shown += &format!("{error}\n{error:?}\n{error:#?}\n");
            }
        }
        // The third step, which knows a verifier and a request token too.
        let server = Server::start(move |_, n| match n {
            0 => reply(
                200,
                &format!("oauth_token={TOKEN}&oauth_token_secret={TOKEN_SECRET}"),
            ),
            _ => reply(
                200,
                &format!(
                    "<html>{} 123-456-789</html>",
                    [KEY, SECRET, TOKEN, TOKEN_SECRET].join(" ")
                ),
            ),
        })
        .await;
        let sign_in = SignIn::new(server.client());
        let token = sign_in.request_token("oob").await.unwrap();
        let verifier = token.verifier_of("123456789").unwrap();
        shown += &format!("{token:?}\n{verifier:?}\n{sign_in:?}\n");
        shown += &format!(
            "{:?}",
            sign_in.access_token(token, &verifier).await.unwrap_err()
        );
    }
    let log = log.text();
    assert!(
        log.contains("flickr.auth.oauth.checkToken"),
        "nothing was logged: {log}"
    );
    assert!(shown.contains("[removed]"), "{shown}");
    let leaks: Vec<&str> = log
        .lines()
        .chain(shown.lines())
        .filter(|line| secrets.iter().any(|secret| line.contains(secret)))
        .collect();
    assert!(leaks.is_empty(), "{leaks:#?}");
}

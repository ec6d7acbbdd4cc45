//! `web`: the same questions in the browser.

use std::{io::ErrorKind, time::Duration};

use flickr_faces::{
    steps::{naming::Subset, review},
    text::count,
};
use flickr_faces_terminal::{
    exit::{Exit, Failure},
    output, signals,
};
use flickr_faces_web::{Server, ServerError};
use serde_json::json;

use crate::{cli::Web, context::Context};

/// The longest that a page or an answer waits for a database server that is away.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Serves until Ctrl-C.
pub(crate) async fn run(context: &Context, asked: &Web) -> Result<Exit, Failure> {
    let config = &context.config;
    let threshold = asked.at.threshold.unwrap_or(config.threshold);
    let session = context.session(threshold, &asked.clustering, config.min_cluster);
    let Some(session) = signals::unless_stopped(&context.stop, session).await? else {
        return Ok(Exit::Stopped);
    };
    let before = session.counts().await?;
    let server = Server::bind(asked.port, &config.results)
        .await
        .map_err(failure)?;
    let excluded = review::Excluded::of(&session).await?;
    let beginning = review::beginning(&before, &excluded, Subset::Usable);
    for line in beginning.into_iter().chain(review::nothing_left(&before)) {
        context.say(&line);
    }
    context.say(&format!(
        "Name faces in your browser; Ctrl-C ends it. Only this address lets you in:\n\n  {}\n",
        server.url()
    ));
    let opener = match asked.no_browser {
        true => None,
        false => Some(server.opener(&config.results).map_err(failure)?),
    };
    if let Some(opener) = &opener {
        let page = opener.url();
        // A browser in the terminal runs until it is left.
        std::thread::spawn(move || webbrowser::open(&page).ok());
    }
    let stop = context.stop.clone();
    let serving = server.run(session.clone(), stop.cancelled_owned());
    serving.await.map_err(failure)?;
    drop(opener);

    context.tell_taken_over(&session.settled().await?);
    session.refresh().await?;
    let after = session.counts().await?;
    let decided = before.undecided.saturating_sub(after.undecided);
    if context.json {
        output::json(
            &json!({ "decided": decided, "undecided": after.undecided, "tags": config.tags }),
        );
        return Ok(Exit::Done);
    }
    output::line(format_args!(
        "{} decided; {} without a name left.",
        count(decided, "face", "faces"),
        count(after.undecided, "face", "faces"),
    ));
    if decided > 0 {
        output::line(review::names_are_in(&config.tags));
    }
    Ok(Exit::Done)
}

/// What it means that the server cannot start or go on.
fn failure(error: ServerError) -> Failure {
    match error {
        ServerError::Listen { port, ref source } => match source.kind() {
            ErrorKind::AddrInUse => Failure::new(Exit::Usage, &error).with_hint(format!(
                "another program uses port {port}; choose another with --port"
            )),
            ErrorKind::PermissionDenied => Failure::new(Exit::Usage, &error)
                .with_hint("choose a port above 1023 with --port".to_owned()),
            _ => Failure::new(Exit::CannotGoOn, &error),
        },
        ServerError::Random(_) => Failure::new(Exit::CannotGoOn, &error),
        ServerError::Step(error) => error.into(),
        ServerError::File(error) => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_in_use_is_an_error_of_the_arguments() {
        let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = taken.local_addr().unwrap().port();
        let failure = failure(
            Server::bind(Some(port), std::path::Path::new("unused"))
                .await
                .unwrap_err(),
        );
        assert_eq!(failure.exit(), Exit::Usage);
        let hint = format!("another program uses port {port}; choose another with --port");
        assert_eq!(failure.hint(), Some(hint.as_str()));
    }
}

//! `web`: the same questions in the browser.

use flickr_faces::{
    steps::{naming::Subset, review},
    text::count,
};
use flickr_faces_terminal::{exit::Exit, signals};
use flickr_faces_web::Server;
use serde_json::json;

use crate::{cli::Web, run::Context};

/// Serves until Ctrl-C.
pub(crate) async fn run(context: &Context, asked: &Web) -> anyhow::Result<Exit> {
    let config = &context.config;
    let threshold = asked.threshold.unwrap_or(config.threshold);
    let session = context
        .session(threshold, &asked.clustering, config.min_cluster, false)
        .await?;
    let before = session.counts().await?;
    let server = Server::bind(asked.port.unwrap_or(0)).await?;
    let excluded = review::Excluded::of(&session).await?;
    for line in review::beginning(&before, &excluded, Subset::Usable) {
        context.say(&line);
    }
    context.say(&format!(
        "Name faces in your browser; Ctrl-C ends it. Only this address lets you in:\n\n  {}\n",
        server.url()
    ));
    let opener = match asked.no_browser {
        true => None,
        false => Some(server.opener(&config.results)?),
    };
    if let Some(opener) = &opener {
        let page = opener.url();
        // A browser in the terminal runs until it is left.
        std::thread::spawn(move || webbrowser::open(&page).ok());
    }
    let mut stop = signals::listen(&context.bars, "answers on their way are saved")?;
    server
        .run(session.clone(), async move { stop.asked().await })
        .await?;
    drop(opener);

    session.refresh().await?;
    let after = session.counts().await?;
    let decided = before.undecided.saturating_sub(after.undecided);
    if context.json {
        println!(
            "{}",
            json!({ "decided": decided, "undecided": after.undecided, "tags": config.tags })
        );
        return Ok(Exit::Done);
    }
    println!(
        "{} decided; {} without a name left.",
        count(decided, "face", "faces"),
        count(after.undecided, "face", "faces"),
    );
    if decided > 0 {
        println!("{}", review::names_are_in(&config.tags));
    }
    Ok(Exit::Done)
}

//! `--web`: the same questions in the browser.

use std::io::ErrorKind;

use flickr_faces::{config::Config, steps::naming::Session};
use flickr_faces_terminal::{
    exit::{Exit, Failure},
    progress::Bars,
    signals,
    text::count,
};
use flickr_faces_web::{Server, ServerError};
use serde_json::json;

/// How to show the page.
#[derive(Debug, clap::Args)]
pub(crate) struct Web {
    /// Name faces in the browser
    ///
    /// Serves a page on 127.0.0.1, prints its address and opens it. What is answered there and in the
    /// terminal is one; both can be used in turn or at the same time. Ctrl-C ends it, with exit
    /// code 0.
    #[arg(
        long,
        conflicts_with_all = ["sweep", "no_suggestions", "left_out", "report", "no_pictures"]
    )]
    pub(crate) web: bool,

    /// With --web: print the address and open no browser, as over SSH
    #[arg(long, requires = "web")]
    no_browser: bool,

    /// With --web: serve at this port
    ///
    /// Default: a free one.
    #[arg(long, value_name = "PORT", requires = "web")]
    port: Option<u16>,
}

/// Serves until Ctrl-C.
pub(crate) async fn serve(
    web: &Web,
    as_json: bool,
    session: Session,
    config: &Config,
    bars: &Bars,
) -> anyhow::Result<Exit> {
    let before = session.counts().await?;
    let server = Server::bind(web.port.unwrap_or(0)).await.map_err(failure)?;
    let say = |text: &str| match as_json {
        true => eprintln!("{text}"),
        false => println!("{text}"),
    };
    if before.faces == 0 {
        say("There are no faces in the store yet: run download first.");
    }
    say(&format!(
        "Name faces in your browser; Ctrl-C ends it. The address is for you alone:\n\n  {}\n",
        server.url()
    ));
    let opener = match web.no_browser {
        true => None,
        false => Some(server.opener(&config.results).map_err(failure)?),
    };
    if let Some(opener) = &opener {
        let page = opener.url();
        // A browser in the terminal runs until it is left.
        std::thread::spawn(move || webbrowser::open(&page).ok());
    }
    let stop = signals::listen(bars, "answers on their way are saved")?;
    let serving = server.run(session.clone(), stop.cancelled_owned());
    serving.await.map_err(failure)?;
    drop(opener);

    session.refresh().await?;
    let after = session.counts().await?;
    let decided = before.undecided.saturating_sub(after.undecided);
    if as_json {
        println!(
            "{}",
            json!({ "decided": decided, "undecided": after.undecided, "tags": config.tags })
        );
    } else {
        println!(
            "{} decided; {} without a name left.",
            count(decided, "face", "faces"),
            count(after.undecided, "face", "faces"),
        );
        if decided > 0 {
            println!(
                "The names are in {}. tag-photos writes them to Flickr.",
                config.tags.display()
            );
        }
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
        let failure = failure(Server::bind(port).await.unwrap_err());
        assert_eq!(failure.exit(), Exit::Usage);
        let hint = format!("another program uses port {port}; choose another with --port");
        assert_eq!(failure.hint(), Some(hint.as_str()));
    }
}

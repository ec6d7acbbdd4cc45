//! Opens what every command needs, and runs the one that was asked for.

use std::sync::{Arc, OnceLock};

use flickr_faces::{
    config::Config,
    files::private_folder,
    steps::{CancellationToken, naming::Session, tags_json},
    store::Store,
};
use flickr_faces_terminal::{
    exit::{Exit, Failure},
    log,
    progress::Bars,
    signals,
};

use crate::{
    cli::{Arguments, Command},
    context::Context,
    people, report, review, web,
};

pub(crate) async fn run(arguments: Arguments) -> Result<Exit, Failure> {
    let common = &arguments.common;
    let bars = Bars::new(common.quiet);
    log::start(common.verbose, &bars);
    let config = Config::read(&common.config)?;
    let begun: Arc<OnceLock<Session>> = Arc::default();
    let known = Arc::clone(&begun);
    let opened: Arc<OnceLock<Store>> = Arc::default();
    // Ends the waits for a database server that is away.
    let mut waits = CancellationToken::new();
    let (store, end) = (Arc::clone(&opened), waits.clone());
    let settled = async move {
        if store.get().is_some_and(Store::is_away) {
            // What waits for the server ends with an error that says so, and the program with it.
            end.cancel();
            std::future::pending::<()>().await;
        }
        if let Some(session) = known.get() {
            // What cannot be written now is written by the next run.
            session.settled().await.ok();
        }
    };
    // The page has requests to finish; what waits at the terminal is left as soon as nothing is under way.
    let (stop, longest) = match arguments.command {
        Some(Command::Web(_)) => {
            let stop = signals::listen(&bars, "answers on their way are saved")?;
            waits = stop.clone();
            (stop, config.longest_wait.min(web::LONGEST_WAIT))
        }
        _ => {
            signals::leave(&bars, settled)?;
            (CancellationToken::new(), config.longest_wait)
        }
    };
    let store = Store::open_waiting(&config.store, config.longest_wait, waits.clone());
    let Some(store) = signals::unless_stopped(&stop, store).await? else {
        return Ok(Exit::Stopped);
    };
    let store = store.waiting(longest, waits.clone());
    opened.set(store.clone()).ok();
    private_folder(&config.results)?;
    let (taken_over, unreadable) = match tags_json::take_over(&store, &config.tags).await {
        Ok(taken_over) => (taken_over, None),
        Err(error) if tags_json::is_unreadable(&error) && goes_without(&arguments) => {
            (None, Some(error))
        }
        Err(error) => return Err(error.into()),
    };
    let context = Context {
        stop,
        begun,
        taken_over,
        json: common.json,
        config,
        store,
        bars,
    };
    if let Some(taken) = &context.taken_over {
        context.say(&taken.to_string());
    }
    if let Some(problem) = &unreadable {
        tracing::warn!("tags.json is neither read nor written until this is mended: {problem}");
    }
    let command = arguments.command;
    let exit = match command.unwrap_or(Command::Review(arguments.review)) {
        Command::Review(asked) => {
            let threshold = asked.at.threshold.unwrap_or(context.config.threshold);
            review::run(&context, &[threshold], &asked.clustering, &asked.asking).await
        }
        Command::Sweep(asked) => {
            let thresholds = asked.thresholds.as_slice();
            review::run(&context, thresholds, &asked.clustering, &asked.asking).await
        }
        Command::Web(asked) => web::run(&context, &asked).await,
        Command::Report(clustering) => report::run(&context, &clustering).await,
        Command::People(asked) => people::run(&context, asked).await,
        Command::Journal { entries } => people::journal(&context, entries).await,
        Command::Undo { entry } => people::undo(&context, entry).await,
    };
    if exit.is_err() {
        // A server that was waited for long enough is not waited for again.
        waits.cancel();
    }
    let settled = match context.begun.get() {
        Some(session) => Some(session.settled().await),
        None => None,
    };
    if let Some(Ok(saved)) = &settled {
        // Of answers before an error, too.
        context.tell_taken_over(saved);
    }
    let exit = exit?;
    settled.transpose()?;
    context.store.close().await;
    Ok(exit)
}

/// Whether a command is of use while tags.json is damaged. Where names are given, what was edited there counts first.
fn goes_without(arguments: &Arguments) -> bool {
    matches!(
        arguments.command,
        Some(Command::Journal { .. } | Command::Undo { .. } | Command::Report(_))
    )
}

//! Opens what every command needs, and runs the one that was asked for.

use flickr_faces::{config::Config, files::private_folder, steps::tags_json, store::Store};
use flickr_faces_terminal::{
    exit::{Exit, Failure},
    log,
    progress::Bars,
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
    let store = Store::open(&config.store).await?;
    private_folder(&config.results)?;
    let context = Context {
        taken_over: tags_json::take_over(&store, &config.tags).await?,
        json: common.json,
        config,
        store,
        bars,
    };
    if let Some(taken) = &context.taken_over {
        context.say(&taken.to_string());
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
    }?;
    context.store.close().await;
    Ok(exit)
}

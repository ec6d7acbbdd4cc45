//! Opens what every command needs, and runs the one that was asked for.

use std::{
    path::Path,
    sync::{Arc, OnceLock},
};

use flickr_faces::{
    config::Config,
    files::private_folder,
    steps::{
        naming::{Session, Settings},
        tags_json::{self, TakenOver},
    },
    store::Store,
};
use flickr_faces_terminal::{
    exit::{Exit, Failure},
    log, picture,
    progress::Bars,
    prompt::{self, Asker},
    signals,
};

use crate::{
    cli::{Arguments, Clustering, Command, Pictures},
    people, report, review, web,
};

/// What every command needs.
pub(crate) struct Context {
    pub(crate) config: Config,
    pub(crate) store: Store,
    pub(crate) bars: Bars,
    /// Standard output is for a program: sentences go to standard error.
    pub(crate) json: bool,
    /// What was changed in tags.json by hand; said already.
    pub(crate) taken_over: Option<TakenOver>,
}

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
            let threshold = asked.threshold.unwrap_or(context.config.threshold);
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

impl Context {
    /// Reads the faces and finds their neighbours. `threshold` is the largest that is asked for. From
    /// then on a signal `leaves`, once an answer that is on its way is saved.
    pub(crate) async fn session(
        &self,
        threshold: f32,
        clustering: &Clustering,
        min_cluster: usize,
        leaves: bool,
    ) -> Result<Session, Failure> {
        let begun: Arc<OnceLock<Session>> = Arc::default();
        let known = Arc::clone(&begun);
        let settled = async move {
            if let Some(session) = known.get() {
                session.settled().await;
            }
        };
        if leaves {
            signals::leave(&self.bars, settled)?;
        }
        let config = &self.config;
        let settings = Settings {
            threshold,
            min_cluster: clustering
                .min_cluster
                .map_or(min_cluster, |least| least as usize),
            seed: clustering.seed.unwrap_or(config.seed),
            ..Settings::of(config)
        };
        let session =
            Session::begin(self.store.clone(), settings, Arc::new(self.bars.clone())).await;
        self.bars.finish();
        let session = session?;
        begun.set(session.clone()).ok();
        for notice in session.notices() {
            tracing::warn!("{notice}");
        }
        Ok(session)
    }

    /// Who answers questions; these are echoed to where sentences go.
    pub(crate) fn asker(&self) -> Box<dyn Asker> {
        if self.json {
            prompt::asker(std::io::stderr())
        } else {
            prompt::asker(std::io::stdout())
        }
    }

    /// Shows a picture where the terminal can, unless the person or a program wants none.
    pub(crate) fn show_picture(&self, path: &Path, Pictures { no_pictures }: Pictures) {
        if !no_pictures
            && !self.json
            && let Err(error) = picture::show(path)
        {
            tracing::warn!("the picture cannot be shown here: {error}");
        }
    }

    /// Says a sentence to the person.
    pub(crate) fn say(&self, text: &str) {
        if self.json {
            eprintln!("{text}");
        } else {
            println!("{text}");
        }
    }
}

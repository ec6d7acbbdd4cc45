//! Puts the step together: which of its works is asked for, and on what.

use flickr_faces::{
    config::Config,
    flickr::Flickr,
    steps::{
        CancellationToken,
        tagging::{Choice, Wish},
    },
    store::Store,
};
use flickr_faces_terminal::{exit::Exit, log, progress::Bars, setup, signals};

use crate::{Arguments, apply, export, undo, verify};

/// What all works need.
pub(crate) struct Desk {
    pub(crate) arguments: Arguments,
    pub(crate) choice: Choice,
    pub(crate) config: Config,
    pub(crate) bars: Bars,
    pub(crate) store: Store,
}

/// What those at Flickr need.
pub(crate) struct Online {
    pub(crate) flickr: Flickr,
    pub(crate) stop: CancellationToken,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let bars = Bars::new(arguments.common.quiet);
    log::start(arguments.common.verbose, &bars);
    let config = Config::read(&arguments.common.config)?;
    let store = Store::open(&config.store).await?;
    let desk = Desk {
        choice: arguments.choice(),
        arguments,
        config,
        bars,
        store,
    };
    let exit = desk.work().await;
    desk.bars.finish();
    desk.store.close().await;
    exit
}

impl Desk {
    async fn work(&self) -> anyhow::Result<Exit> {
        let arguments = &self.arguments;
        if arguments.xmp.is_some() || arguments.csv.is_some() {
            return export::run(self).await;
        }
        let flickr = setup::flickr(&self.config, !arguments.no_browser, &self.bars).await?;
        let stop = signals::listen(&self.bars, "the photo under way is finished and saved")?;
        // The journal is of one account: on another's photos it would mean nothing.
        self.store.bind_account(flickr.nsid()).await?;
        let online = Online { flickr, stop };
        if arguments.undo {
            undo::run(self, online).await
        } else if arguments.verify {
            verify::run(self, online).await
        } else {
            apply::run(self, online).await
        }
    }

    /// What is asked of the step.
    pub(crate) fn wish(&self) -> Wish<'_> {
        Wish {
            file: self.tags(),
            write_to: self.config.write_to,
            max_tags: self.config.max_tags,
            choice: &self.choice,
        }
    }

    pub(crate) fn tags(&self) -> &std::path::Path {
        self.arguments.tags.as_ref().unwrap_or(&self.config.tags)
    }

    pub(crate) fn json(&self) -> bool {
        self.arguments.common.json
    }

    /// Prints what came of it, the bars out of the way.
    pub(crate) fn print(
        &self,
        text: impl FnOnce() -> String,
        json: impl FnOnce() -> serde_json::Value,
    ) {
        self.bars.finish();
        if self.json() {
            println!("{}", json());
        } else {
            print!("{}", text());
        }
    }
}

impl Online {
    /// Does something that only reads, and can be left at any time.
    pub(crate) async fn reading<T, E: Into<anyhow::Error>>(
        &self,
        bars: &Bars,
        what: impl Future<Output = Result<T, E>>,
    ) -> anyhow::Result<Option<T>> {
        tokio::select! {
            done = what => Ok(Some(done.map_err(Into::into)?)),
            () = self.stop.cancelled() => {
                bars.finish();
                eprintln!("Stopped before anything was written. Run tag-photos again to go on.");
                Ok(None)
            }
        }
    }
}

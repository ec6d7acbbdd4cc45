//! What every command needs: config.ini, the store, the names, and Flickr where it is asked.

use std::{fmt::Display, path::Path};

use flickr_faces::{
    config::Config,
    flickr::Flickr,
    programs::Program,
    steps::{
        CancellationToken, StepError,
        tagging::{NameSource, Selection, TagOptions, knows_writes},
    },
    store::{Store, StoreError, StoreLock},
};
use flickr_faces_terminal::{
    args::Common,
    exit::{Exit, Failure},
    log, output,
    progress::Bars,
    setup, signals,
    text::{columns, count},
};

use crate::{
    arguments::{Names, SignIn},
    plans::Layout,
};

pub(crate) struct Context {
    pub(crate) common: Common,
    pub(crate) config: Config,
    pub(crate) bars: Bars,
    pub(crate) store: Store,
    /// The person wants it to end.
    pub(crate) stop: CancellationToken,
}

/// An account, and how the person stops the run.
pub(crate) struct SignedIn {
    pub(crate) flickr: Flickr,
    pub(crate) stop: CancellationToken,
    lock: Option<StoreLock>,
}

impl Context {
    /// `None` where the person stopped it.
    pub(crate) async fn open(common: Common) -> Result<Option<Self>, Failure> {
        let bars = Bars::new(common.quiet);
        log::start(common.verbose, &bars);
        let config = Config::read(&common.config)?;
        let stop = signals::listen(&bars, "the photo under way is finished and saved")?;
        let store = Store::open_waiting(&config.store, config.longest_wait, stop.clone());
        let store = signals::unless_stopped(&stop, store).await?;
        Ok(store.map(|store| Self {
            store: store.waiting(config.longest_wait, stop.clone()),
            common,
            config,
            bars,
            stop,
        }))
    }

    /// `only_reads` is whether the journal may be written by another run meanwhile. `None` where the
    /// person stopped it.
    pub(crate) async fn sign_in(
        &self,
        arguments: &SignIn,
        only_reads: bool,
    ) -> Result<Option<SignedIn>, Failure> {
        let stop = self.stop.clone();
        let browser = !arguments.no_browser;
        let grace = signals::grace(&stop);
        let flickr = setup::flickr(&self.config, &self.store, browser, &self.bars, grace);
        let Some(flickr) = signals::unless_stopped(&stop, flickr).await? else {
            return Ok(None);
        };
        // The journal is of one account: on another's photos it would mean nothing.
        self.store.bind_account(flickr.nsid()).await?;
        let file = self.config.write_log_file();
        let lock = match only_reads {
            true => {
                // Unless another run is writing both.
                if let (true, Ok(_lock)) = (file.exists(), self.store.lock_for_tagging().await) {
                    let learnt = self.store.learn_own_writes(&file, flickr.nsid()).await?;
                    self.say_learnt(learnt, &file);
                }
                None
            }
            false => {
                let lock = self.store.lock_for_tagging().await?;
                self.stop_without(&lock);
                let learnt = self.store.keep_write_log(&file, flickr.nsid()).await?;
                self.say_learnt(learnt, &file);
                Some(lock)
            }
        };
        Ok(Some(SignedIn { flickr, stop, lock }))
    }

    /// Ends the run where another begins, because the database has not heard of this one for too long.
    fn stop_without(&self, lock: &StoreLock) {
        let (lost, stop, bars) = (lock.lost(), self.stop.clone(), self.bars.clone());
        tokio::spawn(async move {
            lost.await;
            bars.say(&format!(
                "Stopping: another {} is at work, as the database had not heard of this one.",
                Program::TagPhotos
            ));
            stop.cancel();
        });
    }

    /// Takes what the store lacks from a journal file.
    pub(crate) async fn learn(&self, file: &Path, account: &SignedIn) -> Result<(), StoreError> {
        let _lock = match account.lock {
            Some(_) => None,
            None => Some(self.store.lock_for_tagging().await?),
        };
        let learnt = self.store.learn_writes(file, account.flickr.nsid()).await?;
        self.say_learnt(learnt, file);
        Ok(())
    }

    /// That the store is not a new one in place of that which knew what was written to Flickr.
    pub(crate) async fn knows_writes(&self) -> Result<(), StepError> {
        knows_writes(&self.store, &self.config.tags).await
    }

    fn say_learnt(&self, learnt: u64, file: &Path) {
        if learnt > 0 {
            let (writes, file) = (count(learnt, "entry", "entries"), file.display());
            self.say(&format!(
                "{writes} taken over from {file}: the store did not have them."
            ));
        }
    }

    /// Says something beside the result.
    fn say(&self, text: &dyn Display) {
        self.bars.suspend(|| match self.common.json {
            true => output::aside(text),
            false => output::line(text),
        });
    }

    /// The names of a run: those of `--tags FILE`, or those of the store once what was changed in tags.json is
    /// taken over, which is reported.
    /// Whether there is anything to write; if not, the error says which program comes before.
    pub(crate) async fn has_names(&self, arguments: &Names) -> Result<(), Failure> {
        let file = &self.config.tags;
        if arguments.tags.is_some() || NameSource::is_there(&self.store, file).await? {
            return Ok(());
        }
        let counts = self.store.counts().await.map_err(StepError::from)?;
        let (download, cluster) = (Program::Download, Program::ClusterFaces);
        let hint = match counts.faces {
            0 => format!("run `{download}` first, then `{cluster}`, which asks who the faces are"),
            faces => format!(
                "run `{cluster}` first: {} in the store, and it asks who they are",
                count(faces, "face is", "faces are")
            ),
        };
        let what = format!("nobody has a name yet, and {} is not there", file.display());
        Err(Failure::new(Exit::Usage, what).with_hint(hint))
    }

    pub(crate) async fn names(&self, arguments: &Names) -> Result<NameSource, Failure> {
        let own = &self.config.tags;
        if let Some(file) = arguments.tags.as_ref().filter(|file| !is_same(file, own)) {
            return Ok(NameSource::List(file.clone()));
        }
        let (names, taken_over) = NameSource::tags_json(&self.store, own).await?;
        if let Some(taken_over) = taken_over {
            self.say(&taken_over);
        }
        Ok(names)
    }

    pub(crate) fn options<'a>(
        &self,
        names: &'a NameSource,
        selection: &'a Selection,
    ) -> TagOptions<'a> {
        TagOptions {
            names,
            write_to: self.config.write_to,
            max_tags: self.config.max_tags,
            selection,
        }
    }

    /// How plans are shown; `-v` lists every photo, too.
    pub(crate) fn layout<'a>(&self, flickr: &'a Flickr, full: bool) -> Layout<'a> {
        Layout {
            flickr,
            columns: columns(),
            full: full || self.common.verbose > 0,
        }
    }

    /// Ends a run of which nothing was `done`: an error ended it, or the person. `nothing` is its result
    /// for programs.
    pub(crate) fn ended_before(
        &self,
        error: Option<Failure>,
        done: &str,
        mut nothing: serde_json::Value,
    ) -> Result<Exit, Failure> {
        nothing["stopped"] = error.is_none().into();
        nothing["error"] = error.as_ref().map(ToString::to_string).into();
        self.bars.finish();
        if self.common.json {
            output::json(&nothing);
        }
        match error {
            Some(error) => Err(error),
            None => {
                output::aside(format_args!("Stopped before anything was {done}."));
                Ok(Exit::Stopped)
            }
        }
    }

    /// Prints the result, the bars out of the way.
    pub(crate) fn print(
        &self,
        text: impl FnOnce() -> String,
        json: impl FnOnce() -> serde_json::Value,
    ) {
        self.bars.finish();
        if self.common.json {
            output::json(&json());
        } else {
            output::lines(text());
        }
    }
}

/// Whether two paths lead to one file.
fn is_same(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    one == other || real(one).is_some_and(|one| real(other) == Some(one))
}

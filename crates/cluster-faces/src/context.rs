//! What every command needs: config.ini, the store, faces and their neighbours, someone who answers.

use std::sync::{Arc, OnceLock};

use flickr_faces::{
    config::Config,
    steps::{
        CancellationToken,
        naming::{Session, Settings},
        tags_json::{Saved, TakenOver},
    },
    store::Store,
};
use flickr_faces_terminal::{
    exit::Failure,
    output,
    picture::{self, Medium},
    progress::Bars,
    prompt::{self, Asker},
};

use crate::cli::{Clustering, Pictures};

/// What every command needs.
pub(crate) struct Context {
    pub(crate) config: Config,
    pub(crate) store: Store,
    pub(crate) bars: Bars,
    /// Standard output is for a program: sentences go to standard error.
    pub(crate) json: bool,
    /// The person wants it to end.
    pub(crate) stop: CancellationToken,
    /// The session, once there is one.
    pub(crate) begun: Arc<OnceLock<Session>>,
    /// What was changed in tags.json by hand; said already.
    pub(crate) taken_over: Option<TakenOver>,
}

impl Context {
    /// Reads the faces and finds their neighbours. `threshold` is the largest that is asked for.
    pub(crate) async fn session(
        &self,
        threshold: f32,
        clustering: &Clustering,
        min_cluster: usize,
    ) -> Result<Session, Failure> {
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
        self.begun.set(session.clone()).ok();
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
            prompt::asker(output::Stdout)
        }
    }

    /// What the terminal shows of pictures; nothing where the person or a program wants none.
    pub(crate) fn medium(&self, Pictures { no_pictures }: Pictures) -> Option<Medium> {
        let wanted = !no_pictures && !self.json;
        wanted.then(picture::medium).flatten()
    }

    /// Tells what was changed in tags.json by hand, and was taken over since the last answer.
    pub(crate) fn tell_taken_over(&self, saved: &Saved) {
        if let Some(taken) = &saved.taken_over {
            self.say(&taken.to_string());
        }
    }

    /// Says a sentence to the person.
    pub(crate) fn say(&self, text: &str) {
        self.voice()(text);
    }

    /// What says a sentence to the person.
    pub(crate) fn voice(&self) -> fn(&str) {
        match self.json {
            true => |text| output::aside(text),
            false => |text| output::line(text),
        }
    }
}

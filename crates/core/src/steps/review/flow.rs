//! Which questions come in which order.

use std::sync::Arc;

use super::{
    About, Event, Outcome, Overview, Review, between::WORTH, question::numbered, stage::Stage,
};
use crate::steps::{
    StepError,
    naming::{Member, Pair, Subset, Suggestion, View, screens_in},
};

/// Pairs on a screen.
const PAIRS: usize = 12;

/// Single faces on a screen: as many as a montage shows.
const SINGLES: usize = 48;

impl Review {
    /// Fills the queue, or ends.
    pub(super) async fn advance(&mut self) -> Result<(), StepError> {
        let is_asked = self.options.interactive && self.options.suggestions;
        match self.stage {
            Stage::Begin(place) => return self.begin_threshold(place).await,
            Stage::Groups(place) => {
                if self.asks_about_pairs() {
                    let pairs = match self.looking.pairs.take() {
                        Some(behind) => behind.await.map_err(|_| {
                            StepError::TaskFailed("comparing the people with each other")
                        })??,
                        None => self.session.pairs(&self.view(place).await?).await?,
                    };
                    let pairs = self.not_later(pairs, true);
                    // Fewer are known soon enough, by their names.
                    if pairs.len() >= WORTH {
                        self.ask_pairs(place, &pairs);
                    }
                }
                self.stage = Stage::Clusters(place);
            }
            Stage::Clusters(place) => {
                let least = self.session.settings().min_cluster;
                let least = if is_asked { least + 1 } else { 0 };
                self.ask_clusters(place, least).await?;
                self.stage = match is_asked {
                    true => Stage::Between(place),
                    false => Stage::People(place),
                };
            }
            Stage::Between(place) => {
                let rows = self.suggested(place).await?;
                if rows.len() >= WORTH {
                    self.ask_rows(place, &rows);
                }
                self.stage = Stage::Smallest(place);
            }
            Stage::Smallest(place) => {
                self.ask_clusters(place, 0).await?;
                self.stage = Stage::Again(place, 0);
            }
            // Not for a script: its lines are one for each cluster.
            Stage::Again(place, named) if is_asked && self.counters.named > named => {
                self.stage = Stage::Again(place, self.counters.named);
                let rows = self.suggested(place).await?;
                self.ask_rows(place, &rows);
            }
            Stage::Again(place, _) => self.stage = Stage::People(place),
            Stage::People(place) => {
                if self.asks_about_pairs() {
                    let pairs = self.session.pairs(&self.view(place).await?).await?;
                    let pairs = self.not_later(pairs, false);
                    self.ask_pairs(place, &pairs);
                }
                self.stage = Stage::Singles(place);
            }
            Stage::Singles(place) => {
                let is_last = place + 1 >= self.options.thresholds.len();
                if is_asked && is_last && self.options.subset == Subset::Usable {
                    self.ask_singles(place).await?;
                }
                self.stage = Stage::Begin(place + 1);
            }
        }
        Ok(())
    }

    async fn begin_threshold(&mut self, place: usize) -> Result<(), StepError> {
        let thresholds = self.options.thresholds.len();
        let outcome = match place {
            0 => Outcome::NothingToAsk,
            _ => Outcome::Through,
        };
        if place >= thresholds {
            self.ended = Some(outcome);
            return Ok(());
        }
        let view = self.view(place).await?;
        if view.faces == 0 {
            return self.ask_only_pairs(place, outcome).await;
        }
        let overview = Overview {
            suggestions: match self.options.suggestions {
                true => self.session.suggestions(&view).await?,
                false => Arc::default(),
            },
            min_cluster: self.session.settings().min_cluster,
            place: (thresholds > 1).then_some((place + 1, thresholds)),
            view: Arc::clone(&view),
        };
        self.begun = Some((Arc::clone(&view), self.counters.decided()));
        self.clusters = 0;
        self.later.clear();
        self.later_groups.clear();
        self.later_pairs.clear();
        self.then = overview.clusters_after_suggestions();
        self.events.push_back(Event::Threshold(overview));
        self.stage = Stage::Groups(place);
        if self.options.suggestions {
            let rows = self.suggested(place).await?;
            self.ask_rows(place, &rows);
        }
        let takes_seconds = self.asks_about_pairs() && !self.queue.is_empty() && self.is_large();
        self.looking.pairs = takes_seconds.then(|| {
            // They are asked about after the suggestions; an earlier threshold's are not.
            let session = self.session.clone();
            tokio::spawn(async move { session.pairs(&view).await })
        });
        Ok(())
    }

    /// Where no face is left to ask about, two people may still be one.
    async fn ask_only_pairs(&mut self, place: usize, outcome: Outcome) -> Result<(), StepError> {
        let mut pairs = Vec::new();
        if self.asks_about_pairs() {
            let all = self.session.pairs(&self.view(place).await?).await?;
            pairs = self.not_later(all, false);
        }
        if pairs.is_empty() {
            self.ended = Some(outcome);
        } else {
            self.ask_pairs(place, &pairs);
            self.stage = Stage::Begin(self.options.thresholds.len());
        }
        Ok(())
    }

    /// Whether pairs are asked about: not where a script answers, or faces of low quality are asked about.
    fn asks_about_pairs(&self) -> bool {
        self.options.interactive
            && self.options.suggestions
            && self.options.subset == Subset::Usable
    }

    async fn view(&self, place: usize) -> Result<Arc<View>, StepError> {
        self.session.refresh().await?;
        self.session
            .view(self.threshold(place), self.options.subset)
            .await
    }

    /// Whether somebody would notice that what is left is grouped.
    pub(super) fn is_large(&self) -> bool {
        self.session.undecided() > self.looking.at_once
    }

    /// The clusters to begin with. In a large library these are those of before the first suggestions, without what was
    /// answered since: to group anew what is left takes seconds, and goes on [behind the questions](super::between) soon
    /// enough.
    async fn first_view(&self, place: usize) -> Result<Arc<View>, StepError> {
        match &self.begun {
            Some((begun, _)) if self.is_large() && self.options.interactive => {
                self.session.refresh().await?;
                self.session.without_answered(begun).await
            }
            _ => self.view(place).await,
        }
    }

    /// The suggestions that were not left for later.
    async fn suggested(&self, place: usize) -> Result<Vec<Suggestion>, StepError> {
        let view = self.view(place).await?;
        let all = self.session.suggestions(&view).await?;
        let new = all.iter().filter(|row| self.is_some_new(&row.faces));
        Ok(new.cloned().collect())
    }

    /// Whether one of them was not left for later.
    pub(super) fn is_some_new(&self, faces: &[Member]) -> bool {
        faces.iter().any(|face| !self.later.contains(&face.id))
    }

    /// Queues questions about people who have names: screens of rows, or one after the other for a script.
    fn ask_rows(&mut self, place: usize, rows: &[Suggestion]) {
        let about: Vec<About> = if self.options.interactive {
            let screens = screens_in(rows, self.options.room).into_iter();
            screens
                .filter_map(|mut rows| match rows.len() {
                    1 => rows.pop().map(About::Person),
                    _ => Some(About::Rows(rows)),
                })
                .collect()
        } else {
            rows.iter().cloned().map(About::Person).collect()
        };
        self.queue = numbered(about, self.threshold(place), 0);
    }

    /// Queues the clusters with `least` faces or more that were not left for later.
    async fn ask_clusters(&mut self, place: usize, least: usize) -> Result<(), StepError> {
        let is_first = self.clusters == 0;
        let view = match is_first {
            true => self.first_view(place).await?,
            false => self.view(place).await?,
        };
        self.then.clear();
        let groups = view.asked().iter().map(|cluster| cluster.faces.clone());
        let mut groups: Vec<_> = groups.collect();
        groups.retain(|faces| {
            let mut ids = faces.iter().map(|face| &face.id);
            ids.any(|id| !self.later.contains(id) && !self.later_groups.contains(id))
        });
        let all = groups.len();
        let is_new = self
            .begun
            .as_ref()
            .is_some_and(|(begun, _)| !Arc::ptr_eq(begun, &view));
        let smaller = groups.split_off(groups.partition_point(|faces| faces.len() >= least));
        self.then = smaller.iter().map(Vec::len).collect();
        if is_new && is_first && !groups.is_empty() {
            self.events.push_back(Event::Regrouped {
                clusters: all,
                min_cluster: self.session.settings().min_cluster,
            });
        }
        let before = self.clusters;
        self.clusters += groups.len();
        let about = groups.into_iter().map(About::Cluster).collect();
        self.queue = numbered(about, self.threshold(place), before);
        for question in &mut self.queue {
            question.of = before + all;
        }
        Ok(())
    }

    /// The pairs of groups without a name, or of people, that were not left for later.
    fn not_later(&self, mut pairs: Vec<Pair>, groups: bool) -> Vec<Pair> {
        pairs.retain(|pair| {
            let sides = [&pair.left, &pair.right];
            let mut faces = sides.iter().flat_map(|side| &side.faces);
            sides.iter().all(|side| side.person.is_none() == groups)
                && faces.any(|face| !self.later_pairs.contains(&face.id))
        });
        pairs
    }

    fn ask_pairs(&mut self, place: usize, pairs: &[Pair]) {
        let screens = pairs
            .chunks(PAIRS.min(self.options.room.lines))
            .map(|pairs| About::Pairs(pairs.to_vec()));
        self.queue = numbered(screens.collect(), self.threshold(place), 0);
    }

    async fn ask_singles(&mut self, place: usize) -> Result<(), StepError> {
        let view = self.view(place).await?;
        let faces = self.session.singles(&view).await?;
        if faces.is_empty() {
            return Ok(());
        }
        self.events.push_back(Event::Few(self.session.remaining()));
        let screens = faces
            .chunks(SINGLES)
            .map(|faces| About::Singles(faces.to_vec()));
        self.queue = numbered(screens.collect(), self.threshold(place), 0);
        Ok(())
    }

    pub(super) fn threshold(&self, place: usize) -> f32 {
        self.options
            .thresholds
            .get(place)
            .copied()
            .unwrap_or_default()
    }

    pub(super) fn has_next_threshold(&self) -> bool {
        self.stage.threshold() + 1 < self.options.thresholds.len()
    }
}

//! The dialogue about faces without a name, without input or output.
//!
//! A [`Review`] says what to ask next: at each threshold first about faces that may be those of
//! people who have names, then about clusters, the largest first, then about the people named in
//! between. It takes typed lines, decides, and tells what came of it as [`Event`]s:
//!
//! ```no_run
//! # async fn example(session: flickr_faces::steps::naming::Session) -> Result<(), Box<dyn std::error::Error>> {
//! use flickr_faces::steps::{naming::Subset, review::{Next, Options, Review}};
//!
//! let options = Options {
//!     thresholds: vec![0.6],
//!     subset: Subset::Usable,
//!     suggestions: true,
//!     interactive: true,
//! };
//! let mut review = Review::new(session, options);
//! loop {
//!     match review.next().await? {
//!         Next::Tell(event) => println!("{event}"),
//!         Next::Ask(prompt) => {
//!             println!("{}", prompt.text);
//!             let mut line = String::new();
//!             std::io::stdin().read_line(&mut line)?;
//!             review.answer(&line).await?;
//!         }
//!         Next::End(_) => break,
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A page has many questions open at once and needs no [`Review`]. It reads what was typed about a
//! list with [`Typed::parse`] ([`Asked::faces`] is the length of the list as it was drawn,
//! [`Asked::out`] the numbers of the faces clicked out, [`Asked::person`] whom the page asked about,
//! under their present name), leaves faces that were decided elsewhere out of the answer itself,
//! decides with [`Session::decide`], [`Session::reject`] or [`Session::undo`], and tells
//! [`messages::answered`](super::messages::answered) and
//! [`messages::undone`](super::messages::undone): the first line is the headline.

mod answer;
mod event;
mod next;
mod question;
mod respond;
mod summary;
mod thresholds;

#[cfg(test)]
mod tests;

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};

use self::next::{Confirm, Done};
pub use self::{
    answer::{AnswerError, Asked, Typed, help, keys},
    event::{Event, Overview},
    next::{Counters, Next, Outcome, Prompt},
    question::{About, Question, Shown},
    summary::{Excluded, beginning, end, names_are_in},
    thresholds::Thresholds,
};
use super::{
    StepError,
    naming::{Session, Subset, View},
};
use crate::{naming::suggest::more_coverage, store::FaceId};

/// What a review asks about.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The thresholds to ask at, in order.
    pub thresholds: Vec<f32>,
    /// Which faces.
    pub subset: Subset,
    /// Whether to ask about people who have names.
    pub suggestions: bool,
    /// Whether a person answers, who can be asked again. A script has one line for each question: its
    /// mistakes end it, and nothing is asked that its author could not know of.
    pub interactive: bool,
}

/// A review that is going on.
#[derive(Debug)]
pub struct Review {
    session: Session,
    options: Options,
    counters: Counters,
    /// What is still to be told.
    events: VecDeque<Event>,
    stage: Stage,
    /// The questions that follow.
    queue: VecDeque<Question>,
    /// The sizes of the questions after these, where they are known.
    then: Vec<usize>,
    /// Suggested faces that were left for later at this threshold.
    later: HashSet<FaceId>,
    /// The view that this threshold began with, and the faces decided about before.
    begun: Option<(Arc<View>, u64)>,
    /// The question that waits for an answer.
    open: Option<Shown>,
    /// Its answer waits for a yes.
    confirm: Option<Confirm>,
    /// The answers that can be undone, the last one last.
    done: Vec<Done>,
    ended: Option<Outcome>,
}

/// What is asked when the queue is empty; the number is that of the threshold.
#[derive(Debug, Clone, Copy)]
enum Stage {
    /// The suggestions of a threshold.
    Suggestions(usize),
    /// Its clusters.
    Clusters(usize),
    /// Its suggestions that came of the answers since this many faces had names.
    Again(usize, u64),
}

impl Review {
    /// Begins a review; [`Self::next`] says what to ask.
    #[must_use]
    pub fn new(session: Session, options: Options) -> Self {
        Self {
            session,
            options,
            counters: Counters::default(),
            events: VecDeque::new(),
            stage: Stage::Suggestions(0),
            queue: VecDeque::new(),
            then: Vec::new(),
            later: HashSet::new(),
            begun: None,
            open: None,
            confirm: None,
            done: Vec::new(),
            ended: None,
        }
    }

    /// What it asks about.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// What was done so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// What to tell or to ask next. Asks the same again until it is answered.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn next(&mut self) -> Result<Next, StepError> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Ok(Next::Tell(event));
            }
            if let Some(prompt) = self.prompt().await? {
                return Ok(Next::Ask(prompt));
            }
            if let Some(outcome) = self.ended {
                return Ok(Next::End(outcome));
            }
            match self.queue.pop_front() {
                Some(question) => self.pose(question).await?,
                None => self.advance().await?,
            }
        }
    }

    /// The question that waits for a line.
    async fn prompt(&self) -> Result<Option<Prompt>, StepError> {
        if let Some(confirm) = &self.confirm {
            return Ok(Some(confirm.prompt()));
        }
        let Some(open) = &self.open else {
            return Ok(None);
        };
        let about_person = matches!(open.question.about, About::Person(_));
        Ok(Some(Prompt {
            text: open.question.prompt(),
            keys: keys(about_person, self.has_next_threshold()),
            names: self.session.names(),
        }))
    }

    /// Shows a question, unless what is left of it is not worth asking.
    async fn pose(&mut self, question: Question) -> Result<(), StepError> {
        self.session.refresh().await?;
        let faces = question.open(&self.session);
        let least = match question.about {
            // Answers to suggestions may have left too little of a cluster.
            About::Cluster(_) => self.session.settings().min_cluster,
            About::Person(_) => 0,
        };
        if faces.is_empty() || faces.len() < least {
            return Ok(());
        }
        self.show(Shown {
            progress_hint: self.progress_hint(faces.len()),
            question,
            faces,
            out: Default::default(),
        });
        Ok(())
    }

    fn show(&mut self, shown: Shown) {
        self.events.push_back(Event::Show(Box::new(shown.clone())));
        self.open = Some(shown);
    }

    /// `12 more answers cover 80%`; empty where one does, or none is needed.
    fn progress_hint(&self, faces: usize) -> String {
        let Some((begun, before)) = &self.begun else {
            return String::new();
        };
        let sizes = [faces]
            .into_iter()
            .chain(self.queue.iter().map(|question| question.faces().len()))
            .chain(self.then.iter().copied());
        let decided = self.counters.decided().saturating_sub(*before) as usize;
        match more_coverage(decided, sizes, begun.faces) {
            (0 | 1, _) => String::new(),
            (answers, percent) => format!("{answers} more answers cover {percent}%"),
        }
    }

    /// Fills the queue, or ends.
    async fn advance(&mut self) -> Result<(), StepError> {
        match self.stage {
            Stage::Suggestions(place) => return self.begin_threshold(place).await,
            Stage::Clusters(place) => {
                self.session.refresh().await?;
                let threshold = self.threshold(place);
                let view = self.session.view(threshold, self.options.subset).await?;
                self.then.clear();
                self.queue = self.questions(clusters(&view), threshold);
                let is_new = self
                    .begun
                    .as_ref()
                    .is_some_and(|b| !Arc::ptr_eq(&b.0, &view));
                if is_new && !self.queue.is_empty() {
                    self.events.push_back(Event::Regrouped {
                        clusters: self.queue.len(),
                        min_cluster: self.session.settings().min_cluster,
                    });
                }
                self.stage = Stage::Again(place, self.counters.named);
            }
            // Not for a script: its lines are one for each cluster.
            Stage::Again(place, named)
                if self.options.suggestions
                    && self.options.interactive
                    && self.counters.named > named =>
            {
                self.stage = Stage::Again(place, self.counters.named);
                self.suggest(place).await?;
            }
            Stage::Again(place, _) => self.stage = Stage::Suggestions(place + 1),
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
        self.session.refresh().await?;
        let view = self
            .session
            .view(self.threshold(place), self.options.subset)
            .await?;
        if view.faces == 0 {
            self.ended = Some(outcome);
            return Ok(());
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
        self.begun = Some((view, self.counters.decided()));
        self.later.clear();
        self.then = overview.clusters_after_suggestions();
        self.events.push_back(Event::Threshold(overview));
        self.stage = Stage::Clusters(place);
        if self.options.suggestions {
            self.suggest(place).await?;
        }
        Ok(())
    }

    /// Queues the questions about people who have names.
    async fn suggest(&mut self, place: usize) -> Result<(), StepError> {
        self.session.refresh().await?;
        let threshold = self.threshold(place);
        let view = self.session.view(threshold, self.options.subset).await?;
        let suggestions = self.session.suggestions(&view).await?;
        let about = suggestions.iter().cloned().map(About::Person).collect();
        self.queue = self.questions(about, threshold);
        Ok(())
    }

    /// The questions, numbered, but for those whose faces were all left for later.
    fn questions(&self, about: Vec<About>, threshold: f32) -> VecDeque<Question> {
        let all = about.into_iter().map(|about| Question {
            threshold,
            number: 0,
            of: 0,
            about,
        });
        let is_new = |question: &Question| {
            let mut faces = question.faces().iter();
            faces.any(|face| !self.later.contains(&face.id))
        };
        let mut new: VecDeque<_> = all.filter(is_new).collect();
        let of = new.len();
        for (number, question) in (1..).zip(&mut new) {
            (question.number, question.of) = (number, of);
        }
        new
    }

    fn threshold(&self, place: usize) -> f32 {
        self.options
            .thresholds
            .get(place)
            .copied()
            .unwrap_or_default()
    }

    fn has_next_threshold(&self) -> bool {
        let (Stage::Suggestions(place) | Stage::Clusters(place) | Stage::Again(place, _)) =
            self.stage;
        place + 1 < self.options.thresholds.len()
    }
}

fn clusters(view: &View) -> Vec<About> {
    let clusters = view.asked().iter();
    clusters
        .map(|cluster| About::Cluster(cluster.faces.clone()))
        .collect()
}

//! The dialogue about faces without a name, without input or output.
//!
//! A [`Review`] says what to ask next: at each threshold first about faces that may be those of
//! people who have names, many on a screen; then whether groups are the same person; then about clusters, the largest
//! first, and in between about the people named so far; at last about people who may be one, and about
//! faces that are near no other. It takes typed lines, decides, and tells what came of it as [`Event`]s.
//! A script, which has one line for each question, is asked about one suggestion at a time, and about clusters.
//!
//! ```no_run
//! # async fn example(session: flickr_faces::steps::naming::Session) -> Result<(), Box<dyn std::error::Error>> {
//! use flickr_faces::steps::{naming::{Room, Subset}, review::{Next, Options, Review}};
//!
//! let options = Options {
//!     thresholds: vec![0.6],
//!     subset: Subset::Usable,
//!     suggestions: true,
//!     interactive: true,
//!     room: Room::default(),
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
//!
//! Before it decides about a name it asks what this asks: [`Slip::of`] whether the name is meant,
//! [`Session::already_shown`] whether someone would be twice in a photo, and [`Session::state`] whether the faces got an
//! answer meanwhile ([`meanwhile`] says which). [`Session::name_choices`] are names to press. Screens of rows are
//! [`screens`](super::naming::screens) of [`Session::suggestions`] for [`Session::decide_rows`]; those of pairs are
//! [`Session::pairs`] for [`Session::decide_pairs`]; faces of no group are [`Session::singles`]; and
//! [`Session::remaining`] is what is left.

mod answer;
mod apart;
mod between;
mod carry_out;
mod event;
mod flow;
mod groups;
mod instead;
mod looking;
mod meanwhile;
mod next;
mod question;
mod respond;
mod rows;
mod screen;
mod singles;
mod slip;
mod stage;
mod summary;
mod thresholds;
mod undo;
mod words;

#[cfg(test)]
mod screens_tests;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    sync::Arc,
};

pub use crate::naming::montage::MOST_TILES;

pub use self::{
    answer::{AnswerError, Asked, Typed, is_yes},
    event::{Event, Overview},
    instead::Instead,
    meanwhile::{meanwhile, meanwhile_of_pairs},
    next::{Counters, Next, Outcome, Prompt},
    question::{About, Question, Shown, ShownRow},
    screen::{Exceptions, TypedScreen},
    singles::TypedSingles,
    slip::{Known, Slip, SlipReason},
    summary::{Excluded, beginning, end, names_are_in, no_faces, nothing_left},
    thresholds::Thresholds,
    words::{Kind, help, keys},
};
use self::{
    groups::Apart,
    looking::Looking,
    next::{Confirm, Done},
    stage::Stage,
};
use super::{
    StepError,
    naming::{Room, Session, Subset, View},
};
use crate::{
    boxed,
    naming::suggest::{more_coverage, share},
    store::FaceId,
};

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
    /// How much of a screen of rows or pairs is seen at once: an answer is about what was seen.
    pub room: Room,
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
    /// Faces of clusters that were.
    later_groups: HashSet<FaceId>,
    /// Faces of pairs that were.
    later_pairs: HashSet<FaceId>,
    /// Faces that were taken out of others, and nobody's since.
    apart: Vec<Apart>,
    /// How many clusters were asked about at this threshold.
    clusters: usize,
    /// Whether the others may be people who have names by now.
    looking: Looking,
    /// The view that this threshold began with, and the faces decided about before.
    begun: Option<(Arc<View>, u64)>,
    /// The question that waits for an answer.
    open: Option<Shown>,
    /// The question before each `:x`, and before each name for a row.
    marked: Vec<Shown>,
    /// What was said of rows of a screen that is asked again.
    said_of_rows: Vec<Instead>,
    /// Its answer waits for a yes.
    confirm: Option<Confirm>,
    /// The answers that can be undone, the last one last.
    done: Vec<Done>,
    ended: Option<Outcome>,
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
            stage: Stage::Begin(0),
            queue: VecDeque::new(),
            then: Vec::new(),
            later: HashSet::new(),
            later_groups: HashSet::new(),
            later_pairs: HashSet::new(),
            apart: Vec::new(),
            clusters: 0,
            looking: Looking::default(),
            begun: None,
            open: None,
            marked: Vec::new(),
            said_of_rows: Vec::new(),
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

    /// The session that it works on.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// What to tell or to ask next. Asks the same again until it is answered.
    ///
    /// # Errors
    /// Where the store cannot be read.
    #[boxed]
    pub async fn next(&mut self) -> Result<Next, StepError> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Ok(Next::Tell(event));
            }
            if let Some(prompt) = self.prompt() {
                return Ok(Next::Ask(prompt));
            }
            if let Some(outcome) = self.ended {
                return Ok(Next::End(outcome));
            }
            self.look_between().await?;
            match self.queue.pop_front() {
                Some(question) => self.pose(question).await?,
                None => self.advance().await?,
            }
        }
    }

    /// The question that waits for a line.
    fn prompt(&self) -> Option<Prompt> {
        if let Some(confirm) = &self.confirm {
            return Some(confirm.prompt());
        }
        let open = self.open.as_ref()?;
        let choices = open.choices.iter().map(|choice| choice.name.to_string());
        let mut names = self.session.completions();
        let new: Vec<_> = choices.filter(|choice| !names.contains(choice)).collect();
        names.extend(new);
        Some(Prompt {
            text: open.question.prompt(),
            keys: keys(open.question.about.kind(), self.has_next_threshold()),
            names,
        })
    }

    /// Shows a question, unless what is left of it is not worth asking.
    async fn pose(&mut self, question: Question) -> Result<(), StepError> {
        self.session.refresh().await?;
        let said_of_rows = std::mem::take(&mut self.said_of_rows);
        let Some(about) = question.about.open(&self.session) else {
            return Ok(());
        };
        let faces = about.faces();
        // Answers to suggestions may have left too little of a cluster.
        if let About::Cluster(_) = about
            && faces.len() < self.session.settings().min_cluster
        {
            return Ok(());
        }
        let ids: Vec<FaceId> = faces.iter().map(|face| face.id.clone()).collect();
        let choices = match (&about, self.options.interactive) {
            (About::Cluster(_), true) => self.session.name_choices(&ids),
            _ => Vec::new(),
        };
        let instead = match &about {
            About::Rows(rows) => instead::said_of(rows, &said_of_rows),
            _ => BTreeMap::new(),
        };
        self.marked.clear();
        self.show(Shown {
            progress_hint: self.progress_hint(faces.len()),
            out: self.taken_out(&about, &ids),
            instead,
            question: Question { about, ..question },
            faces,
            choices,
        });
        Ok(())
    }

    fn show(&mut self, shown: Shown) {
        self.events.push_back(Event::Show(Box::new(shown.clone())));
        self.open = Some(shown);
    }

    /// `12 more answers are enough for about 80% of the faces`; empty where one does, or none is needed.
    fn progress_hint(&self, faces: usize) -> String {
        let Some((begun, before)) = &self.begun else {
            return String::new();
        };
        let sizes = [faces]
            .into_iter()
            .chain(self.queue.iter().map(|question| question.about.count()))
            .chain(self.then.iter().copied());
        let decided = self.counters.decided().saturating_sub(*before) as usize;
        match more_coverage(decided, sizes, begun.faces) {
            // Answers about pairs of people decide about no face.
            (0 | 1, _) | (_, 0) => String::new(),
            (answers, percent) => {
                format!(
                    "{answers} more answers are enough for {} of the faces",
                    share(percent)
                )
            }
        }
    }
}

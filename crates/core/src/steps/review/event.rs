//! What a review session has to tell, with the words for it.

use std::{fmt, sync::Arc};

use super::{
    question::Shown,
    words::{Kind, help},
};
use crate::{
    naming::suggest::{coverage, share},
    steps::{
        messages,
        naming::{Answered, Remaining, Suggestion, View},
        tags_json::Saved,
    },
    store::{FaceId, FaceState, Undone},
    text::{count, grouped},
};

/// Something to tell. Displayed, it is one or more lines without the last line's end.
#[derive(Debug, Clone)]
pub enum Event {
    /// The questions at a threshold begin.
    Threshold(Overview),
    /// The suggestions were answered and the rest was grouped again.
    Regrouped {
        /// How many clusters are asked about now.
        clusters: usize,
        /// The smallest of them, in faces, at least.
        min_cluster: usize,
    },
    /// A question is to be shown, with its montage: a new one, or one that lost faces to `:x`.
    Show(Box<Shown>),
    /// What can be typed.
    Help {
        /// What the question is about.
        kind: Kind,
        /// Whether there is a next threshold.
        next_threshold: bool,
    },
    /// A line was not understood, or was refused: nothing was decided, and it is asked again. Where
    /// the lines come from a script, the next one is meant for another question: stop there.
    Refused {
        /// The line.
        line: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Faces were decided about, or were to be.
    Answered {
        /// What came of it.
        answered: Box<Answered>,
        /// The faces as they were numbered, from 1.
        shown: Vec<FaceId>,
    },
    /// The last answer was undone, and its question comes again.
    Undone(Undone, Saved),
    /// As `Undone`, where the person had undone it elsewhere before.
    UndoneElsewhere(String),
    /// There is no answer to undo.
    NothingToUndo,
    /// Faces of a question got an answer elsewhere before this one was typed: what, in a sentence. They are left as they
    /// are, and the rest is asked about again.
    Meanwhile(String),
    /// From here on an answer brings less than it costs: what is left, and how to end it.
    Few(Remaining),
}

/// What a threshold has to ask.
#[derive(Debug, Clone)]
pub struct Overview {
    /// The clusters.
    pub view: Arc<View>,
    /// The suggestions that come first.
    pub suggestions: Arc<Vec<Suggestion>>,
    /// The smallest cluster that is asked about.
    pub min_cluster: usize,
    /// Its place among the thresholds, from 1, and how many there are; `None` for the only one.
    pub place: Option<(usize, usize)>,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Threshold(overview) => overview.fmt(f),
            Self::Regrouped {
                clusters,
                min_cluster,
            } => {
                let clusters = count(clusters, "cluster", "clusters");
                write!(f, "\nNow the rest: {clusters} of {min_cluster} or more.")
            }
            Self::Show(shown) => {
                write!(f, "\n{}", shown.title())?;
                let notes = shown.notes();
                if !notes.is_empty() {
                    write!(f, "\n{}", notes.join(" "))?;
                }
                shown
                    .numbered()
                    .iter()
                    .try_for_each(|line| write!(f, "\n{line}"))
            }
            Self::Help {
                kind,
                next_threshold,
            } => f.write_str(&help(*kind, *next_threshold)),
            Self::Refused { problem, .. } => f.write_str(problem),
            Self::Answered { answered, shown } => {
                f.write_str(&messages::answered(answered, shown, FaceState::Unnamed).join("\n"))
            }
            Self::Undone(undone, saved) => f.write_str(&messages::undone(undone, saved).join(" ")),
            Self::UndoneElsewhere(what) => write!(f, "Already undone elsewhere: {what}."),
            Self::NothingToUndo => f.write_str("Nothing to undo in this session."),
            Self::Meanwhile(what) => f.write_str(what),
            Self::Few(remaining) => write!(
                f,
                "\n{} From here on most answers name a face or none: `:rest` says that all others are \
                 strangers, :q leaves them for another day.",
                remaining.words()
            ),
        }
    }
}

impl Overview {
    /// How many faces are left of each cluster, the largest first, once the suggestions are answered.
    pub(super) fn clusters_after_suggestions(&self) -> Vec<usize> {
        let view = &self.view;
        let mut left: Vec<usize> = view.asked().iter().map(|c| c.faces.len()).collect();
        for face in self.suggestions.iter().flat_map(|s| &s.faces) {
            if let Some(cluster) = view.cluster_of(&face.id)
                && let Some(left) = left.get_mut(cluster)
            {
                *left = left.saturating_sub(1);
            }
        }
        left.sort_unstable_by(|a, b| b.cmp(a));
        left.retain(|left| *left > 0);
        left
    }
}

impl fmt::Display for Overview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let view = &self.view;
        let faces = count(view.faces, "face", "faces");
        let form = if view.faces == 1 { "forms" } else { "form" };
        let clusters = count(view.asked().len(), "cluster", "clusters");
        let (threshold, least) = (view.threshold, self.min_cluster);
        match self.place {
            Some((number, of)) => write!(f, "\nStep {number} of {of}: {faces} left")?,
            None => write!(f, "{faces}")?,
        }
        write!(f, " without a name {form} {clusters} of {least} or more")?;
        if let (_, small @ 1..) = view.small() {
            let are = count(small, "is", "are");
            write!(f, ", {are} in smaller ones")?;
        }
        write!(f, " (threshold {threshold}).")?;
        let suggested = self.suggestions.iter().map(|s| s.faces.len());
        let in_all: usize = suggested.clone().sum();
        if in_all > 0 {
            let suggestions = count(
                self.suggestions.len(),
                "suggestion for a known person",
                "suggestions for known people",
            );
            write!(
                f,
                "\nFirst, {suggestions} ({}).",
                count(in_all, "face", "faces")
            )?;
        }
        let questions = suggested.chain(self.clusters_after_suggestions());
        if let (answers @ 2.., percent) = coverage(questions, view.faces) {
            let answers = grouped(answers);
            write!(
                f,
                "\n{answers} answers are enough for {} of them.",
                share(percent)
            )?;
        }
        Ok(())
    }
}

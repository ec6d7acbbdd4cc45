//! One threshold: suggestions first, then clusters, the largest first.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};

use flickr_faces::{
    naming::suggest::more_coverage,
    steps::naming::{Cluster, Subset, Suggestion, View},
    store::FaceId,
};

use flickr_faces_terminal::text::count;

use crate::{
    ask::Asked,
    question::{About, Question},
    sitting::Sitting,
    words,
};

/// What a step asks about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub(crate) threshold: f32,
    pub(crate) subset: Subset,
    pub(crate) suggestions: bool,
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Everything was asked, or the person wants to go on with the next threshold.
    Through,
    Leave,
    Interrupted,
}

impl Sitting<'_> {
    /// Asks about what is not decided at this threshold.
    pub(crate) async fn step(&mut self, step: Step, begun: &Arc<View>) -> anyhow::Result<Ended> {
        self.begun = (begun.faces, self.tally.decided());
        let mut later = HashSet::new();
        let mut view = Arc::clone(begun);
        if step.suggestions {
            let suggestions = self.session.suggestions(&view).await?;
            let clusters = words::clusters_without(&view, &suggestions);
            let questions = self.suggestions(step, &later).await?;
            let asked = !questions.is_empty();
            if let Some(ended) = self.ask_all(questions, &clusters, &mut later).await? {
                return Ok(ended);
            }
            if asked {
                // What is left falls into other clusters.
                self.session.refresh().await?;
                view = self.session.view(step.threshold, step.subset).await?;
            }
        }
        let named = self.tally.named;
        let questions = clusters(&view, &later);
        if !Arc::ptr_eq(&view, begun) && !questions.is_empty() {
            let clusters = count(questions.len() as u64, "cluster", "clusters");
            let least = self.session.settings().min_cluster;
            self.say(&format!("\nNow the rest: {clusters} of {least} or more."));
        }
        let mut left = HashSet::new();
        if let Some(ended) = self.ask_all(questions, &[], &mut left).await? {
            return Ok(ended);
        }
        // Whoever got a name just now may be found among the rest. Not for a script: its lines are
        // one for each cluster.
        let mut named_before = named;
        while step.suggestions && self.asker.is_interactive() && self.tally.named > named_before {
            named_before = self.tally.named;
            let questions = self.suggestions(step, &later).await?;
            if let Some(ended) = self.ask_all(questions, &[], &mut later).await? {
                return Ok(ended);
            }
        }
        Ok(Ended::Through)
    }

    /// The questions about people who have names, but for those that were left for later.
    async fn suggestions(
        &self,
        step: Step,
        later: &HashSet<FaceId>,
    ) -> anyhow::Result<VecDeque<Question>> {
        self.session.refresh().await?;
        let view = self.session.view(step.threshold, step.subset).await?;
        let suggestions = self.session.suggestions(&view).await?;
        let is_new = |suggestion: &&Suggestion| {
            let mut faces = suggestion.faces.iter();
            faces.any(|face| !later.contains(&face.id))
        };
        let new: Vec<_> = suggestions.iter().filter(is_new).collect();
        let of = new.len();
        Ok((1..)
            .zip(new)
            .map(|(number, suggestion)| Question {
                threshold: step.threshold,
                number,
                of,
                about: About::Person(suggestion.clone()),
            })
            .collect())
    }

    /// Asks one question after the other; faces left for later go to `later`. `then` are the sizes of
    /// the questions after these. `None` at the end.
    async fn ask_all(
        &mut self,
        mut questions: VecDeque<Question>,
        then: &[usize],
        later: &mut HashSet<FaceId>,
    ) -> anyhow::Result<Option<Ended>> {
        while let Some(question) = questions.pop_front() {
            let outlook = self.outlook(&question, &questions, then);
            match self.ask(&question, &outlook).await? {
                Asked::Next => {}
                Asked::Later(faces) => later.extend(faces),
                Asked::Again(before) => {
                    questions.push_front(question);
                    questions.push_front(*before);
                }
                Asked::Down => return Ok(Some(Ended::Through)),
                Asked::Leave => return Ok(Some(Ended::Leave)),
                Asked::Interrupted => return Ok(Some(Ended::Interrupted)),
            }
        }
        Ok(None)
    }

    /// `12 more answers cover 80%`; empty where one does, or none is needed.
    fn outlook(
        &self,
        question: &Question,
        questions: &VecDeque<Question>,
        then: &[usize],
    ) -> String {
        let sizes = [question.open(&self.session).len()]
            .into_iter()
            .chain(questions.iter().map(|question| question.faces().len()))
            .chain(then.iter().copied());
        let (faces, before) = self.begun;
        let decided = self.tally.decided().saturating_sub(before);
        match more_coverage(decided as usize, sizes, faces) {
            (0 | 1, _) => String::new(),
            (answers, percent) => format!("{answers} more answers cover {percent}%"),
        }
    }
}

/// The questions about clusters, but for those of which every face was left for later.
fn clusters(view: &View, later: &HashSet<FaceId>) -> VecDeque<Question> {
    let is_new = |cluster: &&Cluster| cluster.faces.iter().any(|face| !later.contains(&face.id));
    let new: Vec<_> = view.asked().iter().filter(is_new).collect();
    let of = new.len();
    (1..)
        .zip(new)
        .map(|(number, cluster)| Question {
            threshold: view.threshold,
            number,
            of,
            about: About::Cluster(cluster.faces.clone()),
        })
        .collect()
}

//! Answers to screens of rows and of pairs.

use std::collections::BTreeSet;

use super::{Event, Exceptions, Review, Shown, meanwhile, meanwhile_of_pairs};
use crate::{
    steps::{
        StepError,
        naming::{Answer, Pair, RowAnswer, Suggestion},
    },
    store::Decision,
};

impl Review {
    /// One row of a screen is somebody, or nobody.
    pub(super) async fn row(
        &mut self,
        open: Shown,
        row: &Suggestion,
        decision: Decision,
    ) -> Result<(), StepError> {
        let faces = row.faces.iter().map(|face| face.id.clone()).collect();
        let answer = Answer::new(faces, decision);
        self.propose(open, answer, "", true).await
    }

    /// A screen of rows.
    pub(super) async fn rows(
        &mut self,
        open: Shown,
        rows: &[Suggestion],
        but: &Exceptions,
    ) -> Result<(), StepError> {
        let ids = open.ids(false);
        if let Some(what) = meanwhile(&self.session, &ids) {
            self.events.push_back(Event::Meanwhile(what));
            self.queue.push_front(open.question);
            return Ok(());
        }
        let (mut answers, mut rejected, mut named) = (Vec::new(), 0, 0);
        for (number, row) in (1..).zip(rows) {
            if but.unsure.contains(&number) {
                self.later
                    .extend(row.faces.iter().map(|face| face.id.clone()));
                continue;
            }
            let is_wrong = |face: usize| {
                let faces = but.faces.get(&number);
                but.wrong.contains(&number) || faces.is_some_and(|faces| faces.contains(&face))
            };
            let (mut theirs, mut not_theirs) = (Vec::new(), Vec::new());
            for (face, member) in (1..).zip(&row.faces) {
                let side = if is_wrong(face) {
                    &mut not_theirs
                } else {
                    &mut theirs
                };
                side.push(member.id.clone());
            }
            named += theirs.len();
            rejected += not_theirs.len();
            answers.push(RowAnswer {
                person: row.person,
                theirs,
                not_theirs,
                instead: None,
            });
        }
        let answered = self.session.decide_rows(&answers).await?;
        if answered.elsewhere {
            let what = meanwhile(&self.session, &ids);
            self.ask_anew(&open, what);
            return Ok(());
        }
        let mut counters = self.counters;
        counters.named += named as u64;
        counters.rejected += rejected as u64;
        counters.suggestions += (answers.len() as u64).saturating_sub(1);
        self.note(&open, answered, counters);
        Ok(())
    }

    /// A screen of pairs.
    pub(super) async fn decide_pairs(
        &mut self,
        open: Shown,
        pairs: &[Pair],
        but: &Exceptions,
    ) -> Result<(), StepError> {
        let (mut same, mut others) = (Vec::new(), Vec::new());
        for (number, pair) in (1..).zip(pairs) {
            match (but.unsure.contains(&number), but.wrong.contains(&number)) {
                (true, _) => {}
                (false, true) => others.push(pair),
                (false, false) => same.push(pair),
            }
        }
        let answered = self.session.decide_pairs(&same, &others).await?;
        if answered.elsewhere {
            let what = meanwhile_of_pairs(&self.session, same.iter().chain(&others).copied());
            self.ask_anew(&open, what);
            return Ok(());
        }
        // What was said of the others the store knows.
        self.pairs_later(pairs, &but.unsure);
        let mut counters = self.counters;
        counters.merged += same.len() as u64;
        self.note(&open, answered, counters);
        Ok(())
    }

    pub(super) fn pairs_later(&mut self, pairs: &[Pair], unsure: &BTreeSet<usize>) {
        for (_, pair) in (1..)
            .zip(pairs)
            .filter(|(number, _)| unsure.contains(number))
        {
            let faces = pair.left.ids().chain(pair.right.ids()).cloned();
            self.later_pairs.extend(faces);
        }
    }
}

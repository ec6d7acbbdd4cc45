//! Answers to screens of rows and of pairs.

use std::collections::BTreeSet;

use super::{
    About, Exceptions, Instead, Review, Shown, meanwhile, meanwhile_of_pairs,
    next::{Part, Proposal},
};
use crate::{
    naming::Name,
    steps::{
        StepError,
        naming::{Answer, Pair, RowAnswer, Suggestion},
    },
    store::{Decision, FaceId},
};

impl Review {
    /// Faces that are somebody's on this screen, if it is answered so: their rows suggest them, or were said to be them.
    pub(super) fn beside(shown: &Shown, row: usize, name: &Name) -> Vec<FaceId> {
        let About::Rows(rows) = &shown.question.about else {
            return Vec::new();
        };
        let is_theirs = |other: &str| Name::new(other).is_ok_and(|other| other.key() == name.key());
        let mut faces = Vec::new();
        for (number, other) in (1..).zip(rows).filter(|(number, _)| *number != row) {
            match shown.instead.get(&number) {
                Some(said) if is_theirs(said.words()) => faces.extend(said.faces.iter().cloned()),
                None if is_theirs(&other.name) => {
                    faces.extend(other.faces.iter().map(|face| face.id.clone()));
                }
                _ => {}
            }
        }
        faces
    }

    /// Keeps what was said of a row, and shows the screen with it.
    pub(super) fn say_of_row(&mut self, row: usize, proposal: Proposal) {
        let Proposal { shown, answer, .. } = proposal;
        self.marked.push(shown.clone());
        let mut instead = shown.instead.clone();
        let is_their_own = match (&shown.question.about, &answer.decision) {
            (About::Rows(rows), Decision::Named(name)) => rows.get(row - 1).is_some_and(|row| {
                Name::new(&row.name).is_ok_and(|suggested| suggested.key() == name.key())
            }),
            _ => false,
        };
        if is_their_own {
            // The row is right as it is.
            instead.remove(&row);
        } else {
            let said = Instead {
                decision: answer.decision,
                faces: answer.faces,
                others: answer.rejected,
                force: answer.force,
            };
            instead.insert(row, said);
        }
        self.show(Shown {
            instead,
            progress_hint: String::new(),
            ..shown
        });
    }

    /// Decides what was said of rows of a screen whose other rows get no answer.
    pub(super) async fn keep_said_of_rows(&mut self, shown: &Shown) -> Result<(), StepError> {
        let About::Rows(rows) = &shown.question.about else {
            return Ok(());
        };
        let said = (1..)
            .zip(rows)
            .filter_map(|(number, row)| Some((row, shown.instead.get(&number)?)));
        let answers: Vec<RowAnswer> = said
            .flat_map(|(row, said)| said.answers(row, &BTreeSet::new()))
            .collect();
        if !answers.is_empty() {
            let rows = shown.instead.len() as u64;
            self.decide_rows(shown, &answers, rows).await?;
        }
        Ok(())
    }

    /// One row of a screen is somebody, or nobody.
    pub(super) async fn row(
        &mut self,
        open: Shown,
        row: usize,
        decision: Decision,
    ) -> Result<(), StepError> {
        let faces = match &open.question.about {
            About::Rows(rows) => rows.get(row - 1).map(|row| &row.faces),
            _ => None,
        };
        let faces = faces.into_iter().flatten().map(|face| face.id.clone());
        let answer = Answer::new(faces.collect(), decision);
        self.propose(open, answer, "", Part::Row(row)).await
    }

    /// A screen of rows.
    pub(super) async fn rows(
        &mut self,
        open: Shown,
        rows: &[Suggestion],
        but: &Exceptions,
    ) -> Result<(), StepError> {
        if let Some(what) = meanwhile(&self.session, &open.ids(false)) {
            self.ask_anew(&open, Some(what));
            return Ok(());
        }
        let (mut answers, mut answered) = (Vec::new(), 0);
        let nothing = BTreeSet::new();
        for (number, row) in (1..).zip(rows) {
            if but.unsure.contains(&number) {
                self.later
                    .extend(row.faces.iter().map(|face| face.id.clone()));
                continue;
            }
            answered += 1;
            let wrong = but.faces.get(&number).unwrap_or(&nothing);
            let is_all_wrong = but.wrong.contains(&number);
            if let Some(said) = open.instead.get(&number)
                && !is_all_wrong
            {
                answers.extend(said.answers(row, wrong));
                continue;
            }
            let (mut theirs, mut not_theirs) = (Vec::new(), Vec::new());
            for (face, member) in (1..).zip(&row.faces) {
                let side = match is_all_wrong || wrong.contains(&face) {
                    true => &mut not_theirs,
                    false => &mut theirs,
                };
                side.push(member.id.clone());
            }
            answers.push(RowAnswer {
                person: row.person,
                theirs,
                not_theirs,
                instead: None,
                force: false,
            });
        }
        self.decide_rows(&open, &answers, answered).await
    }

    /// Carries out what was answered about so many rows, as one entry.
    pub(super) async fn decide_rows(
        &mut self,
        open: &Shown,
        answers: &[RowAnswer],
        rows: u64,
    ) -> Result<(), StepError> {
        let answered = self.session.decide_rows(answers).await?;
        if answered.elsewhere {
            let what = meanwhile(&self.session, &open.ids(false));
            self.ask_anew(open, what);
            return Ok(());
        }
        let mut counters = self.counters;
        for row in answers {
            let faces = row.not_theirs.len() as u64;
            counters.named += row.theirs.len() as u64;
            match row.instead {
                None => counters.rejected += faces,
                Some(Decision::Named(_)) => counters.named += faces,
                Some(_) => counters.others += faces,
            }
        }
        counters.suggestions += rows.saturating_sub(1);
        self.note(open, answered, counters);
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

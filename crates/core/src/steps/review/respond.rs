//! What a line does to the review: decided, or asked again.

use std::collections::BTreeSet;

use super::{
    About, Counters, Event, Exceptions, Outcome, Review, Shown, Slip, Stage, Typed, TypedScreen,
    TypedSingles,
    answer::{is_no, is_yes},
    meanwhile,
    next::{Confirm, Done, Proposal},
};
use crate::{
    naming::Name,
    steps::{
        StepError,
        naming::{Answer, Answered, Pair, RowAnswer, Suggestion},
    },
    store::{Decision, FaceId},
    text::count,
};

impl Review {
    /// Takes the answer to what [`Self::next`] asked; what came of it is told next.
    ///
    /// # Errors
    /// Where the store or tags.json cannot be written to.
    pub async fn answer(&mut self, line: &str) -> Result<(), StepError> {
        match self.confirm.take() {
            Some(confirm) => self.confirmed(confirm, line).await,
            None => match self.open.take() {
                Some(open) => self.answered(open, line).await,
                None => Ok(()),
            },
        }
    }

    /// A yes or a no.
    async fn confirmed(&mut self, confirm: Confirm, line: &str) -> Result<(), StepError> {
        let (yes, no) = (is_yes(line), is_no(line));
        if !yes && !no && !line.trim().is_empty() {
            self.refuse(line, "Please type y or n.");
            self.confirm = Some(confirm);
            return Ok(());
        }
        match confirm {
            Confirm::Slip(proposal, _) if yes => self.meant(proposal).await,
            Confirm::Twice(mut proposal, twice) if yes => {
                if twice.len() == proposal.answer.faces.len() {
                    self.open = Some(proposal.shown);
                    return Ok(());
                }
                let answer = &mut proposal.answer;
                answer.faces.retain(|face| !twice.contains(face));
                answer.rejected.extend(twice);
                self.settle(proposal).await
            }
            Confirm::Twice(proposal, _) if no => self.settle(proposal).await,
            Confirm::Force(shown, name, faces) if yes => {
                let answer = Answer {
                    faces,
                    decision: Decision::Named(name),
                    rejected: Vec::new(),
                    force: true,
                };
                self.carry_out(&shown, answer).await.map(drop)
            }
            Confirm::Force(_, _, faces) => {
                // They were asked about: not again below, among the smallest.
                self.later_groups.extend(faces);
                Ok(())
            }
            Confirm::Rest(shown, faces) if yes => self.rest(&shown, faces).await,
            Confirm::Slip(Proposal { shown, .. }, _)
            | Confirm::Twice(Proposal { shown, .. }, _)
            | Confirm::Rest(shown, _) => {
                self.open = Some(shown);
                Ok(())
            }
        }
    }

    async fn answered(&mut self, open: Shown, line: &str) -> Result<(), StepError> {
        // Others may have answered while this line was typed.
        self.session.refresh().await?;
        match &open.question.about {
            About::Rows(rows) => {
                let faces: Vec<usize> = rows.iter().map(|row| row.faces.len()).collect();
                let rows = rows.clone();
                match TypedScreen::parse(line, &faces, self.has_next_threshold()) {
                    Err(error) => self.ask_again(open, line, &error.to_string()),
                    Ok(TypedScreen::Command(typed)) => self.command(open, typed).await,
                    Ok(TypedScreen::Later) => {
                        self.later.extend(open.ids(false));
                        Ok(())
                    }
                    Ok(TypedScreen::Row(row, decision)) => {
                        let row = &rows[row - 1];
                        self.row(open, row, decision).await
                    }
                    Ok(TypedScreen::All(but)) => self.rows(open, &rows, &but).await,
                }
            }
            About::Pairs(pairs) => {
                let sizes: Vec<usize> = pairs.iter().map(|_| 0).collect();
                let pairs = pairs.clone();
                match TypedScreen::parse(line, &sizes, self.has_next_threshold()) {
                    Err(error) => self.ask_again(open, line, &error.to_string()),
                    Ok(TypedScreen::Command(typed)) => self.command(open, typed).await,
                    Ok(TypedScreen::Row(..)) => {
                        let problem = "a pair is one person or two; name them afterwards";
                        self.ask_again(open, line, problem)
                    }
                    Ok(TypedScreen::Later) => {
                        let unsure = (1..=pairs.len()).collect();
                        self.pairs_later(&pairs, &unsure);
                        Ok(())
                    }
                    Ok(TypedScreen::All(but)) => self.decide_pairs(open, &pairs, &but).await,
                }
            }
            About::Singles(_) => {
                let asked = open.asked(None, self.has_next_threshold());
                match TypedSingles::parse(line, &asked) {
                    Err(error) => self.ask_again(open, line, &error.to_string()),
                    Ok(TypedSingles::Other(typed)) => self.typed(open, line, None, typed).await,
                    Ok(TypedSingles::Picked(numbers, decision)) => {
                        let numbered = (1..).zip(&open.faces);
                        let picked = numbered.filter(|(number, _)| numbers.contains(number));
                        let answer = Answer {
                            faces: picked.map(|(_, face)| face.id.clone()).collect(),
                            decision,
                            rejected: Vec::new(),
                            force: false,
                        };
                        self.propose(open, answer, line, true).await
                    }
                }
            }
            About::Cluster(_) | About::Person(_) => {
                let person = self.person(&open);
                let asked = open.asked(person.as_ref(), self.has_next_threshold());
                let typed = match crate::steps::naming::NameChoice::chosen(line, &open.choices) {
                    Some(name) => Ok(Typed::Decide {
                        decision: Decision::Named(name),
                        out: open.out.clone(),
                    }),
                    None => Typed::parse(line, &asked),
                };
                match typed {
                    Err(error) => self.ask_again(open, line, &error.to_string()),
                    Ok(typed) => self.typed(open, line, person, typed).await,
                }
            }
        }
    }

    /// What was typed about one group of faces.
    async fn typed(
        &mut self,
        open: Shown,
        line: &str,
        person: Option<Name>,
        typed: Typed,
    ) -> Result<(), StepError> {
        match typed {
            Typed::Later => {
                self.remember_out(&open).await?;
                let later = match open.question.about {
                    About::Person(_) => &mut self.later,
                    _ => &mut self.later_groups,
                };
                later.extend(open.ids(false));
                Ok(())
            }
            Typed::No => self.reject(&open).await,
            Typed::TakeOut(out) => {
                self.outs.push(open.out.clone());
                self.show(Shown {
                    out,
                    progress_hint: String::new(),
                    ..open
                });
                Ok(())
            }
            Typed::Decide { decision, out } => {
                let open = Shown { out, ..open };
                let is_singles = matches!(open.question.about, About::Singles(_));
                let answer = Answer {
                    faces: open.ids(false),
                    decision,
                    // Single faces that are taken out are not those of somebody.
                    rejected: if is_singles {
                        Vec::new()
                    } else {
                        open.ids(true)
                    },
                    force: false,
                };
                if let Decision::Named(name) = &answer.decision
                    && let Some(person) = &person
                    && !self.options.interactive
                    && Slip::of(name, &self.session.people(), true).is_some()
                {
                    let problem = format!(
                        "the question is: is this {person}? Expected y, n, or the name of a known person; \
                         --no-suggestions skips such questions"
                    );
                    return self.ask_again(open, line, &problem);
                }
                self.propose(open, answer, line, false).await
            }
            command => self.command(open, command).await,
        }
    }

    /// What means the same at each question.
    async fn command(&mut self, open: Shown, typed: Typed) -> Result<(), StepError> {
        match typed {
            Typed::Quit => {
                self.remember_out(&open).await?;
                self.ended = Some(Outcome::Left);
            }
            Typed::NextThreshold => {
                self.remember_out(&open).await?;
                self.queue.clear();
                self.stage = Stage::Begin(self.stage.threshold() + 1);
            }
            Typed::Rest => return self.ask_rest(open).await,
            Typed::Undo => return self.undo(open).await,
            _ => {
                self.events.push_back(Event::Help {
                    kind: open.question.about.kind(),
                    next_threshold: self.has_next_threshold(),
                });
                self.open = Some(open);
            }
        }
        Ok(())
    }

    /// Looks at an answer before it is carried out: whether its faces got another meanwhile, whether the name is meant,
    /// and whether it would make someone twice in a photo. A script is not asked.
    async fn propose(
        &mut self,
        shown: Shown,
        mut answer: Answer,
        line: &str,
        again: bool,
    ) -> Result<(), StepError> {
        if let Some(what) = meanwhile(&self.session, &answer.faces) {
            self.events.push_back(Event::Meanwhile(what));
            if self.options.interactive {
                self.keep_apart(&shown);
                self.queue.push_front(shown.question);
                return Ok(());
            }
            let session = self.session.clone();
            answer
                .faces
                .retain(|face| session.state(face) == Some(crate::store::FaceState::Unnamed));
            if answer.faces.is_empty() {
                return Ok(());
            }
        }
        let proposal = Proposal {
            shown,
            answer,
            again,
        };
        if let Decision::Named(name) = &proposal.answer.decision
            && self.options.interactive
            // A name that is offered is no slip.
            && crate::steps::naming::NameChoice::chosen(line, &proposal.shown.choices).is_none()
        {
            let about_person = matches!(proposal.shown.question.about, About::Person(_));
            if let Some(slip) = Slip::of(name, &self.session.people(), about_person) {
                self.confirm = Some(Confirm::Slip(proposal, slip));
                return Ok(());
            }
        }
        self.meant(proposal).await
    }

    /// The name is meant.
    async fn meant(&mut self, proposal: Proposal) -> Result<(), StepError> {
        if let Decision::Named(name) = &proposal.answer.decision
            && self.options.interactive
        {
            let twice = self.session.already_shown(&proposal.answer.faces, name);
            if !twice.is_empty() {
                self.confirm = Some(Confirm::Twice(proposal, twice));
                return Ok(());
            }
        }
        self.settle(proposal).await
    }

    /// Carries an answer out.
    async fn settle(&mut self, proposal: Proposal) -> Result<(), StepError> {
        let Proposal {
            shown,
            answer,
            again,
        } = proposal;
        if again {
            self.queue.push_front(shown.question.clone());
        }
        let decision = answer.decision.clone();
        let is_name = matches!(decision, Decision::Named(_));
        if let About::Person(suggestion) = &shown.question.about
            && !is_name
            && !answer.rejected.is_empty()
        {
            let person = suggestion.person;
            return self.decide_and_reject(&shown, answer, person).await;
        }
        if !is_name {
            self.keep_apart(&shown);
        }
        let blocked = self.carry_out(&shown, answer).await?;
        if let Decision::Named(name) = decision
            && !blocked.is_empty()
            && self.options.interactive
        {
            self.confirm = Some(Confirm::Force(shown, name, blocked));
        }
        Ok(())
    }

    /// The person that a question is about, by their present name.
    fn person(&self, open: &Shown) -> Option<Name> {
        let About::Person(suggestion) = &open.question.about else {
            return None;
        };
        let people = self.session.people();
        let now = people.iter().find(|row| row.id == suggestion.person);
        let name = now.map_or(&suggestion.name, |row| &row.name);
        Name::new(name).ok()
    }

    fn refuse(&mut self, line: &str, problem: &str) {
        self.events.push_back(Event::Refused {
            line: line.to_owned(),
            problem: problem.to_owned(),
        });
    }

    /// Refuses a line: nothing was decided.
    fn ask_again(&mut self, open: Shown, line: &str, problem: &str) -> Result<(), StepError> {
        self.refuse(line, problem);
        self.open = Some(open);
        Ok(())
    }

    /// Decides, counts and tells; the faces about which nothing was decided.
    async fn carry_out(&mut self, shown: &Shown, answer: Answer) -> Result<Vec<FaceId>, StepError> {
        let is_name = matches!(answer.decision, Decision::Named(_));
        let answered = self.session.decide(answer).await?;
        let blocked = answered.blocked.clone();
        let faces = answered.faces.len() as u64;
        let mut counters = self.counters;
        match is_name {
            true => counters.named += faces,
            false => counters.others += faces,
        }
        self.note(shown, answered, counters);
        Ok(blocked)
    }

    /// Strangers, or not faces, but for those that were taken out: they are not the person's who was asked about.
    async fn decide_and_reject(
        &mut self,
        shown: &Shown,
        answer: Answer,
        person: crate::store::PersonId,
    ) -> Result<(), StepError> {
        let answered = self.session.decide_and_reject(answer, person).await?;
        let mut counters = self.counters;
        counters.others += answered.faces.len() as u64;
        self.note(shown, answered, counters);
        Ok(())
    }

    /// Faces that were taken out of a question whose other faces get no answer now: they are not the person's, where it
    /// was about one.
    async fn remember_out(&mut self, open: &Shown) -> Result<(), StepError> {
        match &open.question.about {
            About::Person(suggestion) if !open.out.is_empty() => {
                let out = open.ids(true);
                let answered = self.session.reject(out, suggestion.person).await?;
                let mut counters = self.counters;
                counters.rejected += answered.faces.len() as u64;
                self.note(open, answered, counters);
            }
            About::Cluster(_) => self.keep_apart(open),
            _ => {}
        }
        Ok(())
    }

    /// "No": none of them, those taken out included, is the person.
    async fn reject(&mut self, open: &Shown) -> Result<(), StepError> {
        let About::Person(suggestion) = &open.question.about else {
            return Ok(());
        };
        let faces: Vec<_> = open.faces.iter().map(|face| face.id.clone()).collect();
        let answered = self.session.reject(faces, suggestion.person).await?;
        let mut counters = self.counters;
        counters.rejected += answered.faces.len() as u64;
        self.note(open, answered, counters);
        Ok(())
    }

    /// One row of a screen is somebody, or nobody.
    async fn row(
        &mut self,
        open: Shown,
        row: &Suggestion,
        decision: Decision,
    ) -> Result<(), StepError> {
        let answer = Answer {
            faces: row.faces.iter().map(|face| face.id.clone()).collect(),
            decision,
            rejected: Vec::new(),
            force: false,
        };
        self.propose(open, answer, "", true).await
    }

    /// A screen of rows.
    async fn rows(
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
            });
        }
        let answered = self.session.decide_rows(&answers).await?;
        let mut counters = self.counters;
        counters.named += named as u64;
        counters.rejected += rejected as u64;
        counters.suggestions += (answers.len() as u64).saturating_sub(1);
        self.note(&open, answered, counters);
        Ok(())
    }

    /// A screen of pairs.
    async fn decide_pairs(
        &mut self,
        open: Shown,
        pairs: &[Pair],
        but: &Exceptions,
    ) -> Result<(), StepError> {
        // Those that are two are not asked about again in this session; of people the store knows it.
        let settled = but.unsure.union(&but.wrong).copied().collect();
        self.pairs_later(pairs, &settled);
        let (mut same, mut others) = (Vec::new(), Vec::new());
        for (number, pair) in (1..).zip(pairs) {
            match (but.unsure.contains(&number), but.wrong.contains(&number)) {
                (true, _) => {}
                (false, true) => others.push(pair),
                (false, false) => same.push(pair),
            }
        }
        let mut answered = self.session.decide_pairs(&same, &others).await?;
        let joined = self.joined.len();
        for pair in &same {
            if let (None, None, Some(left), Some(right)) = (
                pair.left.person(),
                pair.right.person(),
                pair.left.faces.first(),
                pair.right.faces.first(),
            ) {
                self.joined.push((left.id.clone(), right.id.clone()));
            }
        }
        let mut counters = self.counters;
        counters.merged += same.len() as u64;
        if answered.entry.is_none() && !same.is_empty() {
            let groups = count(
                same.len(),
                "pair is one person",
                "pairs are one person each",
            );
            answered.what = format!("{groups}: asked about together");
        }
        self.note(&open, answered, counters);
        if let Some(done) = self.done.last_mut() {
            done.joined = joined;
        }
        Ok(())
    }

    fn pairs_later(&mut self, pairs: &[Pair], unsure: &BTreeSet<usize>) {
        for (_, pair) in (1..)
            .zip(pairs)
            .filter(|(number, _)| unsure.contains(number))
        {
            let faces = pair.left.ids().chain(pair.right.ids()).cloned();
            self.later_pairs.extend(faces);
        }
    }

    /// Asks whether all that is left is to be strangers'.
    async fn ask_rest(&mut self, open: Shown) -> Result<(), StepError> {
        let place = self.stage.threshold();
        let view = self
            .session
            .view(self.threshold(place), self.options.subset)
            .await?;
        let faces = view.clusters.iter().flat_map(|cluster| &cluster.faces);
        let faces: Vec<FaceId> = faces.map(|face| face.id.clone()).collect();
        if self.options.interactive {
            self.confirm = Some(Confirm::Rest(open, faces));
            return Ok(());
        }
        self.rest(&open, faces).await
    }

    async fn rest(&mut self, shown: &Shown, faces: Vec<FaceId>) -> Result<(), StepError> {
        let answer = Answer {
            faces,
            decision: Decision::Ignored,
            rejected: Vec::new(),
            force: false,
        };
        self.carry_out(shown, answer).await.map(drop)
    }

    /// Tells what an answer did, and remembers it for undo. `counters` are those after it, but for the
    /// question itself.
    fn note(&mut self, shown: &Shown, answered: Answered, mut counters: Counters) {
        if answered.entry.is_some() || !answered.what.is_empty() && answered.blocked.is_empty() {
            match shown.question.about {
                About::Cluster(_) | About::Singles(_) => counters.clusters += 1,
                About::Person(_) | About::Rows(_) => counters.suggestions += 1,
                About::Pairs(_) => {}
            }
            self.done.push(Done {
                entry: answered.entry,
                what: answered.what.clone(),
                question: shown.question.clone(),
                before: self.counters,
                joined: self.joined.len(),
            });
            self.counters = counters;
        }
        self.events.push_back(Event::Answered {
            answered,
            shown: shown.faces.iter().map(|face| face.id.clone()).collect(),
        });
    }
}

//! What a line does to the review: decided, asked again, undone.

use std::collections::BTreeSet;

use super::{
    About, Counters, Event, Outcome, Review, Stage, Typed,
    answer::{is_no, is_yes},
    next::{Confirm, Done},
    question::Shown,
};
use crate::{
    naming::Name,
    steps::{
        StepError,
        naming::{Answer, Answered},
    },
    store::{Decision, FaceId, StoreError},
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
        let is_yes = is_yes(line);
        if !is_yes && !is_no(line) && !line.trim().is_empty() {
            self.refuse(line, "Please type y or n.");
            self.confirm = Some(confirm);
            return Ok(());
        }
        match (confirm, self.open.take()) {
            (Confirm::Name(name, out), Some(open)) if is_yes => {
                self.decide(open, Decision::Named(name), out).await
            }
            (Confirm::Force(shown, name, faces), _) if is_yes => {
                let answer = Answer {
                    faces,
                    decision: Decision::Named(name),
                    rejected: Vec::new(),
                    force: true,
                };
                self.carry_out(&shown, answer).await.map(drop)
            }
            (_, open) => {
                self.open = open;
                Ok(())
            }
        }
    }

    async fn answered(&mut self, open: Shown, line: &str) -> Result<(), StepError> {
        self.session.refresh().await?;
        let person = self.person(&open);
        let asked = open.asked(person.as_ref(), self.has_next_threshold());
        let decision = match Typed::parse(line, &asked) {
            Err(error) => {
                self.refuse(line, &error.to_string());
                None
            }
            Ok(Typed::Later) => {
                if person.is_some() {
                    self.later.extend(open.ids(false));
                }
                return Ok(());
            }
            Ok(Typed::Quit) => {
                self.ended = Some(Outcome::Left);
                return Ok(());
            }
            Ok(Typed::NextThreshold) => {
                self.queue.clear();
                let (Stage::Suggestions(place) | Stage::Clusters(place) | Stage::Again(place, _)) =
                    self.stage;
                self.stage = Stage::Suggestions(place + 1);
                return Ok(());
            }
            Ok(Typed::Help) => {
                self.events.push_back(Event::Help {
                    about_person: person.is_some(),
                    next_threshold: asked.next_threshold,
                });
                None
            }
            Ok(Typed::Undo) => return self.undo(open).await,
            Ok(Typed::No) => return self.reject(&open).await,
            Ok(Typed::TakeOut(out)) => {
                self.show(Shown {
                    out,
                    progress_hint: String::new(),
                    ..open
                });
                return Ok(());
            }
            Ok(Typed::Decide { decision, out }) => Some((decision, out)),
        };
        match decision {
            Some((Decision::Named(name), out))
                if asked.is_doubtful(&name, &self.session.names())
                    && (self.options.interactive || person.is_some()) =>
            {
                match &person {
                    Some(person) if !self.options.interactive => self.refuse(
                        line,
                        &format!(
                            "the question is: is this {person}? Expected y, n, or the name of a known \
                             person; --no-suggestions skips such questions"
                        ),
                    ),
                    _ => self.confirm = Some(Confirm::Name(name, out)),
                }
            }
            Some((decision, out)) => return self.decide(open, decision, out).await,
            None => {}
        }
        self.open = Some(open);
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

    async fn decide(
        &mut self,
        open: Shown,
        decision: Decision,
        out: BTreeSet<usize>,
    ) -> Result<(), StepError> {
        let open = Shown { out, ..open };
        let answer = Answer {
            faces: open.ids(false),
            decision: decision.clone(),
            rejected: open.ids(true),
            force: false,
        };
        let blocked = self.carry_out(&open, answer).await?;
        if let Decision::Named(name) = decision
            && !blocked.is_empty()
            && self.options.interactive
        {
            self.confirm = Some(Confirm::Force(open, name, blocked));
        }
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

    /// Tells what an answer did, and remembers it for undo. `counters` are those after it, but for the
    /// question itself.
    fn note(&mut self, shown: &Shown, answered: Answered, mut counters: Counters) {
        if let Some(entry) = answered.entry {
            match shown.question.about {
                About::Cluster(_) => counters.clusters += 1,
                About::Person(_) => counters.suggestions += 1,
            }
            self.done.push(Done {
                entry,
                what: answered.what.clone(),
                question: shown.question.clone(),
                before: self.counters,
            });
            self.counters = counters;
        }
        self.events.push_back(Event::Answered {
            answered,
            shown: shown.faces.iter().map(|face| face.id.clone()).collect(),
        });
    }

    /// Undoes the last answer: its question comes again, and then the one that is `open`.
    async fn undo(&mut self, open: Shown) -> Result<(), StepError> {
        let Some(done) = self.done.last().cloned() else {
            self.events.push_back(Event::NothingToUndo);
            self.open = Some(open);
            return Ok(());
        };
        let event = match self.session.undo(done.entry).await {
            Ok((undone, saved)) => Event::Undone(undone, saved),
            Err(StepError::Store(StoreError::AlreadyUndone { .. })) => {
                Event::UndoneElsewhere(done.what)
            }
            Err(error) => {
                self.open = Some(open);
                return Err(error);
            }
        };
        self.events.push_back(event);
        self.done.pop();
        self.counters = done.before;
        self.queue.push_front(open.question);
        self.queue.push_front(done.question);
        Ok(())
    }
}

//! What a line does to the review: decided, or asked again.

use super::{
    About, Event, Outcome, Review, Shown, Slip, Typed, TypedScreen, TypedSingles,
    answer::{is_no, is_yes},
    meanwhile,
    next::{Confirm, Part, Proposal},
    stage::Stage,
};
use crate::{
    boxed,
    naming::Name,
    steps::{
        StepError,
        naming::{Answer, NameChoice},
    },
    store::{Decision, FaceId},
};

impl Review {
    /// Takes the answer to what [`Self::next`] asked; what came of it is told next.
    ///
    /// # Errors
    /// Where the store or tags.json cannot be written to.
    #[boxed]
    pub async fn answer(&mut self, line: &str) -> Result<(), StepError> {
        let entries = self.session.store().entries();
        let answered = self.respond(line).await;
        answered.map_err(|error| match self.session.store().entries() == entries {
            true => error.before_saving(),
            false => error,
        })
    }

    async fn respond(&mut self, line: &str) -> Result<(), StepError> {
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
        let decides = yes || no && matches!(confirm, Confirm::Twice(..));
        self.session.refresh().await?;
        if decides && let Some(what) = meanwhile(&self.session, confirm.faces()) {
            // Others have answered while the yes was waited for.
            self.ask_anew(confirm.shown(), Some(what));
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
            Confirm::Rejected(mut proposal, _) if yes => {
                proposal.answer.force = true;
                self.settle(proposal).await
            }
            Confirm::Rejected(mut proposal, rejected) => {
                if rejected.len() == proposal.answer.faces.len() {
                    self.open = Some(proposal.shown);
                    return Ok(());
                }
                let answer = &mut proposal.answer;
                answer.faces.retain(|face| !rejected.contains(face));
                answer.rejected.extend(rejected);
                self.settle(proposal).await
            }
            Confirm::Force(shown, name, faces) if yes => {
                let answer = Answer {
                    force: true,
                    ..Answer::new(faces, Decision::Named(name))
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
                        self.remember_out(&open).await
                    }
                    Ok(TypedScreen::Row(row, decision)) => self.row(open, row, decision).await,
                    Ok(TypedScreen::All(mut but)) => {
                        if is_no(line) {
                            // A row that is somebody else is none of those that are asked about.
                            but.wrong.retain(|row| !open.instead.contains_key(row));
                        }
                        self.rows(open, &rows, &but).await
                    }
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
                        let picked = picked.map(|(_, face)| face.id.clone()).collect();
                        let answer = Answer::new(picked, decision);
                        self.propose(open, answer, line, Part::Faces).await
                    }
                }
            }
            About::Cluster(_) | About::Person(_) => {
                let person = self.person(&open);
                let asked = open.asked(person.as_ref(), self.has_next_threshold());
                let typed = match NameChoice::chosen(line, &open.choices) {
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
                self.marked.push(open.clone());
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
                    // Single faces that are taken out are not those of somebody.
                    rejected: if is_singles {
                        Vec::new()
                    } else {
                        open.ids(true)
                    },
                    ..Answer::new(open.ids(false), decision)
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
                self.propose(open, answer, line, Part::All).await
            }
            command => self.command(open, command).await,
        }
    }

    /// What means the same at each question.
    async fn command(&mut self, open: Shown, typed: Typed) -> Result<(), StepError> {
        match typed {
            Typed::Quit => {
                self.open = Some(open);
                self.leave().await?;
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

    /// Asks whether all that is left is to be strangers'.
    async fn ask_rest(&mut self, open: Shown) -> Result<(), StepError> {
        let place = self.stage.threshold();
        let view = self
            .session
            .view(self.threshold(place), self.options.subset)
            .await?;
        let faces = view.clusters.iter().flat_map(|cluster| &cluster.faces);
        let said: Vec<_> = open.instead.values().flat_map(|said| &said.faces).collect();
        let faces = faces.filter(|face| !said.contains(&&face.id));
        let faces: Vec<FaceId> = faces.map(|face| face.id.clone()).collect();
        if self.options.interactive {
            self.confirm = Some(Confirm::Rest(open, faces));
            return Ok(());
        }
        self.rest(&open, faces).await
    }

    async fn rest(&mut self, shown: &Shown, faces: Vec<FaceId>) -> Result<(), StepError> {
        self.keep_said_of_rows(shown).await?;
        let answer = Answer::new(faces, Decision::Ignored);
        self.carry_out(shown, answer).await.map(drop)
    }

    /// Leaves, as `:q` does: for the end of the input, and where somebody interrupts.
    ///
    /// # Errors
    /// Where the store or tags.json cannot be written to.
    #[boxed]
    pub async fn leave(&mut self) -> Result<(), StepError> {
        let confirm = self.confirm.take();
        let shown = confirm.map(|confirm| confirm.shown().clone());
        if let Some(open) = shown.or(self.open.take()) {
            self.remember_out(&open).await?;
        }
        self.ended = Some(Outcome::Left);
        Ok(())
    }
}

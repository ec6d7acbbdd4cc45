//! An answer on its way to the store: looked at, carried out, told.

use super::{
    About, Counters, Event, Review, Shown, Slip, meanwhile,
    next::{Confirm, Done, Part, Proposal},
};
use crate::{
    steps::{
        StepError,
        naming::{Answer, Answered, NameChoice},
    },
    store::{Decision, FaceId, FaceState, PersonId},
};

impl Review {
    /// Looks at an answer before it is carried out: whether its faces got another meanwhile, whether the name is meant,
    /// and whether it would make someone twice in a photo. A script is not asked.
    pub(super) async fn propose(
        &mut self,
        shown: Shown,
        mut answer: Answer,
        line: &str,
        part: Part,
    ) -> Result<(), StepError> {
        if let Some(what) = meanwhile(&self.session, &answer.faces) {
            if self.options.interactive {
                self.ask_anew(&shown, Some(what));
                return Ok(());
            }
            self.events.push_back(Event::Meanwhile(what));
            let session = self.session.clone();
            answer
                .faces
                .retain(|face| session.state(face) == Some(FaceState::Unnamed));
            if answer.faces.is_empty() {
                return Ok(());
            }
        }
        let proposal = Proposal {
            shown,
            answer,
            part,
        };
        if let Decision::Named(name) = &proposal.answer.decision
            && self.options.interactive
            // A name that is offered is no slip.
            && NameChoice::chosen(line, &proposal.shown.choices).is_none()
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
    pub(super) async fn meant(&mut self, proposal: Proposal) -> Result<(), StepError> {
        if let Decision::Named(name) = &proposal.answer.decision
            && self.options.interactive
        {
            let faces = &proposal.answer.faces;
            let mut theirs = match proposal.part {
                Part::Row(row) => Self::beside(&proposal.shown, row, name),
                Part::All | Part::Faces => Vec::new(),
            };
            theirs.extend(faces.iter().cloned());
            let mut twice = self.session.already_shown(&theirs, name);
            twice.retain(|face| faces.contains(face));
            if !twice.is_empty() {
                self.confirm = Some(Confirm::Twice(proposal, twice));
                return Ok(());
            }
        }
        self.settle(proposal).await
    }

    /// Carries an answer out.
    pub(super) async fn settle(&mut self, proposal: Proposal) -> Result<(), StepError> {
        if let Part::Row(row) = proposal.part {
            if let Decision::Named(name) = &proposal.answer.decision
                && !proposal.answer.force
            {
                let rejected = self.session.rejected_as(&proposal.answer.faces, name);
                if !rejected.is_empty() {
                    self.confirm = Some(Confirm::Rejected(proposal, rejected));
                    return Ok(());
                }
            }
            self.say_of_row(row, proposal);
            return Ok(());
        }
        let Proposal {
            shown,
            answer,
            part,
        } = proposal;
        if part == Part::Faces {
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

    /// Decides, counts and tells; the faces about which nothing was decided.
    pub(super) async fn carry_out(
        &mut self,
        shown: &Shown,
        answer: Answer,
    ) -> Result<Vec<FaceId>, StepError> {
        let is_name = matches!(answer.decision, Decision::Named(_));
        let answer = self.guarded(answer);
        let asked = answer.faces.clone();
        let answered = self.session.decide(answer).await?;
        if answered.elsewhere {
            let what = meanwhile(&self.session, &asked);
            self.ask_anew(shown, what);
            return Ok(Vec::new());
        }
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

    /// An answer of a person, who has seen these faces without a decision: it is carried out only where they still have
    /// none as it is written. A script's was looked at already.
    fn guarded(&self, answer: Answer) -> Answer {
        let open = match self.options.interactive {
            true => answer.faces.clone(),
            false => Vec::new(),
        };
        Answer { open, ..answer }
    }

    /// Others have answered while this answer was typed or written: says what, and asks again, without what was taken out
    /// and with what was said of rows.
    pub(super) fn ask_anew(&mut self, shown: &Shown, what: Option<String>) {
        self.events.extend(what.map(Event::Meanwhile));
        self.keep_apart(shown);
        self.said_of_rows = shown.instead.values().cloned().collect();
        if self.queue.front() != Some(&shown.question) {
            self.queue.push_front(shown.question.clone());
        }
    }

    /// Strangers, or not faces, but for those that were taken out: they are not the person's who was asked about.
    async fn decide_and_reject(
        &mut self,
        shown: &Shown,
        answer: Answer,
        person: PersonId,
    ) -> Result<(), StepError> {
        let answer = self.guarded(answer);
        let asked = answer.faces.clone();
        let answered = self.session.decide_and_reject(answer, person).await?;
        if answered.elsewhere {
            let what = meanwhile(&self.session, &asked);
            self.ask_anew(shown, what);
            return Ok(());
        }
        let mut counters = self.counters;
        counters.others += answered.faces.len() as u64;
        self.note(shown, answered, counters);
        Ok(())
    }

    /// Faces that were taken out of a question whose other faces get no answer now: they are not the person's, where it
    /// was about one. And rows that were said to be somebody else.
    pub(super) async fn remember_out(&mut self, open: &Shown) -> Result<(), StepError> {
        match &open.question.about {
            About::Person(suggestion) if !open.out.is_empty() => {
                let out = open.ids(true);
                let answered = self.session.reject(out, suggestion.person).await?;
                let mut counters = self.counters;
                counters.rejected += answered.faces.len() as u64;
                self.note(open, answered, counters);
            }
            About::Cluster(_) => self.keep_apart(open),
            About::Rows(_) => self.keep_said_of_rows(open).await?,
            _ => {}
        }
        Ok(())
    }

    /// "No": none of them, those taken out included, is the person.
    pub(super) async fn reject(&mut self, open: &Shown) -> Result<(), StepError> {
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
    pub(super) fn note(&mut self, shown: &Shown, answered: Answered, mut counters: Counters) {
        if let Some(entry) = answered.entry {
            match shown.question.about {
                About::Cluster(_) | About::Singles(_) => counters.clusters += 1,
                About::Person(_) | About::Rows(_) => counters.suggestions += 1,
                About::Pairs(_) => {}
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
            answered: Box::new(answered),
            shown: shown.faces.iter().map(|face| face.id.clone()).collect(),
        });
    }
}

//! A person's sitting: what was said, in words and in numbers, and taking it back.

use flickr_faces::{
    config::Config,
    naming::Name,
    steps::{
        StepError,
        naming::{Answer, Answered, Session},
        tags_json::Saved,
    },
    store::{Decision, FaceId, FaceState, JournalId, PersonId, StoreError},
};
use flickr_faces_terminal::{
    exit::BadAnswer,
    prompt::{Asker, Reply},
    text::count,
};

use crate::question::Question;

/// What a sitting did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Clusters answered with a name, strangers or not faces.
    pub(crate) clusters: u64,
    /// Suggestions answered, no among them.
    pub(crate) suggestions: u64,
    /// Faces that got a name.
    pub(crate) named: u64,
    /// Faces that were said to be strangers' or no faces.
    pub(crate) others: u64,
    /// Faces that were said not to be the person suggested.
    pub(crate) rejected: u64,
}

impl Tally {
    /// Faces that were decided about.
    pub(crate) fn decided(&self) -> u64 {
        self.named + self.others
    }
}

/// A person's sitting.
pub(crate) struct Sitting<'a> {
    pub(crate) session: Session,
    pub(crate) config: &'a Config,
    pub(crate) pictures: bool,
    /// Standard output is for a program: what is said goes to standard error.
    pub(crate) json: bool,
    pub(crate) asker: Box<dyn Asker>,
    /// Whether there is a next threshold to go down to.
    pub(crate) sweeping: bool,
    pub(crate) tally: Tally,
    /// The faces without a decision when this threshold began, and the decisions before.
    pub(crate) begun: (usize, u64),
    /// What can be taken back, the last one last.
    done: Vec<Done>,
}

/// An answer of this sitting.
struct Done {
    entry: JournalId,
    question: Question,
    what: String,
    faces: u64,
    /// The tally before it.
    before: Tally,
}

impl<'a> Sitting<'a> {
    pub(crate) fn new(session: Session, config: &'a Config, asker: Box<dyn Asker>) -> Self {
        Self {
            session,
            config,
            pictures: true,
            json: false,
            asker,
            sweeping: false,
            tally: Tally::default(),
            begun: (0, 0),
            done: Vec::new(),
        }
    }

    /// Decides about `faces` and says what came of it. `numbers` are those on the picture.
    pub(crate) async fn decide(
        &mut self,
        question: &Question,
        answer: Answer,
        numbers: &[(usize, FaceId)],
    ) -> anyhow::Result<Option<Reply>> {
        let decision = answer.decision.clone();
        let answered = self.session.decide(answer).await?;
        self.note(question, &decision, &answered);
        if answered.blocked.is_empty() {
            return Ok(None);
        }
        let Decision::Named(name) = &decision else {
            return Ok(None);
        };
        self.once_denied(question, name, &answered, numbers).await
    }

    /// Says that faces were kept out, and asks whether they are to get the name all the same.
    async fn once_denied(
        &mut self,
        question: &Question,
        name: &Name,
        answered: &Answered,
        numbers: &[(usize, FaceId)],
    ) -> anyhow::Result<Option<Reply>> {
        let blocked = &answered.blocked;
        let theirs: Vec<String> = numbers
            .iter()
            .filter(|(_, id)| blocked.contains(id))
            .map(|(number, _)| number.to_string())
            .collect();
        self.say(&format!(
            "You once said that {} not {name}: {} kept out.",
            if theirs.len() == 1 {
                format!("face {} is", theirs.join(" "))
            } else {
                format!("faces {} are", theirs.join(" "))
            },
            if theirs.len() == 1 {
                "it is"
            } else {
                "they are"
            },
        ));
        if !self.asker.is_interactive() {
            return Ok(None);
        }
        let prompt = format!("Name {} {name} all the same? (y/n)", {
            if blocked.len() == 1 { "it" } else { "them" }
        });
        match self.confirm(&prompt, "Enter is no")? {
            Ok(true) => {
                let answer = Answer {
                    faces: blocked.clone(),
                    decision: Decision::Named(name.clone()),
                    rejected: Vec::new(),
                    force: true,
                };
                let decision = answer.decision.clone();
                let answered = self.session.decide(answer).await?;
                self.note(question, &decision, &answered);
                Ok(None)
            }
            Ok(false) => Ok(None),
            Err(reply) => Ok(Some(reply)),
        }
    }

    /// Says and counts what an answer did.
    fn note(&mut self, question: &Question, decision: &Decision, answered: &Answered) {
        let Some(entry) = answered.entry else { return };
        let what = described(decision);
        let faces = answered.faces.len() as u64;
        self.say(&format!("{}: {what}", count(faces, "face", "faces")));
        for (face, state) in &answered.overruled {
            let before = match state {
                FaceState::Unnamed => continue,
                FaceState::Ignored => "a stranger".to_owned(),
                FaceState::NotAFace => "not a face".to_owned(),
                FaceState::Named(person) => {
                    let name = answered.names.get(person).cloned();
                    name.unwrap_or_else(|| "somebody else".to_owned())
                }
            };
            self.say(&format!(
                "Face {face} had been said to be {before} meanwhile; this later answer holds."
            ));
        }
        self.say_saved(&answered.saved);
        let before = self.tally;
        match question.about {
            crate::question::About::Cluster(_) => self.tally.clusters += 1,
            crate::question::About::Person(_) => self.tally.suggestions += 1,
        }
        match decision {
            Decision::Named(_) => self.tally.named += faces,
            _ => self.tally.others += faces,
        }
        self.done.push(Done {
            entry,
            question: question.clone(),
            what,
            faces,
            before,
        });
    }

    /// Remembers that faces are not the person's, and says so.
    pub(crate) async fn reject(
        &mut self,
        question: &Question,
        faces: Vec<FaceId>,
        (person, name): (PersonId, &str),
    ) -> anyhow::Result<()> {
        let number = faces.len() as u64;
        let answered = self.session.reject(faces, person).await?;
        self.say(&format!(
            "{}: not {name}, and not suggested again",
            count(number, "face", "faces")
        ));
        let before = self.tally;
        self.tally.suggestions += 1;
        self.tally.rejected += number;
        if let Some(entry) = answered.entry {
            self.done.push(Done {
                entry,
                question: question.clone(),
                what: format!("not {name}"),
                faces: number,
                before,
            });
        }
        Ok(())
    }

    /// Takes the last answer back; the question to ask again.
    pub(crate) async fn undo(&mut self) -> anyhow::Result<Option<Question>> {
        let Some(last) = self.done.last() else {
            self.say("There is nothing to undo in this sitting.");
            return Ok(None);
        };
        let undone = match self.session.undo_entry(last.entry).await {
            Ok(undone) => Some(undone),
            // In another tab or program.
            Err(StepError::Store(StoreError::AlreadyUndone { .. })) => None,
            Err(error) => return Err(error.into()),
        };
        let Some(done) = self.done.pop() else {
            return Ok(None);
        };
        let faces = count(done.faces, "face", "faces");
        self.say(&match &undone {
            Some(_) => format!("Taken back: {faces} {}", done.what),
            None => format!("Taken back elsewhere already: {faces} {}", done.what),
        });
        let since = undone.map_or(0, |undone| undone.decided_since.len());
        if since > 0 {
            self.say(&format!(
                "{} decided otherwise since, and that holds.",
                count(since as u64, "face was", "faces were")
            ));
        }
        self.tally = done.before;
        Ok(Some(done.question))
    }

    /// Asks yes or no; Enter is no. An end of the input, or Ctrl-C, is an error to hand on.
    pub(crate) fn confirm(
        &mut self,
        prompt: &str,
        help: &str,
    ) -> anyhow::Result<Result<bool, Reply>> {
        loop {
            match self.line(prompt, help, &[])? {
                Reply::Line(line) => match line.trim().to_lowercase().as_str() {
                    "y" | "yes" => return Ok(Ok(true)),
                    "" | "n" | "no" => return Ok(Ok(false)),
                    _ => self.say("Please type y or n."),
                },
                other => return Ok(Err(other)),
            }
        }
    }

    /// Asks for a line.
    pub(crate) fn line(
        &mut self,
        prompt: &str,
        help: &str,
        names: &[String],
    ) -> anyhow::Result<Reply> {
        let asker = &mut self.asker;
        // The prompt blocks until somebody answers.
        tokio::task::block_in_place(|| asker.ask(prompt, help, names))
    }

    pub(crate) fn say(&self, text: &str) {
        self.tell(&format!("{text}\n"));
    }

    /// As `say`, of whole lines.
    pub(crate) fn tell(&self, text: &str) {
        if self.json {
            eprint!("{text}");
        } else {
            print!("{text}");
        }
    }

    /// Says what was taken over from a tags.json changed by hand.
    fn say_saved(&self, saved: &Saved) {
        if let Some(taken) = &saved.taken_over {
            self.say(&taken.to_string());
        }
    }

    /// Says what is wrong and asks again; where lines are piped in, ends: the next line is meant for
    /// the next question.
    pub(crate) fn refuse(&self, line: &str, problem: &str) -> anyhow::Result<()> {
        if !self.asker.is_interactive() {
            return Err(BadAnswer(format!(
                "{line:?}: {problem}; nothing was decided about this cluster"
            ))
            .into());
        }
        self.say(problem);
        Ok(())
    }
}

pub(crate) fn described(decision: &Decision) -> String {
    match decision {
        Decision::Named(name) => name.to_string(),
        Decision::Ignored => "strangers".to_owned(),
        Decision::NotAFace => "not faces".to_owned(),
    }
}

//! One question: its picture, what is asked, the answer.

use std::collections::BTreeSet;

use flickr_faces::{
    naming::{
        Answer as Typed, Name,
        answer::{HELP, HELP_DOWN, HELP_PERSON},
    },
    steps::naming::{Answer, Member},
    store::{Decision, FaceId, PersonId},
};
use flickr_faces_terminal::{picture, prompt::Reply, text::count};

use crate::{
    question::{About, Question},
    sitting::Sitting,
};

/// What to do after a question.
pub(crate) enum Asked {
    Next,
    /// As `Next`, but these faces were left for later.
    Later(Vec<FaceId>),
    /// Ask this again: its answer was taken back.
    Again(Box<Question>),
    /// Go on at the next threshold.
    Down,
    Leave,
    Interrupted,
}

/// The lines under the questions.
const KEYS: &str = "Enter later, a name, :x 3 7-9 take out, :i strangers, :n not faces, :u undo";
const KEYS_PERSON: &str =
    "y yes, n no, Enter later, a name, :x 3 7-9 take out, :i strangers, :n not faces, :u undo";

/// What could be a name and is an answer elsewhere.
const ANSWERS: [&str; 4] = ["y", "n", "yes", "no"];

impl Sitting<'_> {
    /// Asks until there is an answer that ends the question. `outlook` says what the answers to come
    /// are worth.
    pub(crate) async fn ask(
        &mut self,
        question: &Question,
        outlook: &str,
    ) -> anyhow::Result<Asked> {
        self.session.refresh().await?;
        let open = question.open(&self.session);
        if open.is_empty() || !self.is_worth_asking(question, open.len()) {
            return Ok(Asked::Next);
        }
        let person = match &question.about {
            About::Cluster(_) => None,
            About::Person(suggestion) => Some((suggestion.person, Name::new(&suggestion.name)?)),
        };
        let whole = open.len();
        let mut faces: Vec<(usize, Member)> = (1..).zip(open).collect();
        let mut taken_out: Vec<FaceId> = Vec::new();
        self.show(question, &faces, outlook).await?;
        loop {
            let names = self.session.store().names().await?;
            let keys = self.keys(person.is_some());
            let line = match self.line(&question.prompt(), &keys, &names)? {
                Reply::Line(line) => line,
                Reply::End => return Ok(Asked::Leave),
                Reply::Interrupted => return Ok(Asked::Interrupted),
            };
            let typed = match &person {
                Some((_, name)) => Typed::parse_about(&line, whole, name),
                None => Typed::parse(&line, whole),
            };
            let typed = match typed {
                Ok(Typed::Down) if !self.sweeping => {
                    self.refuse(&line, "there is no next threshold: that is for --sweep")?;
                    continue;
                }
                Ok(typed) => typed,
                Err(error) => {
                    self.refuse(&line, &error.to_string())?;
                    continue;
                }
            };
            let decision = match typed {
                Typed::Later => {
                    return Ok(Asked::Later(faces.into_iter().map(|(_, f)| f.id).collect()));
                }
                Typed::Quit => return Ok(Asked::Leave),
                Typed::Down => return Ok(Asked::Down),
                Typed::Help => {
                    self.help(person.is_some());
                    continue;
                }
                Typed::Undo => match self.undo().await? {
                    Some(question) => return Ok(Asked::Again(Box::new(question))),
                    None => continue,
                },
                Typed::No => {
                    let Some((id, name)) = &person else { continue };
                    let all = faces.iter().map(|(_, face)| face.id.clone());
                    let all = all.chain(taken_out).collect();
                    self.reject(question, all, (*id, name.as_str())).await?;
                    return Ok(Asked::Next);
                }
                Typed::TakeOut {
                    faces: numbers,
                    name,
                } => {
                    if let Some(name) = &name
                        && let Some(reply) = self.doubtful(&line, name, &person, &names)?
                    {
                        match reply {
                            Doubt::Ask => continue,
                            Doubt::End(asked) => return Ok(asked),
                        }
                    }
                    if let Err(problem) = take_out(&mut faces, &mut taken_out, &numbers) {
                        self.refuse(&line, &problem)?;
                        continue;
                    }
                    match name {
                        Some(name) => Decision::Named(name),
                        None => {
                            self.show(question, &faces, "").await?;
                            continue;
                        }
                    }
                }
                Typed::Name(name) => {
                    match self.doubtful(&line, &name, &person, &names)? {
                        Some(Doubt::Ask) => continue,
                        Some(Doubt::End(asked)) => return Ok(asked),
                        None => {}
                    }
                    Decision::Named(name)
                }
                Typed::Strangers => Decision::Ignored,
                Typed::NotFaces => Decision::NotAFace,
            };
            let numbers: Vec<_> = faces.into_iter().map(|(n, face)| (n, face.id)).collect();
            let answer = Answer {
                faces: numbers.iter().map(|(_, id)| id.clone()).collect(),
                decision,
                rejected: taken_out,
                force: false,
            };
            return Ok(match self.decide(question, answer, &numbers).await? {
                None => Asked::Next,
                Some(Reply::Interrupted) => Asked::Interrupted,
                Some(_) => Asked::Leave,
            });
        }
    }

    /// Too little may be left of a cluster when suggestions about some of its faces were answered.
    fn is_worth_asking(&self, question: &Question, open: usize) -> bool {
        let least = self.session.settings().min_cluster;
        matches!(question.about, About::Person(_)) || open >= least
    }

    /// Whether a name may be a slip: one that answers another question, or, where `person` was asked
    /// about, one that nobody has yet.
    fn doubtful(
        &mut self,
        line: &str,
        name: &Name,
        person: &Option<(PersonId, Name)>,
        names: &[String],
    ) -> anyhow::Result<Option<Doubt>> {
        let known = names
            .iter()
            .any(|known| Name::new(known).is_ok_and(|known| known.key() == name.key()));
        if known {
            return Ok(None);
        }
        let slip = ANSWERS.contains(&name.key().as_str());
        if !self.asker.is_interactive() {
            let Some((_, asked)) = person else {
                return Ok(None);
            };
            self.refuse(
                line,
                &format!(
                    "this was asked: is this {asked}? y, n, or the name of somebody who has one; \
                     with --no-suggestions it is not asked"
                ),
            )?;
        }
        if person.is_none() && !slip {
            return Ok(None);
        }
        let prompt = format!("Nobody is called {name} yet. Is that the name? (y/n)");
        Ok(
            match self.confirm(&prompt, "Enter is no, and asks again")? {
                Ok(true) => None,
                Ok(false) => Some(Doubt::Ask),
                Err(Reply::Interrupted) => Some(Doubt::End(Asked::Interrupted)),
                Err(_) => Some(Doubt::End(Asked::Leave)),
            },
        )
    }

    async fn show(
        &self,
        question: &Question,
        faces: &[(usize, Member)],
        outlook: &str,
    ) -> anyhow::Result<()> {
        let path = question.picture(&self.config.results, faces.len());
        let tiles: Vec<_> = faces
            .iter()
            .map(|(n, face)| (*n, face.id.clone()))
            .collect();
        self.session
            .montage(&tiles, question.samples(), &path)
            .await?;
        let mut text = format!(
            "\n{}: {}   {}",
            question.title(),
            count(faces.len() as u64, "face", "faces"),
            path.display()
        );
        let odd: Vec<String> = faces
            .iter()
            .filter(|(_, face)| face.outlier)
            .map(|(number, _)| number.to_string())
            .collect();
        let odd = (!odd.is_empty()).then(|| format!("Least like the others: {}.", odd.join(" ")));
        let outlook = (!outlook.is_empty()).then(|| format!("{outlook}."));
        let notes: Vec<_> = question
            .reason()
            .into_iter()
            .chain(odd)
            .chain(outlook)
            .collect();
        if !notes.is_empty() {
            text += "\n";
            text += &notes.join(" ");
        }
        self.say(&text);
        if self.pictures
            && !self.json
            && let Err(error) = picture::show(&path)
        {
            tracing::warn!("the picture cannot be shown here: {error}");
        }
        Ok(())
    }

    fn keys(&self, about_person: bool) -> String {
        let keys = if about_person { KEYS_PERSON } else { KEYS };
        let down = if self.sweeping {
            ", :d next threshold"
        } else {
            ""
        };
        format!("{keys}{down}, :q leave, :? help")
    }

    fn help(&self, about_person: bool) {
        self.say(if about_person { HELP_PERSON } else { HELP });
        if self.sweeping {
            self.say(HELP_DOWN);
        }
    }
}

/// What to do about a name that may be a slip.
enum Doubt {
    /// It was one: ask again.
    Ask,
    End(Asked),
}

/// Moves the faces with these numbers out; says what is wrong where that cannot be.
fn take_out(
    faces: &mut Vec<(usize, Member)>,
    taken_out: &mut Vec<FaceId>,
    numbers: &BTreeSet<usize>,
) -> Result<(), String> {
    if let Some(gone) = numbers
        .iter()
        .find(|number| !faces.iter().any(|(n, _)| n == *number))
    {
        return Err(format!("face {gone} is out already"));
    }
    if numbers.len() == faces.len() {
        return Err("that takes out all faces; Enter leaves them for later".to_owned());
    }
    taken_out.extend(
        faces
            .extract_if(.., |(number, _)| numbers.contains(number))
            .map(|(_, face)| face.id),
    );
    Ok(())
}

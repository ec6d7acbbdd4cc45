//! One cluster: its picture, the question, the answer.

use std::collections::BTreeSet;

use flickr_faces::{
    config::Config,
    naming::{
        Answer,
        answer::{AnswerError, HELP},
    },
    steps::naming::Session,
    store::{Decision, FaceId},
};
use flickr_faces_terminal::{
    exit::BadAnswer,
    picture,
    prompt::{Asker, Reply},
    text::count,
};

/// What a sitting did.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Clusters answered with a name, strangers or not faces.
    pub(crate) clusters: u64,
    /// Faces that got a name.
    pub(crate) named: u64,
    /// Faces that were said to be strangers' or no faces.
    pub(crate) others: u64,
}

/// A person's sitting.
pub(crate) struct Sitting<'a> {
    pub(crate) session: Session,
    pub(crate) config: &'a Config,
    pub(crate) pictures: bool,
    /// Standard output is for a program: what is said goes to standard error.
    pub(crate) json: bool,
    pub(crate) asker: Box<dyn Asker>,
    pub(crate) tally: Tally,
    /// Clusters that were answered, "later" included.
    pub(crate) answered: BTreeSet<usize>,
}

/// What to do after a question.
pub(crate) enum Asked {
    Next,
    /// Ask about this cluster again: its answer was taken back.
    Again(usize),
    Leave,
    Interrupted,
}

/// The line under the question.
const KEYS: &str = "Enter later, a name, :x 3 7-9 take out, :i strangers, :n not faces, :u undo, :q leave, :? help";

impl Sitting<'_> {
    /// Asks until there is an answer that ends the question.
    pub(crate) async fn ask_about(&mut self, cluster: usize) -> anyhow::Result<Asked> {
        let Some(all) = self.session.clusters().get(cluster) else {
            return Ok(Asked::Next);
        };
        let whole = all.faces.len();
        let mut faces: Vec<(usize, FaceId)> = (1..).zip(all.faces.iter().cloned()).collect();
        let mut taken_out: Vec<FaceId> = Vec::new();
        self.show(cluster, &faces).await?;
        loop {
            let names = self.session.names().await?;
            let asker = &mut self.asker;
            // The prompt blocks until somebody answers.
            let reply = tokio::task::block_in_place(|| asker.ask("Who is this?", KEYS, &names))?;
            let line = match reply {
                Reply::Line(line) => line,
                Reply::End => return Ok(Asked::Leave),
                Reply::Interrupted => return Ok(Asked::Interrupted),
            };
            let answer = match Answer::parse(&line, whole) {
                Ok(answer) => answer,
                Err(error) => {
                    self.not_understood(&line, &error)?;
                    continue;
                }
            };
            let decision = match answer {
                Answer::Later => {
                    self.answered.insert(cluster);
                    return Ok(Asked::Next);
                }
                Answer::Quit => return Ok(Asked::Leave),
                Answer::Help => {
                    self.say(HELP);
                    continue;
                }
                Answer::Undo => match self.undo().await? {
                    Some(cluster) => return Ok(Asked::Again(cluster)),
                    None => continue,
                },
                Answer::TakeOut {
                    faces: numbers,
                    name,
                } => {
                    if let Err(problem) = take_out(&mut faces, &mut taken_out, &numbers) {
                        self.refuse(&line, &problem)?;
                        continue;
                    }
                    match name {
                        Some(name) => Decision::Named(name),
                        None => {
                            self.show(cluster, &faces).await?;
                            continue;
                        }
                    }
                }
                Answer::Name(name) => Decision::Named(name),
                Answer::Strangers => Decision::Stranger,
                Answer::NotFaces => Decision::NotAFace,
            };
            self.decide(cluster, faces, decision, taken_out).await?;
            return Ok(Asked::Next);
        }
    }

    async fn show(&self, cluster: usize, faces: &[(usize, FaceId)]) -> anyhow::Result<()> {
        let path = self
            .session
            .montage(cluster, faces, &self.config.results)
            .await?;
        self.say(&format!(
            "\nCluster {} of {}: {}   {}",
            cluster + 1,
            self.session.clusters().len(),
            count(faces.len() as u64, "face", "faces"),
            path.display()
        ));
        if self.pictures
            && !self.json
            && let Err(error) = picture::show(&path)
        {
            tracing::warn!("the picture cannot be shown here: {error}");
        }
        Ok(())
    }

    async fn decide(
        &mut self,
        cluster: usize,
        faces: Vec<(usize, FaceId)>,
        decision: Decision,
        taken_out: Vec<FaceId>,
    ) -> anyhow::Result<()> {
        let faces: Vec<_> = faces.into_iter().map(|(_, id)| id).collect();
        let number = faces.len() as u64;
        let what = described(&decision);
        let saved = self
            .session
            .decide(cluster, faces, decision.clone(), taken_out)
            .await?;
        self.say(&format!("{}: {what}", count(number, "face", "faces")));
        if let Some(taken) = saved.taken_over {
            self.say(&taken.to_string());
        }
        self.answered.insert(cluster);
        self.tally.clusters += 1;
        match decision {
            Decision::Named(_) => self.tally.named += number,
            _ => self.tally.others += number,
        }
        Ok(())
    }

    /// Takes the last answer back; the cluster it was about.
    async fn undo(&mut self) -> anyhow::Result<Option<usize>> {
        let Some(undone) = self.session.undo().await? else {
            self.say("There is nothing to undo in this sitting.");
            return Ok(None);
        };
        let faces = undone.faces as u64;
        let what = described(&undone.decision);
        self.say(&format!(
            "Taken back: {} {what}",
            count(faces, "face", "faces")
        ));
        self.tally.clusters -= 1;
        match undone.decision {
            Decision::Named(_) => self.tally.named -= faces,
            _ => self.tally.others -= faces,
        }
        self.answered.remove(&undone.cluster);
        Ok(Some(undone.cluster))
    }

    fn say(&self, text: &str) {
        if self.json {
            eprintln!("{text}");
        } else {
            println!("{text}");
        }
    }

    fn not_understood(&self, line: &str, error: &AnswerError) -> anyhow::Result<()> {
        self.refuse(line, &error.to_string())
    }

    /// Says what is wrong and asks again; where lines are piped in, ends: the next line is meant for
    /// the next cluster.
    fn refuse(&self, line: &str, problem: &str) -> anyhow::Result<()> {
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

fn described(decision: &Decision) -> String {
    match decision {
        Decision::Named(name) => name.to_string(),
        Decision::Stranger => "strangers".to_owned(),
        Decision::NotAFace => "not faces".to_owned(),
    }
}

/// Moves the faces with these numbers out; says what is wrong where that cannot be.
fn take_out(
    faces: &mut Vec<(usize, FaceId)>,
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
            .map(|(_, id)| id),
    );
    Ok(())
}

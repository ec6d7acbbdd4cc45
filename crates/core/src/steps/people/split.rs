//! Two people under one name: a person's faces at a stricter threshold, and who each part is.

use super::{Done, People, PeopleError, change::name};
use crate::ids::JournalId;
use crate::{
    boxed,
    cluster::{self, Cohort, Grouping, Method},
    steps::{StepError, blocking::blocking, clock::now, tags_json::Saved},
    store::{Decision, FaceId, PersonFace, PersonRow, Undone},
};

/// How faces are grouped.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SplitBy {
    /// Faces closer than this are linked; above 0, at most 1.
    pub threshold: f32,
    /// What makes groups of neighbours.
    pub method: Method,
    /// Seed of the order of visits.
    pub seed: u64,
    /// Whether one person may be twice in a photo.
    pub same_photo: bool,
}

/// A part of a person's faces that are alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The faces, most typical first.
    pub faces: Vec<PersonFace>,
    /// Whether these are the faces that are like no other, put together.
    pub alone: bool,
}

/// A split that is going on, without input or output: ask about [`Self::part`], hand the line to
/// [`Self::answer`].
#[derive(Debug)]
pub struct Split {
    people: People,
    person: PersonRow,
    parts: Vec<Part>,
    next: usize,
    /// The entries that can be undone, with the part of each.
    done: Vec<(JournalId, usize)>,
}

/// What came of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SplitEvent {
    /// The part stays the person's.
    Stays,
    /// The part was decided about.
    Done(Done),
    /// The last answer was undone: its part comes again.
    Undone(Undone, Saved),
    /// There is no answer to undo.
    NothingToUndo,
    /// [`Split::HELP`] is to be shown.
    Help,
    /// The person left.
    Left,
}

impl Split {
    /// The line under the question.
    pub const KEYS: &str = "Enter the same person, a name, :x take back, :i strangers, :n not faces, \
                            :u undo, :q leave, :? help";

    /// What can be typed, a line each.
    pub const HELP: &str = "\
Enter           these faces stay as they are
Ada Lovelace    the name of the person on all these faces
:x              take them back: they wait for a name again
:i              strangers: do not ask about them again
:n              not faces
:u              undo the last answer
:q              leave; everything is saved already
:?              this help";

    /// A split of a person into these parts.
    #[must_use]
    pub fn new(people: People, person: PersonRow, parts: Vec<Part>) -> Self {
        Self {
            people,
            person,
            parts,
            next: 0,
            done: Vec::new(),
        }
    }

    /// The part that is asked about, with its number from 1; `None` at the end.
    #[must_use]
    pub fn part(&self) -> Option<(usize, &Part)> {
        Some((self.next + 1, self.parts.get(self.next)?))
    }

    /// Takes the answer to the question who [`Self::part`] is.
    ///
    /// # Errors
    /// Where the line is not an answer or the answer cannot be ([`StepError::is_refusal`]): ask again.
    /// Or where the store or tags.json cannot be written to.
    #[boxed]
    pub async fn answer(&mut self, line: &str) -> Result<SplitEvent, StepError> {
        let Some(part) = self.parts.get(self.next) else {
            return Ok(SplitEvent::Left);
        };
        let line = line.trim();
        let decision = match line.to_lowercase().as_str() {
            "" => {
                self.next += 1;
                return Ok(SplitEvent::Stays);
            }
            ":q" => return Ok(SplitEvent::Left),
            ":?" => return Ok(SplitEvent::Help),
            ":u" => return self.undo().await,
            ":x" => None,
            ":i" => Some(Decision::Ignored),
            ":n" => Some(Decision::NotAFace),
            _ if line.starts_with(':') => {
                return Err(PeopleError::Command(line.to_owned()).into());
            }
            _ => Some(Decision::Named(name(line)?)),
        };
        let done = match decision {
            Some(decision) => {
                let faces = part.ids();
                self.people
                    .split_off(&self.person, &faces, &decision)
                    .await?
            }
            None => self.people.take_back(&part.ids()).await?,
        };
        self.done.push((done.entry, self.next));
        self.next += 1;
        Ok(SplitEvent::Done(done))
    }

    async fn undo(&mut self) -> Result<SplitEvent, StepError> {
        let Some((entry, part)) = self.done.pop() else {
            return Ok(SplitEvent::NothingToUndo);
        };
        let (undone, saved) = self.people.undo(Some(entry)).await?;
        self.next = part;
        Ok(SplitEvent::Undone(undone, saved))
    }
}

impl People {
    /// The parts that a person's faces fall into, the largest first; the faces that are like no other
    /// are one part, at the end.
    ///
    /// # Errors
    /// Where the store cannot be read.
    #[boxed]
    pub async fn parts(&self, person: &PersonRow, by: SplitBy) -> Result<Vec<Part>, StepError> {
        let faces = self.store.faces_of(person.id).await?;
        let cohort = self.cohort().await?;
        blocking("splitting a person", move || {
            parts(faces, by, cohort.as_ref())
        })
        .await
    }

    /// Gives parts of a split names: each by its number from 1, as in `2=Grace Hopper`.
    ///
    /// # Errors
    /// Where one of `named` is no such text, or there is no such part; then none was named. Or where
    /// the store or tags.json cannot be written to.
    #[boxed]
    pub async fn name_parts(
        &self,
        person: &PersonRow,
        by: SplitBy,
        named: &[String],
    ) -> Result<Vec<(usize, Done)>, StepError> {
        let parts = self.parts(person, by).await?;
        let mut chosen = Vec::new();
        for text in named {
            let (number, name) = numbered(text)?;
            let part = number.checked_sub(1).and_then(|place| parts.get(place));
            let part = part.ok_or_else(|| PeopleError::NoPart {
                part: number,
                threshold: by.threshold,
                name: person.name.clone(),
                parts: parts.len(),
            })?;
            chosen.push((number, part, Decision::Named(name)));
        }
        let mut done = Vec::new();
        for (number, part, decision) in chosen {
            done.push((
                number,
                self.split_off(person, &part.ids(), &decision).await?,
            ));
        }
        Ok(done)
    }

    /// Decides who some of a person's faces are instead.
    ///
    /// # Errors
    /// Where the store or tags.json cannot be written to.
    #[boxed]
    pub async fn split_off(
        &self,
        person: &PersonRow,
        faces: &[FaceId],
        decision: &Decision,
    ) -> Result<Done, StepError> {
        let store = &self.store;
        let entry = store.split_off(person.id, faces, decision, now()).await?;
        self.done(entry).await
    }

    /// Takes faces back: they wait for a name again, and are not offered for the person again whose
    /// name they had.
    ///
    /// # Errors
    /// Where the store or tags.json cannot be written to.
    #[boxed]
    pub async fn take_back(&self, faces: &[FaceId]) -> Result<Done, StepError> {
        self.done(self.store.take_back(faces, now()).await?).await
    }
}

impl Part {
    fn ids(&self) -> Vec<FaceId> {
        self.faces.iter().map(|face| face.id.clone()).collect()
    }
}

/// A number and a name, as in `2=Grace Hopper`.
fn numbered(text: &str) -> Result<(usize, crate::naming::Name), PeopleError> {
    let expected = || PeopleError::Expected {
        found: text.to_owned(),
        expected: "NUMBER=NAME, such as 2=Grace Hopper",
    };
    let (number, rest) = text.split_once('=').ok_or_else(expected)?;
    let number = number.trim().parse().map_err(|_| expected())?;
    Ok((number, name(rest)?))
}

fn parts(faces: Vec<PersonFace>, by: SplitBy, cohort: Option<&Cohort>) -> Vec<Part> {
    let (comparable, others): (Vec<_>, Vec<_>) =
        (faces.into_iter()).partition(|face| face.descriptor.is_some());
    let points = super::points(&comparable, cohort);
    let mut numbers = std::collections::HashMap::new();
    let photos: Vec<u32> = (comparable.iter())
        .map(|face| {
            let next = numbers.len() as u32;
            *numbers.entry(&face.photo).or_insert(next)
        })
        .collect();
    let graph = cluster::neighbours(&points, by.threshold);
    let grouping = Grouping {
        method: by.method,
        seed: by.seed,
        photos: (!by.same_photo).then_some(&photos[..]),
    };
    let labels = cluster::group(&graph, &points, by.threshold, &grouping);
    let (alike, alone): (Vec<_>, Vec<_>) = cluster::clusters(&labels)
        .into_iter()
        .partition(|members| members.len() > 1);
    let of = |members: &[u32]| -> Vec<PersonFace> {
        (members.iter())
            .filter_map(|&face| comparable.get(face as usize).cloned())
            .collect()
    };
    let mut parts: Vec<_> = (alike.iter())
        .map(|members| Part {
            faces: super::most_typical_first(of(members), cohort),
            alone: false,
        })
        .collect();
    let mut rest = of(&alone.concat());
    rest.extend(others);
    if !rest.is_empty() {
        parts.push(Part {
            faces: rest,
            alone: true,
        });
    }
    parts
}

//! One answer about many people: a screen of rows, each a person and faces that may be theirs, or of pairs that may be the
//! same person.
//!
//! A page shows [`screens`] of [`Session::suggestions`], or of [`Session::pairs`], and hands what was clicked to
//! [`Session::decide_rows`] or [`Session::decide_pairs`]: each is one entry of the journal, and one undoing takes it back.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Answered, Pair, Session, Side, StepError, Suggestion, members::Member};
use crate::{
    boxed,
    naming::Name,
    store::{Decision, FaceId, GroupPair, PersonId, Together},
};

/// Faces that a line of a row holds: more go on in the next line.
pub const ACROSS: usize = 8;

/// Lines of a screen: as many as can be looked at before Enter is pressed.
pub const LINES: usize = 12;

/// A row with more faces than this is a question of its own: all of them are to be seen.
const MOST_IN_A_ROW: usize = 32;

/// What was answered about a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowAnswer {
    /// The person whom the row suggests.
    pub person: PersonId,
    /// The faces that are theirs.
    pub theirs: Vec<FaceId>,
    /// The faces that are not: they are not suggested for the person again.
    pub not_theirs: Vec<FaceId>,
    /// What these are, where that was said.
    pub instead: Option<Decision>,
    /// Give a name even to those that were rejected as this person before.
    pub force: bool,
}

/// How much is seen at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Faces that a line of a row holds.
    pub across: usize,
    /// Lines of a screen, at least one.
    pub lines: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            across: ACROSS,
            lines: LINES,
        }
    }
}

/// [`screens_in`] the usual [`Room`].
#[must_use]
pub fn screens(suggestions: &[Suggestion]) -> Vec<Vec<Suggestion>> {
    screens_in(suggestions, Room::default())
}

/// Splits suggestions into screens, in their order: each with as many lines as there is room for, and no person twice
/// where two of their rows share a photo. What has too many faces for a row is alone.
#[must_use]
pub fn screens_in(suggestions: &[Suggestion], room: Room) -> Vec<Vec<Suggestion>> {
    let Room {
        across,
        lines: most,
    } = room;
    let mut screens: Vec<Vec<Suggestion>> = Vec::new();
    let lines = |screen: &[Suggestion]| -> usize {
        let faces = screen.iter().map(|row| row.faces.len());
        faces.map(|faces| faces.div_ceil(across)).sum()
    };
    let mut alone = Vec::new();
    for row in suggestions {
        if row.faces.len() > MOST_IN_A_ROW.min(across * most) {
            alone.push(vec![row.clone()]);
            continue;
        }
        let fits = |screen: &&mut Vec<Suggestion>| {
            lines(screen) + row.faces.len().div_ceil(across) <= most
                && !screen
                    .iter()
                    .any(|other| other.person == row.person && share_a_photo(other, row))
        };
        match screens.iter_mut().find(fits) {
            Some(screen) => screen.push(row.clone()),
            None => screens.push(vec![row.clone()]),
        }
    }
    alone.extend(screens);
    alone
}

fn share_a_photo(a: &Suggestion, b: &Suggestion) -> bool {
    let photos: BTreeSet<_> = a.faces.iter().map(|face| &face.photo).collect();
    b.faces.iter().any(|face| photos.contains(&face.photo))
}

impl Session {
    /// Decides about the rows of a screen, as one entry of the journal. Faces that were rejected before as who is in a row
    /// instead are left: [`Answered::blocked`]. Where one of the faces has a decision by now, which
    /// nobody who looked at this screen has seen, nothing is decided: [`Answered::elsewhere`].
    ///
    /// # Errors
    /// As [`Self::decide`].
    #[boxed]
    pub async fn decide_rows(&self, rows: &[RowAnswer]) -> Result<Answered, StepError> {
        self.refresh().await?;
        let names: HashMap<PersonId, String> =
            self.people().into_iter().map(|p| (p.id, p.name)).collect();
        let (mut together, mut blocked) = (Together::default(), BTreeMap::new());
        for row in rows {
            let faces = row.theirs.iter().chain(&row.not_theirs);
            together.open.extend(faces.cloned());
            let name = names.get(&row.person).and_then(|name| Name::new(name).ok());
            let (mut theirs, mut not_theirs) = (row.theirs.clone(), row.not_theirs.clone());
            if let (Some(Decision::Named(instead)), Some(name)) = (&row.instead, &name)
                && instead.key() == name.key()
            {
                // Who is there instead is the person whom the row suggests.
                theirs.append(&mut not_theirs);
            }
            if let Some(name) = name
                && !theirs.is_empty()
            {
                together.decisions.push((theirs, Decision::Named(name)));
            }
            if not_theirs.is_empty() {
                continue;
            }
            if let Some(instead) = &row.instead {
                let before = match instead {
                    Decision::Named(name) if !row.force => self.0.store.rejected_for(name).await?,
                    _ => Vec::new(),
                };
                let faces = not_theirs.iter().cloned();
                let (left, said) = faces.partition::<Vec<_>, _>(|face| before.contains(face));
                if !said.is_empty() {
                    together.decisions.push((said, instead.clone()));
                }
                if let Decision::Named(name) = instead
                    && !left.is_empty()
                {
                    blocked.insert(name.to_string(), left);
                }
            }
            together.rejections.push((not_theirs, row.person));
        }
        let mut answered = self.decide_together(together).await?;
        if !answered.elsewhere && !blocked.is_empty() {
            let (names, faces): (Vec<String>, Vec<_>) = blocked.into_iter().unzip();
            answered.blocked = faces.concat();
            answered.blocked_as = names.join(" or ");
        }
        Ok(answered)
    }

    /// Decides about the pairs of a screen, as one entry of the journal: people of `same` are merged, the one with fewer
    /// faces into the other, and groups without a name are one from now on; that `others` are not the same is remembered,
    /// and neither pair is asked about again. Where a person is called otherwise by now, or has no face any more, or a face
    /// of a group has a decision, nothing is decided: [`Answered::elsewhere`].
    ///
    /// # Errors
    /// As [`Self::decide`].
    #[boxed]
    pub async fn decide_pairs(
        &self,
        same: &[&Pair],
        others: &[&Pair],
    ) -> Result<Answered, StepError> {
        self.refresh().await?;
        let faces: HashMap<PersonId, u64> =
            self.people().into_iter().map(|p| (p.id, p.faces)).collect();
        let mut together = Together::default();
        for side in same
            .iter()
            .chain(others)
            .flat_map(|pair| [&pair.left, &pair.right])
        {
            match &side.person {
                Some(person) => together.seen.push(person.clone()),
                None => together.open.extend(side.ids().cloned()),
            }
        }
        // Of three who are one, two are merged into the third.
        let mut whole: BTreeMap<PersonId, PersonId> = BTreeMap::new();
        let root = |whole: &BTreeMap<PersonId, PersonId>, mut person: PersonId| {
            while let Some(&into) = whole.get(&person) {
                person = into;
            }
            person
        };
        for pair in same {
            let (Some(a), Some(b)) = (pair.left.person(), pair.right.person()) else {
                continue;
            };
            let (a, b) = (root(&whole, a), root(&whole, b));
            if a != b && faces.contains_key(&a) && faces.contains_key(&b) {
                let (from, into) = if faces[&a] < faces[&b] {
                    (a, b)
                } else {
                    (b, a)
                };
                whole.insert(from, into);
                together.merges.push((from, into));
            }
        }
        for (pairs, is_same) in [(same, true), (others, false)] {
            for pair in pairs {
                let sides = [&pair.left, &pair.right];
                if sides.iter().any(|side| side.person.is_some()) {
                    continue;
                }
                let [left, right] = sides.map(|side| side.ids().cloned().collect());
                together.groups.push(GroupPair {
                    left,
                    right,
                    is_same,
                });
            }
        }
        for pair in others {
            for (side, other) in [(&pair.left, &pair.right), (&pair.right, &pair.left)] {
                if let Some(person) = other.person() {
                    let ids = side.faces.iter().map(|face| face.id.clone());
                    together.rejections.push((ids.collect(), person));
                }
            }
        }
        self.decide_together(together).await
    }

    /// One entry for all; none where there is nothing to decide.
    async fn decide_together(&self, together: Together) -> Result<Answered, StepError> {
        let named = together.decisions.iter().flat_map(|(faces, _)| faces);
        let rejected = together.rejections.iter().flat_map(|(faces, _)| faces);
        // What it is about first and foremost.
        let faces: Vec<FaceId> = match together.decisions.is_empty() {
            true if together.merges.is_empty() => rejected.cloned().collect(),
            _ => named.cloned().collect(),
        };
        let is_nothing = together.decisions.is_empty()
            && together.rejections.is_empty()
            && together.merges.is_empty()
            && together.groups.is_empty();
        if is_nothing {
            return Ok(Answered::default());
        }
        self.carry_out(together, faces).await
    }
}

impl Side {
    /// The person, where it is one.
    #[must_use]
    pub fn person(&self) -> Option<PersonId> {
        self.person.as_ref().map(|(person, _)| *person)
    }

    /// The ids of its faces.
    pub fn ids(&self) -> impl Iterator<Item = &FaceId> {
        self.faces.iter().map(|face: &Member| &face.id)
    }
}

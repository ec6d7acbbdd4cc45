//! Several decisions of one answer, as one entry of the journal: a screen of rows or pairs is undone as it was answered,
//! at once.

use std::collections::BTreeSet;

use super::{
    Decided, Decision, FaceId, FaceState, PersonId, Result, Store,
    group_pairs::GroupPair,
    journal::{Kind, Made, Writing},
};
use crate::text::count;

/// What one answer decides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Together {
    /// Faces and what they are.
    pub decisions: Vec<(Vec<FaceId>, Decision)>,
    /// Faces and whom they are not.
    pub rejections: Vec<(Vec<FaceId>, PersonId)>,
    /// People who are the other one: the first of a pair becomes the second.
    pub merges: Vec<(PersonId, PersonId)>,
    /// Groups of faces without a name that are one person's, or two people's.
    pub groups: Vec<GroupPair>,
    /// Faces that had no decision when they were shown; where one has by now, nothing is decided.
    pub open: Vec<FaceId>,
    /// People as they were shown: where one has another name by now, or no face any more, nothing is decided.
    pub seen: Vec<(PersonId, String)>,
}

/// Up to this many names stand in an entry's words.
const NAMED: usize = 3;

impl Store {
    /// Carries all of it out, in one transaction. `now` is in seconds since 1970. `None` where something is not as it was
    /// shown; then nothing was decided.
    ///
    /// # Errors
    /// Where a person is not there or the store cannot be written to; then nothing was decided.
    pub(crate) async fn decide_together(
        &self,
        together: &Together,
        now: i64,
    ) -> Result<Option<Decided>> {
        self.entry(now, |mut writing| async move {
            if !writing.are_open(&together.open).await? {
                return Ok(Made::Nothing(None));
            }
            for (person, name) in &together.seen {
                if writing.name_of(*person).await? != *name
                    || !writing.person_exists(*person).await?
                {
                    return Ok(Made::Nothing(None));
                }
            }
            let mut decided = writing.decided();
            let (mut names, mut not) = (BTreeSet::new(), BTreeSet::new());
            for (faces, decision) in &together.decisions {
                let (state, what) = writing.state_for(decision).await?;
                names.insert(what);
                for face in faces {
                    match writing.decide(face, state).await? {
                        None => decided.gone.push(face.clone()),
                        Some((_, FaceState::Unnamed)) => {}
                        Some(overruled) => decided.overruled.push(overruled),
                    }
                }
            }
            for (faces, person) in &together.rejections {
                not.insert(format!("not {}", writing.name_of(*person).await?));
                writing.reject_all(faces, *person).await?;
            }
            let mut merged = BTreeSet::new();
            for &(from, into) in &together.merges {
                let (was, is) = (writing.name_of(from).await?, writing.name_of(into).await?);
                merged.insert(format!("{was} is {is}, merged"));
                writing.merge(from, into).await?;
            }
            for (number, pair) in together.groups.iter().enumerate() {
                writing.say_of_groups(number, pair).await?;
            }
            let kind = match (names.is_empty(), merged.is_empty(), not.is_empty()) {
                (false, ..) => Kind::Decide,
                (true, false, _) => Kind::Merge,
                (true, true, false) => Kind::Reject,
                (true, true, true) => Kind::Pairs,
            };
            let said = |is_same, one, more| {
                let of_them = together
                    .groups
                    .iter()
                    .filter(|pair| pair.is_same == is_same);
                Some(of_them.count())
                    .filter(|&pairs| pairs > 0)
                    .map(|pairs| count(pairs, one, more))
            };
            let same = said(true, "pair is one person", "pairs are one person each");
            let two = said(false, "pair is two people", "pairs are two people each");
            let parts = [listed(names), listed(merged), listed(not), same, two];
            let parts: Vec<String> = parts.into_iter().flatten().collect();
            let what = parts.join("; ");
            writing.keep(kind, what, Some(decided)).await
        })
        .await
    }
}

/// `Ada, Bob, Eve and 4 more`.
fn listed(words: BTreeSet<String>) -> Option<String> {
    let more = words.len().saturating_sub(NAMED);
    let first: Vec<String> = words.into_iter().take(NAMED).collect();
    let text = first.join(", ");
    match (first.is_empty(), more) {
        (true, _) => None,
        (false, 0) => Some(text),
        (false, more) => Some(format!("{text} and {more} more")),
    }
}

impl Writing<'_> {
    /// Says that faces are not a person's; one that has the person's name loses it.
    pub(super) async fn reject_all(&mut self, faces: &[FaceId], person: PersonId) -> Result<()> {
        for face in faces {
            if let Some((face, FaceState::Named(named))) = self.state(face).await?
                && named == person
            {
                self.decide(&face, FaceState::Unnamed).await?;
            }
            self.reject(face, person).await?;
        }
        Ok(())
    }
}

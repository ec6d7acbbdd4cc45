//! What came of a decision, in sentences that the terminal and the page share.

use crate::ids::PersonId;
use std::collections::{BTreeMap, HashMap};

use super::{naming::Answered, people::Done, tags_json::Saved};
use crate::{
    store::{FaceId, FaceState, Undone},
    text::count,
};

/// Up to this many faces are named by their numbers, more are counted.
const LISTED: usize = 12;

/// What an answer did: first what was decided, then which other answers it replaced, what was taken
/// over from tags.json, and which faces were skipped. At least one sentence where there was a face.
///
/// `shown` are the faces in the order they were shown, so that a sentence can name them by number,
/// from 1; `expected` is what all of them were then.
#[must_use]
pub fn answered<'f>(
    answered: &Answered,
    shown: impl IntoIterator<Item = &'f FaceId>,
    expected: FaceState,
) -> Vec<String> {
    let numbers: HashMap<&FaceId, usize> = shown.into_iter().zip(1..).collect();
    let mut lines = Vec::new();
    if answered.faces.is_empty() && answered.blocked.is_empty() && !answered.what.is_empty() {
        // People who were merged, or groups.
        lines.push(format!("{}.", answered.what));
    } else if answered.entry.is_some() {
        let faces = count(answered.faces.len(), "face", "faces");
        lines.push(format!("{faces}: {}", answered.what));
    }
    let mut replaced: BTreeMap<(String, String), Vec<&FaceId>> = BTreeMap::new();
    for (face, state) in answered.overruled.iter().filter(|(_, s)| *s != expected) {
        replaced
            .entry(decided_as(*state, &answered.names))
            .or_default()
            .push(face);
    }
    for ((one, more), faces) in replaced {
        lines.push(match listed(&faces, &numbers) {
            (face, true) => format!("{face} was {one} elsewhere; your answer replaced it."),
            (faces, false) => format!("{faces} were {more} elsewhere; your answer replaced it."),
        });
    }
    lines.extend(tags_json(&answered.saved));
    if !answered.blocked.is_empty() {
        let faces: Vec<_> = answered.blocked.iter().collect();
        let name = match answered.blocked_as.as_str() {
            "" => &answered.what,
            name => name,
        };
        lines.push(match listed(&faces, &numbers) {
            (face, true) => {
                format!("{face} was said not to be {name} before, so it was skipped.")
            }
            (faces, false) => {
                format!("{faces} were said not to be {name} before, so they were skipped.")
            }
        });
    }
    lines
}

/// What a face, and what several, were decided to be.
fn decided_as(state: FaceState, names: &HashMap<PersonId, String>) -> (String, String) {
    let (one, more) = match state {
        FaceState::Unnamed => ("taken back", "taken back"),
        FaceState::Ignored => ("marked as a stranger", "marked as strangers"),
        FaceState::NotAFace => ("marked as not a face", "marked as not faces"),
        FaceState::Named(person) => {
            let name = names.get(&person).map_or("someone else", String::as_str);
            let named = format!("named {name}");
            return (named.clone(), named);
        }
    };
    (one.to_owned(), more.to_owned())
}

/// `Face 3`, `Faces 3 7`, or `20 faces`; and whether it is one.
fn listed(faces: &[&FaceId], numbers: &HashMap<&FaceId, usize>) -> (String, bool) {
    let mut known: Vec<usize> = faces
        .iter()
        .filter_map(|face| numbers.get(face).copied())
        .collect();
    known.sort_unstable();
    if known.len() < faces.len() || known.len() > LISTED {
        return (count(faces.len(), "face", "faces"), faces.len() == 1);
    }
    let texts: Vec<_> = known.iter().map(usize::to_string).collect();
    match texts.as_slice() {
        [one] => (format!("Face {one}"), true),
        more => (format!("Faces {}", more.join(" ")), false),
    }
}

/// What undoing an entry of the journal did.
#[must_use]
pub fn undone(undone: &Undone, saved: &Saved) -> Vec<String> {
    let mut lines = vec![format!("Undone: entry {}, {}.", undone.undoes, undone.what)];
    let faces = |number: usize, is: &str, are: &str| match number {
        0 => None,
        number => Some(count(number, is, are) + "."),
    };
    lines.extend(faces(
        undone.restored.len(),
        "face is as before",
        "faces are as before",
    ));
    lines.extend(faces(
        undone.decided_since.len(),
        "face was decided again since and stays so",
        "faces were decided again since and stay so",
    ));
    lines.extend(faces(
        undone.gone as usize,
        "face is no longer there",
        "faces are no longer there",
    ));
    for (name, instead) in &undone.names_taken {
        lines.push(format!(
            "The name {name} is taken by now; the person is called {instead}."
        ));
    }
    lines.extend(tags_json(saved));
    lines
}

/// What a change to a person did, without what was taken over from tags.json.
#[must_use]
pub fn done(done: &Done) -> String {
    format!("Done: {}.", done.what)
}

/// What was changed in tags.json by hand and taken over, or that the file is damaged.
pub fn tags_json(saved: &Saved) -> impl Iterator<Item = String> {
    let taken_over = saved.taken_over.as_ref().map(ToString::to_string);
    let unreadable = saved.unreadable.as_ref().map(|problem| {
        format!("Your answers are saved; tags.json is not written until this is mended: {problem}")
    });
    taken_over.into_iter().chain(unreadable)
}

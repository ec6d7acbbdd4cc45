//! What became of faces elsewhere while somebody looked at them.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    steps::naming::{Pair, Session},
    store::{FaceId, FaceState, PersonRow},
    text::{count, grouped},
};

/// Says in a sentence what has become of two sides of a pair since it was shown; `None` where nothing has.
#[must_use]
pub fn meanwhile_of_pairs<'p>(
    session: &Session,
    pairs: impl IntoIterator<Item = &'p Pair>,
) -> Option<String> {
    let people = session.people();
    let (mut changed, mut faces) = (BTreeSet::new(), Vec::new());
    for side in (pairs.into_iter()).flat_map(|pair| [&pair.left, &pair.right]) {
        match &side.person {
            Some((id, name)) => {
                let is_as_shown = |row: &PersonRow| row.id == *id && row.name == *name;
                if !people.iter().any(is_as_shown) {
                    changed.insert(name.as_str());
                }
            }
            None => faces.extend(side.ids()),
        }
    }
    if changed.is_empty() {
        return meanwhile(session, faces);
    }
    let changed: Vec<_> = changed.into_iter().collect();
    Some(format!(
        "Answered elsewhere meanwhile: {} merged, renamed or taken back. Nothing of that was changed.",
        match changed.as_slice() {
            [one] => format!("{one} was"),
            more => format!("{} were", more.join(", ")),
        }
    ))
}

/// Says in a sentence what faces, none of which had a decision when they were shown, have been decided to be since; `None`
/// where nothing was. A page that gets `Some` shows the question again with what is left, and decides nothing: the person
/// has not seen that answer.
#[must_use]
pub fn meanwhile<'f>(
    session: &Session,
    faces: impl IntoIterator<Item = &'f FaceId>,
) -> Option<String> {
    let people = session.people();
    let (mut decided, mut left) = (BTreeMap::<(String, String), usize>::new(), 0);
    for face in faces {
        let (one, more) = match session.state(face) {
            Some(FaceState::Unnamed) => {
                left += 1;
                continue;
            }
            None => ("is no longer there", "are no longer there"),
            Some(FaceState::Ignored) => ("is a stranger", "are strangers"),
            Some(FaceState::NotAFace) => ("is not a face", "are not faces"),
            Some(FaceState::Named(person)) => {
                let row = people.iter().find(|row| row.id == person);
                let name = row.map_or("someone else", |row| &row.name);
                let both = (format!("is {name}"), format!("are {name}"));
                *decided.entry(both).or_default() += 1;
                continue;
            }
        };
        *decided
            .entry((one.to_owned(), more.to_owned()))
            .or_default() += 1;
    }
    if decided.is_empty() {
        return None;
    }
    let parts: Vec<String> = decided
        .iter()
        .map(|((one, more), faces)| match faces {
            1 => format!("1 {one}"),
            faces => format!("{} {more}", grouped(*faces)),
        })
        .collect();
    Some(format!(
        "Answered elsewhere meanwhile: of these faces {}. Nothing of that was changed; {} left.",
        parts.join(", "),
        match left {
            0 => "none is".to_owned(),
            1 => "1 face is".to_owned(),
            left => format!("{} are", count(left, "face", "faces")),
        }
    ))
}

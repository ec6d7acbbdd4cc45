//! Which of a person's faces is meant.

use std::collections::BTreeSet;

use super::PeopleError;
use crate::{
    store::{FaceId, PersonFace},
    text::is_dash,
};

/// The faces that `text` names: numbers from 1 and ranges of them, ids of faces, ids of photos;
/// separated by commas or spaces. A number that is no face's is a photo's.
pub(super) fn faces(
    text: &str,
    name: &str,
    faces: &[PersonFace],
) -> Result<Vec<FaceId>, PeopleError> {
    let mut chosen = BTreeSet::new();
    for word in text.split([',', ' ', '\t']).filter(|word| !word.is_empty()) {
        let found = indices(word, faces).ok_or_else(|| PeopleError::NoFace {
            found: word.to_owned(),
            name: name.to_owned(),
            faces: faces.len(),
        })?;
        chosen.extend(found);
    }
    if chosen.is_empty() {
        return Err(PeopleError::NoFaces {
            name: name.to_owned(),
            faces: faces.len(),
        });
    }
    Ok((chosen.into_iter())
        .filter_map(|index| faces.get(index))
        .map(|face| face.id.clone())
        .collect())
}

/// The places in `faces` that one word names; never none.
fn indices(word: &str, faces: &[PersonFace]) -> Option<Vec<usize>> {
    let number = |text: &str| {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse::<usize>().ok().filter(|_| is_plain)?;
        (1..=faces.len()).contains(&number).then(|| number - 1)
    };
    let all = |wanted: &dyn Fn(&PersonFace) -> bool| {
        let places = (0..).zip(faces).filter(|(_, face)| wanted(face));
        let found: Vec<usize> = places.map(|(place, _)| place).collect();
        (!found.is_empty()).then_some(found)
    };
    if word.contains(':') {
        return all(&|face| face.id.to_string() == word);
    }
    if let Some((first, last)) = word.split_once(is_dash) {
        let (first, last) = (number(first)?, number(last)?);
        return (first <= last).then(|| (first..=last).collect());
    }
    number(word)
        .map(|place| vec![place])
        .or_else(|| all(&|face| face.photo == word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_ranges_faces_and_photos_are_understood() {
        let face = |photo: &str, number: u32| PersonFace {
            id: format!("{photo}:{number}").parse().unwrap(),
            photo: photo.parse().unwrap(),
            descriptor: None,
        };
        // A collage shows her twice.
        let theirs = [
            face("701", 0),
            face("702", 4),
            face("703", 0),
            face("703", 1),
        ];
        let cases = [
            ("1", Some("701:0")),
            ("1,3", Some("701:0 703:0")),
            (" 3 , 1 1", Some("701:0 703:0")),
            ("2-4", Some("702:4 703:0 703:1")),
            ("2\u{2013}3", Some("702:4 703:0")),
            ("702:4", Some("702:4")),
            ("703", Some("703:0 703:1")),
            ("703, 1 702:4", Some("701:0 702:4 703:0 703:1")),
            ("", None),
            (" ,", None),
            ("0", None),
            ("5", None),
            ("3-2", None),
            ("3-9", None),
            ("-3", None),
            ("+3", None),
            ("1-2-3", None),
            ("702:5", None),
            ("704", None),
            ("Ada", None),
            ("1 Ada", None),
        ];
        let wrong: Vec<_> = cases
            .into_iter()
            .map(|(text, ids)| {
                let found = faces(text, "Ada", &theirs).ok().map(|ids| {
                    let ids: Vec<_> = ids.iter().map(FaceId::to_string).collect();
                    ids.join(" ")
                });
                (text, found, ids)
            })
            .filter(|(_, found, ids)| found.as_deref() != *ids)
            .collect();
        assert!(wrong.is_empty(), "(text, found, expected): {wrong:?}");
        assert_eq!(
            faces("x", "Ada", &theirs).unwrap_err().to_string(),
            "\"x\" is not a face of Ada's: expected numbers from 1 to 4, such as 3 or 7-9, \
             face ids such as 53000000001:2, or ids of photos that show them"
        );
    }
}

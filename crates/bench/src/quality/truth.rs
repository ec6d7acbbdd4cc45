//! Who is in the photos, by the folder or the file's name.

use std::path::Path;

use anyhow::{Context, bail};
use flickr_faces::faces::Rect;

/// Who a face shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Person {
    /// Someone who may be in other photos.
    Named(String),
    /// Someone who is in no other photo.
    Stranger,
}

/// Photos of two people: their two largest faces, from left to right.
///
/// `two_people.jpg` puts two of the other photos side by side, `obama3.jpg` and `biden.jpg`: its faces
/// are 0.08 and 0.06 away from theirs.
const PAIRS: [(&str, [&str; 2]); 3] = [
    ("kit_with_rose", ["rose", "kit"]),
    ("obama_and_biden", ["biden", "obama"]),
    ("two_people", ["obama", "biden"]),
];

/// Whom the faces of a photo show, in their order; `path` begins at the folder of all photos.
///
/// - `johns/NAME/FILE`: the largest face is `NAME`;
/// - `portraits/FILE`: those of [`PAIRS`], else the largest face is who the file is called by, up to a
///   digit or `_`;
/// - `groups/FILE`: strangers; none of them is in two photos.
///
/// All other faces are strangers.
pub(super) fn people(path: &Path, faces: &[Rect]) -> anyhow::Result<Vec<Person>> {
    let unknown = || format!("{}: who is this?", path.display());
    let mut parts = path.iter().map(|part| part.to_str());
    let folder = parts.next().flatten().with_context(unknown)?;
    let next = parts.next().flatten().with_context(unknown)?;
    let stem = next.split('.').next().unwrap_or(next);
    let names: Vec<&str> = match folder {
        "groups" => Vec::new(),
        "johns" => vec![next],
        "portraits" => match PAIRS.iter().find(|(file, _)| *file == stem) {
            Some((_, names)) => names.to_vec(),
            None => vec![
                stem.split(|c: char| c == '_' || c.is_ascii_digit())
                    .next()
                    .unwrap_or(stem),
            ],
        },
        _ => bail!(unknown()),
    };
    let mut largest: Vec<usize> = (0..faces.len()).collect();
    largest.sort_by_key(|&face| std::cmp::Reverse(faces[face].width() * faces[face].height()));
    largest.truncate(names.len());
    largest.sort_by_key(|&face| faces[face].left);
    let mut people = vec![Person::Stranger; faces.len()];
    for (face, name) in largest.into_iter().zip(names) {
        people[face] = Person::Named(name.to_owned());
    }
    Ok(people)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_or_file_name_is_the_truth() {
        let face = |left: i32, size: i32| Rect {
            left,
            top: 0,
            right: left + size - 1,
            bottom: size - 1,
        };
        struct Case {
            path: &'static str,
            faces: Vec<Rect>,
            /// "" for a stranger.
            people: &'static [&'static str],
        }
        let cases = [
            Case {
                path: "johns/John_Simm/000288_00470387.jpg",
                faces: vec![face(0, 40), face(90, 80)],
                people: &["", "John_Simm"],
            },
            Case {
                path: "portraits/obama_partial_face2.jpg",
                faces: vec![face(0, 40)],
                people: &["obama"],
            },
            Case {
                path: "portraits/rose1.jpg",
                faces: vec![],
                people: &[],
            },
            Case {
                path: "portraits/obama_and_biden.jpg",
                faces: vec![face(900, 30), face(500, 90), face(100, 80)],
                people: &["", "obama", "biden"],
            },
            Case {
                path: "portraits/kit_with_rose.jpg",
                faces: vec![face(200, 90)],
                people: &["rose"],
            },
            Case {
                path: "groups/bald_guys.jpg",
                faces: vec![face(0, 40), face(90, 80)],
                people: &["", ""],
            },
        ];
        let wrong: Vec<_> = cases
            .iter()
            .filter_map(|case| {
                let found = people(Path::new(case.path), &case.faces).unwrap();
                let names: Vec<_> = found
                    .iter()
                    .map(|person| match person {
                        Person::Named(name) => name.as_str(),
                        Person::Stranger => "",
                    })
                    .collect();
                (names != case.people).then_some((case.path, found))
            })
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        assert!(people(Path::new("holidays/beach.jpg"), &[]).is_err());
    }
}

//! Everyone who has a name, as a person looks for somebody.

use std::cmp::Reverse;

use super::People;
use crate::{boxed, steps::StepError, store::PersonRow, text::plain};

/// A person in the list, by the number that stands for them there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Their place among all, from 1, whatever was looked for.
    pub number: usize,
    /// The person.
    pub person: PersonRow,
}

impl People {
    /// Everyone of whose name or tag `word` is a part, accents and case aside; those with most faces first, then by name.
    ///
    /// # Errors
    /// Where the store cannot be read.
    #[boxed]
    pub async fn listed(&self, word: &str) -> Result<Vec<Listed>, StepError> {
        Ok(listed(self.list().await?, word))
    }
}

/// `people` are sorted by name.
fn listed(mut people: Vec<PersonRow>, word: &str) -> Vec<Listed> {
    let word = plain(word.trim());
    people.sort_by_key(|person| Reverse(person.faces));
    let has = |text: &str| plain(text).contains(&word);
    let numbered = (1..).zip(people);
    numbered
        .filter(|(_, person)| has(&person.name) || person.tag.as_deref().is_some_and(has))
        .map(|(number, person)| Listed { number, person })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::PersonId;

    #[test]
    fn most_faces_come_first_and_a_number_stays_when_a_word_is_looked_for() {
        let people = [
            ("Ada", 3, Some("Zoe")),
            ("Bob", 12, None),
            ("Eve", 3, None),
            ("Zoë Muñoz", 5, None),
        ];
        let people = || {
            let rows = (1..).zip(people);
            rows.map(|(id, (name, faces, tag))| PersonRow {
                id: PersonId(id),
                name: name.to_owned(),
                tag: tag.map(str::to_owned),
                never_write: false,
                nsid: None,
                faces,
                photos: faces,
            })
            .collect::<Vec<_>>()
        };
        let cases: [(&str, &[(usize, &str)]); 4] = [
            ("", &[(1, "Bob"), (2, "Zoë Muñoz"), (3, "Ada"), (4, "Eve")]),
            (" munoz", &[(2, "Zoë Muñoz")]),
            ("ZOE", &[(2, "Zoë Muñoz"), (3, "Ada")]),
            ("x", &[]),
        ];
        for (word, expected) in cases {
            let found = listed(people(), word);
            let found: Vec<_> = (found.iter())
                .map(|row| (row.number, row.person.name.as_str()))
                .collect();
            assert_eq!(found, expected, "{word}");
        }
    }
}

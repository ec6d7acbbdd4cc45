//! Decisions, and that any of them can be undone.

use std::collections::{BTreeMap, BTreeSet};

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn named(text: &str) -> Decision {
    Decision::Named(name(text))
}

/// A store with this many photos of two faces each; the faces' ids.
async fn with_faces(store: &Store, photos: u64) -> Vec<FaceId> {
    for photo in 1..=photos {
        store
            .add_listed(&[listed(photo, photo as i64)])
            .await
            .unwrap();
        let two = done(vec![found(10, 0.1), found(400, 0.2)]);
        let photo = super::photo(&photo.to_string());
        store.finish(&photo, &with(), &two).await.unwrap();
    }
    let faces = undecided(store).await;
    faces.into_iter().map(|face| face.id).collect()
}

async fn person(store: &Store, name: &str) -> PersonId {
    let people = store.people().await.unwrap();
    let found = people.iter().find(|person| person.name == name);
    found
        .unwrap_or_else(|| panic!("no {name} in {people:?}"))
        .id
}

async fn photos(store: &Store) -> Vec<(String, Vec<PhotoId>)> {
    let people = store.people_with_photos().await.unwrap();
    people
        .into_iter()
        .map(|person| (person.name, person.photos))
        .collect()
}

pub(super) async fn a_decision_can_be_undone(store: Store) {
    let ids = with_faces(&store, 1).await;
    let before = undecided(&store).await;
    let name = named("Ada Lovelace");
    let first = store.decide(&ids[..1], &name, &ids[1..], 99).await.unwrap();
    assert_eq!((first.overruled, first.gone), (vec![], vec![]));
    assert_eq!(store.rejections().await.unwrap().len(), 1);
    let name = named("ADA LOVELACE");
    let shout = store.decide(&ids[1..], &name, &[], 100).await.unwrap();
    assert_eq!(store.names().await.unwrap(), ["Ada Lovelace"]);
    assert_eq!(
        store.rejections().await.unwrap(),
        [],
        "a name overrides an earlier rejection"
    );
    let revision = store.revision().await.unwrap();
    store.undo(shout.entry, 101).await.unwrap();
    assert_ne!(store.revision().await.unwrap(), revision);
    assert_eq!(store.rejections().await.unwrap().len(), 1);
    assert_eq!(store.last_decision().await.unwrap(), Some(first.entry));
    store.undo(first.entry, 102).await.unwrap();
    assert_eq!(store.names().await.unwrap(), Vec::<String>::new());
    assert_eq!(store.rejections().await.unwrap(), []);
    assert_eq!(undecided(&store).await, before);
    assert_eq!(store.last_decision().await.unwrap(), None);
    // No one has seen her since: her name is spelt as it is typed now.
    store
        .decide(&ids[..1], &named("ada lovelace"), &[], 103)
        .await
        .unwrap();
    assert_eq!(store.names().await.unwrap(), ["ada lovelace"]);
}

/// What can be set, by text, with its value: another notation than the store's.
type State = BTreeMap<String, String>;

/// What an entry has set, by text; `None` is nothing.
type Changes = Vec<(String, Option<String>)>;

/// What entries should have come to: written beside the store's own code, by applying those that
/// stand one after the other.
#[derive(Default)]
struct Model {
    /// Each with the entry that it undoes.
    entries: Vec<(Changes, Option<JournalId>)>,
}

impl Model {
    /// `entry` counts from 1.
    fn stands(&self, entry: JournalId) -> bool {
        let later = (entry.0 + 1..).zip(self.entries.iter().skip(entry.0 as usize));
        !later
            .into_iter()
            .any(|(id, (_, undoes))| *undoes == Some(entry) && self.stands(JournalId(id)))
    }

    fn state(&self) -> State {
        let mut state = State::new();
        for (id, (changes, _)) in (1..).zip(&self.entries) {
            if !self.stands(JournalId(id)) {
                continue;
            }
            for (key, value) in changes {
                match value {
                    Some(value) => state.insert(key.clone(), value.clone()),
                    None => state.remove(key),
                };
            }
        }
        state
    }
}

/// Everything that is set, as the store's tables say it.
async fn state_of(store: &Store, people: &BTreeMap<PersonId, String>) -> State {
    let mut state = State::new();
    for row in sqlx::query("SELECT id, decision, person, decided FROM faces WHERE decision <> ''")
        .fetch_all(&store.pool)
        .await
        .unwrap()
    {
        let id: String = store.column(&row, "id").unwrap();
        let decision: String = store.column(&row, "decision").unwrap();
        let person: Option<i64> = store.column(&row, "person").unwrap();
        let decided: i64 = store.column(&row, "decided").unwrap();
        state.insert(
            format!("face {id}"),
            format!("{decision} {person:?} {decided}"),
        );
    }
    for (face, person) in store.rejections().await.unwrap() {
        state.insert(format!("face {face} is not {person}"), String::new());
    }
    for row in sqlx::query("SELECT id, name, tag, never_write, nsid FROM people")
        .fetch_all(&store.pool)
        .await
        .unwrap()
    {
        let id: PersonId = store.column(&row, "id").unwrap();
        let name: String = store.column(&row, "name").unwrap();
        if people.get(&id) != Some(&name) {
            state.insert(format!("name {id}"), name);
        }
        for text in ["tag", "nsid"] {
            let value: Option<String> = store.column(&row, text).unwrap();
            state.extend(value.map(|value| (format!("{text} {id}"), value)));
        }
        if store.column::<i64>(&row, "never_write").unwrap() == 1 {
            state.insert(format!("never write {id}"), String::new());
        }
    }
    state
}

/// Random decisions and undoings, compared with the model after each.
pub(super) async fn every_undoing_restores_exactly(store: Store) {
    let faces = with_faces(&store, 6).await;
    let mut random = ChaCha8Rng::seed_from_u64(1);
    // Names as they were first given.
    let mut given: BTreeMap<PersonId, String> = BTreeMap::new();
    let mut model = Model::default();
    for step in 1..=300 {
        act(
            &store,
            &faces,
            &mut given,
            &mut model,
            &mut random,
            step * 10,
        )
        .await;
        let found = state_of(&store, &given).await;
        assert_eq!(found, model.state(), "step {step}");
        let entries = model.entries.len() as i64;
        assert_eq!(store.revision().await.unwrap(), entries, "step {step}");
    }
    let listed = store.journal(1000).await.unwrap();
    assert_eq!(listed.len(), model.entries.len());
    assert!(
        listed
            .iter()
            .any(|entry| entry.undone && entry.undoes.is_some())
    );
    for entry in listed {
        assert_eq!(entry.undone, !model.stands(entry.id), "{entry:?}");
    }
    // Whatever stands, undone from the newest to the oldest, leaves nothing.
    while let Some(entry) = store.last_decision().await.unwrap() {
        store.undo(entry, 9999).await.unwrap();
    }
    assert_eq!(state_of(&store, &given).await, State::new());
    assert_eq!(store.names().await.unwrap(), Vec::<String>::new());
}

/// One random decision, or one undoing of whatever entry.
async fn act(
    store: &Store,
    faces: &[FaceId],
    given: &mut BTreeMap<PersonId, String>,
    model: &mut Model,
    random: &mut ChaCha8Rng,
    now: i64,
) {
    let state = model.state();
    let named = |face: &FaceId| {
        let value = state.get(&format!("face {face}"))?;
        let person = value.strip_prefix("named Some(")?.split(')').next()?;
        person.parse::<PersonId>().ok()
    };
    let rejected = |face: &FaceId, person: PersonId| {
        state.contains_key(&format!("face {face} is not {person}"))
    };
    let some = |random: &mut ChaCha8Rng, most: usize| -> Vec<FaceId> {
        let count = random.random_range(1..=most);
        let chosen: BTreeSet<_> = (0..count)
            .map(|_| random.random_range(0..faces.len()))
            .collect();
        chosen.into_iter().map(|face| faces[face].clone()).collect()
    };
    let ids: Vec<PersonId> = given.keys().copied().collect();
    let whom = |random: &mut ChaCha8Rng| ids[random.random_range(0..ids.len())];
    let mut changes = Changes::new();
    let is = |face: &FaceId, person: PersonId| {
        (
            format!("face {face}"),
            Some(format!("named Some({person}) {now}")),
        )
    };
    let is_not = |face: &FaceId, person: PersonId| {
        (format!("face {face} is not {person}"), Some(String::new()))
    };
    let choice = if ids.len() < 2 {
        0
    } else {
        random.random_range(0..12)
    };
    match choice {
        0..=2 => {
            let text = if ids.len() < 4 || random.random_range(0..4) == 0 {
                format!("Somebody {}", random.next_u32())
            } else {
                let id = whom(random);
                let renamed = state.get(&format!("name {id}"));
                renamed.unwrap_or(&given[&id]).clone()
            };
            let (them, others) = (some(random, 5), some(random, 2));
            let decision = super::journal::named(&text);
            store.decide(&them, &decision, &others, now).await.unwrap();
            let mut id = PersonId(0);
            for row in sqlx::query("SELECT id FROM people WHERE name = $1")
                .bind(&text)
                .fetch_all(&store.pool)
                .await
                .unwrap()
            {
                id = store.column(&row, "id").unwrap();
            }
            given.entry(id).or_insert(text);
            for face in &them {
                changes.push(is(face, id));
                if rejected(face, id) {
                    changes.push((format!("face {face} is not {id}"), None));
                }
            }
            changes.extend(others.iter().map(|face| is_not(face, id)));
        }
        3 => {
            let them = some(random, 4);
            let decision =
                [Decision::Ignored, Decision::NotAFace][random.random_range(0..2)].clone();
            store.decide(&them, &decision, &[], now).await.unwrap();
            let word = if decision == Decision::Ignored {
                "stranger"
            } else {
                "not_a_face"
            };
            let value = format!("{word} None {now}");
            changes.extend((them.iter()).map(|face| (format!("face {face}"), Some(value.clone()))));
        }
        4 => {
            let (them, id) = (some(random, 4), whom(random));
            store.reject(&them, id, now).await.unwrap();
            for face in &them {
                if named(face) == Some(id) {
                    changes.push((format!("face {face}"), None));
                }
                changes.push(is_not(face, id));
            }
        }
        5 => {
            let them = some(random, 4);
            store.take_back(&them, now).await.unwrap();
            for face in &them {
                changes.push((format!("face {face}"), None));
                changes.extend(named(face).map(|id| is_not(face, id)));
            }
        }
        6 => {
            let (id, new) = (whom(random), format!("Somebody {}", random.next_u32()));
            store.rename(id, &name(&new), now).await.unwrap();
            changes.push((format!("name {id}"), Some(new)));
        }
        7 => {
            let (from, into) = (whom(random), whom(random));
            if from == into {
                let error = store.merge(from, into, now).await.unwrap_err();
                assert!(matches!(error, StoreError::SamePerson { .. }), "{error}");
                return;
            }
            store.merge(from, into, now).await.unwrap();
            for face in faces {
                if named(face) == Some(from) {
                    changes.push(is(face, into));
                    if rejected(face, into) {
                        changes.push((format!("face {face} is not {into}"), None));
                    }
                } else if rejected(face, from) && named(face) != Some(into) {
                    changes.push(is_not(face, into));
                }
            }
            if state.contains_key(&format!("never write {from}")) {
                changes.push((format!("never write {into}"), Some(String::new())));
            }
            if let (Some(nsid), None) = (
                state.get(&format!("nsid {from}")),
                state.get(&format!("nsid {into}")),
            ) {
                changes.push((format!("nsid {into}"), Some(nsid.clone())));
            }
        }
        8 => {
            let id = whom(random);
            let text = random
                .random_bool(0.7)
                .then(|| format!("t{}", random.next_u32()));
            match random.random_range(0..3) {
                0 => {
                    let tag = text.as_deref().map(name);
                    store.set_tag(id, tag.as_ref(), now).await.unwrap();
                    changes.push((format!("tag {id}"), text));
                }
                1 => {
                    store.set_nsid(id, text.as_deref(), now).await.unwrap();
                    changes.push((format!("nsid {id}"), text));
                }
                _ => {
                    store.set_write(id, text.is_none(), now).await.unwrap();
                    changes.push((format!("never write {id}"), text.map(|_| String::new())));
                }
            }
        }
        _ => {
            let entry = JournalId(random.random_range(1..=model.entries.len() as i64));
            let undone = store.undo(entry, now).await;
            if !model.stands(entry) {
                let error = undone.unwrap_err();
                assert!(matches!(error, StoreError::AlreadyUndone { .. }), "{error}");
                return;
            }
            assert_eq!(undone.unwrap().undoes, entry);
            model.entries.push((vec![], Some(entry)));
            return;
        }
    }
    model.entries.push((changes, None));
}

pub(super) async fn the_later_answer_is_kept_and_reported(store: Store) {
    let ids = with_faces(&store, 2).await;
    let decide = async |faces: &[FaceId], decision, now| {
        store.decide(faces, &decision, &[], now).await.unwrap()
    };
    let first = decide(&ids[..3], named("Ada"), 10).await;
    let ada = person(&store, "Ada").await;
    let second = decide(&ids[2..], named("Bob"), 20).await;
    assert_eq!(
        second.overruled,
        [(ids[2].clone(), FaceState::Named(ada))],
        "the reply says what was decided before"
    );
    let bob = person(&store, "Bob").await;
    let undone = store.undo(first.entry, 30).await.unwrap();
    assert_eq!(undone.what, "Ada");
    let was_ada = |face: &FaceId| (face.clone(), FaceState::Named(ada));
    assert_eq!(undone.restored, [was_ada(&ids[0]), was_ada(&ids[1])]);
    assert_eq!(
        undone.decided_since,
        [(ids[2].clone(), FaceState::Named(bob))]
    );
    assert_eq!(store.names().await.unwrap(), ["Bob"]);
    // The face that both were about has no decision left, not that of the entry undone first.
    store.undo(second.entry, 40).await.unwrap();
    assert_eq!(undecided(&store).await.len(), 4);
    // An undoing can be undone, and that, too.
    let again = store.undo(undone.entry, 50).await.unwrap();
    assert_eq!(again.restored.len(), 3);
    assert_eq!(
        photos(&store).await,
        [("Ada".into(), vec![photo("1"), photo("2")])]
    );
    store.undo(again.entry, 60).await.unwrap();
    assert_eq!(undecided(&store).await.len(), 4);
    let journal = store.journal(3).await.unwrap();
    let told: Vec<_> = (journal.iter())
        .map(|entry| (entry.id, entry.kind, entry.undoes, entry.undone))
        .collect();
    assert_eq!(
        told,
        [
            (JournalId(6), Kind::Undo, Some(JournalId(5)), false),
            (JournalId(5), Kind::Undo, Some(JournalId(3)), true),
            (JournalId(4), Kind::Undo, Some(JournalId(2)), false)
        ]
    );
}

pub(super) async fn what_cannot_be_undone_says_why(store: Store) {
    let ids = with_faces(&store, 1).await;
    let none = store.undo(JournalId(1), 10).await.unwrap_err();
    assert!(
        none.to_string()
            .ends_with("the journal has no entry 1; the newest is 0"),
        "{none}"
    );
    let entry = store
        .decide(&ids, &named("Ada"), &[], 10)
        .await
        .unwrap()
        .entry;
    store.undo(entry, 20).await.unwrap();
    let twice = store.undo(entry, 30).await.unwrap_err();
    assert!(
        twice.to_string().ends_with(&format!(
            "journal entry {entry} was already undone, by entry {}",
            entry.0 + 1
        )),
        "{twice}"
    );
    let before = store.journal(9).await.unwrap();
    let nobody = store
        .rename(PersonId(7), &name("Bob"), 40)
        .await
        .unwrap_err();
    assert!(
        matches!(
            nobody,
            StoreError::NoPerson {
                person: PersonId(7),
                ..
            }
        ),
        "{nobody}"
    );
    let nobody = store.reject(&ids, PersonId(7), 40).await.unwrap_err();
    assert!(matches!(nobody, StoreError::NoPerson { .. }), "{nobody}");
    assert_eq!(
        store.journal(9).await.unwrap(),
        before,
        "what failed is not in it"
    );
}

pub(super) async fn people_are_renamed_and_merged(store: Store) {
    let ids = with_faces(&store, 3).await;
    for (index, text) in [(0, "Ada"), (2, "Bob"), (4, "Zoë")] {
        let them = &ids[index..=index];
        store.decide(them, &named(text), &[], 10).await.unwrap();
    }
    let (ada, bob) = (person(&store, "Ada").await, person(&store, "Bob").await);
    let taken = store.rename(ada, &name("BOB"), 20).await.unwrap_err();
    assert_eq!(
        taken.to_string(),
        "\"Bob\" already exists; if they are one person, merge the two"
    );
    // Another case of one's own name is no other name.
    store.rename(ada, &name("ADA"), 20).await.unwrap();
    store.set_write(bob, false, 21).await.unwrap();
    store.set_nsid(bob, Some("1@N00"), 22).await.unwrap();
    store.set_tag(bob, Some(&name("bobby")), 23).await.unwrap();
    store.reject(&ids[1..2], bob, 24).await.unwrap();
    let merged = store.merge(bob, ada, 25).await.unwrap();
    let people = store.people().await.unwrap();
    assert_eq!(
        people[0],
        PersonRow {
            id: ada,
            name: "ADA".to_owned(),
            tag: None,
            never_write: true,
            nsid: Some("1@N00".to_owned()),
            faces: 2,
            photos: 2,
        }
    );
    assert_eq!(people.len(), 2);
    assert!(
        store
            .rejections()
            .await
            .unwrap()
            .contains(&(ids[1].clone(), ada))
    );
    // Bob has no faces: his name can be given to another, and comes back with a number.
    store.rename(ada, &name("Bob"), 30).await.unwrap();
    assert_eq!(store.names().await.unwrap(), ["Bob", "Zoë"]);
    let undone = store.undo(merged, 40).await.unwrap();
    assert_eq!(
        undone.names_taken,
        [("Bob".to_owned(), "Bob (2)".to_owned())]
    );
    assert_eq!(store.names().await.unwrap(), ["Bob", "Bob (2)", "Zoë"]);
    let back = &store.people().await.unwrap()[1];
    assert_eq!(
        (back.id, back.tag.as_deref(), back.faces),
        (bob, Some("bobby"), 1)
    );
    assert!(back.never_write);
    let words: Vec<_> = (store.journal(9).await.unwrap().into_iter())
        .map(|entry| entry.what)
        .collect();
    assert_eq!(
        words,
        [
            "Bob is ADA, merged",
            "ADA is Bob",
            "Bob is ADA, merged",
            "not Bob",
            "Bob is tagged \"bobby\"",
            "Bob is 1@N00 on Flickr",
            "Bob is never written to Flickr",
            "Ada is ADA",
            "Zoë",
        ]
    );
}

pub(super) async fn who_comes_back_has_a_name(store: Store) {
    let ids = with_faces(&store, 2).await;
    store
        .decide(&ids[..1], &named("Ada"), &[], 10)
        .await
        .unwrap();
    let ada = person(&store, "Ada").await;
    let renamed = store.rename(ada, &name("Grace"), 20).await.unwrap();
    store
        .decide(&ids[1..2], &named("Ada"), &[], 30)
        .await
        .unwrap();
    assert_ne!(person(&store, "Ada").await, ada, "it is somebody else");
    let undone = store.undo(renamed, 40).await.unwrap();
    assert_eq!(undone.names_taken, [("Ada".to_owned(), "Grace".to_owned())]);
    assert_eq!(store.names().await.unwrap(), ["Ada", "Grace"]);
    // The other one is gone, and the name is free again.
    store.take_back(&ids[1..2], 50).await.unwrap();
    store.undo(undone.entry, 60).await.unwrap();
    store.undo(renamed, 70).await.unwrap();
    assert_eq!(store.names().await.unwrap(), ["Ada"]);
    assert_eq!(person(&store, "Ada").await, ada);
}

pub(super) async fn a_face_taken_out_of_a_person_is_known_not_to_be_theirs(store: Store) {
    let ids = with_faces(&store, 2).await;
    store
        .decide(&ids[..3], &named("Ada"), &[], 10)
        .await
        .unwrap();
    store
        .decide(&ids[3..], &Decision::Ignored, &[], 11)
        .await
        .unwrap();
    let ada = person(&store, "Ada").await;
    store.take_back(&ids[2..], 20).await.unwrap();
    let state = |face: &FaceId, state| (face.clone(), state);
    assert_eq!(
        store.face_states().await.unwrap(),
        [
            state(&ids[0], FaceState::Named(ada)),
            state(&ids[1], FaceState::Named(ada)),
            state(&ids[2], FaceState::Unnamed),
            state(&ids[3], FaceState::Unnamed),
        ]
    );
    assert_eq!(store.rejections().await.unwrap(), [(ids[2].clone(), ada)]);
    store.reject(&ids[1..2], ada, 30).await.unwrap();
    assert_eq!(store.people().await.unwrap()[0].faces, 1);
    assert_eq!(
        store.rejections().await.unwrap(),
        [(ids[1].clone(), ada), (ids[2].clone(), ada)]
    );
    assert_eq!(store.faces_of(ada).await.unwrap()[0].id, ids[0]);
}

pub(super) async fn the_journal_follows_faces_that_are_found_again(store: Store) {
    let ids = with_faces(&store, 1).await;
    let name = named("Ada");
    let entry = store
        .decide(&ids[..1], &name, &ids[1..], 10)
        .await
        .unwrap()
        .entry;
    let ada = person(&store, "Ada").await;
    // Ada is found again, the other is not, and a third face is new.
    let again = done(vec![found(800, 0.3), found(12, 0.1)]);
    store.finish(&photo("1"), &with(), &again).await.unwrap();
    let now: Vec<_> = store.face_states().await.unwrap();
    let heir = now
        .iter()
        .find(|(_, state)| *state == FaceState::Named(ada));
    let heir = heir.unwrap().0.clone();
    assert!(!ids.contains(&heir) && now.len() == 2, "{now:?}");
    // The old ids still lead to the new faces.
    let decided = store.decide(&ids, &named("Ada"), &[], 20).await.unwrap();
    assert_eq!(decided.overruled, [(heir.clone(), FaceState::Named(ada))]);
    assert_eq!(decided.gone, [ids[1].clone()]);
    let once = done(vec![found(12, 0.1)]);
    store.finish(&photo("1"), &with(), &once).await.unwrap();
    store.undo(decided.entry, 30).await.unwrap();
    assert_eq!(store.names().await.unwrap(), ["Ada"]);
    let undone = store.undo(entry, 40).await.unwrap();
    assert_eq!(store.names().await.unwrap(), Vec::<String>::new());
    assert_eq!((undone.restored.len(), undone.gone), (1, 0));
}

pub(super) async fn two_who_decide_at_once_both_do(store: Store) {
    let ids = with_faces(&store, 8).await;
    let decide = |text: &'static str, faces: Vec<FaceId>| {
        let store = store.clone();
        tokio::spawn(async move {
            for face in faces {
                store.decide(&[face], &named(text), &[], 10).await.unwrap();
            }
        })
    };
    let (one, two) = ids.split_at(8);
    let both = [decide("Ada", one.to_vec()), decide("ada", two.to_vec())];
    for done in both {
        done.await.unwrap();
    }
    let people = store.people().await.unwrap();
    assert_eq!(
        (people.len(), people[0].faces, people[0].photos),
        (1, 16, 8)
    );
    let journal = store.journal(99).await.unwrap();
    let ids: Vec<_> = journal.iter().map(|entry| entry.id.0).collect();
    assert_eq!(ids, (1..=16).rev().collect::<Vec<i64>>());
}

//! What a session takes over of others' decisions is what it would read of the whole store.

use super::*;
use crate::{
    steps::people::{Change, People},
    store::{GroupPair, Together},
};

/// Does one thing, through the store or as the page and the commands do.
async fn act(random: &mut ChaCha8Rng, home: &Home, session: &Session, people: &People) {
    let faces: Vec<FaceId> = session.0.library.ids.clone();
    let some = |random: &mut ChaCha8Rng| -> Vec<FaceId> {
        let count = random.random_range(1..4);
        (0..count)
            .map(|_| faces[random.random_range(0..faces.len())].clone())
            .collect()
    };
    let names = ["Ada", "Bob", "ada king", "Zoë"];
    let who = names[random.random_range(0..names.len())];
    let listed = people.list().await.unwrap();
    let one = (!listed.is_empty()).then(|| &listed[random.random_range(0..listed.len().max(1))]);
    let chosen = some(random);
    match (random.random_range(0..9), one) {
        (0..3, _) => {
            let decision = match random.random_range(0..5) {
                0 => Decision::Ignored,
                1 => Decision::NotAFace,
                _ => Decision::Named(name(who)),
            };
            let rejected = some(random);
            let store = &home.store;
            store
                .decide(&chosen, &decision, &rejected, now())
                .await
                .unwrap();
        }
        (3, Some(person)) => {
            home.store.reject(&chosen, person.id, now()).await.unwrap();
        }
        (8, _) if chosen.len() > 1 && chosen[0] != chosen[1] => {
            let pair = GroupPair {
                left: chosen[..1].to_vec(),
                right: chosen[1..].to_vec(),
                is_same: random.random_bool(0.5),
            };
            let together = Together {
                groups: vec![pair],
                ..Together::default()
            };
            home.store.decide_together(&together, now()).await.unwrap();
        }
        (4, _) => {
            home.store.take_back(&chosen, now()).await.unwrap();
        }
        (5, Some(person)) => {
            people.change(Change::Rename, person, who).await.ok();
        }
        (6, Some(person)) => {
            people.change(Change::Merge, person, who).await.ok();
        }
        _ => {
            let entries = home.store.journal(8).await.unwrap();
            let standing: Vec<_> = entries.iter().filter(|entry| !entry.undone).collect();
            if !standing.is_empty() {
                let entry = standing[random.random_range(0..standing.len())].id;
                home.store.undo(entry, now()).await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn what_changed_is_all_that_changed() {
    for seed in 0..6 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let home = two_people().await;
        let session = home.session().await;
        let people = People::new(
            home.store.clone(),
            home.settings().tags,
            crate::cluster::Distances::Plain,
        );
        for step in 0..60 {
            act(&mut random, &home, &session, &people).await;
            if random.random_bool(0.4) {
                continue;
            }
            session.refresh().await.unwrap();
            let known = session.known();
            let read = home.session().await.known();
            assert_eq!(known.revision, read.revision, "seed {seed}, step {step}");
            assert_eq!(known.states, read.states, "seed {seed}, step {step}");
            assert_eq!(known.rejected, read.rejected, "seed {seed}, step {step}");
            assert_eq!(known.said, read.said, "seed {seed}, step {step}");
            assert_eq!(known.people, read.people, "seed {seed}, step {step}");
        }
    }
}

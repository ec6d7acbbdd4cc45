//! Photos that runs have claimed: in which order, for how long, and how quickly.

use std::time::{Duration, Instant};

use super::*;
use crate::store::claims::UNCLAIM;

/// Claims all that is free.
async fn claim_all(store: &Store, worker: &str) -> Vec<String> {
    let mut ids = Vec::new();
    while let Some(claim) = store.claim(worker, LEASE).await.unwrap() {
        ids.push(claim.id.to_string());
    }
    ids
}

pub(super) async fn photos_are_claimed_by_attempts_and_then_date(store: Store) {
    let page = [listed(3, 30), listed(1, 10), listed(2, 10), listed(4, 40)];
    assert_eq!(store.add_listed(&page).await.unwrap(), 4);
    assert_eq!(store.add_listed(&page).await.unwrap(), 0);
    let first = store.claim("a", LEASE).await.unwrap().unwrap();
    assert_eq!((first.id, first.image), (photo("1"), page[1].image.clone()));
    assert_eq!(claim_all(&store, "b").await, ["2", "3", "4"]);
    assert_eq!(claim_all(&store, "a").await, [""; 0], "none twice");
    // Only who has claimed a photo can give it back.
    store.unclaim("a", &photo("4")).await.unwrap();
    assert_eq!(claim_all(&store, "a").await, [""; 0]);
    store.unclaim("b", &photo("4")).await.unwrap();
    assert_eq!(claim_all(&store, "a").await, ["4"]);

    // What fails again and again comes last.
    let failed = Outcome::Failed("cut".to_owned());
    for id in ["1", "2", "1"] {
        store.finish(&photo(id), &with(), &failed).await.unwrap();
    }
    for id in ["3", "4"] {
        let worker = if id == "3" { "b" } else { "a" };
        store.unclaim(worker, &photo(id)).await.unwrap();
    }
    assert_eq!(store.begin_run().await.unwrap(), 2);
    assert_eq!(claim_all(&store, "a").await, ["3", "4", "2", "1"]);
}

pub(super) async fn what_a_dead_run_has_claimed_is_free(store: Store) {
    let page = [listed(1, 10), listed(2, 20), listed(3, 30)];
    store.add_listed(&page).await.unwrap();
    // A lease that has run out, and one that has been renewed.
    for worker in ["dead", "alive"] {
        store.claim(worker, LEASE).await.unwrap().unwrap();
    }
    for (worker, lease) in [("dead", -1), ("alive", -1), ("alive", LEASE)] {
        store.renew_claims(worker, lease).await.unwrap();
    }
    assert_eq!(store.claimed_by_others("me").await.unwrap(), 2);
    assert_eq!(claim_all(&store, "me").await, ["1", "3"]);
    assert_eq!(store.claimed_by_others("me").await.unwrap(), 1);
    assert_eq!(store.claimed_by_others("alive").await.unwrap(), 2);
    // This machine slept, and none of its own photos is given to it twice.
    store.renew_claims("me", -1).await.unwrap();
    assert_eq!(claim_all(&store, "me").await, [""; 0]);
    assert_eq!(claim_all(&store, "alive").await, ["1", "3"]);
    // On SQLite no other run can be alive where one begins; PostgreSQL has several machines.
    store.begin_run().await.unwrap();
    match store.file {
        Some(_) => assert_eq!(claim_all(&store, "new").await, ["1", "2", "3"]),
        None => assert_eq!(claim_all(&store, "new").await, [""; 0]),
    }
}

/// Adds photos with the ids from 1 to `last`, as far as they are not there.
async fn add(store: &Store, last: u32) {
    let add =
        "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < $1)
        INSERT INTO photos (id, uploaded, title, url, url_width, url_height)
            SELECT CAST(n AS TEXT), n, 't', 'https://live.staticflickr.com/1/' || n, 240, 180
            FROM number WHERE true ON CONFLICT DO NOTHING";
    sqlx::query(add)
        .bind(i64::from(last))
        .execute(&store.pool)
        .await
        .unwrap();
}

/// How the database goes about a statement.
async fn plan(store: &Store, statement: &str) -> String {
    let (explain, column) = match store.file {
        Some(_) => ("EXPLAIN QUERY PLAN ", "detail"),
        None => ("EXPLAIN (COSTS OFF) ", "QUERY PLAN"),
    };
    let mut text = statement.to_owned();
    if store.file.is_none() {
        for (place, value) in [("$1", "'7'"), ("$2", "'90'")] {
            text = text.replace(place, value);
        }
    }
    let rows = sqlx::query(AssertSqlSafe(format!("{explain}{text}")))
        .fetch_all(&store.pool)
        .await
        .unwrap();
    let lines = rows.iter().map(|row| row.get::<String, _>(column));
    lines.collect::<Vec<_>>().join("\n")
}

/// The usual time of a claim.
async fn time_to_claim(store: &Store) -> Duration {
    let mut times = Vec::new();
    for _ in 0..60 {
        let begun = Instant::now();
        let claim = store.claim("me", LEASE).await.unwrap().unwrap();
        times.push(begun.elapsed());
        store
            .finish(&claim.id, &with(), &done(vec![]))
            .await
            .unwrap();
    }
    times.sort_unstable();
    times[times.len() / 2]
}

pub(super) async fn a_claim_is_as_quick_with_many_photos(store: Store) {
    add(&store, 1_000).await;
    let few = time_to_claim(&store).await;
    add(&store, 100_000).await;
    let many = time_to_claim(&store).await;
    // One look at each photo takes a hundred times as long; the disk is not always as quick.
    assert!(
        many < few * 10 + Duration::from_millis(20),
        "{few:?} among 1,000 photos, {many:?} among 100,000"
    );

    for analysed in [false, true] {
        if analysed {
            sqlx::query("ANALYZE").execute(&store.pool).await.unwrap();
        }
        let statements = store.claim_statements();
        for statement in [statements.claim, statements.renew, UNCLAIM] {
            let plan = plan(&store, statement).await;
            let scans = plan.contains("SCAN") || plan.contains("Seq Scan") || plan.contains("Sort");
            let sorts = plan.contains("TEMP B-TREE");
            assert!(!scans && !sorts, "{statement}:\n{plan}");
        }
        let claim = plan(&store, statements.claim).await;
        assert!(claim.contains("photos_to_claim"), "{claim}");
        assert!(!claim.contains("photos_by_state"), "{claim}");
    }
}

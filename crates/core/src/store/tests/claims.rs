//! Photos that runs have claimed: in which order, for how long, and how quickly.

use std::time::{Duration, Instant};

use super::*;

async fn claim_one(store: &Store, worker: &str) -> Claim {
    store.claim(worker, LEASE, 1).await.unwrap().remove(0)
}

/// Who else has claimed how many photos.
async fn others(store: &Store, worker: &str) -> Vec<(String, u64)> {
    store.claimed_by_others(worker).await.unwrap()
}

/// Claims all that is free.
async fn claim_all(store: &Store, worker: &str) -> Vec<String> {
    let mut ids = Vec::new();
    loop {
        let claims = store.claim(worker, LEASE, 2).await.unwrap();
        if claims.is_empty() {
            return ids;
        }
        ids.extend(claims.into_iter().map(|claim| claim.id.to_string()));
    }
}

pub(super) async fn photos_are_claimed_by_attempts_and_then_date(store: Store) {
    let page = [listed(3, 30), listed(1, 10), listed(2, 10), listed(4, 40)];
    assert_eq!(store.add_listed(&page).await.unwrap(), 4);
    assert_eq!(store.add_listed(&page).await.unwrap(), 0);
    let first = claim_one(&store, "a").await;
    assert_eq!((first.id, first.image), (photo("1"), page[1].image.clone()));
    assert_eq!(claim_all(&store, "b").await, ["2", "3", "4"]);
    assert_eq!(claim_all(&store, "a").await, [""; 0], "none twice");
    // Only who has claimed a photo can give it back.
    store.unclaim("a", &[photo("4")]).await.unwrap();
    assert_eq!(claim_all(&store, "a").await, [""; 0]);
    store.unclaim("b", &[photo("4")]).await.unwrap();
    assert_eq!(claim_all(&store, "a").await, ["4"]);

    // What fails again and again comes last.
    let failed = Outcome::Failed("cut".to_owned());
    for id in ["1", "2", "1"] {
        store.finish(&photo(id), &with(), &failed).await.unwrap();
    }
    for id in ["3", "4"] {
        let worker = if id == "3" { "b" } else { "a" };
        store.unclaim(worker, &[photo(id)]).await.unwrap();
    }
    assert_eq!(store.begin_run(None).await.unwrap(), 2);
    assert_eq!(claim_all(&store, "a").await, ["3", "4", "2", "1"]);
}

pub(super) async fn what_a_dead_run_has_claimed_is_free(store: Store) {
    let page = [listed(1, 10), listed(2, 20), listed(3, 30)];
    store.add_listed(&page).await.unwrap();
    // A lease that has run out, and one that has been renewed.
    for worker in ["dead", "alive"] {
        claim_one(&store, worker).await;
    }
    for (worker, lease) in [("dead", -1), ("alive", -1), ("alive", LEASE)] {
        store.renew_claims(worker, lease).await.unwrap();
    }
    let one = |name: &str, photos| (name.to_owned(), photos);
    assert_eq!(
        others(&store, "me").await,
        [one("alive", 1), one("dead", 1)]
    );
    assert_eq!(claim_all(&store, "me").await, ["1", "3"]);
    assert_eq!(others(&store, "me").await, [one("alive", 1)]);
    assert_eq!(others(&store, "alive").await, [one("me", 2)]);
    // This machine slept, and none of its own photos is given to it twice.
    store.renew_claims("me", -1).await.unwrap();
    assert_eq!(claim_all(&store, "me").await, [""; 0]);
    assert_eq!(claim_all(&store, "alive").await, ["1", "3"]);
    // On SQLite no other run can be alive where one begins; PostgreSQL has several machines.
    store.begin_run(None).await.unwrap();
    match store.file {
        Some(_) => assert_eq!(claim_all(&store, "new").await, ["1", "2", "3"]),
        None => assert_eq!(claim_all(&store, "new").await, [""; 0]),
    }
}

pub(super) async fn a_folders_dead_run_is_known_and_the_machines_are_named(store: Store) {
    let page: Vec<_> = (1..=4).map(|id| listed(id, 10)).collect();
    store.add_listed(&page).await.unwrap();
    for worker in ["host 0f-1", "host 0f-2", "host 1f-1", "other 2f-1"] {
        claim_one(&store, worker).await;
    }
    let names: Vec<_> = others(&store, "host 0f-1").await;
    let one = |name: &str| (name.to_owned(), 1);
    assert_eq!(names, [one("host"), one("host"), one("other")]);
    // What is asked for after an answer was lost.
    let claimed = store.claimed("host 0f-2").await.unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].image, page[1].image);
    store.begin_run(Some("0f")).await.unwrap();
    let left = others(&store, "me").await.len();
    assert_eq!(left, if store.file.is_some() { 0 } else { 2 });
}

pub(super) async fn photos_are_ended_together_but_those_of_others(store: Store) {
    let page: Vec<_> = (1..=4).map(|number| listed(number, 10)).collect();
    store.add_listed(&page).await.unwrap();
    let mine = store.claim("me", LEASE, 3).await.unwrap();
    let theirs = claim_one(&store, "you").await;
    let faces = done(vec![found(1, 0.1), found(100, 0.2)]);
    let failed = Outcome::Failed("cut".to_owned());
    let photos = [
        (&mine[0].id, &faces),
        (&theirs.id, &faces),
        (&mine[1].id, &failed),
    ];
    let recorded = store.finish_claimed("me", &with(), &photos).await.unwrap();
    assert_eq!(recorded, [true, false, true]);
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.done, counts.failed, counts.faces), (1, 1, 2));
    let left = store.claimed("me").await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].id, mine[2].id);
}

pub(super) async fn only_who_has_claimed_a_photo_ends_it(store: Store) {
    store.add_listed(&[listed(1, 10)]).await.unwrap();
    let with = with();
    let end = |worker: &'static str, faces| {
        let (store, with) = (store.clone(), with.clone());
        async move {
            let outcome = done(faces);
            let photo = photo("1");
            let photos = [(&photo, &outcome)];
            let recorded = store.finish_claimed(worker, &with, &photos).await;
            recorded.unwrap() == [true]
        }
    };
    claim_one(&store, "slept").await;
    store.renew_claims("slept", -1).await.unwrap();
    claim_one(&store, "awake").await;
    // It wakes, and is done first.
    assert!(!end("slept", vec![found(1, 0.1), found(100, 0.2)]).await);
    assert_eq!(store.faces().await.unwrap().len(), 0);
    assert!(end("awake", vec![found(1, 0.1)]).await);
    assert!(!end("slept", vec![found(1, 0.1), found(100, 0.2)]).await);
    assert!(!end("awake", vec![found(1, 0.1)]).await, "not twice");
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.done, counts.faces), (1, 1));
}

pub(super) async fn machines_that_claim_at_once_claim_each_photo_once(store: Store) {
    add(&store, 600).await;
    let machine = |name: &'static str| {
        let store = store.clone();
        async move {
            let mut ids = Vec::new();
            loop {
                let claims = store.claim(name, LEASE, 7).await.unwrap();
                if claims.is_empty() {
                    return ids;
                }
                assert!(claims.len() <= 7, "{}", claims.len());
                ids.extend(claims.into_iter().map(|claim| claim.id.to_string()));
            }
        }
    };
    let (a, b, c, d) = tokio::join!(machine("a"), machine("b"), machine("c"), machine("d"));
    let mut all = [a, b, c, d].concat();
    assert_eq!(all.len(), 600);
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 600, "some were claimed twice");
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
        for (place, value) in [("$1", "'7'"), ("$2", "'90'"), ("$3", "4")] {
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
        let claim = claim_one(store, "me").await;
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
    if store.file.is_none() {
        // The server looks at the table when it likes, and would plan anew then.
        sqlx::query("ALTER TABLE photos SET (autovacuum_enabled = false)")
            .execute(&store.pool)
            .await
            .unwrap();
    }
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
        for statement in [statements.claim, statements.renew] {
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

/// Seconds of the processor that this process has used, by all of its threads.
fn processor_time() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    // After the name, which may hold anything: utime and stime, in hundredths (proc(5)).
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .collect();
    let ticks: f64 = fields[11..13]
        .iter()
        .map(|ticks| ticks.parse::<f64>().unwrap())
        .sum();
    ticks / 100.0
}

/// What the store costs for each photo, whatever the number of photos.
#[tokio::test]
#[ignore = "measures"]
#[expect(clippy::print_stdout, reason = "a measurement is read")]
async fn processor_time_of_a_photo() {
    const PHOTOS: usize = 2_000;
    let mut measured = Vec::new();
    for number in [10_000, 100_000, 1_000_000] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("many.sqlite");
        let store = Store::open(file.to_str().unwrap()).await.unwrap();
        add(&store, number).await;
        let with = with();
        let begun = processor_time();
        let mut start = None;
        for _ in 0..PHOTOS / 4 {
            // The index is written once a second at most: more often here.
            start = Some(store.start_image_after(start).await.unwrap());
            store.renew_claims("me", LEASE).await.unwrap();
            for claim in store.claim("me", LEASE, 4).await.unwrap() {
                let end = done(vec![found(1, 0.1)]);
                let photos = [(&claim.id, &end)];
                let ended = store.finish_claimed("me", &with, &photos).await;
                assert_eq!(ended.unwrap(), [true]);
            }
        }
        let each = (processor_time() - begun) * 1000.0 / PHOTOS as f64;
        println!("store: {each:.2} ms of the processor a photo with {number} listed");
        measured.push(each);
    }
    assert!(measured.iter().all(|each| *each <= 2.5), "{measured:?}");
}

//! Every statement that runs for each photo, each page of the listing or each answer finds its rows by an index: as both
//! databases say of stores with 100,000 photos.
//!
//! Which statements these are is not written here: what does the work is called, and its statements are taken from
//! sqlx's log.

use std::sync::{Arc, Mutex, PoisonError};

use tracing::{Event, Subscriber, field};
use tracing_subscriber::{Layer, layer::Context, layer::SubscriberExt};

use super::*;
use crate::flickr::{Bucket, Budget, wire_tests::log::log_to};

const MANY: i64 = 100_000;

/// One row each, or too few for an index to be of use.
const SMALL: [&str; 2] = ["journal_last", "store_format"];

#[derive(Clone, Default)]
struct Statements(Arc<Mutex<Vec<String>>>);

impl Statements {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<S: Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            event.record(&mut self.clone());
        }
    }
}

impl field::Visit for Statements {
    fn record_str(&mut self, field: &field::Field, value: &str) {
        // sqlx gives the whole text only where the summary is not all of it.
        let mut statements = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match field.name() {
            "summary" => statements.push(value.to_owned()),
            "db.statement" if !value.trim().is_empty() => {
                let last = statements.len() - 1;
                statements[last] = value.to_owned();
            }
            _ => {}
        }
    }

    fn record_debug(&mut self, field: &field::Field, value: &dyn std::fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

/// As many rows in each table as a million photos would make it tedious to wait for.
async fn fill(store: &Store) {
    let numbers =
        "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < $1) ";
    let blob = if store.file.is_some() {
        "x'00'"
    } else {
        "'\\x00'"
    };
    let face =
        "INSERT INTO faces (id, photo, number, box_left, box_top, box_right, box_bottom, image_width,
            image_height, landmarks, decision, person, decided)
         SELECT n || ':0', CAST(n AS TEXT), 0, 1, 1, 9, 9, 240, 180, '1,1 2,2 3,3 4,4 5,5',
            CASE WHEN n % 2 = 0 THEN 'named' END, CASE WHEN n % 2 = 0 THEN n % 1000 + 1 END,
            CASE WHEN n % 2 = 0 THEN n END FROM number WHERE n % 2 = 0 OR n > 50000";
    let [crop, descriptor] = ["crop", "descriptor"].map(|kind| {
        format!(
            "INSERT INTO face_{kind}s (face, {kind}) SELECT n || ':0', {blob} FROM number
                WHERE n % 2 = 0 OR n > 50000"
        )
    });
    for (insert, rows) in [
        (
            "INSERT INTO photos (id, uploaded, title, url, url_width, url_height, state)
             SELECT CAST(n AS TEXT), n, 't', 'https://live.staticflickr.com/1/' || n, 240, 180,
                CASE WHEN n <= 50000 THEN 'done' ELSE 'listed' END FROM number",
            MANY,
        ),
        (
            "INSERT INTO people (id, name, name_key) SELECT n, 'p' || n, 'p' || n FROM number",
            1000,
        ),
        (face, MANY),
        (crop.as_str(), MANY),
        (descriptor.as_str(), MANY),
        (
            "INSERT INTO rejections (face, person) SELECT (n * 2) || ':0', n % 1000 + 1 FROM number",
            MANY / 2,
        ),
        (
            "INSERT INTO group_pairs (said, face, side, same) SELECT n / 10, (n * 2) || ':0', n % 2, 0 FROM number",
            MANY / 2,
        ),
        (
            "INSERT INTO person_photos (person, photo) SELECT n % 1000 + 1, CAST(n AS TEXT) FROM number",
            MANY,
        ),
        (
            "INSERT INTO face_heirs (was, face) SELECT n || ':9', (n * 2) || ':0' FROM number",
            MANY / 2,
        ),
        (
            "INSERT INTO journal (id, made, kind, what) SELECT n, n, 'decide', 'p' FROM number",
            MANY,
        ),
        (
            "INSERT INTO journal_changes (entry, subject, face, person, photo, became)
             SELECT n, 'face', n || ':0', 0, '', '1 named 1' FROM number",
            MANY,
        ),
        (
            "INSERT INTO facts (name, value) SELECT 'fact ' || n, '1' FROM number",
            1000,
        ),
        (
            "INSERT INTO api_budget (api_key, level, filled) SELECT 'key ' || n, 1, 1 FROM number",
            1000,
        ),
    ] {
        // SQLite wants the numbers after INTO, PostgreSQL takes them there.
        let insert = insert.replacen("SELECT", &format!("{numbers} SELECT"), 1);
        sqlx::query(AssertSqlSafe(insert))
            .bind(rows)
            .execute(&store.pool)
            .await
            .unwrap();
    }
    for statement in ["UPDATE journal_last SET entry = 100000", "ANALYZE"] {
        sqlx::query(statement).execute(&store.pool).await.unwrap();
    }
}

/// What `download` does for each photo and each page, and the programs that name for each answer.
async fn work(store: &Store) {
    let with = with();
    let page: Vec<_> = (MANY - 200..MANY + 300)
        .map(|id| listed(id.unsigned_abs(), id))
        .collect();
    let ids: Vec<_> = page.iter().map(|photo| photo.id.clone()).collect();
    store.pictures(&ids).await.unwrap();
    store.add_listed(&page).await.unwrap();
    store.set_metadata("listed_from", "1").await.unwrap();
    store.upload_date(&ids[0]).await.unwrap();

    let bucket = Bucket {
        burst: 20,
        per_hour: 3600,
    };
    for key in ["key 7", "new"] {
        store.take(key, bucket, 1).await.unwrap();
    }
    let start = store.start_image_after(None).await.unwrap();
    for number in 0..2 {
        // Twice: the second photo has faces already, as where it was replaced.
        let claims = store.claim("me", LEASE, 4).await.unwrap();
        store.renew_claims("me", LEASE).await.unwrap();
        let photo = claims[0].id.clone();
        if number == 1 {
            sqlx::query("UPDATE photos SET claimed_by = 'me' WHERE id = '2'")
                .execute(&store.pool)
                .await
                .unwrap();
        }
        let photo = if number == 1 {
            "2".parse().unwrap()
        } else {
            photo
        };
        let end = done(vec![found(1, 0.5), found(400, 0.1)]);
        let failed = Outcome::Failed("cut".to_owned());
        let photos = [(&photo, &end), (&claims[1].id, &failed)];
        let ended = store.finish_claimed("me", &with, &photos).await.unwrap();
        assert_eq!(ended, [true, true]);
        store.settle_deleted(&claims[2].id).await.unwrap();
        store.unclaim("me", &[claims[3].id.clone()]).await.unwrap();
    }
    store.claimed("me").await.unwrap();
    store.claimed_by_others("you").await.unwrap();
    store.start_image_after(Some(start)).await.unwrap();
    store
        .keep_image(&ids[1], page[1].image.as_ref().unwrap())
        .await
        .unwrap();
    for state in ["done", "listed"] {
        store.newest(state, 3).await.unwrap();
    }

    let face = |number: u32| FaceId::new(&photo(&number.to_string()), 0);
    let name = |text: &str| Name::new(text).unwrap();
    for decision in [
        Decision::Named(name("p7")),
        Decision::Named(name("somebody new")),
        Decision::Ignored,
    ] {
        let faces = [face(60_001), face(60_004), FaceId::new(&photo("5"), 9)];
        let decided = store
            .decide(&faces, &decision, &[face(60_003)], 9)
            .await
            .unwrap();
        store.undo(decided.entry, 10).await.unwrap();
    }
    store
        .reject(&[face(60_005)], PersonId(7), 11)
        .await
        .unwrap();
    let together = Together {
        groups: vec![GroupPair {
            left: vec![face(60_006)],
            right: vec![face(60_008)],
            is_same: false,
        }],
        ..Together::default()
    };
    let said = store.decide_together(&together, 11).await.unwrap();
    store.undo(said.unwrap().entry, 12).await.unwrap();
    store.take_back(&[face(60_006)], 12).await.unwrap();
    let crowding: Vec<_> = (60_001..60_501).map(|n| (face(n), 0.5)).collect();
    store.set_crowding(&crowding).await.unwrap();
    store.name_of(PersonId(7)).await.unwrap();
    store.rejected_for(&name("p7")).await.unwrap();
    store.face_in_photo(&face(60_005)).await.unwrap();
    store.crops(&[face(60_005)]).await.unwrap();
    store.faces_on(&photo("60005")).await.unwrap();
    store.named_crops(&photo("60004")).await.unwrap();
    store.last_decision().await.unwrap();
    let revision = store.revision().await.unwrap();
    store.changes_since(revision - 2).await.unwrap();
    store.listed_person(PersonId(7)).await.unwrap();
    store.journal(5).await.unwrap();
}

/// What reads more than it looks up, and as much as is needed: the newest entries, up to a limit, and those that undo
/// others, whose index holds no more.
const READ_IN_ORDER: [&str; 2] = [
    "SCAN journal USING INDEX sqlite_autoindex_journal_1",
    "SCAN journal USING COVERING INDEX journal_undoings",
];

/// The lines of a plan that read a whole table or index, or sort what an index of all photos finds.
fn scans(plan: &str) -> Vec<&str> {
    let lines = plan.lines().filter(|line| {
        line.contains("Seq Scan on")
            || line.trim_start().starts_with("SCAN ")
            || line.contains("USE TEMP B-TREE") && plan.contains("photos_by_state (")
    });
    let is_fine = |line: &str| {
        SMALL.iter().any(|table| line.contains(table))
            || READ_IN_ORDER.contains(&line.trim())
            // What a statement has put together itself, and no table.
            || line.contains("ROW VALUES CLAUSE")
            || line.contains("CONSTANT ROW")
            || line.contains("(subquery")
            || line.contains("SCAN given")
            || line.contains("SCAN touched")
            || line.contains("SCAN shown")
    };
    lines.filter(|line| !is_fine(line)).collect()
}

/// What PostgreSQL would do whatever the values are.
async fn plan_on_postgres(store: &Store, statement: &str) -> String {
    let mut connection = store.pool.connection().await.unwrap();
    let places = (1..)
        .take_while(|place| statement.contains(&format!("${place}")))
        .count();
    let nulls = vec!["NULL"; places].join(", ");
    let values = if places == 0 {
        String::new()
    } else {
        format!("({nulls})")
    };
    for text in [
        "SET plan_cache_mode = force_generic_plan".to_owned(),
        format!("PREPARE planned AS {statement}"),
    ] {
        sqlx::raw_sql(AssertSqlSafe(text.clone()))
            .execute(&mut *connection)
            .await
            .unwrap_or_else(|error| panic!("{text}: {error}"));
    }
    let explain = format!("EXPLAIN (COSTS OFF) EXECUTE planned{values}");
    let rows = sqlx::raw_sql(AssertSqlSafe(explain))
        .fetch_all(&mut *connection)
        .await
        .unwrap();
    sqlx::raw_sql("DEALLOCATE planned")
        .execute(&mut *connection)
        .await
        .unwrap();
    let lines: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    lines.join("\n")
}

async fn plan_on_sqlite(store: &Store, statement: &str) -> String {
    let explain = format!("EXPLAIN QUERY PLAN {statement}");
    let rows = sqlx::query(AssertSqlSafe(explain))
        .fetch_all(&store.pool)
        .await
        .unwrap();
    let lines: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
    lines.join("\n")
}

mod postgres {
    use super::*;

    /// On PostgreSQL, whose statements are those of SQLite but for the claims, which have a test of their own.
    #[tokio::test]
    #[ignore = "needs FLICKR_FACES_TEST_POSTGRES=postgres://..., given by cargo xtask test"]
    async fn statements_of_each_photo_page_and_answer_scan_nothing() {
        let (statements, postgres) = (Statements::default(), on_postgres("plans").await);
        fill(&postgres).await;
        {
            let _logged = log_to(tracing_subscriber::registry().with(statements.clone()));
            work(&postgres).await;
        }
        let mut run = statements.take();
        run.sort_unstable();
        run.dedup();
        run.retain(|statement| {
            let word = statement.trim_start().split(' ').next().unwrap_or_default();
            ["SELECT", "UPDATE", "INSERT", "DELETE", "WITH"].contains(&word)
        });
        assert!(run.len() > 50, "{}: {run:#?}", run.len());
        assert!(
            !run.iter().any(|statement| statement.contains('…')),
            "cut short: {run:#?}"
        );

        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("plans.sqlite");
        let sqlite = Store::open(file.to_str().unwrap()).await.unwrap();
        fill(&sqlite).await;
        let mut wrong = Vec::new();
        for statement in &run {
            let plan = plan_on_postgres(&postgres, statement).await;
            if !scans(&plan).is_empty() {
                wrong.push(format!("{statement}\non PostgreSQL:\n{plan}"));
            }
            if statement.contains("clock_timestamp") {
                continue;
            }
            let mut plan = plan_on_sqlite(&sqlite, statement).await;
            if statement.contains("INSERT INTO people") {
                // How it would look for faces without a person, where a transaction has left some: none does.
                plan = plan.replace("SCAN faces USING COVERING INDEX faces_by_decision", "");
            }
            if !scans(&plan).is_empty() {
                wrong.push(format!("{statement}\non SQLite:\n{plan}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    }
}

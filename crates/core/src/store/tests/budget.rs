//! The hour's calls, shared by several programs.

use std::time::{Duration, Instant};

use super::*;
use crate::flickr::{Bucket, Budget, Taken};

const SLOW: Bucket = Bucket {
    burst: 20,
    per_hour: 36_000,
};

async fn take(store: &Store, key: &str, bucket: Bucket, most: u32) -> Taken {
    store.take(key, bucket, most).await.unwrap()
}

pub(super) async fn programs_share_the_calls_of_a_key(store: Store) {
    // A full bucket, then what flows in: ten a second. Three programs take all they can get.
    let begun = Instant::now();
    let enough = Duration::from_millis(1500);
    let program = |store: Store| async move {
        let mut calls = 0;
        while begun.elapsed() < enough {
            match take(&store, "one", SLOW, 5).await {
                Taken::Calls(taken) => calls += taken,
                Taken::Later(wait) => {
                    assert!(wait <= Duration::from_millis(501), "{wait:?}");
                    tokio::time::sleep(wait).await;
                }
            }
        }
        calls
    };
    let (a, b, c) = tokio::join!(
        program(store.clone()),
        program(store.clone()),
        program(store.clone())
    );
    let (calls, took) = (f64::from(a + b + c), begun.elapsed().as_secs_f64());
    assert!(calls <= 20.0 + 10.0 * took, "{a} + {b} + {c} in {took} s");
    assert!(calls >= 25.0, "{a} + {b} + {c} in {took} s");
    // Another key has its own.
    assert_eq!(take(&store, "other", SLOW, 20).await, Taken::Calls(20));
}

pub(super) async fn a_clock_that_is_set_back_holds_nobody_up(store: Store) {
    let bucket = Bucket {
        per_hour: 3_600_000,
        ..SLOW
    };
    assert_eq!(take(&store, "key", bucket, 20).await, Taken::Calls(20));
    let ahead = "UPDATE api_budget SET level = 0, filled = filled + 86400000";
    sqlx::query(ahead).execute(&store.pool).await.unwrap();
    let Taken::Later(wait) = take(&store, "key", bucket, 20).await else {
        panic!("an empty bucket");
    };
    assert!(wait < Duration::from_millis(100), "{wait:?}");
    tokio::time::sleep(wait).await;
    assert_eq!(take(&store, "key", bucket, 20).await, Taken::Calls(20));
}

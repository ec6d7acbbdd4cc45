//! The API key's calls, shared by all programs on this store: a row with what the bucket held and when.

use std::time::{SystemTime, UNIX_EPOCH};

use super::{Result, Store};
use crate::flickr::{Bucket, Budget, Taken, Taking};

impl Budget for Store {
    fn take<'a>(&'a self, key: &'a str, bucket: Bucket, most: u32) -> Taking<'a> {
        Box::pin(async move {
            // The budget is asked for in a few seconds, or done without.
            self.at_once()
                .take_calls(key, bucket, most)
                .await
                .map_err(|error| error.to_string())
        })
    }
}

const WHAT: &str = "count the calls to Flickr";

impl Store {
    /// Takes `most` calls where the bucket holds them. What it holds is read, and written if nobody else has
    /// meanwhile: two short statements, and no transaction that others wait for.
    async fn take_calls(&self, key: &str, bucket: Bucket, most: u32) -> Result<Taken> {
        let wanted = i64::from(most) * 1000;
        loop {
            let now = self.milliseconds().await?;
            let row = sqlx::query("SELECT level, filled FROM api_budget WHERE api_key = $1")
                .bind(key)
                .fetch_optional(&self.pool)
                .await
                .map_err(self.failed(WHAT))?;
            let Some(row) = row else {
                let full = sqlx::query(
                    "INSERT INTO api_budget (api_key, level, filled) VALUES ($1, $2, $3)
                     ON CONFLICT (api_key) DO NOTHING",
                );
                full.bind(key)
                    .bind(bucket.full())
                    .bind(now)
                    .execute(&self.pool)
                    .await
                    .map_err(self.failed(WHAT))?;
                continue;
            };
            let (level, filled): (i64, i64) =
                (self.column(&row, "level")?, self.column(&row, "filled")?);
            let there = bucket.level_after(level, now.saturating_sub(filled));
            let is_enough = there >= wanted;
            if !is_enough && filled <= now {
                return Ok(Taken::Later(bucket.time_for(wanted - there)));
            }
            // Also where the clock was set back: the bucket would stay as it is until that time comes again.
            let left = if is_enough { there - wanted } else { there };
            let update = sqlx::query(
                "UPDATE api_budget SET level = $2, filled = $3
                 WHERE api_key = $1 AND level = $4 AND filled = $5",
            );
            let written = update
                .bind(key)
                .bind(left)
                .bind(now)
                .bind(level)
                .bind(filled)
                .execute(&self.pool)
                .await
                .map_err(self.failed(WHAT))?;
            match written.rows_affected() {
                1 if is_enough => return Ok(Taken::Calls(most)),
                1 => return Ok(Taken::Later(bucket.time_for(wanted - there))),
                _ => {}
            }
        }
    }

    /// Since 1970: by the server's clock, where several machines share the store.
    async fn milliseconds(&self) -> Result<i64> {
        if self.file.is_some() {
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            return Ok(i64::try_from(now.unwrap_or_default().as_millis()).unwrap_or(i64::MAX));
        }
        sqlx::query_scalar("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)")
            .fetch_one(&self.pool)
            .await
            .map_err(self.failed(WHAT))
    }
}

//! Seconds since 1970 and the `YYYY-MM-DD HH:MM:SS` that Flickr writes, in UTC.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::SignedDuration;
use jiff::civil::{DateTime, date};

const EPOCH: DateTime = date(1970, 1, 1).at(0, 0, 0, 0);

/// Seconds since 1970-01-01 UTC.
pub(crate) fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| elapsed.as_secs())
}

/// Writes a unix time as MySQL does.
pub(crate) fn to_mysql(unix: u64) -> String {
    let elapsed = SignedDuration::from_secs(i64::try_from(unix).unwrap_or(i64::MAX));
    EPOCH
        .saturating_add(elapsed)
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}

/// Reads what the date arguments of listings take: unix seconds, or a MySQL
/// date with or without a time.
pub(crate) fn parse(text: &str) -> Option<u64> {
    text.parse().ok().or_else(|| {
        let date: DateTime = text.parse().ok()?;
        date.duration_since(EPOCH).as_secs().try_into().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_and_read() {
        let cases = [
            (0, "1970-01-01 00:00:00"),
            (951_782_399, "2000-02-28 23:59:59"),
            (951_782_400, "2000-02-29 00:00:00"),
            (1_600_000_000, "2020-09-13 12:26:40"),
            (1_735_689_599, "2024-12-31 23:59:59"),
            (253_402_300_799, "9999-12-31 23:59:59"),
        ];
        for (unix, text) in cases {
            assert_eq!(to_mysql(unix), text);
            assert_eq!(parse(text), Some(unix));
            assert_eq!(parse(&unix.to_string()), Some(unix));
        }
        assert_eq!(parse("2020-09-13"), Some(1_599_955_200));
        assert_eq!(parse("2020-13-01 00:00:00"), None);
        assert_eq!(parse("2020-09-13 24:00:00"), None);
        assert_eq!(parse("yesterday"), None);
    }
}

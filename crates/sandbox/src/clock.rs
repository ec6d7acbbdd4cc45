//! Seconds since 1970 and the `YYYY-MM-DD HH:MM:SS` that Flickr writes, in UTC.

use std::time::{SystemTime, UNIX_EPOCH};

/// The last second that has a year of four digits.
const LATEST: u64 = 253_402_300_799;

/// Seconds since 1970-01-01 UTC.
pub(crate) fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| elapsed.as_secs())
}

/// Writes a unix time as MySQL does.
pub(crate) fn to_mysql(unix: u64) -> String {
    let unix = unix.min(LATEST);
    let (year, month, day) = civil(unix / 86_400);
    let second = unix % 86_400;
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}",
        second / 3_600,
        second / 60 % 60,
        second % 60
    )
}

/// Reads what the date arguments of listings take: unix seconds, or a MySQL
/// date with or without a time.
pub(crate) fn parse(text: &str) -> Option<u64> {
    if let Ok(unix) = text.parse() {
        return Some(unix);
    }
    let (date, time) = text.split_once(' ').unwrap_or((text, "0:0:0"));
    let numbers = |text: &str, separator| -> Option<[u64; 3]> {
        let parts: Vec<u64> = text
            .split(separator)
            .map(str::parse)
            .collect::<Result<_, _>>()
            .ok()?;
        parts.try_into().ok()
    };
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(time, ':')?;
    let is_date =
        (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !is_date || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second)
}

/// Days from 1970-01-01, by years that begin in March so that the leap day is
/// the last.
fn days(year: u64, month: u64, day: u64) -> u64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    // 719,468 days lie between 0000-03-01 and 1970-01-01.
    year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
}

/// Year, month and day of a day counted from 1970-01-01.
fn civil(day: u64) -> (u64, u64, u64) {
    let mut year = 1970 + day / 366;
    while days(year + 1, 1, 1) <= day {
        year += 1;
    }
    let mut month = 1;
    while month < 12 && days(year, month + 1, 1) <= day {
        month += 1;
    }
    (year, month, day - days(year, month, 1) + 1)
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
            (LATEST, "9999-12-31 23:59:59"),
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

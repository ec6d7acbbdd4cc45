//! What is said of the time and the room that photos take.

use std::{path::Path, time::Duration};

use flickr_faces::{
    programs::Program::Download,
    steps::download::{Cost, Outlook},
};
use flickr_faces_terminal::text::{bytes, count, duration, grouped};

/// What a first run has before it.
pub(crate) fn outlook(outlook: &Outlook) -> String {
    let cost = |cost: &Cost| {
        let time = Duration::try_from_secs_f64(cost.seconds).unwrap_or_default();
        format!("about {} and {}", rounded(time), bytes(cost.bytes))
    };
    let now = &outlook.now;
    let mut text = format!(
        "{} at up to {} pixels: {} on this machine, measured on the first {}.",
        count(outlook.photos, "photo", "photos"),
        grouped(now.max_size),
        cost(now),
        grouped(outlook.measured)
    );
    let others: Vec<String> = (outlook.others.iter())
        .map(|other| format!("MAX_SIZE = {}: {}", other.max_size, cost(other)))
        .collect();
    if let Some(other) = outlook.others.first() {
        text += &format!(
            "\n{}, by the pixels.\nFor another size stop this and run `{Download} --max-size {}`; config.ini keeps it.",
            others.join("; "),
            other.max_size
        );
    }
    text
}

/// A time as one speaks of it: to two figures or so, and never less than a second.
pub(crate) fn rounded(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    // The first whose end is not reached; each is a tenth or so of where it begins.
    const STEPS: [(f64, f64); 7] = [
        (20.0, 1.0),
        (60.0, 5.0),
        (300.0, 10.0),
        (600.0, 30.0),
        (3600.0, 60.0),
        (7200.0, 300.0),
        (86_400.0, 600.0),
    ];
    let step = STEPS.iter().find(|(end, _)| seconds < *end);
    let step = step.map_or(3600.0, |(_, step)| *step);
    let seconds = ((seconds / step).round() * step).max(1.0);
    duration(Duration::try_from_secs_f64(seconds).unwrap_or(time))
}

/// That the disk will be full before the end.
pub(crate) fn no_room(folder: &Path, to_come: u64, free: u64) -> String {
    format!(
        "about {} are still to come, and {} are free on the disk of {}: make room, or set a smaller MAX_SIZE or \
         `keep_photos = no` in config.ini",
        bytes(to_come),
        bytes(free),
        folder.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_rounded_to_what_is_near() {
        let cases = [
            (0.0, "1 s"),
            (0.4, "1 s"),
            (1.2, "1 s"),
            (1.6, "2 s"),
            (19.4, "19 s"),
            (23.0, "25 s"),
            (59.0, "1 min"),
            (61.0, "1 min"),
            (64.0, "1 min"),
            (67.0, "1 min 10 s"),
            (601.0, "10 min"),
            (3601.0, "1 h 0 min"),
            (5000.0, "1 h 25 min"),
            (7201.0, "2 h 0 min"),
            (90_000.0, "1 d 1 h"),
        ];
        let wrong: Vec<_> = (cases.iter())
            .map(|(seconds, text)| (rounded(Duration::from_secs_f64(*seconds)), text, seconds))
            .filter(|(found, text, _)| found != *text)
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn rounding_adds_little_to_what_a_measurement_is_off() {
        let mut seconds = 10;
        while seconds < 1_000_000 {
            let said = spoken(&rounded(Duration::from_secs(seconds)));
            let ratio = said as f64 / seconds as f64;
            assert!((0.88..1.12).contains(&ratio), "{seconds} s: {said} s");
            seconds += seconds / 50 + 1;
        }
    }

    /// `1 h 25 min` → 5100.
    fn spoken(text: &str) -> u64 {
        let words: Vec<_> = text.split(' ').collect();
        let unit = |unit| match unit {
            "s" => 1,
            "min" => 60,
            "h" => 3600,
            "d" => 86_400,
            other => panic!("{other} in {text}"),
        };
        (words.chunks(2))
            .map(|pair| pair[0].parse::<u64>().unwrap() * unit(pair[1]))
            .sum()
    }
}

//! Two sides measured in turn, and how they compare.

use std::time::Duration;

/// How many runs of each side are counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Runs(pub(crate) usize);

/// One side of a comparison.
pub(crate) struct Side<'a> {
    pub(crate) name: &'a str,
    /// Does the work once and says how long it took.
    pub(crate) run: &'a mut dyn FnMut() -> anyhow::Result<Duration>,
}

/// What the last line says.
pub(crate) struct Labels<'a> {
    pub(crate) name: &'a str,
    /// What one run is, for example `6 photos`.
    pub(crate) what: &'a str,
    /// Said of both sides in the last line, for example `2 threads each`.
    pub(crate) both: &'a str,
}

/// Runs both sides in turn, A B A B, so that other load on the machine affects both. One run of each
/// before is not counted. The last line gives how many times longer the second side takes, by medians.
pub(crate) fn compare(
    labels: &Labels<'_>,
    Runs(runs): Runs,
    mut sides: [Side<'_>; 2],
) -> anyhow::Result<()> {
    for side in &mut sides {
        (side.run)()?;
    }
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..runs {
        for (side, times) in sides.iter_mut().zip(&mut times) {
            times.push((side.run)()?);
        }
    }
    println!("\n{}, seconds for {}:", labels.name, labels.what);
    let width = sides.iter().map(|side| side.name.len()).max().unwrap_or(0);
    println!(
        "  {:width$}  {:>8}  {:>8}  {:>8}",
        "", "least", "median", "most"
    );
    for (side, times) in sides.iter().zip(&mut times) {
        times.sort();
        println!(
            "  {:width$}  {:>8.3}  {:>8.3}  {:>8.3}",
            side.name,
            seconds(times.first()),
            median(times),
            seconds(times.last()),
        );
    }
    let [ours, theirs] = times.each_ref().map(|times| median(times));
    let [our_name, their_name] = sides.each_ref().map(|side| side.name);
    println!(
        "{}",
        last_line(labels, (our_name, ours), (their_name, theirs))
    );
    Ok(())
}

/// What a comparison comes to, for people and for programs.
fn last_line(labels: &Labels<'_>, ours: (&str, f64), theirs: (&str, f64)) -> String {
    format!(
        "{}: ratio {} ({} {} s, {} {} s, {})",
        labels.name,
        short(theirs.1 / ours.1),
        ours.0,
        short(ours.1),
        theirs.0,
        short(theirs.1),
        labels.both,
    )
}

fn seconds(time: Option<&Duration>) -> f64 {
    time.map_or(f64::NAN, Duration::as_secs_f64)
}

/// The median of sorted times, in seconds.
pub(crate) fn median(sorted: &[Duration]) -> f64 {
    let middle = sorted.len() / 2;
    let upper = seconds(sorted.get(middle));
    if sorted.len() % 2 == 1 {
        upper
    } else {
        (seconds(sorted.get(middle.wrapping_sub(1))) + upper) / 2.0
    }
}

/// Three significant digits.
fn short(number: f64) -> String {
    let decimals = match number.abs() {
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        0.1.. => 3,
        _ => 4,
    };
    format!("{number:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits_that_count() {
        for (number, expected) in [
            (13.44, "13.4"),
            (0.1191, "0.119"),
            (1.6, "1.60"),
            (123.4, "123"),
            (0.0147, "0.0147"),
        ] {
            assert_eq!(short(number), expected);
        }
    }

    #[test]
    fn the_last_line_has_its_form() {
        let labels = Labels {
            name: "detect-cnn",
            what: "a photo",
            both: "2 threads each",
        };
        assert_eq!(
            last_line(&labels, ("onnxruntime", 0.119), ("dlib", 1.5995)),
            "detect-cnn: ratio 13.4 (onnxruntime 0.119 s, dlib 1.60 s, 2 threads each)"
        );
    }

    #[test]
    fn the_median_is_the_middle() {
        let times = |seconds: &[u64]| -> Vec<_> {
            seconds.iter().map(|&s| Duration::from_secs(s)).collect()
        };
        assert_eq!(median(&times(&[1, 2, 30])), 2.0);
        assert_eq!(median(&times(&[1, 2, 4, 30])), 3.0);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn both_sides_run_equally_often() {
        let (mut a, mut b) = (0, 0);
        compare(
            &Labels {
                name: "test",
                what: "nothing",
                both: "1 thread each",
            },
            Runs(5),
            [
                Side {
                    name: "a",
                    run: &mut || {
                        a += 1;
                        Ok(Duration::from_secs(1))
                    },
                },
                Side {
                    name: "b",
                    run: &mut || {
                        b += 1;
                        Ok(Duration::from_secs(4))
                    },
                },
            ],
        )
        .unwrap();
        assert_eq!((a, b), (6, 6));
    }
}

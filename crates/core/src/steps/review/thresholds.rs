//! The thresholds of a sweep, from high to low.

use std::str::FromStr;

/// Distances, the highest first, given as `FROM:TO:STEP`.
#[derive(Debug, Clone, PartialEq)]
pub struct Thresholds(Vec<f32>);

/// More than this come of a mistyped step.
const MOST: u32 = 100;

/// Thresholds are computed in thousandths, so that 0.6 less four times 0.05 is 0.4.
const PARTS: f64 = 1000.0;

impl Thresholds {
    /// The thresholds, the highest first.
    #[must_use]
    pub fn as_slice(&self) -> &[f32] {
        &self.0
    }
}

impl FromStr for Thresholds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = "expected FROM:TO:STEP, such as 0.60:0.40:0.05";
        let parts: Option<Vec<u32>> = text.split(':').map(thousandths).collect();
        let Some(&[from, to, step]) = parts.as_deref() else {
            return Err(format!(
                "{expected}: three distances above 0 and up to 1, of at most three decimals"
            ));
        };
        if from < to {
            return Err(format!(
                "{expected}: it goes down, from the higher threshold to the lower"
            ));
        }
        let count = (from - to) / step + 1;
        if count > MOST {
            return Err(format!(
                "{expected}: these would be {count} thresholds, the most is {MOST}"
            ));
        }
        let thresholds = (0..count).map(|n| (f64::from(from - n * step) / PARTS) as f32);
        Ok(Self(thresholds.collect()))
    }
}

/// A distance above 0 and up to 1 in thousandths; `None` where it is not one.
fn thousandths(text: &str) -> Option<u32> {
    let exact = text.trim().parse::<f64>().ok()? * PARTS;
    let rounded = exact.round();
    ((exact - rounded).abs() < 1e-6 && (1.0..=PARTS).contains(&rounded)).then_some(rounded as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_go_down_to_the_last() {
        let cases: [(&str, &[f32]); 5] = [
            ("0.60:0.40:0.05", &[0.6, 0.55, 0.5, 0.45, 0.4]),
            ("0.6:0.45:0.1", &[0.6, 0.5]),
            ("0.5:0.5:0.05", &[0.5]),
            ("0.575:0.55:0.025", &[0.575, 0.55]),
            (" 1 : 0.9 : .1 ", &[1.0, 0.9]),
        ];
        let wrong: Vec<_> = cases
            .iter()
            .map(|&(text, expected)| (text, text.parse::<Thresholds>(), expected))
            .filter(|(_, found, expected)| {
                !found
                    .as_ref()
                    .is_ok_and(|found| found.as_slice() == *expected)
            })
            .collect();
        assert!(wrong.is_empty(), "(text, found, expected): {wrong:?}");
    }

    #[test]
    fn anything_else_says_what_is_expected() {
        let cases = [
            ("", "three distances"),
            ("0.6", "three distances"),
            ("0.6:0.4", "three distances"),
            ("0.6:0.4:0.05:1", "three distances"),
            ("0.6:0.4:0", "three distances"),
            ("0.6:0:0.05", "three distances"),
            ("1.1:0.4:0.05", "three distances"),
            ("0.6:0.4:-0.05", "three distances"),
            ("0.6:0.4:0.0005", "at most three decimals"),
            ("NaN:0.4:0.05", "three distances"),
            ("0.4:0.6:0.05", "it goes down"),
            (
                "0.6:0.4:0.001",
                "these would be 201 thresholds, the most is 100",
            ),
        ];
        let wrong: Vec<_> = cases
            .iter()
            .map(|&(text, says)| (text, text.parse::<Thresholds>(), says))
            .filter(|(_, found, says)| {
                !found.as_ref().is_err_and(|error| {
                    error.contains(says) && error.contains("such as 0.60:0.40:0.05")
                })
            })
            .collect();
        assert!(wrong.is_empty(), "(text, found, expected): {wrong:?}");
    }
}

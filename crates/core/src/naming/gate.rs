//! Which faces are good enough to be grouped.
//!
//! Faces of few pixels, blurred or turned away look like each other's, whoever they are. Drawing the
//! line here, and not where faces are detected, means that moving it needs no new run.

use std::fmt;

/// What a face must have to be grouped; the default lets every face through.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gate {
    /// The longer side of its box, in pixels of the photo as it was processed.
    pub min_size: u32,
    /// The detector's score.
    pub min_score: f32,
    /// [`Quality::sharpness`](crate::faces::Quality::sharpness).
    pub min_sharpness: f32,
    /// [`Quality::turn`](crate::faces::Quality::turn).
    pub max_turn: f32,
}

/// What is known of how well a face can be seen; `None` where it was not measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    /// As in [`Gate::min_size`].
    pub size: u32,
    /// As in [`Gate::min_score`].
    pub score: Option<f32>,
    /// As in [`Gate::min_sharpness`].
    pub sharpness: Option<f32>,
    /// As in [`Gate::max_turn`].
    pub turn: Option<f32>,
}

/// Why a face is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeftOut {
    /// Below `min_size`.
    Small,
    /// Below `min_score`.
    Unsure,
    /// Below `min_sharpness`.
    Blurred,
    /// Above `max_turn`.
    Turned,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            min_size: 0,
            min_score: 0.0,
            min_sharpness: 0.0,
            max_turn: crate::faces::Quality::MOST_TURNED,
        }
    }
}

impl Gate {
    /// Why the face is left out, the first reason in the order of [`LeftOut`]; `None` where it is
    /// grouped. What was not measured is no reason.
    #[must_use]
    pub fn refuses(&self, seen: &Seen) -> Option<LeftOut> {
        let below = |value: Option<f32>, least: f32| value.is_some_and(|value| value < least);
        if seen.size < self.min_size {
            Some(LeftOut::Small)
        } else if below(seen.score, self.min_score) {
            Some(LeftOut::Unsure)
        } else if below(seen.sharpness, self.min_sharpness) {
            Some(LeftOut::Blurred)
        } else if seen.turn.is_some_and(|turn| turn > self.max_turn) {
            Some(LeftOut::Turned)
        } else {
            None
        }
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Small => "small",
            Self::Unsure => "unsure",
            Self::Blurred => "blurred",
            Self::Turned => "turned away",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_itself_is_good_enough() {
        let gate = Gate {
            min_size: 40,
            min_score: 0.5,
            min_sharpness: 50.0,
            max_turn: 0.5,
        };
        let good = Seen {
            size: 40,
            score: Some(0.5),
            sharpness: Some(50.0),
            turn: Some(0.5),
        };
        struct Case {
            seen: Seen,
            refused: Option<LeftOut>,
        }
        let cases = [
            Case {
                seen: good,
                refused: None,
            },
            Case {
                seen: Seen { size: 39, ..good },
                refused: Some(LeftOut::Small),
            },
            Case {
                seen: Seen {
                    score: Some(0.49),
                    ..good
                },
                refused: Some(LeftOut::Unsure),
            },
            Case {
                seen: Seen {
                    sharpness: Some(49.0),
                    turn: Some(0.6),
                    ..good
                },
                refused: Some(LeftOut::Blurred),
            },
            Case {
                seen: Seen {
                    turn: Some(0.51),
                    ..good
                },
                refused: Some(LeftOut::Turned),
            },
            Case {
                seen: Seen {
                    size: 40,
                    score: None,
                    sharpness: None,
                    turn: None,
                },
                refused: None,
            },
        ];
        let wrong: Vec<_> = cases
            .iter()
            .map(|case| (gate.refuses(&case.seen), case.refused))
            .filter(|(found, expected)| found != expected)
            .collect();
        assert!(wrong.is_empty(), "(found, expected): {wrong:?}");
        let worst = Seen {
            size: 0,
            score: Some(0.0),
            sharpness: Some(0.0),
            turn: Some(crate::faces::Quality::MOST_TURNED),
        };
        assert_eq!(Gate::default().refuses(&worst), None);
    }
}

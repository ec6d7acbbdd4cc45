//! Which faces are good enough to be grouped.
//!
//! Faces of few pixels, blurred or turned away all look alike. They are filtered here, and not where
//! faces are detected, so that another limit needs no new run.

use std::fmt;

/// What a face must have to be grouped; the default lets every face through.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QualityFilter {
    /// The longer side of its box, in pixels of the photo as it was processed.
    pub min_size: u32,
    /// The detector's score.
    pub min_score: f32,
    /// [`Quality::sharpness`](crate::faces::Quality::sharpness).
    pub min_sharpness: f32,
    /// [`Quality::yaw`](crate::faces::Quality::yaw).
    pub max_yaw: f32,
}

/// What is known of how well a face can be seen; `None` where it was not measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FaceQuality {
    /// As in [`QualityFilter::min_size`].
    pub size: u32,
    /// As in [`QualityFilter::min_score`].
    pub score: Option<f32>,
    /// As in [`QualityFilter::min_sharpness`].
    pub sharpness: Option<f32>,
    /// As in [`QualityFilter::max_yaw`].
    pub yaw: Option<f32>,
}

/// Why a face is not good enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RejectReason {
    /// Below `min_size`.
    Small,
    /// Below `min_score`.
    Unsure,
    /// Below `min_sharpness`.
    Blurred,
    /// Above `max_yaw`.
    Turned,
}

impl Default for QualityFilter {
    fn default() -> Self {
        Self {
            min_size: 0,
            min_score: 0.0,
            min_sharpness: 0.0,
            max_yaw: crate::faces::Quality::MAX_YAW,
        }
    }
}

impl QualityFilter {
    /// Why the face is not grouped, the first reason in the order of [`RejectReason`]; `None` where it is
    /// grouped. What was not measured counts for nothing.
    #[must_use]
    pub(crate) fn reject_reason(&self, seen: &FaceQuality) -> Option<RejectReason> {
        let below = |value: Option<f32>, least: f32| value.is_some_and(|value| value < least);
        if seen.size < self.min_size {
            Some(RejectReason::Small)
        } else if below(seen.score, self.min_score) {
            Some(RejectReason::Unsure)
        } else if below(seen.sharpness, self.min_sharpness) {
            Some(RejectReason::Blurred)
        } else if seen.yaw.is_some_and(|yaw| yaw > self.max_yaw) {
            Some(RejectReason::Turned)
        } else {
            None
        }
    }
}

impl fmt::Display for RejectReason {
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
        let filter = QualityFilter {
            min_size: 40,
            min_score: 0.5,
            min_sharpness: 50.0,
            max_yaw: 0.5,
        };
        let good = FaceQuality {
            size: 40,
            score: Some(0.5),
            sharpness: Some(50.0),
            yaw: Some(0.5),
        };
        struct Case {
            seen: FaceQuality,
            refused: Option<RejectReason>,
        }
        let cases = [
            Case {
                seen: good,
                refused: None,
            },
            Case {
                seen: FaceQuality { size: 39, ..good },
                refused: Some(RejectReason::Small),
            },
            Case {
                seen: FaceQuality {
                    score: Some(0.49),
                    ..good
                },
                refused: Some(RejectReason::Unsure),
            },
            Case {
                seen: FaceQuality {
                    sharpness: Some(49.0),
                    yaw: Some(0.6),
                    ..good
                },
                refused: Some(RejectReason::Blurred),
            },
            Case {
                seen: FaceQuality {
                    yaw: Some(0.51),
                    ..good
                },
                refused: Some(RejectReason::Turned),
            },
            Case {
                seen: FaceQuality {
                    size: 40,
                    score: None,
                    sharpness: None,
                    yaw: None,
                },
                refused: None,
            },
        ];
        let wrong: Vec<_> = cases
            .iter()
            .map(|case| (filter.reject_reason(&case.seen), case.refused))
            .filter(|(found, expected)| found != expected)
            .collect();
        assert!(wrong.is_empty(), "(found, expected): {wrong:?}");
        let worst = FaceQuality {
            size: 0,
            score: Some(0.0),
            sharpness: Some(0.0),
            yaw: Some(crate::faces::Quality::MAX_YAW),
        };
        assert_eq!(QualityFilter::default().reject_reason(&worst), None);
    }
}

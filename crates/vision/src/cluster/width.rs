//! How far apart faces are compared.

use super::{MAX_THRESHOLD, report::WIDEST_ADVISED};

/// How far apart the faces of a library are compared, in number `faces`; what is asked for at a wider threshold is searched
/// there. In a large one chance makes most pairs at [`MAX_THRESHOLD`], and they grow with the square of the faces: 95 of 100
/// are beyond the widest threshold that is [advised](super::report()), where it is searched.
#[must_use]
pub fn search_width(faces: usize) -> f32 {
    /// From here on the pairs up to [`MAX_THRESHOLD`] would take more than 0.6 GB.
    const LARGE: usize = 200_000;
    if faces > LARGE {
        WIDEST_ADVISED
    } else {
        MAX_THRESHOLD
    }
}

#[cfg(test)]
mod tests {
    use super::super::THRESHOLDS;
    use super::*;

    #[test]
    fn a_large_library_is_searched_as_far_as_a_threshold_is_advised() {
        assert_eq!(search_width(0), MAX_THRESHOLD);
        assert_eq!(search_width(200_000), MAX_THRESHOLD);
        assert_eq!(search_width(200_001), 0.60);
        assert!(THRESHOLDS.contains(&search_width(1_000_000)));
    }
}

//! What a review session says before its first question and after its last.

use std::{collections::BTreeMap, path::Path};

use super::Review;
use crate::{
    boxed,
    naming::quality_filter::RejectReason,
    programs::Program,
    steps::{
        StepError,
        naming::{Session, Subset},
    },
    store::Counts,
    text::{count, grouped},
};

/// Faces without a name that are in no cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Excluded {
    /// Those of low quality, by the reason.
    pub reasons: BTreeMap<RejectReason, u64>,
    /// Those that another descriptor network encoded than that of the last download.
    pub other_encoder: u64,
}

impl Excluded {
    /// Those of a session, as of now.
    ///
    /// # Errors
    /// Where the store cannot be read.
    #[boxed]
    pub async fn of(session: &Session) -> Result<Self, StepError> {
        let mut reasons = BTreeMap::new();
        for face in session.low_quality() {
            *reasons.entry(face.why).or_default() += 1;
        }
        Ok(Self {
            reasons,
            other_encoder: session.other_encoder().await?,
        })
    }

    /// How many are of low quality.
    #[must_use]
    pub fn low_quality(&self) -> u64 {
        self.reasons.values().sum()
    }

    /// How many there are.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.low_quality() + self.other_encoder
    }

    /// `20 small, 3 blurred`.
    #[must_use]
    pub fn reasons(&self) -> String {
        let reasons = self.reasons.iter();
        let reasons: Vec<_> = reasons
            .map(|(why, faces)| format!("{} {why}", grouped(faces)))
            .collect();
        reasons.join(", ")
    }
}

/// Why there is no face to name, and what comes before.
#[must_use]
pub fn no_faces(counts: &Counts) -> String {
    let download = Program::Download;
    if counts.photos == 0 {
        return format!(
            "There are no faces in the store yet: run `{download}` first, which fetches your photos and finds them."
        );
    }
    match counts.to_do() {
        0 => {
            let photos = count(counts.photos, "photo", "photos");
            format!("There are no faces in the store: `{download}` found none in {photos}.")
        }
        _ => format!(
            "There are no faces in the store yet. {}",
            still_to_do(counts)
        ),
    }
}

fn still_to_do(counts: &Counts) -> String {
    let photos = count(counts.to_do(), "photo is", "photos are");
    format!(
        "{photos} still to do: run `{}` to go on.",
        Program::Download
    )
}

/// Where the whole store stands: lines, none where there is nothing to say.
#[must_use]
pub fn beginning(counts: &Counts, excluded: &Excluded, subset: Subset) -> Vec<String> {
    if counts.faces == 0 {
        return vec![no_faces(counts)];
    }
    if counts.undecided == 0 {
        return Vec::new();
    }
    let mut lines = Vec::new();
    if excluded.other_encoder > 0 {
        lines.push(format!(
            "Skipped {} made with another encoder_model than the last download: the two cannot be \
             compared. `{} --redo` encodes them again and keeps their names.",
            count(excluded.other_encoder, "face", "faces"),
            Program::Download
        ));
    }
    let low_quality = excluded.low_quality();
    if low_quality > 0 {
        let faces = count(low_quality, "low-quality face", "low-quality faces");
        let see = match subset {
            Subset::Usable => format!(" See `{} --low-quality`.", Program::ClusterFaces),
            Subset::LowQuality => String::new(),
        };
        lines.push(format!("Skipped {faces}: {}.{see}", excluded.reasons()));
    } else if subset == Subset::LowQuality {
        lines.push("No face without a name is of low quality.".to_owned());
    }
    lines
}

/// That there is nothing to ask, where every face has an answer; no lines else.
#[must_use]
pub fn nothing_left(counts: &Counts) -> Vec<String> {
    if counts.faces == 0 || counts.undecided > 0 {
        return Vec::new();
    }
    let mut lines = vec!["Nothing left to review.".to_owned()];
    if counts.to_do() > 0 {
        lines.push(still_to_do(counts));
    }
    lines
}

/// What came of a review, and who is left: lines. `undecided` faces have no decision.
#[must_use]
pub fn end(review: &Review, undecided: u64, tags: &Path) -> Vec<String> {
    let (counters, options) = (review.counters(), review.options());
    let mut named = format!(
        "{} named in {}",
        count(counters.named, "face", "faces"),
        count(counters.clusters, "cluster", "clusters"),
    );
    if counters.suggestions > 0 {
        let suggestions = count(counters.suggestions, "suggestion", "suggestions");
        named += &format!(" and {suggestions}");
    }
    let left = count(undecided, "face", "faces");
    let mut lines = vec![format!("{named}; {left} without a name left.")];
    if counters.named > 0 {
        lines.push(names_are_in(tags));
    }
    let remaining = review.session().remaining();
    if remaining.perhaps_known > 0 && options.subset == Subset::Usable {
        lines.push(format!(
            "{} of the faces left may be people you know: the next `{}` asks about them first.",
            grouped(remaining.perhaps_known),
            Program::ClusterFaces
        ));
    }
    lines
}

/// Where names are, and what is next.
#[must_use]
pub fn names_are_in(tags: &Path) -> String {
    let (tags, next) = (tags.display(), Program::TagPhotos);
    format!("The names are in {tags}. Next: `{next}`, which writes them to Flickr.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excluded_faces_are_counted_by_reason() {
        let excluded = Excluded {
            reasons: BTreeMap::from([(RejectReason::Blurred, 3), (RejectReason::Small, 1200)]),
            other_encoder: 1,
        };
        assert_eq!((excluded.low_quality(), excluded.all()), (1203, 1204));
        let counts = Counts {
            faces: 2000,
            undecided: 1500,
            ..Counts::default()
        };
        assert_eq!(
            beginning(&counts, &excluded, Subset::Usable),
            [
                "Skipped 1 face made with another encoder_model than the last download: the two \
                 cannot be compared. `download --redo` encodes them again and keeps their names.",
                "Skipped 1,203 low-quality faces: 1,200 small, 3 blurred. \
                 See `cluster-faces --low-quality`."
            ]
        );
        let nothing = beginning(&Counts::default(), &excluded, Subset::Usable);
        assert!(nothing.concat().contains("run `download` first"));
        let half = Counts {
            photos: 9,
            done: 4,
            ..Counts::default()
        };
        assert_eq!(
            beginning(&half, &excluded, Subset::Usable),
            [
                "There are no faces in the store yet. 5 photos are still to do: run `download` to go on."
            ]
        );
        let none = Counts { done: 9, ..half };
        assert_eq!(
            beginning(&none, &excluded, Subset::Usable),
            ["There are no faces in the store: `download` found none in 9 photos."]
        );
        let named = Counts { faces: 3, ..half };
        let begun = beginning(&named, &excluded, Subset::Usable);
        assert!(begun.is_empty() && nothing_left(&counts).is_empty());
        assert_eq!(
            nothing_left(&named),
            [
                "Nothing left to review.",
                "5 photos are still to do: run `download` to go on."
            ]
        );
    }
}

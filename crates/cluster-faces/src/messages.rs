//! What a review says before its first question and after its last.

use std::{collections::BTreeMap, path::Path};

use flickr_faces::{
    naming::quality_filter::RejectReason,
    steps::{
        StepError,
        naming::{LowQualityFace, Session, Subset},
        review::Counters,
    },
    store::Counts,
    text::{count, grouped},
};
use flickr_faces_terminal::text::aligned;
use serde_json::{Value, json};

pub(crate) const NO_FACES: &str = "There are no faces in the store yet: run download first.";

/// Faces without a name that are in no cluster.
pub(crate) struct Excluded {
    /// Those of low quality, by the reason.
    reasons: BTreeMap<RejectReason, u64>,
    /// Those that another descriptor network encoded.
    other_encoder: u64,
}

impl Excluded {
    pub(crate) async fn of(session: &Session) -> Result<Self, StepError> {
        let mut reasons = BTreeMap::new();
        for face in session.low_quality() {
            *reasons.entry(face.why).or_default() += 1;
        }
        Ok(Self {
            reasons,
            other_encoder: session.other_encoder().await?,
        })
    }

    pub(crate) fn low_quality(&self) -> u64 {
        self.reasons.values().sum()
    }

    pub(crate) fn all(&self) -> u64 {
        self.low_quality() + self.other_encoder
    }

    /// `Skipped 23 low-quality faces: 20 small, 3 blurred.`
    fn skipped(&self) -> String {
        let reasons: Vec<_> = (self.reasons.iter())
            .map(|(why, faces)| format!("{} {why}", grouped(faces)))
            .collect();
        format!(
            "Skipped {}: {}.",
            count(self.low_quality(), "low-quality face", "low-quality faces"),
            reasons.join(", ")
        )
    }
}

/// Where the whole store stands; may be empty.
pub(crate) fn beginning(counts: &Counts, excluded: &Excluded, subset: Subset) -> String {
    if counts.faces == 0 {
        return NO_FACES.to_owned();
    }
    if counts.undecided == 0 {
        return "Nothing left to review.".to_owned();
    }
    let mut lines = Vec::new();
    if excluded.other_encoder > 0 {
        lines.push(format!(
            "Skipped {} made with another encoder_model than the last download: the two cannot be \
             compared. `download --redo` encodes them again and keeps their names.",
            count(excluded.other_encoder, "face", "faces")
        ));
    }
    match subset {
        _ if excluded.low_quality() > 0 => lines.push(match subset {
            Subset::Usable => format!("{} See `cluster-faces --low-quality`.", excluded.skipped()),
            Subset::LowQuality => excluded.skipped(),
        }),
        Subset::LowQuality => lines.push("No face without a name is of low quality.".to_owned()),
        Subset::Usable => {}
    }
    lines.join("\n")
}

/// What came of it, and how to go on. `left` are the faces without a decision, and those of them that
/// are not asked about; `lower` is the threshold to go on with.
pub(crate) fn end(
    counters: &Counters,
    (undecided, excluded): (u64, u64),
    tags: &Path,
    lower: Option<f32>,
) -> String {
    let mut text = format!(
        "\n{} named in {}",
        count(counters.named, "face", "faces"),
        count(counters.clusters, "cluster", "clusters"),
    );
    if counters.suggestions > 0 {
        let suggestions = count(counters.suggestions, "suggestion", "suggestions");
        text += &format!(" and {suggestions}");
    }
    let undecided_faces = count(undecided, "face", "faces");
    text += &format!("; {undecided_faces} without a name left.");
    if counters.named > 0 {
        text += &format!("\n{}", names_are_in(tags));
    }
    if let Some(lower) = lower
        && undecided > excluded
        && lower > 0.38
    {
        text += &format!("\nFor what is left: cluster-faces --threshold {lower:.2}");
    }
    text
}

pub(crate) fn names_are_in(tags: &Path) -> String {
    let tags = tags.display();
    format!("The names are in {tags}. tag-photos writes them to Flickr.")
}

/// This many rows of a listing fit a screen.
const ROWS: usize = 20;

/// The faces of low quality, one a line; not more than fit a screen where it `is_short`.
pub(crate) fn low_quality(faces: &[LowQualityFace], is_short: bool) -> String {
    let shown = if is_short { ROWS } else { faces.len() };
    let number = |value: Option<f32>, digits: usize| {
        value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
    };
    let mut rows = vec![["face", "why", "size", "score", "sharpness", "turn"].map(str::to_owned)];
    rows.extend(faces.iter().take(shown).map(|face| {
        [
            face.id.to_string(),
            face.why.to_string(),
            face.seen.size.to_string(),
            number(face.seen.score, 2),
            number(face.seen.sharpness, 1),
            number(face.seen.turn, 2),
        ]
    }));
    let mut text = aligned(&rows, &[2, 3, 4, 5]);
    if faces.len() > shown {
        text += &format!(
            "\n... and {} more; `cluster-faces --low-quality </dev/null` lists them all.",
            grouped(faces.len() - shown)
        );
    }
    text
}

/// A face of low quality, for a program.
pub(crate) fn low_quality_face(face: &LowQualityFace) -> Value {
    json!({
        "face": face.id.to_string(),
        "photo": face.photo,
        "why": face.why.to_string(),
        "size": face.seen.size,
        "score": face.seen.score,
        "sharpness": face.seen.sharpness,
        "turn": face.seen.turn,
    })
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
            "Skipped 1 face made with another encoder_model than the last download: the two cannot \
             be compared. `download --redo` encodes them again and keeps their names.\n\
             Skipped 1,203 low-quality faces: 1,200 small, 3 blurred. See `cluster-faces --low-quality`."
        );
        assert!(
            beginning(&Counts::default(), &excluded, Subset::Usable).contains("run download first")
        );
    }
}

//! What a sitting says before its first question and after its last.

use std::collections::BTreeMap;

use flickr_faces::{
    config::Config,
    naming::{quality_filter::RejectReason, suggest::coverage},
    steps::naming::{LowQualityFace, Subset, Suggestion, View},
    store::Counts,
};
use flickr_faces_terminal::text::{count, grouped};
use serde_json::{Value, json};

use crate::sitting::Tally;

/// Faces without a name that are in no cluster.
pub(crate) struct Outside {
    /// Those that the gate leaves out.
    pub(crate) gate: BTreeMap<RejectReason, u64>,
    /// Those that another descriptor network encoded.
    pub(crate) other_encoder: u64,
}

impl Outside {
    pub(crate) fn new(left_out: &[LowQualityFace], other_encoder: u64) -> Self {
        let mut gate = BTreeMap::new();
        for face in left_out {
            *gate.entry(face.why).or_default() += 1;
        }
        Self {
            gate,
            other_encoder,
        }
    }

    pub(crate) fn by_gate(&self) -> u64 {
        self.gate.values().sum()
    }

    pub(crate) fn all(&self) -> u64 {
        self.by_gate() + self.other_encoder
    }

    /// `20 small, 3 blurred`.
    fn reasons(&self) -> String {
        let reasons = self.gate.iter();
        let reasons: Vec<_> = reasons
            .map(|(why, faces)| format!("{} {why}", grouped(*faces)))
            .collect();
        reasons.join(", ")
    }
}

/// Where the whole store stands.
pub(crate) fn beginning(counts: &Counts, outside: &Outside, subset: Subset) -> String {
    if counts.faces == 0 {
        return "There are no faces in the store yet: run download first.\n".to_owned();
    }
    if counts.undecided == 0 {
        return "Every face has a name or another answer: nothing to ask.\n".to_owned();
    }
    let mut text = String::new();
    if outside.other_encoder > 0 {
        text += &format!(
            "{} made with another encoder_model than the last download had, and the two cannot be \
             compared. `download --redo` encodes anew; names stay.\n",
            count(
                outside.other_encoder,
                "face without a name is left out: it was",
                "faces without a name are left out: they were",
            ),
        );
    }
    let left_out = outside.by_gate();
    match subset {
        Subset::Usable if left_out > 0 => {
            text += &format!(
                "{} left out as too poor to be grouped: {}. `cluster-faces --left-out` shows {}.\n",
                count(left_out, "face is", "faces are"),
                outside.reasons(),
                if left_out == 1 { "it" } else { "them" },
            );
        }
        Subset::LowQuality if left_out == 0 => {
            text += "No face without a name is too poor to be grouped: nothing is left out.\n";
        }
        Subset::LowQuality => {
            text += &format!(
                "{} left out as too poor to be grouped: {}.\n",
                count(left_out, "face is", "faces are"),
                outside.reasons(),
            );
        }
        Subset::Usable => {}
    }
    text
}

/// What a step asks about. `place` is its place in a sweep.
pub(crate) fn step(
    view: &View,
    suggestions: &[Suggestion],
    least: usize,
    place: Option<(usize, usize)>,
) -> String {
    let clusters = count(view.asked().len() as u64, "cluster", "clusters");
    let faces = count(view.faces as u64, "face", "faces");
    let mut text = match place {
        Some((number, of)) => format!(
            "\nThreshold {}, {number} of {of}: {faces} left without a name; they form {clusters} \
             of {least} or more",
            view.threshold,
        ),
        None => format!(
            "{faces} without a name; at threshold {} they form {clusters} of {least} or more",
            view.threshold,
        ),
    };
    let (_, small_faces) = view.small();
    if small_faces > 0 {
        text += &format!(
            " ({} in smaller ones)",
            count(small_faces as u64, "face", "faces")
        );
    }
    text += ".\n";
    let suggested: usize = suggestions.iter().map(|s| s.faces.len()).sum();
    if suggested > 0 {
        text += &format!(
            "{} first, for {}.\n",
            count(
                suggestions.len() as u64,
                "question about people who have a name already comes",
                "questions about people who have a name already come",
            ),
            count(suggested as u64, "face", "faces"),
        );
    }
    let questions = plan(view, suggestions);
    if let (answers @ 2.., percent) = coverage(questions, view.faces) {
        text += &format!(
            "{} answers cover {percent}% of the faces.\n",
            grouped(answers as u64)
        );
    }
    text
}

/// The faces that each question to come is about: the suggestions, then the clusters.
fn plan(view: &View, suggestions: &[Suggestion]) -> Vec<usize> {
    let suggested = suggestions.iter().map(|suggestion| suggestion.faces.len());
    suggested
        .chain(clusters_without(view, suggestions))
        .collect()
}

/// How many faces are left of each cluster, the most first, when those that are suggested are decided.
pub(crate) fn clusters_without(view: &View, suggestions: &[Suggestion]) -> Vec<usize> {
    let mut left: Vec<usize> = view.asked().iter().map(|c| c.faces.len()).collect();
    for face in suggestions.iter().flat_map(|suggestion| &suggestion.faces) {
        if let Some(cluster) = view.cluster_of(&face.id)
            && let Some(left) = left.get_mut(cluster)
        {
            *left = left.saturating_sub(1);
        }
    }
    left.sort_unstable_by(|a, b| b.cmp(a));
    left.retain(|left| *left > 0);
    left
}

/// What came of it, and how to go on. `lower` is the threshold to go on with.
pub(crate) fn end(
    tally: &Tally,
    after: &Counts,
    outside: &Outside,
    config: &Config,
    lower: Option<f32>,
) -> String {
    let mut text = format!(
        "\n{} named in {}",
        count(tally.named, "face", "faces"),
        count(tally.clusters, "cluster", "clusters"),
    );
    if tally.suggestions > 0 {
        text += &format!(
            " and {}",
            count(tally.suggestions, "suggestion", "suggestions")
        );
    }
    text += &format!(
        "; {} without a name left.\n",
        count(after.undecided, "face", "faces"),
    );
    if tally.named > 0 {
        text += &format!(
            "The names are in {}. tag-photos writes them to Flickr.\n",
            config.tags.display()
        );
    }
    if let Some(lower) = lower
        && after.undecided > outside.all()
        && lower > 0.38
    {
        text += &format!("For what is left: cluster-faces --threshold {lower:.2}\n");
    }
    text
}

/// So many rows of a listing fit a screen.
const ROWS: usize = 20;

/// The faces that are left out, one a line; not more than fit a screen where it `is_short`.
pub(crate) fn listing(faces: &[LowQualityFace], is_short: bool) -> String {
    let rows = if is_short { ROWS } else { faces.len() };
    let mut text = format!(
        "{:<24}{:<13}{:>5}{:>7}{:>11}{:>6}\n",
        "face", "why", "size", "score", "sharpness", "turn"
    );
    let number = |value: Option<f32>, digits: usize| {
        value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
    };
    for face in faces.iter().take(rows) {
        text += &format!(
            "{:<24}{:<13}{:>5}{:>7}{:>11}{:>6}\n",
            face.id.to_string(),
            face.why,
            face.seen.size,
            number(face.seen.score, 2),
            number(face.seen.sharpness, 1),
            number(face.seen.turn, 2),
        );
    }
    if faces.len() > rows {
        text += &format!(
            "... and {} more; `cluster-faces --left-out </dev/null` lists them all.\n",
            grouped((faces.len() - rows) as u64)
        );
    }
    text
}

/// A face that the gate leaves out, for a program.
pub(crate) fn left_out_face(face: &LowQualityFace) -> Value {
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
    fn faces_outside_are_counted_by_reason() {
        let outside = Outside {
            gate: BTreeMap::from([(RejectReason::Blurred, 3), (RejectReason::Small, 1200)]),
            other_encoder: 1,
        };
        assert_eq!((outside.by_gate(), outside.all()), (1203, 1204));
        let counts = Counts {
            faces: 2000,
            undecided: 1500,
            ..Counts::default()
        };
        assert_eq!(
            beginning(&counts, &outside, Subset::Usable),
            "1 face without a name is left out: it was made with another encoder_model than the \
             last download had, and the two cannot be compared. `download --redo` encodes anew; \
             names stay.\n\
             1,203 faces are left out as too poor to be grouped: 1,200 small, 3 blurred. \
             `cluster-faces --left-out` shows them.\n"
        );
        assert!(
            beginning(&Counts::default(), &outside, Subset::Usable).contains("run download first")
        );
    }
}

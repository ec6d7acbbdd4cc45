//! What all requests share: the session, and the lists that pages have shown.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use flickr_faces::{
    steps::{
        StepError,
        naming::{Cluster, Member, Session, Subset, Suggestion, View},
    },
    store::{FaceId, FaceState},
};
use tokio::sync::Semaphore;

use crate::{guard::Guard, kept::Kept, problem::Problem};

/// One server.
pub(crate) struct App {
    pub(crate) session: Session,
    /// Faces in the store when the session began.
    pub(crate) begun_with: u64,
    pub(crate) guard: Arc<Guard>,
    pub(crate) sheets: Kept<Sheet>,
    pub(crate) boards: Kept<Board>,
    pub(crate) queues: Kept<Vec<Suggestion>>,
    pub(crate) notes: Kept<Note>,
    /// Photos are made small two at a time: a decoded one needs memory.
    pub(crate) drawing: Semaphore,
    groupings: Mutex<Vec<Arc<View>>>,
}

/// Faces as a page has shown them.
#[derive(Debug)]
pub(crate) struct Sheet {
    pub(crate) faces: Vec<Member>,
    /// What all of them were when they were shown.
    pub(crate) believed: FaceState,
}

/// Clusters as a page has shown them: places in the view.
#[derive(Debug)]
pub(crate) struct Board {
    pub(crate) view: Arc<View>,
    pub(crate) order: Vec<usize>,
}

/// What an answer did, shown on the next page.
#[derive(Debug, Default)]
pub(crate) struct Note {
    pub(crate) text: String,
    /// What else there is to know.
    pub(crate) more: Vec<String>,
    /// The entry of the journal that takes it back.
    pub(crate) entry: Option<i64>,
    /// Faces that were left out of a name because they were once said not to be that person.
    pub(crate) force: Option<Force>,
}

/// A name for faces that were once said not to be that person.
#[derive(Debug)]
pub(crate) struct Force {
    pub(crate) sheet: u64,
    pub(crate) places: Vec<usize>,
    pub(crate) name: String,
}

/// Faces or clusters in all lists that are kept, some 100 bytes each.
const MOST_KEPT: usize = 500_000;

/// Groupings kept, one for each threshold that was looked at.
const GROUPINGS: usize = 6;

impl App {
    pub(crate) fn new(session: Session, begun_with: u64, guard: Arc<Guard>) -> Self {
        Self {
            session,
            begun_with,
            guard,
            sheets: Kept::new(MOST_KEPT),
            boards: Kept::new(MOST_KEPT),
            queues: Kept::new(MOST_KEPT),
            notes: Kept::new(64),
            drawing: Semaphore::new(2),
            groupings: Mutex::default(),
        }
    }

    /// The clusters at a threshold. They stay the same while they are being named, so that one that is
    /// being looked at does not fall apart; `anew` groups again what is still undecided.
    pub(crate) async fn view(&self, threshold: f32, anew: bool) -> Result<Arc<View>, Problem> {
        let same = |view: &Arc<View>| view.threshold.to_bits() == threshold.to_bits();
        if !anew {
            let kept = self
                .groupings
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if let Some(view) = kept.iter().find(|view| same(view)) {
                return Ok(Arc::clone(view));
            }
        }
        let view = self.session.view(threshold, Subset::Usable).await?;
        let mut kept = self
            .groupings
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        kept.retain(|kept| !same(kept));
        kept.push(Arc::clone(&view));
        if kept.len() > GROUPINGS {
            kept.remove(0);
        }
        Ok(view)
    }

    /// Keeps a list of faces that a page shows.
    pub(crate) fn sheet(&self, faces: Vec<Member>, believed: FaceState) -> (u64, Arc<Sheet>) {
        let sheet = Arc::new(Sheet { faces, believed });
        (
            self.sheets.keep(Arc::clone(&sheet), sheet.faces.len()),
            sheet,
        )
    }

    /// The faces of a cluster that are still undecided.
    pub(crate) fn undecided(&self, cluster: &Cluster) -> Vec<Member> {
        let open = |member: &&Member| self.state(&member.id) == FaceState::Unnamed;
        cluster.faces.iter().filter(open).cloned().collect()
    }

    /// How many of them there are.
    pub(crate) fn count_undecided(&self, cluster: &Cluster) -> usize {
        let open = |member: &&Member| self.state(&member.id) == FaceState::Unnamed;
        cluster.faces.iter().filter(open).count()
    }

    /// Whether a cluster has as many undecided faces as are asked about.
    pub(crate) fn is_open(&self, cluster: &Cluster) -> bool {
        self.count_undecided(cluster) >= self.session.settings().min_cluster.max(1)
    }

    /// The next cluster after `place` that is still to be asked about.
    pub(crate) fn next_open(&self, view: &View, place: usize) -> Option<usize> {
        let clusters = view.asked().iter().enumerate().skip(place + 1);
        clusters
            .filter(|(_, cluster)| self.is_open(cluster))
            .map(|(place, _)| place)
            .next()
    }

    /// What a face is now; one that is no longer there needs no decision.
    pub(crate) fn state(&self, face: &FaceId) -> FaceState {
        self.session.state(face).unwrap_or(FaceState::NotAFace)
    }

    /// The face that an address names.
    pub(crate) fn face(&self, text: &str) -> Result<FaceId, Problem> {
        self.session.face(text).ok_or(Problem::NotThere("face"))
    }

    /// A person's faces, most typical first.
    pub(crate) async fn faces_of(&self, person: i64) -> Result<Vec<Member>, Problem> {
        let session = self.session.clone();
        let sorting = tokio::task::spawn_blocking(move || session.faces_of(person));
        let sorted = sorting.await;
        Ok(sorted.map_err(|_| StepError::BrokeOff("sorting a person's faces"))?)
    }

    /// Everybody's name, by number.
    pub(crate) fn names(&self) -> HashMap<i64, String> {
        let people = self.session.people();
        people
            .into_iter()
            .map(|person| (person.id, person.name))
            .collect()
    }
}

/// What a face is, in words; nothing for one that waits for a decision.
pub(crate) fn in_words(state: FaceState, names: &HashMap<i64, String>) -> Option<String> {
    match state {
        FaceState::Unnamed => None,
        FaceState::Named(person) => Some(names.get(&person).cloned().unwrap_or_default()),
        FaceState::Ignored => Some("stranger".to_owned()),
        FaceState::NotAFace => Some("not a face".to_owned()),
    }
}

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |time| i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
}

/// `1 face`, `2,345 faces`.
pub(crate) fn count(number: usize, one: &str, more: &str) -> String {
    format!(
        "{} {}",
        grouped(number),
        if number == 1 { one } else { more }
    )
}

/// `2,345`.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        let cases = [
            (0, "0"),
            (12, "12"),
            (999, "999"),
            (1000, "1,000"),
            (1_234_567, "1,234,567"),
        ];
        for (number, text) in cases {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(count(1, "face", "faces"), "1 face");
        assert_eq!(count(1000, "face", "faces"), "1,000 faces");
    }
}

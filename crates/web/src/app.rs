//! What all requests share: the session, and the lists that pages have shown.

use flickr_faces::store::{JournalId, PersonId};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use flickr_faces::{
    steps::{
        StepError,
        naming::{Cluster, Member, Pair, Session, Subset, Suggestion, View},
        people::People,
    },
    store::{FaceId, FaceState, PersonRow},
};
use tokio::sync::Semaphore;

use crate::{guard::Guard, new_faces::NewFaces, problem::Problem, recent_lists::RecentLists};

/// One server.
pub(crate) struct App {
    pub(crate) session: Session,
    pub(crate) people: People,
    pub(crate) new_faces: NewFaces,
    pub(crate) guard: Arc<Guard>,
    pub(crate) face_lists: RecentLists<FaceList>,
    pub(crate) cluster_lists: RecentLists<ClusterList>,
    /// Screens of suggestions.
    pub(crate) suggestion_lists: RecentLists<Vec<Vec<Suggestion>>>,
    pub(crate) pair_lists: RecentLists<Vec<Pair>>,
    pub(crate) notices: RecentLists<Notice>,
    /// Two photos are scaled down at a time: a decoded photo needs memory.
    pub(crate) scaling: Semaphore,
    views: Mutex<Vec<Arc<View>>>,
    /// The face that stands for each person; another one only once that is no longer theirs.
    covers: Mutex<HashMap<PersonId, FaceId>>,
}

/// Faces as a page has shown them.
#[derive(Debug)]
pub(crate) struct FaceList {
    pub(crate) faces: Vec<Member>,
    /// The state that all of them had when they were shown.
    pub(crate) expected_state: FaceState,
}

/// Clusters as a page has shown them: indices of [`View::clusters`].
#[derive(Debug)]
pub(crate) struct ClusterList {
    pub(crate) view: Arc<View>,
    pub(crate) order: Vec<usize>,
}

/// What an answer did, shown on the next page.
#[derive(Debug, Default)]
pub(crate) struct Notice {
    /// Sentences, the most important first.
    pub(crate) lines: Vec<String>,
    /// The journal entry that Undo takes back.
    pub(crate) entry: Option<JournalId>,
    /// A name that is given only after a second look.
    pub(crate) unconfirmed: Option<Unconfirmed>,
    /// The name that was given.
    pub(crate) name: Option<String>,
}

/// A name that may be a slip, or that the faces were rejected as before.
#[derive(Debug)]
pub(crate) struct Unconfirmed {
    pub(crate) list: u64,
    /// Indices of the faces to name.
    pub(crate) indices: Vec<usize>,
    /// Indices of the faces that are someone else's.
    pub(crate) out: Vec<usize>,
    pub(crate) name: String,
}

/// Faces or clusters in all lists that are remembered, about 100 bytes each.
const MAX_LISTED: usize = 500_000;

/// Views that are remembered, one for each threshold.
const MAX_VIEWS: usize = 6;

impl App {
    pub(crate) fn new(session: Session, new_faces: NewFaces, guard: Arc<Guard>) -> Self {
        let settings = session.settings();
        let (tags, distances) = (settings.tags.clone(), settings.distances.clone());
        Self {
            people: People::new(session.store().clone(), tags, distances),
            session,
            new_faces,
            guard,
            face_lists: RecentLists::new(MAX_LISTED),
            cluster_lists: RecentLists::new(MAX_LISTED),
            suggestion_lists: RecentLists::new(MAX_LISTED),
            pair_lists: RecentLists::new(MAX_LISTED),
            notices: RecentLists::new(64),
            scaling: Semaphore::new(2),
            views: Mutex::default(),
            covers: Mutex::default(),
        }
    }

    /// The clusters at a threshold. They stay the same while they are being named, so that the one on
    /// the screen does not fall apart; `regroup` clusters what is still unnamed again.
    pub(crate) async fn view(&self, threshold: f32, regroup: bool) -> Result<Arc<View>, Problem> {
        let same = |view: &Arc<View>| view.threshold.to_bits() == threshold.to_bits();
        if !regroup && let Some(view) = self.views().iter().find(|view| same(view)) {
            return Ok(Arc::clone(view));
        }
        let view = self.session.view(threshold, Subset::Usable).await?;
        let mut views = self.views();
        views.retain(|known| !same(known));
        views.push(Arc::clone(&view));
        if views.len() > MAX_VIEWS {
            views.remove(0);
        }
        Ok(view)
    }

    fn views(&self) -> MutexGuard<'_, Vec<Arc<View>>> {
        self.views.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers faces that a page shows, all of which are in `expected_state`; the list and its number.
    pub(crate) fn list(
        &self,
        faces: Vec<Member>,
        expected_state: FaceState,
    ) -> (u64, Arc<FaceList>) {
        let list = Arc::new(FaceList {
            faces,
            expected_state,
        });
        let number = self.face_lists.insert(Arc::clone(&list), list.faces.len());
        (number, list)
    }

    /// The faces of a cluster that are still unnamed.
    pub(crate) fn unnamed<'c>(&self, cluster: &'c Cluster) -> impl Iterator<Item = &'c Member> {
        let unnamed = |member: &&Member| self.state(&member.id) == FaceState::Unnamed;
        cluster.faces.iter().filter(unnamed)
    }

    /// The smallest number of unnamed faces that makes a cluster worth a question.
    pub(crate) fn min_cluster(&self) -> usize {
        self.session.settings().min_cluster.max(1)
    }

    /// What a face is now; one that is no longer there needs no decision.
    pub(crate) fn state(&self, face: &FaceId) -> FaceState {
        self.session.state(face).unwrap_or(FaceState::NotAFace)
    }

    pub(crate) fn person(&self, id: PersonId) -> Result<PersonRow, Problem> {
        let mut people = self.session.people().into_iter();
        let person = people.find(|person| person.id == id);
        person.ok_or(Problem::NotFound("person"))
    }

    /// A person's faces, most typical first.
    pub(crate) async fn faces_of(&self, person: PersonId) -> Result<Vec<Member>, Problem> {
        let session = self.session.clone();
        let sorting = tokio::task::spawn_blocking(move || session.faces_of(person));
        let sorted = sorting.await;
        Ok(sorted.map_err(|_| StepError::TaskFailed("sorting a person's faces"))?)
    }

    /// The face that stands for a person: the chosen one, or else the most typical one when it was first asked for.
    pub(crate) async fn cover(&self, person: PersonId) -> Result<Option<FaceId>, Problem> {
        let covers = || self.covers.lock().unwrap_or_else(PoisonError::into_inner);
        let known = covers().get(&person).cloned();
        if let Some(face) = known
            && self.state(&face) == FaceState::Named(person)
        {
            return Ok(Some(face));
        }
        let chosen = self.session.store().cover(person).await?;
        let first = match chosen.filter(|face| self.state(face) == FaceState::Named(person)) {
            Some(face) => Some(face),
            None => self
                .faces_of(person)
                .await?
                .into_iter()
                .next()
                .map(|face| face.id),
        };
        if let Some(face) = &first {
            covers().insert(person, face.clone());
        }
        Ok(first)
    }

    /// Lets a face stand for a person.
    pub(crate) async fn set_cover(&self, person: PersonId, face: &FaceId) -> Result<(), Problem> {
        self.session.store().set_cover(person, face).await?;
        let mut covers = self.covers.lock().unwrap_or_else(PoisonError::into_inner);
        covers.insert(person, face.clone());
        Ok(())
    }

    /// The name of each person, by id.
    pub(crate) fn names(&self) -> HashMap<PersonId, String> {
        let people = self.session.people().into_iter();
        people.map(|person| (person.id, person.name)).collect()
    }
}

/// The face that a path names by its id.
pub(crate) struct PathFace(pub(crate) FaceId);

/// The person that a path names by their id.
pub(crate) struct PathPerson(pub(crate) PersonRow);

impl FromRequestParts<Arc<App>> for PathFace {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let id: String = in_path(parts, "face").await?;
        let face = app.session.face(&id);
        face.map(Self).ok_or(Problem::NotFound("face"))
    }
}

impl FromRequestParts<Arc<App>> for PathPerson {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let id = in_path(parts, "person").await?;
        app.session.refresh().await?;
        app.person(id).map(Self)
    }
}

async fn in_path<T>(parts: &mut Parts, what: &'static str) -> Result<T, Problem>
where
    Path<T>: FromRequestParts<()>,
{
    let path = Path::from_request_parts(parts, &()).await;
    path.map(|Path(value)| value)
        .map_err(|_| Problem::NotFound(what))
}

/// What a face is, in words; `None` for one without a decision.
pub(crate) fn state_label(state: FaceState, names: &HashMap<PersonId, String>) -> Option<String> {
    match state {
        FaceState::Unnamed => None,
        FaceState::Named(person) => Some(names.get(&person).cloned().unwrap_or_default()),
        FaceState::Ignored => Some("stranger".to_owned()),
        FaceState::NotAFace => Some("not a face".to_owned()),
    }
}

//! Faces → names: the step behind `cluster-faces`, at the terminal and in the browser.
//!
//! A [`Session`] reads the faces and finds their neighbours once. What is not decided can then be
//! grouped at any threshold within a moment ([`Session::view`]), and compared with the people who
//! have names ([`Session::suggestions`]). Each answer is in the store's journal and in tags.json
//! before the next question. Others may answer meanwhile, from another tab or program: the store
//! has the truth, [`Session::refresh`] takes it over.
//!
//! Asking and showing is the programs' business.

mod choices;
mod crowding;
mod decide;
mod group_pairs;
mod library;
mod likeness;
mod members;
mod nearest;
mod pairs;
mod pictures;
mod remaining;
mod rows;
mod said;
mod settings;
mod suggestion;
mod suggestions;
mod twice;
mod view;

#[cfg(test)]
pub(crate) mod tests;

use std::{
    borrow::Cow,
    collections::{HashMap, VecDeque},
    ops::ControlFlow,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use self::library::{Compared, Known, Library, taken_apart};
pub use self::{
    choices::NameChoice,
    decide::{Answer, Answered},
    members::Member,
    pairs::{Pair, Side},
    pictures::FacePicture,
    remaining::Remaining,
    rows::{ACROSS, LINES, Room, RowAnswer, screens, screens_in},
    settings::{Settings, Subset},
    suggestion::{SHOWN, Suggestion, Why},
    twice::twice_words,
    view::{Cluster, View},
};
use super::{StepError, blocking::blocking, cohort::cohort, tags_json::Saver};
use crate::{
    boxed,
    cluster::{self, CacheMiss, CachedGraph, Grouping, Report, Search, Stopped},
    naming::{FaceQuality, RejectReason},
    progress::{Progress, Unit},
    store::{Counts, FaceId, FaceState, FlickrNames, PersonId, PersonRow, PhotoId, Store},
};

/// A face without a decision that is not good enough to be grouped.
#[derive(Debug, Clone, PartialEq)]
pub struct LowQualityFace {
    /// The face.
    pub id: FaceId,
    /// Flickr's id of its photo.
    pub photo: PhotoId,
    /// How well it can be seen.
    pub seen: FaceQuality,
    /// What is wrong with it.
    pub why: RejectReason,
}

/// Faces, their neighbours and what was decided. Clones are one and the same session.
#[derive(Debug, Clone)]
pub struct Session(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    saver: Arc<Saver>,
    settings: Settings,
    library: Arc<Library>,
    widest: f32,
    notices: Vec<String>,
    known: RwLock<Arc<Known>>,
    /// What contacts and tags are called on Flickr.
    flickr_names: FlickrNames,
    views: Mutex<VecDeque<Arc<View>>>,
    /// Held while what was decided is read.
    reading: tokio::sync::Mutex<()>,
    /// Held while a view is made: a second one who wants the same finds it made.
    grouping: tokio::sync::Mutex<()>,
    /// Held from a decision to tags.json, so that the file ends with the last one.
    deciding: tokio::sync::Mutex<()>,
}

/// Views that are kept, so that a slider that goes back, and two tabs, find theirs again.
const VIEWS: usize = 8;

impl Session {
    /// Reads the faces and finds those that are near each other, on all cores. Faces that another
    /// descriptor network than that of the last `download` has encoded are skipped: their
    /// distances to the others mean nothing.
    ///
    /// # Errors
    /// Where the store cannot be read.
    #[boxed]
    pub async fn begin(
        store: Store,
        settings: Settings,
        progress: Arc<dyn Progress>,
    ) -> Result<Self, StepError> {
        progress.busy("reading the faces");
        // Before the faces are read: where it is a new one, what they have of an old one is forgotten.
        let cohort = cohort(&store, &settings.distances).await?;
        // What is decided while the rest is read then counts as news.
        let revision = store.revision().await?;
        let faces = store.faces().await?;
        let states = faces.iter().map(|face| face.state).collect();
        let crowding = crowding::of(&store, &settings, cohort, &faces, &*progress).await?;
        let tags = store.tags_of_undecided().await?;
        let flickr_names = store.flickr_names().await?;
        let widest = (settings.threshold).max(cluster::search_width(faces.len()));
        let (making, telling) = (settings.clone(), Arc::clone(&progress));
        let making = blocking("comparing the faces", move || {
            let (faces, descriptors) = taken_apart(faces);
            let compared = Compared {
                descriptors,
                crowding: crowding.numbers,
            };
            let kept = near_pairs(&compared, widest, &making, &*telling)?;
            let notices = crowding.notice.into_iter().chain(making.notice());
            let notices = notices.chain(notices_of(&kept, &making));
            let notices = notices.collect();
            let graph = kept.neighbours.graph;
            let library = Library::new(faces, compared, tags, &making, graph);
            Ok::<_, Stopped>((library, notices))
        });
        let stopped = |Stopped| StepError::TaskFailed("comparing the faces");
        let (library, notices) = making.await?.map_err(stopped)?;
        let known = Known::read(&store, &library, revision, states).await?;
        Ok(Self(Arc::new(Inner {
            saver: Saver::new(store.clone(), settings.tags.clone()),
            store,
            settings,
            library: Arc::new(library),
            widest,
            notices,
            known: RwLock::new(Arc::new(known)),
            flickr_names,
            views: Mutex::default(),
            reading: tokio::sync::Mutex::default(),
            grouping: tokio::sync::Mutex::default(),
            deciding: tokio::sync::Mutex::default(),
        })))
    }

    /// How faces are grouped.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The store it works on.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// What the person should know of the comparison of faces: sentences, without an end mark.
    #[must_use]
    pub fn notices(&self) -> &[String] {
        &self.0.notices
    }

    fn known(&self) -> Arc<Known> {
        let known = self.0.known.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&known)
    }

    /// Takes over what was decided since, here or elsewhere. Returns whether anything was. Faces that were
    /// stored since are not among these: they take a new session.
    ///
    /// # Errors
    /// Where the store cannot be read.
    #[boxed]
    pub async fn refresh(&self) -> Result<bool, StepError> {
        // Two at once could put back what was before.
        let _one_at_a_time = self.0.reading.lock().await;
        let before = self.known();
        let Some(known) = before.updated(&self.0.store, &self.0.library).await? else {
            return Ok(false);
        };
        let mut held = self.0.known.write().unwrap_or_else(PoisonError::into_inner);
        *held = Arc::new(known);
        Ok(true)
    }

    /// A number that grows with every decision, as of what is known here.
    #[must_use]
    pub fn revision(&self) -> i64 {
        self.known().revision
    }

    /// How many faces there are, decided or not, that can be compared.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.library.ids.len()
    }

    /// How many of them have no decision, of low quality or not. Nothing is read for it.
    #[must_use]
    pub fn undecided(&self) -> usize {
        let known = self.known();
        let undecided = known.states.iter();
        undecided
            .filter(|&&state| state == FaceState::Unnamed)
            .count()
    }

    /// Whether there is no face at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The face with this id; `None` where it is not one of these.
    #[must_use]
    pub fn face(&self, id: &str) -> Option<FaceId> {
        let face: FaceId = id.parse().ok()?;
        self.0.library.number(&face).map(|_| face)
    }

    /// What was decided about a face; `None` where it is not one of these.
    #[must_use]
    pub fn state(&self, face: &FaceId) -> Option<FaceState> {
        let number = self.0.library.number(face)?;
        self.known().states.get(number as usize).copied()
    }

    /// The names of the people who have faces, by name.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let known = self.known();
        known.people.iter().map(|row| row.name.clone()).collect()
    }

    /// The people who have faces, by name.
    #[must_use]
    pub fn people(&self) -> Vec<PersonRow> {
        self.known().people.to_vec()
    }

    /// The place of each person's newest face in the order of upload.
    #[must_use]
    pub fn newest(&self) -> HashMap<PersonId, usize> {
        let known = self.known();
        let mut newest = HashMap::new();
        for (place, state) in known.states.iter().enumerate() {
            if let FaceState::Named(person) = *state {
                newest.insert(person, place);
            }
        }
        newest
    }

    /// A person's faces, the most typical first.
    #[must_use]
    pub fn faces_of(&self, person: PersonId) -> Vec<Member> {
        let library = &self.0.library;
        members::typical_first(library, &mut library.faces_of(&self.known(), person))
    }

    /// The faces that were decided to be this, in the order of upload.
    #[must_use]
    pub fn decided_as(&self, state: FaceState) -> Vec<Member> {
        let (library, known) = (&self.0.library, self.known());
        let decided = (0..library.ids.len() as u32)
            .filter(|&face| known.states[face as usize] == state)
            .map(|face| Member {
                id: library.ids[face as usize].clone(),
                photo: library.photo_of(face).clone(),
                distance: 0.0,
                outlier: false,
            });
        decided.collect()
    }

    /// The faces without a decision that are not good enough to be grouped, in the order of upload.
    #[must_use]
    pub fn low_quality(&self) -> Vec<LowQualityFace> {
        let library = &self.0.library;
        let faces = library.subset(&self.known(), Subset::LowQuality);
        faces
            .into_iter()
            .filter_map(|face| {
                Some(LowQualityFace {
                    id: library.ids[face as usize].clone(),
                    photo: library.photo_of(face).clone(),
                    seen: library.seen[face as usize],
                    why: library.refused[face as usize]?,
                })
            })
            .collect()
    }

    /// Photos and faces of the whole store, all of which is read: once in a while, not for each answer.
    ///
    /// # Errors
    /// Where the store cannot be read.
    #[boxed]
    pub async fn counts(&self) -> Result<Counts, StepError> {
        Ok(self.0.store.counts().await?)
    }

    /// How many faces without a decision cannot be compared, because another descriptor network
    /// encoded them.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn other_encoder(&self) -> Result<u64, StepError> {
        Ok(self.0.store.undecided_of_other_encoders().await?)
    }

    /// The widest threshold that faces can be grouped at: so far apart they were compared.
    #[must_use]
    pub fn widest(&self) -> f32 {
        self.0.widest
    }

    /// Groups what is not decided, on all cores: faces of `subset` nearer than `threshold`, at most
    /// the largest that was searched.
    ///
    /// # Errors
    /// Where the task breaks off.
    #[boxed]
    pub async fn view(&self, threshold: f32, subset: Subset) -> Result<Arc<View>, StepError> {
        let threshold = threshold.min(self.0.widest);
        let _one_at_a_time = self.0.grouping.lock().await;
        let known = self.known();
        if let Some(view) = self.kept(threshold, subset, known.revision) {
            return Ok(view);
        }
        let (library, settings) = (Arc::clone(&self.0.library), self.0.settings.clone());
        let view = blocking("clustering", move || {
            Arc::new(View::new(&library, known, &settings, threshold, subset))
        });
        let view = view.await?;
        let mut views = self.0.views.lock().unwrap_or_else(PoisonError::into_inner);
        // Of before an answer they serve nobody, and each is as large as the library.
        views.retain(|kept| kept.revision == view.revision);
        views.truncate(VIEWS - 1);
        views.push_front(Arc::clone(&view));
        Ok(view)
    }

    /// A view that was made before.
    fn kept(&self, threshold: f32, subset: Subset, revision: i64) -> Option<Arc<View>> {
        let views = self.0.views.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |view: &&Arc<View>| {
            view.threshold == threshold && view.subset == subset && view.revision == revision
        };
        views.iter().find(same).cloned()
    }

    /// Who the faces of a view may be, the most certain first.
    ///
    /// # Errors
    /// Where the task breaks off.
    #[boxed]
    pub async fn suggestions(&self, view: &Arc<View>) -> Result<Arc<Vec<Suggestion>>, StepError> {
        let found = view.suggestions.get_or_try_init(|| async {
            let (library, settings) = (Arc::clone(&self.0.library), self.0.settings.clone());
            let view = Arc::clone(view);
            blocking("comparing the faces with the people", move || {
                Arc::new(suggestions::suggestions(&library, &view, &settings))
            })
            .await
        });
        Ok(Arc::clone(found.await?))
    }

    /// Which people, and which groups of a view, may be the same person: they are near and share no photo. The nearest
    /// first. A page shows a screen of them, and gives the answer to [`Self::decide_pairs`].
    ///
    /// # Errors
    /// Where the task breaks off.
    #[boxed]
    pub async fn pairs(&self, view: &Arc<View>) -> Result<Vec<Pair>, StepError> {
        let (library, settings) = (Arc::clone(&self.0.library), self.0.settings.clone());
        let view = Arc::clone(view);
        blocking("comparing the people with each other", move || {
            pairs::pairs(&library, &view, &settings)
        })
        .await
    }

    /// A view without the faces that have got an answer since, and with what was said of its clusters since: it takes a
    /// moment where to group anew what is left takes seconds.
    ///
    /// # Errors
    /// Where the task breaks off.
    #[boxed]
    pub(crate) async fn without_answered(&self, view: &Arc<View>) -> Result<Arc<View>, StepError> {
        let known = self.known();
        if known.revision == view.revision {
            return Ok(Arc::clone(view));
        }
        let (library, settings) = (Arc::clone(&self.0.library), self.0.settings.clone());
        let view = Arc::clone(view);
        blocking("leaving out what is answered", move || {
            Arc::new(view.without_answered(&library, known, &settings))
        })
        .await
    }

    /// What each of [`cluster::THRESHOLDS`] up to the [widest](Self::widest) would give, and which to begin at, over all
    /// faces that are good enough and are faces, named ones too; and how many these are.
    ///
    /// # Errors
    /// Where the task breaks off.
    #[boxed]
    pub async fn report(&self) -> Result<(usize, Report), StepError> {
        let (library, known) = (Arc::clone(&self.0.library), self.known());
        let settings = self.0.settings.clone();
        let mut thresholds = cluster::THRESHOLDS.to_vec();
        thresholds.retain(|&threshold| threshold <= self.0.widest);
        let reporting = blocking("reporting on the thresholds", move || {
            let is_good = |face: &u32| {
                let face = *face as usize;
                library.refused[face].is_none() && known.states[face] != FaceState::NotAFace
            };
            let faces: Vec<u32> = (0..library.ids.len() as u32).filter(is_good).collect();
            let photos: Vec<u32> = faces.iter().map(|&f| library.photo[f as usize]).collect();
            let grouping = Grouping {
                method: settings.method,
                seed: settings.seed,
                photos: (!settings.same_photo).then_some(&photos[..]),
            };
            let graph = match faces.len() == library.ids.len() {
                true => Cow::Borrowed(&library.graph),
                false => Cow::Owned(library.graph.subgraph(&faces)),
            };
            let report = cluster::report(
                &graph,
                &library.compared.points(&faces),
                &photos,
                &grouping,
                &thresholds,
                settings.min_cluster,
            );
            (faces.len(), report)
        });
        reporting.await
    }

    /// The faces of a suggestion that are still to be asked about: no decision was taken meanwhile,
    /// and the person was not found in their photos.
    #[must_use]
    pub fn still_open(&self, suggestion: &Suggestion) -> Vec<Member> {
        let (library, known) = (&self.0.library, self.known());
        let person = suggestion.person;
        if !known.people.iter().any(|row| row.id == person) {
            return Vec::new();
        }
        let open = |face: &&Member| {
            library.number(&face.id).is_some_and(|number| {
                known.states[number as usize] == FaceState::Unnamed
                    && !known.rejected.contains(&(number, person))
                    && (self.0.settings.same_photo || !library.is_shown(&known, number, person))
            })
        };
        suggestion.faces.iter().filter(open).cloned().collect()
    }
}

/// The pairs of similar faces.
fn near_pairs(
    faces: &Compared,
    widest: f32,
    settings: &Settings,
    progress: &dyn Progress,
) -> Result<CachedGraph, Stopped> {
    let bar = progress.bar("comparing faces", Unit::Pairs);
    let search = Search {
        threshold: widest,
        memory: settings.memory,
        progress: &|done, pairs| {
            bar.set_length(pairs);
            bar.set_position(done);
            ControlFlow::Continue(())
        },
    };
    let kept = cluster::load_or_search(&settings.neighbours, &faces.all(), &search)?;
    bar.finish();
    tracing::info!(
        "{} faces compared before, {} compared now, {} gone",
        kept.known,
        kept.new,
        kept.gone
    );
    Ok(kept)
}

/// What is worth telling of the pairs.
fn notices_of(kept: &CachedGraph, settings: &Settings) -> Vec<String> {
    let file = settings.neighbours.display();
    let again = match &kept.miss {
        Some(why @ (CacheMiss::Unreadable(_) | CacheMiss::Foreign | CacheMiss::Damaged)) => {
            Some(format!("{file} {why}: all faces were compared again"))
        }
        // After another threshold, memory or network that is what happens.
        _ => None,
    };
    let unsaved = kept.unsaved.as_ref();
    let unsaved = unsaved.map(|error| format!("{error}: the next comparison takes as long"));
    let cut = kept.neighbours.cut.as_ref().map(ToString::to_string);
    [cut, again, unsaved].into_iter().flatten().collect()
}

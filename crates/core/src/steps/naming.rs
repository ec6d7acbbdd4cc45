//! Faces → names: the step behind `cluster-faces`.
//!
//! A [`Session`] clusters the faces without a decision once; the program shows one cluster after the
//! other and brings the answers. Each answer is in the store and in tags.json before the next
//! question.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{StepError, clock::now};
use crate::{
    cluster,
    files::FileError,
    naming::{
        Name, PhotoId,
        montage::{self, Tile},
        tags_file::{Person, TagsFile},
    },
    store::{Counts, Decision, FaceId, Store},
};

/// How faces are clustered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Faces nearer than this are linked; above 0, at most 1.
    pub threshold: f32,
    /// The smallest cluster that is asked about, in faces.
    pub min_cluster: usize,
    /// Seed of the order of visits.
    pub seed: u64,
}

/// Clusters to ask about, and the decisions of this sitting.
#[derive(Debug)]
pub struct Session {
    store: Store,
    settings: Settings,
    tags: PathBuf,
    clusters: Vec<Cluster>,
    /// Clusters below the smallest that is asked about, and their faces.
    small: (usize, usize),
    left_out: u64,
    decisions: Vec<Decided>,
}

/// Faces that look like one person, most typical first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// The faces.
    pub faces: Vec<FaceId>,
    /// In how many photos they are.
    pub photos: usize,
}

/// A decision of this sitting, kept for undo.
#[derive(Debug)]
struct Decided {
    /// Its entry in the journal.
    entry: i64,
    faces: usize,
    decision: Decision,
    cluster: usize,
}

/// What was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// The decision.
    pub decision: Decision,
    /// About how many faces.
    pub faces: usize,
    /// The cluster it was about: ask about it again.
    pub cluster: usize,
}

/// Where tags.json was written, and what became of changes made by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// A copy of the file as somebody had changed it since it was last written.
    pub edited_copy: Option<PathBuf>,
}

/// SHA-256 of tags.json as it was last written, to see whether somebody changed it since.
const TAGS_WRITTEN: &str = "tags_json_sha256";

impl Session {
    /// Reads the faces without a decision and clusters them, on all cores. Faces that another
    /// descriptor network than that of the last `download` has encoded are left out: their
    /// distances to the others mean nothing.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn begin(store: Store, settings: Settings, tags: PathBuf) -> Result<Self, StepError> {
        let faces = store.undecided_faces().await?;
        let undecided = store.counts().await?.undecided;
        let left_out = undecided.saturating_sub(faces.len() as u64);
        let clustered = tokio::task::spawn_blocking(move || {
            let descriptors: Vec<_> = faces.iter().map(|face| face.descriptor.0).collect();
            let graph = cluster::neighbours(&descriptors, settings.threshold);
            let labels = cluster::chinese_whispers(&graph, settings.seed);
            let mut clusters = cluster::clusters(&labels);
            for members in &mut clusters {
                cluster::most_typical_first(members, &descriptors);
            }
            (faces, clusters)
        });
        let (faces, groups) = clustered
            .await
            .map_err(|_| StepError::BrokeOff("clustering"))?;
        let mut clusters = Vec::new();
        let mut small = (0, 0);
        for group in groups {
            let members: Vec<_> = group
                .iter()
                .filter_map(|&face| faces.get(face as usize))
                .collect();
            if members.len() < settings.min_cluster {
                small = (small.0 + 1, small.1 + members.len());
                continue;
            }
            let photos: std::collections::HashSet<_> =
                members.iter().map(|face| &face.photo).collect();
            clusters.push(Cluster {
                photos: photos.len(),
                faces: members.iter().map(|face| face.id.clone()).collect(),
            });
        }
        Ok(Self {
            store,
            settings,
            tags,
            clusters,
            small,
            left_out,
            decisions: Vec::new(),
        })
    }

    /// The clusters to ask about, largest first.
    pub fn clusters(&self) -> &[Cluster] {
        &self.clusters
    }

    /// How many clusters are smaller than the smallest that is asked about, and their faces.
    pub fn small(&self) -> (usize, usize) {
        self.small
    }

    /// Faces without a decision that were left out because another descriptor network encoded them.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The names of all people, by name: for completion.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn names(&self) -> Result<Vec<String>, StepError> {
        Ok(self.store.names().await?)
    }

    /// Faces in all and faces without a decision.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn counts(&self) -> Result<Counts, StepError> {
        Ok(self.store.counts().await?)
    }

    /// Draws a cluster's faces as numbered tiles into a JPEG in `folder`. `faces` are the faces
    /// still in it with the numbers they are called by. Returns the file.
    ///
    /// # Errors
    /// Where the store cannot be read or the file cannot be written.
    pub async fn montage(
        &self,
        cluster: usize,
        faces: &[(usize, FaceId)],
        folder: &Path,
    ) -> Result<PathBuf, StepError> {
        let shown = montage::shown(faces.len());
        let chosen: Vec<_> = shown
            .iter()
            .filter_map(|&index| faces.get(index))
            .cloned()
            .collect();
        let more = faces.len() - chosen.len();
        let ids: Vec<_> = chosen.iter().map(|(_, id)| id.clone()).collect();
        let crops = self.store.crops(&ids).await?;
        let name = montage::file_name(self.settings.threshold, cluster + 1, faces.len());
        let path = folder.join(name);
        let drawing = tokio::task::spawn_blocking(move || {
            let tiles: Vec<_> = chosen
                .iter()
                .zip(&crops)
                .map(|((number, _), jpeg)| Tile {
                    number: *number,
                    jpeg,
                })
                .collect();
            montage::save(&montage::draw(&tiles, more), &path).map(|()| path)
        });
        Ok(drawing
            .await
            .map_err(|_| StepError::BrokeOff("drawing a montage"))??)
    }

    /// Decides about faces of a cluster and saves it, to the store and to tags.json. `not_them` are
    /// those that were taken out before a name was given.
    ///
    /// # Errors
    /// Where the store or tags.json cannot be written to.
    pub async fn decide(
        &mut self,
        cluster: usize,
        faces: Vec<FaceId>,
        decision: Decision,
        not_them: Vec<FaceId>,
    ) -> Result<Saved, StepError> {
        let decided = self
            .store
            .decide(&faces, &decision, &not_them, now())
            .await?;
        self.decisions.push(Decided {
            entry: decided.entry,
            faces: faces.len(),
            decision,
            cluster,
        });
        self.save_tags().await
    }

    /// Takes the last decision of this sitting back; `None` where there is none.
    ///
    /// # Errors
    /// Where the store or tags.json cannot be written to.
    pub async fn undo(&mut self) -> Result<Option<Undone>, StepError> {
        let Some(last) = self.decisions.last() else {
            return Ok(None);
        };
        self.store.undo(last.entry, now()).await?;
        let undone = Undone {
            decision: last.decision.clone(),
            faces: last.faces,
            cluster: last.cluster,
        };
        self.decisions.pop();
        self.save_tags().await?;
        Ok(Some(undone))
    }

    /// Writes every name with its photos to tags.json.
    ///
    /// # Errors
    /// Where the store cannot be read or the file cannot be written.
    pub async fn save_tags(&self) -> Result<Saved, StepError> {
        let mut file = TagsFile::new(self.store.account().await?);
        for person in self.store.people_with_photos().await? {
            // A name that an older program let through would be shown, not lost: the store has it.
            let Ok(name) = Name::new(&person.name) else {
                tracing::warn!(
                    "the name {:?} cannot be a tag: left out of tags.json",
                    person.name
                );
                continue;
            };
            file.people.push(Person {
                name,
                tag: person.tag.as_deref().and_then(|tag| Name::new(tag).ok()),
                write: !person.never_write,
                nsid: person.nsid,
                photos: person
                    .photos
                    .iter()
                    .filter_map(|photo| PhotoId::new(photo).ok())
                    .collect(),
            });
        }
        let last = self.store.fact(TAGS_WRITTEN).await?;
        let path = self.tags.clone();
        let writing = tokio::task::spawn_blocking(move || {
            let edited_copy = keep_edits(&path, last.as_deref())?;
            file.write(&path)?;
            Ok::<_, StepError>((edited_copy, hash_of(&path)?))
        });
        let (edited_copy, hash) = writing
            .await
            .map_err(|_| StepError::BrokeOff("writing tags.json"))??;
        if let Some(hash) = hash {
            self.store.set_fact(TAGS_WRITTEN, &hash).await?;
        }
        Ok(Saved { edited_copy })
    }
}

/// Copies the file aside where it is not as it was last written, so that nobody's changes are lost.
fn keep_edits(path: &Path, last: Option<&str>) -> Result<Option<PathBuf>, StepError> {
    let found = hash_of(path)?;
    if found.is_none() || found.as_deref() == last {
        return Ok(None);
    }
    let copy = (1..)
        .map(|number| path.with_extension(format!("edited-{number}.json")))
        .find(|copy| !copy.exists());
    let Some(copy) = copy else { return Ok(None) };
    std::fs::copy(path, &copy).map_err(FileError::at(&copy, "cannot write"))?;
    Ok(Some(copy))
}

fn hash_of(path: &Path) -> Result<Option<String>, FileError> {
    match std::fs::read(path) {
        Ok(bytes) => {
            let hash = Sha256::digest(&bytes);
            Ok(Some(
                hash.iter().map(|byte| format!("{byte:02x}")).collect(),
            ))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(FileError::at(path, "cannot read")(error)),
    }
}

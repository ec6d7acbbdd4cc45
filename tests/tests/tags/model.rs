//! Random accounts and actions against an independent model of what should be on Flickr.
//!
//! The model knows nothing of the journal: it knows what its owner has set by hand, which names are on
//! which faces, and what a run that went well must have left. After every action each photo is compared:
//! nothing made by hand is lost, nothing is there that nobody asked for, and a photo that is public has got
//! no names while it was.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU32,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use end_to_end::{flickr_with, sandbox};
use flickr_faces::{
    config::WriteTo,
    flickr::{ClientConfig, Flickr},
    progress::{Progress, Silent},
    steps::{
        CancellationToken,
        tagging::{NameSource, Plan, Selection, Summary, TagOptions, Undo, Undone, Verified},
    },
    store::FaceId,
};
use flickr_sandbox::{CleanRule, Fault, FaultKind, MEMBERS, NSID, NoteRect, Options, Quirks};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tempfile::TempDir;

use super::*;

const PHOTOS: usize = 5;
const ACTIONS: usize = 30;
/// How long the client takes Flickr to lag behind; the sandbox lags less.
const LAG: Duration = Duration::from_millis(40);

/// How long a listing lags behind at most.
const LISTING_LAG: Duration = Duration::from_millis(120);

/// Names, the texts of their tags, and whether they are members of Flickr.
const PEOPLE: [(&str, Option<&str>, Option<usize>); 8] = [
    ("Ada Lovelace", None, Some(1)),
    ("Zoë Hara", None, None),
    ("Zoe Hara", None, None),
    ("दीपिका", None, None),
    ("مُحَمَّد", None, None),
    ("Ada \u{1f33b}", None, None),
    ("Max A", Some("Max"), None),
    ("Max B", Some("max!"), None),
];

/// Two faces a photo, in an image of 1024x768; and where their notes lie.
const FACES: [[i32; 4]; 2] = [[100, 100, 299, 299], [600, 100, 799, 299]];
const LEFT_OF: [u32; 2] = [49, 293];

fn text_of(name: &str) -> &'static str {
    let person = PEOPLE.iter().find(|person| person.0 == name);
    person.map_or("", |person| person.1.unwrap_or(person.0))
}

/// What the owner has made, and what is asked for.
#[derive(Debug, Default)]
struct Photo {
    tags: BTreeSet<String>,
    notes: Vec<(String, NoteRect)>,
    members: BTreeSet<String>,
    public: bool,
    /// The name on each face.
    names: [Option<&'static str>; 2],
    /// Clean forms of tags, faces' notes and members that somebody has taken away or put another in the
    /// place of: whether they are written again depends on when the program sees it.
    taken: BTreeSet<String>,
}

/// What was done, in numbers.
#[derive(Debug, Default, Clone, Copy)]
struct Figures {
    accounts: usize,
    actions: usize,
    by_hand: usize,
    applied: usize,
    undone: usize,
    verified: usize,
    broken_off: usize,
    calls: u64,
}

struct Account {
    rng: ChaCha8Rng,
    sandbox: Arc<Sandbox>,
    rule: CleanRule,
    lag_ms: u64,
    flickr: Flickr,
    store: Store,
    folder: TempDir,
    ids: Vec<String>,
    faces: BTreeMap<String, Vec<FaceId>>,
    photos: BTreeMap<String, Photo>,
    log: Vec<String>,
    figures: Figures,
}

impl Account {
    async fn new(seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let rule = [
            CleanRule::Alphanumeric,
            CleanRule::LettersAndNumbers,
            CleanRule::Folded,
        ][seed as usize % 3];
        let lag_ms = [0, 15][rng.random_range(0..2)];
        let sandbox = sandbox(Options {
            quirks: Quirks {
                clean: rule,
                lag_ms,
                listing_lag_ms: [0, 40, 120][rng.random_range(0..3)],
                bare_tag_replies: rng.random(),
                ..Quirks::default()
            },
            ..Options::default()
        });
        let flickr = flickr_with(
            &sandbox,
            ClientConfig {
                calls_per_hour: NonZeroU32::MAX,
                first_wait: Duration::from_millis(1),
                throttle_pause: Duration::from_millis(1),
                lag: LAG,
                ..ClientConfig::default()
            },
        );
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("faces.sqlite");
        let store = Store::open(path.to_str().unwrap()).await.unwrap();
        store.bind_account(NSID).await.unwrap();
        let log = folder.path().join("tag-photos.journal.jsonl");
        store.keep_write_log(&log, NSID).await.unwrap();
        let with = processing();
        store.set_encoder(&with.encoder).await.unwrap();
        let mut account = Self {
            rng,
            sandbox,
            rule,
            lag_ms,
            flickr,
            store,
            folder,
            ids: Vec::new(),
            faces: BTreeMap::new(),
            photos: BTreeMap::new(),
            log: Vec::new(),
            figures: Figures::default(),
        };
        for number in 0..PHOTOS {
            let public = account.rng.random_ratio(1, 5);
            let photo = add(&account.sandbox, &["sea"], !public);
            let listed = listed(id(&photo), number as i64);
            account.store.add_listed(&[listed]).await.unwrap();
            let done = Outcome::Done {
                width: 1024,
                height: 768,
                faces: FACES.map(found).into(),
            };
            account
                .store
                .finish(&id(&photo), &with, &done)
                .await
                .unwrap();
            let state = Photo {
                tags: ["sea".to_owned()].into(),
                public,
                ..Photo::default()
            };
            account.photos.insert(photo.clone(), state);
            account.ids.push(photo);
        }
        for face in account.store.faces().await.unwrap() {
            let photo = face.photo.as_str().to_owned();
            account.faces.entry(photo).or_default().push(face.id);
        }
        for faces in account.faces.values_mut() {
            faces.sort();
        }
        account
    }

    fn tags_json(&self) -> std::path::PathBuf {
        self.folder.path().join("tags.json")
    }

    fn photo(&mut self) -> String {
        let number = self.rng.random_range(0..self.ids.len());
        self.ids[number].clone()
    }

    fn note(&mut self, what: String) {
        self.log.push(what);
    }

    /// Servers hear of what was done by hand before anything else is done.
    async fn heard(&self) {
        tokio::time::sleep(Duration::from_millis(self.lag_ms + 5)).await;
    }

    /// Names a face, or takes its name back; aliases and members as the list of people has them.
    async fn name_face(&mut self) {
        let photo = self.photo();
        let face = self.rng.random_range(0..2);
        let name = match self.rng.random_range(0..10) {
            0 | 1 => None,
            _ => Some(PEOPLE[self.rng.random_range(0..PEOPLE.len())].0),
        };
        let decision = name.map_or(Decision::Ignored, |name| {
            Decision::Named(Name::new(name).unwrap())
        });
        let id = self.faces[&photo][face].clone();
        self.store.decide(&[id], &decision, &[], 9).await.unwrap();
        let known = self.photos.get_mut(&photo).unwrap();
        known.names[face] = name;
        self.note(format!("face {face} of {photo} is {name:?}"));
        tags_json::save(&self.store, &self.tags_json())
            .await
            .unwrap();
        let mut file: Value =
            serde_json::from_slice(&std::fs::read(self.tags_json()).unwrap()).unwrap();
        for entry in file["people"].as_array_mut().unwrap() {
            let name = entry["name"].as_str().unwrap().to_owned();
            let person = PEOPLE.iter().find(|person| person.0 == name).unwrap();
            if let Some(tag) = person.1 {
                entry["tag"] = json!(tag);
            }
            if let Some(member) = person.2 {
                entry["nsid"] = json!(MEMBERS[member].nsid);
            }
        }
        std::fs::write(self.tags_json(), file.to_string()).unwrap();
    }

    async fn names(&self) -> NameSource {
        let file = self.tags_json();
        NameSource::tags_json(&self.store, &file).await.unwrap().0
    }

    /// Whether the journal has something under way or written under this text: set by hand in just that
    /// text, nothing could tell it from ours.
    fn is_in_journal(&self, photo: &str, text: &str) -> bool {
        let writes = rows(
            &self.folder.path().join("faces.sqlite"),
            "flickr_writes",
            "photo",
        );
        writes.iter().any(|row| {
            row["photo"].trim_matches('\'') == photo
                && (row["text"].trim_matches('\'') == text
                    || row["item"].trim_matches('\'') == text)
                && ["'begun'", "'added'", "'removing'"].contains(&row["state"].as_str())
        })
    }

    /// A text that is the same tag to Flickr as a name, spelt otherwise than the name.
    fn variant(&mut self, text: &str) -> String {
        match self.rng.random_range(0..3) {
            0 => format!("-{}-", text.replace(' ', "_")),
            1 => format!("{text}."),
            _ => format!("({})", text.to_lowercase()),
        }
    }

    /// The owner does something on Flickr's pages.
    async fn edit_by_hand(&mut self) {
        self.figures.by_hand += 1;
        let photo = self.photo();
        let there = self.sandbox.annotations()[&photo].clone();
        let some_name = PEOPLE[self.rng.random_range(0..PEOPLE.len())].0;
        // Rather a name that was written than another tag.
        let by_hand = &self.photos[&photo].tags;
        let ours = there.tags.iter().filter(|tag| !by_hand.contains(&tag.1));
        let ours: Vec<_> = ours.cloned().collect();
        let some_tags = match ours.is_empty() || self.rng.random_ratio(1, 3) {
            true => there.tags.clone(),
            false => ours,
        };
        match self.rng.random_range(0..9) {
            0 | 1 => {
                let text = text_of(some_name);
                let raw = match self.rng.random_range(0..3) {
                    0 if !self.is_in_journal(&photo, text) => text.to_owned(),
                    _ => self.variant(text),
                };
                let edit = Edit::AddTag {
                    raw: raw.clone(),
                    by_other: false,
                };
                if self.sandbox.edit(&photo, &edit) {
                    self.note(format!("tag {raw:?} on {photo} by hand"));
                    self.photos.get_mut(&photo).unwrap().tags.insert(raw);
                }
            }
            2 => {
                if let Some((_, raw)) = pick(&mut self.rng, &some_tags) {
                    self.note(format!("tag {raw:?} off {photo} by hand"));
                    let clean = self.rule.clean(&raw);
                    assert!(
                        self.sandbox
                            .edit(&photo, &Edit::RemoveTag { raw: raw.clone() })
                    );
                    let known = self.photos.get_mut(&photo).unwrap();
                    known.tags.remove(&raw);
                    known.taken.insert(clean);
                }
            }
            3 => {
                if let Some((_, raw)) = pick(&mut self.rng, &some_tags) {
                    let to = self.variant(&raw);
                    let edit = Edit::RewriteTag {
                        raw: raw.clone(),
                        to: to.clone(),
                    };
                    assert!(self.sandbox.edit(&photo, &edit));
                    self.note(format!("tag {raw:?} of {photo} rewritten: {to:?}"));
                    let clean = self.rule.clean(&raw);
                    let known = self.photos.get_mut(&photo).unwrap();
                    known.tags.remove(&raw);
                    known.tags.insert(to);
                    known.taken.insert(clean);
                }
            }
            4 => {
                let x = self.rng.random_range(0..300);
                let rect = NoteRect {
                    x,
                    y: 49,
                    w: 98,
                    h: 98,
                };
                let text = format!("who is {some_name}?");
                let edit = Edit::AddNote {
                    rect,
                    text: text.clone(),
                };
                assert!(self.sandbox.edit(&photo, &edit));
                self.note(format!("note {text:?} on {photo} by hand"));
                self.photos
                    .get_mut(&photo)
                    .unwrap()
                    .notes
                    .push((text, rect));
            }
            5 | 6 => {
                let removes = self.rng.random();
                if let Some(note) = pick(&mut self.rng, &there.notes) {
                    // The first note with this text is the one that is changed.
                    let text = note.text.clone();
                    let note = there.notes.iter().find(|other| other.text == text).unwrap();
                    let to = format!("{text}, by hand");
                    let edit = match removes {
                        true => Edit::RemoveNote { text: text.clone() },
                        false => Edit::RewriteNote {
                            text: text.clone(),
                            to: to.clone(),
                        },
                    };
                    assert!(self.sandbox.edit(&photo, &edit));
                    self.note(format!("{edit:?} on {photo}"));
                    let known = self.photos.get_mut(&photo).unwrap();
                    let hand = (known.notes.iter())
                        .position(|(known, rect)| *known == text && *rect == note.rect);
                    match hand {
                        Some(at) => drop(known.notes.remove(at)),
                        None => drop(known.taken.insert(format!("note {}", note.rect.x))),
                    }
                    if !removes {
                        known.notes.push((to, note.rect));
                    }
                }
            }
            _ => {
                let public = self.rng.random();
                self.sandbox.edit(&photo, &Edit::SetPublic { public });
                self.note(format!("{photo} public: {public}"));
                self.photos.get_mut(&photo).unwrap().public = public;
                if !public {
                    // What a listing still calls public is left for the next run.
                    tokio::time::sleep(LISTING_LAG).await;
                }
            }
        }
        self.heard().await;
    }

    /// Something goes wrong with a call, or the owner sets a tag in the middle of a run.
    fn trouble(&mut self) -> Option<(String, String)> {
        let methods = [
            ADD_TAGS,
            REMOVE_TAG,
            ADD_NOTE,
            DELETE_NOTE,
            INFO,
            LIST_PHOTO,
        ];
        let method = methods[self.rng.random_range(0..methods.len())];
        let after = self.rng.random_range(0..3);
        let photo = self.photo();
        let mut set = None;
        let kind = match self.rng.random_range(0..5) {
            0 => FaultKind::AnswerLost,
            1 => FaultKind::CutShort,
            2 => FaultKind::ServerError { status: 502 },
            3 => FaultKind::HtmlPage,
            _ => {
                let name = PEOPLE[self.rng.random_range(0..PEOPLE.len())].0;
                let raw = self.variant(text_of(name));
                set = Some((photo.clone(), raw.clone()));
                let edit = Edit::AddTag {
                    raw,
                    by_other: false,
                };
                FaultKind::Edit { photo, edit }
            }
        };
        self.note(format!("{kind:?} after {after} calls of {method}"));
        self.sandbox
            .set_faults([Fault::once(method, kind).after(after)]);
        set
    }

    fn selection(&mut self, one_in: u32) -> Selection {
        let mut selection = Selection::default();
        if self.rng.random_ratio(1, one_in) {
            let name = PEOPLE[self.rng.random_range(0..PEOPLE.len())].0.to_owned();
            let known = self.photos.values().flat_map(|photo| photo.names).flatten();
            if known.into_iter().any(|other| other == name) {
                selection.only.push(name);
            }
        }
        selection
    }

    /// Writes the names, whole or in part, well or with trouble, to its end or killed before.
    async fn apply(&mut self) {
        self.figures.applied += 1;
        let mut selection = self.selection(5);
        selection.notes = self.rng.random_ratio(2, 3);
        selection.members = self.rng.random_ratio(1, 3);
        selection.again = self.rng.random_ratio(1, 10);
        let has_trouble = self.rng.random_ratio(1, 3);
        let set = has_trouble.then(|| self.trouble()).flatten();
        let killed = self
            .rng
            .random_ratio(1, 5)
            .then(|| self.rng.random_range(0..60));
        self.note(format!("apply {selection:?}, killed after {killed:?} ms"));
        let before = self.sandbox.annotations();
        let names = self.names().await;
        let run = self.written(&names, &selection);
        let summary = or_killed(run, killed).await;
        self.sandbox.set_faults([]);
        self.by_hand_meanwhile(set);
        if summary.is_none() {
            self.figures.broken_off += 1;
            self.heard().await;
        }
        // What everyone may see has got no names.
        let after = self.sandbox.annotations();
        for (photo, known) in self.photos.iter().filter(|(_, known)| known.public) {
            let (before, after) = (&before[photo], &after[photo]);
            let mut tags = after.tags.iter().filter(|tag| !known.tags.contains(&tag.1));
            assert!(
                tags.all(|tag| before.tags.contains(tag)),
                "{photo}: {}",
                self.story()
            );
            let mut notes = after.notes.iter();
            assert!(
                notes.all(|note| before.notes.contains(note)),
                "{photo}: {}",
                self.story()
            );
        }
        let Some(summary) = summary else { return };
        assert!(summary.end.error.is_none(), "{summary:?} {}", self.story());
        if has_trouble || !selection.only.is_empty() {
            return;
        }
        assert!(
            summary.end.failed.is_empty(),
            "{summary:?} {}",
            self.story()
        );
        self.is_written(&selection);
    }

    async fn written(&self, names: &NameSource, selection: &Selection) -> Summary {
        let options = TagOptions {
            names,
            write_to: WriteTo::Private,
            max_tags: 75,
            selection,
        };
        let plan = Plan::compute(&options, &self.store, &self.flickr, &Silent)
            .await
            .unwrap();
        let progress: Arc<dyn Progress> = Arc::new(Silent);
        plan.apply(
            &self.store,
            &self.flickr,
            &progress,
            CancellationToken::new(),
        )
        .await
    }

    /// Everything that is asked for is there, and no note of ours is on a face with another name.
    fn is_written(&self, selection: &Selection) {
        let there = self.sandbox.annotations();
        for (photo, known) in &self.photos {
            let marks = &there[photo];
            let tags: BTreeSet<_> = (marks.tags.iter())
                .map(|tag| self.rule.clean(&tag.1))
                .collect();
            for name in known.names.iter().flatten() {
                let clean = self.rule.clean(text_of(name));
                let missing =
                    !known.public && !tags.contains(&clean) && !known.taken.contains(&clean);
                assert!(!missing, "{photo} lacks {name}: {}", self.story());
            }
            for (face, name) in known.names.iter().enumerate().filter(|_| selection.notes) {
                let x = LEFT_OF[face];
                let ours: Vec<_> = (marks.notes.iter())
                    .filter(|note| note.rect.x == x)
                    .filter(|note| !known.notes.contains(&(note.text.clone(), note.rect)))
                    .map(|note| note.text.as_str())
                    .collect();
                let wanted: Vec<_> = name.iter().map(|name| text_of(name)).collect();
                let may_lack = known.public || known.taken.contains(&format!("note {x}"));
                let right = ours == wanted || may_lack && ours.is_empty();
                assert!(
                    right,
                    "{photo}: notes {ours:?}, not {wanted:?}: {}",
                    self.story()
                );
            }
        }
    }

    /// What was set in the middle of a run is by hand, if there was anything to set.
    fn by_hand_meanwhile(&mut self, set: Option<(String, String)>) {
        let Some((photo, raw)) = set else { return };
        if self.sandbox.tags_of(&photo).unwrap().contains(&raw) {
            self.photos.get_mut(&photo).unwrap().tags.insert(raw);
        }
    }

    async fn undo(&mut self) {
        self.figures.undone += 1;
        let mut selection = self.selection(2);
        selection.notes = self.rng.random_ratio(1, 5);
        let outdated = self.rng.random_ratio(1, 4);
        let public = self.rng.random_ratio(1, 4);
        let has_trouble = self.rng.random_ratio(1, 3);
        let set = has_trouble.then(|| self.trouble()).flatten();
        let killed = self
            .rng
            .random_ratio(1, 5)
            .then(|| self.rng.random_range(0..60));
        self.note(format!(
            "undo {selection:?}, outdated {outdated}, public {public}, killed after {killed:?} ms"
        ));
        let run = self.removed(&selection, outdated, public);
        let undone = or_killed(run, killed).await;
        self.sandbox.set_faults([]);
        self.by_hand_meanwhile(set);
        match undone {
            None => {
                self.figures.broken_off += 1;
                self.heard().await;
            }
            Some(undone) => {
                assert!(undone.end.error.is_none(), "{undone:?} {}", self.story());
                if !has_trouble {
                    let still = &undone.still_there;
                    assert!(still.is_empty(), "{still:?} {}", self.story());
                    assert!(undone.end.failed.is_empty(), "{undone:?} {}", self.story());
                }
            }
        }
    }

    async fn removed(&self, selection: &Selection, outdated: bool, public: bool) -> Undone {
        let names = match outdated {
            true => Some(self.names().await),
            false => None,
        };
        let mut undo = Undo::compute(&self.store, selection, names.as_ref())
            .await
            .unwrap();
        if public {
            undo.keep_public(&self.store, &self.flickr, &Silent)
                .await
                .unwrap();
        }
        let progress: Arc<dyn Progress> = Arc::new(Silent);
        undo.apply(
            &self.store,
            &self.flickr,
            &progress,
            CancellationToken::new(),
        )
        .await
    }

    async fn verify(&mut self) {
        self.figures.verified += 1;
        self.note("verify".to_owned());
        let names = self.names().await;
        let options = TagOptions {
            names: &names,
            write_to: WriteTo::Private,
            max_tags: 75,
            selection: &Selection::default(),
        };
        let before = self.sandbox.annotations();
        let verified = Verified::compute(&options, &self.store, &self.flickr, &Silent).await;
        assert!(
            verified.end.error.is_none(),
            "{verified:?} {}",
            self.story()
        );
        assert!(
            verified.end.failed.is_empty(),
            "{verified:?} {}",
            self.story()
        );
        assert_eq!(self.sandbox.annotations(), before);
        // Nothing is called taken away that nobody has taken.
        for difference in &verified.differences {
            let told = serde_json::to_value(difference).unwrap();
            if told["what"] == "taken_away" {
                let known = &self.photos[told["photo"].as_str().unwrap()];
                assert!(!known.taken.is_empty(), "{told} {}", self.story());
            }
        }
    }

    /// Nothing made by hand is lost, and nothing else is there than what was ever asked for.
    fn check(&self) {
        let there = self.sandbox.annotations();
        let texts: BTreeSet<&str> = PEOPLE.iter().map(|person| text_of(person.0)).collect();
        for (photo, known) in &self.photos {
            let marks = &there[photo];
            let tags: BTreeSet<String> = marks.tags.iter().map(|tag| tag.1.clone()).collect();
            let lost: Vec<_> = known.tags.difference(&tags).collect();
            assert!(lost.is_empty(), "{photo} lost {lost:?}: {}", self.story());
            let mut others = tags.difference(&known.tags);
            let strange = others.find(|tag| !texts.contains(tag.as_str()));
            assert_eq!(strange, None, "{photo}: {}", self.story());
            let mut ours = marks.notes.clone();
            for (text, rect) in &known.notes {
                let at = (ours.iter()).position(|note| note.text == *text && note.rect == *rect);
                let Some(at) = at else {
                    panic!("{photo} lost the note {text:?}: {}", self.story());
                };
                ours.remove(at);
            }
            let mut seen = BTreeSet::new();
            for note in ours {
                assert!(
                    texts.contains(note.text.as_str()),
                    "{note:?} {}",
                    self.story()
                );
                let is_first = seen.insert((note.rect.x, note.text.clone()));
                assert!(is_first, "{photo} has two notes {note:?}: {}", self.story());
            }
            let members = marks
                .people
                .iter()
                .map(|person| person.nsid.clone())
                .collect();
            assert!(known.members.is_subset(&members), "{}", self.story());
        }
    }

    /// After an undo of everything only what was made by hand is left.
    async fn end(&mut self) {
        self.note("the last undo".to_owned());
        self.heard().await;
        let undone = self.removed(&Selection::default(), false, false).await;
        let is_whole = undone.end.error.is_none() && undone.still_there.is_empty();
        assert!(is_whole, "{undone:?} {}", self.story());
        self.check();
        let there = self.sandbox.annotations();
        for (photo, known) in &self.photos {
            let marks = &there[photo];
            let tags: BTreeSet<String> = marks.tags.iter().map(|tag| tag.1.clone()).collect();
            assert_eq!(tags, known.tags, "{photo}: {}", self.story());
            assert_eq!(
                marks.notes.len(),
                known.notes.len(),
                "{photo}: {}",
                self.story()
            );
            let members: BTreeSet<_> = marks.people.iter().map(|who| who.nsid.clone()).collect();
            assert_eq!(members, known.members, "{photo}: {}", self.story());
        }
    }

    fn story(&self) -> String {
        let (rule, lag) = (self.rule, self.lag_ms);
        format!(
            "{rule:?}, lag {lag} ms:\n  {}\n{:#?}",
            self.log.join("\n  "),
            self.photos
        )
    }

    async fn run(mut self) -> Figures {
        for _ in 0..6 {
            self.name_face().await;
        }
        for _ in 0..ACTIONS {
            match self.rng.random_range(0..20) {
                0..=3 => self.name_face().await,
                4..=9 => self.edit_by_hand().await,
                10..=12 => self.apply().await,
                13..=15 => {
                    // What the listing does not show yet.
                    self.edit_by_hand().await;
                    self.apply().await;
                }
                16 | 17 => self.undo().await,
                _ => self.verify().await,
            }
            self.figures.actions += 1;
            self.check();
        }
        self.end().await;
        self.figures.calls = self.sandbox.calls().api();
        self.store.close().await;
        self.figures
    }
}

fn pick<T: Clone>(rng: &mut impl Rng, all: &[T]) -> Option<T> {
    (!all.is_empty()).then(|| all[rng.random_range(0..all.len())].clone())
}

/// Lets so many accounts live, four at a time.
fn live(seeds: std::ops::Range<u64>) {
    let (begun, mut sum) = (Instant::now(), Figures::default());
    let mut wrong: Vec<u64> = Vec::new();
    let seeds: Vec<u64> = seeds.collect();
    for some in seeds.chunks(4) {
        let figures: Vec<Figures> = thread::scope(|scope| {
            let account = |&seed: &u64| {
                let live = move || wait_for(async { Account::new(seed).await.run().await });
                (seed, scope.spawn(live))
            };
            let accounts: Vec<_> = some.iter().map(account).collect();
            let joined = accounts.into_iter().filter_map(|(seed, account)| {
                let figures = account.join();
                wrong.extend(figures.is_err().then_some(seed));
                figures.ok()
            });
            joined.collect()
        });
        for figures in figures {
            sum.accounts += 1;
            sum.actions += figures.actions;
            sum.by_hand += figures.by_hand;
            sum.applied += figures.applied;
            sum.undone += figures.undone;
            sum.verified += figures.verified;
            sum.broken_off += figures.broken_off;
            sum.calls += figures.calls;
        }
    }
    assert!(
        wrong.is_empty(),
        "the accounts of these seeds failed: {wrong:?}"
    );
    eprintln!("{sum:?} in {:.1} s", begun.elapsed().as_secs_f64());
    assert_eq!(sum.actions, sum.accounts * ACTIONS);
}

#[test]
fn random_accounts_keep_what_is_theirs() {
    live(0..15);
}

#[test]
#[ignore = "100 accounts and 3,000 actions, a minute: cargo test --workspace --test tags model -- --ignored --nocapture"]
fn a_hundred_random_accounts_keep_what_is_theirs() {
    live(0..100);
}

/// What comes of a run, unless it is killed after so many milliseconds.
async fn or_killed<T>(run: impl Future<Output = T>, after: Option<u64>) -> Option<T> {
    match after {
        Some(ms) => (tokio::time::timeout(Duration::from_millis(ms), run).await).ok(),
        None => Some(run.await),
    }
}

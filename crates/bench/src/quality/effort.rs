//! A patient person, who goes through the programs' own review session and knows everybody.

use std::{collections::HashMap, fmt, path::PathBuf, sync::Arc};

use anyhow::{Context, ensure};
use flickr_faces::{
    cluster::{DEFAULT_THRESHOLD, Distances, Method},
    naming::{Name, QualityFilter},
    progress::Silent,
    steps::{
        naming::{Answer, Room, Session, Settings, Subset, Suggestion},
        review::{About, Event, Next, Options, Review, Shown},
    },
    store::{Decision, FaceId, FaceState, Store},
};

use super::people::People;
use crate::made_up::{found, listed, processing, runtime};

/// The smallest cluster that is asked about.
const MIN_CLUSTER: usize = 3;

/// What naming everybody took.
pub(super) struct Effort {
    answers: usize,
    corrections: usize,
    /// Answers and corrections until this part of the faces of people with [`MIN_CLUSTER`] or more had a name.
    at: Vec<(usize, usize, usize)>,
    people: usize,
    covered: f64,
    wrong: usize,
}

/// The parts of the faces, in percent, until which answers are counted.
const PARTS: [usize; 4] = [90, 95, 97, 98];
/// The part that is expected.
const EXPECTED: usize = 97;

impl fmt::Display for Effort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (people, covered, wrong) = (self.people, self.covered, self.wrong);
        for (part, answers, corrections) in &self.at {
            writeln!(
                f,
                "  {part}% after {answers} answers and {corrections} corrections"
            )?;
        }
        let (all, corrected) = (self.answers, self.corrections);
        writeln!(
            f,
            "  {covered:.4} after all {all} answers and {corrected} corrections"
        )?;
        let expected = self.at.iter().find(|(part, ..)| *part == EXPECTED);
        let (part, answers, corrections) = match expected {
            Some(&(part, answers, corrections)) => (part as f64 / 100.0, answers, corrections),
            None => (covered, all, corrected),
        };
        // In the form that programs read.
        write!(
            f,
            "effort: {answers} answers for {people} people, {corrections} taken out, {part:.3} covered, {wrong} wrong"
        )
    }
}

/// A store with the faces of people, in a folder that goes with it.
struct Home {
    store: Store,
    folder: tempfile::TempDir,
    person: HashMap<FaceId, u32>,
}

impl Home {
    async fn of(people: &People) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let store = Store::open(&folder.path().join("faces.sqlite").to_string_lossy()).await?;
        let mut faces_of: HashMap<u32, Vec<usize>> = HashMap::new();
        for (face, &photo) in people.photo.iter().enumerate() {
            faces_of.entry(photo).or_default().push(face);
        }
        let mut photos: Vec<_> = faces_of.into_iter().collect();
        photos.sort_unstable();
        let with = processing();
        let mut person = HashMap::new();
        for (photo, faces) in photos {
            let listed = listed(photo)?;
            let id = listed.id.clone();
            store.add_listed(&[listed]).await?;
            let outcome = found(faces.iter().map(|&face| &people.descriptors[face]), 0);
            store.finish(&id, &with, &outcome).await?;
            for (place, &face) in faces.iter().enumerate() {
                person.insert(format!("{id}:{place}").parse()?, people.person[face]);
            }
        }
        Ok(Self {
            store,
            folder,
            person,
        })
    }

    async fn session(&self) -> anyhow::Result<Session> {
        let settings = Settings {
            threshold: DEFAULT_THRESHOLD,
            min_cluster: MIN_CLUSTER,
            distances: Distances::Calibrated { cohorts: None },
            seed: 0,
            method: Method::Average,
            same_photo: false,
            quality: QualityFilter::default(),
            neighbours: self.folder.path().join("neighbours"),
            memory: 2_000_000_000,
            photos: PathBuf::new(),
            tags: self.folder.path().join("tags.json"),
        };
        Ok(Session::begin(self.store.clone(), settings, Arc::new(Silent)).await?)
    }

    fn who(&self, face: &FaceId) -> anyhow::Result<u32> {
        let person = self.person.get(face).copied();
        person.with_context(|| format!("{face}: not one of the faces"))
    }
}

/// A name that is unlike all others: no two differ in two letters only, which would be asked about.
fn name(person: u32) -> String {
    let digits = format!("{person:04}");
    let letters = digits
        .bytes()
        .map(|digit| char::from(b'a' + (digit - b'0')));
    // Each three times, and as many in each name: none is the beginning of another, either.
    letters.flat_map(|letter| [letter; 3]).collect()
}

/// Goes through all questions, as `reference.py`'s patient person does: names a cluster that is one person by
/// four fifths and takes the others out, leaves a mixed one for later. On a screen of rows what is wrong is said by
/// number; the single faces at the end are left.
pub(super) fn effort(people: &People) -> anyhow::Result<Effort> {
    runtime()?.block_on(async {
        let home = Home::of(people).await?;
        go_through(&home, people).await
    })
}

async fn go_through(home: &Home, people: &People) -> anyhow::Result<Effort> {
    let session = home.session().await?;
    let options = Options {
        thresholds: vec![DEFAULT_THRESHOLD],
        subset: Subset::Usable,
        suggestions: true,
        interactive: true,
        room: Room::default(),
    };
    let mut review = Review::new(session.clone(), options);
    let mut faces_of: HashMap<u32, usize> = HashMap::new();
    for &person in &people.person {
        *faces_of.entry(person).or_default() += 1;
    }
    let is_wanted = |person: u32| faces_of[&person] >= MIN_CLUSTER;
    let wanted: usize = faces_of
        .values()
        .filter(|&&faces| faces >= MIN_CLUSTER)
        .sum();
    let mut effort = Effort {
        answers: 0,
        corrections: 0,
        at: Vec::new(),
        people: faces_of
            .values()
            .filter(|&&faces| faces >= MIN_CLUSTER)
            .count(),
        covered: 0.0,
        wrong: 0,
    };
    let mut shown: Option<Shown> = None;
    loop {
        match review.next().await? {
            Next::Tell(Event::Show(question)) => shown = Some(*question),
            Next::Tell(Event::Refused { line, problem }) => anyhow::bail!("{line:?}: {problem}"),
            Next::Tell(_) => {}
            Next::Ask(prompt) => {
                let shown = shown.take();
                let shown =
                    shown.with_context(|| format!("{}: no faces to look at", prompt.text))?;
                if matches!(shown.question.about, About::Singles(_)) {
                    review.answer(":q").await?;
                    continue;
                }
                let (line, corrections) = line(home, &shown)?;
                effort.answers += 1;
                effort.corrections += corrections;
                review.answer(&line).await?;
                let (covered, wrong) = named(home, &session, is_wanted).await?;
                for part in PARTS {
                    if covered * 100 >= wanted * part && effort.at.iter().all(|at| at.0 != part) {
                        effort.at.push((part, effort.answers, effort.corrections));
                    }
                }
                effort.covered = covered as f64 / wanted.max(1) as f64;
                effort.wrong = wrong;
            }
            Next::End(_) => break,
        }
    }
    Ok(effort)
}

/// What the person types, and how many corrections are in it: faces taken out, or rows that are wrong.
fn line(home: &Home, shown: &Shown) -> anyhow::Result<(String, usize)> {
    match &shown.question.about {
        About::Cluster(_) => cluster(home, shown),
        About::Person(suggestion) => {
            let (wrong, all) = wrong(home, suggestion)?;
            Ok(match wrong.len() {
                0 => ("y".to_owned(), 0),
                out if out == all => ("n".to_owned(), 1),
                out => (format!(":x {} y", wrong.join(" ")), out),
            })
        }
        About::Rows(rows) => {
            let (mut words, mut corrections) = (Vec::new(), 0);
            for (number, row) in (1..).zip(rows) {
                let (wrong, all) = wrong(home, row)?;
                if wrong.len() == all {
                    words.push(number.to_string());
                    corrections += 1;
                } else {
                    words.extend(wrong.iter().map(|face| format!("{number}.{face}")));
                    corrections += wrong.len();
                }
            }
            Ok((words.join(" "), corrections))
        }
        About::Pairs(pairs) => {
            let mut wrong = Vec::new();
            for (number, pair) in (1..).zip(pairs) {
                let [left, right] = [&pair.left, &pair.right].map(|side| side.faces.first());
                let (left, right) = left.zip(right).context("a pair without faces")?;
                if home.who(&left.id)? != home.who(&right.id)? {
                    wrong.push(number.to_string());
                }
            }
            let corrections = wrong.len();
            Ok((wrong.join(" "), corrections))
        }
        About::Singles(_) => Ok((":q".to_owned(), 0)),
    }
}

/// The numbers of the faces that are not the person's, and how many there are.
fn wrong(home: &Home, row: &Suggestion) -> anyhow::Result<(Vec<String>, usize)> {
    let mut wrong = Vec::new();
    for (number, face) in (1..).zip(&row.faces) {
        if name(home.who(&face.id)?) != row.name {
            wrong.push(number.to_string());
        }
    }
    Ok((wrong, row.faces.len()))
}

/// Who a cluster is, where four fifths of it are one person.
fn cluster(home: &Home, shown: &Shown) -> anyhow::Result<(String, usize)> {
    let mut who = Vec::new();
    for (number, face) in shown.left() {
        who.push((number, home.who(&face.id)?));
    }
    let mut counts: HashMap<u32, usize> = HashMap::new();
    for &(_, person) in &who {
        *counts.entry(person).or_default() += 1;
    }
    let most = counts
        .iter()
        .max_by_key(|&(&person, &faces)| (faces, person));
    let (&wanted, &theirs) = most.context("a cluster without faces")?;
    if (theirs as f64) < 0.8 * who.len() as f64 {
        return Ok((String::new(), 0));
    }
    let others = who.iter().filter(|&&(_, person)| person != wanted);
    let numbers: Vec<String> = others.map(|(number, _)| number.to_string()).collect();
    Ok(match numbers.len() {
        0 => (name(wanted), 0),
        out => (format!(":x {} {}", numbers.join(" "), name(wanted)), out),
    })
}

/// How many faces of people who are wanted have their name, and how many of all a wrong one.
async fn named(
    home: &Home,
    session: &Session,
    is_wanted: impl Fn(u32) -> bool,
) -> anyhow::Result<(usize, usize)> {
    session.refresh().await?;
    let names: HashMap<_, _> = session
        .people()
        .into_iter()
        .map(|person| (person.id, person.name))
        .collect();
    let (mut right, mut wrong) = (0, 0);
    for (face, &person) in &home.person {
        let Some(FaceState::Named(as_whom)) = session.state(face) else {
            continue;
        };
        if names.get(&as_whom) != Some(&name(person)) {
            wrong += 1;
        } else if is_wanted(person) {
            right += 1;
        }
    }
    Ok((right, wrong))
}

/// With every second face of each person named: which part of the suggestions about the other faces, one by
/// one, is right, and which part of the faces of people who have names is asked about. Strangers are people
/// with one face.
pub(super) fn suggestions(people: &People) -> anyhow::Result<(f64, f64)> {
    runtime()?.block_on(async {
        let home = Home::of(people).await?;
        let session = home.session().await?;
        let mut faces_of: HashMap<u32, Vec<FaceId>> = HashMap::new();
        for (face, &person) in &home.person {
            faces_of.entry(person).or_default().push(face.clone());
        }
        let mut others = 0;
        for (person, mut faces) in faces_of {
            faces.sort_unstable_by_key(ToString::to_string);
            if faces.len() < 2 {
                continue;
            }
            let half = faces.iter().step_by(2).cloned().collect::<Vec<_>>();
            others += faces.len() - half.len();
            session
                .decide(Answer::new(
                    half,
                    Decision::Named(Name::new(&name(person))?),
                ))
                .await?;
        }
        session.refresh().await?;
        // Every face by itself.
        let view = session.view(0.0, Subset::Usable).await?;
        ensure!(view.clusters.iter().all(|cluster| cluster.faces.len() == 1));
        let (mut asked, mut right) = (0, 0);
        for suggestion in session.suggestions(&view).await?.iter() {
            for face in &suggestion.faces {
                asked += 1;
                right += usize::from(name(home.who(&face.id)?) == suggestion.name);
            }
        }
        Ok((
            f64::from(right as u32) / f64::from(asked.max(1) as u32),
            f64::from(right as u32) / f64::from(others.max(1) as u32),
        ))
    })
}

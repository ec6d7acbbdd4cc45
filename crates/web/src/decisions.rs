//! Answers: from a form to the store, and on to the next page.
//!
//! What a typed line means and what came of it is the library's, the same as in the terminal.

use std::collections::HashSet;

use axum::response::Response;
use flickr_faces::{
    naming::Name,
    steps::{
        messages,
        naming::{Answer, Answered, NameChoice, twice_words},
        people::{Change, Done},
        review::{Asked, Slip, Typed, meanwhile},
    },
    store::{Decision, FaceId, FaceState, PersonRow},
};
use serde_json::json;

use crate::{
    app::{App, Notice, PathPerson, Unconfirmed, state_label},
    pages,
    problem::Problem,
    submission::{Chosen, Submission},
};

type Reply = Result<Response, Problem>;

/// Where somebody was faster, and nothing more can be said of it.
pub(crate) const ELSEWHERE: &str =
    "Somebody has answered elsewhere meanwhile. Nothing was changed.";

/// `POST decide`: a name or a typed command, strangers or not faces.
pub(crate) async fn decide(form: Submission) -> Reply {
    let mut chosen = form.chosen()?;
    let decision = match form.fields.get("do") {
        Some("name") => return name(&form, &mut chosen).await,
        Some("stranger") => Decision::Ignored,
        Some("not_a_face") => Decision::NotAFace,
        other => {
            let found = other.unwrap_or_default();
            return Err(Problem::field("do", found, "name, stranger or not_a_face"));
        }
    };
    if let Some(news) = news(&form, &chosen).await? {
        return Ok(news);
    }
    answer(&form, &chosen, decision, false).await
}

/// Where faces that nobody had decided about have got an answer meanwhile: what it is, and the question again. What the
/// person has seen, and taken in again all the same, is theirs to decide.
async fn news(form: &Submission, chosen: &Chosen) -> Result<Option<Response>, Problem> {
    if chosen.list.expected_state != FaceState::Unnamed {
        return Ok(None);
    }
    form.app.session.refresh().await?;
    let Some(line) = meanwhile(&form.app.session, &unseen(form, chosen)?) else {
        return Ok(None);
    };
    let notice = Notice {
        lines: vec![line],
        ..Notice::default()
    };
    Ok(Some(form.notify(&form.back()?, notice)))
}

/// The chosen faces that had no decision when the person saw them last.
fn unseen(form: &Submission, chosen: &Chosen) -> Result<Vec<FaceId>, Problem> {
    if chosen.list.expected_state != FaceState::Unnamed {
        return Ok(Vec::new());
    }
    let seen = form.fields.indices("seen", chosen.list.faces.len())?;
    let indices = chosen.indices()?;
    Ok(chosen.ids(indices.iter().filter(|index| !seen.contains(index))))
}

/// The line in the name field.
async fn name(form: &Submission, chosen: &mut Chosen) -> Reply {
    let line = form.fields.get("name").unwrap_or_default();
    let numbers = chosen.out.iter().map(|index| index + 1).collect();
    let asked = Asked {
        faces: chosen.list.faces.len(),
        out: &numbers,
        person: None,
        picking: form.fields.has("picking"),
        next_threshold: false,
    };
    // The button of a notice has a name, which was asked about already.
    let force = form.fields.has("force");
    let ids: Vec<FaceId> = chosen
        .list
        .faces
        .iter()
        .map(|face| face.id.clone())
        .collect();
    let number = line.trim().bytes().all(|byte| byte.is_ascii_digit());
    let offered = match number && !force {
        true => NameChoice::chosen(line, &form.app.session.name_choices(&ids)),
        false => None,
    };
    let typed = match (force, offered) {
        (true, _) => Typed::Decide {
            decision: Decision::Named(Name::new(line)?),
            out: numbers.clone(),
        },
        (false, Some(name)) => Typed::Decide {
            decision: Decision::Named(name),
            out: numbers.clone(),
        },
        (false, None) => Typed::parse(line, &asked)?,
    };
    let decision = match typed {
        Typed::Decide { decision, out } => {
            chosen.take_out(&out);
            decision
        }
        Typed::TakeOut(numbers) => {
            let indices: Vec<_> = numbers.iter().map(|number| number - 1).collect();
            return form.instruct(json!({ "out": indices }));
        }
        Typed::Undo => return form.instruct(json!({ "do": "undo" })),
        Typed::Help => return form.instruct(json!({ "do": "help" })),
        Typed::Quit => return Ok(form.go("./", json!({}))),
        Typed::Later | Typed::No | Typed::Rest | Typed::NextThreshold => {
            return Ok(form.go(&form.next().await?, json!({})));
        }
    };
    if !force
        && let Decision::Named(name) = &decision
        && let Some(asked) = doubt(form, chosen, name)?
    {
        return Ok(asked);
    }
    if !force && let Some(news) = news(form, chosen).await? {
        return Ok(news);
    }
    answer(form, chosen, decision, force).await
}

/// Whether a name is meant for these faces.
pub(crate) enum Doubt {
    /// It is; but these faces are left out, as the person said.
    Without(HashSet<FaceId>),
    /// It is asked: the question, and for each button its label, and the field and value that say so.
    Asked(String, Vec<(String, String, &'static str)>),
}

/// Asks where a new name may be a slip, or the person is on these photos already, unless the form has the answer. `row`
/// ends the names of its fields.
pub(crate) fn doubt_about(form: &Submission, ids: &[FaceId], name: &Name, row: &str) -> Doubt {
    let session = &form.app.session;
    let (sure, out) = (format!("sure{row}"), format!("twice{row}"));
    if !form.fields.has(&sure)
        && let Some(slip) = Slip::of(name, &session.people(), false)
    {
        let it = if ids.len() == 1 { "it" } else { "them" };
        return Doubt::Asked(
            slip.to_string(),
            vec![(format!("Name {it} {name}"), sure, "1")],
        );
    }
    let twice: HashSet<FaceId> = session.already_shown(ids, name).into_iter().collect();
    match form.fields.get(&out) {
        _ if twice.is_empty() => Doubt::Without(twice),
        Some("all") => Doubt::Without(HashSet::new()),
        Some("out") => Doubt::Without(twice),
        _ => {
            let words = twice_words(name, twice.len(), ids.len());
            let all = if ids.len() == 1 {
                "Name it all the same"
            } else {
                "Name all of them"
            };
            let mut choices = vec![(all.to_owned(), out.clone(), "all")];
            // Where nothing would be left, there is nothing to take out of.
            if twice.len() < ids.len() {
                choices.insert(0, ("Take them out".to_owned(), out, "out"));
            }
            Doubt::Asked(words, choices)
        }
    }
}

/// Asks again where a new name may be a slip, or the person is on these photos already; `None` where nothing is to be
/// asked, or has been.
fn doubt(form: &Submission, chosen: &mut Chosen, name: &Name) -> Result<Option<Response>, Problem> {
    let indices = chosen.indices()?;
    let ids = chosen.ids(&indices);
    match doubt_about(form, &ids, name, "") {
        Doubt::Without(out) => {
            let places = indices.iter().zip(&ids);
            let out = places.filter(|(_, id)| out.contains(id));
            chosen.take_out(&out.map(|(index, _)| index + 1).collect());
            Ok(None)
        }
        Doubt::Asked(question, choices) => ask(form, chosen, name, &question, &choices).map(Some),
    }
}

/// Asks a question with buttons: each says more about the same answer. Without scripts, by a note above the page.
fn ask(
    form: &Submission,
    chosen: &Chosen,
    name: &Name,
    question: &str,
    choices: &[(String, String, &str)],
) -> Reply {
    if form.is_script() {
        return Ok(form.go_nowhere(json!({ "ask": question, "choices": choices })));
    }
    let notice = Notice {
        lines: vec![question.to_owned()],
        unconfirmed: Some(Unconfirmed {
            list: chosen.number,
            indices: chosen.indices()?,
            out: chosen.out.iter().copied().collect(),
            name: name.to_string(),
        }),
        ..Notice::default()
    };
    Ok(form.notify(&form.back()?, notice))
}

/// Decides, and says what came of it. Faces of a person's page are split off from the person.
async fn answer(form: &Submission, chosen: &Chosen, decision: Decision, force: bool) -> Reply {
    let name = match &decision {
        Decision::Named(name) => Some(name.to_string()),
        _ => None,
    };
    let notice = if form.fields.has("person") {
        let (person, faces) = theirs(form, chosen)?;
        let people = &form.app.people;
        changed(
            &form.app,
            people.split_off(&person, &faces, &decision).await?,
        )
        .await?
    } else {
        let answer = Answer {
            faces: chosen.ids(&chosen.indices()?),
            decision,
            rejected: chosen.ids(&chosen.out),
            force,
            open: unseen(form, chosen)?,
        };
        let done = form.app.session.decide(answer).await?;
        if done.elsewhere {
            // Somebody was faster by less than it took to look.
            let again = || Problem::Rejected(ELSEWHERE.to_owned());
            return news(form, chosen).await?.ok_or_else(again);
        }
        answered(chosen, &done)
    };
    Ok(form.notify(&form.next().await?, Notice { name, ..notice }))
}

fn answered(chosen: &Chosen, answered: &Answered) -> Notice {
    let faces = &chosen.list.faces;
    let is_blocked = |index: &usize| answered.blocked.contains(&faces[*index].id);
    let blocked: Vec<_> = (0..faces.len()).filter(is_blocked).collect();
    let shown = faces.iter().map(|face| &face.id);
    Notice {
        lines: messages::answered(answered, shown, chosen.list.expected_state),
        entry: answered.entry,
        unconfirmed: (!blocked.is_empty()).then(|| Unconfirmed {
            list: chosen.number,
            indices: blocked,
            out: Vec::new(),
            name: answered.what.clone(),
        }),
        name: None,
    }
}

/// `POST face/name`: who one face is, as it is named on its photo.
pub(crate) async fn name_face(form: Submission) -> Reply {
    let app = &form.app;
    let id = form.fields.get("face").unwrap_or_default();
    let face = app.session.face(id).ok_or(Problem::NotFound("face"))?;
    let name = Name::new(form.fields.get("name").unwrap_or_default())?;
    app.session.refresh().await?;
    let state = app.state(&face);
    let seen = form.fields.has("seen");
    let seen = seen.then(|| form.fields.get("seen").unwrap_or_default());
    if let Some(line) = news_of(app, state, seen) {
        let notice = Notice {
            lines: vec![line],
            ..Notice::default()
        };
        return Ok(form.notify(&form.back()?, notice));
    }
    let picture = app.session.picture(&face).await?;
    let photo = picture.ok_or(Problem::NotFound("photo"))?.face.photo;
    let (number, list) = app.list(vec![pages::member(face.clone(), photo)], state);
    let mut chosen = Chosen::all(number, list);
    if let Some(asked) = doubt(&form, &mut chosen, &name)? {
        return Ok(asked);
    }
    if let FaceState::Named(person) = state {
        // Theirs no longer, and never suggested for them again.
        let person = app.person(person)?;
        let (faces, decision) = ([face], Decision::Named(name));
        let done = app.people.split_off(&person, &faces, &decision).await?;
        let notice = changed(app, done).await?;
        return Ok(form.notify(&form.back()?, notice));
    }
    answer(&form, &chosen, Decision::Named(name), false).await
}

/// What a face was decided to be since its photo was opened, where it had another name, or none, then: `seen` is what
/// stood below its box.
fn news_of(app: &App, state: FaceState, seen: Option<&str>) -> Option<String> {
    let now = state_label(state, &app.names());
    (seen? != now.as_deref().unwrap_or_default()).then(|| {
        let now = now.map_or_else(|| "has no name".to_owned(), |now| format!("is {now}"));
        format!("Answered elsewhere meanwhile: this face {now} now. Nothing was changed.")
    })
}

/// `POST take-back`: faces that are not the person's have no name again.
pub(crate) async fn take_back(form: Submission) -> Reply {
    let (_, faces) = theirs(&form, &form.chosen()?)?;
    let done = form.app.people.take_back(&faces).await?;
    let notice = changed(&form.app, done).await?;
    Ok(form.notify(&form.back()?, notice))
}

/// The person whom a form is about, and those of the chosen faces that are still theirs.
fn theirs(form: &Submission, chosen: &Chosen) -> Result<(PersonRow, Vec<FaceId>), Problem> {
    let person = form.app.person(form.fields.number("person")?)?;
    let mut faces = chosen.ids(&chosen.indices()?);
    faces.retain(|face| form.app.state(face) == FaceState::Named(person.id));
    if faces.is_empty() {
        let text = format!("None of these faces is {} any more.", person.name);
        return Err(Problem::Rejected(text));
    }
    Ok((person, faces))
}

/// `POST undo`: undoes an entry of the journal.
pub(crate) async fn undo(form: Submission) -> Reply {
    let app = &form.app;
    let (undone, saved) = app.session.undo(form.fields.number("entry")?).await?;
    let notice = Notice {
        lines: messages::undone(&undone, &saved),
        // An undo can be undone from the journal.
        ..Notice::default()
    };
    // To what can be asked about again, if the form came from a cluster.
    let mut next = form.back()?;
    if form.fields.has("threshold") {
        let threshold: f32 = form.fields.number("threshold")?;
        let view = app.view(threshold, false).await?;
        let mut faces = undone.restored.iter().map(|(face, _)| face);
        let is_open = |face: &&FaceId| {
            app.state(face) == FaceState::Unnamed && view.cluster_of(face).is_some()
        };
        if let Some(face) = faces.find(is_open) {
            next = format!("cluster/{face}?threshold={threshold}");
        }
    }
    Ok(form.notify(&next, notice))
}

/// `POST person/ID/rename`
pub(crate) async fn rename(PathPerson(person): PathPerson, form: Submission) -> Reply {
    let name = form.fields.get("name").unwrap_or_default();
    let done = form
        .app
        .people
        .change(Change::Rename, &person, name)
        .await?;
    let notice = changed(&form.app, done).await?;
    Ok(form.notify(&format!("person/{}", person.id), notice))
}

/// `POST person/ID/merge`: all their faces become another person's.
pub(crate) async fn merge(PathPerson(person): PathPerson, form: Submission) -> Reply {
    let people = &form.app.people;
    let into = people
        .find(form.fields.get("name").unwrap_or_default())
        .await?;
    let done = people.change(Change::Merge, &person, &into.name).await?;
    let notice = changed(&form.app, done).await?;
    Ok(form.notify(&format!("person/{}", into.id), notice))
}

/// `POST person/ID/cover`: the chosen face stands for the person.
pub(crate) async fn cover(PathPerson(person): PathPerson, form: Submission) -> Reply {
    let (_, faces) = theirs(&form, &form.chosen()?)?;
    let [face] = &faces[..] else {
        let text = format!("Choose one face to stand for {}.", person.name);
        return Err(Problem::Rejected(text));
    };
    form.app.set_cover(person.id, face).await?;
    let notice = Notice {
        lines: vec![format!("This face stands for {} now.", person.name)],
        ..Notice::default()
    };
    Ok(form.notify(&form.back()?, notice))
}

/// What a change to a person did.
async fn changed(app: &App, done: Done) -> Result<Notice, Problem> {
    app.session.refresh().await?;
    Ok(Notice {
        lines: std::iter::once(messages::done(&done))
            .chain(messages::tags_json(&done.saved))
            .collect(),
        entry: Some(done.entry),
        ..Notice::default()
    })
}

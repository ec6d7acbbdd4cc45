//! Answers to whole screens: rows of known people, pairs that may be one person, and what is left.

use std::collections::HashSet;

use axum::response::Response;
use flickr_faces::{
    naming::Name,
    steps::{
        messages,
        naming::{Answer, Answered, Pair, RowAnswer},
        review::{meanwhile, meanwhile_of_pairs},
    },
    store::{Decision, FaceId, FaceState},
    text::{count, grouped},
};
use serde_json::json;

use crate::{
    app::Notice,
    decisions::{Doubt, ELSEWHERE, doubt_about},
    problem::Problem,
    submission::Submission,
};

type Reply = Result<Response, Problem>;

/// `POST rows`: each row's faces are the person's whom it suggests, but for those that are marked; a row that is wrong
/// may say who it is instead.
pub(crate) async fn rows(form: Submission) -> Reply {
    let (app, fields) = (&form.app, &form.fields);
    let (queue, at): (u64, usize) = (fields.number("queue")?, fields.number("at")?);
    let screens = app.suggestion_lists.get(queue).ok_or(Problem::Expired)?;
    let screen = screens.get(at).ok_or(Problem::NotFound("suggestion"))?;
    let mut answers = Vec::new();
    for (row, suggestion) in screen.iter().enumerate() {
        let field = format!("list-{row}");
        let Some(number) = fields.get(&field).and_then(|number| number.parse().ok()) else {
            continue;
        };
        let list = app.face_lists.get(number).ok_or(Problem::Expired)?;
        let ids: Vec<FaceId> = list.faces.iter().map(|face| face.id.clone()).collect();
        let is_none = fields.has(&format!("none-{row}"));
        let wrong = fields.indices_of(&format!("wrong-{row}"), ids.len())?;
        let (not_theirs, theirs) =
            (0..ids.len()).partition::<Vec<_>, _>(|face| is_none || wrong.contains(face));
        let of = |places: Vec<usize>| {
            places
                .into_iter()
                .map(|at| ids[at].clone())
                .collect::<Vec<_>>()
        };
        let not_theirs = of(not_theirs);
        let mut instead = None;
        let mut not_anyone = HashSet::new();
        if let Some(name) = fields.get(&format!("who-{row}"))
            && !not_theirs.is_empty()
        {
            let name = Name::new(name)?;
            match doubt_about(&form, &not_theirs, &name, &format!("-{row}")) {
                Doubt::Without(out) => not_anyone = out,
                Doubt::Asked(question, choices) if form.is_script() => {
                    return Ok(form.go_nowhere(json!({ "ask": question, "choices": choices })));
                }
                Doubt::Asked(question, _) => {
                    let text = format!(
                        "{question} Nothing was changed. Name these faces on their own page."
                    );
                    return Err(Problem::Rejected(text));
                }
            }
            instead = Some(Decision::Named(name));
        }
        let (not_anyone, not_theirs) =
            (not_theirs.into_iter()).partition::<Vec<_>, _>(|face| not_anyone.contains(face));
        answers.push(RowAnswer {
            person: suggestion.person,
            theirs: of(theirs),
            not_theirs,
            instead,
            force: false,
        });
        if !not_anyone.is_empty() {
            answers.push(RowAnswer {
                person: suggestion.person,
                theirs: Vec::new(),
                not_theirs: not_anyone,
                instead: None,
                force: false,
            });
        }
    }
    let done = app.session.decide_rows(&answers).await?;
    if done.elsewhere {
        let faces = answers
            .iter()
            .flat_map(|row| row.theirs.iter().chain(&row.not_theirs));
        let again = format!("suggestions?queue={queue}&at={at}");
        return Ok(form.notify(&again, elsewhere(meanwhile(&app.session, faces))));
    }
    let next = format!("suggestions?queue={queue}&at={}", at + 1);
    Ok(form.notify(&next, told(&done)))
}

/// `POST pairs`: all pairs of a screen are one person, but for those that are marked.
pub(crate) async fn pairs(form: Submission) -> Reply {
    let (app, fields) = (&form.app, &form.fields);
    let list = app.pair_lists.get(fields.number("list")?);
    let pairs = list.ok_or(Problem::Expired)?;
    let wrong = fields.indices("wrong", pairs.len())?;
    let shown = fields.indices("shown", pairs.len())?;
    let of = |is_wrong: bool| -> Vec<&Pair> {
        let chosen = shown.iter().filter(|at| wrong.contains(at) == is_wrong);
        chosen.map(|&at| &pairs[at]).collect()
    };
    let (same, others) = (of(false), of(true));
    let answered = app.session.decide_pairs(&same, &others).await?;
    let notice = match answered.elsewhere {
        true => elsewhere(meanwhile_of_pairs(
            &app.session,
            same.into_iter().chain(others),
        )),
        false => told(&answered),
    };
    Ok(form.notify("pairs", notice))
}

/// `POST rest`: all that is left at a threshold are strangers.
pub(crate) async fn rest(form: Submission) -> Reply {
    let app = &form.app;
    let view = app.view(form.fields.number("threshold")?, true).await?;
    let faces = view.clusters.iter().flat_map(|cluster| &cluster.faces);
    let faces: Vec<FaceId> = faces.map(|face| face.id.clone()).collect();
    let shown: usize = form.fields.number("left")?;
    if faces.len() != shown {
        let line = format!(
            "Answered elsewhere meanwhile: {} left now, not {}. Nothing of that was changed.",
            count(faces.len(), "face is", "faces are"),
            grouped(shown)
        );
        return Ok(form.notify(&form.back()?, elsewhere(Some(line))));
    }
    let answer = Answer {
        open: faces.clone(),
        ..Answer::new(faces.clone(), Decision::Ignored)
    };
    let done = app.session.decide(answer).await?;
    let notice = match done.elsewhere {
        true => elsewhere(meanwhile(&app.session, &faces)),
        false => told(&done),
    };
    Ok(form.notify(&form.back()?, notice))
}

/// What others have answered meanwhile, so that nothing was decided.
fn elsewhere(line: Option<String>) -> Notice {
    Notice {
        lines: vec![line.unwrap_or_else(|| ELSEWHERE.to_owned())],
        ..Notice::default()
    }
}

fn told(answered: &Answered) -> Notice {
    let mut lines = messages::answered(answered, [], FaceState::Unnamed);
    if lines.is_empty() {
        lines.push("Nothing was changed.".to_owned());
    }
    Notice {
        lines,
        entry: answered.entry,
        ..Notice::default()
    }
}

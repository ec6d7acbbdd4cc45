//! Answers to whole screens: rows of known people, pairs that may be one person, and what is left.

use axum::response::Response;
use flickr_faces::{
    naming::Name,
    steps::{
        messages,
        naming::{Answer, Answered, Pair, RowAnswer},
    },
    store::{Decision, FaceId, FaceState},
};

use crate::{app::Notice, problem::Problem, submission::Submission};

type Reply = Result<Response, Problem>;

/// `POST rows`: each row's faces are the person's whom it suggests, but for those that are marked; a row that is wrong
/// may say who it is instead.
pub(crate) async fn rows(form: Submission) -> Reply {
    let (app, fields) = (&form.app, &form.fields);
    let (queue, at): (u64, usize) = (fields.number("queue")?, fields.number("at")?);
    let screens = app.suggestion_lists.get(queue).ok_or(Problem::Expired)?;
    let screen = screens.get(at).ok_or(Problem::NotFound("suggestion"))?;
    let (mut answers, mut instead) = (Vec::new(), Vec::new());
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
        if let Some(name) = fields.get(&format!("who-{row}"))
            && !not_theirs.is_empty()
        {
            instead.push((not_theirs.clone(), Name::new(name)?));
        }
        answers.push(RowAnswer {
            person: suggestion.person,
            theirs: of(theirs),
            not_theirs,
        });
    }
    let mut notice = told(&app.session.decide_rows(&answers).await?);
    for (faces, name) in instead {
        let answer = Answer::new(faces, Decision::Named(name));
        let more = told(&app.session.decide(answer).await?);
        notice.lines.extend(more.lines);
        notice.entry = more.entry.or(notice.entry);
    }
    Ok(form.notify(&format!("suggestions?queue={queue}&at={}", at + 1), notice))
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
    let answered = app.session.decide_pairs(&of(false), &of(true)).await?;
    Ok(form.notify("pairs", told(&answered)))
}

/// `POST rest`: all that is left at a threshold are strangers.
pub(crate) async fn rest(form: Submission) -> Reply {
    let app = &form.app;
    let view = app.view(form.fields.number("threshold")?, true).await?;
    let faces = view.clusters.iter().flat_map(|cluster| &cluster.faces);
    let faces = faces.map(|face| face.id.clone()).collect();
    let answer = Answer::new(faces, Decision::Ignored);
    let notice = told(&app.session.decide(answer).await?);
    Ok(form.notify(&form.back()?, notice))
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

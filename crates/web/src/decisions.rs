//! Answers: from a form to the store, and on to the next page.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use flickr_faces::{
    naming::Name,
    steps::{
        naming::{Answer, Answered},
        tags_json::Saved,
    },
    store::{Decision, FaceId, FaceState},
};
use serde_json::json;

use crate::{
    app::{App, FaceList, Notice, PathPerson, Skipped, count, now, state_label},
    fields::Fields,
    pages,
    problem::{Problem, wants_json},
};

type Shared = State<Arc<App>>;

/// Which faces of a list an answer is about.
struct Chosen {
    list: Arc<FaceList>,
    number: u64,
    /// Indices of the faces it is about.
    indices: Vec<usize>,
    /// Those that were taken out: someone else's.
    out: Vec<FaceId>,
}

/// `POST decide`: a name, strangers or not faces.
pub(crate) async fn decide(
    State(app): Shared,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Problem> {
    let chosen = chosen(&app, &fields)?;
    let decision = match fields.get("do") {
        Some("name") => Decision::Named(Name::new(fields.get("name").unwrap_or_default())?),
        Some("stranger") => Decision::Ignored,
        Some("not_a_face") => Decision::NotAFace,
        other => {
            return Err(Problem::field(
                "do",
                other.unwrap_or_default(),
                "name, stranger or not_a_face",
            ));
        }
    };
    let force = fields.get("force").is_some();
    let notice = answer(&app, &chosen, decision, force).await?;
    let next = match fields.get("at") {
        Some(_) => {
            let threshold = fields.number("threshold")?;
            let view = app.view(threshold, false).await?;
            pages::next_address(&app, &view, fields.number("at")?)
        }
        None => back(&fields)?,
    };
    Ok(go(&app, &headers, &next, notice))
}

/// `POST suggest`: yes or no to a suggestion.
pub(crate) async fn suggest(
    State(app): Shared,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Problem> {
    let chosen = chosen(&app, &fields)?;
    let (number, at): (u64, usize) = (fields.number("queue")?, fields.number("at")?);
    let queue = app.suggestion_lists.get(number).ok_or(Problem::Expired)?;
    let suggestion = queue.get(at).ok_or(Problem::NotFound("suggestion"))?;
    // The name as it is now: somebody may have changed it since.
    let person = app.person(suggestion.person)?;
    let notice = match fields.get("do") {
        Some("yes") => {
            let name = Name::new(&person.name)?;
            answer(&app, &chosen, Decision::Named(name), false).await?
        }
        Some("no") => {
            let faces = chosen.faces();
            let number = faces.len();
            let answered = app.session.reject(faces, person.id).await?;
            Notice {
                lines: with(
                    format!("{}: not {}", count(number, "face", "faces"), person.name),
                    saved(&answered.saved),
                ),
                entry: answered.entry,
                skipped: None,
            }
        }
        other => return Err(Problem::field("do", other.unwrap_or_default(), "yes or no")),
    };
    let next = format!("suggestions?queue={number}&at={}", at + 1);
    Ok(go(&app, &headers, &next, notice))
}

/// `POST take-back`: faces of a person that are not theirs wait for a decision again.
pub(crate) async fn take_back(
    State(app): Shared,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Problem> {
    let chosen = chosen(&app, &fields)?;
    let person = app.person(fields.number("person")?)?;
    // Only what is still this person's is taken from them.
    let theirs = FaceState::Named(person.id);
    let mut faces = chosen.faces();
    faces.retain(|face| app.state(face) == theirs);
    if faces.is_empty() {
        return Err(Problem::Rejected("No face of theirs is chosen.".to_owned()));
    }
    let entry = app.session.store().take_back(&faces, now()).await?;
    let changed = app.session.changed().await?;
    let notice = Notice {
        lines: with(
            format!(
                "{} taken back from {}",
                count(faces.len(), "face", "faces"),
                person.name
            ),
            saved(&changed),
        ),
        entry: Some(entry),
        skipped: None,
    };
    let next = back(&fields)?;
    Ok(go(&app, &headers, &next, notice))
}

/// `POST undo`: takes an entry of the journal back.
pub(crate) async fn undo(
    State(app): Shared,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Problem> {
    let (undone, _) = app.session.undo(fields.number("entry")?).await?;
    let mut more: Vec<String> = undone
        .names_taken
        .iter()
        .map(|(name, instead)| format!("The name {name} is taken by now: it is {instead}."))
        .collect();
    let since = undone.decided_since.len();
    if since > 0 {
        more.push(format!(
            "{} decided again since and not changed.",
            count(since, "face was", "faces were")
        ));
    }
    let notice = Notice {
        lines: with(format!("Undone: {}", undone.what), more),
        // Undoing can be undone: from the journal.
        entry: None,
        skipped: None,
    };
    // To what was taken back, where it can be asked about again.
    let threshold: f32 = fields.number_or("threshold", app.session.settings().threshold)?;
    let view = app.view(threshold, false).await?;
    let again = undone
        .restored
        .iter()
        .map(|(face, _)| face)
        .find(|face| app.state(face) == FaceState::Unnamed && view.cluster_of(face).is_some());
    let to_cluster = fields.get("threshold").is_some();
    let next = match again {
        Some(face) if to_cluster => format!("cluster/{face}?threshold={threshold}"),
        _ => back(&fields)?,
    };
    Ok(go(&app, &headers, &next, notice))
}

/// `POST person/ID/rename`
pub(crate) async fn rename(
    State(app): Shared,
    PathPerson(person): PathPerson,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Problem> {
    let name = Name::new(fields.get("name").unwrap_or_default())?;
    if let Some(other) = app.session.person_named(&name)
        && other.id != person.id
    {
        return Err(Problem::Rejected(format!(
            "There is a {} already. If it is the same person, merge them.",
            other.name
        )));
    }
    let entry = app.session.store().rename(person.id, &name, now()).await?;
    let changed = app.session.changed().await?;
    let notice = Notice {
        lines: with(format!("{} is now {name}", person.name), saved(&changed)),
        entry: Some(entry),
        skipped: None,
    };
    let next = format!("person/{}", person.id);
    Ok(go(&app, &headers, &next, notice))
}

/// `POST person/ID/merge`: all their faces become another person's.
pub(crate) async fn merge(
    State(app): Shared,
    PathPerson(person): PathPerson,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Problem> {
    let name = Name::new(fields.get("name").unwrap_or_default())?;
    let other = app.session.person_named(&name);
    let other = other.ok_or_else(|| Problem::Rejected(format!("No one is called {name}.")))?;
    if other.id == person.id {
        return Err(Problem::Rejected(format!(
            "That is {} already.",
            other.name
        )));
    }
    let entry = app
        .session
        .store()
        .merge(person.id, other.id, now())
        .await?;
    let changed = app.session.changed().await?;
    let notice = Notice {
        lines: with(
            format!("{} is now {}", person.name, other.name),
            saved(&changed),
        ),
        entry: Some(entry),
        skipped: None,
    };
    let next = format!("person/{}", other.id);
    Ok(go(&app, &headers, &next, notice))
}

impl Chosen {
    fn faces(&self) -> Vec<FaceId> {
        let faces = self
            .indices
            .iter()
            .filter_map(|&index| self.list.faces.get(index));
        faces.map(|face| face.id.clone()).collect()
    }
}

/// What a form says about the faces of its list. `out` are taken out, and are someone else's; `skip`
/// are not decided about; if there is `only`, no others are.
fn chosen(app: &App, fields: &Fields) -> Result<Chosen, Problem> {
    let number = fields.number("list")?;
    let list = app.face_lists.get(number).ok_or(Problem::Expired)?;
    let length = list.faces.len();
    let out = fields.indices("out", length)?;
    let skip = fields.indices("skip", length)?;
    let only = fields.indices("only", length)?;
    // On a page where faces are picked, the answer is about none until one is.
    let picking = fields.has("picking") || fields.has("only");
    let is_meant = |index: &usize| !picking || only.contains(index);
    let indices: Vec<_> = (0..length)
        .filter(|index| is_meant(index) && !out.contains(index) && !skip.contains(index))
        .collect();
    if indices.is_empty() {
        let text = "No face is chosen. Nothing was changed.";
        return Err(Problem::Rejected(text.to_owned()));
    }
    let out = out.iter().filter_map(|&index| list.faces.get(index));
    Ok(Chosen {
        number,
        indices,
        out: out.map(|face| face.id.clone()).collect(),
        list,
    })
}

fn with(first: String, more: Vec<String>) -> Vec<String> {
    std::iter::once(first).chain(more).collect()
}

/// Decides, and says what came of it.
async fn answer(
    app: &App,
    chosen: &Chosen,
    decision: Decision,
    force: bool,
) -> Result<Notice, Problem> {
    let what = match &decision {
        Decision::Named(name) => name.to_string(),
        Decision::Ignored => "strangers".to_owned(),
        Decision::NotAFace => "not faces".to_owned(),
    };
    let answered = app
        .session
        .decide(Answer {
            faces: chosen.faces(),
            decision: decision.clone(),
            rejected: chosen.out.clone(),
            force,
        })
        .await?;
    let mut more = overruled(&answered, chosen.list.expected_state);
    more.extend(saved(&answered.saved));
    let blocked: Vec<usize> = chosen
        .indices
        .iter()
        .copied()
        .filter(|&index| {
            let face = chosen.list.faces.get(index);
            face.is_some_and(|face| answered.blocked.contains(&face.id))
        })
        .collect();
    let skipped = (!blocked.is_empty()).then(|| {
        more.push(format!(
            "{} rejected as {what} before and skipped.",
            count(blocked.len(), "face was", "faces were")
        ));
        Skipped {
            list: chosen.number,
            indices: blocked,
            name: what.clone(),
        }
    });
    let faces = count(answered.faces.len(), "face", "faces");
    Ok(Notice {
        lines: with(format!("{faces}: {what}"), more),
        entry: answered.entry,
        skipped,
    })
}

/// What had been decided meanwhile, in another tab or in the terminal, and is no more.
fn overruled(answered: &Answered, expected_state: FaceState) -> Vec<String> {
    let mut otherwise: Vec<(String, usize)> = Vec::new();
    for (_, state) in &answered.overruled {
        if *state == expected_state {
            continue;
        }
        let label = state_label(*state, &answered.names).unwrap_or_else(|| "unnamed".to_owned());
        match otherwise.iter_mut().find(|(known, _)| *known == label) {
            Some((_, faces)) => *faces += 1,
            None => otherwise.push((label, 1)),
        }
    }
    otherwise
        .into_iter()
        .map(|(label, faces)| {
            format!(
                "{} been answered elsewhere meanwhile, as {label}. Your answer came later and counts; \
                 Undo brings the other back.",
                count(faces, "of these faces had", "of these faces had")
            )
        })
        .collect()
}

fn saved(saved: &Saved) -> Vec<String> {
    saved.taken_over.iter().map(ToString::to_string).collect()
}

/// Where a form says to go on: a page of this server.
fn back(fields: &Fields) -> Result<String, Problem> {
    let back = fields.get("back").unwrap_or("./");
    let own = back.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '.')
        && !back.starts_with("..")
        && back
            .split(['/', '?'])
            .next()
            .is_some_and(|first| !first.contains(':'))
        && back
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\' && byte != b'#');
    if own {
        Ok(back.to_owned())
    } else {
        Err(Problem::field("back", back, "a page of this server"))
    }
}

/// On to a page that shows the note; for a script, its address.
fn go(app: &App, headers: &HeaderMap, next: &str, notice: Notice) -> Response {
    let number = app.notices.insert(Arc::new(notice), 1);
    let mark = if next.contains('?') { '&' } else { '?' };
    let next = format!("{next}{mark}notice={number}");
    if wants_json(headers) {
        Json(json!({ "go": next })).into_response()
    } else {
        Redirect::to(&format!("{}{next}", app.guard.base)).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_leads_to_pages_of_this_server_only() {
        let to = |address: &str| {
            let encoded: String =
                url::form_urlencoded::byte_serialize(address.as_bytes()).collect();
            back(&Fields::parse(format!("back={encoded}").as_bytes())).ok()
        };
        for own in [
            "./?threshold=0.5",
            "person/3",
            "cluster/5300:1?threshold=0.55",
            "people",
        ] {
            assert_eq!(to(own).as_deref(), Some(own));
        }
        assert_eq!(to("").as_deref(), Some("./"));
        for foreign in [
            "//evil.example",
            "/etc",
            "../x",
            "https://evil.example",
            "javascript:alert(1)",
            "data:text/html",
            "\\\\evil.example",
            "x\r\nSet-Cookie: a=b",
            " x",
        ] {
            assert_eq!(to(foreign), None, "{foreign}");
        }
    }
}

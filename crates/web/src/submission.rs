//! What a page sends: which faces an answer is about, and where to go on.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Json,
    extract::{FromRequest, Request},
    response::{IntoResponse, Redirect, Response},
};
use flickr_faces::store::{FaceId, PersonId};
use serde_json::{Value, json};

use crate::{
    app::{App, FaceList, Notice},
    fields::Fields,
    pages,
    problem::{Problem, wants_json},
};

/// A form, sent by the browser or by one of the page's scripts.
pub(crate) struct Submission {
    pub(crate) app: Arc<App>,
    pub(crate) fields: Fields,
    is_script: bool,
}

/// Which faces of a list an answer is about.
pub(crate) struct Chosen {
    pub(crate) number: u64,
    pub(crate) list: Arc<FaceList>,
    /// Indices of the picked faces; `None` on a page where faces are taken out.
    picked: Option<BTreeSet<usize>>,
    /// Indices of the faces that are taken out: someone else's.
    pub(crate) out: BTreeSet<usize>,
    /// Indices of faces that were decided elsewhere since and are left alone.
    skip: BTreeSet<usize>,
}

impl FromRequest<Arc<App>> for Submission {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        let is_script = wants_json(request.headers());
        Ok(Self {
            app: Arc::clone(app),
            fields: Fields::from_request(request, app).await?,
            is_script,
        })
    }
}

impl Submission {
    /// The faces that the form is about.
    pub(crate) fn chosen(&self) -> Result<Chosen, Problem> {
        let number = self.fields.number("list")?;
        let list = self.app.face_lists.get(number).ok_or(Problem::Expired)?;
        let length = list.faces.len();
        let only = self.fields.indices("only", length)?;
        let is_picking = self.fields.has("picking") || self.fields.has("only");
        Ok(Chosen {
            number,
            picked: is_picking.then_some(only),
            out: self.fields.indices("out", length)?,
            skip: self.fields.indices("skip", length)?,
            list,
        })
    }

    /// Where to go on: to the next cluster, or back.
    pub(crate) async fn next(&self) -> Result<String, Problem> {
        if !self.fields.has("at") {
            return self.back();
        }
        let view = self.app.view(self.fields.number("threshold")?, false);
        let view = view.await?;
        Ok(pages::next_address(
            &self.app,
            &view,
            self.fields.number("at")?,
        ))
    }

    /// The page of this server that the form names.
    pub(crate) fn back(&self) -> Result<String, Problem> {
        let back = back(&self.fields)?;
        let person = back.strip_prefix("person/").and_then(|id| id.parse().ok());
        // Of whom the last face was taken there is no page any more.
        Ok(match person.map(PersonId) {
            Some(person) if self.app.person(person).is_err() => "people".to_owned(),
            _ => back,
        })
    }

    /// On to a page; for a script, its address, together with `more`.
    pub(crate) fn go(&self, next: &str, mut more: Value) -> Response {
        if self.is_script {
            more["go"] = next.into();
            Json(more).into_response()
        } else {
            Redirect::to(&format!("{}{next}", self.app.guard.base)).into_response()
        }
    }

    /// Whether a script asks.
    pub(crate) fn is_script(&self) -> bool {
        self.is_script
    }

    /// What a script is to do where it is.
    pub(crate) fn go_nowhere(&self, what: Value) -> Response {
        Json(what).into_response()
    }

    /// On to a page that shows the notice.
    pub(crate) fn notify(&self, next: &str, notice: Notice) -> Response {
        let name = json!({ "name": notice.name });
        let number = self.app.notices.insert(Arc::new(notice), 1);
        let separator = if next.contains('?') { '&' } else { '?' };
        self.go(&format!("{next}{separator}notice={number}"), name)
    }

    /// Tells a script what to do on the page.
    pub(crate) fn instruct(&self, what: Value) -> Result<Response, Problem> {
        if self.is_script {
            return Ok(Json(what).into_response());
        }
        let text = "This command needs JavaScript. Use the boxes, buttons and links instead.";
        Err(Problem::Rejected(text.to_owned()))
    }
}

impl Chosen {
    /// All faces of a list.
    pub(crate) fn all(number: u64, list: Arc<FaceList>) -> Self {
        Self {
            number,
            list,
            picked: None,
            out: BTreeSet::new(),
            skip: BTreeSet::new(),
        }
    }

    /// Takes faces out by their numbers, from 1; on a page where faces are picked, picks them.
    pub(crate) fn take_out(&mut self, numbers: &BTreeSet<usize>) {
        let marked = self.picked.as_mut().unwrap_or(&mut self.out);
        marked.extend(numbers.iter().map(|number| number - 1));
    }

    /// Indices of the faces that the answer is about; never none.
    pub(crate) fn indices(&self) -> Result<Vec<usize>, Problem> {
        let is_picked = |index: &usize| match &self.picked {
            Some(picked) => picked.contains(index),
            None => true,
        };
        let indices: Vec<_> = (0..self.list.faces.len())
            .filter(|index| is_picked(index) && !self.out.contains(index))
            .filter(|index| !self.skip.contains(index))
            .collect();
        if indices.is_empty() {
            let text = "No face is chosen. Nothing was changed.";
            return Err(Problem::Rejected(text.to_owned()));
        }
        Ok(indices)
    }

    /// The ids of these faces.
    pub(crate) fn ids<'i>(&self, indices: impl IntoIterator<Item = &'i usize>) -> Vec<FaceId> {
        let faces = indices
            .into_iter()
            .filter_map(|&index| self.list.faces.get(index));
        faces.map(|face| face.id.clone()).collect()
    }
}

fn back(fields: &Fields) -> Result<String, Problem> {
    let back = fields.get("back").unwrap_or("./");
    let is_own = back.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '.')
        && !back.starts_with("..")
        && back
            .split(['/', '?'])
            .next()
            .is_some_and(|first| !first.contains(':'))
        && back
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\' && byte != b'#');
    if is_own {
        Ok(back.to_owned())
    } else {
        Err(Problem::field("back", back, "a page of this server"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flickr_faces::{steps::naming::Member, store::FaceState};

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

    #[test]
    fn an_answer_is_about_the_faces_that_are_left() {
        let faces = (0..5).map(|number| Member {
            id: format!("701:{number}").parse().unwrap(),
            photo: "701".parse().unwrap(),
            distance: 0.0,
            outlier: false,
        });
        let list = Arc::new(FaceList {
            faces: faces.collect(),
            expected_state: FaceState::Unnamed,
        });
        let chosen = |picked: Option<&[usize]>, out: &[usize], skip: &[usize]| Chosen {
            number: 1,
            list: Arc::clone(&list),
            picked: picked.map(|picked| picked.iter().copied().collect()),
            out: out.iter().copied().collect(),
            skip: skip.iter().copied().collect(),
        };
        assert_eq!(chosen(None, &[], &[]).indices().unwrap(), [0, 1, 2, 3, 4]);
        assert_eq!(chosen(None, &[1], &[4]).indices().unwrap(), [0, 2, 3]);
        assert_eq!(chosen(Some(&[1, 3]), &[], &[]).indices().unwrap(), [1, 3]);
        for none in [
            chosen(Some(&[]), &[], &[]),
            chosen(None, &[0, 1, 2], &[3, 4]),
        ] {
            let problem = none.indices().unwrap_err().to_string();
            assert_eq!(problem, "No face is chosen. Nothing was changed.");
        }
        // Numbers count from 1; where faces are picked, those that are typed are picked.
        let (mut out, mut picked) = (chosen(None, &[0], &[]), chosen(Some(&[0]), &[], &[]));
        out.take_out(&[1, 3].into());
        picked.take_out(&[3].into());
        assert_eq!(out.indices().unwrap(), [1, 3, 4]);
        let ids: Vec<_> = out.ids(&out.out).iter().map(ToString::to_string).collect();
        assert_eq!(ids, ["701:0", "701:2"]);
        assert_eq!(picked.indices().unwrap(), [0, 2]);
    }
}

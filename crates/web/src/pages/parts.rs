//! What several pages are made of.

use flickr_faces::store::PhotoId;
use flickr_faces::{steps::naming::Member, store::FaceId};
use maud::{Markup, html};
use serde_json::{Value, json};

use crate::{app::FaceList, fields::Fields, problem::Problem};

/// A face of which no more is known than where it is.
pub(crate) fn member(id: FaceId, photo: PhotoId) -> Member {
    Member {
        id,
        photo,
        distance: 0.0,
        outlier: false,
    }
}

/// A face as scripts know it.
pub(crate) fn face_to_json(face: &Member) -> Value {
    json!({ "face": face.id.to_string(), "photo": face.photo, "outlier": face.outlier })
}

/// Items that a page brings along for its scripts, so that they need not ask for them.
pub(super) fn first(items: impl Iterator<Item = Value>) -> String {
    Value::Array(items.collect()).to_string()
}

/// Faces that a page brings along: what windows show at first.
const FIRST: usize = 144;

/// Faces on a page without scripts.
pub(super) const FACES: usize = 240;

/// Up to this many faces are shown large, ...
const FEW: usize = 12;

/// ... and up to this many larger than where there are more.
const SOME: usize = 40;

/// The picture of a face.
pub(super) fn crop(face: &FaceId, alt: &str) -> Markup {
    html! { img src=(format!("crop/{face}")) alt=(alt) loading="lazy" width="160" height="160"; }
}

/// The picture of a face, which scripts load together with others.
pub(super) fn face_image(face: &FaceId) -> Markup {
    html! {
        img .js data-face=(face) alt="" width="160" height="160";
        noscript { (crop(face, "")) }
    }
}

/// The picture of a face, which opens its photo.
pub(super) fn look(face: &FaceId, alt: &str) -> Markup {
    html! { a .look href=(format!("photo/{face}")) data-face=(face) { (crop(face, alt)) } }
}

/// The faces of a list, with a box to tick below each: to pick them if `picking`, to take them out if
/// not. Scripts replace it by a list of all faces.
pub(super) fn tiles(number: u64, list: &FaceList, picking: bool, label: &str) -> Markup {
    let field = if picking { "only" } else { "out" };
    let size = match list.faces.len() {
        faces if faces <= FEW => "faces few",
        faces if faces <= SOME => "faces some",
        _ => "faces",
    };
    html! {
        div #faces class=(size) data-list=(number) data-total=(list.faces.len())
            data-picking=[picking.then_some("1")]
            data-first=(first(list.faces.iter().take(FIRST).map(face_to_json))) aria-label=(label) {}
        noscript { ul class=(size) aria-label=(label) {
            @for (index, face) in list.faces.iter().enumerate().take(FACES) {
                li { label .face .odd[face.outlier] {
                    (crop(&face.id, &format!("Face {}", index + 1)))
                    input type="checkbox" name=(field) value=(index);
                    a href=(format!("photo/{}", face.id)) { "photo" }
                } }
            }
        } }
    }
}

/// A field for a name, completed from the known ones.
pub(super) fn name_field(id: &str, label: &str, placeholder: &str, is_first: bool) -> Markup {
    name_field_as(id, "name", label, placeholder, is_first)
}

/// The same, sent as another field.
pub(super) fn name_field_as(
    id: &str,
    field: &str,
    label: &str,
    placeholder: &str,
    is_first: bool,
) -> Markup {
    let known = format!("known-{id}");
    html! {
        div .name {
            input id=(id) type="text" name=(field) autocomplete="off" autocapitalize="words" spellcheck="false"
                autofocus[is_first] placeholder=(placeholder) aria-label=(label) maxlength="255" enterkeyhint="go"
                role="combobox" aria-expanded="false" aria-controls=(known) aria-autocomplete="list";
            ul id=(known) role="listbox" aria-label="Known names" hidden {}
        }
    }
}

/// Fields that go with a form as they are.
pub(super) fn hidden(fields: &[(&str, &str)]) -> Markup {
    html! { @for (name, value) in fields { input type="hidden" name=(name) value=(value); } }
}

/// The threshold that an address asks for.
pub(super) fn threshold(fields: &Fields, default: f32) -> Result<f32, Problem> {
    let threshold = fields.number_or("threshold", default)?;
    if threshold > 0.0 && threshold <= 1.0 {
        return Ok(threshold);
    }
    let found = fields.get("threshold").unwrap_or_default();
    let expected = "a distance above 0 and up to 1";
    Err(Problem::field("threshold", found, expected))
}

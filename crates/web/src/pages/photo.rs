//! A whole photo, with the box around a face.

use std::sync::Arc;

use axum::extract::{Path, State};
use maud::{Markup, html};

use super::frame::{Page, Tab, frame};
use crate::{
    app::{App, in_words},
    fields::Fields,
    problem::Problem,
};

/// `GET photo/FACE`
pub(crate) async fn photo(
    State(app): State<Arc<App>>,
    Path(face): Path<String>,
    fields: Fields,
) -> Result<Markup, Problem> {
    let app = app.as_ref();
    let id = app.face(&face)?;
    let picture = app.session.picture(&id).await?;
    let picture = picture.ok_or(Problem::NotThere("photo"))?;
    let in_photo = &picture.face;
    let on_flickr = app.session.photo_page(&in_photo.photo).await?;
    let state = app.state(&id);
    let who = in_words(state, &app.names());
    let (width, height) = in_photo.image;
    let rect = in_photo.rect;
    let body = html! {
        div .head {
            h1 { @if in_photo.title.is_empty() { "Photo " (in_photo.photo) } @else { (in_photo.title) } }
            p .about {
                "The face in the box: " (who.as_deref().unwrap_or("no name yet"))
                @if let Some(page) = &on_flickr {
                    " · " a href=(page) target="_blank" rel="noopener noreferrer" { "on Flickr" }
                }
            }
        }
        @if picture.file.is_some() {
            div .whole {
                img src=(format!("whole/{face}")) alt="The whole photo" width=(width) height=(height);
                svg viewBox=(format!("0 0 {width} {height}")) preserveAspectRatio="none" aria-hidden="true" {
                    rect x=(rect.left) y=(rect.top) width=(rect.width()) height=(rect.height()) {}
                }
            }
        } @else {
            div .empty {
                img src=(format!("crop/{face}")) alt="The face" width="160" height="160";
                p { "The photo itself is not kept on this disk (keep_photos = no in config.ini)." }
            }
        }
    };
    let page = Page {
        title: "Photo",
        tab: Tab::Clusters,
        here: &format!("photo/{face}"),
        body,
    };
    frame(app, &fields, page).await
}

//! A whole photo, with the box around a face.

use maud::{Markup, html};

use super::{PageRequest, frame::Tab, parts::crop};
use crate::{
    app::{PathFace, state_label},
    problem::Problem,
};

/// `GET photo/FACE`
pub(crate) async fn photo(
    PathFace(face): PathFace,
    request: PageRequest,
) -> Result<Markup, Problem> {
    let app = &request.app;
    let picture = app.session.picture(&face).await?;
    let picture = picture.ok_or(Problem::NotFound("photo"))?;
    let in_photo = &picture.face;
    let on_flickr = app.session.photo_page(&in_photo.photo).await?;
    let who = state_label(app.state(&face), &app.names());
    let (width, height) = in_photo.image;
    let names = app.names();
    let beside = app.session.faces_beside(&face).await?;
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
                    @for other in &beside {
                        rect .this[other.id == face] x=(other.rect.left) y=(other.rect.top)
                            width=(other.rect.width()) height=(other.rect.height()) {}
                    }
                }
            }
        } @else {
            div .empty {
                (crop(&face, "The face"))
                p { "The photo itself is not on this disk: another machine fetched it, or config.ini has keep_photos = no." }
            }
        }
        ul .beside-names {
            @for other in &beside {
                li {
                    (crop(&other.id, ""))
                    (state_label(app.state(&other.id), &names).as_deref().unwrap_or("no name yet"))
                }
            }
        }
    };
    let here = format!("photo/{face}");
    request.render(Tab::Clusters, "Photo", &here, &body).await
}

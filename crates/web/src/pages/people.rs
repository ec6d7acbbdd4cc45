//! Everyone who has a name.

use flickr_faces::text::count;
use maud::{Markup, html};

use super::{PageRequest, frame::Tab, parts::face_image};
use crate::problem::Problem;

/// `GET people`
pub(crate) async fn people(request: PageRequest) -> Result<Markup, Problem> {
    let people = request.app.session.people();
    let mut covers = Vec::with_capacity(people.len());
    for person in &people {
        covers.push(request.app.cover(person.id).await?);
    }
    let newest = request.app.session.newest();
    let newest = |id| newest.get(&id).map_or(0, |place| place + 1);
    let body = html! {
        div .head {
            h1 { (count(people.len(), "person", "people")) }
            @if people.len() > 1 {
                label .filter .js { "Find " input #filter type="search" autocomplete="off"; }
                label .filter .js { "Sort by " select #sort {
                    option value="faces" { "faces" }
                    option value="name" { "name" }
                    option value="date" { "newest" }
                } }
            }
            p .about { a href="pairs" { "Same person?" } }
            p .about { a href="set-aside" { "Strangers and what is no face" } }
        }
        @if people.is_empty() {
            div .empty {
                p { "No one has a name yet." }
                p { "Open a group, type who it is, and press Enter: the person is here then." }
                p { a .button .main href="./" { "Name the first group" } }
            }
        }
        ul #people .cards .people {
            @for (at, (person, cover)) in people.iter().zip(&covers).enumerate() {
                li data-name=(person.name) data-at=(at) data-faces=(person.faces) data-date=(newest(person.id)) { a .card href=(format!("person/{}", person.id)) {
                    span .covers .one {
                        @if let Some(cover) = cover { (face_image(cover)) }
                    }
                    b .who { (person.name) }
                    span .counts {
                        (count(person.faces, "face", "faces")) " "
                        span { "in " (count(person.photos, "photo", "photos")) }
                    }
                    @if person.never_write { span .mark { "not written to Flickr" } }
                } }
            }
        }
    };
    request.render(Tab::People, "People", "people", &body).await
}

//! Everyone who has a name.

use flickr_faces::text::{count, grouped};
use maud::{Markup, html};

use super::{PageRequest, frame::Tab};
use crate::problem::Problem;

/// `GET people`
pub(crate) async fn people(request: PageRequest) -> Result<Markup, Problem> {
    let people = request.app.session.people();
    let body = html! {
        div .head {
            h1 { (count(people.len(), "person", "people")) }
            @if people.len() > 8 {
                label .filter .js { "Find " input #filter type="search" autocomplete="off"; }
            }
        }
        @if people.is_empty() {
            div .empty {
                p { "No one has a name yet." }
                p { a .button href="./" { "Name the first cluster" } }
            }
        }
        ul .cards .people {
            @for person in people.iter() {
                li data-name=(person.name) { a .card href=(format!("person/{}", person.id)) {
                    span .covers .one {
                        img src=(format!("cover/{}", person.id)) alt="" loading="lazy" width="160" height="160";
                    }
                    b .who { (person.name) }
                    span .counts {
                        (count(person.faces, "face", "faces")) " "
                        span { (grouped(person.photos)) " photos" }
                    }
                    @if person.never_write { span .mark { "not written to Flickr" } }
                } }
            }
        }
    };
    request.render(Tab::People, "People", "people", &body).await
}

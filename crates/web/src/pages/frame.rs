//! What is around every page: the bar, what the last answer did, the keys.

use flickr_faces::{
    programs::Program,
    text::{count, grouped},
};
use maud::{Markup, html};

use super::{PageRequest, document::document, keys::keys, parts::hidden};
use crate::{app::Notice, assets, problem::Problem};

/// A page of the bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    Clusters,
    Suggestions,
    People,
    LowQuality,
    Journal,
}

const TABS: [(Tab, &str, &str); 5] = [
    (Tab::Clusters, "./", "Clusters"),
    (Tab::Suggestions, "suggestions", "Suggestions"),
    (Tab::People, "people", "People"),
    (Tab::LowQuality, "low-quality", "Low quality"),
    (Tab::Journal, "journal", "Journal"),
];

impl PageRequest {
    /// Puts a page together. `here` is its address, below the base; `main` its own part.
    pub(super) async fn render(
        &self,
        active: Tab,
        title: &str,
        here: &str,
        main: &Markup,
    ) -> Result<Markup, Problem> {
        let app = &self.app;
        let notice = match self.fields.get("notice").map(str::parse) {
            Some(Ok(number)) => app.notices.get(number),
            _ => None,
        };
        let newest = app.session.store().journal(1).await?;
        let newest = newest.first().map_or(0, |entry| entry.id.0);
        let (faces, left) = (app.session.len(), app.session.undecided());
        let session = app.session.clone();
        let faces_now = || async move { session.counts().await.map(|counts| counts.faces) };
        let new = app.new_faces.by_now(faces_now);
        let version = assets::version();
        let head = html! {
            base href=(app.guard.base);
            link rel="icon" href=(format!("assets/{version}/icon.svg"));
            link rel="stylesheet" href=(format!("assets/{version}/style.css"));
            script type="module" src=(format!("assets/{version}/main.js")) {}
        };
        let body = html! {
            body data-revision=(app.session.revision()) data-newest=(newest) data-here=(here) data-version=(version) {
                header .bar {
                    a .skip href=(format!("{here}#main")) { "Skip to the content" }
                    a .brand href="./" { span .dots aria-hidden="true" { i {} i {} } "flickr-faces" }
                    nav aria-label="Pages" {
                        @for (tab, address, name) in TABS {
                            a href=(address) aria-current=[(tab == active).then_some("page")] { (name) }
                        }
                    }
                    p #progress .left title=(format!("{} of {} unnamed", grouped(left), count(faces, "face", "faces"))) {
                        progress max=(faces.max(1)) value=(faces - left.min(faces)) aria-hidden="true" {}
                        b #left { (grouped(left)) } " of " (grouped(faces)) " left"
                    }
                    button #keys .js type="button" aria-haspopup="dialog" title="Keys (?)" { "?" }
                }
                div #notices role="region" aria-label="Notes" aria-live="polite" {
                    @if let Some(notice) = &notice { (shown(notice, here)) }
                    @if new > 0 {
                        div .notice { p {
                            (count(new, "new face", "new faces")) " in the store. Restart "
                            kbd { (Program::ClusterFaces) " web" } " to see " (if new == 1 { "it" } else { "them" }) "."
                        } }
                    }
                }
                main #main tabindex="-1" { (main) }
                (keys())
            }
        };
        Ok(document(&format!("{title} · flickr-faces"), &head, &body))
    }
}

/// What the last answer did, and how to take it back.
fn shown(notice: &Notice, here: &str) -> Markup {
    let (first, more) = (notice.lines.first(), notice.lines.iter().skip(1));
    html! {
        div .notice data-entry=[notice.entry] {
            @if let Some(first) = first { p { (first) } }
            @for more in more { p .more { (more) } }
            @if let Some(unconfirmed) = &notice.unconfirmed {
                form method="post" action="decide" {
                    (hidden(&[
                        ("list", &unconfirmed.list.to_string()),
                        ("only", &joined(&unconfirmed.indices)),
                        ("out", &joined(&unconfirmed.out)),
                        ("name", &unconfirmed.name),
                        ("force", "1"),
                        ("back", here),
                    ]))
                    button name="do" value="name" {
                        "Name " (if unconfirmed.indices.len() == 1 { "it" } else { "them" }) " anyway"
                    }
                }
            }
            @if let Some(entry) = notice.entry {
                form method="post" action="undo" {
                    (hidden(&[("entry", &entry.to_string()), ("back", here)]))
                    button { "Undo" }
                }
            }
        }
    }
}

/// `3,7,9`.
fn joined(indices: &[usize]) -> String {
    let texts: Vec<_> = indices.iter().map(usize::to_string).collect();
    texts.join(",")
}

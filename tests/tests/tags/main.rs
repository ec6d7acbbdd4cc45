//! `tag-photos`: what it writes to Flickr, what it does not, and that it is removed again.

mod apply;
mod choice;
mod digikam;
mod export;
mod faces;
mod interrupted;
mod lost_store;
mod lying;
mod model;
mod names;
mod notes;
mod old_flags;
mod plan;
mod scripts;
mod stuck;
mod theirs;
mod undo;
mod verify;

use std::{collections::BTreeMap, sync::Arc};

use end_to_end::{Home, flickr, listed, processing, rows, sandbox, wait_for};
use flickr_faces::{
    naming::Name,
    steps::tags_json,
    store::{Decision, FaceState, FoundFace, ListedPhoto, Outcome, PhotoId, Store},
};
use flickr_sandbox::{Annotations, Edit, NewPhoto, Options, Sandbox};
use serde_json::{Value, json};

const ADD_TAGS: &str = "flickr.photos.addTags";
const REMOVE_TAG: &str = "flickr.photos.removeTag";
const LIST_PHOTO: &str = "flickr.tags.getListPhoto";
const INFO: &str = "flickr.photos.getInfo";
const SEARCH: &str = "flickr.photos.search";
const ADD_NOTE: &str = "flickr.photos.notes.add";
const DELETE_NOTE: &str = "flickr.photos.notes.delete";
const ADD_PERSON: &str = "flickr.photos.people.add";
const DELETE_PERSON: &str = "flickr.photos.people.delete";
const PROGRAM: &str = "tag-photos";
const UNDO: &[&str] = &["undo", "--json"];

/// A sandbox with private photos that have these tags; their ids.
fn photos<const N: usize>(tags: [&[&str]; N]) -> (Arc<Sandbox>, [String; N]) {
    let sandbox = sandbox(Options::default());
    let ids = tags.map(|tags| add(&sandbox, tags, true));
    (sandbox, ids)
}

fn add(sandbox: &Sandbox, tags: &[&str], private: bool) -> String {
    let photo = NewPhoto {
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        private,
        ..NewPhoto::default()
    };
    sandbox.add_photo(photo).unwrap()
}

fn tags(sandbox: &Sandbox, id: &str) -> Vec<String> {
    sandbox.tags_of(id).unwrap()
}

/// Writes a tags.json of the sandbox's account, its people as they stand in the file.
fn write_people(home: &Home, people: Value) {
    let file = json!({"version": 1, "account": flickr_sandbox::NSID, "people": people});
    home.write("tags.json", file.to_string());
}

/// No write came in a way that Flickr does not allow.
#[track_caller]
fn all_by_post(sandbox: &Sandbox) {
    assert_eq!(sandbox.calls().writes_by_get, 0);
}

/// States in the journal, photo by photo.
fn journal(home: &Home) -> Vec<String> {
    let writes = rows(
        &home.path("faces.sqlite"),
        "flickr_writes",
        "photo, kind, item",
    );
    writes
        .iter()
        .map(|row| row["state"].trim_matches('\'').to_owned())
        .collect()
}

fn id(photo: &str) -> PhotoId {
    photo.parse().unwrap()
}

/// Everything on the account but the ids of notes, which Flickr gives again.
fn marks(sandbox: &Sandbox) -> BTreeMap<String, Annotations> {
    sandbox.annotations()
}

/// Someone removes a tag from a photo on Flickr's pages.
fn take_away_by_hand(sandbox: &Sandbox, photo: &str, tag: &str) {
    let flickr = flickr(sandbox);
    wait_for(async {
        let tags = flickr.tags_get_list_photo(&id(photo)).await.unwrap();
        let tag = tags.iter().find(|other| other.raw == tag).unwrap();
        flickr.photos_remove_tag(&tag.full_id).await.unwrap();
    });
}

/// Someone adds a tag to a photo on Flickr's pages.
fn add_by_hand(sandbox: &Sandbox, photo: &str, tag: &str) {
    let flickr = flickr(sandbox);
    wait_for(flickr.photos_add_tags(&id(photo), &[tag])).unwrap();
}

/// A named face for the store: photo, name, box (left, top, right, bottom) in an image of 1024x768.
type Named<'a> = (&'a str, &'a str, [i32; 4]);

/// Puts photos with named faces into the home's store and tags.json, as `download` and
/// `cluster-faces` do.
fn name_faces(home: &Home, faces: &[Named<'_>]) {
    let path = home.path("faces.sqlite");
    let mut photos: BTreeMap<&str, Vec<&Named<'_>>> = BTreeMap::new();
    for face in faces {
        photos.entry(face.0).or_default().push(face);
    }
    let with = processing();
    wait_for(async {
        let store = Store::open(path.to_str().unwrap()).await.unwrap();
        store.set_encoder(&with.encoder).await.unwrap();
        for (uploaded, (photo, faces)) in (1..).zip(&photos) {
            let id = id(photo);
            let listed = ListedPhoto {
                title: format!("photo {photo}"),
                taken: Some(format!("2005-07-12 12:34:{uploaded:02}")),
                ..listed(id.clone(), uploaded)
            };
            store.add_listed(&[listed]).await.unwrap();
            let found = faces.iter().map(|face| found(face.2)).collect();
            let done = Outcome::Done {
                width: 1024,
                height: 768,
                faces: found,
            };
            store.finish(&id, &with, &done).await.unwrap();
            // In the order they were found in.
            for face in faces {
                let all = store.faces().await.unwrap();
                let first =
                    (all.iter()).find(|face| face.photo == id && face.state == FaceState::Unnamed);
                let face_id = first.unwrap().id.clone();
                let decision = Decision::Named(Name::new(face.1).unwrap());
                store.decide(&[face_id], &decision, &[], 9).await.unwrap();
            }
        }
        let tags = home.path("tags.json");
        tags_json::save(&store, &tags).await.unwrap();
        store.close().await;
    });
}

fn found(place: [i32; 4]) -> FoundFace {
    end_to_end::found(place, 0.1, vec![0xff, 0xd8])
}

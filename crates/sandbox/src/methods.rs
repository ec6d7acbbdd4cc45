//! The methods of the API, a file for each group.

mod albums;
mod auth;
pub(crate) mod call;
mod contacts;
mod info;
mod licenses;
mod list;
mod people;
mod photo_notes;
mod photo_people;
mod photo_sizes;
mod photo_tags;
mod test;

use crate::account::Perms;
use crate::reply::Reply;
use call::Call;

type Run = fn(&mut Call<'_>) -> Reply;

const NONE: Option<Perms> = None;
const READ: Option<Perms> = Some(Perms::Read);
const WRITE: Option<Perms> = Some(Perms::Write);

/// Each method with the permission that a token needs for it.
const METHODS: [(&str, Option<Perms>, Run); 27] = [
    ("flickr.auth.oauth.checkToken", NONE, auth::check_token),
    ("flickr.contacts.getList", READ, contacts::get_list),
    (
        "flickr.people.findByUsername",
        NONE,
        people::find_by_username,
    ),
    ("flickr.people.getInfo", NONE, people::get_info),
    ("flickr.people.getPhotos", NONE, list::people_photos),
    ("flickr.photos.addTags", WRITE, photo_tags::add),
    ("flickr.photos.getAllContexts", NONE, albums::all_contexts),
    ("flickr.photos.getInfo", NONE, info::get_info),
    ("flickr.photos.getSizes", NONE, photo_sizes::get_sizes),
    ("flickr.photos.licenses.getInfo", NONE, licenses::get_info),
    ("flickr.photos.notes.add", WRITE, photo_notes::add),
    ("flickr.photos.notes.delete", WRITE, photo_notes::delete),
    ("flickr.photos.notes.edit", WRITE, photo_notes::edit),
    ("flickr.photos.people.add", WRITE, photo_people::add),
    ("flickr.photos.people.delete", WRITE, photo_people::delete),
    ("flickr.photos.people.getList", NONE, photo_people::list),
    (
        "flickr.photos.recentlyUpdated",
        READ,
        list::recently_updated,
    ),
    ("flickr.photos.removeTag", WRITE, photo_tags::remove),
    ("flickr.photos.search", NONE, list::search),
    ("flickr.photos.setTags", WRITE, photo_tags::set),
    ("flickr.photosets.getList", NONE, albums::get_list),
    ("flickr.tags.getListPhoto", NONE, photo_tags::list),
    ("flickr.tags.getListUserRaw", READ, photo_tags::list_raw),
    ("flickr.test.echo", NONE, test::echo),
    ("flickr.test.login", READ, test::login),
    ("flickr.test.null", READ, test::null),
    ("flickr.urls.lookupUser", NONE, people::lookup_user),
];

/// The permission that a method needs, and what it does.
pub(crate) fn find(name: &str) -> Option<(Option<Perms>, Run)> {
    let mut methods = METHODS.into_iter();
    let (_, needed, run) = methods.find(|(known, ..)| *known == name)?;
    Some((needed, run))
}

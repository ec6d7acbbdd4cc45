//! The methods of the API, a file for each group.

mod auth;
mod info;
mod list;
mod photo_notes;
mod photo_people;
mod photo_sizes;
mod photo_tags;
mod test;

pub(crate) use photo_sizes::SERVER;

use crate::account::Perms;
use crate::library::Photo;
use crate::request::Params;
use crate::rest::Failure;
use crate::state::{Shared, State};
use crate::value::Element;

/// A call whose signature, key and permissions are checked.
pub(crate) struct Call<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) state: &'a mut State,
    pub(crate) params: &'a Params,
    /// What the token allows; `None` without one.
    pub(crate) granted: Option<Perms>,
}

impl Call<'_> {
    /// Whether the caller sees what is private. There is one account, so that
    /// any token is the owner's.
    fn is_owner(&self) -> bool {
        self.granted.is_some()
    }

    /// The photo that `photo_id` names, if the caller may see it.
    fn photo(&self) -> Result<&Photo, Failure> {
        let id = self.params.get("photo_id").unwrap_or_default();
        id.parse()
            .ok()
            .and_then(|id| self.state.library.get(id))
            .filter(|photo| (self.is_owner() && !photo.foreign) || !photo.private)
            .ok_or_else(|| Failure::new(1, "Photo not found"))
    }

    /// The photo to write to; `code` is what the method calls one that is not
    /// the caller's.
    fn own_photo(&self, code: i64) -> Result<&Photo, Failure> {
        self.photo()
            .ok()
            .filter(|photo| !photo.foreign)
            .ok_or_else(|| Failure::new(code, "Photo not found"))
    }
}

/// A method of the API.
pub(crate) struct Method {
    name: &'static str,
    /// The level that a token needs; `None` where none is needed.
    pub(crate) needs: Option<Perms>,
    pub(crate) run: fn(&mut Call<'_>) -> Result<Element, Failure>,
}

const fn method(
    name: &'static str,
    needs: Option<Perms>,
    run: fn(&mut Call<'_>) -> Result<Element, Failure>,
) -> Method {
    Method { name, needs, run }
}

const METHODS: [Method; 19] = [
    method("flickr.auth.oauth.checkToken", None, auth::check_token),
    method("flickr.people.getPhotos", None, list::people_photos),
    method("flickr.photos.addTags", Some(Perms::Write), photo_tags::add),
    method("flickr.photos.getInfo", None, info::get_info),
    method("flickr.photos.getSizes", None, photo_sizes::get_sizes),
    method(
        "flickr.photos.notes.add",
        Some(Perms::Write),
        photo_notes::add,
    ),
    method(
        "flickr.photos.notes.delete",
        Some(Perms::Write),
        photo_notes::delete,
    ),
    method(
        "flickr.photos.notes.edit",
        Some(Perms::Write),
        photo_notes::edit,
    ),
    method(
        "flickr.photos.people.add",
        Some(Perms::Write),
        photo_people::add,
    ),
    method(
        "flickr.photos.people.delete",
        Some(Perms::Write),
        photo_people::delete,
    ),
    method("flickr.photos.people.getList", None, photo_people::list),
    method(
        "flickr.photos.recentlyUpdated",
        Some(Perms::Read),
        list::recently_updated,
    ),
    method(
        "flickr.photos.removeTag",
        Some(Perms::Write),
        photo_tags::remove,
    ),
    method("flickr.photos.search", None, list::search),
    method("flickr.photos.setTags", Some(Perms::Write), photo_tags::set),
    method("flickr.tags.getListPhoto", None, photo_tags::list),
    method("flickr.test.echo", None, test::echo),
    method("flickr.test.login", Some(Perms::Read), test::login),
    method("flickr.test.null", Some(Perms::Read), test::null),
];

/// The method of a name.
pub(crate) fn find(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.name == name)
}

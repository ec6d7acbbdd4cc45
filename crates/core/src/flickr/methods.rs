//! Flickr's API methods, one function each, named as Flickr names them. Every one passes through
//! the [`Client`].

use std::sync::Arc;

use serde_json::Value;

use super::client::Client;
use super::dates::Span;
use super::error::{Error, Result};
use super::keys::AccessToken;
use super::replies::{
    self, ContactsPage, Media, NoteRect, OwnTag, PhotoInfo, PhotosPage, Tag, TokenInfo,
};
use super::retry::Effect;
use super::sizes::{LABELS, PhotoSize};
use super::tags;
use crate::boxed;
use crate::ids::PhotoId;

/// Flickr, signed in to one account. Cheap to clone; all clones share the client's budget.
#[derive(Debug, Clone)]
pub struct Flickr {
    client: Arc<Client>,
    token: Arc<AccessToken>,
}

/// Which own photos a listing call asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PhotosArgs {
    /// Seconds since 1970; photos of this second are included.
    pub min_upload_date: Option<u64>,
    /// Seconds since 1970; photos of this second are included.
    pub max_upload_date: Option<u64>,
    /// Photos or videos alone; search only.
    pub media: Option<Media>,
    /// From 1.
    pub page: u32,
    /// At most 500.
    pub per_page: u32,
}

/// Whose photos are listed.
const ME: (&str, &str) = ("user_id", "me");

impl PhotosArgs {
    /// The first photo and the first video of a span.
    pub(crate) fn within(span: Span) -> Self {
        Self {
            min_upload_date: (span.from > 0).then_some(span.from),
            max_upload_date: (span.to < u64::MAX).then_some(span.to),
            media: None,
            page: 1,
            per_page: 1,
        }
    }
}

impl Flickr {
    /// `client` in the name of the account that `token` stands for.
    pub fn new(client: Arc<Client>, token: AccessToken) -> Self {
        Self {
            client,
            token: Arc::new(token),
        }
    }

    /// The client the calls pass through.
    pub fn client(&self) -> &Arc<Client> {
        &self.client
    }

    /// The account's id, `12345678@N00`.
    pub fn nsid(&self) -> &str {
        &self.token.nsid
    }

    /// flickr.photos.search over the account's own photos, oldest upload first, with every size's
    /// URL. Only the first 4,000 results of a query can be had; see [`super::Listing`].
    ///
    /// # Errors
    /// Those of the client.
    pub(crate) async fn photos_search(&self, args: &PhotosArgs) -> Result<PhotosPage> {
        let more = [ME, ("sort", "date-posted-asc")];
        self.photos("flickr.photos.search", args, &extras(), &more)
            .await
    }

    /// flickr.photos.search: how many of the account's own photos, or videos, it finds within `span`. `None` where
    /// Flickr does not say.
    ///
    /// # Errors
    /// Those of the client.
    pub(crate) async fn photos_search_total(
        &self,
        media: Media,
        span: Span,
    ) -> Result<Option<u64>> {
        let args = PhotosArgs {
            media: Some(media),
            ..PhotosArgs::within(span)
        };
        let page = self.photos("flickr.photos.search", &args, "media", &[ME]);
        Ok(page.await?.total)
    }

    /// flickr.people.getPhotos of the account, newest upload first. Not under search's cap of
    /// 4,000, but with no order to choose.
    ///
    /// # Errors
    /// Those of the client.
    pub(crate) async fn people_get_photos(&self, args: &PhotosArgs) -> Result<PhotosPage> {
        let args = PhotosArgs {
            media: None,
            ..*args
        };
        self.photos("flickr.people.getPhotos", &args, &extras(), &[ME])
            .await
    }

    /// flickr.people.getPhotos: how many photos and videos the account has within `span`. `None` where Flickr
    /// does not say.
    ///
    /// # Errors
    /// Those of the client.
    pub(crate) async fn people_get_photos_total(&self, span: Span) -> Result<Option<u64>> {
        let args = PhotosArgs::within(span);
        let page = self.photos("flickr.people.getPhotos", &args, "media", &[ME]);
        Ok(page.await?.total)
    }

    /// flickr.photos.recentlyUpdated: the account's photos and videos that were added or changed in the second
    /// `min_upload_date` or later, the last change first.
    ///
    /// # Errors
    /// Those of the client.
    pub(crate) async fn photos_recently_updated(&self, args: &PhotosArgs) -> Result<PhotosPage> {
        let since = args.min_upload_date.unwrap_or(1).to_string();
        let args = PhotosArgs {
            min_upload_date: None,
            max_upload_date: None,
            media: None,
            ..*args
        };
        let since = [("min_date", since.as_str())];
        self.photos("flickr.photos.recentlyUpdated", &args, &extras(), &since)
            .await
    }

    async fn photos(
        &self,
        method: &str,
        args: &PhotosArgs,
        extras: &str,
        more: &[(&str, &str)],
    ) -> Result<PhotosPage> {
        let (page, per_page) = (args.page.to_string(), args.per_page.to_string());
        let (min, max) = (
            args.min_upload_date.map(|n| n.to_string()),
            args.max_upload_date.map(|n| n.to_string()),
        );
        let mut params = vec![("extras", extras), ("page", &page), ("per_page", &per_page)];
        params.extend(min.as_deref().map(|min| ("min_upload_date", min)));
        params.extend(max.as_deref().map(|max| ("max_upload_date", max)));
        params.extend(args.media.map(|media| match media {
            Media::Photo => ("media", "photos"),
            Media::Video => ("media", "videos"),
        }));
        params.extend_from_slice(more);
        self.read(method, &params, "photos", PhotosPage::read).await
    }

    /// flickr.photos.getSizes, video rows left out.
    ///
    /// # Errors
    /// [`Error::Api`] code 1 for a photo that is not there, 2 for one that may not be seen; those
    /// of the client.
    pub(crate) async fn photos_get_sizes(&self, photo: &PhotoId) -> Result<Vec<PhotoSize>> {
        let params = [("photo_id", photo.as_str())];
        self.read("flickr.photos.getSizes", &params, "sizes", replies::sizes)
            .await
    }

    /// flickr.photos.getInfo: also of other accounts' photos, where they may be seen.
    ///
    /// # Errors
    /// [`Error::Api`] code 1 for a photo that is not there; those of the client.
    pub(crate) async fn photos_get_info(&self, photo: &PhotoId) -> Result<PhotoInfo> {
        let params = [("photo_id", photo.as_str())];
        self.read("flickr.photos.getInfo", &params, "photo", PhotoInfo::read)
            .await
    }

    /// flickr.tags.getListPhoto: the photo's tags with their full ids.
    ///
    /// # Errors
    /// [`Error::Api`] code 1 for a photo that is not there; those of the client.
    #[boxed]
    pub async fn tags_get_list_photo(&self, photo: &PhotoId) -> Result<Vec<Tag>> {
        let params = [("photo_id", photo.as_str())];
        self.read(
            "flickr.tags.getListPhoto",
            &params,
            "photo",
            replies::photo_tags,
        )
        .await
    }

    /// flickr.photos.addTags: each of `tags` as one tag, spaces and all; all or none are added.
    /// The tags come back if Flickr's reply holds them with full ids; else read them with
    /// [`Self::tags_get_list_photo`].
    ///
    /// # Errors
    /// [`Error::AnswerLost`] where it may have been done; [`Error::Api`] code 1 for a photo that
    /// is not there, 2 for too many tags; [`Error::BadArgument`]; those of the client.
    pub async fn photos_add_tags<T: AsRef<str>>(
        &self,
        photo: &PhotoId,
        tags: &[T],
    ) -> Result<Option<Vec<Tag>>> {
        let tags = tags::quote(tags)?;
        let params = [("photo_id", photo.as_str()), ("tags", &tags)];
        let reply = self.write("flickr.photos.addTags", &params).await?;
        Ok(replies::added_tags(&reply))
    }

    /// flickr.photos.removeTag by the tag's full id.
    ///
    /// # Errors
    /// [`Error::AnswerLost`] where it may have been done; [`Error::Api`] code 1 for a tag that is
    /// not there; those of the client.
    #[boxed]
    pub async fn photos_remove_tag(&self, full_tag_id: &str) -> Result<()> {
        let params = [("tag_id", full_tag_id)];
        self.write("flickr.photos.removeTag", &params)
            .await
            .map(drop)
    }

    /// flickr.photos.notes.add: a note at a place of the medium image. Its id, if Flickr's reply
    /// holds it. Called twice, it makes two notes.
    ///
    /// # Errors
    /// [`Error::AnswerLost`] where it may have been done; [`Error::Api`] codes 1 photo not found,
    /// 2 notes not allowed, 4 too many notes, 5 outside the photo, 6 too fast; those of the client.
    #[boxed]
    pub async fn photos_notes_add(
        &self,
        photo: &PhotoId,
        place: NoteRect,
        note: &str,
    ) -> Result<Option<String>> {
        let sides = [place.x, place.y, place.w, place.h].map(|side| side.to_string());
        let [x, y, w, h] = &sides;
        let params = [
            ("photo_id", photo.as_str()),
            ("note_x", x.as_str()),
            ("note_y", y.as_str()),
            ("note_w", w.as_str()),
            ("note_h", h.as_str()),
            ("note_text", note),
        ];
        let reply = self.write("flickr.photos.notes.add", &params).await?;
        Ok(replies::added_note(&reply))
    }

    /// flickr.photos.notes.delete.
    ///
    /// # Errors
    /// [`Error::AnswerLost`] where it may have been done; [`Error::Api`] code 1 for a note that is
    /// not there, 2 for another's; those of the client.
    #[boxed]
    pub async fn photos_notes_delete(&self, note_id: &str) -> Result<()> {
        self.write("flickr.photos.notes.delete", &[("note_id", note_id)])
            .await
            .map(drop)
    }

    /// flickr.photos.people.add: says that a member of Flickr is on a photo, and where.
    ///
    /// # Errors
    /// [`Error::AnswerLost`] where it may have been done; [`Error::Api`] codes 1 person not found,
    /// 2 photo not found, 3 to 5 not allowed, 7 not on a private photo, 8 too many people; those of
    /// the client.
    #[boxed]
    pub async fn photos_people_add(
        &self,
        photo: &PhotoId,
        nsid: &str,
        place: Option<NoteRect>,
    ) -> Result<()> {
        let sides = place.map(|place| [place.x, place.y, place.w, place.h].map(|n| n.to_string()));
        let mut params = vec![("photo_id", photo.as_str()), ("user_id", nsid)];
        if let Some([x, y, w, h]) = &sides {
            // All four or none, as Flickr demands.
            params.extend([
                ("person_x", x.as_str()),
                ("person_y", y.as_str()),
                ("person_w", w.as_str()),
                ("person_h", h.as_str()),
            ]);
        }
        self.write("flickr.photos.people.add", &params)
            .await
            .map(drop)
    }

    /// flickr.photos.people.delete: takes a member off a photo.
    ///
    /// # Errors
    /// [`Error::AnswerLost`] where it may have been done; [`Error::Api`] codes 1 person not found,
    /// 2 photo not found, 3 not allowed; those of the client.
    #[boxed]
    pub async fn photos_people_delete(&self, photo: &PhotoId, nsid: &str) -> Result<()> {
        let params = [("photo_id", photo.as_str()), ("user_id", nsid)];
        self.write("flickr.photos.people.delete", &params)
            .await
            .map(drop)
    }

    /// flickr.photos.people.getList: the NSIDs of the members on a photo.
    ///
    /// # Errors
    /// [`Error::Api`] code 1 for a photo that is not there; those of the client.
    pub(crate) async fn photos_people_get_list(&self, photo: &PhotoId) -> Result<Vec<String>> {
        let params = [("photo_id", photo.as_str())];
        self.read(
            "flickr.photos.people.getList",
            &params,
            "people",
            replies::people,
        )
        .await
    }

    /// flickr.contacts.getList: a page of those whom the account's owner knows, 1,000 at most. Takes the permission `read`.
    ///
    /// # Errors
    /// Those of the client.
    pub(crate) async fn contacts_get_list(&self, page: u32) -> Result<ContactsPage> {
        let page = page.to_string();
        let params = [("page", page.as_str()), ("per_page", "1000")];
        self.read(
            "flickr.contacts.getList",
            &params,
            "contacts",
            ContactsPage::read,
        )
        .await
    }

    /// flickr.tags.getListUserRaw: all tags of the account's owner, as they were typed.
    ///
    /// # Errors
    /// Those of the client.
    pub(crate) async fn tags_get_list_user_raw(&self) -> Result<Vec<OwnTag>> {
        self.read("flickr.tags.getListUserRaw", &[], "who", replies::own_tags)
            .await
    }

    /// flickr.auth.oauth.checkToken: whether the token is still good, and for what.
    ///
    /// # Errors
    /// [`Error::TokenRevoked`]; those of the client.
    #[boxed]
    pub async fn auth_oauth_check_token(&self) -> Result<TokenInfo> {
        // The token goes along as oauth_token in the signature: the argument of the same name.
        self.read(
            "flickr.auth.oauth.checkToken",
            &[],
            "oauth with user",
            TokenInfo::read,
        )
        .await
    }

    /// Calls a method that changes nothing, and makes of its reply what `read` does: without the part
    /// of the reply that is `expected`, nothing.
    async fn read<T>(
        &self,
        method: &str,
        params: &[(&str, &str)],
        expected: &str,
        read: fn(&Value) -> Option<T>,
    ) -> Result<T> {
        let call = self.client.rest(method, Effect::Read, params, &self.token);
        let reply = call.await?;
        read(&reply).ok_or_else(|| unexpected(method, expected, &reply))
    }

    async fn write(&self, method: &str, params: &[(&str, &str)]) -> Result<Value> {
        self.client
            .rest(method, Effect::Write, params, &self.token)
            .await
    }
}

/// What a listing brings along so that a photo costs no call of its own.
fn extras() -> String {
    let urls = LABELS.iter().map(|(suffix, _, _)| format!(",url_{suffix}"));
    urls.fold(
        "date_upload,date_taken,rotation,media,original_format,o_dims,tags".to_owned(),
        |all, url| all + &url,
    )
}

/// Well-formed JSON of another shape: its keys say enough and hold no secret.
fn unexpected(method: &str, expected: &str, reply: &Value) -> Error {
    let excerpt = match reply.as_object() {
        Some(object) => {
            let keys: Vec<&str> = object.keys().map(String::as_str).collect();
            format!("JSON with {}", keys.join(", "))
        }
        None => "JSON that is not an object".to_owned(),
    };
    Error::UnexpectedReply {
        method: method.to_owned(),
        expected: expected.to_owned(),
        excerpt,
    }
}

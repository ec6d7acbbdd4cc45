//! Addresses of the account's pages, for a person's browser. Sends nothing.

use url::Url;

use super::methods::Flickr;
use crate::{ids::PhotoId, naming::tag_text::clean_tag};

impl Flickr {
    /// The account's photos that have a tag.
    pub fn tag_page(&self, tag: &str) -> Url {
        self.page(&["tags", &clean_tag(tag)])
    }

    /// One of the account's photos.
    pub fn photo_page(&self, photo: &PhotoId) -> Url {
        self.page(&[photo.as_str()])
    }

    fn page(&self, path: &[&str]) -> Url {
        let mut page = self.client().endpoints().photos().clone();
        if let Ok(mut segments) = page.path_segments_mut() {
            segments
                .pop_if_empty()
                .push(self.nsid())
                .extend(path)
                .push("");
        }
        page
    }
}

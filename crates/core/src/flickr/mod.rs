//! Flickr: sign-in, the one client to its API, typed methods, the listing of an account's photos,
//! and the image host.
//!
//! | file | does |
//! |---|---|
//! | `endpoints` | where Flickr is: the real one, or a sandbox on 127.0.0.1 |
//! | `keys`, [`token_file`] | API key and access token in memory and on disk |
//! | `oauth`, `callback`, `verifier` | the three steps of OAuth 1.0a (RFC 5849) |
//! | `client` | every API call passes here and is signed |
//! | `rate_limiter`, `retry`, `fault` | pacing, pauses, what may be tried again |
//! | `budget` | the hour's calls, where several programs share them |
//! | `reach` | whether there is a way to Flickr at all |
//! | `outage` | waiting for a Flickr that takes no calls |
//! | `methods`, `replies`, `lenient` | one function per API method; replies that may drift |
//! | `pages` | addresses of the account's pages, for a browser |
//! | `listing` | every photo of the account, oldest first |
//! | `sizes`, `tags` | which file to fetch; how a tag is quoted |
//! | `images` | files from the image host, with a budget of their own |
//!
//! Not its job: what is stored, what is shown, and when to ask again after an error that names a
//! person's decision ([`Error::needs_sign_in`]).

mod budget;
mod callback;
mod client;
mod dates;
mod endpoints;
mod error;
mod fault;
mod http;
mod images;
mod keys;
mod lenient;
mod listing;
mod look;
mod methods;
mod oauth;
mod outage;
mod page_size;
mod pages;
mod rate_limiter;
mod reach;
pub(crate) mod replies;
mod retry;
pub(crate) mod sizes;
mod tags;
pub mod token_file;
mod verifier;
mod waits;

#[cfg(test)]
pub(crate) mod wire_tests;

pub use self::{
    budget::{Bucket, Budget, Taken, Taking},
    callback::CallbackListener,
    client::{Client, ClientConfig},
    endpoints::Endpoints,
    error::{Error, ImageProblem, Result},
    images::{Downloaded, ImageHost, ImageSettings},
    keys::{AccessToken, ApiKey},
    listing::{Listing, ListingOptions, Page},
    methods::Flickr,
    oauth::{OUT_OF_BAND, RequestToken, SignIn},
    outage::Outage,
    reach::{Reached, reach},
    replies::{
        ListedPhoto, Media, Note, NoteRect, Perms, PhotoInfo, Tag, TokenInfo, UnreadableRow,
    },
    sizes::PhotoSize,
};
pub(crate) use self::{
    dates::Span,
    error::Concerns,
    look::{By, Look},
    replies::{Contact, OwnTag},
    tags::{MAX_TAGS, is_same_text},
    waits::{Wait, Waited, counted, measured},
};

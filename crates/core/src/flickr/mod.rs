//! Flickr: sign-in, the one client to its API, typed methods, the listing of an account's photos,
//! and the image host.
//!
//! | file | does |
//! |---|---|
//! | [`endpoints`] | where Flickr is: the real one, or a sandbox on 127.0.0.1 |
//! | [`keys`], [`token_file`] | API key and access token in memory and on disk |
//! | [`oauth`], [`callback`], [`verifier`] | the three steps of OAuth 1.0a (RFC 5849) |
//! | [`client`] | every API call passes here and is signed |
//! | `rate_limiter`, `retry`, `fault` | pacing, pauses, what may be tried again |
//! | [`methods`], [`replies`], `lenient` | one function per API method; replies that may drift |
//! | [`listing`] | every photo of the account, oldest first |
//! | [`sizes`], [`tags`] | which file to fetch; how a tag is quoted |
//! | [`images`] | files from the image host, with a budget of their own |
//!
//! Not its job: what is stored, what is shown, and when to ask again after an error that names a
//! person's decision ([`Error::needs_sign_in`]).

pub mod callback;
pub mod client;
pub mod endpoints;
pub mod error;
mod fault;
mod http;
pub mod images;
pub mod keys;
mod lenient;
pub mod listing;
pub mod methods;
pub mod oauth;
mod rate_limiter;
pub mod replies;
mod retry;
pub mod sizes;
pub mod tags;
pub mod token_file;
pub mod verifier;

#[cfg(test)]
mod wire_tests;

pub use client::{Client, ClientConfig};
pub use endpoints::Endpoints;
pub use error::{Concerns, Error, ImageProblem, Result};
pub use images::{ImageHost, ImageSettings};
pub use keys::{AccessToken, ApiKey};
pub use listing::{Listing, ListingOptions};
pub use methods::Flickr;
pub use oauth::SignIn;
pub use replies::NoteRect;

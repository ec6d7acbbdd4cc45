//! A small Flickr on 127.0.0.1, for demos and tests.
//!
//! For the methods that it has, a client cannot tell it from the real one:
//! OAuth 1.0a with an authorize page, the REST API in JSON, JSONP and XML, and
//! an image host with files of every size. It behaves as Flickr's
//! documentation and recordings of real traffic say, and shares no code with
//! any client. It stores nothing: each start begins with the library that
//! [`Options`] describe.
//!
//! ```no_run
//! use flickr_sandbox::{Options, Perms, Sandbox};
//!
//! let sandbox = Sandbox::start(Options::generate(200))?;
//! let (token, secret) = sandbox.issue_token(Perms::Write);
//! println!("{} {}", sandbox.base_url(), sandbox.key());
//! # Ok::<(), flickr_sandbox::SandboxError>(())
//! ```

mod account;
mod annotations;
pub mod approval;
mod clock;
mod control;
mod edits;
mod faults;
mod images;
mod library;
mod methods;
mod oauth;
mod pages;
mod photo;
mod picture;
mod quirks;
mod reply;
mod request;
mod rest;
mod server;
mod signin;
mod sizes;
mod state;
mod tags;

pub use account::{FULLNAME, MEMBERS, Member, NSID, PATH_ALIAS, Perms, USERNAME};
pub use annotations::{Annotations, Note, NoteRect, PersonTag};
pub use edits::Edit;
pub use faults::{Fault, FaultKind};
pub use library::generate::Generated;
pub use photo::{Media, NewPhoto, PhotoInfo};
pub use picture::LibraryError;
pub use quirks::{NumberStyle, Quirks};
pub use server::{Options, Sandbox, SandboxError, Source};
pub use state::Calls;
pub use tags::CleanRule;

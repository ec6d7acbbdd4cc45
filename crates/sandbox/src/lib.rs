//! A small Flickr on 127.0.0.1, for demos and tests.
//!
//! For the methods that it has, a client cannot tell it from the real one:
//! OAuth 1.0a with an authorize page, the REST API in JSON, JSONP and XML, and
//! an image host with files of every size. What it does is what Flickr's
//! documentation and recordings of real traffic say; nothing is shared with
//! any client. It keeps nothing: each start begins with the library that
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
mod clock;
mod control;
mod faults;
mod images;
mod library;
mod marks;
mod methods;
mod oauth;
pub mod people;
mod quirks;
mod request;
mod rest;
mod server;
mod signin;
mod sizes;
mod state;
mod tags;
mod value;

pub use account::{FULLNAME, MEMBERS, Member, NSID, PATH_ALIAS, Perms, USERNAME};
pub use faults::{Fault, FaultKind};
pub use library::generate::Generated;
pub use library::{LibraryError, Media, NewPhoto, PhotoInfo};
pub use marks::{Marks, Note, Place, Tagged};
pub use quirks::{NumberStyle, Quirks};
pub use server::{Options, Sandbox, SandboxError, Source};
pub use state::Calls;

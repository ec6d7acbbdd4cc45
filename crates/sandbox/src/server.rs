//! The sandbox as tests and the program see it: start, look inside, stop.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use axum::Router;
use axum::routing::get;
use tokio::runtime::{self, Runtime};
use tokio::sync::oneshot;

use crate::account::Perms;
use crate::annotations::Annotations;
use crate::edits::Edit;
use crate::faults::{Fault, FaultRules};
use crate::library::generate::Generated;
use crate::library::{Library, folder, generate};
use crate::photo::{NewPhoto, PhotoInfo};
use crate::picture::LibraryError;
use crate::quirks::Quirks;
use crate::state::{Calls, Shared, State, random_hex};
use crate::{control, images, pages, rest, signin};

/// Where the library comes from.
#[derive(Debug, Clone, Default)]
pub enum Source {
    /// No photos.
    #[default]
    Empty,
    /// Every JPEG and PNG file of a folder and the folders below, described
    /// by its `library.json` where there is one.
    Folder(PathBuf),
    /// Made-up photos.
    Generated(Generated),
}

/// How a sandbox starts.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where the library comes from.
    pub source: Source,
    /// Port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// API key; by default 32 random hexadecimal digits.
    pub key: Option<String>,
    /// API secret; by default 16 random hexadecimal digits.
    pub secret: Option<String>,
    /// Behaviour at the start.
    pub quirks: Quirks,
}

impl Options {
    /// A library of the photos in a folder, on a free port.
    pub fn folder(dir: impl Into<PathBuf>) -> Self {
        Self {
            source: Source::Folder(dir.into()),
            ..Self::default()
        }
    }

    /// A library of `count` made-up photos, on a free port.
    pub fn generate(count: u64) -> Self {
        Self {
            source: Source::Generated(Generated::new(count)),
            ..Self::default()
        }
    }
}

/// Why a sandbox does not start or a photo is not added.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The library cannot be made.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// The port cannot be opened.
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Listen {
        /// The requested port; 0 is any.
        port: u16,
        /// What went wrong.
        source: std::io::Error,
    },
    /// The server's threads cannot be started.
    #[error("cannot start the server's threads: {source}")]
    Threads {
        /// What went wrong.
        source: std::io::Error,
    },
}

/// A running sandbox; dropping it stops it.
///
/// It runs on its own threads, so ordinary and asynchronous tests can both use
/// it.
#[derive(Debug)]
pub struct Sandbox {
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Makes the library and starts to listen.
    ///
    /// # Errors
    /// If the library cannot be read or the port cannot be opened.
    pub fn start(options: Options) -> Result<Self, SandboxError> {
        let library = match &options.source {
            Source::Empty => Library::default(),
            Source::Folder(dir) => folder::read(dir)?,
            Source::Generated(generated) => generate::make(generated)?,
        };
        let listen = |source| SandboxError::Listen {
            port: options.port,
            source,
        };
        let listener = TcpListener::bind(("127.0.0.1", options.port)).map_err(listen)?;
        listener.set_nonblocking(true).map_err(listen)?;
        let base = format!("http://{}", listener.local_addr().map_err(listen)?);
        let key = options.key.unwrap_or_else(|| random_hex() + &random_hex());
        let shared = Arc::new(Shared {
            base,
            key,
            secret: options.secret.unwrap_or_else(random_hex),
            state: Mutex::new(State {
                library,
                ..State::default()
            }),
        });
        shared.lock().set_quirks(options.quirks);
        let threads = |source| SandboxError::Threads { source };
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(threads)?;
        let (stop, stopped) = oneshot::channel();
        let router = router(Arc::clone(&shared));
        let thread = thread::Builder::new()
            .name("flickr-sandbox".to_owned())
            .spawn(move || serve(runtime, listener, router, stopped))
            .map_err(threads)?;
        Ok(Self {
            shared,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end. The API is at
    /// `/services/rest/`, OAuth at `/services/oauth/`.
    pub fn base_url(&self) -> &str {
        &self.shared.base
    }

    /// The API key.
    pub fn key(&self) -> &str {
        &self.shared.key
    }

    /// The API secret.
    pub fn secret(&self) -> &str {
        &self.shared.secret
    }

    /// A new access token, without approval: token and secret.
    pub fn issue_token(&self, perms: Perms) -> (String, String) {
        self.shared.lock().issue_token(perms)
    }

    /// Revokes every access token, as the person can on Flickr's pages.
    pub fn revoke_all(&self) {
        self.shared.lock().access_tokens.clear();
    }

    /// Raw texts of a photo's tags, oldest first; `None` if the photo does not
    /// exist.
    pub fn tags_of(&self, photo_id: &str) -> Option<Vec<String>> {
        let state = self.shared.lock();
        Some(state.library.get(photo_id)?.info().tags)
    }

    /// Titles and raw tags of all photos, by photo id.
    pub fn tags(&self) -> BTreeMap<String, (String, Vec<String>)> {
        self.photos()
            .into_iter()
            .map(|photo| (photo.id, (photo.title, photo.tags)))
            .collect()
    }

    /// Everything that was added to the account's photos, by photo id: equal
    /// before and after only if nothing was changed.
    pub fn annotations(&self) -> BTreeMap<String, Annotations> {
        self.shared.lock().library.annotations()
    }

    /// All photos, by id, including private ones and videos.
    pub fn photos(&self) -> Vec<PhotoInfo> {
        self.shared.lock().library.infos()
    }

    /// Adds a photo and returns its id.
    ///
    /// # Errors
    /// If its file cannot be read as an image.
    pub fn add_photo(&self, photo: NewPhoto) -> Result<String, SandboxError> {
        Ok(self.shared.add_photo(photo)?)
    }

    /// Changes a photo as its owner does on Flickr's pages; false where there
    /// is nothing to change.
    pub fn edit(&self, photo_id: &str, edit: &Edit) -> bool {
        self.shared.lock().edit(photo_id, edit)
    }

    /// Deletes a photo; false if there is none with this id.
    pub fn delete_photo(&self, photo_id: &str) -> bool {
        self.shared.lock().library.remove(photo_id)
    }

    /// Requests so far.
    pub fn calls(&self) -> Calls {
        self.shared.lock().calls.clone()
    }

    /// Resets the counts.
    pub fn reset_calls(&self) {
        self.shared.lock().calls = Calls::default();
    }

    /// Replaces the fault rules.
    pub fn set_faults(&self, rules: impl IntoIterator<Item = Fault>) {
        self.shared.lock().fault_rules = FaultRules(rules.into_iter().collect());
    }

    /// Changes behaviour from the next request on.
    pub fn set_quirks(&self, quirks: Quirks) {
        self.shared.lock().set_quirks(quirks);
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // An error means that the server has ended already.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn router(shared: Arc<Shared>) -> Router {
    let rest = get(rest::handle).post(rest::handle);
    let request_token = get(signin::request_token).post(signin::request_token);
    let access_token = get(signin::access_token).post(signin::access_token);
    Router::new()
        .route("/", get(signin::home))
        .route("/services/rest", rest.clone())
        .route("/services/rest/", rest)
        .route("/services/oauth/request_token", request_token)
        .route(
            "/services/oauth/authorize",
            get(signin::authorize).post(signin::decide),
        )
        .route("/services/oauth/access_token", access_token)
        .route("/images/photo_unavailable.gif", get(images::unavailable))
        .route("/{server}/{file}", get(images::file))
        .route("/photos/{account}/{id}/", get(pages::photo))
        .route("/photos/{account}/tags/{tag}/", get(pages::tagged))
        .merge(control::routes())
        .with_state(shared)
}

/// Serves until told to stop, then drops what is still running.
fn serve(runtime: Runtime, listener: TcpListener, router: Router, stopped: oneshot::Receiver<()>) {
    runtime.block_on(async {
        // Fails only if the listener was not made for asynchronous use.
        let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
            return;
        };
        tokio::select! {
            _ = axum::serve(listener, router) => {}
            _ = stopped => {}
        }
    });
    runtime.shutdown_background();
}

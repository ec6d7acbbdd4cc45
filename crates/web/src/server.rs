//! The server: a port on 127.0.0.1, its routes, its end.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    middleware,
    routing::{get, post},
};
use flickr_faces::{
    files::{Access, FileError, write_atomically},
    steps::{StepError, naming::Session},
};
use maud::html;
use tokio::net::TcpListener;

use crate::{
    app::App,
    assets, connections, decisions,
    guard::{Guard, check},
    images, kept, login,
    new_faces::NewFaces,
    pages, pagination,
    problem::Problem,
    rows,
};

/// Why the server cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The port is not free.
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Listen {
        /// The port; 0 is any.
        port: u16,
        /// The error of the system.
        source: std::io::Error,
    },
    /// There are no random numbers for the token.
    #[error("cannot get random numbers from the system: {0}")]
    Random(getrandom::Error),
    /// The store cannot be read.
    #[error(transparent)]
    Step(#[from] StepError),
    /// The page that leads the browser here cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
}

/// A server that listens and does not answer yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    port: u16,
    guard: Arc<Guard>,
}

/// The file that leads the browser to the page; removed when dropped.
#[derive(Debug)]
pub struct Opener(PathBuf);

/// The longest form, in bytes: indices in a list of about 100,000 faces.
const MAX_BODY: usize = 1 << 20;

impl Server {
    /// Listens on 127.0.0.1. Without a port on the last one that was served from `folder`, where that is free, or
    /// else on any; on the same port with the same secrets, so that the tabs of before go on.
    ///
    /// # Errors
    /// Where the port is not free, or the secrets cannot be kept in `folder`.
    pub async fn bind(port: Option<u16>, folder: &Path) -> Result<Self, ServerError> {
        let kept = kept::read(folder);
        let last = kept.as_ref().map(|kept| kept.port);
        let bound = async |port| {
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            let listen = |source| ServerError::Listen { port, source };
            TcpListener::bind(address).await.map_err(listen)
        };
        let listener = match (port, last) {
            (Some(port), _) => bound(port).await?,
            (None, Some(last)) => match bound(last).await {
                Ok(listener) => listener,
                Err(_) => bound(0).await?,
            },
            (None, None) => bound(0).await?,
        };
        let listen = |source| ServerError::Listen { port: 0, source };
        let port = listener.local_addr().map_err(listen)?.port();
        let guard = match kept.filter(|kept| kept.port == port) {
            Some(kept) => Guard::from_kept(kept),
            None => {
                let guard = Guard::new(port).map_err(ServerError::Random)?;
                kept::write(folder, &guard.to_keep())?;
                guard
            }
        };
        let guard = Arc::new(guard);
        Ok(Self {
            listener,
            port,
            guard,
        })
    }

    /// The address to open, with the token that lets a browser in.
    #[must_use]
    pub fn url(&self) -> String {
        format!(
            "http://127.0.0.1:{}/?token={}",
            self.port,
            self.guard.token.expose()
        )
    }

    /// Writes a page into `folder` that leads to [`Self::url`], readable by the owner alone. A browser's
    /// command line can be seen by every user of the machine: there, it holds this file's name.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn opener(&self, folder: &Path) -> Result<Opener, ServerError> {
        let referrer = html! { meta name="referrer" content="no-referrer"; };
        let page = pages::forward(&self.url(), &referrer);
        let path = std::path::absolute(folder.join(format!("open-{}.html", self.port)))
            .map_err(FileError::at(folder, "cannot find"))?;
        write_atomically(&path, page.into_string().as_bytes(), Access::Private)?;
        Ok(Opener(path))
    }

    /// Serves until `stop`; requests that are under way then are finished.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn run(
        self,
        session: Session,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ServerError> {
        let faces_at_start = session.counts().await?.faces;
        let new_faces = NewFaces::since(faces_at_start);
        let app = Arc::new(App::new(session, new_faces, Arc::clone(&self.guard)));
        connections::serve(self.listener, router(app), stop).await;
        Ok(())
    }
}

impl Opener {
    /// The file's address, for a browser.
    #[must_use]
    pub fn url(&self) -> String {
        // An absolute path has an address.
        url::Url::from_file_path(&self.0).map_or_else(|()| String::new(), String::from)
    }
}

impl Drop for Opener {
    fn drop(&mut self) {
        // Its token is of no use once the server has ended.
        std::fs::remove_file(&self.0).ok();
    }
}

fn router(app: Arc<App>) -> Router {
    let base = app.guard.base.clone();
    let guard = Arc::clone(&app.guard);
    let pages = Router::new()
        .route("/", get(pages::clusters))
        .route("/cluster/{face}", get(pages::cluster))
        .route("/suggestions", get(pages::suggestions))
        .route("/people", get(pages::people))
        .route("/person/{id}", get(pages::person))
        .route("/person/{id}/split", get(pages::split))
        .route("/low-quality", get(pages::low_quality))
        .route("/together", get(pages::together))
        .route("/small", get(pages::small))
        .route("/set-aside", get(pages::set_aside))
        .route("/journal", get(pages::journal))
        .route("/photo/{face}", get(pages::photo))
        .route("/decide", post(decisions::decide))
        .route("/face/name", post(decisions::name_face))
        .route("/rows", post(rows::rows))
        .route("/pairs", get(pages::pairs).post(rows::pairs))
        .route("/rest", post(rows::rest))
        .route("/undo", post(decisions::undo))
        .route("/take-back", post(decisions::take_back))
        .route("/person/{id}/rename", post(decisions::rename))
        .route("/person/{id}/cover", post(decisions::cover))
        .route("/person/{id}/merge", post(decisions::merge))
        .route("/regroup", get(pagination::regroup))
        .route("/clusters/{number}", get(pagination::clusters))
        .route("/faces/{number}", get(pagination::faces))
        .route("/faces/{number}/states", get(pagination::states))
        .route("/faces/{number}/same", get(pagination::same))
        .route("/news", get(pagination::news))
        .route("/store", get(pagination::store))
        .route("/names", get(pagination::names))
        .route("/face/{face}", get(pagination::face))
        .route("/cover/{person}", get(images::cover))
        .route("/crop/{face}", get(images::crop))
        .route("/crops", get(images::crops))
        .route("/small/{face}", get(images::small))
        .route("/whole/{face}", get(images::whole))
        .route("/flickr/{face}", get(images::on_flickr))
        .route("/assets/{version}/{file}", get(assets::file));
    Router::new()
        .route("/", get(login::login))
        .route(pages::STYLE, get(assets::style))
        .nest(&base, pages)
        .fallback(|_: Request| async { Problem::NotFound("page") })
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn_with_state(guard, check))
        .with_state(app)
}

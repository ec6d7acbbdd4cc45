//! The server: a port on 127.0.0.1, its routes, its end.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
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
use maud::{DOCTYPE, html};
use tokio::net::TcpListener;

use crate::{
    app::App,
    assets, decisions, entrance,
    guard::{Guard, stand},
    images, pages,
    problem::Problem,
    slices,
};

/// Why the server cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The port cannot be had.
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Listen {
        /// The port that was asked for; 0 is any.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// There is no randomness to be had for the token.
    #[error("the system gives no random numbers: {0}")]
    Random(getrandom::Error),
    /// The store cannot be read.
    #[error(transparent)]
    Step(#[from] StepError),
    /// The page that leads the browser here cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
}

/// A page that listens and is not served yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    port: u16,
    guard: Arc<Guard>,
}

/// The file that leads the browser to the page; removed when dropped.
#[derive(Debug)]
pub struct Opener(PathBuf);

/// The longest form: places in a list of some 100,000 faces.
const MOST_BODY: usize = 1 << 20;

/// How long an answer that is under way may take once the program is to end.
const PATIENCE: Duration = Duration::from_secs(3);

impl Server {
    /// Listens on 127.0.0.1; port 0 takes a free one.
    ///
    /// # Errors
    /// Where the port cannot be had.
    pub async fn bind(port: u16) -> Result<Self, ServerError> {
        let listen = |source| ServerError::Listen { port, source };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let port = listener.local_addr().map_err(listen)?.port();
        let guard = Arc::new(Guard::new(port).map_err(ServerError::Random)?);
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

    /// Writes a page into `folder` that leads to [`Self::url`], for nobody else to read. What is on the
    /// command line of a browser can be seen by everybody on the machine: there, this file's name.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn opener(&self, folder: &Path) -> Result<Opener, ServerError> {
        let url = self.url();
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="referrer" content="no-referrer";
                    meta http-equiv="refresh" content=(format!("0;url={url}"));
                    title { "flickr-faces" }
                }
                body { a href=(url) { "Name faces" } }
            }
        };
        let path = std::path::absolute(folder.join(format!("open-{}.html", self.port)))
            .map_err(FileError::at(folder, "cannot find"))?;
        write_atomically(&path, page.into_string().as_bytes(), Access::Private)?;
        Ok(Opener(path))
    }

    /// Serves until `stop`; answers that are under way then are finished.
    ///
    /// # Errors
    /// Where the store cannot be read, or the system lets nobody connect any more.
    pub async fn run(
        self,
        session: Session,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ServerError> {
        let begun_with = session.counts().await?.faces;
        let app = Arc::new(App::new(session, begun_with, Arc::clone(&self.guard)));
        let (stopping, mut stopped) = tokio::sync::watch::channel(false);
        let serving = axum::serve(self.listener, router(app)).with_graceful_shutdown(async move {
            stop.await;
            stopping.send(true).ok();
        });
        let too_late = async {
            // An error means that serving has ended by itself.
            stopped.wait_for(|stopped| *stopped).await.ok();
            tokio::time::sleep(PATIENCE).await;
        };
        tokio::select! {
            served = async { serving.await } => served.map_err(|source| ServerError::Listen {
                port: self.port,
                source,
            }),
            () = too_late => Ok(()),
        }
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
        // Its token is of no use any more.
        std::fs::remove_file(&self.0).ok();
    }
}

fn router(app: Arc<App>) -> Router {
    let place = format!("/{}/", app.guard.place);
    let guard = Arc::clone(&app.guard);
    let pages = Router::new()
        .route("/", get(pages::clusters))
        .route("/cluster/{face}", get(pages::cluster))
        .route("/suggestions", get(pages::suggestions))
        .route("/people", get(pages::people))
        .route("/person/{id}", get(pages::person))
        .route("/person/{id}/split", get(pages::split))
        .route("/left-out", get(pages::left_out))
        .route("/journal", get(pages::journal))
        .route("/photo/{face}", get(pages::photo))
        .route("/decide", post(decisions::decide))
        .route("/suggest", post(decisions::suggest))
        .route("/undo", post(decisions::undo))
        .route("/take-back", post(decisions::take_back))
        .route("/person/{id}/rename", post(decisions::rename))
        .route("/person/{id}/merge", post(decisions::merge))
        .route("/board/{number}", get(slices::board))
        .route("/boards", get(slices::boards))
        .route("/sheet/{number}", get(slices::sheet))
        .route("/sheet/{number}/states", get(slices::states))
        .route("/news", get(slices::news))
        .route("/names", get(slices::names))
        .route("/face/{face}", get(slices::face))
        .route("/cover/{person}", get(images::cover))
        .route("/crop/{face}", get(images::crop))
        .route("/small/{face}", get(images::small))
        .route("/whole/{face}", get(images::whole))
        .route("/flickr/{face}", get(images::on_flickr))
        .route("/assets/{file}", get(assets::file));
    Router::new()
        .route("/", get(entrance::enter))
        .nest(&place, pages)
        .fallback(|_: Request| async { Problem::NotThere("page") })
        .layer(DefaultBodyLimit::max(MOST_BODY))
        .layer(middleware::from_fn_with_state(guard, stand))
        .with_state(app)
}

//! Connections: each limited in the time of a request's head, and all of them in number.
//!
//! A program of the same machine that opens connections and sends nothing must not shut the page: beyond
//! [`MAX_CONNECTIONS`] the oldest that has not been answered yet makes room for the newest.

use std::{
    collections::VecDeque,
    io::ErrorKind,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Router, extract::Request, middleware, middleware::Next};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::sleep,
};
use tokio_util::sync::CancellationToken;

/// Well below the files that a process may have open; browsers use six for a page.
const MAX_CONNECTIONS: usize = 256;

/// For the head of a request, and for a connection that waits for the next one.
const HEAD_TIMEOUT: Duration = Duration::from_secs(20);

/// How long a request may go on once the program is to end.
const GRACE_PERIOD: Duration = Duration::from_secs(3);

/// Before the next connection is accepted where the system has none to give.
const PAUSE: Duration = Duration::from_millis(100);

/// A connection that is open.
struct Open {
    /// Whether anything was answered on it.
    is_answered: Arc<AtomicBool>,
    /// Ends it at once.
    end: CancellationToken,
    /// Cancelled by its task's end.
    ended: CancellationToken,
}

/// Serves until `stop`; requests that are under way then are finished, unless they take too long.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let mut stop = pin!(stop);
    let stopping = CancellationToken::new();
    let mut tasks = JoinSet::new();
    let mut open: VecDeque<Open> = VecDeque::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = tasks.join_next(), if !tasks.is_empty() => continue,
            () = &mut stop => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            // The other side has gone before it was accepted.
            Err(error) if error.kind() == ErrorKind::ConnectionAborted => continue,
            Err(error) => {
                // Too many open files, for example: it passes.
                tracing::warn!("cannot accept a connection: {error}");
                sleep(PAUSE).await;
                continue;
            }
        };
        open.retain(|open| !open.ended.is_cancelled());
        if open.len() >= MAX_CONNECTIONS {
            make_room(&mut open);
        }
        let connection = Open {
            is_answered: Arc::default(),
            end: CancellationToken::new(),
            ended: CancellationToken::new(),
        };
        tasks.spawn(answer(
            stream,
            router.clone(),
            Arc::clone(&connection.is_answered),
            connection.end.clone(),
            stopping.clone(),
            connection.ended.clone().drop_guard(),
        ));
        open.push_back(connection);
    }
    stopping.cancel();
    let all = async { while tasks.join_next().await.is_some() {} };
    tokio::time::timeout(GRACE_PERIOD, all).await.ok();
}

/// Ends the oldest that has not been answered, or the oldest of all.
fn make_room(open: &mut VecDeque<Open>) {
    let unanswered = |open: &Open| !open.is_answered.load(Ordering::Relaxed);
    let oldest = open.iter().position(unanswered).unwrap_or(0);
    if let Some(oldest) = open.remove(oldest) {
        oldest.end.cancel();
    }
}

/// Answers the requests of one connection.
async fn answer(
    stream: TcpStream,
    router: Router,
    is_answered: Arc<AtomicBool>,
    end: CancellationToken,
    stopping: CancellationToken,
    _ended: tokio_util::sync::DropGuard,
) {
    // Small answers are not held back for larger ones.
    stream.set_nodelay(true).ok();
    let router = router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let is_answered = Arc::clone(&is_answered);
        async move {
            let response = next.run(request).await;
            is_answered.store(true, Ordering::Relaxed);
            response
        }
    }));
    let mut serving = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
    );
    let mut is_stopping = false;
    loop {
        tokio::select! {
            served = serving.as_mut() => {
                if let Err(error) = served {
                    tracing::debug!("a connection ended: {error}");
                }
                return;
            }
            () = end.cancelled() => return,
            () = stopping.cancelled(), if !is_stopping => {
                is_stopping = true;
                serving.as_mut().graceful_shutdown();
            }
        }
    }
}

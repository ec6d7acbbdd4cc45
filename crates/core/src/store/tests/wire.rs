//! A wire to a server that is cut at a chosen moment.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, AtomicU8, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use url::Url;

/// How it is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// What the store sends does not arrive.
    Before,
    /// It arrives and is done, and the answer is lost.
    After,
    /// The same, and the server does not hear of the end.
    Unheard,
}

const CUTS: [Cut; 3] = [Cut::Before, Cut::After, Cut::Unheard];

/// Between a store and its server.
#[derive(Debug, Clone)]
pub(super) struct Wire {
    /// What a store is opened with to go this way.
    pub address: String,
    /// Of how many messages to the server the last is cut; none below 0.
    left: Arc<AtomicI64>,
    /// It is cut at the next COMMIT.
    commit: Arc<AtomicBool>,
    how: Arc<AtomicU8>,
    /// Nothing gets through once it is cut.
    for_good: Arc<AtomicBool>,
    shut: Arc<AtomicBool>,
}

impl Wire {
    /// To the server at this address, without encryption.
    pub(super) async fn to(address: &str) -> Self {
        let mut url = Url::parse(address).unwrap();
        let server = url.socket_addrs(|| Some(5432)).unwrap()[0];
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        url.set_port(Some(port)).unwrap();
        url.query_pairs_mut().append_pair("sslmode", "disable");
        let wire = Self {
            address: url.to_string(),
            left: Arc::new(AtomicI64::new(-1)),
            commit: Arc::default(),
            how: Arc::default(),
            for_good: Arc::default(),
            shut: Arc::default(),
        };
        let this = wire.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                if this.shut.load(Ordering::SeqCst) {
                    continue;
                }
                let far = TcpStream::connect(server).await.unwrap();
                tokio::spawn(this.clone().carry(near, far));
            }
        });
        wire
    }

    /// Cuts at the `number`th message from now on, counted from 0.
    pub(super) fn cut_at(&self, number: i64, how: Cut) {
        self.how.store(how as u8, Ordering::SeqCst);
        self.left.store(number, Ordering::SeqCst);
    }

    /// Whether it was cut since.
    pub(super) fn is_cut(&self) -> bool {
        self.left.load(Ordering::SeqCst) < 0
    }

    /// Cuts at that message once it was done, and nothing gets through any more.
    pub(super) fn cut_for_good(&self, number: i64) {
        self.for_good.store(true, Ordering::SeqCst);
        self.cut_at(number, Cut::After);
    }

    /// The same at the next COMMIT.
    pub(super) fn cut_commit_for_good(&self) {
        self.commit.store(true, Ordering::SeqCst);
        self.for_good.store(true, Ordering::SeqCst);
        self.how.store(Cut::After as u8, Ordering::SeqCst);
    }

    async fn carry(self, mut near: TcpStream, mut far: TcpStream) {
        let (mut sent, mut back) = (vec![0; 65_536], vec![0; 65_536]);
        loop {
            tokio::select! {
                read = near.read(&mut sent) => {
                    let Ok(size @ 1..) = read else { return };
                    if self.shut.load(Ordering::SeqCst) {
                        return;
                    }
                    let is_commit = sent[..size].windows(6).any(|part| part == b"COMMIT");
                    let is_last = is_commit && self.commit.load(Ordering::SeqCst)
                        || self.left.load(Ordering::SeqCst) >= 0
                            && self.left.fetch_sub(1, Ordering::SeqCst) == 0;
                    if is_last && self.for_good.load(Ordering::SeqCst) {
                        self.shut.store(true, Ordering::SeqCst);
                    }
                    let how = CUTS[usize::from(self.how.load(Ordering::SeqCst))];
                    if is_last && how == Cut::Before {
                        return;
                    }
                    far.write_all(&sent[..size]).await.unwrap();
                    if is_last {
                        // It is done once there is an answer.
                        far.readable().await.ok();
                        drop(near);
                        if how == Cut::Unheard {
                            std::future::pending::<()>().await;
                        }
                        return;
                    }
                }
                read = far.read(&mut back) => {
                    let Ok(size @ 1..) = read else { return };
                    if near.write_all(&back[..size]).await.is_err() {
                        return;
                    }
                }
            }
        }
    }
}

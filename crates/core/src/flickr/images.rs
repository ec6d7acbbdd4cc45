//! Files from Flickr's image host. It has a budget of its own: how many run at once is the
//! caller's choice, and an HTTP 429 pauses all of them. Whether a 429, or any other refusal, is one photo's
//! own, only others can tell: that is the caller's to find out.
//!
//! A file goes to `ID.part` beside its target, is checked (status, content type, length, first
//! bytes), written through to the disk and renamed. Whether the picture can be decoded is the
//! caller's check.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use tokio::fs::{self, File, OpenOptions};
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::endpoints::Endpoints;
use super::error::{Error, ImageProblem, Result};
use super::fault::{Fault, RetryWhen};
use super::http::{self, header};
use super::rate_limiter::{RateLimiter, retry_after};
use super::retry::{Effect, Retries};
use crate::boxed;
use crate::ids::PhotoId;
use crate::photo::{Kind, sniff};

const MAX_REDIRECTS: u32 = 5;

/// How images are fetched.
#[derive(Debug, Clone)]
pub struct ImageSettings {
    /// The longest silence within a download.
    pub read_timeout: Duration,
    /// How long a file may bring less than `least_bytes`: one that trickles would hold its place for ever.
    pub slow_period: Duration,
    /// Bytes that a file must bring in each `slow_period`, but for its last.
    pub least_bytes: u64,
    /// Tries of one file, the first included. A 404, and a file that comes too slowly, is tried once more at
    /// most; after a 429 it is the caller who asks again.
    pub tries: u32,
    /// Wait before the second try; doubles, with jitter, up to a minute.
    pub first_wait: Duration,
    /// Pause of all downloads after an HTTP 429 without Retry-After; doubles while it goes on.
    pub throttle_pause: Duration,
    /// A longer pause is reported instead of waited for.
    pub longest_pause: Duration,
    /// Bytes of the largest file that is fetched; Flickr takes photos up to 200 MB.
    pub max_bytes: u64,
}

impl Default for ImageSettings {
    fn default() -> Self {
        Self {
            read_timeout: Duration::from_secs(30),
            slow_period: Duration::from_secs(30),
            least_bytes: 30 << 10,
            tries: 4,
            first_wait: Duration::from_secs(1),
            throttle_pause: Duration::from_secs(10),
            longest_pause: Duration::from_secs(60 * 60),
            max_bytes: 256 << 20,
        }
    }
}

/// The image host of one Flickr.
#[derive(Debug)]
pub struct ImageHost {
    http: reqwest::Client,
    endpoints: Endpoints,
    settings: ImageSettings,
    retries: Retries,
    bytes: AtomicU64,
    last_image: Mutex<Option<Instant>>,
}

/// A file that lies at its target, whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Downloaded {
    /// Bytes of the file.
    pub bytes: u64,
    /// A JPEG or a PNG, by its first bytes.
    pub format: Kind,
}

impl ImageHost {
    /// Fetches nothing yet.
    ///
    /// # Errors
    /// [`Error::NoClient`] where the system has no CA certificates.
    pub fn new(endpoints: Endpoints, settings: ImageSettings) -> Result<Self> {
        let http = http::client(&endpoints, |builder| {
            builder
                .connect_timeout(http::CONNECT_TIMEOUT)
                .read_timeout(settings.read_timeout)
        })?;
        let retries = Retries {
            tries: settings.tries,
            first_wait: settings.first_wait,
            limiter: RateLimiter::pauses_only(settings.throttle_pause, settings.longest_pause),
        };
        Ok(Self {
            http,
            endpoints,
            settings,
            retries,
            bytes: AtomicU64::new(0),
            last_image: Mutex::default(),
        })
    }

    /// Bytes received so far, of failed tries too: for a progress bar's MB/s.
    pub(crate) fn bytes_received(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Fetches `url` into the file `target`, mode 0600, by way of `ID.part` in the same folder.
    /// Either the whole checked file lies at `target` afterwards, or nothing new does.
    ///
    /// # Errors
    /// [`Error::Image`] says what was found; [`Error::HostNotAllowed`] before anything is sent;
    /// [`Error::Throttled`] if the host asks to slow down, with what it asks for: then all downloads pause a
    /// little; [`Error::Io`].
    #[boxed]
    pub async fn download(&self, photo: &PhotoId, url: &Url, target: &Path) -> Result<Downloaded> {
        self.fetch(photo, url, target, false).await
    }

    /// The same; where `own_429` says that this photo is asked to slow down while others are not, nobody
    /// pauses for it.
    pub(crate) async fn fetch(
        &self,
        photo: &PhotoId,
        url: &Url,
        target: &Path,
        own_429: bool,
    ) -> Result<Downloaded> {
        let part = target.with_file_name(format!("{photo}.part"));
        let once = || self.once(photo, url, &part, own_429);
        match self.retries.run("image", Effect::Read, once).await {
            Ok(done) => {
                self.came();
                fs::rename(&part, target)
                    .await
                    .map_err(|error| Error::io(target, error))?;
                sync_folder(target).await;
                Ok(done)
            }
            Err(error) => {
                fs::remove_file(&part).await.ok();
                Err(error)
            }
        }
    }

    /// Asks for the first bytes of an image, once: whether the host gives it. A pause is not waited for.
    ///
    /// # Errors
    /// As [`ImageHost::download`].
    pub(crate) async fn probe(&self, photo: &PhotoId, url: &Url) -> Result<()> {
        let first = async {
            let mut response = self.follow(photo, url.clone()).await?;
            self.check_head(photo, &response, false)?;
            let mut first = Vec::with_capacity(16);
            while first.len() < 16
                && let Some(chunk) =
                    (response.chunk().await).map_err(|error| no_answer(photo, error))?
            {
                first.extend(chunk.iter().take(16 - first.len()));
            }
            check_magic(photo, &first)
        };
        first.await.map_err(|fault| fault.error)?;
        self.came();
        Ok(())
    }

    /// Waits until the host may be asked again after a 429.
    ///
    /// # Errors
    /// [`Error::Throttled`] where that is too long to wait for.
    pub(crate) async fn ready(&self) -> Result<()> {
        let ready = self.retries.limiter.ready().await;
        ready.map_err(throttled)
    }

    /// Whether an image has come since then.
    pub(crate) fn answered_since(&self, then: Instant) -> bool {
        let last = *self
            .last_image
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        last.is_some_and(|last| last > then)
    }

    fn came(&self) {
        self.retries.limiter.record_success();
        *self
            .last_image
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Begins a pause of all downloads after a 429, and returns what the host asked for. The pause is a short
    /// one, as it may be one photo that is refused for ever: the next ones tell.
    fn pause(&self, asked: Option<Duration>) -> Duration {
        let limiter = &self.retries.limiter;
        let short = asked.map(|asked| asked.min(self.settings.throttle_pause));
        let left = limiter.pause_left();
        // Those that were on their way together meet the same 429.
        let pause = match left.is_zero() {
            true => limiter.throttled(short),
            false => left,
        };
        asked.unwrap_or(pause)
    }

    /// Everybody is asked to slow down: all downloads pause for that long.
    ///
    /// # Errors
    /// [`Error::Throttled`] where that is too long to wait for.
    pub(crate) fn pause_all(&self, asked: Duration) -> Result<()> {
        let wait = self.retries.limiter.throttled(Some(asked));
        match wait > self.settings.longest_pause {
            true => Err(throttled(wait)),
            false => Ok(()),
        }
    }

    async fn once(
        &self,
        id: &PhotoId,
        url: &Url,
        part: &Path,
        own_429: bool,
    ) -> std::result::Result<Downloaded, Fault> {
        let response = self.follow(id, url.clone()).await?;
        self.check_head(id, &response, own_429)?;
        self.receive(id, response, part).await
    }

    /// Sends the request and follows redirects, to the image host alone.
    async fn follow(&self, id: &PhotoId, mut url: Url) -> std::result::Result<Response, Fault> {
        for _ in 0..=MAX_REDIRECTS {
            if is_unavailable(&url) {
                return Err(failed(id, ImageProblem::Unavailable));
            }
            if !self.endpoints.allows_image_host(&url) {
                let host = format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default());
                return Err(Fault::never(Error::HostNotAllowed {
                    photo: id.clone(),
                    host,
                }));
            }
            let response = self
                .http
                .get(url.clone())
                .send()
                .await
                .map_err(|error| no_answer(id, error))?;
            let next = match response.status().as_u16() {
                301 | 302 | 303 | 307 | 308 => {
                    header(response.headers(), LOCATION).and_then(|to| url.join(to).ok())
                }
                _ => None,
            };
            match next {
                Some(next) => url = next,
                None => return Ok(response),
            }
        }
        Err(failed(id, ImageProblem::TooManyRedirects(MAX_REDIRECTS)))
    }

    /// Status, content type and announced length.
    fn check_head(
        &self,
        id: &PhotoId,
        response: &Response,
        own_429: bool,
    ) -> std::result::Result<(), Fault> {
        let status = response.status().as_u16();
        if status == 429 {
            let asked = header(response.headers(), RETRY_AFTER);
            let asked = asked.and_then(|value| retry_after(value, SystemTime::now()));
            let wait = if own_429 {
                Duration::ZERO
            } else {
                self.pause(asked)
            };
            return Err(Fault::never(throttled(wait)));
        }
        if status != 200 {
            return Err(failed(id, ImageProblem::Status(status)));
        }
        let kind = header(response.headers(), CONTENT_TYPE).unwrap_or_default();
        if kind.starts_with("text/") || kind.contains("html") || kind.contains("json") {
            let kind = kind.chars().take(60).collect();
            return Err(failed(id, ImageProblem::ContentType(kind)));
        }
        let max = self.settings.max_bytes;
        if response.content_length().is_some_and(|length| length > max) {
            return Err(failed(id, ImageProblem::TooLarge(max)));
        }
        Ok(())
    }

    /// Writes the body to `part` and checks what can be told without decoding.
    async fn receive(
        &self,
        id: &PhotoId,
        mut response: Response,
        part: &Path,
    ) -> std::result::Result<Downloaded, Fault> {
        let io = |error| Fault::never(Error::io(part, error));
        let expected = response.content_length();
        let mut file = create(part).await.map_err(io)?;
        let truncated = |got| failed(id, ImageProblem::Truncated { got, expected });
        let mut first = Vec::with_capacity(16);
        let mut bytes = 0_u64;
        let (period, least) = (self.settings.slow_period, self.settings.least_bytes);
        let (mut until, mut before) = (Instant::now() + period, 0);
        loop {
            let chunk = match timeout_at(until, response.chunk()).await {
                Ok(Ok(Some(chunk))) => chunk,
                Ok(Ok(None)) => break,
                // A silence is not an early end.
                Ok(Err(error)) if error.is_timeout() => return Err(no_answer(id, error)),
                Ok(Err(_)) => return Err(truncated(bytes)),
                Err(_) if bytes - before < least => {
                    return Err(failed(
                        id,
                        ImageProblem::TooSlow {
                            bytes: bytes - before,
                            seconds: period.as_secs(),
                            least,
                        },
                    ));
                }
                Err(_) => {
                    (until, before) = (Instant::now() + period, bytes);
                    continue;
                }
            };
            bytes += chunk.len() as u64;
            self.bytes.fetch_add(chunk.len() as u64, Ordering::Relaxed);
            if bytes > self.settings.max_bytes {
                let problem = ImageProblem::TooLarge(self.settings.max_bytes);
                return Err(failed(id, problem));
            }
            first.extend(chunk.iter().take(16 - first.len()));
            file.write_all(&chunk).await.map_err(io)?;
        }
        if expected.is_some_and(|expected| expected != bytes) || bytes == 0 {
            return Err(truncated(bytes));
        }
        let format = check_magic(id, &first)?;
        file.flush().await.map_err(io)?;
        file.sync_all().await.map_err(io)?;
        Ok(Downloaded { bytes, format })
    }
}

fn throttled(wait: Duration) -> Error {
    Error::Throttled {
        method: "image".to_owned(),
        wait,
    }
}

/// Whether these are the first bytes of a JPEG or a PNG.
fn check_magic(id: &PhotoId, first: &[u8]) -> std::result::Result<Kind, Fault> {
    match sniff(first) {
        kind @ (Kind::Jpeg | Kind::Png) => Ok(kind),
        kind if kind.is_other_picture() => Err(failed(id, ImageProblem::Format(kind))),
        _ => Err(failed(id, ImageProblem::Magic(show_bytes(first)))),
    }
}

/// What was found in place of an image, and whether it is worth another try.
fn failed(id: &PhotoId, problem: ImageProblem) -> Fault {
    let retry = match problem {
        // Seen now and then for files that are there.
        ImageProblem::Status(404) | ImageProblem::TooSlow { .. } => RetryWhen::Once,
        ImageProblem::Status(408 | 425 | 500..)
        // A page with status 200 comes from the host's front end and passes.
        | ImageProblem::ContentType(_)
        | ImageProblem::Magic(_)
        | ImageProblem::Truncated { .. }
        | ImageProblem::NoAnswer(_) => RetryWhen::Later,
        ImageProblem::Status(_)
        | ImageProblem::Unavailable
        | ImageProblem::TooManyRedirects(_)
        | ImageProblem::Format(_)
        | ImageProblem::TooLarge(_) => RetryWhen::Never,
    };
    Fault {
        error: Error::Image {
            photo: id.clone(),
            problem,
        },
        retry,
    }
}

fn no_answer(id: &PhotoId, error: reqwest::Error) -> Fault {
    if let Some(why) = http::lacks(&error) {
        let method = "image".to_owned();
        return Fault::never(Error::NoConnection { method, why });
    }
    failed(id, ImageProblem::NoAnswer(http::describe(error)))
}

/// Flickr's stand-in picture for a photo that is gone: `.../photo_unavailable_l.png`.
fn is_unavailable(url: &Url) -> bool {
    url.path().contains("photo_unavailable")
}

fn show_bytes(first: &[u8]) -> String {
    if first.iter().all(|b| b.is_ascii_graphic() || *b == b' ') {
        return format!("{:?}", String::from_utf8_lossy(first));
    }
    let hex: Vec<String> = first.iter().take(8).map(|b| format!("{b:02X}")).collect();
    hex.join(" ")
}

/// A new file of mode 0600 in place of one left by a run that was killed.
async fn create(path: &Path) -> std::io::Result<File> {
    fs::remove_file(path).await.ok();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options.open(path).await
}

/// Makes the rename last; not every file system can, and the file itself is safe already.
async fn sync_folder(target: &Path) {
    if let Some(folder) = target.parent()
        && let Ok(folder) = File::open(folder).await
    {
        folder.sync_all().await.ok();
    }
}

//! Files from Flickr's image host. It has a budget of its own: how many run at once is the
//! caller's choice, and an HTTP 429 pauses all of them.
//!
//! A file goes to `ID.part` beside its target, is checked (status, content type, length, first
//! bytes), written through to the disk and renamed. Whether the picture can be decoded is the
//! caller's check.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use backon::{ExponentialBuilder, Retryable};
use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, HeaderName, LOCATION, RETRY_AFTER};
use tokio::fs::{self, File, OpenOptions};
use tokio::io::AsyncWriteExt;
use url::Url;

use super::endpoints::Endpoints;
use super::error::{Error, ImageProblem, Result};
use super::http;
use super::lenient::is_photo_id;
use super::pace::{Pace, retry_after};

const MAX_REDIRECTS: u32 = 5;

/// How images are fetched.
#[derive(Debug, Clone)]
pub struct ImageSettings {
    /// The longest silence within a download.
    pub read_timeout: Duration,
    /// Tries of one file, the first included. A 404 is tried once more at most.
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
            tries: 4,
            first_wait: Duration::from_secs(1),
            throttle_pause: Duration::from_secs(30),
            longest_pause: Duration::from_secs(15 * 60),
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
    pace: Pace,
    bytes: AtomicU64,
}

/// What the first bytes of a file say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageFormat {
    /// FF D8 FF.
    Jpeg,
    /// 89 "PNG" 0D 0A 1A 0A.
    Png,
}

/// A file that lies at its target, whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Downloaded {
    /// Bytes of the file.
    pub bytes: u64,
    /// By its first bytes.
    pub format: ImageFormat,
}

/// A try that failed.
struct Failed {
    error: Error,
    again: Again,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Again {
    Never,
    Once,
    Later,
    AfterPause,
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
        let pace = Pace::pauses_only(settings.throttle_pause, settings.longest_pause);
        Ok(Self {
            http,
            endpoints,
            settings,
            pace,
            bytes: AtomicU64::new(0),
        })
    }

    /// Bytes received so far, of failed tries too: for a progress bar's MB/s.
    pub fn bytes_received(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Fetches `url` into the file `target`, mode 0600, by way of `ID.part` in the same folder.
    /// Either the whole checked file lies at `target` afterwards, or nothing new does.
    ///
    /// # Errors
    /// [`Error::Image`] says what was found; [`Error::HostNotAllowed`] before anything is sent;
    /// [`Error::Throttled`] if the host keeps asking to slow down; [`Error::Io`].
    pub async fn download(&self, photo_id: &str, url: &Url, target: &Path) -> Result<Downloaded> {
        if !is_photo_id(photo_id) {
            return Err(Error::BadArgument {
                what: "photo id",
                found: photo_id.to_owned(),
                expected: "digits",
            });
        }
        let part = target.with_file_name(format!("{photo_id}.part"));
        let not_found = AtomicU32::new(0);
        let backoff = ExponentialBuilder::new()
            .with_min_delay(self.settings.first_wait)
            .with_max_delay(Duration::from_secs(60))
            .with_max_times(self.settings.tries.saturating_sub(1) as usize)
            .with_jitter();
        let result = (|| self.once(photo_id, url, &part))
            .retry(backoff)
            .sleep(tokio::time::sleep)
            .when(|failed: &Failed| match failed.again {
                Again::Never => false,
                Again::Once => not_found.fetch_add(1, Ordering::Relaxed) == 0,
                Again::Later | Again::AfterPause => true,
            })
            .adjust(|failed, wait| match failed.again {
                Again::AfterPause => wait.map(|_| Duration::ZERO),
                _ => wait,
            })
            .notify(|failed, _| tracing::debug!(photo = photo_id, error = %failed.error, "trying again"))
            .await;
        match result {
            Ok(done) => {
                fs::rename(&part, target)
                    .await
                    .map_err(|error| Error::io(target, error))?;
                sync_folder(target).await;
                Ok(done)
            }
            Err(failed) => {
                let _ = fs::remove_file(&part).await;
                Err(match failed.again {
                    Again::AfterPause => Error::Throttled {
                        method: "image".to_owned(),
                        wait: self.pace.pause_left(),
                    },
                    _ => failed.error,
                })
            }
        }
    }

    async fn once(
        &self,
        id: &str,
        url: &Url,
        part: &Path,
    ) -> std::result::Result<Downloaded, Failed> {
        self.pace.ready().await.map_err(|wait| {
            Failed::never(Error::Throttled {
                method: "image".to_owned(),
                wait,
            })
        })?;
        let response = self.follow(id, url.clone()).await?;
        self.check_head(id, &response)?;
        let done = self.receive(id, response, part).await?;
        self.pace.went_well();
        Ok(done)
    }

    /// Sends the request and follows redirects, to the image host alone.
    async fn follow(&self, id: &str, mut url: Url) -> std::result::Result<Response, Failed> {
        for _ in 0..=MAX_REDIRECTS {
            if is_unavailable(&url) {
                return Err(Failed::image(id, ImageProblem::Unavailable, Again::Never));
            }
            if !self.endpoints.allows_image_host(&url) {
                let host = format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default());
                return Err(Failed::never(Error::HostNotAllowed {
                    photo: id.to_owned(),
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
                    header(&response, LOCATION).and_then(|to| url.join(to).ok())
                }
                _ => None,
            };
            match next {
                Some(next) => url = next,
                None => return Ok(response),
            }
        }
        Err(Failed::image(
            id,
            ImageProblem::TooManyRedirects(MAX_REDIRECTS),
            Again::Never,
        ))
    }

    /// Status, content type and announced length.
    fn check_head(&self, id: &str, response: &Response) -> std::result::Result<(), Failed> {
        let status = response.status().as_u16();
        let again = match status {
            200 => None,
            429 => {
                let asked =
                    header(response, RETRY_AFTER).and_then(|v| retry_after(v, SystemTime::now()));
                let wait = self.pace.throttled(asked);
                tracing::warn!(
                    seconds = wait.as_secs(),
                    "HTTP 429 from the image host: all downloads pause"
                );
                Some(Again::AfterPause)
            }
            // Seen now and then for files that are there.
            404 => Some(Again::Once),
            500.. => Some(Again::Later),
            _ => Some(Again::Never),
        };
        if let Some(again) = again {
            return Err(Failed::image(id, ImageProblem::Status(status), again));
        }
        let content_type = header(response, CONTENT_TYPE).unwrap_or_default();
        if content_type.starts_with("text/")
            || content_type.contains("html")
            || content_type.contains("json")
        {
            let kind: String = content_type.chars().take(60).collect();
            // A page with status 200 comes from the host's front end and passes.
            return Err(Failed::image(
                id,
                ImageProblem::ContentType(kind),
                Again::Later,
            ));
        }
        match response.content_length() {
            Some(length) if length > self.settings.max_bytes => Err(Failed::image(
                id,
                ImageProblem::TooLarge(self.settings.max_bytes),
                Again::Never,
            )),
            _ => Ok(()),
        }
    }

    /// Writes the body to `part` and checks what can be told without decoding.
    async fn receive(
        &self,
        id: &str,
        mut response: Response,
        part: &Path,
    ) -> std::result::Result<Downloaded, Failed> {
        let io = |error| Failed::never(Error::io(part, error));
        let expected = response.content_length();
        let mut file = create(part).await.map_err(io)?;
        let mut first = Vec::with_capacity(16);
        let mut bytes = 0_u64;
        loop {
            let chunk = match response.chunk().await {
                Ok(Some(chunk)) => chunk,
                Ok(None) => break,
                // A silence is not an early end.
                Err(error) if error.is_timeout() => return Err(no_answer(id, error)),
                Err(_) => {
                    let problem = ImageProblem::Truncated {
                        got: bytes,
                        expected,
                    };
                    return Err(Failed::image(id, problem, Again::Later));
                }
            };
            bytes += chunk.len() as u64;
            self.bytes.fetch_add(chunk.len() as u64, Ordering::Relaxed);
            if bytes > self.settings.max_bytes {
                let problem = ImageProblem::TooLarge(self.settings.max_bytes);
                return Err(Failed::image(id, problem, Again::Never));
            }
            first.extend(chunk.iter().take(16 - first.len()));
            file.write_all(&chunk).await.map_err(io)?;
        }
        if expected.is_some_and(|expected| expected != bytes) || bytes == 0 {
            return Err(Failed::image(
                id,
                ImageProblem::Truncated {
                    got: bytes,
                    expected,
                },
                Again::Later,
            ));
        }
        let Some(format) = format_of(&first) else {
            let problem = ImageProblem::Magic(show_bytes(&first));
            return Err(Failed::image(id, problem, Again::Later));
        };
        file.flush().await.map_err(io)?;
        file.sync_all().await.map_err(io)?;
        Ok(Downloaded { bytes, format })
    }
}

impl Failed {
    fn never(error: Error) -> Self {
        Self {
            error,
            again: Again::Never,
        }
    }

    fn image(id: &str, problem: ImageProblem, again: Again) -> Self {
        Self {
            error: Error::Image {
                photo: id.to_owned(),
                problem,
            },
            again,
        }
    }
}

fn no_answer(id: &str, error: reqwest::Error) -> Failed {
    Failed::image(
        id,
        ImageProblem::NoAnswer(http::describe(error)),
        Again::Later,
    )
}

/// Flickr's stand-in picture for a photo that is gone: `.../photo_unavailable_l.png`.
fn is_unavailable(url: &Url) -> bool {
    url.path().contains("photo_unavailable")
}

/// The kind of file that begins with `first`.
pub fn format_of(first: &[u8]) -> Option<ImageFormat> {
    if first.starts_with(&[0xFF, 0xD8, 0xFF]) {
        Some(ImageFormat::Jpeg)
    } else if first.starts_with(b"\x89PNG\r\n\x1A\n") {
        Some(ImageFormat::Png)
    } else {
        None
    }
}

fn show_bytes(first: &[u8]) -> String {
    if first.iter().all(|b| b.is_ascii_graphic() || *b == b' ') {
        return format!("{:?}", String::from_utf8_lossy(first));
    }
    let hex: Vec<String> = first.iter().take(8).map(|b| format!("{b:02X}")).collect();
    hex.join(" ")
}

/// A new file of mode 0600; one left by a run that was killed is replaced, its mode and all.
async fn create(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    match options.open(path).await {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            fs::remove_file(path).await?;
            options.open(path).await
        }
        other => other,
    }
}

/// Makes the rename last; not every file system can, and the file itself is safe already.
async fn sync_folder(target: &Path) {
    let folder = target
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let folder = folder.map_or_else(|| PathBuf::from("."), Path::to_owned);
    if let Ok(folder) = File::open(folder).await {
        let _ = folder.sync_all().await;
    }
}

fn header(response: &Response, name: HeaderName) -> Option<&str> {
    response.headers().get(name)?.to_str().ok()
}

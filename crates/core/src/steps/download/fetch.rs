//! Claims a photo, brings its file, hands it on.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{mpsc, watch};
use url::Url;

use super::{
    analyse::Job, claims::Claims, counters::Counters, host::Host, job::Download, list,
    lister::image_of, pace::Brought, record::PhotoResult,
};
use crate::{
    files::private_folder,
    flickr::{self, Concerns, ImageProblem, measured, sizes},
    ids::PhotoId,
    photo::{self, Limits, PhotoError, earlier_place, place},
    steps::{CancellationToken, StepError, blocking::blocking},
    store::{Claim, LEASE, ListedImage, Outcome},
    text::count,
};

/// How long a photo that is under way may take when the run is to end: Flickr may have asked for a
/// pause of minutes.
const GRACE_PERIOD: Duration = Duration::from_millis(2500);

/// How long a fetcher waits for what other machines have claimed before it looks again.
const LOOK_AGAIN: Duration = Duration::from_secs(3);

/// One of the tasks that fetch.
pub(super) struct Fetcher {
    pub job: Download,
    pub counters: Arc<Counters>,
    pub claims: Arc<Claims>,
    pub jobs: mpsc::Sender<Job>,
    pub results: mpsc::Sender<PhotoResult>,
    pub listed: watch::Receiver<list::State>,
    /// The image host, which all fetchers share.
    pub host: Arc<Host>,
    /// Of the API, which all fetchers meet together.
    pub outage: flickr::Outage,
    /// Of all fetchers, once there is nothing to do but what others have claimed.
    pub idle: Arc<Mutex<Option<Idle>>>,
    pub stop: CancellationToken,
}

/// While others work on what is left.
pub(super) struct Idle {
    /// When they were last seen to get on.
    since: Instant,
    /// What they had claimed then.
    claimed: Vec<(String, u64)>,
}

/// What became of a claim.
enum Fetched {
    /// A file, and whether it was not there before.
    File {
        path: PathBuf,
        is_new: bool,
    },
    Ended(Outcome),
}

/// What Flickr says of a photo's image.
enum Current {
    Image(ListedImage),
    Ended(Outcome),
}

pub(super) async fn fetch(mut fetcher: Fetcher) -> Result<(), StepError> {
    let stop = fetcher.stop.clone();
    loop {
        tokio::select! {
            // A photo being fetched is fetched to its end; only the waiting is cut short.
            () = stop.cancelled() => return Ok(()),
            ready = fetcher.listed.wait_for(|state| *state != list::State::Choosing) => {
                if ready.is_err() {
                    return Ok(());
                }
            }
        }
        // Looked at before the claim: what was listed after it is claimed in the next round.
        let complete = *fetcher.listed.borrow_and_update() == list::State::Done;
        let claims = &fetcher.claims;
        let begun = Instant::now();
        let (next, waited) = measured(claims.next()).await;
        let claiming = begun.elapsed().saturating_sub(waited.total());
        let Some(claim) = next? else {
            if !complete {
                tokio::select! {
                    () = stop.cancelled() => return Ok(()),
                    changed = fetcher.listed.changed() => if changed.is_err() { return Ok(()) },
                }
            } else if !fetcher.others_work().await? {
                return Ok(());
            }
            continue;
        };
        let photo = claim.id.clone();
        let too_late = async {
            stop.cancelled().await;
            tokio::time::sleep(GRACE_PERIOD).await;
        };
        // What is cut off here is a `.part` file, never a photo.
        let brought = tokio::select! {
            brought = fetcher.bring(claim, claiming) => Some(brought),
            () = too_late => None,
        };
        match brought {
            Some(brought) => brought?,
            None => claims.give_back(&photo).await?,
        }
    }
}

impl Fetcher {
    /// Whether other machines have claimed photos that may come back, and it was waited for them a little.
    /// They keep their claims for as long as they live: where they do not get on, it is not waited for ever.
    async fn others_work(&self) -> Result<bool, StepError> {
        let (store, worker) = (&self.job.store, &self.job.settings.worker);
        let server = &self.claims.server;
        let claimed = server
            .while_away(|| store.claimed_by_others(worker))
            .await?;
        if claimed.is_empty() || self.are_stuck(claimed) {
            return Ok(false);
        }
        tokio::select! {
            () = self.stop.cancelled() => Ok(false),
            () = tokio::time::sleep(LOOK_AGAIN) => Ok(true),
        }
    }

    /// Whether the others have done nothing for as long as anything is waited for. Says what it is waited for.
    fn are_stuck(&self, claimed: Vec<(String, u64)>) -> bool {
        let longest = self.job.flickr.client().settings().longest_wait;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *idle {
            None => {
                let photos: u64 = claimed.iter().map(|(_, photos)| photos).sum();
                let machines: Vec<&str> = claimed.iter().map(|(name, _)| name.as_str()).collect();
                tracing::warn!(
                    "nothing left but {} that another download has claimed ({}): waiting for it; where \
                     it has died, they are free in {LEASE} s",
                    count(photos, "photo", "photos"),
                    machines.join(", "),
                );
                *idle = Some(Idle {
                    since: Instant::now(),
                    claimed,
                });
                longest.is_zero()
            }
            Some(idle) if idle.claimed != claimed => {
                idle.since = Instant::now();
                idle.claimed = claimed;
                false
            }
            Some(idle) => idle.since.elapsed() > longest,
        }
    }

    /// Brings one photo's file and hands it to the workers, or its end to the recorder. It took so long to claim it.
    async fn bring(&self, claim: Claim, claiming: Duration) -> Result<(), StepError> {
        let photo = claim.id.clone();
        let listed = claim.image.as_ref();
        let pixels = listed.map_or(0, |image| u64::from(image.width) * u64::from(image.height));
        let begun = Instant::now();
        let (fetched, waited) = measured(self.file_of(claim)).await;
        let work = claiming + begun.elapsed().saturating_sub(waited.total());
        let fetched = match fetched {
            Ok(fetched) => fetched,
            Err(StepError::Flickr(error)) if is_photos(&error) => {
                Fetched::Ended(Outcome::Failed(reason(&photo, &error)))
            }
            Err(error) => {
                self.claims.give_back(&photo).await?;
                return match error.is_stop() {
                    // The run is ending, and says why elsewhere.
                    true => Ok(()),
                    false => Err(error),
                };
            }
        };
        // Where the other end is gone, the run is ending and says why elsewhere.
        match fetched {
            Fetched::File { path, is_new } => {
                let bytes = match is_new {
                    true => tokio::fs::metadata(&path)
                        .await
                        .map_or(0, |file| file.len()),
                    false => 0,
                };
                self.counters.downloaded(bytes, pixels);
                let ready = Instant::now();
                self.jobs.send(Job { photo, path }).await.ok();
                if is_new {
                    self.counters.brought(Brought {
                        work,
                        waited,
                        handing_on: ready.elapsed(),
                        pixels,
                    });
                }
            }
            Fetched::Ended(outcome) => {
                self.results
                    .send(PhotoResult::photo(photo, outcome, None))
                    .await
                    .ok();
            }
        }
        Ok(())
    }

    async fn file_of(&self, claim: Claim) -> Result<Fetched, StepError> {
        let photo = claim.id.clone();
        let (listed, rotation) = (claim.image.clone(), claim.rotation);
        let (image, fetched) = self.listed_file_of(claim).await?;
        // What was said of another picture is not known of this one.
        let rotation = rotation.filter(|_| listed.is_some_and(|listed| listed.url == image.url));
        let is_original = Url::parse(&image.url).is_ok_and(|url| sizes::is_originals(&url));
        if !is_original {
            return fetched;
        }
        let why = match &fetched {
            Ok(Fetched::File { path, .. }) => unusable(path, &image, rotation).await,
            Err(StepError::Flickr(error)) if is_other_format(error) => Some(reason(&photo, error)),
            _ => None,
        };
        match why {
            Some(why) => self.instead_of_original(&photo, why, fetched).await,
            None => fetched,
        }
    }

    /// One of Flickr's own sizes where the original cannot be used; `fetched`, where there is none.
    async fn instead_of_original(
        &self,
        photo: &PhotoId,
        why: String,
        fetched: Result<Fetched, StepError>,
    ) -> Result<Fetched, StepError> {
        let sizes = || self.job.flickr.photos_get_sizes(photo);
        let all = self
            .outage
            .while_out_of_photo(&self.job.flickr, sizes)
            .await?;
        let max_size = self.job.settings.processing.max_size;
        let Some(size) = sizes::choose_rendered(&all, max_size) else {
            return fetched;
        };
        tracing::info!(%photo, "the original is not used: {why}; taken instead: {}", size.label);
        // The store keeps the address that the listing gives, so that the photo does not look changed.
        self.file_from(photo, &image_of(size), false).await
    }

    /// The file that the listing names, and which that was in the end.
    async fn listed_file_of(
        &self,
        claim: Claim,
    ) -> Result<(ListedImage, Result<Fetched, StepError>), StepError> {
        let photo = &claim.id;
        let is_listed = claim.image.is_some();
        let mut image = match claim.image {
            Some(image) => image,
            None => match self.current_image(photo).await? {
                Current::Image(image) => image,
                Current::Ended(outcome) => return Ok(ended(outcome)),
            },
        };
        let fetched = match self.file_from(photo, &image, true).await {
            Err(StepError::Flickr(error)) if is_listed && may_have_moved(&error) => {
                // Replaced, turned or deleted since it was listed? Flickr says where it is now.
                let now = match self.current_image(photo).await? {
                    Current::Image(now) => now,
                    Current::Ended(outcome) => return Ok(ended(outcome)),
                };
                if now.url == image.url {
                    return Err(error.into());
                }
                image = now;
                let (server, store) = (&self.claims.server, &self.job.store);
                server
                    .while_away(|| store.keep_image(photo, &image))
                    .await?;
                self.file_from(photo, &image, false).await
            }
            fetched => fetched,
        };
        Ok((image, fetched))
    }

    /// Brings the file that an image's address leads to; one that is on the disk serves where it `may`.
    async fn file_from(
        &self,
        photo: &PhotoId,
        image: &ListedImage,
        may_be_there: bool,
    ) -> Result<Fetched, StepError> {
        let Ok(url) = Url::parse(&image.url) else {
            let reason = "the address of its image cannot be read".to_owned();
            return Ok(Fetched::Ended(Outcome::Failed(reason)));
        };
        let extension = if url.path().ends_with(".png") {
            "png"
        } else {
            "jpg"
        };
        let folder = &self.job.settings.photos;
        let earlier = earlier_place(folder, photo, extension);
        if may_be_there && is_there(&earlier, image).await {
            return Ok(Fetched::File {
                path: earlier,
                is_new: false,
            });
        }
        let path = place(folder, photo, extension);
        let is_new = !(may_be_there && is_there(&path, image).await);
        if is_new {
            private_parent(&path).await?;
            self.host.bring(photo, &url, &path).await?;
            if let Some(wrong) = wrong_sides(&path, image).await {
                tokio::fs::remove_file(&path).await.ok();
                return Ok(Fetched::Ended(Outcome::Failed(wrong)));
            }
        }
        Ok(Fetched::File { path, is_new })
    }

    /// What Flickr says of a photo's image now: one call.
    async fn current_image(&self, photo: &PhotoId) -> Result<Current, StepError> {
        Ok(match self.ask_sizes(photo).await {
            Ok(Some(image)) => Current::Image(image),
            Ok(None) => Current::Ended(Outcome::NoImage(format!(
                "no size at or below {} pixels that can be used",
                self.job.settings.processing.max_size
            ))),
            // getSizes: "Photo not found".
            Err(flickr::Error::Api { code: 1, .. }) => Current::Ended(Outcome::Deleted),
            Err(error) => return Err(error.into()),
        })
    }

    async fn ask_sizes(&self, photo: &PhotoId) -> flickr::Result<Option<ListedImage>> {
        let flickr = &self.job.flickr;
        let sizes = || flickr.photos_get_sizes(photo);
        let all = self.outage.while_out_of_photo(flickr, sizes).await?;
        let max_size = self.job.settings.processing.max_size;
        Ok(sizes::choose(&all, None, max_size).map(image_of))
    }
}

/// An end without a file.
fn ended(outcome: Outcome) -> (ListedImage, Result<Fetched, StepError>) {
    let image = ListedImage {
        url: String::new(),
        width: 0,
        height: 0,
    };
    (image, Ok(Fetched::Ended(outcome)))
}

/// Whether the image host has a picture that is neither a JPEG nor a PNG.
fn is_other_format(error: &flickr::Error) -> bool {
    matches!(
        error,
        flickr::Error::Image {
            problem: ImageProblem::Format(_),
            ..
        }
    )
}

/// Why an original is not to be used: it cannot be decoded, or lies on its side. All of it is decoded for
/// that, here and then where it is searched; originals are few where MAX_SIZE is not larger than photos are.
async fn unusable(path: &Path, image: &ListedImage, rotation: Option<i64>) -> Option<String> {
    let lying = sides(path).await?;
    let path = path.to_owned();
    let checked = tokio::task::spawn_blocking(move || {
        let limits = Limits::default();
        let shown = photo::check(&path, &limits)?;
        Ok((shown, photo::exif_rotation(&path, &limits)?))
    });
    let (shown, by_exif) = match checked.await.ok()? {
        Ok(read) => read,
        Err::<_, PhotoError>(error) => return Some(error.to_string()),
    };
    // Shown in another way than the file itself says: its owner has turned it on Flickr. Its sides may be listed as they
    // are shown or as they are stored (in flickr.photos.getSizes as stored, mostly).
    let is_turned = match (rotation, by_exif) {
        (Some(rotation), Some(by_exif)) => rotation != i64::from(by_exif),
        _ => shown == lying && shown.0 != shown.1 && (image.height, image.width) == shown,
    };
    is_turned.then(|| "its owner turned it on Flickr".to_owned())
}

/// Whether an error is one photo's, now that the others have been looked at.
fn is_photos(error: &flickr::Error) -> bool {
    matches!(error.concerns(), Concerns::Photo | Concerns::PhotoOrFlickr)
}

/// Whether the image host knows nothing, or not this, at a photo's address. What it gives for an address
/// that is no longer the photo's is not documented.
fn may_have_moved(error: &flickr::Error) -> bool {
    let flickr::Error::Image { problem, .. } = error else {
        return false;
    };
    match problem {
        ImageProblem::Status(status) => (400..500).contains(status) && *status != 429,
        problem => *problem == ImageProblem::Unavailable,
    }
}

/// Makes the folder that a file goes to.
async fn private_parent(path: &Path) -> Result<(), StepError> {
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    let made = blocking("making a folder", move || private_folder(&folder));
    Ok(made.await??)
}

/// Whether an earlier run has brought this file: a whole one has its name only after the checks,
/// and one of another MAX_SIZE has other sides.
async fn is_there(path: &Path, image: &ListedImage) -> bool {
    match sides(path).await {
        Some((width, height)) => {
            // An original is stored as it was taken, its sides perhaps swapped.
            [(width, height), (height, width)].contains(&(image.width, image.height))
        }
        None => false,
    }
}

/// Width and height by a file's header.
async fn sides(path: &Path) -> Option<(u32, u32)> {
    let path = path.to_owned();
    let sides = tokio::task::spawn_blocking(move || image::image_dimensions(path).ok());
    sides.await.ok().flatten()
}

/// What is wrong with the sides that a file's header claims, beside those that Flickr names: they decide how much
/// memory it takes. A header that cannot be read is met where the file is decoded.
async fn wrong_sides(path: &Path, image: &ListedImage) -> Option<String> {
    let (width, height) = sides(path).await?;
    // Flickr rounds, and some of its sizes are a few pixels off.
    let near = |found: u32, named: u32| named == 0 || found.abs_diff(named) <= (named / 50).max(8);
    let fits = |width, height| near(width, image.width) && near(height, image.height);
    let right = fits(width, height) || fits(height, width);
    (!right).then(|| {
        format!(
            "the file says that it has {width}x{height} pixels, expected {}x{} as Flickr names them",
            image.width, image.height
        )
    })
}

/// The error without the photo's id, which is stored beside it.
fn reason(photo: &PhotoId, error: &flickr::Error) -> String {
    let text = error.to_string();
    let start = format!("photo {photo}: ");
    text.strip_prefix(&start)
        .map_or(text.clone(), str::to_owned)
}

//! Adds a note with the name on each face's box.
//!
//! Called twice, Flickr makes two notes. So the photo's notes are read before the first call, and
//! after each whose answer was lost.

use std::time::Duration;

use super::{
    super::{StepError, clock},
    account,
    apply::{Desk, TRIES, Written, lost_too_often, refusal},
    place::{Part, frame, overlap, same_shape},
    plan::{PhotoPlan, Planned, Spot},
};
use crate::{
    flickr::{self, Place, replies::Note, sizes},
    store::{FlickrWrite, WriteState},
};

/// Flickr's codes for notes: <https://www.flickr.com/services/api/flickr.photos.notes.add.html>.
const TOO_MANY: i64 = 4;
const TOO_FAST: i64 = 6;

/// The first wait where notes come too fast; doubles, five times.
const FIRST_WAIT: Duration = Duration::from_secs(2);
const WAITS: u32 = 5;

const TURNED: &str = "the photo was turned, cropped or replaced on Flickr since it was downloaded: \
    its faces' places are not known; `download --redo` finds them anew";

pub(super) async fn add(desk: &Desk<'_>, plan: &PhotoPlan) -> Result<Vec<Written>, StepError> {
    let mut written = Vec::new();
    if plan.notes.is_empty() {
        return Ok(written);
    }
    let info = match account::info(desk.flickr, &plan.photo).await {
        Ok(info) => info,
        Err(error) => return Ok(vec![Written::Refused(refusal(error)?)]),
    };
    let Some(info) = info else {
        return Ok(vec![Written::Refused(
            "Flickr no longer has the photo".to_owned(),
        )]);
    };
    if desk.spare_public && info.public {
        let reason = "the photo is public now: no notes, as `write_to = private` says";
        return Ok(vec![Written::Refused(reason.to_owned())]);
    }
    let medium = match medium(desk, plan).await {
        Ok(medium) => medium,
        Err(error) => return Ok(vec![Written::Refused(refusal(error)?)]),
    };
    for note in &plan.notes {
        if desk.stop.is_cancelled() {
            written.push(Written::Stopped);
            break;
        }
        let Some(place) = note.spot.and_then(|spot| place(spot, medium)) else {
            written.push(Written::Refused(TURNED.to_owned()));
            continue;
        };
        let written_one = one(desk, note, place, &info.notes).await?;
        let full = matches!(&written_one, (_, Some(TOO_MANY)));
        written.push(written_one.0);
        if full {
            break;
        }
    }
    Ok(written)
}

/// Width and height of the photo's medium image, asked for where the listing has not told.
pub(super) async fn medium(
    desk: &Desk<'_>,
    plan: &PhotoPlan,
) -> Result<Option<(u32, u32)>, flickr::Error> {
    if plan.medium.is_some() {
        return Ok(plan.medium);
    }
    let sizes = desk.flickr.photos_get_sizes(&plan.photo).await?;
    Ok(sizes::medium_of_all(&sizes))
}

/// A face's place on the medium image; `None` where that cannot be the image it was found in.
pub(super) fn place(spot: Spot, medium: Option<(u32, u32)>) -> Option<Place> {
    let frame = frame(spot.image, medium);
    same_shape(spot.image, frame).then(|| Part::of(spot.rect, spot.image).on(frame))
}

/// Writes one note; with Flickr's code where it refused.
async fn one(
    desk: &Desk<'_>,
    planned: &Planned,
    place: Place,
    there: &[Note],
) -> Result<(Written, Option<i64>), StepError> {
    // A call of an earlier run whose answer nobody heard.
    if planned.begun
        && let Some(id) = ours(desk, &planned.write, there)
    {
        added(desk, &planned.write, Some(id)).await?;
        return Ok((Written::Added, None));
    }
    let write = FlickrWrite {
        place: Some(place),
        ..planned.write.clone()
    };
    let same = |note: &&Note| {
        let text = note.text.trim().to_lowercase();
        text == write.text.to_lowercase() && note.place.is_some_and(|other| overlap(other, place))
    };
    if there.iter().any(|note| same(&note)) {
        desk.record(&[write], WriteState::Preexisting, None).await?;
        return Ok((Written::Present, None));
    }
    desk.record(std::slice::from_ref(&write), WriteState::Begun, None)
        .await?;
    let (mut tries, mut waits) = (0, 0);
    let (refused, code) = loop {
        let lost = match desk
            .flickr
            .photos_notes_add(&write.photo, place, &write.text)
            .await
        {
            Ok(Some(id)) => {
                added(desk, &write, Some(id)).await?;
                return Ok((Written::Added, None));
            }
            Ok(None) => "the reply holds no id".to_owned(),
            Err(flickr::Error::AnswerLost { why, .. }) => why,
            Err(flickr::Error::Api { code: TOO_FAST, .. }) if waits < WAITS => {
                let wait = FIRST_WAIT * 2_u32.pow(waits);
                waits += 1;
                tracing::info!(
                    "Flickr wants notes more slowly: waiting {} s",
                    wait.as_secs()
                );
                tokio::select! {
                    () = tokio::time::sleep(wait) => continue,
                    // Nothing was written: the next run begins it anew.
                    () = desk.stop.cancelled() => return Ok((Written::Stopped, None)),
                }
            }
            Err(error) => {
                let code = match &error {
                    flickr::Error::Api { code, .. } => Some(*code),
                    _ => None,
                };
                break (refusal(error)?, code);
            }
        };
        tries += 1;
        // It may have been done: look before doing it again.
        let there = match account::info(desk.flickr, &write.photo).await {
            Ok(info) => info.map(|info| info.notes).unwrap_or_default(),
            Err(error) => break (refusal(error)?, None),
        };
        if let Some(id) = ours(desk, &write, &there) {
            added(desk, &write, Some(id)).await?;
            return Ok((Written::Added, None));
        }
        if tries == TRIES {
            break (lost_too_often("the note", &lost), None);
        }
    };
    desk.record(&[write], WriteState::Failed, Some(&refused))
        .await?;
    Ok((Written::Refused(refused), code))
}

/// The id of the note that an entry of the journal stands for, among the photo's notes.
pub(super) fn ours(desk: &Desk<'_>, write: &FlickrWrite, there: &[Note]) -> Option<String> {
    find(write, there, desk.flickr.nsid()).map(|note| note.id.clone())
}

/// By its id where that is known; else by who wrote what where.
pub(super) fn find<'a>(write: &FlickrWrite, there: &'a [Note], nsid: &str) -> Option<&'a Note> {
    if write.flickr_id.is_some() {
        return there
            .iter()
            .find(|note| Some(&note.id) == write.flickr_id.as_ref());
    }
    there
        .iter()
        .find(|note| note.author == nsid && note.text == write.text && note.place == write.place)
}

async fn added(
    desk: &Desk<'_>,
    write: &FlickrWrite,
    flickr_id: Option<String>,
) -> Result<(), StepError> {
    let entry = FlickrWrite {
        state: WriteState::Added,
        flickr_id,
        error: None,
        ..write.clone()
    };
    Ok(desk.store.record_writes(&[entry], clock::now()).await?)
}

//! Says of people who are members of Flickr that they are on a photo.
//!
//! Who is on it is read before the first call: one whom somebody else has added stays after an undo.

use super::{
    super::StepError,
    apply::{Desk, TRIES, Written, lost_too_often, refusal},
    notes,
    plan::{PhotoPlan, Planned},
};
use crate::{
    flickr::{self, Place},
    store::{FlickrWrite, WriteState},
};

pub(super) async fn add(desk: &Desk<'_>, plan: &PhotoPlan) -> Result<Vec<Written>, StepError> {
    let mut written = Vec::new();
    if plan.members.is_empty() || desk.stop.is_cancelled() {
        return Ok(written);
    }
    let there = match desk.flickr.photos_people_get_list(&plan.photo).await {
        Ok(there) => there,
        Err(error) => return Ok(vec![Written::Refused(refusal(error)?)]),
    };
    let medium = match plan.members.iter().any(|member| member.spot.is_some()) {
        true => match notes::medium(desk, plan).await {
            Ok(medium) => medium,
            Err(error) => return Ok(vec![Written::Refused(refusal(error)?)]),
        },
        false => None,
    };
    for member in &plan.members {
        if desk.stop.is_cancelled() {
            written.push(Written::Stopped);
            break;
        }
        // Without a place where the photo is another since: the member is on it all the same.
        let place = member.spot.and_then(|spot| notes::place(spot, medium));
        written.push(one(desk, member, place, &there).await?);
    }
    Ok(written)
}

async fn one(
    desk: &Desk<'_>,
    planned: &Planned,
    place: Option<Place>,
    there: &[String],
) -> Result<Written, StepError> {
    let write = [FlickrWrite {
        place,
        ..planned.write.clone()
    }];
    let [
        FlickrWrite {
            photo, item: nsid, ..
        },
    ] = &write;
    if there.contains(nsid) {
        // What an earlier run had begun is ours.
        let (state, written) = match planned.begun {
            true => (WriteState::Added, Written::Added),
            false => (WriteState::Preexisting, Written::Present),
        };
        desk.record(&write, state, None).await?;
        return Ok(written);
    }
    desk.record(&write, WriteState::Begun, None).await?;
    let mut tries = 0;
    let refused = loop {
        tries += 1;
        let lost = match desk.flickr.photos_people_add(photo, nsid, place).await {
            Ok(()) => {
                desk.record(&write, WriteState::Added, None).await?;
                return Ok(Written::Added);
            }
            Err(flickr::Error::AnswerLost { why, .. }) => why,
            Err(error) => break refusal(error)?,
        };
        // It may have been done: look before doing it again.
        match desk.flickr.photos_people_get_list(photo).await {
            Ok(there) if there.contains(nsid) => {
                desk.record(&write, WriteState::Added, None).await?;
                return Ok(Written::Added);
            }
            Ok(_) if tries < TRIES => {}
            Ok(_) => break lost_too_often("the person", &lost),
            Err(error) => break refusal(error)?,
        }
    };
    desk.record(&write, WriteState::Failed, Some(&refused))
        .await?;
    Ok(Written::Refused(refused))
}

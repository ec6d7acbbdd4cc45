//! Adds a photo's tags: one call for all.

use super::{
    super::{StepError, clock},
    apply::{Desk, TRIES, Written, lost_too_often, refusal},
    plan::PhotoPlan,
};
use crate::{
    flickr::{self, replies::Tag},
    naming::tag_text::clean_tag,
    store::{FlickrWrite, WriteState},
};

pub(super) async fn add(desk: &Desk<'_>, plan: &PhotoPlan) -> Result<Written, StepError> {
    let photo = &plan.photo;
    let texts: Vec<&str> = plan.tags.iter().map(|tag| tag.text.as_str()).collect();
    desk.record(&plan.tags, WriteState::Begun, None).await?;
    let mut tries = 0;
    let refused = loop {
        tries += 1;
        let lost = match desk.flickr.photos_add_tags(photo, &texts).await {
            Ok(reply) => {
                let tags = full_ids(desk, plan, reply).await?;
                added(desk, plan, &tags).await?;
                return Ok(Written::Added);
            }
            Err(flickr::Error::AnswerLost { why, .. }) => why,
            Err(error) => break refusal(error)?,
        };
        // It may have been done: look before doing it again.
        let tags = match desk.flickr.tags_get_list_photo(photo).await {
            Ok(tags) => tags,
            Err(error) => break refusal(error)?,
        };
        if plan.tags.iter().all(|tag| find(&tags, tag).is_some()) {
            added(desk, plan, &tags).await?;
            return Ok(Written::Added);
        }
        if tries == TRIES {
            break lost_too_often("the tag", &lost);
        }
    };
    desk.record(&plan.tags, WriteState::Failed, Some(&refused))
        .await?;
    Ok(Written::Refused(refused))
}

/// The tags with their full ids: out of the reply, or read where it does not hold them all.
async fn full_ids(
    desk: &Desk<'_>,
    plan: &PhotoPlan,
    reply: Option<Vec<Tag>>,
) -> Result<Vec<Tag>, StepError> {
    let tags = reply.unwrap_or_default();
    if plan.tags.iter().all(|tag| find(&tags, tag).is_some()) {
        return Ok(tags);
    }
    match desk.flickr.tags_get_list_photo(&plan.photo).await {
        Ok(tags) => Ok(tags),
        // They are written all the same; undo looks the ids up.
        Err(error) if error.is_about_one_photo() => Ok(tags),
        Err(error) => Err(error.into()),
    }
}

async fn added(desk: &Desk<'_>, plan: &PhotoPlan, tags: &[Tag]) -> Result<(), StepError> {
    let entries: Vec<_> = (plan.tags.iter())
        .map(|write| FlickrWrite {
            state: WriteState::Added,
            flickr_id: find(tags, write).map(|tag| tag.full_id.clone()),
            ..write.clone()
        })
        .collect();
    Ok(desk.store.record_writes(&entries, clock::now()).await?)
}

/// The tag on Flickr that was written, by what Flickr compares, and else by the text itself: the
/// rule for the clean form was read off recordings.
pub(super) fn find<'a>(tags: &'a [Tag], write: &FlickrWrite) -> Option<&'a Tag> {
    let with_id = || tags.iter().filter(|tag| !tag.full_id.is_empty());
    with_id()
        .find(|tag| Some(&tag.full_id) == write.flickr_id.as_ref())
        .or_else(|| with_id().find(|tag| clean_tag(&tag.raw) == write.item))
        .or_else(|| with_id().find(|tag| tag.clean == write.item || tag.raw == write.text))
}

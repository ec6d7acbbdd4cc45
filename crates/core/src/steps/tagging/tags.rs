//! Adds a photo's tags: one call for all.

use super::{
    super::{StepError, clock},
    plan::PhotoPlan,
    write::{Refusal, WriteContext, Written},
};
use crate::{
    flickr::Tag,
    naming::tag_text::clean_tag,
    store::{FlickrWrite, WriteState},
};

pub(super) async fn add(
    context: &WriteContext<'_>,
    plan: &PhotoPlan,
) -> Result<Written, StepError> {
    let texts: Vec<&str> = plan.tags.iter().map(|tag| tag.text.as_str()).collect();
    let has_all = |tags: &[Tag]| plan.tags.iter().all(|tag| find(tags, tag).is_some());
    let call = async || {
        let reply = context.flickr.photos_add_tags(&plan.photo, &texts).await;
        reply.map(|tags| Some(tags.unwrap_or_default()))
    };
    let look = async || {
        let tags = context.flickr.tags_get_list_photo(&plan.photo).await;
        tags.map(|tags| has_all(&tags).then_some(tags))
    };
    let mut tags = match context.write(&plan.tags, call, look).await? {
        Ok(tags) => tags,
        Err(refusal) => return Ok(Written::Refused(refusal)),
    };
    if !has_all(&tags) {
        match context.flickr.tags_get_list_photo(&plan.photo).await {
            Ok(all) => tags = all,
            // They were added all the same; undo looks the ids up.
            Err(error) => drop(Refusal::of(error)?),
        }
    }
    let entries: Vec<_> = (plan.tags.iter())
        .map(|write| FlickrWrite {
            state: WriteState::Added,
            flickr_id: find(&tags, write).map(|tag| tag.full_id.clone()),
            ..write.clone()
        })
        .collect();
    context.store.record_writes(&entries, clock::now()).await?;
    Ok(Written::Added)
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

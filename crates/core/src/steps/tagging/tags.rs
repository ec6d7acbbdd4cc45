//! Adds a photo's tags: one call for all.
//!
//! Which tags are ours is known by their texts alone: by those that the photo had right before the call
//! and those it has after it. What Flickr makes of a text is learned from the second.

use super::{
    super::{StepError, clock},
    account::pause,
    looks::is_our_tag,
    plan::PhotoPlan,
    tag_forms::{TagForms, letters},
    write::{Refusal, WriteContext},
};
use crate::{
    flickr::{self, Tag},
    store::{FlickrWrite, WriteKind, WriteState},
};

/// What became of a photo's tags.
#[derive(Default)]
pub(super) struct TagsEnd {
    pub(super) added: u64,
    /// There already, or set by somebody meanwhile.
    pub(super) found: u64,
    /// Why the rest was not added.
    pub(super) refusal: Option<Refusal>,
    /// The rest.
    pub(super) left: Vec<FlickrWrite>,
}

/// Adds the planned tags to a photo that has the tags `before`.
pub(super) async fn add(
    context: &WriteContext<'_>,
    plan: &PhotoPlan,
    before: &[Tag],
) -> Result<TagsEnd, StepError> {
    let nsid = context.flickr.nsid();
    let mut ends = Ends {
        forms: context.forms(),
        entries: Vec::new(),
        end: TagsEnd::default(),
    };
    let mut lacking = Vec::new();
    for write in &plan.tags {
        match ends.forms.find(before, &write.text).cloned() {
            // Its call had been carried out, and the answer never came.
            Some(tag) if write.state == WriteState::Begun && is_our_tag(write, &tag, nsid) => {
                ends.added(write, &tag);
            }
            Some(tag) => ends.found(write, &tag),
            None => lacking.push(write.clone()),
        }
    }
    if lacking.is_empty() {
        return ends.record(context).await;
    }
    let ours = |tags: &[Tag], write: &FlickrWrite| -> Option<Tag> {
        tags.iter()
            .find(|tag| is_our_tag(write, tag, nsid))
            .cloned()
    };
    let has_all = |tags: &[Tag]| lacking.iter().all(|write| ours(tags, write).is_some());
    let texts: Vec<&str> = lacking.iter().map(|tag| tag.text.as_str()).collect();
    let call = async || {
        let reply = context.flickr.photos_add_tags(&plan.photo, &texts).await;
        reply.map(|tags| Some(tags.unwrap_or_default()))
    };
    let look = async || {
        let tags = context.flickr.tags_get_list_photo(&plan.photo).await;
        tags.map(|tags| has_all(&tags).then_some(tags))
    };
    let reply = match context.write(&lacking, call, look).await? {
        Ok(tags) => tags,
        Err(refusal) => return ends.refused(context, refusal, lacking).await,
    };
    let knows_forms = lacking
        .iter()
        .all(|write| ends.forms.clean(&write.text).is_some());
    let after = match has_all(&reply) && knows_forms {
        true => reply.clone(),
        // The reply's clean forms are not to be relied on, nor is it said to have any tags at all.
        false => match read_back(context, plan, &has_all).await {
            Ok(tags) => tags,
            // They were added all the same.
            Err(error) if has_all(&reply) => {
                Refusal::of(error)?;
                Vec::new()
            }
            Err(error) => return ends.refused(context, Refusal::of(error)?, lacking).await,
        },
    };
    let mut missing = Vec::new();
    for (number, write) in lacking.iter().enumerate() {
        if let Some(tag) = ours(&after, write).or_else(|| ours(&reply, write)) {
            let is_read = !knows_forms && !after.is_empty();
            let clean = Some(tag.clean.clone()).filter(|_| is_read);
            let clean = clean.or_else(|| ends.forms.clean(&write.text));
            ends.added(
                write,
                &Tag {
                    clean: clean.unwrap_or_default(),
                    ..tag
                },
            );
            continue;
        }
        let row = reply.get(number).filter(|_| reply.len() == lacking.len());
        let in_its_place = (after.iter())
            .find(|tag| row.is_some_and(|row| row.full_id == tag.full_id))
            .or_else(|| ends.forms.find(&after, &write.text))
            .cloned()
            .or_else(|| TagForms::guess(&after, &write.text));
        match in_its_place {
            Some(tag) => {
                ends.found(write, &tag);
                ends.share(context, write, &tag);
            }
            None => missing.push(write.clone()),
        }
    }
    if missing.is_empty() {
        return ends.record(context).await;
    }
    // Names that became one tag are ours to remove again.
    let is_new = |tag: &&Tag| before.iter().all(|known| known.full_id != tag.full_id);
    let joined: String = missing.iter().map(|write| letters(&write.text)).collect();
    let one = (after.iter().filter(is_new)).find(|tag| letters(&tag.raw) == joined);
    if let (Some(tag), Some(first)) = (one, missing.first()) {
        let people = missing.iter().flat_map(|write| write.people.clone());
        let write = FlickrWrite {
            item: tag.raw.clone(),
            text: tag.raw.clone(),
            people: people.collect(),
            ..first.clone()
        };
        ends.added(&write, tag);
    }
    let error = StepError::TagsBecameOthers {
        photo: plan.photo.clone(),
        sent: missing.iter().map(|write| write.text.clone()).collect(),
        found: after.iter().map(|tag| tag.raw.clone()).collect(),
    };
    ends.record(context).await?;
    let refusal = Refusal::ours(error.to_string());
    context
        .record(&missing, WriteState::Failed, Some(&refusal))
        .await?;
    Err(error)
}

/// The photo's tags after a call; read again after a while where not all of them are as expected.
async fn read_back(
    context: &WriteContext<'_>,
    plan: &PhotoPlan,
    is_whole: &(dyn Fn(&[Tag]) -> bool + Sync),
) -> Result<Vec<Tag>, flickr::Error> {
    let tags = context.flickr.tags_get_list_photo(&plan.photo).await?;
    if !is_whole(&tags) && pause(context.flickr).await {
        return context.flickr.tags_get_list_photo(&plan.photo).await;
    }
    Ok(tags)
}

/// What the journal is to learn.
struct Ends {
    forms: TagForms,
    entries: Vec<FlickrWrite>,
    end: TagsEnd,
}

impl Ends {
    fn added(&mut self, write: &FlickrWrite, tag: &Tag) {
        self.end.added += 1;
        let id = Some(tag.full_id.clone());
        self.enter(write, WriteState::Added, id, tag);
    }

    fn found(&mut self, write: &FlickrWrite, tag: &Tag) {
        self.end.found += 1;
        self.enter(write, WriteState::Preexisting, None, tag);
    }

    fn enter(&mut self, write: &FlickrWrite, state: WriteState, id: Option<String>, tag: &Tag) {
        let clean = Some(tag.clean.clone()).filter(|clean| !clean.is_empty());
        if let Some(clean) = &clean {
            self.forms.learn(&write.text, clean);
        }
        self.entries.push(FlickrWrite {
            state,
            flickr_id: id,
            clean,
            error: None,
            code: None,
            ..write.clone()
        });
    }

    /// Where the tag in place of `write`'s is one of ours, it stands for the same people, too. Its id says
    /// to whom it belongs.
    fn share(&mut self, context: &WriteContext<'_>, write: &FlickrWrite, tag: &Tag) {
        let is_it = |entry: &&FlickrWrite| {
            entry.kind == WriteKind::Tag
                && entry.state.is_ours()
                && entry.flickr_id.as_ref() == Some(&tag.full_id)
        };
        let known = context.journal.of(&write.photo).iter().find(is_it).cloned();
        if !self.entries.iter().any(|entry| is_it(&entry)) {
            self.entries.extend(known);
        }
        let Some(ours) = self.entries.iter_mut().find(|entry| is_it(&&**entry)) else {
            return;
        };
        let new = write
            .people
            .iter()
            .filter(|name| !ours.people.contains(name));
        let new: Vec<_> = new.cloned().collect();
        ours.people.extend(new);
        if let Some(entry) = self
            .entries
            .iter_mut()
            .find(|entry| entry.item == write.item)
        {
            entry.flickr_id = Some(tag.full_id.clone());
        }
    }

    async fn record(self, context: &WriteContext<'_>) -> Result<TagsEnd, StepError> {
        context.learn(self.forms);
        context
            .store
            .record_writes(&self.entries, clock::now())
            .await?;
        Ok(self.end)
    }

    async fn refused(
        mut self,
        context: &WriteContext<'_>,
        refusal: Refusal,
        lacking: Vec<FlickrWrite>,
    ) -> Result<TagsEnd, StepError> {
        self.end.refusal = Some(refusal);
        // They may be carried out after all, and only then be seen.
        self.end.left = lacking;
        for write in &mut self.end.left {
            write.state = WriteState::Begun;
        }
        self.record(context).await
    }
}

//! The results for programs.

use std::collections::BTreeMap;

use flickr_faces::{
    flickr::Flickr,
    steps::tagging::{
        Exception, Exceptions, Plan, Skip, Summary, Undo, Undone, Verified, WriteCounts,
    },
    store::FlickrWrite,
};
use serde_json::{Value, json};

pub(crate) fn plan(plan: &Plan, flickr: &Flickr) -> Value {
    let counts = plan.counts();
    let people = plan.people.iter().map(|person| {
        let mut row = json!(person);
        row["link"] = json!(flickr.tag_page(&person.tag).as_str());
        row
    });
    let text = |write: &FlickrWrite| write.text.clone();
    let photos: Vec<_> = (plan.photos.iter())
        .map(|photo| {
            let notes = photo.notes.iter().map(|note| text(&note.write));
            let members = photo.members.iter().map(|member| &member.write.item);
            json!({
                "photo": photo.photo,
                "tags": photo.tags.iter().map(text).collect::<Vec<_>>(),
                "notes": notes.collect::<Vec<_>>(),
                "people": members.collect::<Vec<_>>(),
            })
        })
        .collect();
    let outdated = plan.outdated.iter();
    let outdated =
        outdated.map(|write| json!({"photo": write.photo, "kind": write.kind, "text": write.text}));
    json!({
        "would_add": counts.tags,
        "would_add_notes": counts.notes,
        "would_add_people": counts.members,
        "would_write_to_photos": plan.photos.len(),
        "already_there": plan.already_there(),
        "calls": plan.calls(),
        "seconds": flickr.client().least_time(plan.calls()).as_secs(),
        "people": people.collect::<Value>(),
        "exceptions": exceptions(&plan.exceptions()),
        "photos": photos,
        "would_remove_notes": plan.corrections(),
        "outdated": outdated.collect::<Value>(),
        "missing": skipped_for(plan, Skip::NotFound),
        "skipped": skipped(plan),
        "write_to": write_to(plan),
    })
}

pub(crate) fn summary(plan: &Plan, summary: &Summary) -> Value {
    with_end(
        json!({
            "added": summary.added.tags,
            "added_notes": summary.added.notes,
            "added_people": summary.added.members,
            "removed_notes": summary.removed.notes,
            "made_public": summary.made_public,
            "already_there": plan.already_there() + summary.found.tags,
            "missing": skipped_for(plan, Skip::NotFound),
            "skipped": skipped(plan),
            "full": skipped_for(plan, Skip::TagLimit { has: 0 }),
            "outdated": plan.outdated.len(),
            "write_to": write_to(plan),
        }),
        json!(summary.end),
    )
}

pub(crate) fn verified(verified: &Verified) -> Value {
    with_end(
        json!({
            "tags": verified.ours.tags,
            "notes": verified.ours.notes,
            "people": verified.ours.members,
            "were_there": verified.present,
            "left_out": verified.skipped,
            "differs": verified.differences,
        }),
        json!(verified.end),
    )
}

pub(crate) fn undo_plan(undo: &Undo, flickr: &Flickr) -> Value {
    let counts = WriteCounts::of(&undo.writes);
    let rows = undo.rows();
    let people = rows.iter().map(|row| {
        let links = row.tags.iter().map(|tag| flickr.tag_page(tag).to_string());
        json!({
            "names": row.names,
            "tag_texts": row.tags,
            "links": links.collect::<Value>(),
            "tags": row.counts.tags,
            "notes": row.counts.notes,
            "people": row.counts.members,
            "photos": row.photos,
        })
    });
    json!({
        "would_remove": counts.tags,
        "would_remove_notes": counts.notes,
        "would_remove_people": counts.members,
        "photos": undo.photo_count(),
        "calls": undo.calls(),
        "seconds": flickr.client().least_time(undo.calls()).as_secs(),
        "people": people.collect::<Value>(),
        "exceptions": exceptions(&undo.exceptions()),
        "would_take_away": writes(&undo.writes),
        "shared": writes(&undo.shared),
    })
}

pub(crate) fn undone(undo: &Undo, undone: &Undone) -> Value {
    let still = undone.still_there.iter();
    let still = still.map(|write| json!({"photo": write.photo, "text": write.text}));
    with_end(
        json!({
            "tags": undone.removed.tags,
            "notes": undone.removed.notes,
            "people": undone.removed.members,
            "were_away": undone.already_gone.total(),
            "rewritten": undone.rewritten.total(),
            "shared": writes(&undo.shared),
            "still_there": still.collect::<Value>(),
            "checked": undone.checked,
        }),
        json!(undone.end),
    )
}

/// Each kind with its photos.
fn exceptions(exceptions: &Exceptions<'_>) -> Value {
    let kinds = exceptions.iter().map(|(kind, photos)| {
        let rows = photos.iter().map(
            |(photo, about)| json!({"photo": photo, "texts": about.texts, "reason": about.reason}),
        );
        json!({"kind": kind.code(), "count": photos.len(), "photos": rows.collect::<Value>()})
    });
    kinds.collect()
}

/// Photos that are skipped for one reason.
fn skipped_for(plan: &Plan, skip: Skip) -> Value {
    let photos = plan.exceptions().remove(&Exception::Skipped(skip));
    let photos = photos.unwrap_or_default();
    photos.keys().map(|photo| json!(photo)).collect()
}

/// How many photos are skipped for each reason.
fn skipped(plan: &Plan) -> BTreeMap<&'static str, usize> {
    let exceptions = plan.exceptions().into_iter();
    exceptions
        .filter(|(kind, _)| matches!(kind, Exception::Skipped(_)))
        .map(|(kind, photos)| (kind.code(), photos.len()))
        .collect()
}

fn write_to(plan: &Plan) -> &'static str {
    match plan.skips_public {
        true => "private",
        false => "all",
    }
}

fn writes(writes: &[FlickrWrite]) -> Value {
    let rows = writes.iter().map(|write| {
        json!({"photo": write.photo, "kind": write.kind, "text": write.text,
            "flickr_id": write.flickr_id})
    });
    rows.collect()
}

fn with_end(mut object: Value, end: Value) -> Value {
    if let (Value::Object(object), Value::Object(end)) = (&mut object, end) {
        object.extend(end);
    }
    object
}

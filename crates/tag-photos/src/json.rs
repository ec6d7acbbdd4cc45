//! The results for programs.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use flickr_faces::{
    ids::PhotoId,
    steps::tagging::{Plan, Skip, Summary, Undo, Undone, Verified},
    store::FlickrWrite,
};
use serde_json::{Value, json};

pub(crate) fn plan(plan: &Plan, time: Duration) -> Value {
    let counts = plan.counts();
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
        "already_there": plan.already_there(),
        "missing": skipped_for(plan, Skip::NotFound),
        "skipped": skipped(plan),
        "people": plan.people,
        "photos": photos,
        "would_remove_notes": plan.corrections(),
        "outdated": outdated.collect::<Value>(),
        "write_to": write_to(plan),
        "calls": plan.calls(),
        "seconds": time.as_secs(),
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

pub(crate) fn undo_plan(undo: &Undo) -> Value {
    json!({
        "would_take_away": writes(&undo.writes),
        "shared": writes(&undo.shared),
        "photos": undo.photo_count(),
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

/// Photos that are skipped for one reason.
fn skipped_for(plan: &Plan, skip: Skip) -> BTreeSet<&PhotoId> {
    plan.skipped().remove(&skip).unwrap_or_default()
}

/// How many photos are skipped for each reason.
fn skipped(plan: &Plan) -> BTreeMap<&'static str, usize> {
    let reasons = plan.skipped().into_iter();
    reasons
        .map(|(skip, photos)| (skip.code(), photos.len()))
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

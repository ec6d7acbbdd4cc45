//! What would be written, in words and for programs.

use std::{collections::BTreeMap, time::Duration};

use flickr_faces::{
    ids::PhotoId,
    steps::tagging::{Extra, PersonPlan, Plan, Skip},
    store::FlickrWrite,
};
use flickr_faces_terminal::text::{count, duration, grouped};
use serde_json::{Value, json};

use crate::words::{kind, line, photo_count, photos, photos_that, reason, things, why};

/// `all` shows every photo's id; `pace` is the time that its calls take at least.
pub(crate) fn text(plan: &Plan, all: bool, pace: Duration) -> String {
    let mut text = String::new();
    for person in &plan.people {
        text += &of_person(person, all);
        text.push('\n');
    }
    text += &line(
        "would add",
        &format!(
            "{} to {}",
            things(plan.tags(), plan.notes(), plan.members()),
            photo_count(plan.photos.len())
        ),
    );
    text += &line("already there", &count(plan.there(), "tag", "tags"));
    text += &left_out(plan, all);
    text += &outdated(&plan.outdated);
    let calls = plan.calls();
    if calls > 0 {
        let time = match pace.as_secs() {
            0..60 => String::new(),
            _ => format!(", about {} at the pace Flickr asks for", duration(pace)),
        };
        text += &line("API calls", &format!("{}{time}", grouped(calls)));
    }
    text += "Nothing was written. `tag-photos` without `plan` writes it.\n";
    text
}

fn of_person(person: &PersonPlan, all: bool) -> String {
    let mut text = person.name.clone();
    if person.tag != person.name {
        text += &format!(" (as \"{}\")", person.tag);
    }
    text.push('\n');
    let item = |label: &str, what: &str| format!("  {}", line(label, what).replacen("  ", "", 1));
    if person.never_write {
        let ids = photo_count(person.skipped.len());
        return text + &item("left out", &format!("{ids}: {}", why(Skip::NeverWrite)));
    }
    let ids = |ids: &[PhotoId]| photos(ids, all);
    if !person.add.is_empty() {
        text += &item("to tag", &ids(&person.add));
    }
    let there = [
        (&person.written, "tagged by an earlier run"),
        (&person.present, "had the tag before"),
    ];
    for (list, how) in there.into_iter().filter(|(list, _)| !list.is_empty()) {
        text += &item("there", &format!("{} {how}", photo_count(list.len())));
    }
    let mut skipped: BTreeMap<Skip, Vec<&PhotoId>> = BTreeMap::new();
    for (photo, skip) in &person.skipped {
        skipped.entry(*skip).or_default().push(photo);
    }
    for (skip, list) in skipped {
        let what = match skip {
            Skip::Full { has } => format!(", {} beside its {has}", why(skip)),
            Skip::TakenAway => ", whose tag was taken away on Flickr".to_owned(),
            _ => format!(", {}", why(skip)),
        };
        text += &item("left out", &photos_that(&list, &what, all));
    }
    if let Some(notes) = &person.notes {
        text += &item("notes", &extra(notes));
    }
    if let Some(member) = &person.member {
        text += &item("as a member", &extra(member));
    }
    if person.add.is_empty()
        && person.skipped.is_empty()
        && person.written.is_empty()
        && person.present.is_empty()
    {
        text += &item("no photo", "tags.json names none");
    }
    text
}

fn extra(extra: &Extra) -> String {
    let mut parts = vec![format!("{} to add", grouped(extra.add.len() as u64))];
    for (number, what) in [
        (extra.done, "there or taken away before"),
        (extra.no_face, "without a known face"),
        (extra.skipped, "left out with their photos"),
    ] {
        if number > 0 {
            parts.push(format!("{} {what}", grouped(number)));
        }
    }
    parts.join(", ")
}

/// Photos left out, by the reason.
pub(crate) fn left_out(plan: &Plan, all: bool) -> String {
    let mut text = String::new();
    for (skip, ids) in plan.skipped() {
        text += &match skip {
            Skip::Public => line(
                "left out",
                &format!(
                    "{}: everybody may see them, and names go to private photos only\n{:15}\
                     (write_to = private in config.ini; `all` writes to public ones, too)",
                    photo_count(ids.len()),
                    ""
                ),
            ),
            Skip::NotFound => line("not found", &missing(&ids, all)),
            Skip::Full { .. } => line("full", &photos_that(&ids, &format!(", {}", why(skip)), all)),
            _ => line(
                "left out",
                &format!("{}: {}", photo_count(ids.len()), why(skip)),
            ),
        };
    }
    text
}

/// Photos that tags.json names and the account does not have.
fn missing(ids: &[&PhotoId], all: bool) -> String {
    let list = photos(ids, all);
    let (number, ids) = list.split_once(": ").unwrap_or((&list, ""));
    format!("{number} of tags.json that your account does not have: {ids}")
}

/// What is on Flickr from earlier runs and tags.json no longer asks for.
pub(crate) fn outdated(writes: &[FlickrWrite]) -> String {
    if writes.is_empty() {
        return String::new();
    }
    let mut texts: BTreeMap<&str, u64> = BTreeMap::new();
    for write in writes {
        *texts.entry(&write.text).or_default() += 1;
    }
    let some: Vec<_> = (texts.iter().take(5))
        .map(|(text, number)| format!("\"{text}\" on {}", count(*number, "photo", "photos")))
        .collect();
    let more = if texts.len() > some.len() {
        ", ..."
    } else {
        ""
    };
    line(
        "outdated",
        &format!(
            "{}{more}: written before, no longer in tags.json; stays on\n{:15}Flickr until \
             `tag-photos --undo --outdated` takes it away",
            some.join(", "),
            ""
        ),
    )
}

pub(crate) fn json(plan: &Plan, pace: Duration) -> Value {
    let texts = |writes: Vec<&FlickrWrite>| -> Value {
        writes.iter().map(|write| write.text.as_str()).collect()
    };
    let photos: Vec<_> = (plan.photos.iter())
        .map(|photo| {
            json!({
                "photo": photo.photo,
                "tags": texts(photo.tags.iter().collect()),
                "notes": texts(photo.notes.iter().map(|note| &note.write).collect()),
                "people": photo.members.iter().map(|one| &one.write.item).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "would_add": plan.tags(),
        "would_add_notes": plan.notes(),
        "would_add_people": plan.members(),
        "already_there": plan.there(),
        "missing": ids(plan, Skip::NotFound),
        "skipped": skipped_json(plan),
        "people": plan.people.iter().map(person_json).collect::<Vec<_>>(),
        "photos": photos,
        "outdated": outdated_json(&plan.outdated),
        "write_to": if plan.spares_public() { "private" } else { "all" },
        "calls": plan.calls(),
        "seconds": pace.as_secs(),
    })
}

/// Photos left out for one reason.
pub(crate) fn ids(plan: &Plan, skip: Skip) -> Vec<&PhotoId> {
    plan.skipped().remove(&skip).unwrap_or_default()
}

/// How many photos are left out for each reason.
pub(crate) fn skipped_json(plan: &Plan) -> Value {
    let reasons = plan.skipped().into_iter();
    let numbers: serde_json::Map<String, Value> = reasons
        .map(|(skip, ids)| {
            let reason = reason(skip).as_str().unwrap_or_default().to_owned();
            (reason, json!(ids.len()))
        })
        .collect();
    numbers.into()
}

fn person_json(person: &PersonPlan) -> Value {
    let skipped: Vec<_> = (person.skipped.iter())
        .map(|(photo, skip)| json!({"photo": photo, "reason": reason(*skip)}))
        .collect();
    let extra = |extra: &Option<Extra>| {
        extra.as_ref().map(|extra| {
            json!({"add": extra.add, "done": extra.done, "no_face": extra.no_face,
                "skipped": extra.skipped})
        })
    };
    json!({
        "name": person.name,
        "tag": person.tag,
        "never_write": person.never_write,
        "add": person.add,
        "written": person.written,
        "present": person.present,
        "skipped": skipped,
        "notes": extra(&person.notes),
        "member": extra(&person.member),
    })
}

pub(crate) fn outdated_json(writes: &[FlickrWrite]) -> Value {
    let rows = writes
        .iter()
        .map(|write| json!({"photo": write.photo, "kind": kind(write.kind), "text": write.text}));
    rows.collect()
}

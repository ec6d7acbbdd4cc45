//! `tag-photos --undo`: takes away what it added.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use flickr_faces::{
    ids::PhotoId,
    progress::Progress,
    steps::tagging::{Undo, Undone, tags_now},
    store::{FlickrWrite, WriteKind},
};
use flickr_faces_terminal::{
    exit::Exit,
    text::{count, duration, grouped},
};
use serde_json::{Value, json};

use crate::{
    run::{Desk, Online},
    words::{failed, failed_json, kind, line, photos, things},
};

pub(crate) async fn run(desk: &Desk, online: Online) -> anyhow::Result<Exit> {
    let is_plan = desk.arguments.is_plan();
    let _lock = match is_plan {
        true => None,
        false => Some(desk.store.lock_for_tagging()?),
    };
    let now = match desk.arguments.outdated {
        true => Some(tags_now(desk.tags(), online.flickr.nsid()).await?),
        false => None,
    };
    let undo = Undo::make(&desk.store, &desk.choice, now.as_ref()).await?;
    if is_plan {
        let all = desk.arguments.common.verbose > 0;
        desk.print(|| plan(&undo, all), || plan_json(&undo));
        return Ok(Exit::Done);
    }
    let progress: Arc<dyn Progress> = Arc::new(desk.bars.clone());
    let undone = undo
        .carry_out(&desk.store, &online.flickr, &progress, online.stop)
        .await?;
    desk.print(|| text(&undo, &undone), || undone_json(&undo, &undone));
    Ok(match undone.stopped {
        true => Exit::Stopped,
        false if !undone.failed.is_empty() || !undone.still_there.is_empty() => Exit::SomeFailed,
        false => Exit::Done,
    })
}

fn number(undo: &Undo, kind: WriteKind) -> u64 {
    undo.writes
        .iter()
        .filter(|write| write.kind == kind)
        .count() as u64
}

fn plan(undo: &Undo, all: bool) -> String {
    let mut texts: BTreeMap<(WriteKind, &str), Vec<&PhotoId>> = BTreeMap::new();
    for write in &undo.writes {
        let of = texts.entry((write.kind, &write.text)).or_default();
        of.push(&write.photo);
    }
    let mut text = String::new();
    for ((what, name), ids) in &texts {
        text += &format!("{} \"{name}\" of {}\n", kind(*what), photos(ids, all));
    }
    let [tags, notes, people] =
        [WriteKind::Tag, WriteKind::Note, WriteKind::Member].map(|kind| number(undo, kind));
    let from = count(undo.photo_count(), "photo", "photos");
    text += &line(
        "would take away",
        &format!(" {} of {from}", things(tags, notes, people)),
    );
    text + &shared(undo) + "Nothing was changed. The same without `plan` takes it away.\n"
}

/// What stays because it stands for somebody else, too.
fn shared(undo: &Undo) -> String {
    if undo.shared.is_empty() {
        return String::new();
    }
    let number = count(undo.shared.len() as u64, "tag stands", "tags stand");
    line("stays", &format!("{number} for somebody else, too"))
}

fn text(undo: &Undo, undone: &Undone) -> String {
    let mut text = line(
        "taken away",
        &things(undone.tags, undone.notes, undone.members),
    );
    if undone.was_away > 0 {
        text += &line("were away", &format!("{} before", grouped(undone.was_away)));
    }
    text += &shared(undo);
    text += &failed(&undone.failed);
    if undone.checked > 0 {
        let still = match undone.still_there.len() {
            0 => "none".to_owned(),
            number => grouped(number as u64),
        };
        let looked = count(undone.checked, "photo", "photos");
        text += &line("still there", &format!("{still}, looked up on {looked}"));
    }
    for (photo, what) in &undone.still_there {
        text += &format!("  photo {photo}: \"{what}\"\n");
    }
    text += &line(
        "time",
        &duration(Duration::from_secs_f64(undone.seconds.max(0.0))),
    );
    text += &line("API calls", &grouped(undone.calls));
    if undone.stopped {
        let left = count(undone.left, "photo", "photos");
        text += &format!("Stopped with {left} left. Run it again to go on.\n");
    } else if undone.tags + undone.notes + undone.members > 0 {
        text += "A later `tag-photos` writes what tags.json holds: take the names out there, or give a\n\
                 person \"write\": false, if they are to stay away.\n";
    }
    text
}

fn writes_json(writes: &[FlickrWrite]) -> Value {
    let rows = writes.iter().map(|write| {
        json!({"photo": write.photo, "kind": kind(write.kind), "text": write.text,
            "flickr_id": write.flickr_id})
    });
    rows.collect()
}

fn plan_json(undo: &Undo) -> Value {
    json!({
        "would_take_away": writes_json(&undo.writes),
        "shared": writes_json(&undo.shared),
        "photos": undo.photo_count(),
    })
}

fn undone_json(undo: &Undo, undone: &Undone) -> Value {
    let still: Vec<_> = (undone.still_there.iter())
        .map(|(photo, text)| json!({"photo": photo, "text": text}))
        .collect();
    json!({
        "tags": undone.tags,
        "notes": undone.notes,
        "people": undone.members,
        "were_away": undone.was_away,
        "shared": writes_json(&undo.shared),
        "failed": failed_json(&undone.failed),
        "still_there": still,
        "checked": undone.checked,
        "left": undone.left,
        "api_calls": undone.calls,
        "seconds": undone.seconds,
        "stopped": undone.stopped,
    })
}

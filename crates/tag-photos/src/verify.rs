//! `tag-photos --verify`: compares names and journal with Flickr.

use flickr_faces::steps::tagging::{Differs, Verified};
use flickr_faces_terminal::{
    exit::Exit,
    text::{count, grouped},
};
use serde_json::{Value, json};

use crate::{
    run::{Desk, Online},
    words::{failed, failed_json, kind, line, things},
};

pub(crate) async fn run(desk: &Desk, online: Online) -> anyhow::Result<Exit> {
    // What was taken away is entered into the journal.
    let _lock = desk.store.lock_for_tagging()?;
    let wish = desk.wish();
    let making = Verified::make(&wish, &desk.store, &online.flickr, &desk.bars);
    let Some(verified) = online.reading(&desk.bars, making).await? else {
        return Ok(Exit::Stopped);
    };
    desk.print(|| text(&verified), || verified_json(&verified));
    let is_all_well = verified.differs.is_empty() && verified.failed.is_empty();
    Ok(if is_all_well {
        Exit::Done
    } else {
        Exit::SomeFailed
    })
}

fn text(verified: &Verified) -> String {
    let ours = things(verified.tags, verified.notes, verified.members);
    let mut text = line("as written", &format!("{ours} on Flickr"));
    text += &line("were there", &count(verified.present, "tag", "tags"));
    if verified.left_out > 0 {
        let photos = count(verified.left_out, "tag", "tags");
        text += &line(
            "left out",
            &format!("{photos} by write_to or \"write\": false"),
        );
    }
    let mut of = |label: &str, hint: &str, rows: Vec<String>| {
        if !rows.is_empty() {
            text += &line(label, &format!("{}{hint}", grouped(rows.len() as u64)));
            for row in rows {
                text += &format!("  {row}\n");
            }
        }
    };
    let rows = |pick: fn(&Differs) -> Option<String>| -> Vec<String> {
        verified.differs.iter().filter_map(pick).collect()
    };
    of(
        "missing",
        ": not written yet, `tag-photos` writes what fits",
        rows(|differs| match differs {
            Differs::NotWritten { photo, name } => Some(format!("photo {photo}: {name}")),
            _ => None,
        }),
    );
    of(
        "taken away",
        " on Flickr by somebody: never written again but with --again",
        rows(|differs| match differs {
            Differs::TakenAway {
                photo,
                kind: what,
                text,
            } => Some(format!("photo {photo}: {} \"{text}\"", kind(*what))),
            _ => None,
        }),
    );
    of(
        "outdated",
        ": no longer in tags.json, `tag-photos --undo --outdated` takes it away",
        rows(|differs| match differs {
            Differs::Outdated { photo, text } => Some(format!("photo {photo}: \"{text}\"")),
            _ => None,
        }),
    );
    of(
        "no photo",
        " in your account",
        rows(|differs| match differs {
            Differs::NoPhoto { photo } => Some(format!("photo {photo}")),
            _ => None,
        }),
    );
    if !verified.failed.is_empty() {
        text += &failed(&verified.failed);
    }
    text += &line("API calls", &grouped(verified.calls));
    text + match verified.differs.is_empty() {
        true => "Flickr has what it should have.\n",
        false => "Flickr and tags.json differ.\n",
    }
}

fn verified_json(verified: &Verified) -> Value {
    let differs: Vec<_> = (verified.differs.iter())
        .map(|differs| match differs {
            Differs::NotWritten { photo, name } => {
                json!({"what": "not_written", "photo": photo, "name": name})
            }
            Differs::TakenAway {
                photo,
                kind: what,
                text,
            } => json!({"what": "taken_away", "photo": photo, "kind": kind(*what), "text": text}),
            Differs::NoPhoto { photo } => json!({"what": "no_photo", "photo": photo}),
            Differs::Outdated { photo, text } => {
                json!({"what": "outdated", "photo": photo, "text": text})
            }
        })
        .collect();
    json!({
        "tags": verified.tags,
        "notes": verified.notes,
        "people": verified.members,
        "were_there": verified.present,
        "left_out": verified.left_out,
        "differs": differs,
        "failed": failed_json(&verified.failed),
        "api_calls": verified.calls,
    })
}

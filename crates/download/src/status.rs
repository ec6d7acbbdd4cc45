//! `download status`: what the store holds, without asking Flickr.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use flickr_faces::{
    config::Config,
    steps::download::{Listing, Status, status as read},
    store::{PhotoId, Reason, Store},
};
use flickr_faces_terminal::{
    args::Common,
    exit::{Exit, Failure},
    text::{duration, grouped},
};
use serde_json::{Value, json};

use crate::{engine, run};

pub(crate) async fn status(common: &Common) -> Result<Exit, Failure> {
    let config = Config::read(&common.config)?;
    let store = Store::open(&config.store).await?;
    let with = run::processing(&config, &engine::models(&config).encoder_digest()?, "");
    let status = read(&store, &with).await;
    store.close().await;
    let status = status?;
    if common.json {
        println!("{}", as_json(&status));
    } else {
        print!("{}", text(&status));
    }
    Ok(Exit::Done)
}

fn text(status: &Status) -> String {
    let counts = &status.counts;
    let photos = [
        (counts.done, "done"),
        (counts.failed, "failed"),
        (counts.no_image, "without an image"),
        (counts.to_do(), "to do"),
    ];
    let states: Vec<String> = photos
        .iter()
        .filter(|(photos, _)| *photos > 0)
        .map(|(photos, state)| format!("{} {state}", grouped(*photos)))
        .collect();
    let mut text = format!("photos     {}", grouped(counts.photos));
    if !states.is_empty() {
        text += &format!(": {}", states.join(", "));
    }
    text += &format!(
        "\nfaces      {}, {} without a name\nlisting    {}\n",
        grouped(counts.faces),
        grouped(counts.undecided),
        listing(status.listing)
    );
    text += &reasons(
        "Failed, to be tried again by the next download:",
        &status.failed,
    );
    text += &reasons("Without an image to use:", &status.no_image);
    if status.outdated > 0 {
        text += "\n";
    }
    text + &run::outdated(status.outdated)
}

fn reasons(title: &str, reasons: &[Reason]) -> String {
    if reasons.is_empty() {
        return String::new();
    }
    let line = |reason: &Reason| {
        let examples: Vec<_> = reason.examples.iter().map(PhotoId::as_str).collect();
        let all = reason.photos == examples.len() as u64;
        format!(
            "  {:>6}  {} ({}{})\n",
            grouped(reason.photos),
            reason.text,
            examples.join(", "),
            if all { "" } else { ", ..." }
        )
    };
    let lines: String = reasons.iter().map(line).collect();
    format!("\n{title}\n{lines}")
}

fn listing(listing: Listing) -> String {
    match listing {
        Listing::Complete(time) => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            let time = Duration::from_secs(time.unsigned_abs());
            let ago = now.unwrap_or_default().saturating_sub(time);
            format!("complete as of {} ago", duration(ago))
        }
        Listing::Incomplete => "stopped before its end: run download to go on".to_owned(),
        Listing::Unknown => "not known to be complete: run download".to_owned(),
    }
}

fn as_json(status: &Status) -> Value {
    let counts = &status.counts;
    let (complete, listed) = match status.listing {
        Listing::Complete(time) => (Some(true), Some(time)),
        Listing::Incomplete => (Some(false), None),
        Listing::Unknown => (None, None),
    };
    json!({
        "account": status.account,
        "photos": counts.photos,
        "done": counts.done,
        "failed": counts.failed,
        "no_image": counts.no_image,
        "to_do": counts.to_do(),
        "faces": counts.faces,
        "unnamed_faces": counts.undecided,
        "outdated": status.outdated,
        "listing_complete": complete,
        "listed": listed,
        "failed_because": status.failed,
        "no_image_because": status.no_image,
    })
}

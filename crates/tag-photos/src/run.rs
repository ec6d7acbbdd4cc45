//! Puts the step together and says what came of it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use flickr_faces::{
    config::Config,
    progress::Progress,
    steps::tagging::{Plan, Summary},
    store::Store,
};
use flickr_faces_terminal::{
    exit::Exit,
    log,
    progress::Bars,
    setup, signals,
    text::{count, duration, grouped},
};

use crate::Arguments;

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let common = &arguments.common;
    let bars = Bars::new(common.quiet);
    log::start(common.verbose, &bars);
    let config = Config::read(&common.config)?;
    let flickr = setup::flickr(&config, !arguments.no_browser, &bars).await?;
    let mut stop = signals::listen(&bars, "the photo under way is finished and saved")?;
    let store = Store::open(&config.store).await?;
    let file = arguments.tags.as_ref().unwrap_or(&config.tags);
    let plan = tokio::select! {
        plan = Plan::make(file, &store, &flickr, &bars) => plan?,
        // Making a plan only reads: nothing is lost by leaving it.
        () = stop.asked() => {
            bars.finish();
            eprintln!("Stopped before anything was written. Run tag-photos again to go on.");
            return Ok(Exit::Stopped);
        }
    };
    if arguments.dry_run {
        bars.finish();
        if common.json {
            println!("{}", json_of_plan(&plan));
        } else {
            print!("{}", text_of_plan(&plan));
        }
        return Ok(Exit::Done);
    }
    let progress: Arc<dyn Progress> = Arc::new(bars.clone());
    let result = plan.carry_out(&store, &flickr, &progress, stop).await;
    bars.finish();
    store.close().await;
    let summary = result?;
    if common.json {
        println!("{}", json(&summary));
    } else {
        print!("{}", text(&summary));
    }
    Ok(match summary {
        Summary { stopped: true, .. } => Exit::Stopped,
        Summary {
            failed, missing, ..
        } if !failed.is_empty() || !missing.is_empty() => Exit::SomeFailed,
        _ => Exit::Done,
    })
}

fn text_of_plan(plan: &Plan) -> String {
    let mut tags: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for photo in &plan.photos {
        for tag in &photo.tags {
            tags.entry(tag).or_default().push(&photo.photo);
        }
    }
    let mut text = String::new();
    for (tag, photos) in &tags {
        text += &format!(
            "\"{tag}\" to {}:\n",
            count(photos.len() as u64, "photo", "photos")
        );
        for photo in photos {
            text += &format!("  {photo}\n");
        }
    }
    text += &format!(
        "would add      {}\nalready there  {}\n",
        grouped(plan.tags()),
        grouped(plan.present.len() as u64 + plan.added_before)
    );
    text + &missing(&plan.missing) + "Nothing was written. Without --dry-run it is.\n"
}

fn json_of_plan(plan: &Plan) -> serde_json::Value {
    let photos: Vec<_> = (plan.photos.iter())
        .map(|photo| serde_json::json!({"photo": photo.photo, "tags": photo.tags}))
        .collect();
    serde_json::json!({
        "would_add": plan.tags(),
        "already_there": plan.present.len() as u64 + plan.added_before,
        "missing": plan.missing,
        "photos": photos,
    })
}

fn text(summary: &Summary) -> String {
    let mut text = format!(
        "added          {}\nalready there  {}\nfailed         {}\n",
        count(summary.added, "tag", "tags"),
        count(summary.present, "tag", "tags"),
        match summary.failed.len() {
            0 => "none".to_owned(),
            failed => count(failed as u64, "photo", "photos"),
        }
    );
    for (photo, reason) in &summary.failed {
        text += &format!("  photo {photo}: {reason}\n");
    }
    text += &missing(&summary.missing);
    text += &format!(
        "time           {}\nAPI calls      {}\n",
        duration(Duration::from_secs_f64(summary.seconds.max(0.0))),
        grouped(summary.calls)
    );
    if summary.stopped {
        let left = count(summary.left, "photo", "photos");
        text += &format!("Stopped with {left} left. Run tag-photos again to go on.\n");
    }
    text
}

/// Photos that tags.json names and the account does not have.
fn missing(photos: &[String]) -> String {
    if photos.is_empty() {
        return String::new();
    }
    let some: Vec<_> = photos.iter().take(5).map(String::as_str).collect();
    let more = if photos.len() > some.len() {
        ", ..."
    } else {
        ""
    };
    format!(
        "not found      {} of tags.json that your account does not have: {}{more}\n",
        count(photos.len() as u64, "photo", "photos"),
        some.join(", ")
    )
}

fn json(summary: &Summary) -> serde_json::Value {
    let failed: Vec<_> = (summary.failed.iter())
        .map(|(photo, reason)| serde_json::json!({"photo": photo, "reason": reason}))
        .collect();
    serde_json::json!({
        "added": summary.added,
        "already_there": summary.present,
        "failed": failed,
        "missing": summary.missing,
        "left": summary.left,
        "api_calls": summary.calls,
        "seconds": summary.seconds,
        "stopped": summary.stopped,
    })
}

//! `tag-photos` itself: makes a plan, shows it or carries it out.

use std::{sync::Arc, time::Duration};

use flickr_faces::{
    progress::Progress,
    steps::tagging::{Plan, Skip, Summary},
};
use flickr_faces_terminal::{
    exit::Exit,
    text::{count, duration, grouped},
};
use serde_json::{Value, json};

use crate::{
    plan,
    run::{Desk, Online},
    words::{failed, failed_json, line, photo_count, things},
};

pub(crate) async fn run(desk: &Desk, online: Online) -> anyhow::Result<Exit> {
    let is_plan = desk.arguments.is_plan();
    let _lock = match is_plan {
        true => None,
        false => Some(desk.store.lock_for_tagging()?),
    };
    let wish = desk.wish();
    let making = Plan::make(&wish, &desk.store, &online.flickr, &desk.bars);
    let Some(plan) = online.reading(&desk.bars, making).await? else {
        return Ok(Exit::Stopped);
    };
    if is_plan {
        let pace = online.flickr.client().least_time(plan.calls());
        let all = desk.arguments.common.verbose > 0;
        desk.print(|| plan::text(&plan, all, pace), || plan::json(&plan, pace));
        return Ok(Exit::Done);
    }
    let progress: Arc<dyn Progress> = Arc::new(desk.bars.clone());
    let summary = plan
        .carry_out(&desk.store, &online.flickr, &progress, online.stop)
        .await?;
    desk.print(|| text(&plan, &summary), || summary_json(&plan, &summary));
    let refused = plan.skipped().keys().any(|skip| skip.is_failure());
    Ok(match summary.stopped {
        true => Exit::Stopped,
        false if refused || !summary.failed.is_empty() => Exit::SomeFailed,
        false => Exit::Done,
    })
}

fn text(plan: &Plan, summary: &Summary) -> String {
    let added = things(summary.added, summary.notes, summary.members);
    let mut text = line("added", &added);
    let there = plan.there() + summary.found;
    text += &line("already there", &count(there, "tag", "tags"));
    text += &failed(&summary.failed);
    text += &plan::left_out(plan, false);
    text += &plan::outdated(&plan.outdated);
    text += &line(
        "time",
        &duration(Duration::from_secs_f64(summary.seconds.max(0.0))),
    );
    text += &line("API calls", &grouped(summary.calls));
    if summary.stopped {
        let left = photo_count(usize::try_from(summary.left).unwrap_or(usize::MAX));
        text += &format!("Stopped with {left} left. Run tag-photos again to go on.\n");
    } else if summary.added + summary.notes + summary.members > 0 {
        text += "`tag-photos --verify` compares with Flickr, `tag-photos --undo` takes it back.\n";
    }
    text
}

fn summary_json(plan: &Plan, summary: &Summary) -> Value {
    json!({
        "added": summary.added,
        "added_notes": summary.notes,
        "added_people": summary.members,
        "already_there": plan.there() + summary.found,
        "failed": failed_json(&summary.failed),
        "missing": plan::ids(plan, Skip::NotFound),
        "skipped": plan::skipped_json(plan),
        "full": plan::ids(plan, Skip::Full { has: 0 }),
        "outdated": plan.outdated.len(),
        "write_to": if plan.spares_public() { "private" } else { "all" },
        "left": summary.left,
        "api_calls": summary.calls,
        "seconds": summary.seconds,
        "stopped": summary.stopped,
    })
}

//! `review` and `sweep`: shows the questions of a review session, and asks for its answers.

use std::io::IsTerminal;

use flickr_faces::{
    programs::Program,
    steps::{
        naming::{LowQualityFace, Session, Subset},
        review::{self, Event, Excluded, Next, Options, Outcome, Review},
    },
    text::grouped,
};
use flickr_faces_terminal::{
    exit::{BadAnswer, Exit, Failure},
    output,
    prompt::Reply,
    text::aligned,
    viewing::Viewing,
};
use serde_json::json;

use crate::{
    cli::{Asking, Clustering},
    context::Context,
};

/// Asks at these thresholds, and says what came of it.
pub(crate) async fn run(
    context: &Context,
    thresholds: &[f32],
    clustering: &Clustering,
    asking: &Asking,
) -> Result<Exit, Failure> {
    let (subset, min_cluster) = match asking.low_quality {
        // Faces of low quality are close to few others.
        true => (Subset::LowQuality, 1),
        false => (Subset::Usable, context.config.min_cluster),
    };
    let highest = thresholds.iter().copied().fold(0.0, f32::max);
    let session = context.session(highest, clustering, min_cluster).await?;
    let excluded = Excluded::of(&session).await?;
    for line in review::beginning(&session.counts().await?, &excluded, subset) {
        context.say(&line);
    }
    if subset == Subset::LowQuality && excluded.low_quality() > 0 && !context.json {
        let is_short = std::io::stdin().is_terminal();
        context.say(&low_quality(&session.low_quality(), is_short));
    }
    let mut asker = context.asker();
    let mut viewing = Viewing::new(
        context.medium(asking.pictures),
        context.voice(),
        context.config.results.clone(),
    );
    let options = Options {
        thresholds: thresholds.to_vec(),
        subset,
        suggestions: !asking.no_suggestions,
        interactive: asker.is_interactive(),
        room: viewing.room(),
    };
    let mut asked = Review::new(session.clone(), options);
    let mut lines = 0_u64;
    let mut stopped = false;
    let outcome = loop {
        match asked.next().await? {
            Next::Tell(Event::Show(shown)) => {
                viewing.show(&session, *shown).await?;
            }
            // The next line of a script is meant for the next question.
            Next::Tell(Event::Refused { line, problem }) if !asker.is_interactive() => {
                return Err(BadAnswer(format!(
                    "line {lines} of the answers, {line:?}: {problem}; nothing was decided about this cluster"
                ))
                .into());
            }
            Next::Tell(event @ Event::Help { .. }) => {
                context.say(&format!("{event}{}", viewing.help()));
                viewing.again(&session).await?;
            }
            Next::Tell(event @ Event::Refused { .. }) => {
                viewing.again(&session).await?;
                context.say(&event.to_string());
            }
            Next::Tell(event) => context.say(&event.to_string()),
            Next::Ask(prompt) => {
                // The prompt blocks until there is an answer.
                let keys = prompt.keys + &viewing.keys();
                let reply =
                    tokio::task::block_in_place(|| asker.ask(&prompt.text, &keys, &prompt.names))?;
                lines += 1;
                match reply {
                    Reply::Line(line) if viewing.command(&session, &line).await? => {}
                    Reply::Line(line) => asked.answer(&line).await?,
                    Reply::End => asked.leave().await?,
                    Reply::Interrupted => {
                        asked.leave().await?;
                        stopped = true;
                    }
                }
            }
            Next::End(outcome) => break outcome,
        }
    };
    // Where this fails, the end of the program says so, after what was done.
    if let Ok(saved) = session.settled().await {
        context.tell_taken_over(&saved);
    }
    if outcome == Outcome::NothingToAsk {
        for line in review::nothing_left(&session.counts().await?) {
            context.say(&line);
        }
    }
    summary(context, &session, &asked, outcome).await?;
    Ok(match stopped {
        true => Exit::Stopped,
        false => Exit::Done,
    })
}

/// Says what came of it.
async fn summary(
    context: &Context,
    session: &Session,
    asked: &Review,
    outcome: Outcome,
) -> Result<(), Failure> {
    let counters = asked.counters();
    let after = session.counts().await?;
    let excluded = Excluded::of(session).await?;
    let tags = &context.config.tags;
    if context.json {
        let mut summary = json!({
            "clusters": counters.clusters,
            "suggestions": counters.suggestions,
            "named": counters.named,
            "other_decisions": counters.others,
            "rejected": counters.rejected,
            "undecided": after.undecided,
            "left_out": excluded.all(),
            "left_out_by_gate": excluded.low_quality(),
            "tags": tags,
        });
        if asked.options().subset == Subset::LowQuality {
            let faces = session.low_quality().into_iter().map(|face| {
                json!({
                    "face": face.id.to_string(), "photo": face.photo, "why": face.why.to_string(),
                    "size": face.seen.size, "score": face.seen.score,
                    "sharpness": face.seen.sharpness, "turn": face.seen.yaw,
                })
            });
            summary["left_out_faces"] = faces.collect();
        }
        output::json(&summary);
    } else if outcome != Outcome::NothingToAsk {
        let lines = review::end(asked, after.undecided, tags);
        context.say(&format!("\n{}", lines.join("\n")));
    }
    Ok(())
}

/// This many rows of a listing fit a screen.
const ROWS: usize = 20;

/// The faces of low quality, one a line; not more than fit a screen where it `is_short`.
fn low_quality(faces: &[LowQualityFace], is_short: bool) -> String {
    let shown = if is_short { ROWS } else { faces.len() };
    let number = |value: Option<f32>, digits: usize| {
        value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
    };
    let mut rows = vec![["face", "why", "size", "score", "sharpness", "turn"].map(str::to_owned)];
    rows.extend(faces.iter().take(shown).map(|face| {
        [
            face.id.to_string(),
            face.why.to_string(),
            face.seen.size.to_string(),
            number(face.seen.score, 2),
            number(face.seen.sharpness, 1),
            number(face.seen.yaw, 2),
        ]
    }));
    let mut text = aligned(&rows, &[2, 3, 4, 5]);
    if faces.len() > shown {
        text += &format!(
            "\n... and {} more; `{} --low-quality </dev/null` lists them all.",
            grouped(faces.len() - shown),
            Program::ClusterFaces
        );
    }
    text
}

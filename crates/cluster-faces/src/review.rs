//! `review` and `sweep`: shows the questions of a review session, and asks for its answers.

use std::io::IsTerminal;

use flickr_faces::steps::{
    naming::{Session, Subset},
    review::{Event, Next, Options, Outcome, Review, Shown},
};
use flickr_faces_terminal::{
    exit::{BadAnswer, Exit},
    picture,
    prompt::Reply,
};
use serde_json::json;

use crate::{
    cli::{Asking, Clustering},
    messages::{self, Excluded},
    run::Context,
};

/// Asks at these thresholds, and says what came of it.
pub(crate) async fn run(
    context: &Context,
    thresholds: &[f32],
    clustering: &Clustering,
    asking: &Asking,
) -> anyhow::Result<Exit> {
    let (subset, min_cluster) = match asking.low_quality {
        // Faces of low quality are close to few others.
        true => (Subset::LowQuality, 1),
        false => (Subset::Usable, context.config.min_cluster),
    };
    let highest = thresholds.iter().copied().fold(0.0, f32::max);
    let session = context
        .session_to_interrupt(highest, clustering, min_cluster)
        .await?;
    let excluded = Excluded::of(&session).await?;
    let beginning = messages::beginning(&session.counts().await?, &excluded, subset);
    if !beginning.is_empty() {
        context.say(&beginning);
    }
    if subset == Subset::LowQuality && excluded.low_quality() > 0 && !context.json {
        let is_short = std::io::stdin().is_terminal();
        context.say(&messages::low_quality(&session.low_quality(), is_short));
    }
    let mut asker = context.asker();
    let options = Options {
        thresholds: thresholds.to_vec(),
        subset,
        suggestions: !asking.no_suggestions,
        interactive: asker.is_interactive(),
    };
    let is_interactive = options.interactive;
    let mut review = Review::new(session.clone(), options);
    let (outcome, exit) = loop {
        match review.next().await? {
            Next::Tell(Event::Show(shown)) => {
                show(context, &session, &shown, !asking.pictures.no_pictures).await?;
            }
            // The next line of a script is meant for the next question.
            Next::Tell(Event::Refused { line, problem }) if !is_interactive => {
                return Err(BadAnswer(format!(
                    "{line:?}: {problem}; nothing was decided about this cluster"
                ))
                .into());
            }
            Next::Tell(event) => context.say(&event.to_string()),
            Next::Ask(prompt) => {
                // The prompt blocks until there is an answer.
                let reply = tokio::task::block_in_place(|| {
                    asker.ask(&prompt.text, &prompt.keys, &prompt.names)
                })?;
                match reply {
                    Reply::Line(line) => review.answer(&line).await?,
                    Reply::End => break (Outcome::Left, Exit::Done),
                    Reply::Interrupted => break (Outcome::Left, Exit::Stopped),
                }
            }
            Next::End(outcome) => break (outcome, Exit::Done),
        }
    };
    let lower = (thresholds.len() == 1 && subset == Subset::Usable).then_some(highest - 0.05);
    summary(context, &session, &review, outcome, subset, lower).await?;
    Ok(exit)
}

/// Draws the faces of a question, and shows them where the terminal can.
async fn show(
    context: &Context,
    session: &Session,
    shown: &Shown,
    pictures: bool,
) -> anyhow::Result<()> {
    let path = context.config.results.join(shown.file_name());
    let tiles: Vec<_> = shown
        .left()
        .map(|(number, face)| (number, face.id.clone()))
        .collect();
    session.montage(&tiles, shown.samples(), &path).await?;
    context.say(&format!("\n{}   {}", shown.title(), path.display()));
    let notes = shown.notes();
    if !notes.is_empty() {
        context.say(&notes.join(" "));
    }
    if pictures
        && !context.json
        && let Err(error) = picture::show(&path)
    {
        tracing::warn!("the picture cannot be shown here: {error}");
    }
    Ok(())
}

/// What came of it. `lower` is the threshold to go on with.
async fn summary(
    context: &Context,
    session: &Session,
    review: &Review,
    outcome: Outcome,
    subset: Subset,
    lower: Option<f32>,
) -> anyhow::Result<()> {
    let counters = review.counters();
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
        if subset == Subset::LowQuality {
            let faces = session.low_quality();
            summary["left_out_faces"] = faces.iter().map(messages::low_quality_face).collect();
        }
        println!("{summary}");
    } else if outcome != Outcome::NothingToAsk {
        let left = (after.undecided, excluded.all());
        context.say(&messages::end(&counters, left, tags, lower));
    }
    Ok(())
}

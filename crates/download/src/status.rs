//! `download status`: what the store holds, without asking Flickr unless that is asked for.

use flickr_faces::{
    config::Config,
    steps::{
        CancellationToken,
        download::{Counted, Listing, Status, status as read, verify},
    },
    store::Store,
};
use flickr_faces_terminal::{
    args::Common,
    exit::{Exit, Failure},
    log, output,
    progress::Bars,
    setup, signals,
};
use serde_json::{Value, json};

use crate::{arguments, messages, places, run};

pub(crate) async fn status(common: &Common, options: arguments::Status) -> Result<Exit, Failure> {
    let config = Config::read(&common.config)?;
    let bars = Bars::new(common.quiet);
    log::start(common.verbose, &bars);
    if !options.verify {
        return look(common, &config, None).await;
    }
    let stop = signals::listen(&bars, "nothing was changed")?;
    let asking = look(common, &config, Some((&bars, &stop)));
    let exit = signals::unless_stopped(&stop, asking).await?;
    Ok(exit.unwrap_or(Exit::Stopped))
}

/// With Flickr, where it is to be `asked`.
async fn look(
    common: &Common,
    config: &Config,
    asked: Option<(&Bars, &CancellationToken)>,
) -> Result<Exit, Failure> {
    let store = Store::open(&config.store).await?;
    let flickr = match asked {
        Some((bars, stop)) => Some(setup::flickr(config, &store, true, bars, stop.clone()).await?),
        None => None,
    };
    let with = run::processing(config, &places::models(config).encoder_digest()?, "");
    let counted = match &flickr {
        Some(flickr) => verify(&store, flickr).await.map(Some),
        None => Ok(None),
    };
    let status = read(&store, &with).await;
    store.close().await;
    let (counted, status) = (counted?, status?);
    if common.json {
        output::json(&as_json(&status, counted.as_ref()));
    } else {
        output::lines(messages::status(&status, counted.as_ref()));
    }
    let differ = counted.is_some_and(|counted| counted.more_than(status.known()) != Some(0));
    Ok(if differ { Exit::SomeFailed } else { Exit::Done })
}

fn as_json(status: &Status, counted: Option<&Counted>) -> Value {
    let counts = &status.counts;
    let (complete, listed) = match status.listing {
        Listing::Complete(time) => (Some(status.gaps.is_empty()), Some(time)),
        Listing::Incomplete => (Some(false), None),
        Listing::Unknown => (None, None),
    };
    json!({
        "account": status.account,
        "photos": counts.photos,
        "done": counts.done,
        "failed": counts.failed,
        "no_image": counts.no_image,
        "deleted": counts.deleted,
        "to_do": counts.to_do(),
        "faces": counts.faces,
        "unnamed_faces": counts.undecided,
        "outdated": status.outdated,
        "listing_complete": complete,
        "listed": listed,
        "missing": status.gaps,
        "flickr": counted.map(|counted| json!({
            "photos": counted.photos(),
            "videos": counted.videos,
            "photos_and_videos": counted.everything,
            "photos_found_by_search": counted.found,
            "more_than_known": counted.more_than(status.known()),
        })),
        "failed_because": status.failed,
        "no_image_because": status.no_image,
    })
}

//! `download status`: what the store holds, without asking Flickr.

use flickr_faces::{
    config::Config,
    steps::download::{Listing, Status, status as read},
    store::Store,
};
use flickr_faces_terminal::{
    args::Common,
    exit::{Exit, Failure},
};
use serde_json::{Value, json};

use crate::{engine, messages, run};

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
        print!("{}", messages::status(&status));
    }
    Ok(Exit::Done)
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

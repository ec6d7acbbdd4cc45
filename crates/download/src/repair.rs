//! `download repair`: a new store of all that can be read of a damaged one.

use std::path::Path;

use flickr_faces::{
    config::Config,
    programs::Program,
    progress::Progress,
    store::{Repaired, Store, StoreError, Trouble},
};
use flickr_faces_terminal::{
    args::Common,
    exit::{Exit, Failure},
    log, output,
    progress::Bars,
    signals,
    text::{aligned, count, grouped},
};
use serde_json::{Value, json};

use crate::arguments;

pub(crate) async fn repair(common: &Common, options: arguments::Repair) -> Result<Exit, Failure> {
    let config = Config::read(&common.config)?;
    let bars = Bars::new(common.quiet);
    log::start(common.verbose, &bars);
    if config.store.starts_with("postgres://") {
        let message =
            "the store is in PostgreSQL, which mends itself; only an SQLite file can be repaired";
        return Err(Failure::new(Exit::Usage, message));
    }
    let path = Path::new(&config.store);
    if !path.exists() {
        let message = format!("{}: there is no store", path.display());
        return Err(Failure::new(Exit::CannotGoOn, message));
    }
    let stop = signals::listen(&bars, "the store stays as it was")?;
    bars.busy("reading what can be read");
    let repairing = Store::repair(path, options.anyway);
    let repaired = signals::unless_stopped(&stop, repairing).await;
    bars.finish();
    let repaired = repaired.map_err(|error| match error.trouble() {
        Some(Trouble::Damaged | Trouble::NotADatabase) => nothing_readable(path, &error),
        _ => error.into(),
    });
    let Some(repaired) = repaired? else {
        return Ok(Exit::Stopped);
    };
    if common.json {
        output::json(&as_json(repaired.as_ref()));
    } else {
        output::line(message(path, repaired.as_ref()));
    }
    Ok(Exit::Done)
}

fn nothing_readable(path: &Path, error: &StoreError) -> Failure {
    let message = format!(
        "{}: nothing can be read of it, it was left as it is ({error})",
        path.display()
    );
    Failure::new(Exit::CannotGoOn, message).with_hint(format!(
        "put a backup in its place; or move it away and run `{}`, which fetches everything again, and `{}`, which \
         takes the names over from tags.json",
        Program::Download,
        Program::ClusterFaces
    ))
}

fn message(path: &Path, repaired: Option<&Repaired>) -> String {
    let store = path.display();
    let Some(repaired) = repaired else {
        return format!(
            "{store}: nothing is damaged, nothing was changed. --anyway rebuilds it all the same."
        );
    };
    let mut rows = vec![["table", "rows copied", "not readable, at least"].map(str::to_owned)];
    let counted = repaired.tables.iter();
    rows.extend(counted.map(|(table, copied, lost)| {
        let lost = match lost {
            0 => "none".to_owned(),
            lost => grouped(lost),
        };
        [table.clone(), grouped(copied), lost]
    }));
    let again = match repaired.again {
        0 => String::new(),
        again => format!(
            " {} will be processed again.",
            count(again, "photo", "photos")
        ),
    };
    let found = match repaired.found.as_str() {
        "" => "no damage",
        found => found,
    };
    format!(
        "{store}: found: {found}\n{}\nA new store is in its place; the damaged one is kept as {}.\n\
         Next: `{}`, which lists what is missing.{again} Names that are lost come back from tags.json.",
        aligned(&rows, &[1, 2]),
        repaired.kept.display(),
        Program::Download
    )
}

fn as_json(repaired: Option<&Repaired>) -> Value {
    let tables = repaired.into_iter().flat_map(|repaired| &repaired.tables);
    let tables: serde_json::Map<_, _> = tables
        .map(|(table, copied, lost)| {
            (
                table.clone(),
                json!({"copied": copied, "not_readable": lost}),
            )
        })
        .collect();
    json!({
        "repaired": repaired.is_some(),
        "found": repaired.map(|repaired| &repaired.found),
        "tables": tables,
        "processed_again": repaired.map_or(0, |repaired| repaired.again),
        "kept": repaired.map(|repaired| &repaired.kept),
    })
}

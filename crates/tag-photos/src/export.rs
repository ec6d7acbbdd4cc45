//! Out of Flickr: sidecars and a table. Signs in nowhere.

use flickr_faces::steps::tagging::{write_csv, write_sidecars};
use flickr_faces_terminal::exit::{Exit, Failure};
use serde_json::json;

use crate::{arguments::Export, context::Context, messages};

pub(crate) async fn run(context: &Context, export: &Export) -> Result<Exit, Failure> {
    let (folder, file, arguments) = export.targets();
    let names = context.names(arguments).await?;
    let (selection, store) = (arguments.selection(false, false), &context.store);
    let mut text = String::new();
    let mut object = serde_json::Map::new();
    let mut exit = Exit::Done;
    if let Some(folder) = folder {
        let sidecars = write_sidecars(&names, &selection, store, folder).await?;
        text += &messages::sidecars(&sidecars, folder);
        object.insert("xmp".to_owned(), json!(sidecars));
        if !sidecars.unreadable.is_empty() {
            exit = Exit::SomeFailed;
        }
    }
    if let Some(file) = file {
        let table = write_csv(&names, &selection, store, file).await?;
        text += &messages::table(&table, file);
        object.insert("csv".to_owned(), json!(table));
    }
    context.print(|| text, || object.into());
    Ok(exit)
}

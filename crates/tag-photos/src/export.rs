//! Out of Flickr: XMP and a table. Signs in nowhere.

use flickr_faces::steps::tagging::{export_xmp, write_csv};
use flickr_faces_terminal::exit::{Exit, Failure};
use serde_json::json;

use crate::{arguments::Export, context::Context, export_messages};

pub(crate) async fn run(context: &Context, export: &Export) -> Result<Exit, Failure> {
    let (xmp, file, arguments) = export.targets();
    let names = context.names(arguments).await?;
    let (selection, store) = (export.selection(), &context.store);
    let mut text = String::new();
    let mut object = serde_json::Map::new();
    let mut exit = Exit::Done;
    if let Some(options) = xmp {
        let exported = export_xmp(&names, &selection, store, &options).await?;
        text += &export_messages::exported(&exported, &options);
        object.insert("xmp".to_owned(), json!(exported));
        if !exported.unreadable.is_empty() || !exported.left.is_empty() {
            exit = Exit::SomeFailed;
        }
    }
    if let Some(file) = file {
        let table = write_csv(&names, &selection, store, file).await?;
        text += &export_messages::table(&table, file);
        object.insert("csv".to_owned(), json!(table));
    }
    context.print(|| text, || object.into());
    Ok(exit)
}

//! `tag-photos --xmp` and `--csv`: out of Flickr. Signs in nowhere.

use std::path::{Path, PathBuf};

use flickr_faces::steps::tagging::{Sidecars, Table, write_csv, write_sidecars};
use flickr_faces_terminal::{
    exit::Exit,
    text::{count, grouped},
};
use serde_json::{Value, json};

use crate::{run::Desk, words::line};

pub(crate) async fn run(desk: &Desk) -> anyhow::Result<Exit> {
    let (tags, choice, store) = (desk.tags(), &desk.choice, &desk.store);
    let mut words = String::new();
    let mut object = serde_json::Map::new();
    let mut exit = Exit::Done;
    if let Some(folder) = &desk.arguments.xmp {
        let sidecars = write_sidecars(tags, choice, store, folder).await?;
        words += &xmp_text(&sidecars, folder);
        object.insert("xmp".to_owned(), xmp_json(&sidecars));
        if !sidecars.unreadable.is_empty() {
            exit = Exit::SomeFailed;
        }
    }
    if let Some(file) = &desk.arguments.csv {
        let table = write_csv(tags, choice, store, file).await?;
        words += &csv_text(&table, file);
        let json = json!({"rows": table.rows, "never_write": table.never_write});
        object.insert("csv".to_owned(), json);
    }
    desk.print(|| words, || object.into());
    Ok(exit)
}

fn never_write(people: u64) -> String {
    match people {
        0 => String::new(),
        _ => line(
            "left out",
            &format!(
                "{} with \"write\": false",
                count(people, "person", "people")
            ),
        ),
    }
}

fn xmp_text(sidecars: &Sidecars, folder: &Path) -> String {
    let mut text = line(
        "sidecars",
        &format!(
            "{} written, {} right as they were, in {}",
            grouped(sidecars.written),
            grouped(sidecars.unchanged),
            folder.display()
        ),
    );
    if sidecars.removed > 0 {
        let number = count(sidecars.removed, "sidecar", "sidecars");
        text += &line("deleted", &format!("{number} of photos without names"));
    }
    if sidecars.without_photo > 0 {
        let number = count(sidecars.without_photo, "sidecar", "sidecars");
        text += &line("no photo", &format!("{number} without a photo beside it"));
    }
    if sidecars.without_face > 0 {
        let number = count(sidecars.without_face, "name", "names");
        text += &line("no region", &format!("{number} without a known face"));
    }
    let mut files = |label: &str, what: &str, files: Vec<String>| {
        if !files.is_empty() {
            text += &line(label, &format!("{}{what}", grouped(files.len() as u64)));
            for file in files {
                text += &format!("  {file}\n");
            }
        }
    };
    let shown = |paths: &[PathBuf]| -> Vec<String> {
        paths
            .iter()
            .map(|path| path.display().to_string())
            .collect()
    };
    files("left alone", " by other programs", shown(&sidecars.others));
    files(
        "other shape",
        ": not the photo whose faces are known; names without regions",
        shown(&sidecars.other_shape),
    );
    let unreadable = sidecars.unreadable.iter();
    files(
        "unreadable",
        ": names without regions",
        unreadable
            .map(|(path, why)| format!("{}: {why}", path.display()))
            .collect(),
    );
    text + &never_write(sidecars.never_write)
}

fn csv_text(table: &Table, file: &Path) -> String {
    let rows = count(table.rows, "row", "rows");
    line("table", &format!("{rows} in {}", file.display())) + &never_write(table.never_write)
}

fn xmp_json(sidecars: &Sidecars) -> Value {
    json!({
        "written": sidecars.written,
        "unchanged": sidecars.unchanged,
        "deleted": sidecars.removed,
        "left_alone": sidecars.others,
        "without_photo": sidecars.without_photo,
        "without_face": sidecars.without_face,
        "other_shape": sidecars.other_shape,
        "unreadable": sidecars.unreadable.iter().map(|(path, why)| json!({"file": path, "reason": why}))
            .collect::<Vec<_>>(),
        "never_write": sidecars.never_write,
    })
}

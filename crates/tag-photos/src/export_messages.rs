//! What tag-photos says about names that went out of Flickr.

use std::path::{Path, PathBuf};

use flickr_faces::steps::tagging::{Changes, Exported, Table, Written, XmpOptions};
use flickr_faces_terminal::text::{count, grouped};

use crate::lines::{items, line};

/// What became of the names in a folder.
pub(crate) fn exported(exported: &Exported, options: &XmpOptions) -> String {
    let folder = options.folder.display();
    let mut text = String::new();
    if options.embed {
        text += &line(
            "photos",
            format!("{} in {folder}", written(exported.photos)),
        );
    }
    text += &line(
        "sidecars",
        format!("{} in {folder}", written(exported.sidecars)),
    );
    text += &line("names", changes(exported.names));
    text += &line("regions", changes(exported.regions));
    for (label, number, (one, more), what) in [
        (
            "no region",
            exported.without_face,
            ("name", "names"),
            "without a known face",
        ),
        (
            "taken away",
            exported.taken_away,
            ("name or region", "names and regions"),
            "by somebody; --again adds them again",
        ),
        (
            "other name",
            exported.named_otherwise,
            ("face", "faces"),
            "to which somebody has given another name",
        ),
        (
            "not here",
            exported.without_photo,
            ("photo", "photos"),
            if options.all {
                "with names; their sidecars are here alone"
            } else {
                "with names; --all writes their sidecars, too"
            },
        ),
        (
            "unknown",
            exported.unknown,
            ("file", "files"),
            "that --match does not find in your account",
        ),
        (
            "swept",
            exported.swept,
            ("file", "files"),
            "left over from a run that was killed",
        ),
    ] {
        if number > 0 {
            text += &line(label, format!("{} {what}", count(number, one, more)));
        }
    }
    let ambiguous = exported.ambiguous.iter().map(|doubt| {
        let photos: Vec<_> = doubt.photos.iter().map(ToString::to_string).collect();
        let files: Vec<_> = doubt
            .files
            .iter()
            .map(|file| file.display().to_string())
            .collect();
        format!("{}: photo {}", files.join(", "), photos.join(" or "))
    });
    text += &items(
        "ambiguous",
        " that may be more than one; skipped",
        ambiguous,
    );
    let with_reason = |files: &[(PathBuf, String)]| {
        let files = files
            .iter()
            .map(|(file, reason)| format!("{}: {reason}", file.display()));
        files.collect::<Vec<_>>()
    };
    text += &items("left", " as they are", with_reason(&exported.left));
    let paths = |files: &[PathBuf]| {
        let files = files.iter().map(|file| file.display().to_string());
        files.collect::<Vec<_>>()
    };
    text += &items(
        "other shape",
        ": not the photo that was searched for faces; names without regions",
        paths(&exported.other_shape),
    );
    text += &items(
        "unreadable",
        ": names without regions",
        with_reason(&exported.unreadable),
    );
    text += &items(
        "outdated",
        " with other names inside, by an earlier --embed; the same with --embed renews them",
        paths(&exported.outdated_inside),
    );
    text += &never_write(exported.never_write);
    text += &items(
        "taken out",
        ": they named someone with \"write\": false",
        paths(&exported.withdrawn),
    );
    text + &items(
        "still named",
        ": not by tag-photos, someone with \"write\": false",
        paths(&exported.still_named),
    )
}

/// What became of the table.
pub(crate) fn table(table: &Table, file: &Path) -> String {
    let rows = count(table.rows, "row", "rows");
    line("table", format!("{rows} in {}", file.display())) + &never_write(table.never_write)
}

fn written(files: Written) -> String {
    let deleted = match files.deleted {
        0 => String::new(),
        number => format!(", {} deleted", grouped(number)),
    };
    let (written, unchanged) = (grouped(files.written), grouped(files.unchanged));
    format!("{written} written, {unchanged} unchanged{deleted},")
}

fn changes(changes: Changes) -> String {
    let (added, removed) = (grouped(changes.added), grouped(changes.removed));
    format!("{added} added, {removed} taken out")
}

fn never_write(people: u64) -> String {
    match people {
        0 => String::new(),
        _ => {
            let people = count(people, "person", "people");
            line("skipped", format!("{people} with \"write\": false"))
        }
    }
}

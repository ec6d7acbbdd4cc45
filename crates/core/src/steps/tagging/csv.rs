//! Out of Flickr: who is on which photo, as a table for spreadsheets (RFC 4180).

use std::{
    collections::HashMap,
    fs,
    io::{self, Read},
    path::Path,
    time::{Duration, SystemTime},
};

use serde::Serialize;

use super::{
    super::{StepError, blocking::blocking},
    journal::Journal,
    people::{NameSource, People},
    selection::Selection,
};
use crate::{
    boxed,
    files::{Access, FileError, write_atomically},
    ids::PhotoId,
    programs::Program,
    store::{PhotoTitle, Store, WriteState},
};

const HEADER: [&str; 8] = [
    "name",
    "tag",
    "photo",
    "page",
    "title",
    "uploaded",
    "faces",
    "on_flickr",
];

/// The byte order mark of UTF-8: without it Excel takes the file for text of the system's old code page.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// What became of the table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Table {
    /// Rows: a person on a photo each.
    pub rows: u64,
    /// People who are marked never to be written: skipped.
    pub never_write: u64,
}

/// Writes the table to `file`, in place of an earlier one.
///
/// # Errors
/// Where names or store cannot be read; where `file` cannot be written, or holds anything but such a
/// table.
#[boxed]
pub async fn write_csv(
    names: &NameSource,
    selection: &Selection,
    store: &Store,
    file: &Path,
) -> Result<Table, StepError> {
    let people = People::load(store, names).await?;
    let account = people.account.clone();
    let people = people.selected(selection)?;
    let journal = Journal::read(store).await?;
    let titles: HashMap<PhotoId, PhotoTitle> = (store.photo_titles().await?.into_iter())
        .map(|title| (title.photo.clone(), title))
        .collect();
    let mut table = Table::default();
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(BOM.to_vec());
    let failed = |error: csv::Error| FileError::at(file, "cannot write")(error.into());
    writer.write_record(HEADER).map_err(failed)?;
    for person in people {
        let entry = &person.entry;
        if !entry.write {
            table.never_write += 1;
            continue;
        }
        let tag = entry.tag_text();
        for photo in &entry.photos {
            let title = titles.get(photo);
            let state = journal.tag(photo, tag).map(|entry| entry.state);
            writer
                .write_record([
                    harmless(entry.name.as_str()),
                    harmless(tag),
                    photo.to_string(),
                    page(account.as_deref(), photo),
                    harmless(title.map_or("", |title| &title.title)),
                    title.map_or(String::new(), |title| day(title.uploaded)),
                    person.faces_on(photo).len().to_string(),
                    on_flickr(state).to_owned(),
                ])
                .map_err(failed)?;
            table.rows += 1;
        }
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| FileError::at(file, "cannot write")(error.into_error()))?;
    let path = file.to_owned();
    blocking("writing the table", move || put(&path, &bytes)).await??;
    Ok(table)
}

/// Writes the file, unless another kind of file is there.
fn put(path: &Path, bytes: &[u8]) -> Result<(), StepError> {
    match fs::File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(FileError::at(path, "cannot read")(error).into()),
        Ok(old) => {
            let mut start = Vec::new();
            let header = [BOM, HEADER.join(",").as_bytes()].concat();
            old.take(header.len() as u64)
                .read_to_end(&mut start)
                .map_err(FileError::at(path, "cannot read"))?;
            if !start.is_empty() && start != header {
                return Err(StepError::InTheWay {
                    path: path.to_owned(),
                    found: format!(
                        "this file was not written by `{} export csv`",
                        Program::TagPhotos
                    ),
                });
            }
        }
    }
    Ok(write_atomically(path, bytes, Access::Kept)?)
}

/// A text that spreadsheets do not take for a formula: OWASP, "CSV Injection".
fn harmless(text: &str) -> String {
    let begins = text.trim_start().starts_with(['=', '+', '-', '@']);
    if begins || text.starts_with(['\t', '\r', '\n']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

fn page(account: Option<&str>, photo: &PhotoId) -> String {
    account.map_or(String::new(), |nsid| {
        format!("https://www.flickr.com/photos/{nsid}/{photo}/")
    })
}

/// `2020-09-13`, in UTC.
fn day(seconds: i64) -> String {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let time = u64::try_from(seconds)
        .ok()
        .and_then(|seconds| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)))
        // Beyond it the other format has no form.
        .filter(|_| seconds < 253_402_300_800);
    let Some(time) = time else {
        return String::new();
    };
    // Sun, 13 Sep 2020 12:26:40 GMT
    let text = httpdate::fmt_http_date(time);
    let mut words = text.split(' ').skip(1);
    let mut next = || words.next().unwrap_or_default();
    let (day, month, year) = (next(), next(), next());
    let month = MONTHS.find(month).map_or(0, |at| at / 3 + 1);
    format!("{year}-{month:02}-{day}")
}

fn on_flickr(state: Option<WriteState>) -> &'static str {
    match state {
        Some(WriteState::Added) => "written",
        Some(WriteState::Preexisting) => "was there",
        Some(WriteState::RemovedElsewhere) => "taken away",
        Some(WriteState::Failed) => "refused",
        Some(WriteState::Begun | WriteState::Removing) => "interrupted",
        Some(WriteState::Planned | WriteState::Removed) | None => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_texts_suit_a_spreadsheet() {
        for (seconds, text) in [
            (1_600_000_000, "2020-09-13"),
            (0, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (-1, ""),
            (i64::MAX, ""),
        ] {
            assert_eq!(day(seconds), text);
        }
        for (text, cell) in [
            ("Ada", "Ada"),
            ("=1+1", "'=1+1"),
            (" @SUM(A1)", "' @SUM(A1)"),
            ("-2", "'-2"),
            ("\tx", "'\tx"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(harmless(text), cell);
        }
    }
}

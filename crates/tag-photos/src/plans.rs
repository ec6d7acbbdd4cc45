//! What a run would write, and what an undo would remove, for people: totals, a row for each person,
//! and what is left out.

use flickr_faces::{
    flickr::Flickr,
    steps::tagging::{
        Exception, Exceptions, NoteCounts, PersonPlan, Plan, Skip, Undo, WriteCounts,
    },
};
use flickr_faces_terminal::text::{aligned, count, duration, grouped, one_line, width};

use crate::lines::{LABEL, counts, line};

/// How a plan is shown.
pub(crate) struct Layout<'a> {
    /// Whose pages the links lead to, and how fast calls may go.
    pub(crate) flickr: &'a Flickr,
    /// Columns of the terminal; `None` where there is none, and a line may be as long as it is.
    pub(crate) columns: Option<usize>,
    /// Whether every photo is listed.
    pub(crate) full: bool,
}

impl<'a> Layout<'a> {
    /// For photos, where each is listed.
    pub(crate) fn pages(&self) -> Option<&'a Flickr> {
        self.full.then_some(self.flickr)
    }

    fn calls(&self, calls: u64) -> String {
        let time = self.flickr.client().least_time(calls);
        let time = match time.as_secs() {
            0..60 => String::new(),
            _ => format!(", about {} at Flickr's rate limit", duration(time)),
        };
        line("API calls", grouped(calls) + &time)
    }

    /// A row for each person, below each other, with a link: in the row where it fits, else below it.
    fn table(&self, head: &[&str], rows: Vec<Row>) -> String {
        if rows.is_empty() {
            return String::new();
        }
        let numbers: Vec<usize> = (1..head.len()).collect();
        let head = head.iter().map(|cell| (*cell).to_owned());
        let tagged = rows.iter().any(|row| !row.tag.is_empty());
        let mut cells = vec![head.collect::<Vec<_>>()];
        for row in &rows {
            let tag = tagged.then(|| row.tag.clone());
            cells.push(row.cells.iter().cloned().chain(tag).collect());
        }
        let narrow = aligned(&cells, &numbers);
        for (cells, link) in cells.iter_mut().zip(
            std::iter::once("Photos on Flickr").chain(rows.iter().map(|row| row.link.as_str())),
        ) {
            // The head has no word for the tag.
            cells.resize(numbers.len() + 1 + usize::from(tagged), String::new());
            cells.push(link.to_owned());
        }
        let wide = aligned(&cells, &numbers);
        let fits = |columns| wide.lines().all(|line| width(line) <= columns);
        if self.columns.is_none_or(fits) {
            return format!("\n{wide}\n");
        }
        let links = std::iter::once("").chain(rows.iter().map(|row| row.link.as_str()));
        let mut text = String::from("\n");
        for (row, link) in narrow.lines().zip(links) {
            text += row;
            text += if link.is_empty() { "\n" } else { "\n  " };
            text += link;
            text += if link.is_empty() { "" } else { "\n" };
        }
        text
    }
}

/// One person: name and numbers, the tag's text where it is another, a link.
struct Row {
    cells: Vec<String>,
    tag: String,
    link: String,
}

/// A number in a table: what there is none of draws no attention.
fn cell(number: impl TryInto<u64>) -> String {
    match number.try_into().unwrap_or_default() {
        0 => "-".to_owned(),
        number => grouped(number),
    }
}

/// What would be written.
pub(crate) fn plan(plan: &Plan, layout: &Layout<'_>) -> String {
    let photos = count(plan.photos.len() as u64, "photo", "photos");
    let written = plan.people.iter().filter(|person| person.is_written());
    let people = count(written.count() as u64, "person", "people");
    let mut text = line(
        "would add",
        format!("{} to {photos} of {people}", counts(plan.counts())),
    );
    text += &line("already there", count(plan.already_there(), "tag", "tags"));
    if plan.corrections() > 0 {
        let notes = count(plan.corrections(), "note", "notes");
        let what = format!("{notes}: on faces that have another name now, or none");
        text += &line("would remove", what);
    }
    text += &layout.calls(plan.calls());
    text += &people_table(plan, layout);
    text += &exceptions(&plan.exceptions(), layout.pages());
    if layout.full && !plan.photos.is_empty() {
        text += "\nTo be written\n";
        for photo in &plan.photos {
            let page = layout.flickr.photo_page(&photo.photo);
            let texts = photo.tags.iter().map(|tag| tag.text.clone());
            let others = [
                (photo.notes.len(), "note", "notes"),
                (photo.members.len(), "member", "members"),
            ];
            let others = others.into_iter().filter(|other| other.0 > 0);
            let others = others.map(|(number, one, more)| count(number, one, more));
            let texts: Vec<_> = texts.chain(others).collect();
            text += &format!("  {page}  {}\n", one_line(&texts.join(", ")));
        }
    }
    text += "\n";
    if plan.photos.is_empty() {
        return text + "Nothing is to be written.\n";
    }
    text + "A link shows the photos that have the tag, so those to be tagged after the run.\n\
        Nothing was written. The same without `plan` writes it, with `--limit 5` to five\n\
        photos.\n"
}

fn people_table(plan: &Plan, layout: &Layout<'_>) -> String {
    let notes = plan.people.iter().any(|person| person.notes.is_some());
    let members = plan.people.iter().any(|person| person.member.is_some());
    let mut head = vec!["Person", "To tag", "Tagged", "Skipped"];
    head.extend(notes.then_some("Notes"));
    head.extend(members.then_some("As member"));
    let row = |person: &PersonPlan| {
        let mut cells = vec![
            person.name.clone(),
            cell(person.add.len()),
            cell(person.tagged()),
            cell(person.skipped.len()),
        ];
        let added = |counts: &Option<NoteCounts>| {
            cell(counts.as_ref().map_or(0, |counts| counts.add.len()))
        };
        cells.extend(notes.then(|| added(&person.notes)));
        cells.extend(members.then(|| added(&person.member)));
        Row {
            cells,
            tag: match person.tag == person.name {
                true => String::new(),
                false => format!("tag \"{}\"", person.tag),
            },
            link: match person.never_write {
                true => String::new(),
                false => layout.flickr.tag_page(&person.tag).to_string(),
            },
        }
    };
    layout.table(&head, plan.people.iter().map(row).collect())
}

/// What an undo would remove.
pub(crate) fn undo(undo: &Undo, layout: &Layout<'_>) -> String {
    let photos = count(undo.photo_count(), "photo", "photos");
    let what = WriteCounts::of(&undo.writes);
    let mut text = line("would remove", format!("{} from {photos}", counts(what)));
    text += &layout.calls(undo.calls());
    let others = what.notes + what.members > 0;
    let mut head = vec!["Person", "Photos", "Tags"];
    if others {
        head.extend(["Notes", "As member"]);
    }
    let rows = undo.rows();
    let table = rows.iter().map(|row| {
        let names = row.names.join(", ");
        let mut cells = vec![names.clone(), cell(row.photos.len()), cell(row.counts.tags)];
        if others {
            cells.extend([cell(row.counts.notes), cell(row.counts.members)]);
        }
        let tags: Vec<_> = row.tags.iter().map(|tag| format!("\"{tag}\"")).collect();
        let link = row.tags.first().map(|tag| layout.flickr.tag_page(tag));
        Row {
            cells,
            tag: match row.tags.iter().all(|tag| *tag == names) {
                true => String::new(),
                false => format!("tag {}", tags.join(", ")),
            },
            link: link.map_or(String::new(), |link| link.to_string()),
        }
    });
    text += &layout.table(&head, table.collect());
    text += &exceptions(&undo.exceptions(), layout.pages());
    if layout.full && !undo.writes.is_empty() {
        text += "\nTo be removed\n";
        for write in &undo.writes {
            let page = layout.flickr.photo_page(&write.photo);
            let kind = crate::lines::kind_of(write.kind);
            text += &format!("  {page}  {kind} \"{}\"\n", one_line(&write.text));
        }
    }
    match undo.writes.is_empty() {
        true => text + "\nNothing is to be removed.\n",
        false => text + "\nNothing was removed. The same without `--plan` removes it.\n",
    }
}

/// What is left out or left behind: each kind with its number of photos; with `pages`, each photo.
pub(crate) fn exceptions(exceptions: &Exceptions<'_>, pages: Option<&Flickr>) -> String {
    if exceptions.is_empty() {
        return String::new();
    }
    let mut text = String::from("\nLeft out\n");
    for (kind, photos) in exceptions {
        let (label, why) = explained(*kind);
        let number = count(photos.len() as u64, "photo", "photos");
        text += &format!("  {label:LABEL$}{number:>12}  {why}\n");
        for (photo, about) in photos {
            // What fails is named in any case.
            let reason = about
                .reason
                .map_or(String::new(), |reason| format!(": {reason}"));
            let texts: Vec<_> = about.texts.iter().copied().collect();
            let texts = one_line(&format!("{}{reason}", texts.join(", "))).into_owned();
            if let Some(flickr) = pages {
                let page = flickr.photo_page(photo);
                text += &format!("    {page}  {texts}\n");
            } else if kind.is_failure() {
                text += &format!("    photo {photo}: {texts}\n");
            }
        }
    }
    text
}

/// A label for a kind, and what can be done about it.
fn explained(kind: Exception) -> (&'static str, &'static str) {
    match kind {
        Exception::Skipped(skip) => match skip {
            Skip::NeverWrite => ("never written", "\"write\": false in tags.json"),
            Skip::Public => ("public", "names go to private photos only (write_to)"),
            Skip::RemovedByUser => ("tag removed", "by hand on Flickr; --again adds it again"),
            Skip::TagLimit { .. } => ("full", "no room for another tag (max_tags in config.ini)"),
            Skip::NotFound => ("not found", "in tags.json, but not in your account"),
            Skip::Foreign => ("not yours", "another account's photos"),
            Skip::Unreadable => ("unreadable", "Flickr fails whenever they are asked for"),
            Skip::Refused => (
                "refused",
                "by Flickr, in an earlier run; --again asks again",
            ),
            Skip::OverLimit => ("over --limit", "the next runs write to them"),
        },
        Exception::NoFace => ("no face", "no known face for a note"),
        Exception::Outdated => (
            "outdated",
            "not in tags.json any more; see `undo --outdated`",
        ),
        Exception::WrongNote => (
            "wrong notes",
            "on faces with another name now; --notes corrects",
        ),
        Exception::Shared => ("kept", "the tag stands for someone else, too"),
    }
}

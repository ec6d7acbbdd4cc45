//! Everything that tag-photos says about its results.

use std::{collections::BTreeMap, fmt::Display, time::Duration};

use flickr_faces::{
    ids::PhotoId,
    steps::tagging::{
        Difference, Failure, NoteCounts, PersonPlan, Plan, RunEnd, Skip, Summary, Undo, Undone,
        Verified, WriteCounts,
    },
    store::WriteKind,
};
use flickr_faces_terminal::text::{count, duration, grouped};

/// Ids that are shown where not all are asked for.
const SOME: usize = 5;

/// Width of the labels.
const LABEL: usize = 15;

/// What would be written; `all` shows every photo's id, `time` is what its calls take at least.
pub(crate) fn plan(plan: &Plan, all: bool, time: Duration) -> String {
    let mut text = String::new();
    for person in &plan.people {
        text += &person_plan(person, all);
        text.push('\n');
    }
    let photos = count(plan.photos.len() as u64, "photo", "photos");
    text += &line(
        "would add",
        format!("{} to {photos}", counts(plan.counts())),
    );
    text += &line("already there", count(plan.already_there(), "tag", "tags"));
    if plan.corrections() > 0 {
        let notes = count(plan.corrections(), "note", "notes");
        let what = format!("{notes}: on faces that have another name now, or none");
        text += &line("would remove", what);
    }
    text += &skipped(plan, all);
    text += &outdated(plan);
    if plan.calls() > 0 {
        let time = match time.as_secs() {
            0..60 => String::new(),
            _ => format!(", about {} at Flickr's rate limit", duration(time)),
        };
        text += &line("API calls", grouped(plan.calls()) + &time);
    }
    text + "Nothing was written. Run `tag-photos` to write it.\n"
}

fn person_plan(person: &PersonPlan, all: bool) -> String {
    let mut text = person.name.clone();
    if person.tag != person.name {
        text += &format!(" (as \"{}\")", person.tag);
    }
    text.push('\n');
    let item = |label: &str, what: String| format!("  {label:0$}{what}\n", LABEL - 2);
    if person.never_write {
        let photos = count(person.skipped.len() as u64, "photo", "photos");
        return text + &item("skipped", format!("{photos}: {}", why(Skip::NeverWrite)));
    }
    if !person.add.is_empty() {
        text += &item("to tag", photos(&person.add, "", all));
    }
    for (list, how) in [
        (&person.written, "by an earlier run"),
        (&person.present, "not by tag-photos"),
    ] {
        if !list.is_empty() {
            let photos = count(list.len() as u64, "photo", "photos");
            text += &item("tagged", format!("{photos}, {how}"));
        }
    }
    let mut reasons: BTreeMap<Skip, Vec<&PhotoId>> = BTreeMap::new();
    for skipped in &person.skipped {
        reasons
            .entry(skipped.reason)
            .or_default()
            .push(&skipped.photo);
    }
    for (skip, list) in reasons {
        let what = match skip {
            Skip::TagLimit { has } => format!(", {} beside its {has}", why(skip)),
            Skip::RemovedByUser => ", tag removed on Flickr".to_owned(),
            _ => format!(", {}", why(skip)),
        };
        text += &item("skipped", photos(&list, &what, all));
    }
    if let Some(notes) = &person.notes {
        text += &item("notes", note_counts(notes));
    }
    if let Some(member) = &person.member {
        text += &item("as a member", note_counts(member));
    }
    let lists = [&person.add, &person.written, &person.present];
    if person.skipped.is_empty() && lists.iter().all(|list| list.is_empty()) {
        text += &item("no photos", "none in tags.json".to_owned());
    }
    text
}

fn note_counts(counts: &NoteCounts) -> String {
    let mut parts = vec![format!("{} to add", grouped(counts.add.len() as u64))];
    for (number, what) in [
        (counts.done, "already added or removed on Flickr"),
        (counts.no_face, "without a known face"),
        (counts.skipped, "skipped with their photos"),
    ] {
        if number > 0 {
            parts.push(format!("{} {what}", grouped(number)));
        }
    }
    parts.join(", ")
}

/// What a run wrote.
pub(crate) fn summary(plan: &Plan, summary: &Summary) -> String {
    let mut text = line("added", counts(summary.added));
    if summary.removed.total() > 0 {
        let what = format!(
            "{}: on faces that have another name now, or none",
            counts(summary.removed)
        );
        text += &line("removed", what);
    }
    if !summary.made_public.is_empty() {
        let photos: Vec<_> = summary.made_public.iter().collect();
        text += &line(
            "made public",
            self::photos(&photos, ", since the plan was made: nothing written", false),
        );
    }
    let there = WriteCounts {
        tags: plan.already_there() + summary.found.tags,
        ..summary.found
    };
    text += &line("already there", counts(there));
    text += &failed(&summary.end.failed);
    text += &skipped(plan, false);
    text += &outdated(plan);
    text += &end(&summary.end, "tag-photos");
    if !summary.end.stopped && summary.added.total() > 0 {
        text += "`tag-photos verify` compares with Flickr, `tag-photos undo` removes it again.\n";
    }
    text
}

/// How the names compare with the account.
pub(crate) fn verified(verified: &Verified) -> String {
    let mut text = line("as written", format!("{} on Flickr", counts(verified.ours)));
    text += &line("already there", count(verified.present, "tag", "tags"));
    if verified.skipped > 0 {
        let tags = count(verified.skipped, "tag", "tags");
        text += &line("skipped", format!("{tags} by write_to or \"write\": false"));
    }
    let [mut missing, mut removed, mut outdated, mut gone] = [const { Vec::new() }; 4];
    let [mut wrong, mut public] = [const { Vec::new() }; 2];
    for difference in &verified.differences {
        let (list, text) = match difference {
            Difference::NotWritten { photo, name } => (&mut missing, format!("{photo}: {name}")),
            Difference::Removed { photo, kind, text } => (
                &mut removed,
                format!("{photo}: {} \"{text}\"", kind_of(*kind)),
            ),
            Difference::WrongNote { photo, text } => {
                (&mut wrong, format!("{photo}: note \"{text}\""))
            }
            Difference::Public { photo, text } => (&mut public, format!("{photo}: \"{text}\"")),
            Difference::Outdated { photo, text } => (&mut outdated, format!("{photo}: \"{text}\"")),
            Difference::NoPhoto { photo } => (&mut gone, photo.to_string()),
        };
        list.push(format!("photo {text}"));
    }
    for (label, what, list) in [
        (
            "missing",
            " not written yet; run `tag-photos` to write what fits",
            missing,
        ),
        (
            "removed",
            " on Flickr; not added again unless --again",
            removed,
        ),
        (
            "wrong notes",
            " on faces with another name now, or none; `tag-photos --notes` corrects them",
            wrong,
        ),
        (
            "public",
            " on photos that are public now; `tag-photos undo --public` removes them",
            public,
        ),
        (
            "outdated",
            " no longer in tags.json; `tag-photos undo --outdated` removes them",
            outdated,
        ),
        ("no photo", " not in your account", gone),
    ] {
        text += &items(label, what, list);
    }
    if !verified.end.failed.is_empty() {
        text += &failed(&verified.end.failed);
    }
    text += &line("API calls", grouped(verified.end.calls));
    text + match verified.differences.is_empty() {
        true => "Flickr matches tags.json.\n",
        false => "Flickr and tags.json differ.\n",
    }
}

/// What an undo would remove.
pub(crate) fn undo_plan(undo: &Undo, all: bool) -> String {
    let mut texts: BTreeMap<(WriteKind, &str), Vec<&PhotoId>> = BTreeMap::new();
    for write in &undo.writes {
        let of = texts.entry((write.kind, &write.text)).or_default();
        of.push(&write.photo);
    }
    let mut text = String::new();
    for ((kind, name), ids) in &texts {
        let photos = photos(ids, "", all);
        text += &format!("{} \"{name}\" from {photos}\n", kind_of(*kind));
    }
    let what = counts(WriteCounts::of(&undo.writes));
    let photos = count(undo.photo_count(), "photo", "photos");
    text += &line("would remove", format!("{what} from {photos}"));
    text + &shared(undo) + "Nothing was removed. The same without --plan removes it.\n"
}

/// What an undo removed.
pub(crate) fn undone(undo: &Undo, undone: &Undone) -> String {
    let mut text = line("removed", counts(undone.removed));
    if undone.already_gone.total() > 0 {
        text += &line("already gone", counts(undone.already_gone));
    }
    if undone.rewritten.total() > 0 {
        let what = format!(
            "{}: somebody has written something else there",
            counts(undone.rewritten)
        );
        text += &line("left", what);
    }
    text += &shared(undo);
    text += &failed(&undone.end.failed);
    if undone.checked > 0 {
        let still = match undone.still_there.len() {
            0 => "none".to_owned(),
            number => grouped(number as u64),
        };
        let checked = count(undone.checked, "photo", "photos");
        text += &line("still there", format!("{still}, checked on {checked}"));
    }
    for write in &undone.still_there {
        text += &format!("  photo {}: \"{}\"\n", write.photo, write.text);
    }
    text += &end(&undone.end, "tag-photos undo");
    if !undone.end.stopped && undone.removed.total() > 0 {
        text += "The next `tag-photos` writes what tags.json holds: to keep names away, take them out\n\
                 there, or give a person \"write\": false.\n";
    }
    text
}

/// What stays because it also stands for someone else.
fn shared(undo: &Undo) -> String {
    if undo.shared.is_empty() {
        return String::new();
    }
    let tags = count(undo.shared.len() as u64, "tag stands", "tags stand");
    line("kept", format!("{tags} for someone else, too"))
}

/// Skipped photos, by the reason.
fn skipped(plan: &Plan, all: bool) -> String {
    let mut text = String::new();
    for (skip, ids) in plan.skipped() {
        let ids: Vec<_> = ids.into_iter().collect();
        let number = count(ids.len() as u64, "photo", "photos");
        text += &match skip {
            Skip::Public => line(
                "skipped",
                format!(
                    "{number}: public, and names go to private photos only\n{:LABEL$}\
                     (write_to = private in config.ini; `all` includes public photos)",
                    ""
                ),
            ),
            Skip::NotFound => line(
                "not found",
                photos(&ids, " in tags.json that your account does not have", all),
            ),
            Skip::TagLimit { .. } => line("full", photos(&ids, &format!(", {}", why(skip)), all)),
            _ => line("skipped", format!("{number}: {}", why(skip))),
        };
    }
    text
}

/// Why photos are skipped, said of one or more.
fn why(skip: Skip) -> &'static str {
    match skip {
        Skip::NeverWrite => "never written (\"write\": false in tags.json)",
        Skip::Public => "public (write_to = private)",
        Skip::RemovedByUser => "tag removed on Flickr (--again adds it again)",
        Skip::TagLimit { .. } => "no room for another tag",
        Skip::NotFound => "not in your account",
        Skip::Foreign => "another account's",
        Skip::Unreadable => "Flickr fails whenever it is asked for",
        Skip::Refused => "refused by Flickr in an earlier run (--again asks again)",
        Skip::OverLimit => "over --limit",
    }
}

/// What is on Flickr from earlier runs and no name asks for any more.
fn outdated(plan: &Plan) -> String {
    let wrong = plan.wrong.len() as u64 - plan.corrections();
    let mut text = String::new();
    if wrong > 0 {
        let notes = count(wrong, "note", "notes");
        text += &line(
            "wrong notes",
            format!(
                "{notes} on faces that have another name now, or none;\n{:LABEL$}`tag-photos --notes` corrects them",
                ""
            ),
        );
    }
    let writes = &plan.outdated;
    if writes.is_empty() {
        return text;
    }
    let mut texts: BTreeMap<&str, u64> = BTreeMap::new();
    for write in writes {
        *texts.entry(&write.text).or_default() += 1;
    }
    let some: Vec<_> = (texts.iter().take(SOME))
        .map(|(text, number)| format!("\"{text}\" on {}", count(*number, "photo", "photos")))
        .collect();
    let more = match texts.len() - some.len() {
        0 => "",
        _ => ", ...",
    };
    text + &line(
        "outdated",
        format!(
            "{}{more}: written before, no longer in tags.json;\n{:LABEL$}\
             `tag-photos undo --outdated` removes them from Flickr",
            some.join(", "),
            ""
        ),
    )
}

/// Photos that failed, with their reasons.
fn failed(failures: &[Failure]) -> String {
    let number = match failures.len() {
        0 => "none".to_owned(),
        number => count(number as u64, "photo", "photos"),
    };
    let mut text = line("failed", number);
    for Failure { photo, reason } in failures {
        text += &format!("  photo {photo}: {reason}\n");
    }
    text
}

/// How a run ended; `again` is the command that continues it.
fn end(end: &RunEnd, again: &str) -> String {
    let time = duration(Duration::from_secs_f64(end.seconds.max(0.0)));
    let mut text = line("time", time) + &line("API calls", grouped(end.calls));
    if end.stopped {
        let left = count(end.left, "photo", "photos");
        text += &format!("Stopped with {left} left. Run `{again}` again to continue.\n");
    }
    text
}

/// `label` and what belongs to it, in two columns.
pub(crate) fn line(label: &str, text: impl Display) -> String {
    format!("{label:LABEL$}{text}\n")
}

/// The number of `items` and what they are, then one on each line; nothing where there are none.
pub(crate) fn items(label: &str, what: &str, items: impl IntoIterator<Item = String>) -> String {
    let items: Vec<String> = items.into_iter().collect();
    if items.is_empty() {
        return String::new();
    }
    let mut text = line(label, grouped(items.len() as u64) + what);
    for item in items {
        text += &format!("  {item}\n");
    }
    text
}

/// `2 photos: 53000000001, 53000000008`, or the first five and how many more; `what` follows the
/// number.
fn photos(ids: &[impl Display], what: &str, all: bool) -> String {
    let shown = if all { ids.len() } else { SOME.min(ids.len()) };
    let more = match ids.len() - shown {
        0 => String::new(),
        more => format!(" and {} more", grouped(more as u64)),
    };
    let some: Vec<_> = ids.iter().take(shown).map(ToString::to_string).collect();
    let number = count(ids.len() as u64, "photo", "photos");
    format!("{number}{what}: {}{more}", some.join(", "))
}

fn kind_of(kind: WriteKind) -> &'static str {
    match kind {
        WriteKind::Tag => "tag",
        WriteKind::Note => "note",
        WriteKind::Member => "person",
    }
}

/// `3 tags, 2 notes and 1 person`; kinds without any are left out, but never all.
fn counts(counts: WriteCounts) -> String {
    let kinds = [
        (counts.tags, "tag", "tags"),
        (counts.notes, "note", "notes"),
        (counts.members, "person", "people"),
    ];
    let mut parts: Vec<_> = (kinds.into_iter().filter(|kind| kind.0 > 0))
        .map(|(number, one, more)| count(number, one, more))
        .collect();
    let last = parts.pop().unwrap_or_else(|| "0 tags".to_owned());
    match parts.as_slice() {
        [] => last,
        parts => format!("{} and {last}", parts.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_put_in_words() {
        let text = |tags, notes, members| {
            counts(WriteCounts {
                tags,
                notes,
                members,
            })
        };
        assert_eq!(text(0, 0, 0), "0 tags");
        assert_eq!(text(1, 0, 0), "1 tag");
        assert_eq!(text(0, 2, 0), "2 notes");
        assert_eq!(text(3, 0, 1), "3 tags and 1 person");
        assert_eq!(text(3, 2, 1), "3 tags, 2 notes and 1 person");
        let ids = ["1", "2", "3", "4", "5", "6", "7"];
        assert_eq!(photos(&ids[..1], "", false), "1 photo: 1");
        assert_eq!(
            photos(&ids, "", false),
            "7 photos: 1, 2, 3, 4, 5 and 2 more"
        );
        assert_eq!(photos(&ids, "", true), "7 photos: 1, 2, 3, 4, 5, 6, 7");
    }
}

use clap::{CommandFactory, Parser};
use flickr_faces_terminal::command_line;

use super::*;

/// A line as clap reads it, or the start of what is wrong with it.
fn parse(line: &str) -> Result<Arguments, String> {
    let line = std::iter::once("tag-photos").chain(line.split_whitespace());
    let words = command_line::words(
        line.map(Into::into).collect(),
        &OLD_FLAGS,
        &Arguments::command(),
    )?;
    Arguments::try_parse_from(words).map_err(|error| error.to_string())
}

/// What a line does, in the words of today.
fn meaning(line: &str) -> Result<String, String> {
    let arguments = parse(line)?;
    let json = arguments.common.json;
    let command = (arguments.command).unwrap_or(Command::Apply(arguments.apply));
    let (what, selection, names) = match &command {
        Command::Plan(apply) => ("plan".to_owned(), apply.selection(), &apply.names),
        Command::Apply(apply) => (
            if apply.dry_run { "plan" } else { "apply" }.to_owned(),
            apply.selection(),
            &apply.names,
        ),
        Command::Verify(verify) => ("verify".to_owned(), verify.selection(), &verify.names),
        Command::Undo(undo) => {
            let plan = if undo.is_plan() { " plan" } else { "" };
            let outdated = if undo.outdated { " outdated" } else { "" };
            (
                format!("undo{plan}{outdated}"),
                undo.selection(),
                &undo.names,
            )
        }
        Command::Export(export) => {
            let (xmp, csv, names) = export.targets();
            let xmp = xmp.map_or(String::new(), |options| {
                let how = match options.matching {
                    Matching::Id => String::new(),
                    other => format!(" {other:?}"),
                };
                let embed = if options.embed { " embed" } else { "" };
                let all = if options.all { " all" } else { "" };
                format!(" xmp {}{how}{embed}{all}", options.folder.display())
            });
            let csv = csv.map_or(String::new(), |path| format!(" csv {}", path.display()));
            (format!("export{xmp}{csv}"), export.selection(), names)
        }
    };
    let mut meaning = what;
    for (is_set, word) in [
        (selection.notes, " notes"),
        (selection.members, " people"),
        (selection.again, " again"),
        (json, " json"),
        (names.tags.is_some(), " tags"),
    ] {
        meaning += if is_set { word } else { "" };
    }
    for name in &selection.only {
        meaning += &format!(" only {name}");
    }
    for name in &selection.except {
        meaning += &format!(" except {name}");
    }
    if let Some(limit) = selection.limit {
        meaning += &format!(" limit {limit}");
    }
    Ok(meaning)
}

#[test]
fn the_definition_is_sound() {
    Arguments::command().debug_assert();
}

#[test]
fn old_and_new_lines_are_understood() {
    let cases = [
        ("", "apply"),
        ("apply", "apply"),
        ("plan", "plan"),
        ("plan --notes --people --again", "plan notes people again"),
        (
            "--notes --limit 3 --only Ada",
            "apply notes only Ada limit 3",
        ),
        ("--json verify", "verify json"),
        (
            "undo --plan --outdated --except Ada",
            "undo plan outdated except Ada",
        ),
        ("undo --notes --limit 1", "undo notes limit 1"),
        ("export xmp album --only Ada", "export xmp album only Ada"),
        (
            "export xmp album --match title --embed --again",
            "export xmp album Title embed again",
        ),
        (
            "export xmp album --match which.csv --all",
            "export xmp album Table(\"which.csv\") all",
        ),
        (
            "export csv table.csv --tags t.json",
            "export csv table.csv tags",
        ),
        // Earlier versions.
        ("--dry-run", "plan"),
        ("plan --dry-run", "plan"),
        ("--notes plan", "plan notes"),
        ("--only plan", "apply only plan"),
        ("--only Ada plan -v", "plan only Ada"),
        ("--outdated --only Ada undo", "undo outdated only Ada"),
        ("--only Ada export xmp album", "export xmp album only Ada"),
        ("--undo", "undo"),
        ("--undo --json", "undo json"),
        ("--only Ada --undo --notes", "undo notes only Ada"),
        ("--undo --outdated", "undo outdated"),
        ("--undo --limit 1", "undo limit 1"),
        ("plan --undo", "undo plan"),
        ("--undo plan --people", "undo plan people"),
        ("--undo --dry-run", "undo plan"),
        ("--dry-run --undo --outdated", "undo plan outdated"),
        ("--verify", "verify"),
        (
            "--verify --notes --people --except Ada",
            "verify notes people except Ada",
        ),
        ("--xmp album", "export xmp album"),
        ("--xmp=album --json", "export xmp album json"),
        ("--csv t.csv --only Ada", "export csv t.csv only Ada"),
        ("--xmp album --csv t.csv", "export xmp album csv t.csv"),
        ("--csv t.csv --xmp album", "export xmp album csv t.csv"),
    ];
    for (line, expected) in cases {
        assert_eq!(meaning(line).as_deref(), Ok(expected), "{line}");
    }
}

#[test]
fn what_excludes_each_other_still_does() {
    let cases = [
        "pla",
        "plan --verify",
        "--verify --limit 1",
        "--verify --again",
        "--verify --dry-run",
        "--undo --verify",
        "--undo --again",
        "--outdated",
        "--xmp album --undo",
        "--xmp album --notes",
        "--csv t.csv --limit 1",
        "plan --csv t.csv",
        "export",
        "export xmp",
        "--limit 0",
        "--limit 1 verify",
        "--notes export csv t.csv",
    ];
    for line in cases {
        assert!(parse(line).is_err(), "{line}");
    }
}

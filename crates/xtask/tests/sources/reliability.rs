//! `docs/reliability.md`: every test that a row names is there, and every fault that the sandbox can make
//! has a row.

use std::path::{Path, PathBuf};

use crate::{read, root};

/// What the sandbox can be told that is no fault: which photos a setting is for.
const NO_FAULTS: [&str; 1] = ["every"];

fn document() -> String {
    read(&root().join("docs/reliability.md"))
}

/// The rows of all tables, without heads and rules.
fn rows(text: &str) -> Vec<Vec<&str>> {
    let is_row = |line: &&str| line.starts_with("| ") && !line.starts_with("| what happens");
    text.lines()
        .filter(is_row)
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect()
}

/// What stands in backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The folders whose files are the modules of a test binary, or of the libraries' own tests.
fn folders(binary: &str) -> Vec<PathBuf> {
    let folder = match binary {
        "programs" => "tests/tests",
        "tags" => "tests/tests/tags",
        "web" => "tests/tests/web",
        "http" => "crates/sandbox/tests/http",
        "clients" => "crates/sandbox/tests/clients",
        "lib" => {
            let crates = ["core", "vision", "terminal", "sandbox", "web"];
            return crates
                .map(|name| root().join(format!("crates/{name}/src")))
                .into();
        }
        _ => return Vec::new(),
    };
    vec![root().join(folder)]
}

/// Whether a file below `folder` holds the test: `modules` are its file's, and those within the file.
fn holds(folder: &Path, modules: &[&str], name: &str) -> bool {
    (0..=modules.len()).any(|files| {
        let (of_file, within) = modules.split_at(files);
        let path = of_file
            .iter()
            .fold(folder.to_owned(), |path, word| path.join(word));
        let mut candidates = vec![
            path.join("mod.rs"),
            path.join("main.rs"),
            path.join("lib.rs"),
        ];
        if files > 0 {
            candidates.push(path.with_extension("rs"));
        }
        candidates.iter().filter(|file| file.is_file()).any(|file| {
            let text = read(file);
            let within_it = within
                .iter()
                .all(|word| text.contains(&format!("mod {word} {{")));
            within_it && is_test(&text, name)
        })
    })
}

/// Whether a function of this name has an attribute that makes it a test.
fn is_test(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let is_it = |line: &&str| {
        let line = line.trim_start_matches("async ");
        line.starts_with(&format!("fn {name}("))
    };
    let found = lines.iter().position(is_it);
    found.is_some_and(|at| {
        let above = lines[..at].iter().rev();
        above
            .take_while(|line| line.starts_with("#["))
            .any(|line| *line == "#[test]" || line.starts_with("#[tokio::test"))
    })
}

#[test]
fn every_test_of_the_table_is_there() {
    let text = document();
    let rows = rows(&text);
    assert!(rows.len() > 40, "{} rows", rows.len());
    let mut wrong = Vec::new();
    for row in rows {
        let [what, _, _, tests] = row[..] else {
            wrong.push(format!("not four columns: {row:?}"));
            continue;
        };
        let tests = quoted(tests);
        if tests.is_empty() {
            wrong.push(format!("no test: {what}"));
        }
        for test in tests {
            let there = test.split_once(' ').is_some_and(|(binary, path)| {
                let words: Vec<&str> = path.split("::").collect();
                let Some((name, modules)) = words.split_last() else {
                    return false;
                };
                folders(binary)
                    .iter()
                    .any(|folder| holds(folder, modules, name))
            });
            if !there {
                wrong.push(format!("no such test: {test} ({what})"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The names in a block of Rust: variants as JSON has them, or public fields.
fn members(file: &str, start: &str) -> Vec<String> {
    let text = read(&root().join("crates/sandbox/src").join(file));
    let block = text
        .split_once(start)
        .unwrap_or_else(|| panic!("{file}: no {start}"))
        .1;
    let block = block.split("\n}").next().unwrap_or_default();
    let lines = block.lines().filter_map(|line| line.strip_prefix("    "));
    let names = lines.filter_map(|line| {
        let line = line.strip_prefix("pub ").unwrap_or(line);
        let end = line.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
        let name = &line[..end];
        (!name.is_empty()
            && [" {", ",", ": "]
                .iter()
                .any(|after| line[end..].starts_with(after)))
        .then(|| snake_case(name))
    });
    names.collect()
}

fn snake_case(name: &str) -> String {
    let mut text = String::new();
    for character in name.chars() {
        if character.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(character.to_ascii_lowercase());
    }
    text
}

#[test]
fn every_fault_of_the_sandbox_has_a_row() {
    let text = document();
    let rows = rows(&text);
    let told: Vec<&str> = rows
        .iter()
        .filter_map(|row| row.get(2))
        .flat_map(|cell| quoted(cell))
        .collect();
    let faults = members("faults.rs", "pub enum FaultKind {");
    let edits = members("edits.rs", "pub enum Edit {");
    let quirks = members("quirks.rs", "pub struct Quirks {");
    assert!(
        faults.contains(&"too_many_requests".to_owned()) && faults.contains(&"gif".to_owned()),
        "{faults:?}"
    );
    assert!(
        edits.contains(&"delete".to_owned()) && edits.contains(&"turn".to_owned()),
        "{edits:?}"
    );
    assert!(quirks.contains(&"odd_dates".to_owned()), "{quirks:?}");
    let all = faults.iter().chain(&edits).chain(&quirks);
    let missing: Vec<_> = all
        .filter(|name| !told.contains(&name.as_str()) && !NO_FAULTS.contains(&name.as_str()))
        .collect();
    assert!(
        missing.is_empty(),
        "docs/reliability.md has no row for {missing:?}"
    );
}

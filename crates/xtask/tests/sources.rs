//! What holds of the checkout as a whole: reasons of dependencies, and which file uses which.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::iter::Peekable;
use std::path::{Path, PathBuf};
use std::str::Chars;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn manifests() -> Vec<String> {
    let crates = fs::read_dir(root().join("crates")).unwrap();
    let crates = crates.map(|entry| entry.unwrap().path());
    crates
        .chain([root().join("tests")])
        .map(|folder| read(&folder.join("Cargo.toml")))
        .collect()
}

#[test]
fn every_dependency_has_its_reason_and_its_use() {
    let workspace = read(&root().join("Cargo.toml"));
    let table = workspace
        .split_once("[workspace.dependencies]\n")
        .unwrap()
        .1;
    let table = table.split("\n[").next().unwrap();
    let (members, mut wrong, mut line_before) = (manifests(), Vec::new(), "");
    for line in table.lines() {
        if let Some((name, value)) = line.split_once(" = ")
            && !line.starts_with('#')
        {
            if !value.contains("path = ") && !line_before.starts_with("# ") {
                wrong.push(format!("{name}: no comment above it says what it is for"));
            }
            let uses = [
                format!("\n{name}.workspace"),
                format!("\n{name} = {{ workspace"),
            ];
            if !members
                .iter()
                .any(|text| uses.iter().any(|line| text.contains(line)))
            {
                wrong.push(format!("{name}: no package uses it"));
            }
        }
        line_before = line;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A module's path in its crate: `["store", "journal"]`.
type Module = Vec<String>;

/// The files of a crate: what they say outside comments and tests.
fn modules(folder: &Path, here: &Module, found: &mut BTreeMap<Module, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let mut module = here.clone();
        if !["lib", "main", "mod"].contains(&name.as_str()) {
            module.push(name.clone());
        }
        if path.is_dir() {
            modules(&path, &module, found);
        } else if path.extension().is_some_and(|end| end == "rs") && !name.ends_with("tests") {
            let text = read(&path);
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
            let code = code
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            found.insert(module, code.map(|line| format!("{line}\n")).collect());
        }
    }
}

/// The paths of a use tree such as `store::{Store, journal::Entry}`.
fn paths(text: &mut Peekable<Chars>, before: &[String], found: &mut Vec<Module>) {
    let mut path = before.to_vec();
    while let Some(&next) = text.peek() {
        match next {
            '{' => loop {
                text.next();
                paths(text, &path, found);
                // What follows is `as NAME`, or nothing.
                while text.next_if(|c| !",};".contains(*c)).is_some() {}
                if text.peek() != Some(&',') {
                    text.next();
                    return;
                }
            },
            ':' => drop(text.next()),
            _ if next.is_alphanumeric() || next == '_' => {
                let mut word = String::new();
                while let Some(c) = text.next_if(|c| c.is_alphanumeric() || *c == '_') {
                    word.push(c);
                }
                path.push(word);
                if text.peek() != Some(&':') {
                    break;
                }
            }
            _ if next.is_whitespace() && path == before => drop(text.next()),
            _ => break,
        }
    }
    if path != before {
        found.push(path);
    }
}

/// The paths in a module's text that begin with one of these words, from the crate's root.
fn paths_from(words: &[&str], text: &str, here: &Module) -> Vec<Module> {
    let mut found = Vec::new();
    for word in words {
        for (at, _) in text.match_indices(&format!("{word}::")) {
            let before = text[..at].chars().next_back();
            if !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                paths(&mut text[at..].chars().peekable(), &[], &mut found);
            }
        }
    }
    let absolute = |path: Module| {
        let ups = path.iter().take_while(|word| *word == "super").count();
        let (mut start, rest) = match path[0].as_str() {
            "crate" => (Vec::new(), &path[1..]),
            "self" => (here.clone(), &path[1..]),
            "super" => (here[..here.len() - ups].to_vec(), &path[ups..]),
            _ => (here.clone(), &path[..]),
        };
        start.extend(rest.iter().filter(|word| *word != "self").cloned());
        start
    };
    found.into_iter().map(absolute).collect()
}

/// The files of a crate that use one another in a circle, each with those it uses. A file below a folder
/// may use what the folder's own file defines; a name that is exported again belongs to the file that
/// defines it.
fn circle(source: &Path) -> BTreeMap<Module, BTreeSet<Module>> {
    let mut files = BTreeMap::new();
    modules(source, &Vec::new(), &mut files);
    let (mut uses, mut exports) = (BTreeMap::new(), BTreeMap::new());
    for (module, text) in &files {
        let below = files
            .keys()
            .filter(|file| file.split_last().is_some_and(|(_, up)| up == module));
        let mut words: Vec<&str> = below
            .filter_map(|file| file.last())
            .map(String::as_str)
            .collect();
        words.extend(["crate", "super", "self"]);
        let mut own = String::new();
        for statement in text.split_inclusive(';') {
            let exported = statement
                .rsplit_once("pub use ")
                .or(statement.rsplit_once(") use "));
            for path in exported.map_or(Vec::new(), |(_, tree)| paths_from(&words, tree, module)) {
                exports.insert((module.clone(), path.last().unwrap().clone()), path);
            }
            own += exported.map_or(statement, |(before, _)| before);
        }
        uses.insert(module.clone(), paths_from(&words, &own, module));
    }
    let file_of = |path: &Module| {
        let mut path = path.clone();
        loop {
            let longest = (0..=path.len())
                .rev()
                .find(|end| files.contains_key(&path[..*end]));
            let (module, rest) = path.split_at(longest.unwrap());
            let Some(defined) = rest
                .first()
                .and_then(|name| exports.get(&(module.to_vec(), name.clone())))
            else {
                return module.to_vec();
            };
            path = [defined, &rest[1..]].concat();
        }
    };
    let mut graph: BTreeMap<Module, BTreeSet<Module>> = uses
        .iter()
        .map(|(module, paths)| {
            let used = paths
                .iter()
                .map(file_of)
                .filter(|used| !module.starts_with(used));
            (module.clone(), used.collect())
        })
        .collect();
    // What uses nothing that is left, or is used by nothing, is in no circle.
    loop {
        let used: BTreeSet<Module> = graph.values().flatten().cloned().collect();
        let left: BTreeSet<Module> = graph
            .iter()
            .filter(|(module, uses)| used.contains(*module) && !uses.is_empty())
            .map(|(module, _)| module.clone())
            .collect();
        if left.len() == graph.len() {
            return graph;
        }
        graph.retain(|module, _| left.contains(module));
        for uses in graph.values_mut() {
            uses.retain(|used| left.contains(used));
        }
    }
}

#[test]
fn a_circle_is_found() {
    let folder = std::env::temp_dir().join(format!("flickr-faces-circle-{}", std::process::id()));
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(
        "lib.rs",
        "mod a; mod b; mod c;\npub use a::{A, part::Part};\n",
    );
    write(
        "a/mod.rs",
        "mod part;\npub use self::part::Part;\npub struct A;\n",
    );
    write(
        "a/part.rs",
        "use super::A;\nuse crate::b::{\n    One as Other,\n    Two,\n};\n",
    );
    write("b.rs", "use crate::c;\nfn f() { c::g() }\n");
    write(
        "c.rs",
        "// use crate::Part;\n#[cfg(test)]\nmod tests { use crate::Part; }\n",
    );
    assert_eq!(circle(&folder), BTreeMap::new());
    write("c.rs", "fn g(_: crate::Part) {}\n");
    let found: Vec<String> = circle(&folder)
        .keys()
        .map(|module| module.join("::"))
        .collect();
    assert_eq!(found, ["a::part", "b", "c"]);
    fs::remove_dir_all(folder).unwrap();
}

//! What comments and documents refer to is there.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{read, root};

/// Not the project's own: what is built, and git's.
const OTHERS: [&str; 2] = ["target", ".git"];

fn texts(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_text = |ending: &str| name.ends_with(ending);
        if path.is_dir() && !path.is_symlink() {
            if !OTHERS.contains(&&*name) {
                texts(&path, found);
            }
        } else if [".rs", ".md", ".toml", ".ini", ".yaml", ".yml", ".js"]
            .into_iter()
            .any(is_text)
        {
            found.push(path);
        }
    }
}

/// The documents below `docs/` that a text names.
fn named(text: &str) -> Vec<&str> {
    let is_other = |c: char| !(c.is_ascii_alphanumeric() || "/_-.".contains(c));
    text.match_indices("docs/")
        .filter_map(|(at, _)| {
            let rest = &text[at..];
            let rest = &rest[..rest.find(is_other).unwrap_or(rest.len())];
            Some(&rest[..rest.find(".md")? + ".md".len()])
        })
        .collect()
}

/// Where the links of a Markdown text lead, below its own folder or above it.
fn links(text: &str) -> Vec<&str> {
    let link = |rest: &str| rest.find([')', '#', ' ']);
    text.split("](")
        .skip(1)
        .filter_map(|rest| Some(&rest[..link(rest)?]))
        .filter(|link| !link.is_empty() && !link.contains("://") && !link.contains('`'))
        .collect()
}

#[test]
fn what_is_referred_to_is_there() {
    assert_eq!(
        named("(docs/a/b-c.md), docs/x.md. docs/decisions, docs/{x}.md"),
        ["docs/a/b-c.md", "docs/x.md"]
    );
    assert_eq!(
        links("[a](b/c.md#d) [x](https://x.y) [e](f.md)"),
        ["b/c.md", "f.md"]
    );
    let (mut files, mut wrong, mut seen) = (Vec::new(), Vec::new(), 0);
    texts(&root(), &mut files);
    for file in files {
        // This file's own examples.
        if file.ends_with(file!().trim_start_matches("crates/xtask/")) {
            continue;
        }
        let text = read(&file);
        let mut targets: Vec<_> = named(&text)
            .into_iter()
            .map(|path| root().join(path))
            .collect();
        if file.extension().is_some_and(|extension| extension == "md") {
            let folder = file.parent().unwrap();
            targets.extend(links(&text).into_iter().map(|link| folder.join(link)));
        }
        seen += targets.len();
        for target in targets {
            if !target.exists() {
                wrong.push(format!("{}: {}", file.display(), target.display()));
            }
        }
    }
    assert!(seen > 100, "only {seen}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

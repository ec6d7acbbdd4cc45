//! Texts name the programs by `flickr_faces::programs`, which knows how the person started this one.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{read, root};

const CRATES: [&str; 6] = [
    "core",
    "terminal",
    "web",
    "download",
    "cluster-faces",
    "tag-photos",
];

/// Help texts name the programs as they are built: the reference and the man pages are made of them. So do the names
/// themselves.
const PLAIN: [&str; 4] = ["arguments.rs", "cli.rs", "old_flags.rs", "programs.rs"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "tests" {
                sources(&path, found);
            }
        } else if name.ends_with(".rs") && name != "tests.rs" && !PLAIN.contains(&&*name) {
            found.push(path);
        }
    }
}

/// What a line would have somebody type, under a name that may not be theirs.
fn plain_names(text: &str) -> Vec<&str> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let names = ["`download", "`cluster-faces", "`tag-photos"];
    let is_typed = |line: &str, name: &str| {
        line.match_indices(name)
            .any(|(at, name)| line[at + name.len()..].starts_with(['`', ' ']))
    };
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .filter(|line| names.iter().any(|name| is_typed(line, name)))
        .collect()
}

#[test]
fn messages_name_the_programs_as_they_were_started() {
    assert_eq!(
        plain_names("say(\"run `download` first\");\n// `download`\n(\"`downloads`\")").len(),
        1
    );
    let mut wrong = Vec::new();
    let mut files = Vec::new();
    for name in CRATES {
        sources(&root().join("crates").join(name).join("src"), &mut files);
    }
    assert!(files.len() > 100);
    for file in files {
        let text = read(&file);
        wrong.extend(
            plain_names(&text)
                .iter()
                .map(|line| format!("{}: {}", file.display(), line.trim())),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

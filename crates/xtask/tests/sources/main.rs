//! What holds of the checkout as a whole: reasons of dependencies, which file uses which, and what is for one processor alone.

mod circles;
mod documents;
mod processors;
mod programs;
mod reliability;

use std::{
    fs,
    path::{Path, PathBuf},
};

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

//! No file of a crate uses another that uses it in turn, by itself or by way of more files.
//!
//! A file uses another where a path in it (in an expression, a type or a `use`) leads to something that is
//! defined there. Through how many `use`s it leads makes no difference: what `mod.rs` exports again belongs to
//! the file that defines it, and exporting alone is no use. A file below another's is like any other: where
//! it takes what its parent defines, the parent's own code must not take anything of it. Methods are not seen,
//! as they are called without a path, nor is what is only compiled for tests.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use proc_macro2::{TokenStream, TokenTree};

use crate::{read, root};

/// The words of a path; a module has that from its crate's root.
type Words = Vec<String>;

/// What is known of a crate's sources.
#[derive(Default)]
struct Sources {
    /// The module that each module's file is: itself, but for those in braces.
    files: BTreeMap<Words, Words>,
    /// What a `use` in a module calls by a name.
    names: BTreeMap<(Words, String), Words>,
    /// The paths that are written in each module, but for those that it only exports.
    paths: BTreeSet<(Words, Words)>,
}

pub(super) fn is_sign(tree: Option<&TokenTree>, sign: char) -> bool {
    matches!(tree, Some(TokenTree::Punct(found)) if found.as_char() == sign)
}

pub(super) fn word(tree: Option<&TokenTree>) -> Option<String> {
    match tree {
        Some(TokenTree::Ident(word)) => Some(word.to_string()),
        _ => None,
    }
}

/// Where what is named or done from `at` on ends: behind its semicolon, comma or braces.
pub(super) fn item_end(trees: &[TokenTree], at: usize) -> usize {
    let ends = |tree: &TokenTree| {
        is_sign(Some(tree), ';') || is_sign(Some(tree), ',') || tree.to_string().starts_with('{')
    };
    let end = trees[at..].iter().position(ends);
    end.map_or(trees.len(), |end| at + end + 1)
}

fn joined(before: &[String], last: &str) -> Words {
    [before, &[last.to_owned()]].concat()
}

/// The words from `at` on that are joined by `::`, and where they end.
fn path(trees: &[TokenTree], mut at: usize) -> (Words, usize) {
    let mut words = Vec::new();
    while let Some(word) = word(trees.get(at)) {
        words.push(word);
        at += 1;
        if !is_sign(trees.get(at), ':') || word_after_colons(trees, at).is_none() {
            break;
        }
        at += 2;
    }
    (words, at)
}

fn word_after_colons(trees: &[TokenTree], at: usize) -> Option<String> {
    is_sign(trees.get(at + 1), ':').then(|| word(trees.get(at + 2)))?
}

impl Sources {
    fn of(top: &Path) -> Self {
        let mut sources = Self::default();
        sources.file(top, top.parent().unwrap(), &Vec::new());
        sources
    }

    fn file(&mut self, file: &Path, below: &Path, module: &Words) {
        let text = read(file);
        let trees = text
            .parse()
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        self.files.insert(module.clone(), module.clone());
        self.scan(trees, below, module);
    }

    fn scan(&mut self, trees: TokenStream, below: &Path, module: &Words) {
        let trees: Vec<_> = trees.into_iter().collect();
        let mut at = 0;
        while at < trees.len() {
            let here = at;
            at += 1;
            match &trees[here] {
                TokenTree::Group(group) => {
                    let is_test = group.to_string().replace(' ', "") == "[cfg(test)]";
                    if is_test && here > 0 && is_sign(trees.get(here - 1), '#') {
                        at = item_end(&trees, at);
                    } else {
                        self.scan(group.stream(), below, module);
                    }
                }
                TokenTree::Ident(name) if name == "mod" => {
                    // In a macro, a name that is not known yet.
                    let name = word(trees.get(at)).unwrap_or("$".to_owned());
                    at += usize::from(name == "$");
                    let (module_below, below) = (joined(module, &name), below.join(&name));
                    if let Some(TokenTree::Group(body)) = trees.get(at + 1) {
                        self.files
                            .insert(module_below.clone(), self.files[module].clone());
                        self.scan(body.stream(), &below, &module_below);
                    } else {
                        let file = below.with_extension("rs");
                        let file = if file.exists() {
                            file
                        } else {
                            below.join("mod.rs")
                        };
                        self.file(&file, &below, &module_below);
                    }
                    at += 2;
                }
                TokenTree::Ident(name) if name == "use" => {
                    let before = trees[..here].last();
                    let is_export = before.is_some_and(|tree| {
                        let tree = tree.to_string();
                        tree == "pub" || tree.starts_with('(')
                    });
                    let end = at
                        + trees[at..]
                            .iter()
                            .position(|tree| is_sign(Some(tree), ';'))
                            .unwrap();
                    self.uses(&trees[at..end], &[], module, is_export);
                    at = end;
                }
                TokenTree::Ident(_) => {
                    let (words, end) = path(&trees, here);
                    at = end;
                    let before =
                        |back: usize, sign| here >= back && is_sign(trees.get(here - back), sign);
                    let is_rest = before(1, ':') && before(2, ':');
                    let is_member = before(1, '.') && !before(2, '.');
                    if !is_rest && !is_member {
                        self.paths.insert((module.clone(), words));
                    }
                }
                _ => {}
            }
        }
    }

    /// The parts of a `use`, separated by commas.
    fn uses(&mut self, trees: &[TokenTree], before: &[String], module: &Words, is_export: bool) {
        for part in trees.split(|tree| is_sign(Some(tree), ',')) {
            let (words, end) = path(part, 0);
            let mut full = [before, &words].concat();
            let rest = part[end..].last();
            if let Some(TokenTree::Group(group)) = rest {
                let trees: Vec<_> = group.stream().into_iter().collect();
                self.uses(&trees, &full, module, is_export);
                continue;
            }
            full.extend(is_sign(rest, '*').then(|| "*".to_owned()));
            full.pop_if(|last| last == "self");
            // After `as`, a name of its own.
            if let Some(name) = word(rest).or(full.last().cloned()) {
                if !is_export {
                    self.paths.insert((module.clone(), full.clone()));
                }
                self.names.insert((module.clone(), name), full);
            }
        }
    }

    /// The module that defines what a path leads to; none where that is a module, or of another crate.
    fn definer(&self, module: &Words, path: &[String]) -> Option<Words> {
        self.follow(module, path, 0)
            .filter(|(_, is_item)| *is_item)
            .map(|(module, _)| module)
    }

    fn follow(&self, module: &Words, path: &[String], depth: usize) -> Option<(Words, bool)> {
        let (mut here, mut is_here) = (module.clone(), false);
        for name in path {
            let next = joined(&here, name);
            match name.as_str() {
                "crate" => here.clear(),
                "super" => drop(here.pop()),
                "self" => {}
                _ if self.files.contains_key(&next) => here = next,
                _ => match self.names.get(&(here.clone(), name.clone())) {
                    // A name that stands for itself is of another crate.
                    Some(_) if depth > 20 => return None,
                    Some(path) => match self.follow(&here, path, depth + 1)? {
                        (module, false) => here = module,
                        item => return Some(item),
                    },
                    None => return is_here.then_some((here, true)),
                },
            }
            is_here = true;
        }
        Some((here, false))
    }

    /// Which files each file uses.
    fn uses_of_files(&self) -> BTreeMap<&Words, BTreeSet<&Words>> {
        let mut found: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for (module, path) in &self.paths {
            let (user, used) = (&self.files[module], self.definer(module, path));
            let used = used
                .map(|used| &self.files[&used])
                .filter(|used| *used != user);
            found.entry(user).or_default().extend(used);
        }
        found
    }

    /// The files that are in a circle, each with those of the same circle that it uses.
    fn circles(&self) -> Vec<String> {
        let uses = self.uses_of_files();
        let reached = |from: &Words| {
            let (mut reached, mut left) = (BTreeSet::new(), vec![from]);
            while let Some(file) = left.pop() {
                for used in uses.get(file).into_iter().flatten().copied() {
                    left.extend(reached.insert(used).then_some(used));
                }
            }
            reached
        };
        let circle = |file: &Words| {
            let back = |other: &&Words| reached(other).contains(file);
            let used: Vec<_> = uses[file]
                .iter()
                .copied()
                .filter(back)
                .map(|used| used.join("::"))
                .collect();
            format!("{} uses {}", file.join("::"), used.join(", "))
        };
        let in_circles = uses.keys().filter(|file| reached(file).contains(**file));
        in_circles.map(|file| circle(file)).collect()
    }
}

#[test]
fn no_file_uses_one_that_uses_it() {
    let mut wrong = Vec::new();
    let crates = fs::read_dir(root().join("crates")).unwrap();
    let crates = crates
        .map(|entry| entry.unwrap().path())
        .chain([root().join("tests")]);
    for source in crates.map(|folder| folder.join("src")) {
        for top in ["lib.rs", "main.rs"].map(|top| source.join(top)) {
            if top.exists() {
                let circles = Sources::of(&top).circles();
                wrong.extend(
                    circles
                        .iter()
                        .map(|circle| format!("{}: {circle}", source.display())),
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The circles among files of these names and contents.
fn circles_of(files: &[(&str, &str)]) -> Vec<String> {
    let name = std::thread::current().name().unwrap().replace("::", "-");
    let folder = std::env::temp_dir().join(format!("flickr-faces-{}-{name}", std::process::id()));
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let circles = Sources::of(&folder.join("lib.rs")).circles();
    fs::remove_dir_all(folder).unwrap();
    circles
}

#[test]
fn circles_are_found_through_exports_aliases_and_modules() {
    let top = (
        "lib.rs",
        "mod a; mod b; mod c;\npub use a::{A, part::Part};\n",
    );
    let a = (
        "a/mod.rs",
        "mod part;\npub use self::part::Part;\npub struct A;\n",
    );
    let part = (
        "a/part.rs",
        "use super::A;\nuse crate::b::{\n    One as Other,\n    Two,\n};\n",
    );
    let b = ("b.rs", "use crate::c;\nfn f() { let x = 'x'; c::g() }\n");
    // In comments, texts and tests there are no paths.
    let c = "/// crate::Part\nconst C: &str = \"crate::Part\"; #[cfg(test)]\nmod tests { use crate::Part; }\n";
    let circles = |c| circles_of(&[top, a, part, b, ("c.rs", c)]);
    assert_eq!(circles(c), [""; 0]);
    let circle = ["a::part uses b", "b uses c", "c uses a::part"];
    for c in [
        "fn g(_: crate::Part) {}",
        "use crate::Part as Other;",
        "use crate::a; fn g() -> a::Part { todo!() }",
        "use super::{std::x, a::{self as z}}; fn g() { 1..z::Part::new() }",
        "mod inside { fn g() { super::super::Part } }",
    ] {
        assert_eq!(circles(c), circle, "{c}");
    }
}

#[test]
fn a_parent_and_its_child_are_files_like_others() {
    let circles = |top| {
        circles_of(&[
            ("lib.rs", top),
            ("child.rs", "use super::Parent; pub struct Child;"),
        ])
    };
    assert_eq!(
        circles("mod child; pub use child::Child; pub struct Parent;"),
        [""; 0]
    );
    let circle = [" uses child", "child uses "];
    assert_eq!(
        circles("mod child; pub struct Parent(child::Child);"),
        circle
    );
    let exported = "mod child; pub use child::Child; pub struct Parent(Child);";
    assert_eq!(circles(exported), circle);
}

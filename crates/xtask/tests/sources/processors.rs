//! What only one kind of processor has is compiled for that kind alone, so that the programs can be built for others.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{TokenStream, TokenTree};

use crate::{
    circles::{is_sign, item_end, word},
    read, root,
};

/// What a file says of processors.
#[derive(Debug, Default)]
struct Said {
    /// Words that only some processors know, where all would have to.
    unguarded: Vec<String>,
    /// Modules in files of their own that are for one kind of processor.
    guarded_modules: Vec<String>,
}

fn is_of_a_processor(word: &str) -> bool {
    // As in `std::arch`.
    ["arch", "target_feature"].contains(&word) || word.ends_with("_feature_detected")
}

/// Whether an attribute's brackets say `cfg(target_arch = "…")`, perhaps with more that must hold as well.
fn guards(attribute: Option<&TokenTree>) -> bool {
    let text = attribute.map(|tree| tree.to_string().replace(' ', ""));
    text.is_some_and(|text| {
        let asks = text.starts_with("[cfg(target_arch=")
            || text.starts_with("[cfg(all(") && text.contains("target_arch=");
        asks && !text.contains("not(") && !text.contains("any(")
    })
}

impl Said {
    fn of(text: &str) -> Self {
        let mut said = Self::default();
        said.scan(text.parse().unwrap());
        said
    }

    fn scan(&mut self, trees: TokenStream) {
        let trees: Vec<_> = trees.into_iter().collect();
        let mut at = 0;
        while at < trees.len() {
            let here = at;
            at += 1;
            match &trees[here] {
                TokenTree::Punct(sign) if sign.as_char() == '#' => {
                    // `#![cfg(…)]` is said of all that follows in the file or braces.
                    if is_sign(trees.get(at), '!') && guards(trees.get(at + 1)) {
                        return;
                    }
                    if guards(trees.get(at)) {
                        let item = &trees[at..item_end(&trees, at)];
                        self.guarded_modules.extend(module(item));
                        at += item.len();
                    }
                }
                TokenTree::Ident(name) if is_of_a_processor(&name.to_string()) => {
                    self.unguarded.push(name.to_string());
                }
                TokenTree::Group(group) => self.scan(group.stream()),
                _ => {}
            }
        }
    }
}

/// The name of a module that an item declares, and another file contains.
fn module(item: &[TokenTree]) -> Option<String> {
    let at = item.iter().position(|tree| tree.to_string() == "mod")?;
    let is_elsewhere = is_sign(item.get(at + 2), ';');
    word(item.get(at + 1)).filter(|_| is_elsewhere)
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The files, of these paths and contents, that say a processor's words to all.
fn wrong(files: &[(PathBuf, String)]) -> Vec<String> {
    let (mut unguarded, mut guarded) = (Vec::new(), BTreeSet::new());
    for (path, text) in files {
        let said = Said::of(text);
        let is_top = ["mod", "lib", "main"]
            .iter()
            .any(|top| path.file_stem() == Some(top.as_ref()));
        let below = match is_top {
            true => path.parent().unwrap().to_owned(),
            false => path.with_extension(""),
        };
        guarded.extend(said.guarded_modules.iter().map(|name| below.join(name)));
        unguarded.extend(said.unguarded.into_iter().map(|word| (path, word)));
    }
    let is_guarded = |path: &Path| {
        let module = path.with_extension("");
        module.ancestors().any(|module| guarded.contains(module))
    };
    unguarded.retain(|(path, _)| !is_guarded(path));
    let lines = unguarded.iter();
    lines
        .map(|(path, word)| format!("{}: {word}", path.display()))
        .collect()
}

#[test]
fn what_one_processor_has_is_compiled_for_that_alone() {
    let mut paths = Vec::new();
    sources(&root().join("crates"), &mut paths);
    sources(&root().join("tests"), &mut paths);
    let files: Vec<_> = paths
        .into_iter()
        .map(|path| (path.clone(), read(&path)))
        .collect();
    let said = files.iter().filter(|(_, text)| text.contains("std::arch"));
    assert!(said.count() > 3, "the files are read");
    let wrong = wrong(&files);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_said_of_a_processor_to_all_is_found() {
    let guard = "#[cfg(target_arch = \"x86_64\")]";
    let code = [
        "use std::arch::x86_64::__m256i;",
        "use std::{arch::aarch64::*, fmt};",
        "fn f() -> bool { std::arch::is_aarch64_feature_detected!(\"neon\") }",
        "fn f() { if is_x86_feature_detected!(\"avx2\") { g() } }",
        "#[target_feature(enable = \"avx2\")] fn f(a: u8) {}",
        "mod inside { use core::arch::asm; }",
    ];
    let is_found = |text: &str| !wrong(&[("lib.rs".into(), text.to_owned())]).is_empty();
    for code in code {
        assert!(is_found(code), "{code}");
        assert!(!is_found(&format!("{guard} {code}")), "{code}");
        let whole = format!("#![cfg(target_arch = \"x86_64\")] {code}");
        assert!(!is_found(&whole), "{code}");
        // Said of what stands before it alone, of other processors, or of more than one.
        for other in [
            format!("{guard} mod a; {code}"),
            format!("#[cfg(not(target_arch = \"x86_64\"))] {code}"),
            format!("#[cfg(any(target_arch = \"x86_64\", unix))] {code}"),
            format!("#[cfg(unix)] {code}"),
            format!("fn g() {{ {guard} h(); }} {code}"),
        ] {
            assert!(is_found(&other), "{other}");
        }
        let is_found_in = |top: &str, name: &str| {
            let files = [("src/a/mod.rs", top), (name, code)];
            let wrong = wrong(&files.map(|(name, text)| (name.into(), text.to_owned())));
            !wrong.is_empty()
        };
        let top = format!("{guard} mod b; mod c;");
        for name in ["src/a/b.rs", "src/a/b/mod.rs", "src/a/b/d.rs"] {
            assert!(!is_found_in(&top, name), "{name}");
            assert!(is_found_in("mod b; mod c;", name), "{name}");
        }
        for name in ["src/a/c.rs", "src/b.rs", "src/a/c/b.rs"] {
            assert!(is_found_in(&top, name), "{name}");
        }
    }
    // In comments and texts there is nothing.
    assert!(!is_found("/// std::arch\nconst A: &str = \"std::arch\";"));
}

//! axe-core, which looks for what keeps people from using a page: contrast, names, roles, order.

use std::fs;

use crate::home::cache;

/// A script that looks at the page it runs in and hands its findings to its last argument: the rule, and what breaks it.
///
/// # Panics
/// Where axe-core is not in the cache: run cargo xtask assets.
pub fn script() -> String {
    let file = cache().join("axe/axe.min.js");
    let axe = fs::read_to_string(&file)
        .unwrap_or_else(|error| panic!("{}: {error}; run cargo xtask assets", file.display()));
    format!(
        "const done = arguments[arguments.length - 1];\n{axe}\n\
         window.axe.run(document, {{ resultTypes: ['violations'] }}).then(({{ violations }}) => done(violations.map(({{ id, help, nodes }}) => \
         `${{id}}: ${{help}}: ${{nodes.map((node) => node.html.slice(0, 160)).slice(0, 3).join(' | ')}}`)), (error) => done([String(error)]));"
    )
}

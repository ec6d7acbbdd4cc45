//! Names that are on Flickr already: contacts, and tags as they were typed.

use end_to_end::{Home, KNOWN_CLUSTERS, rows, sandbox};
use flickr_sandbox::{Fault, FaultKind, NewPhoto, Options};

const CONTACTS: &str = "flickr.contacts.getList";
const TAGS: &str = "flickr.tags.getListUserRaw";

fn names(home: &Home, table: &str, key: &str, name: &str) -> Vec<String> {
    let rows = rows(&home.path("faces.sqlite"), table, key).into_iter();
    rows.map(|row| row[name].clone()).collect()
}

#[test]
fn contacts_and_the_spelling_of_tags_are_kept_and_never_fail_a_run() {
    let sandbox = sandbox(Options::default());
    for tag in ["adalovelace", "Ada Lovelace", "ada lovelace"] {
        let photo = NewPhoto {
            tags: vec![tag.to_owned()],
            ..NewPhoto::default()
        };
        sandbox.add_photo(photo).unwrap();
    }
    let home = Home::new(&sandbox, &KNOWN_CLUSTERS);
    let refused = FaultKind::ApiFailure {
        code: 1,
        message: Some("Unknown user".to_owned()),
    };
    sandbox
        .set_faults([CONTACTS, TAGS].map(|method| Fault::once(method, refused.clone()).times(99)));
    let _ = home.run("download", &["--json"]).ends_with(0);
    let of = |table, key, name| names(&home, table, key, name);
    assert!(of("contacts", "nsid", "name").is_empty());

    // The next run asks again, once each.
    sandbox.set_faults([]);
    let before = sandbox.calls();
    let _ = home.run("download", &["--json"]).ends_with(0);
    assert_eq!(
        of("contacts", "nsid", "name"),
        ["'Ada Example'", "'Bob Example'", "'Cy Example'"]
    );
    assert_eq!(of("own_tags", "clean", "clean"), ["'adalovelace'"]);
    assert_eq!(of("own_tags", "clean", "raw"), ["'Ada Lovelace'"]);
    let after = sandbox.calls();
    for method in [CONTACTS, TAGS] {
        assert_eq!(
            after.of(method),
            before.of(method) + 1,
            "{method}: {after:?}"
        );
    }
}

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
    sandbox.set_faults([CONTACTS, TAGS].map(|method| {
        Fault::once(
            method,
            FaultKind::ApiFailure {
                code: 1,
                message: None,
            },
        )
    }));
    let _ = home.run("download", &["--json"]).ends_with(0);
    let of = |table, key, name| names(&home, table, key, name);
    assert!(of("contacts", "nsid", "name").is_empty());

    // The next run asks again, once each.
    let _ = home.run("download", &["--json"]).ends_with(0);
    assert_eq!(
        of("contacts", "nsid", "name"),
        ["'Ada Example'", "'Bob Example'", "'Cy Example'"]
    );
    assert_eq!(of("own_tags", "clean", "clean"), ["'adalovelace'"]);
    assert_eq!(of("own_tags", "clean", "raw"), ["'Ada Lovelace'"]);
    let calls = sandbox.calls();
    assert_eq!((calls.of(CONTACTS), calls.of(TAGS)), (2, 2), "{calls:?}");
}

//! The account's list against the sandbox: every photo once, in few calls, whatever Flickr does.

use std::{collections::BTreeSet, sync::Arc};

use end_to_end::{flickr, sandbox, wait_for};
use flickr_faces::flickr::{Listing, ListingOptions};
use flickr_sandbox::{Generated, Media, NewPhoto, NumberStyle, Options, Quirks, Sandbox, Source};

const SEARCH: &str = "flickr.photos.search";

/// What a walk through the account found.
#[derive(Debug)]
struct Walk {
    ids: Vec<String>,
    newest: u64,
    calls: u64,
}

fn walk(sandbox: &Arc<Sandbox>, min_upload_date: u64) -> Walk {
    sandbox.reset_calls();
    let options = ListingOptions {
        min_upload_date,
        photos_only: true,
        ..ListingOptions::default()
    };
    let mut listing = Listing::new(flickr(sandbox), options);
    let (mut ids, mut newest) = (Vec::new(), 0);
    wait_for(async {
        while let Some(page) = listing.next_page().await.unwrap() {
            assert!(page.unreadable.is_empty(), "{:?}", page.unreadable);
            newest = page
                .photos
                .iter()
                .filter_map(|photo| photo.upload_date)
                .fold(newest, u64::max);
            ids.extend(page.photos.into_iter().map(|photo| photo.id.to_string()));
        }
    });
    let calls = sandbox.calls();
    Walk {
        ids,
        newest,
        calls: calls.api(),
    }
}

#[test]
fn six_thousand_photos_take_at_most_20_calls() {
    struct Case {
        name: &'static str,
        same_second: u64,
        quirks: Quirks,
        most: u64,
    }
    let plain = Quirks::default;
    let cases = [
        Case {
            name: "as today",
            same_second: 3,
            quirks: plain(),
            most: 20,
        },
        Case {
            name: "numbers as strings",
            same_second: 3,
            quirks: Quirks {
                numbers: NumberStyle::Strings,
                ..plain()
            },
            most: 20,
        },
        Case {
            name: "numbers of both kinds",
            same_second: 3,
            quirks: Quirks {
                numbers: NumberStyle::Mixed,
                ..plain()
            },
            most: 20,
        },
        Case {
            name: "pages that overlap",
            same_second: 3,
            quirks: Quirks {
                overlapping_pages: true,
                ..plain()
            },
            most: 20,
        },
        Case {
            name: "250 photos in each second",
            same_second: 250,
            quirks: plain(),
            most: 20,
        },
        Case {
            name: "all of that",
            same_second: 499,
            quirks: Quirks {
                numbers: NumberStyle::Mixed,
                overlapping_pages: true,
                plain_text_failures: true,
                ..plain()
            },
            most: 20,
        },
        // More than search can reach, in one second: people.getPhotos has to help.
        Case {
            name: "one second",
            same_second: 6_000,
            quirks: plain(),
            most: 30,
        },
    ];
    let mut wrong = Vec::new();
    for case in cases {
        let mut generated = Generated::new(6_000);
        generated.same_second = case.same_second;
        let sandbox = sandbox(Options {
            source: Source::Generated(generated),
            quirks: case.quirks,
            ..Options::default()
        });
        let expected: BTreeSet<_> = sandbox.photos().into_iter().map(|photo| photo.id).collect();
        let walk = walk(&sandbox, 0);
        println!("{}: {} calls", case.name, walk.calls);
        let found: BTreeSet<_> = walk.ids.iter().cloned().collect();
        if found != expected || walk.ids.len() != found.len() || walk.calls > case.most {
            wrong.push(format!(
                "{}: {} rows, {} photos, {} calls of {}",
                case.name,
                walk.ids.len(),
                found.len(),
                walk.calls,
                case.most
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_later_walk_finds_what_is_new_in_one_or_two_calls() {
    let sandbox = sandbox(Options::generate(6_000));
    let first = walk(&sandbox, 0);
    let new: BTreeSet<_> = (0..3)
        .map(|_| sandbox.add_photo(NewPhoto::default()).unwrap())
        .collect();
    let video = NewPhoto {
        media: Media::Video,
        ..NewPhoto::default()
    };
    sandbox.add_photo(video).unwrap();
    let second = walk(&sandbox, first.newest);
    let known: BTreeSet<_> = first.ids.into_iter().collect();
    let found: BTreeSet<_> = second
        .ids
        .into_iter()
        .filter(|id| !known.contains(id))
        .collect();
    assert_eq!(found, new);
    assert!(
        (1..=2).contains(&sandbox.calls().of(SEARCH)),
        "{:?}",
        sandbox.calls()
    );
    assert_eq!(second.calls, sandbox.calls().of(SEARCH));
}

//! Adds tags: to which photos, and how.

use end_to_end::{Home, rows, sandbox};
use flickr_sandbox::{Fault, FaultKind, NewPhoto, Options, Quirks};
use serde_json::json;

use super::*;

#[test]
fn each_name_becomes_one_tag() {
    let (sandbox, [first, second, third]) = photos([&["sea"], &["Ada-Lovelace"], &[]]);
    let home = Home::new(&sandbox, &[]);
    home.write_tags(&[
        ("Ada Lovelace", &[&first, &second]),
        ("Jürgen Groß, Öl & Söhne", &[&first]),
        ("Ann \"Nan\" O'Neil", &[&third]),
        ("李小龙", &[&third]),
    ]);
    let run = home.run(PROGRAM, &["--json"]).ends_with(0).json();
    assert_eq!(
        (
            &run["added"],
            &run["already_there"],
            &run["failed"],
            &run["missing"]
        ),
        (&json!(4), &json!(1), &json!([]), &json!([]))
    );
    assert_eq!(
        tags(&sandbox, &first),
        ["sea", "Ada Lovelace", "Jürgen Groß, Öl & Söhne"]
    );
    // The same tag to Flickr, as it was written before.
    assert_eq!(tags(&sandbox, &second), ["Ada-Lovelace"]);
    assert_eq!(tags(&sandbox, &third), ["Ann 'Nan' O'Neil", "李小龙"]);
    assert_eq!(sandbox.calls().of(ADD_TAGS), 2, "one call a photo");
    all_by_post(&sandbox);

    let ids: Vec<_> = rows(&home.path("faces.sqlite"), "flickr_writes", "photo, item")
        .iter()
        .map(|row| (row["state"].clone(), row["flickr_id"] == "NULL"))
        .collect();
    let added = ("'added'".to_owned(), false);
    let present = ("'present'".to_owned(), true);
    assert_eq!(
        ids,
        [
            added.clone(),
            added.clone(),
            present,
            added.clone(),
            added.clone()
        ]
    );

    // The journal knows: nothing is asked or written.
    sandbox.reset_calls();
    let _ = home.run(PROGRAM, &[]).ends_with(0).says(&[
        "added          0 tags\n",
        "already there  5 tags\n",
        "failed         none\n",
    ]);
    assert_eq!(sandbox.calls().of(ADD_TAGS) + sandbox.calls().of(INFO), 0);
    // A new name on the same photo is all that is written.
    home.write_tags(&[("Ada Lovelace", &[&first, &third])]);
    let run = home.run(PROGRAM, &["--json"]).ends_with(0).json();
    assert_eq!(
        (&run["added"], &run["already_there"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(tags(&sandbox, &third).last().unwrap(), "Ada Lovelace");
}

#[test]
fn a_tags_json_that_cannot_be_meant_is_explained() {
    struct Case {
        file: String,
        code: i32,
        says: &'static [&'static str],
    }
    let (sandbox, [photo]) = photos([&[]]);
    let whole = json!({"version": 1, "account": flickr_sandbox::NSID,
        "people": [{"name": "Ada Lovelace", "photos": [photo]}]});
    let with = |name: &str, value: serde_json::Value| {
        let mut file = whole.clone();
        file[name] = value;
        file.to_string()
    };
    let text = whole.to_string();
    let cases = [
        Case {
            file: text[..text.len() - 5].to_owned(),
            code: 1,
            says: &["error: tags.json:1:", "the file is cut short"],
        },
        Case {
            file: String::new(),
            code: 1,
            says: &["error: tags.json:1:0: the file is cut short"],
        },
        Case {
            file: with("account", json!("12345678@N00")),
            code: 1,
            says: &[
                "holds photos of account 12345678@N00, but the store",
                "holds those of 99999999@N00",
                "hint:",
            ],
        },
        Case {
            file: with("version", json!(2)),
            code: 1,
            says: &["this is version 2 of tags.json, this program reads version 1"],
        },
        Case {
            file: with("people", json!([{"name": "...", "photos": []}])),
            code: 1,
            says: &["a name needs a letter or a digit"],
        },
    ];
    let mut wrong = Vec::new();
    for case in cases {
        let home = Home::new(&sandbox, &[]);
        home.write("tags.json", &case.file);
        let run = home.run(PROGRAM, &[]);
        let said = case.says.iter().all(|text| run.stderr.contains(text));
        if run.code != Some(case.code) || !said || !run.stdout.is_empty() {
            wrong.push(format!("{}: {run}", case.file));
        }
        assert_eq!(home.read("tags.json"), case.file, "it stays as it was");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let home = Home::new(&sandbox, &[]);
    let _ = home.run(PROGRAM, &[]).ends_with(1).complains(&[
        "error: nobody has a name yet, and tags.json is not there",
        "hint:  run `download` first, then `cluster-faces`",
    ]);
    assert_eq!(sandbox.calls().of(ADD_TAGS), 0);
    assert!(tags(&sandbox, &photo).is_empty());
}

#[test]
fn a_photo_that_is_not_the_accounts_is_named_and_the_others_are_done() {
    let (sandbox, [photo, gone]) = photos([&[], &[]]);
    let home = Home::new(&sandbox, &[]);
    home.write_tags(&[("Ada Lovelace", &[&photo, &gone, "4711"])]);
    sandbox.delete_photo(&gone);
    let _ = home.run(PROGRAM, &[]).ends_with(2).says(&[
        "  not found          2 photos  in tags.json, but not in your account\n",
        "    photo 4711: Ada Lovelace\n",
        &format!("    photo {gone}: Ada Lovelace\n"),
    ]);
    assert_eq!(tags(&sandbox, &photo), ["Ada Lovelace"]);
    let run = home.run(PROGRAM, &["--json"]).ends_with(2).json();
    assert_eq!(run["missing"].as_array().unwrap().len(), 2);
    assert_eq!(sandbox.calls().of(ADD_TAGS), 1);
}

#[test]
fn public_photos_get_no_names_unless_they_are_to() {
    let sandbox = sandbox(Options::default());
    let (private, public) = (add(&sandbox, &[], true), add(&sandbox, &[], false));
    let home = Home::new(&sandbox, &[]);
    home.write_tags(&[("Ada Lovelace", &[&private, &public])]);
    let _ = home.run(PROGRAM, &[]).ends_with(0).says(&[
        "added          1 tag\n",
        "  public              1 photo  names go to private photos only (write_to)\n",
    ]);
    assert_eq!(tags(&sandbox, &private), ["Ada Lovelace"]);
    assert!(tags(&sandbox, &public).is_empty());
    assert_eq!(journal(&home), ["added"]);
    // The same by the listing, which is read where many photos are asked for.
    sandbox.reset_calls();
    let many: Vec<String> = (0..3).map(|_| add(&sandbox, &[], false)).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    name_faces(&home, &[(&private, "Ada Lovelace", [10, 10, 99, 99])]);
    home.write_tags(&[("Ada Lovelace", &many)]);
    let run = home.run(PROGRAM, &["--json"]).ends_with(0).json();
    assert_eq!(run["skipped"], json!({"public": 3}));
    assert_eq!(
        (sandbox.calls().of(INFO), sandbox.calls().of(ADD_TAGS)),
        (0, 0)
    );

    let all = Home::new(&sandbox, &[("write_to", "all")]);
    all.write_tags(&[("Ada Lovelace", &[&private, &public])]);
    let run = all.run(PROGRAM, &["--json"]).ends_with(0).json();
    assert_eq!(run["added"], 1);
    assert_eq!(tags(&sandbox, &public), ["Ada Lovelace"]);
    // What stands there since stays written, whatever the setting is then.
    all.set("write_to", "private");
    let run = all.run(PROGRAM, &["--json"]).ends_with(0).json();
    assert_eq!(
        (&run["already_there"], &run["skipped"]),
        (&json!(2), &json!({}))
    );
}

#[test]
fn names_that_do_not_fit_are_skipped_and_reported() {
    let many: Vec<String> = (0..75).map(|number| format!("tag {number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let (sandbox, [full, nearly, free]) = photos([&many, &many[..74], &[]]);
    let home = Home::new(&sandbox, &[]);
    home.write_tags(&[
        ("Ada Lovelace", &[&full, &nearly, &free]),
        ("Bob", &[&nearly, &free]),
    ]);
    let _ = home.run(PROGRAM, &[]).ends_with(2).says(&[
        "added          3 tags\n",
        "  full               2 photos  no room for another tag (max_tags in config.ini)\n",
        &format!("    photo {full}: Ada Lovelace\n"),
        &format!("    photo {nearly}: Bob\n"),
    ]);
    assert_eq!(tags(&sandbox, &full).len(), 75);
    assert_eq!(tags(&sandbox, &nearly).last().unwrap(), "Ada Lovelace");
    assert_eq!(tags(&sandbox, &free), ["Ada Lovelace", "Bob"]);
    assert_eq!(sandbox.calls().of(ADD_TAGS), 2, "the full one is not asked");
    let _ = home.run(PROGRAM, &["plan"]).ends_with(0).says(&[
        &format!("    photo {nearly}: Bob\n"),
        "Nothing is to be written.\n",
    ]);
}

#[test]
fn a_limit_of_flickrs_that_nobody_knows_is_its_photos_alone() {
    let (sandbox, [full, free]) = photos([&["a", "b", "c"], &[]]);
    sandbox.set_quirks(Quirks {
        max_tags: 3,
        ..Quirks::default()
    });
    let home = Home::new(&sandbox, &[]);
    home.write_tags(&[("Ada Lovelace", &[&full, &free])]);
    let reason = format!(
        "photo {full}: flickr.photos.addTags: Flickr says \"Maximum number of tags reached\" (code 2)"
    );
    let _ = home
        .run(PROGRAM, &[])
        .ends_with(2)
        .says(&[
            "added          1 tag\n",
            "failed         1 photo\n",
            &reason,
        ])
        .complains(&[&reason]);
    assert_eq!(tags(&sandbox, &full), ["a", "b", "c"]);
    assert_eq!(journal(&home), ["failed", "added"]);
    // Refused for good: it is told by the next runs, and asked again only where that is wanted.
    sandbox.reset_calls();
    let run = home.run(PROGRAM, &["--json"]).ends_with(2).json();
    assert_eq!(
        (&run["failed"], &run["skipped"]),
        (&json!([]), &json!({"refused": 1}))
    );
    assert_eq!(
        sandbox.calls().api(),
        1,
        "the sign-in: {:?}",
        sandbox.calls()
    );
    let run = home
        .run(PROGRAM, &["--again", "--json"])
        .ends_with(2)
        .json();
    assert_eq!(run["failed"][0]["photo"], full);
    let told = Home::new(&sandbox, &[("max_tags", "3")]);
    told.write_tags(&[("Ada Lovelace", &[&full])]);
    let run = told.run(PROGRAM, &["--json"]).ends_with(2).json();
    assert_eq!((&run["failed"], &run["full"]), (&json!([]), &json!([full])));
}

#[test]
fn the_full_id_is_kept_even_where_flickrs_reply_is_bare() {
    let (sandbox, [photo]) = photos([&["sea"]]);
    sandbox.set_quirks(Quirks {
        bare_tag_replies: true,
        ..Quirks::default()
    });
    let home = Home::new(&sandbox, &[]);
    home.write_tags(&[("Ada Lovelace", &[&photo])]);
    let _ = home.run(PROGRAM, &[]).ends_with(0);
    let writes = rows(&home.path("faces.sqlite"), "flickr_writes", "photo");
    let marks = marks(&sandbox);
    let (id, raw) = &marks[&photo].tags[1];
    assert_eq!(raw, "Ada Lovelace");
    assert_eq!(writes[0]["flickr_id"], format!("'{id}'"));
}

#[test]
fn aliases_and_machine_tags_are_written_as_they_are() {
    let (sandbox, [photo]) = photos([&[]]);
    let home = Home::new(&sandbox, &[]);
    write_people(
        &home,
        json!([
            {"name": "Ada Lovelace", "tag": "people:name=Ada Lovelace", "photos": [photo]},
            {"name": "Bob", "tag": "Uncle \"B\"", "photos": [photo]},
            {"name": "Cy", "write": false, "photos": [photo]},
            // One tag to Flickr, for two people.
            {"name": "Max", "tag": "Max", "photos": [photo]},
            {"name": "Maximilian", "tag": "max!", "photos": [photo]},
        ]),
    );
    let run = home.run(PROGRAM, &["--json"]).ends_with(0).json();
    assert_eq!(
        (&run["added"], &run["skipped"]),
        (&json!(3), &json!({"never_write": 1}))
    );
    assert_eq!(
        tags(&sandbox, &photo),
        ["people:name=Ada Lovelace", "Uncle 'B'", "Max"]
    );
    // Known again, in the form that Flickr makes of them.
    let run = home.run(PROGRAM, &["plan", "--json"]).ends_with(0).json();
    assert_eq!(
        (&run["would_add"], &run["already_there"]),
        (&json!(0), &json!(3)),
        "one tag of two people is one tag"
    );
    let _ = home.run(PROGRAM, &["verify"]).ends_with(0);
}

#[test]
fn a_photo_that_vanishes_while_it_runs_fails_alone() {
    let (sandbox, [first, gone, last]) = photos([&[], &[], &[]]);
    let home = Home::new(&sandbox, &[]);
    home.write_tags(&[("Ada Lovelace", &[&first, &gone, &last])]);
    let vanished = FaultKind::ApiFailure {
        code: 1,
        message: Some("Photo not found".to_owned()),
    };
    sandbox.set_faults([Fault::once(ADD_TAGS, vanished).containing(&gone)]);
    let run = home.run(PROGRAM, &["--json"]).ends_with(2).json();
    assert_eq!(
        (&run["added"], &run["failed"][0]["photo"]),
        (&json!(2), &json!(gone))
    );
    assert_eq!(journal(&home), ["added", "failed", "added"]);
    assert_eq!(tags(&sandbox, &last), ["Ada Lovelace"]);
}

#[test]
fn anothers_photo_is_left_alone() {
    let (sandbox, [photo]) = photos([&[]]);
    let other = NewPhoto {
        foreign: true,
        ..NewPhoto::default()
    };
    let other = sandbox.add_photo(other).unwrap();
    let home = Home::new(&sandbox, &[("write_to", "all")]);
    home.write_tags(&[("Ada Lovelace", &[&photo, &other])]);
    let run = home.run(PROGRAM, &["--json"]).ends_with(2).json();
    assert_eq!(
        (&run["added"], &run["skipped"]),
        (&json!(1), &json!({"not_yours": 1}))
    );
    assert!(tags(&sandbox, &other).is_empty());
    assert_eq!(sandbox.calls().of(ADD_TAGS), 1);
}

#[test]
fn two_at_once_do_not_meet() {
    let (sandbox, [photo]) = photos([&[]]);
    let home = Home::new(&sandbox, &[]);
    home.write_tags(&[("Ada Lovelace", &[&photo])]);
    let store = home.path("faces.sqlite");
    let store = wait_for(flickr_faces::store::Store::open(store.to_str().unwrap())).unwrap();
    let lock = wait_for(store.lock_for_tagging()).unwrap();
    for arguments in [&[][..], &["undo"], &["verify"]] {
        let _ = home.run(PROGRAM, arguments).ends_with(4).complains(&[
            "another tag-photos is already running on this database",
            "hint:",
        ]);
    }
    let _ = home.run(PROGRAM, &["plan"]).ends_with(0);
    drop(lock);
    let _ = home.run(PROGRAM, &[]).ends_with(0);
}

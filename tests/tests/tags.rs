//! `tag-photos`: what comes to stand on Flickr, and what does not.

use std::{
    collections::BTreeSet,
    process::Stdio,
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

use end_to_end::{Home, Run, rows, sandbox};
use flickr_sandbox::{Fault, FaultKind, NewPhoto, Options, Sandbox};
use serde_json::json;

const ADD_TAGS: &str = "flickr.photos.addTags";
const LIST_PHOTO: &str = "flickr.tags.getListPhoto";
const PROGRAM: &str = "tag-photos";

/// A sandbox with photos that have these tags; their ids.
fn photos<const N: usize>(tags: [&[&str]; N]) -> (Arc<Sandbox>, [String; N]) {
    let sandbox = sandbox(Options::default());
    let ids = tags.map(|tags| {
        let photo = NewPhoto {
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            ..NewPhoto::default()
        };
        sandbox.add_photo(photo).unwrap()
    });
    (sandbox, ids)
}

fn tags(sandbox: &Sandbox, id: &str) -> Vec<String> {
    sandbox.tags_of(id).unwrap()
}

/// No write came in a way that Flickr does not allow.
#[track_caller]
fn all_by_post(sandbox: &Sandbox) {
    assert_eq!(sandbox.calls().writes_by_get, 0);
}

/// States in the journal.
fn journal(home: &Home) -> Vec<String> {
    let writes = rows(&home.path("faces.sqlite"), "tag_writes", "photo, tag_key");
    writes
        .iter()
        .map(|row| row["state"].trim_matches('\'').to_owned())
        .collect()
}

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

    // The journal knows: nothing is asked or written.
    sandbox.reset_calls();
    let _ = home.run(PROGRAM, &[]).ends_with(0).says(&[
        "added          0 tags\n",
        "already there  5 tags\n",
        "failed         none\n",
    ]);
    assert_eq!(sandbox.calls().of(ADD_TAGS), 0);
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
fn a_dry_run_writes_nothing() {
    let (sandbox, [first, second]) = photos([&[], &["adalovelace"]]);
    let home = Home::new(&sandbox, &[]);
    home.write_tags(&[("Ada Lovelace", &[&first, &second])]);
    let before = sandbox.tags();
    let line = format!("\"Ada Lovelace\" to 1 photo:\n  {first}\n");
    let _ = home.run(PROGRAM, &["--dry-run"]).ends_with(0).says(&[
        &line,
        "would add      1\n",
        "already there  1\n",
        "Nothing was written.",
    ]);
    let run = home
        .run(PROGRAM, &["--dry-run", "--json"])
        .ends_with(0)
        .json();
    let expected = json!([{"photo": first, "tags": ["Ada Lovelace"]}]);
    assert_eq!((&run["would_add"], &run["photos"]), (&json!(1), &expected));
    assert_eq!(sandbox.calls().of(ADD_TAGS), 0);
    assert_eq!(sandbox.tags(), before);
    assert!(journal(&home).is_empty());
}

#[test]
fn a_photo_that_is_full_fails_alone_and_says_why() {
    let many: Vec<String> = (0..75).map(|number| format!("tag {number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let (sandbox, [full, free]) = photos([&many, &[]]);
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
    assert_eq!(tags(&sandbox, &full).len(), 75);
    assert_eq!(tags(&sandbox, &free), ["Ada Lovelace"]);
    assert_eq!(journal(&home), ["failed", "added"]);
    // Tried again by the next run, which fails again as long as the photo is full.
    let run = home.run(PROGRAM, &["--json"]).ends_with(2).json();
    assert_eq!(run["failed"][0]["photo"], full);
}

#[test]
fn a_lost_answer_is_looked_up_before_anything_is_written_again() {
    struct Case {
        kind: FaultKind,
        times: u32,
        /// Calls that write, and calls that look.
        calls: (u64, u64),
        code: i32,
    }
    let cases = [
        // Carried out, then 504.
        Case {
            kind: FaultKind::AnswerLost,
            times: 1,
            calls: (1, 1),
            code: 0,
        },
        // 502 before anything was done.
        Case {
            kind: FaultKind::ServerError { status: 502 },
            times: 1,
            calls: (2, 1),
            code: 0,
        },
        Case {
            kind: FaultKind::ServerError { status: 502 },
            times: 2,
            calls: (3, 2),
            code: 0,
        },
        // Three times are enough; the next run does it.
        Case {
            kind: FaultKind::ServerError { status: 502 },
            times: 3,
            calls: (3, 3),
            code: 2,
        },
        Case {
            kind: FaultKind::HtmlPage,
            times: 1,
            calls: (2, 1),
            code: 0,
        },
        // The reply is cut in the middle.
        Case {
            kind: FaultKind::CutShort,
            times: 1,
            calls: (1, 1),
            code: 0,
        },
        // Certainly not done: written again without a look.
        Case {
            kind: FaultKind::TooManyRequests {
                retry_after: Some("0".to_owned()),
            },
            times: 1,
            calls: (2, 0),
            code: 0,
        },
    ];
    let mut wrong = Vec::new();
    for case in cases {
        let (sandbox, [photo]) = photos([&["sea"]]);
        let home = Home::new(&sandbox, &[]);
        home.write_tags(&[("Ada Lovelace", &[&photo])]);
        sandbox.set_faults([Fault::once(ADD_TAGS, case.kind.clone()).times(case.times)]);
        let run = home.run(PROGRAM, &["--json"]);
        let calls = sandbox.calls();
        let done = tags(&sandbox, &photo) == ["sea", "Ada Lovelace"];
        let state = journal(&home);
        let expected_state = if case.code == 0 { "added" } else { "failed" };
        if run.code != Some(case.code)
            || (calls.of(ADD_TAGS), calls.of(LIST_PHOTO)) != case.calls
            || done != (case.code == 0)
            || state != [expected_state]
        {
            wrong.push(format!(
                "{:?} x {}: {calls:?} {state:?} {run}",
                case.kind, case.times
            ));
        }
        let _ = home.run(PROGRAM, &[]).ends_with(0);
        assert_eq!(tags(&sandbox, &photo), ["sea", "Ada Lovelace"]);
        all_by_post(&sandbox);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn killed_in_the_middle_it_goes_on() {
    const PHOTOS: usize = 30;
    let (sandbox, ids) = photos([&[] as &[&str]; PHOTOS]);
    let home = Home::new(&sandbox, &[]);
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    home.write_tags(&[("Ada Lovelace", &ids)]);
    // Each kill falls after the write, before its answer; or before the write.
    for (kill, wait) in [(1, 0), (2, 10), (3, 25), (4, 40)] {
        sandbox.set_faults([Fault::once(ADD_TAGS, FaultKind::Delay { ms: 20 }).times(1_000)]);
        let before = sandbox.calls().of(ADD_TAGS);
        let mut child = home
            .command(PROGRAM)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while sandbox.calls().of(ADD_TAGS) < before + 4 {
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "kill {kill}: it hangs"
            );
            sleep(Duration::from_millis(1));
        }
        sleep(Duration::from_millis(wait));
        assert!(
            child.try_wait().unwrap().is_none(),
            "kill {kill}: it was done before"
        );
        child.kill().unwrap();
        child.wait().unwrap();
    }
    // What was under way may have been carried out after its sender was gone.
    sandbox.set_faults([]);
    let run = home.run(PROGRAM, &["--json"]).ends_with(0).json();
    assert_eq!(
        run["added"].as_u64().unwrap() + run["already_there"].as_u64().unwrap(),
        PHOTOS as u64
    );
    let wrong: BTreeSet<_> = ids
        .iter()
        .filter(|id| tags(&sandbox, id) != ["Ada Lovelace"])
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    // Only a call that a kill interrupted may come twice.
    let calls = sandbox.calls().of(ADD_TAGS) as usize;
    assert!((PHOTOS..=PHOTOS + 4).contains(&calls), "{calls} calls");
    assert_eq!(journal(&home), vec!["added"; PHOTOS]);
    all_by_post(&sandbox);
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
                "holds photos of account 12345678@N00, but you are signed in as 99999999@N00",
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
    let _ = home
        .run(PROGRAM, &[])
        .ends_with(1)
        .complains(&["tags.json", "hint:  run `cluster-faces` first"]);
    assert_eq!(sandbox.calls().of(ADD_TAGS), 0);
    assert!(tags(&sandbox, &photo).is_empty());
}

#[test]
fn a_photo_that_is_not_the_accounts_is_named_and_the_others_are_done() {
    let (sandbox, [photo, gone]) = photos([&[], &[]]);
    let home = Home::new(&sandbox, &[]);
    home.write_tags(&[("Ada Lovelace", &[&photo, &gone, "4711"])]);
    sandbox.delete_photo(&gone);
    let both = format!(
        "not found      2 photos of tags.json that your account does not have: 4711, {gone}\n"
    );
    let one_way: Run = home.run(PROGRAM, &[]).ends_with(2);
    let other = format!("does not have: {gone}, 4711\n");
    assert!(
        one_way.stdout.contains(&both) || one_way.stdout.contains(&other),
        "{one_way}"
    );
    assert_eq!(tags(&sandbox, &photo), ["Ada Lovelace"]);
    let run = home.run(PROGRAM, &["--json"]).ends_with(2).json();
    assert_eq!(run["missing"].as_array().unwrap().len(), 2);
    assert_eq!(sandbox.calls().of(ADD_TAGS), 1);
}

//! Lost answers, and stops in the middle.

use std::{
    collections::BTreeSet,
    process::Stdio,
    thread::sleep,
    time::{Duration, Instant},
};

use end_to_end::{Home, send};
use flickr_sandbox::{Fault, FaultKind};

use super::*;

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
fn stopped_by_ctrl_c_it_says_what_is_left_and_goes_on() {
    const PHOTOS: usize = 12;
    let (sandbox, ids) = photos([&["sea"] as &[&str]; PHOTOS]);
    let home = Home::new(&sandbox, &[]);
    let all: Vec<&str> = ids.iter().map(String::as_str).collect();
    home.write_tags(&[("Ada Lovelace", &all)]);
    let before = marks(&sandbox);
    for (arguments, method) in [(&[][..], ADD_TAGS), (&["undo"], REMOVE_TAG)] {
        sandbox.set_faults([Fault::once(method, FaultKind::Delay { ms: 50 }).times(1_000)]);
        let child = home
            .command(PROGRAM)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while sandbox.calls().of(method) < 3 {
            assert!(begun.elapsed() < Duration::from_secs(60), "it hangs");
            sleep(Duration::from_millis(1));
        }
        send("INT", &child);
        let output = child.wait_with_output().unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(130), "{stdout}");
        let line = stdout.lines().last().unwrap();
        assert!(
            line.starts_with("Stopped with ") && line.contains(" left. Run"),
            "{stdout}"
        );
        sandbox.set_faults([]);
        let _ = home.run(PROGRAM, arguments).ends_with(0);
        // The call under way was finished: none was made twice.
        assert_eq!(sandbox.calls().of(method) as usize, PHOTOS, "{method}");
    }
    assert_eq!(marks(&sandbox), before);
}

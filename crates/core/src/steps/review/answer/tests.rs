use super::*;
use proptest::prelude::*;

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn named(text: &str) -> Typed {
    without(&[], Some(text))
}

fn without(faces: &[usize], of: Option<&str>) -> Typed {
    let out = faces.iter().copied().collect();
    match of {
        Some(of) => Typed::Decide {
            decision: Decision::Named(name(of)),
            out,
        },
        None => Typed::TakeOut(out),
    }
}

fn all(decision: Decision) -> Typed {
    Typed::Decide {
        decision,
        out: BTreeSet::new(),
    }
}

/// Reads a line about faces of which none is out.
fn parse(line: &str, faces: usize, person: Option<&Name>) -> Result<Typed, AnswerError> {
    let asked = Asked {
        faces,
        out: &BTreeSet::new(),
        person,
        picking: false,
        next_threshold: true,
    };
    Typed::parse(line, &asked)
}

#[test]
fn answers_to_a_montage_of_nine() {
    let cases = [
        ("", Typed::Later),
        ("  \t", Typed::Later),
        ("Ada Lovelace", named("Ada Lovelace")),
        (" ada  lovelace \r\n", named("ada lovelace")),
        ("3", named("3")),
        ("50 Cent", named("50 Cent")),
        ("x 3", named("x 3")),
        (":i", all(Decision::Ignored)),
        (":N ", all(Decision::NotAFace)),
        (":u", Typed::Undo),
        (":d", Typed::NextThreshold),
        (":l", Typed::Later),
        ("y", named("y")),
        (":q", Typed::Quit),
        (":?", Typed::Help),
        ("?", Typed::Help),
        ("Help", Typed::Help),
        (":rest", Typed::Rest),
        (":x 3", without(&[3], None)),
        (":x 3 7-9", without(&[3, 7, 8, 9], None)),
        (":X\t9,3-4 , 3", without(&[3, 4, 9], None)),
        (":x 7\u{2013}9", without(&[7, 8, 9], None)),
        (":x 4-4", without(&[4], None)),
        (
            ":x 1-8 Ada Lovelace",
            without(&[1, 2, 3, 4, 5, 6, 7, 8], Some("Ada Lovelace")),
        ),
        (
            ":x 3 7-9   Ada 2 Lovelace",
            without(&[3, 7, 8, 9], Some("Ada 2 Lovelace")),
        ),
        (":x 3 2Pac", without(&[3], Some("2Pac"))),
    ];
    let wrong: Vec<_> = cases
        .into_iter()
        .map(|(line, answer)| (line, parse(line, 9, None), answer))
        .filter(|(_, found, answer)| found.as_ref() != Ok(answer))
        .collect();
    assert!(wrong.is_empty(), "(line, found, expected): {wrong:#?}");
}

#[test]
fn what_is_no_answer_says_what_is_expected() {
    let all =
        "that takes out all 9 faces; Enter leaves them for later, :i are strangers, :n not faces";
    let which = "say which faces to take out, as in :x 3 7-9; they are numbered 1 to 9";
    let cases = [
        (
            ":z",
            "there is no command \":z\"; :? shows what can be typed",
        ),
        (":", "there is no command \":\"; :? shows what can be typed"),
        (
            ":x3",
            "there is no command \":x3\"; :? shows what can be typed",
        ),
        (":q now", "nothing may follow :q, found \"now\""),
        (":x", which),
        (":x Ada", which),
        (":x ,", which),
        (
            ":x 12",
            "there is no face 12: the faces are numbered 1 to 9",
        ),
        (":x 0", "there is no face 0: the faces are numbered 1 to 9"),
        (
            ":x 3 50 Cent",
            "there is no face 50: the faces are numbered 1 to 9",
        ),
        (
            ":x 99999999999999999999999",
            "there is no face 99999999999999999999999: the faces are numbered 1 to 9",
        ),
        (
            ":x 8-10",
            "there is no face 10: the faces are numbered 1 to 9",
        ),
        (":x 9-7", "the range 9-7 runs backwards: write 7-9"),
        (
            ":x 3-",
            "\"3-\" is not a number or range of faces such as 3 or 7-9",
        ),
        (
            ":x -3",
            "\"-3\" is not a number or range of faces such as 3 or 7-9",
        ),
        (
            ":x 1-2-3",
            "\"1-2-3\" is not a number or range of faces such as 3 or 7-9",
        ),
        (":x 1-9", all),
        (":x 1-9 Ada", all),
        (":x 3 :i", "a name cannot begin with a colon: \":i\""),
        (
            "...",
            "a name needs a letter or a digit, or Flickr cannot keep it as a tag: \"...\"",
        ),
    ];
    let wrong: Vec<_> = cases
        .into_iter()
        .map(|(line, why)| (line, parse(line, 9, None).map_err(|e| e.to_string()), why))
        .filter(|(_, found, why)| found != &Err((*why).to_owned()))
        .collect();
    assert!(wrong.is_empty(), "(line, found, expected): {wrong:#?}");
}

#[test]
fn answers_to_is_this_ada() {
    let ada = name("Ada Lovelace");
    let cases = [
        ("", Ok(Typed::Later)),
        ("y", Ok(named("Ada Lovelace"))),
        (" YES ", Ok(named("Ada Lovelace"))),
        ("n", Ok(Typed::No)),
        ("No", Ok(Typed::No)),
        ("Nora", Ok(named("Nora"))),
        (":n", Ok(all(Decision::NotAFace))),
        (":x 2", Ok(without(&[2], None))),
        (":x 2 y", Ok(without(&[2], Some("Ada Lovelace")))),
        (":x 2 Yes", Ok(without(&[2], Some("Ada Lovelace")))),
        (":x 2 Nora", Ok(without(&[2], Some("Nora")))),
        (
            ":x 1-3",
            Err("that takes out every face; n says that they are not Ada Lovelace"),
        ),
        (
            ":x 4",
            Err("there is no face 4: the faces are numbered 1 to 3"),
        ),
    ];
    let wrong: Vec<_> = cases
        .into_iter()
        .map(|(line, expected)| {
            let found = parse(line, 3, Some(&ada)).map_err(|error| error.to_string());
            (line, found, expected.map_err(str::to_owned))
        })
        .filter(|(_, found, expected)| found != expected)
        .collect();
    assert!(wrong.is_empty(), "(line, found, expected): {wrong:#?}");
}

#[test]
fn faces_taken_out_before_stay_out() {
    let before = BTreeSet::from([2, 3]);
    let asked = Asked {
        faces: 4,
        out: &before,
        person: None,
        picking: false,
        next_threshold: false,
    };
    let cases = [
        ("Ada", Ok(without(&[2, 3], Some("Ada")))),
        (":x 1", Ok(without(&[1, 2, 3], None))),
        (":x 4 Ada", Ok(without(&[2, 3, 4], Some("Ada")))),
        (":x 2 Ada", Err("face 2 has been taken out already")),
        (
            ":x 1 4",
            Err(
                "that takes out all 4 faces; Enter leaves them for later, :i are strangers, :n not faces",
            ),
        ),
        (
            ":d",
            Err("there are no stricter groups to go on to; :d is for `cluster-faces sweep`"),
        ),
    ];
    for (line, expected) in cases {
        let found = Typed::parse(line, &asked).map_err(|error| error.to_string());
        assert_eq!(found, expected.map_err(str::to_owned), "{line}");
    }
}

#[test]
fn where_faces_are_picked_all_may_be() {
    let asked = Asked {
        faces: 2,
        out: &BTreeSet::new(),
        person: None,
        picking: true,
        next_threshold: false,
    };
    assert_eq!(
        Typed::parse(":x 1-2 Ada", &asked),
        Ok(without(&[1, 2], Some("Ada")))
    );
}

#[test]
fn a_name_may_be_a_slip() {
    let ada = name("Ada");
    let known = ["Ada".to_owned(), "No".to_owned()];
    // The name, who was asked about, whether it is doubtful.
    let cases = [
        ("Eve", None, false),
        ("yes", None, true),
        ("NO", None, false),
        ("Eve", Some(&ada), true),
        ("ada", Some(&ada), false),
    ];
    for (text, person, doubtful) in cases {
        let asked = Asked {
            faces: 1,
            out: &BTreeSet::new(),
            person,
            picking: false,
            next_threshold: false,
        };
        assert_eq!(
            asked.is_doubtful(&name(text), &known),
            doubtful,
            "{text} {person:?}"
        );
    }
}

proptest! {
    #[test]
    fn whatever_is_typed_takes_out_faces_that_are_there(
        line in "(:x )?[0-9, a:x-]{0,12}|\\PC{0,20}",
        faces in 0_usize..60,
    ) {
        if let Ok(Typed::TakeOut(out)) = parse(&line, faces, None) {
            prop_assert!(!out.is_empty() && out.len() < faces);
            prop_assert!(out.iter().all(|face| (1..=faces).contains(face)));
        }
    }
}

//! Flags of earlier versions that are subcommands now; `--left-out` is an alias of `--low-quality`.

use flickr_faces_terminal::old_flags::{
    OldFlag,
    OldValue::{self, Optional, Required, RequiredThen},
};

pub(crate) const OLD_FLAGS: [OldFlag; 15] = [
    OldFlag::new("--sweep", Optional, &["sweep"]),
    OldFlag::new("--web", OldValue::None, &["web"]),
    OldFlag::new("--report", OldValue::None, &["report"]),
    OldFlag::new("--journal", Optional, &["journal"]),
    OldFlag::new("--undo", Optional, &["undo"]),
    OldFlag::new("--people", OldValue::None, &["people"]),
    OldFlag::new("--show", Required, &["people", "show"]),
    OldFlag::new("--rename", Required, &["people", "rename"]),
    OldFlag::new("--merge", Required, &["people", "merge"]),
    OldFlag::new("--split", Required, &["people", "split"]),
    OldFlag::new("--take-back", Required, &["people", "take-back"]),
    OldFlag::new("--tag", Required, &["people", "tag"]),
    OldFlag::new("--nsid", Required, &["people", "nsid"]),
    OldFlag::new("--never-write", RequiredThen("no"), &["people", "write"]),
    OldFlag::new("--may-write", RequiredThen("yes"), &["people", "write"]),
];

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use clap::{CommandFactory, Parser};
    use flickr_faces_terminal::command_line;

    use super::*;
    use crate::cli::Arguments;

    /// What a line stands for today; parsed, as it must be understood.
    fn modern(line: &str) -> Result<String, String> {
        // A `+` in these lines is a space within an argument.
        let words = std::iter::once("cluster-faces").chain(line.split(' '));
        let words = words.map(|word| word.replace('+', " ").into()).collect();
        let words = command_line::words(words, &OLD_FLAGS, &Arguments::command())?;
        let text = words[1..].join(OsStr::new(" ")).into_string().unwrap();
        let parsed = Arguments::try_parse_from(&words);
        parsed.map(|_| text).map_err(|error| error.to_string())
    }

    #[test]
    fn every_old_flag_goes_on_working() {
        let cases = [
            ("--threshold 0.5", "--threshold 0.5"),
            ("-t 0.5 -m 2", "-t 0.5 -m 2"),
            ("--min-cluster 2", "--min-cluster 2"),
            ("--no-suggestions", "--no-suggestions"),
            ("--left-out", "--left-out"),
            ("--seed 7", "--seed 7"),
            ("--no-pictures", "--no-pictures"),
            ("--sweep", "sweep"),
            ("--sweep --no-pictures", "sweep --no-pictures"),
            ("--sweep=0.5:0.4:0.1", "sweep 0.5:0.4:0.1"),
            ("-m 2 --sweep 0.5:0.4:0.1", "sweep 0.5:0.4:0.1 -m 2"),
            ("--left-out --sweep", "sweep --left-out"),
            ("--report -m 2 --seed 1", "report -m 2 --seed 1"),
            ("--web --no-browser", "web --no-browser"),
            ("--port 8000 --web", "web --port 8000"),
            ("--web -t 0.5 --seed 1 -m 2", "web -t 0.5 --seed 1 -m 2"),
            ("--people", "people"),
            ("--people --json", "people --json"),
            (
                "--people -t 0.4 --no-pictures",
                "people -t 0.4 --no-pictures",
            ),
            ("--rename Ada=Ada+B", "people rename Ada=Ada B"),
            ("--people --rename Ada=B", "people rename Ada=B"),
            ("--merge Ada=B", "people merge Ada=B"),
            (
                "--split Ada --threshold 0.4 --part 1=Bob --part 2=Eve",
                "people split Ada --threshold 0.4 --part 1=Bob --part 2=Eve",
            ),
            ("--show Ada --no-pictures", "people show Ada --no-pictures"),
            ("--take-back Ada=3,7-9", "people take-back Ada=3,7-9"),
            ("--tag Ada=", "people tag Ada="),
            ("--never-write Ada", "people write Ada no"),
            ("--may-write=Ada", "people write Ada yes"),
            ("--nsid Ada=12345678@N00", "people nsid Ada=12345678@N00"),
            ("--journal", "journal"),
            ("--json --journal 5", "journal 5 --json"),
            ("--undo", "undo"),
            ("--undo 17", "undo 17"),
            ("-t 0.5 -m 2 web --port 80", "web -t 0.5 -m 2 --port 80"),
            ("--seed 1 sweep", "sweep --seed 1"),
            ("people -t 0.4 split Ada", "people split -t 0.4 Ada"),
        ];
        for (line, expected) in cases {
            assert_eq!(modern(line).as_deref(), Ok(expected), "{line}");
        }
    }

    #[test]
    fn what_excluded_each_other_still_does() {
        let cases = [
            "--report --sweep",
            "--report --threshold 0.5",
            "--report --left-out",
            "--report --no-suggestions",
            "--sweep --threshold 0.5",
            "--web --sweep",
            "--web --no-pictures",
            "--port 8000",
            "--no-browser",
            "--people --min-cluster 2",
            "--rename A=B --merge A=B",
            "--rename A=B --threshold 0.5",
            "--journal --sweep",
            "--journal 0",
            "--part 1=Ada",
            "--threshold 1.5",
            "--low-quality web",
            "-t 0.5 sweep",
            "people -t 0.5 show Ada",
        ];
        for line in cases {
            assert!(modern(line).is_err(), "{line}");
        }
    }
}

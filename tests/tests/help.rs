//! The text that people read first, and what a wrong command line does.

use std::process::Command;

use end_to_end::{Run, program};

/// What is printed in a terminal wider than the help is.
fn printed(name: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(program(name));
    command.args(arguments).env("COLUMNS", "200");
    let run = Run::of(command, "").ends_with(0);
    assert!(run.stderr.is_empty(), "{run}");
    // clap pads its empty lines, which no reader sees and editors take away.
    run.stdout
        .lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

/// A program and the words of each of its subcommands, as clap has them: the headings of the reference.
fn commands(name: &str) -> Vec<Vec<String>> {
    let reference = printed(name, &["markdown"]);
    let headings = reference
        .lines()
        .filter_map(|line| line.strip_prefix("## `"));
    headings
        .map(|line| {
            line.trim_end_matches('`')
                .split(' ')
                .skip(1)
                .map(str::to_owned)
                .collect()
        })
        .collect()
}

#[test]
fn every_help_fits_one_screen() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for name in ["download", "cluster-faces", "tag-photos"] {
        for command in commands(name) {
            let words: Vec<&str> = command.iter().map(String::as_str).collect();
            let help = printed(name, &[&words[..], &["--help"]].concat());
            let lines = help.lines().count();
            let columns = help.lines().map(|line| line.chars().count()).max();
            if lines > 40 || columns > Some(80) {
                wrong.push(format!(
                    "{name} {words:?}: {lines} lines, {columns:?} columns\n{help}"
                ));
            }
            for other in [
                [&words[..], &["-h"]].concat(),
                [&["help"], &words[..]].concat(),
            ] {
                assert_eq!(printed(name, &other), help, "{name} {other:?}");
            }
            seen += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 20, "{seen} commands");
}

#[test]
fn each_program_explains_itself() {
    insta::assert_snapshot!(printed("download", &["--help"]), @r"
    Fetch the photos of a Flickr account and find the faces in them

    Lists all your photos, oldest first, fetches each at or below MAX_SIZE, finds
    faces with DETECTION_METHOD and stores them. Stop it at any time with Ctrl-C and
    run it again: it goes on where it was, and finds what you have uploaded since.
    Nothing in your account is changed.

        download           sign in, fetch photos, find faces
        download status    show what is done so far
        download doctor    look for what is wrong with this machine
        download repair    rebuild a damaged store

    Usage: download [COMMAND] [OPTIONS]

    Commands:
      run     Fetch photos and find their faces; the default
      status  Show how far the store is, without asking Flickr
      doctor  Show what this machine has of what the programs need
      repair  Rebuild a damaged store from all that can be read of it

    Options:
          --no-browser              Sign in with a code to type, as over SSH
          --api-key <KEY>           Keep this API key, once Flickr knows it
          --api-secret-file <FILE>  Read its secret from FILE; - is standard input
          --max-size <PIXELS>       Fetch photos at or below this longest side
          --redo                    Process outdated photos again
          --relist                  List the whole account again
      -V, --version                 Print version

    Global options:
          --config <FILE>  Use this configuration file [default: config.ini]
      -v, --verbose...     Increase verbosity (-vv for debug)
      -q, --quiet          Show no progress, only warnings, errors and the summary
          --json           Print the summary as one JSON object
      -h, --help           Print this help; docs/cli.md says more

    Exit codes: 0 done, 1 wrong arguments or settings, 2 some photos failed,
    3 sign-in needed, 4 could not go on, 130 stopped by Ctrl-C
    ");
    insta::assert_snapshot!(printed("cluster-faces", &["--help"]), @r#"
    Group similar faces and give them names

    Asks first about faces that look like people you have named, then about clusters
    of the others, largest first. Every answer is saved at once, in the store and in
    tags.json, which tag-photos reads. A named face is never asked about again.

        cluster-faces                   ask here; the browser: cluster-faces web
        cluster-faces sweep             ask about the rest, more and more strictly
        cluster-faces people rename Ada "Ada Lovelace"

    Usage: cluster-faces [COMMAND] [OPTIONS]

    Commands:
      review   Ask who the faces are; the default
      sweep    Ask at one threshold after the other, down to a strict one
      web      Ask in the browser
      report   Show what each threshold would give, and which to begin with
      people   List the people who have names, and change what is known of them
      journal  List what was decided, the newest first
      undo     Undo a decision: the last one, or any entry of the journal

    Options:
      -t, --threshold <DISTANCE>  Link faces closer than this; lower is stricter
      -m, --min-cluster <FACES>   Ask about clusters of at least this many faces
          --seed <NUMBER>         Visit the faces in another order
          --no-suggestions        Do not ask about people who have names already
          --low-quality           Ask about faces of too low quality to be grouped
          --no-pictures           Show no pictures in the terminal
      -V, --version               Print version

    Global options:
          --config <FILE>  Use this configuration file [default: config.ini]
      -v, --verbose...     Increase verbosity (-vv for debug)
      -q, --quiet          Show no progress, only warnings, errors and the summary
          --json           Print the summary as one JSON object
      -h, --help           Print this help; docs/cli.md says more

    Exit codes: 0 done, 1 wrong arguments or settings, 2 some photos failed,
    3 sign-in needed, 4 could not go on, 130 stopped by Ctrl-C
    "#);
    insta::assert_snapshot!(printed("tag-photos", &["--help"]), @r"
    Write the names in tags.json to Flickr as tags

    Adds each name as a tag to that person's photos; public photos are skipped
    unless config.ini says `write_to = all`. Stop it at any time and run it again:
    nothing is written twice.

        tag-photos plan         show what would be written
        tag-photos              write it
        tag-photos undo --plan  show what an undo would remove

    Usage: tag-photos [COMMAND] [OPTIONS]

    Commands:
      plan    Show what would be written, and write nothing
      apply   Write the names to Flickr; the default
      verify  Compare Flickr with the names and with what was written
      undo    Remove what tag-photos added, and nothing else
      export  Write the names to files instead of Flickr

    Options:
          --notes          Add a note with the name to each known face, too
          --people         Add people who are Flickr members, too
          --only <NAME>    Only this person; repeat for more
          --except <NAME>  Everyone but this person; repeat for more
          --tags <FILE>    Use the names in this file, and not those of tags.json
          --limit <N>      Write to at most this many photos
          --again          Write again what was removed or refused on Flickr
          --full           List every photo
          --no-browser     Sign in with a code to type, as over SSH
      -V, --version        Print version

    Global options:
          --config <FILE>  Use this configuration file [default: config.ini]
      -v, --verbose...     Increase verbosity (-vv for debug)
      -q, --quiet          Show no progress, only warnings, errors and the summary
          --json           Print the summary as one JSON object
      -h, --help           Print this help; docs/cli.md says more

    Exit codes: 0 done, 1 wrong arguments or settings, 2 some photos failed or
    differ, 3 sign-in needed, 4 could not go on, 130 stopped by Ctrl-C
    ");
}

#[test]
fn a_wrong_command_line_ends_with_1() {
    struct Case {
        program: &'static str,
        arguments: &'static [&'static str],
        says: &'static str,
    }
    let cases = [
        Case {
            program: "download",
            arguments: &["--re-do"],
            says: "a similar argument exists: '--redo'",
        },
        Case {
            program: "download",
            arguments: &["photos"],
            says: "unrecognized subcommand 'photos'",
        },
        Case {
            program: "download",
            arguments: &["--quiet", "-v"],
            says: "cannot be used with",
        },
        Case {
            program: "cluster-faces",
            arguments: &["--threshold", "1.5"],
            says: "expected a distance above 0 and up to 1, such as 0.57",
        },
        Case {
            program: "cluster-faces",
            arguments: &["--threshold", "NaN"],
            says: "expected a distance above 0 and up to 1, such as 0.57",
        },
        Case {
            program: "cluster-faces",
            arguments: &["--min-cluster", "0"],
            says: "invalid value '0' for '--min-cluster <FACES>'",
        },
        Case {
            program: "tag-photos",
            arguments: &["--tags"],
            says: "a value is required for '--tags <FILE>'",
        },
        Case {
            program: "tag-photos",
            arguments: &["pla"],
            says: "a similar subcommand exists: 'plan'",
        },
        Case {
            program: "tag-photos",
            arguments: &["plan", "--verify"],
            says: "unexpected argument 'plan' found",
        },
        Case {
            program: "tag-photos",
            arguments: &["--outdated"],
            says: "unexpected argument '--outdated' found",
        },
        Case {
            program: "tag-photos",
            arguments: &["--limit", "3", "verify"],
            says: "unexpected argument '--limit' found",
        },
        Case {
            program: "cluster-faces",
            arguments: &["--low-quality", "web"],
            says: "unexpected argument '--low-quality' found",
        },
        Case {
            program: "cluster-faces",
            arguments: &["help", "wep"],
            says: "a similar subcommand exists: 'web'",
        },
        Case {
            program: "tag-photos",
            arguments: &["--undo", "--again"],
            says: "unexpected argument '--again' found",
        },
        Case {
            program: "tag-photos",
            arguments: &["--limit", "0"],
            says: "invalid value '0' for '--limit <N>'",
        },
    ];
    let mut wrong = Vec::new();
    for case in cases {
        let mut command = Command::new(program(case.program));
        command.args(case.arguments);
        let run = Run::of(command, "");
        if run.code != Some(1) || !run.stderr.contains(case.says) || !run.stdout.is_empty() {
            wrong.push(format!("{} {:?}: {run}", case.program, case.arguments));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_program_says_its_version() {
    for name in ["download", "cluster-faces", "tag-photos"] {
        assert_eq!(
            printed(name, &["--version"]),
            format!("{name} {}\n", env!("CARGO_PKG_VERSION"))
        );
    }
}

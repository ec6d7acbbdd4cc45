//! The text that people read first, and what a wrong command line does.

use std::process::Command;

use end_to_end::{Run, program};

/// As in a terminal of 100 columns.
fn help(name: &str, argument: &str) -> String {
    let mut command = Command::new(program(name));
    command.arg(argument).env("COLUMNS", "100");
    let run = Run::of(command, "").ends_with(0);
    assert!(run.stderr.is_empty(), "{run}");
    // clap pads its empty lines, which no reader sees and editors take away.
    run.stdout
        .lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

#[test]
fn download_short() {
    insta::assert_snapshot!(help("download", "-h"), @r"
    Fetch the photos of a Flickr account and find the faces in them

    Usage: download [OPTIONS] [COMMAND]

    Commands:
      run     Fetch photos and find their faces (the default)
      status  Show how far the store is, without asking Flickr

    Options:
          --no-browser  Sign in with a code to type, as over SSH
          --redo        Process outdated photos again
          --relist      List the whole account again
      -h, --help        Print help (see more with '--help')
      -V, --version     Print version

    Global options:
          --config <FILE>  Use this configuration file [default: config.ini]
      -v, --verbose...     Increase verbosity (-vv for debug)
      -q, --quiet          Show no progress, only warnings, errors and the summary
          --json           Print the summary as one JSON object

    Exit codes:
      0    done
      1    the arguments, config.ini or piped answers are wrong
      2    done, but some photos failed, each with its reason
      3    Flickr wants a sign-in, or does not know the API key
      4    it could not go on: network, disk, store or models
      130  stopped by Ctrl-C; run again to go on
    ");
}

#[test]
fn download_long() {
    insta::assert_snapshot!(help("download", "--help"), @r"
    Fetch the photos of a Flickr account and find the faces in them

    Lists all your photos, oldest first, fetches each at or below MAX_SIZE, finds faces with
    DETECTION_METHOD and stores them. Stop it at any time with Ctrl-C and run it again: it goes on where
    it was, and finds what you have uploaded since. Nothing in your account is changed.

    Usage: download [OPTIONS] [COMMAND]

    Commands:
      run     Fetch photos and find their faces (the default)
      status  Show how far the store is, without asking Flickr

    Options:
          --no-browser
              Sign in with a code to type, as over SSH

              Shows an address to open in any browser, on any machine, and asks for the nine-digit code
              that Flickr shows there.

          --redo
              Process outdated photos again

              Photos processed with another MAX_SIZE, DETECTION_METHOD, upsample, min_face or
              encoder_model than config.ini has now. Names stay with their faces.

          --relist
              List the whole account again

              Finds photos whose upload date was set back; needs one call per 500 photos.

      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Global options:
          --config <FILE>
              Use this configuration file

              [default: config.ini]

      -v, --verbose...
              Increase verbosity (-vv for debug)

      -q, --quiet
              Show no progress, only warnings, errors and the summary

          --json
              Print the summary as one JSON object

    Exit codes:
      0    done
      1    the arguments, config.ini or piped answers are wrong
      2    done, but some photos failed, each with its reason
      3    Flickr wants a sign-in, or does not know the API key
      4    it could not go on: network, disk, store or models
      130  stopped by Ctrl-C; run again to go on
    ");
}

#[test]
fn cluster_faces_short() {
    insta::assert_snapshot!(help("cluster-faces", "-h"), @r#"
    Group similar faces and give them names

    Usage: cluster-faces [OPTIONS] [COMMAND]

    Commands:
      review   Ask who the faces are; the default
      sweep    Ask at one threshold after the other, down to a strict one
      web      Ask in the browser
      report   Show what each threshold would give, and which to begin with
      people   List the people who have names, and change what is known of them
      journal  List what was decided, the newest first
      undo     Undo a decision: the last one, or any entry of the journal
      help     Print this message or the help of the given subcommand(s)

    Options:
      -t, --threshold <DISTANCE>  Link faces closer than this distance, above 0 and up to 1; lower is
                                  stricter
      -m, --min-cluster <FACES>   Ask about clusters of at least this many faces
          --seed <NUMBER>         Visit the faces in another order
          --no-suggestions        Do not ask about people who have names already
          --low-quality           List the faces of too low quality to be grouped, and ask about those
          --no-pictures           Show no pictures in the terminal, only where their files are
      -h, --help                  Print help (see more with '--help')
      -V, --version               Print version

    Global options:
          --config <FILE>  Use this configuration file [default: config.ini]
      -v, --verbose...     Increase verbosity (-vv for debug)
      -q, --quiet          Show no progress, only warnings, errors and the summary
          --json           Print the summary as one JSON object

    Examples:
      cluster-faces                     Ask who the faces are, here
      cluster-faces web                 Ask in the browser
      cluster-faces sweep               Ask about what is left, at lower thresholds
      cluster-faces people rename Ada "Ada Lovelace"
      cluster-faces undo                Undo the last decision
    "#);
}

#[test]
fn cluster_faces_long() {
    insta::assert_snapshot!(help("cluster-faces", "--help"), @r#"
    Group similar faces and give them names

    First asks about faces that look like people you have named: is this Ada? Then shows the other faces
    in clusters, largest first, and asks who it is. Every answer is saved at once, to the store and to
    tags.json, which tag-photos reads. A face that has a name is never asked about again.

    Usage: cluster-faces [OPTIONS] [COMMAND]

    Commands:
      review   Ask who the faces are; the default
      sweep    Ask at one threshold after the other, down to a strict one
      web      Ask in the browser
      report   Show what each threshold would give, and which to begin with
      people   List the people who have names, and change what is known of them
      journal  List what was decided, the newest first
      undo     Undo a decision: the last one, or any entry of the journal
      help     Print this message or the help of the given subcommand(s)

    Options:
      -t, --threshold <DISTANCE>
              Link faces closer than this distance, above 0 and up to 1; lower is stricter

              Default: THRESHOLD in config.ini, 0.6.

      -m, --min-cluster <FACES>
              Ask about clusters of at least this many faces

              Default: `min_cluster` in config.ini, 3; with --low-quality 1.

          --seed <NUMBER>
              Visit the faces in another order

              The same seed gives the same clusters. Default: `seed` in config.ini, 0.

          --no-suggestions
              Do not ask about people who have names already

              For scripts that give one line for each cluster.

          --low-quality
              List the faces of too low quality to be grouped, and ask about those

              The keys in config.ini that begin with `quality_` say which they are.

          --no-pictures
              Show no pictures in the terminal, only where their files are

      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Global options:
          --config <FILE>
              Use this configuration file

              [default: config.ini]

      -v, --verbose...
              Increase verbosity (-vv for debug)

      -q, --quiet
              Show no progress, only warnings, errors and the summary

          --json
              Print the summary as one JSON object

    Examples:
      cluster-faces                     Ask who the faces are, here
      cluster-faces web                 Ask in the browser
      cluster-faces sweep               Ask about what is left, at lower thresholds
      cluster-faces people rename Ada "Ada Lovelace"
      cluster-faces undo                Undo the last decision

    Exit codes:
      0    done
      1    the arguments, config.ini or piped answers are wrong
      2    done, but some photos failed, each with its reason
      3    Flickr wants a sign-in, or does not know the API key
      4    it could not go on: network, disk, store or models
      130  stopped by Ctrl-C; run again to go on
    "#);
}

#[test]
fn tag_photos_short() {
    insta::assert_snapshot!(help("tag-photos", "-h"), @r"
    Write the names in tags.json to Flickr as tags

    Adds each name as a tag to that person's photos. Public photos are skipped unless
    config.ini says `write_to = all`. Stop it at any time and run it again: nothing is
    written twice.

    Examples:
      tag-photos plan         show what would be written
      tag-photos              write it
      tag-photos --notes      write names on the faces, too
      tag-photos undo --plan  show what an undo would remove

    Usage: tag-photos [COMMAND] [OPTIONS]

    Commands:
      plan    Show what `apply` would write, and write nothing to Flickr
      apply   Add the names to your photos on Flickr: what tag-photos does without a command
      verify  Compare Flickr with the names and with what was written
      undo    Remove what tag-photos added, and nothing else
      export  Write the names to files instead of Flickr
      help    Print this message or the help of the given subcommand(s)

    Options:
      -h, --help     Print help
      -V, --version  Print version

    Global options:
          --config <FILE>  Use this configuration file [default: config.ini]
      -v, --verbose...     Increase verbosity (-vv for debug)
      -q, --quiet          Show no progress, only warnings, errors and the summary
          --json           Print the summary as one JSON object

    Exit codes:
      0    done; verify: Flickr matches the names
      1    the arguments, config.ini or tags.json are wrong
      2    done, but some photos failed; verify: something differs
      3    Flickr wants a sign-in, or does not know the API key
      4    it could not go on: network, disk or store
      130  stopped by Ctrl-C; run again to continue
    ");
}

#[test]
fn tag_photos_long() {
    insta::assert_snapshot!(help("tag-photos", "--help"), @r"
    Write the names in tags.json to Flickr as tags

    Adds each name as a tag to that person's photos. Public photos are skipped unless
    config.ini says `write_to = all`. Stop it at any time and run it again: nothing is
    written twice.

    Examples:
      tag-photos plan         show what would be written
      tag-photos              write it
      tag-photos --notes      write names on the faces, too
      tag-photos undo --plan  show what an undo would remove

    Usage: tag-photos [COMMAND] [OPTIONS]

    Commands:
      plan    Show what `apply` would write, and write nothing to Flickr
      apply   Add the names to your photos on Flickr: what tag-photos does without a command
      verify  Compare Flickr with the names and with what was written
      undo    Remove what tag-photos added, and nothing else
      export  Write the names to files instead of Flickr
      help    Print this message or the help of the given subcommand(s)

    Options:
      -h, --help     Print help
      -V, --version  Print version

    Global options:
          --config <FILE>  Use this configuration file [default: config.ini]
      -v, --verbose...     Increase verbosity (-vv for debug)
      -q, --quiet          Show no progress, only warnings, errors and the summary
          --json           Print the summary as one JSON object

    Exit codes:
      0    done; verify: Flickr matches the names
      1    the arguments, config.ini or tags.json are wrong
      2    done, but some photos failed; verify: something differs
      3    Flickr wants a sign-in, or does not know the API key
      4    it could not go on: network, disk or store
      130  stopped by Ctrl-C; run again to continue
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
            says: "expected a distance above 0 and up to 1, such as 0.6",
        },
        Case {
            program: "cluster-faces",
            arguments: &["--threshold", "NaN"],
            says: "expected a distance above 0 and up to 1, such as 0.6",
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
            help(name, "--version"),
            format!("{name} {}\n", env!("CARGO_PKG_VERSION"))
        );
    }
}

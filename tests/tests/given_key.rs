//! API key and secret by arguments, as scripts give them: in a folder in which nothing is yet.

use std::{fs, os::unix::fs::PermissionsExt, sync::Arc};

use end_to_end::{Home, Run, Terminal, sandbox};
use flickr_sandbox::{NewPhoto, Options, Sandbox};

/// An account of one photo, and an empty folder.
fn empty() -> (Arc<Sandbox>, Home) {
    let sandbox = sandbox(Options::default());
    sandbox.add_photo(NewPhoto::default()).unwrap();
    let home = Home::signed_out(&sandbox, &[]);
    fs::remove_file(home.path("config.ini")).unwrap();
    (sandbox, home)
}

/// The same after a `download` has made its config.ini there, which asks the sandbox from now on.
fn begun() -> (Arc<Sandbox>, Home) {
    let (sandbox, home) = empty();
    let _ = home.run("download", &[]).ends_with(1);
    home.set("flickr_url", sandbox.base_url());
    (sandbox, home)
}

fn sign_ins(sandbox: &Sandbox) -> u64 {
    sandbox.calls().oauth.values().sum()
}

/// config.ini as `download` writes both into it.
fn with_both(before: &str, sandbox: &Sandbox) -> String {
    before
        .replace("api_key =\n", &format!("api_key = {}\n", sandbox.key()))
        .replace(
            "api_secret =\n",
            &format!("api_secret = {}\n", sandbox.secret()),
        )
}

fn shows_none_of(run: &Run, sandbox: &Sandbox) {
    for secret in [sandbox.key(), sandbox.secret()] {
        assert!(
            !run.stdout.contains(secret) && !run.stderr.contains(secret),
            "{run}"
        );
    }
}

#[test]
fn a_script_gives_key_and_secret_once() {
    let (sandbox, home) = begun();
    let before = home.read("config.ini");
    home.write("secret", format!("{}\n", sandbox.secret()));
    let arguments = ["--api-key", sandbox.key(), "--api-secret-file", "secret"];
    let run = home
        .run("download", &[&arguments[..], &["-vv"]].concat())
        .ends_with(0)
        .complains(&[
            "Flickr knows them; saved in config.ini.",
            "Signed in as Sandbox Person.",
        ])
        .says(&["photos     1 processed"]);
    shows_none_of(&run, &sandbox);
    // With the index of the next photo, and nothing else.
    let after = with_both(&before, &sandbox).replace("start_image = 0\n", "start_image = 1\n");
    assert_eq!(home.read("config.ini"), after);
    let mode = fs::metadata(home.path("config.ini")).unwrap().permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
    // The same again, and without: nothing is tried a second time.
    let signed_in = sign_ins(&sandbox);
    for arguments in [&arguments[..], &[]] {
        let run = home.run("download", arguments).ends_with(0);
        assert!(!run.stderr.contains("Flickr knows them"), "{run}");
    }
    assert_eq!(sign_ins(&sandbox), signed_in);
    assert_eq!(home.read("config.ini"), after);
}

#[test]
fn a_secret_comes_through_a_pipe_or_is_typed_unseen() {
    let (sandbox, home) = begun();
    let before = home.read("config.ini");
    let arguments = [
        "run",
        "--no-browser",
        "--api-key",
        sandbox.key(),
        "--api-secret-file",
        "-",
    ];
    // The second line is the code of the sign-in, and there is none.
    let run = home
        .answer("download", &arguments, &format!("{}\r\n", sandbox.secret()))
        .ends_with(3)
        .complains(&[
            "Flickr knows them; saved in config.ini.",
            "type the nine-digit code",
        ]);
    shows_none_of(&run, &sandbox);
    assert_eq!(home.read("config.ini"), with_both(&before, &sandbox));

    home.write("config.ini", &before);
    let mut terminal = Terminal::run(&home, "download", &arguments);
    terminal
        .shows("Secret (not shown):")
        .types(sandbox.secret())
        .shows("Flickr knows them; saved in config.ini.")
        .shows("type the nine-digit code")
        .presses("\u{3}");
    let (code, screen) = terminal.ends();
    assert_eq!(code, Some(130), "{screen}");
    assert!(!screen.contains(sandbox.secret()), "{screen}");
    assert_eq!(home.read("config.ini"), with_both(&before, &sandbox));
}

#[test]
fn a_key_or_a_secret_that_flickr_does_not_know_is_not_kept() {
    let (sandbox, home) = begun();
    let before = home.read("config.ini");
    home.write("secret", sandbox.secret());
    home.write("other", "0123456789abcdef");
    let unknown = "0".repeat(32);
    for (key, file, says) in [
        (
            &*unknown,
            "secret",
            "error: Flickr does not know the key of --api-key\n",
        ),
        (
            sandbox.key(),
            "other",
            "error: the secret in other does not belong to the key of --api-key\n",
        ),
    ] {
        let run = home
            .run(
                "download",
                &["--api-key", key, "--api-secret-file", file, "-vv"],
            )
            .ends_with(3)
            .complains(&[
                says,
                "hint:  nothing was written; compare both with https://www.flickr.com/services/apps/by/me\n",
            ]);
        shows_none_of(&run, &sandbox);
        for given in [&*unknown, "0123456789abcdef"] {
            assert!(!run.stderr.contains(given), "{run}");
        }
        assert_eq!(home.read("config.ini"), before, "{run}");
    }
}

#[test]
fn arguments_that_cannot_be_right_leave_the_folder_empty() {
    let (sandbox, home) = empty();
    let key = sandbox.key();
    fs::create_dir(home.path("folder")).unwrap();
    home.write("empty", "");
    home.write("blank", "\n0123456789abcdef\n");
    home.write("words", "my secret, unseen\n");
    home.write("binary", [0xff, 0xfe, 0x00]);
    let there = fs::read_dir(home.folder()).unwrap().count();
    let not_one = |file: &str| {
        format!(
            "error: --api-secret-file: found something else (not shown) in the first line of {file}, expected the \
             secret of your Flickr app: letters and digits\n"
        )
    };
    let cannot_read = |file: &str| format!("error: --api-secret-file: cannot read {file}: ");
    let cases = [
        (key, Some("none"), cannot_read("none")),
        (key, Some("folder"), cannot_read("folder")),
        (key, Some("binary"), cannot_read("binary")),
        (key, Some("empty"), not_one("empty")),
        (key, Some("blank"), not_one("blank")),
        (key, Some("words"), not_one("words")),
        (key, Some("-"), not_one("standard input")),
        (
            "unseen?",
            Some("none"),
            "error: --api-key: found something else (not shown), expected the key of your Flickr app: letters and \
             digits\n"
                .to_owned(),
        ),
        (key, None, "--api-secret-file <FILE>".to_owned()),
    ];
    let wrong = |(key, file, says): &(&str, Option<&str>, String)| {
        let mut arguments = vec!["--api-key", key];
        arguments.extend(file.iter().flat_map(|file| ["--api-secret-file", file]));
        let run = home.run("download", &arguments);
        let is_right =
            run.code == Some(1) && run.stderr.contains(says) && !run.stderr.contains("unseen");
        (!is_right).then(|| format!("expected {says:?}: {run}"))
    };
    let wrong: Vec<_> = cases.iter().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let run = home
        .run("download", &["--api-secret-file", "empty"])
        .ends_with(1);
    assert!(run.stderr.contains("--api-key <KEY>"), "{run}");
    assert_eq!(fs::read_dir(home.folder()).unwrap().count(), there);
    assert_eq!(sandbox.calls().api() + sign_ins(&sandbox), 0);
}

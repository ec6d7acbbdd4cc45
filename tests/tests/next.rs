//! What comes before a program and after it: each says so, by the names that the person knows.

use end_to_end::{Home, Run, Sample, sample, sandbox};
use flickr_sandbox::{NewPhoto, Options};

const SETTINGS: [(&str, &str); 3] = [("MAX_SIZE", "500"), ("upsample", "0"), ("min_cluster", "2")];

#[test]
fn each_program_says_what_comes_before_and_after_as_it_was_started() {
    let sandbox = sandbox(Options::default());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("face.jpg");
    sample(Sample::Obama, 500, &file);
    for _ in 0..2 {
        let photo = NewPhoto {
            file: Some(file.clone()),
            private: true,
            ..NewPhoto::default()
        };
        sandbox.add_photo(photo).unwrap();
    }
    // Under the names that packages add, then under their own: the tags are on Flickr by then.
    for prefix in ["flickr-faces-", ""] {
        let home = Home::new(&sandbox, &SETTINGS);
        let run = |name: &str, arguments: &[&str], input: &str| {
            let mut command = home.command_as(&format!("{prefix}{name}"), name);
            command.args(arguments);
            Run::of(command, input)
        };
        let first = format!("hint:  run `{prefix}download` first, then `{prefix}cluster-faces`");
        let _ = run("tag-photos", &[], "").ends_with(1).complains(&[
            "error: nobody has a name yet, and tags.json is not there",
            &first,
        ]);
        let first = format!("no faces in the store yet: run `{prefix}download` first");
        let _ = run("cluster-faces", &[], "").ends_with(0).says(&[&first]);
        let _ = run("cluster-faces", &["report"], "")
            .ends_with(0)
            .says(&[&first]);
        let next = format!("\nNext: `{prefix}cluster-faces`, to name them.\n");
        let _ = run("download", &[], "").ends_with(0).says(&[&next]);
        let first = format!("hint:  run `{prefix}cluster-faces` first: 2 faces are in the store");
        let _ = run("tag-photos", &[], "").ends_with(1).complains(&[&first]);
        let next = format!("The names are in tags.json. Next: `{prefix}tag-photos`, which writes");
        let _ = run("cluster-faces", &[], "Ada\n")
            .ends_with(0)
            .says(&[&next]);
        let written = run("tag-photos", &[], "").ends_with(0);
        let next = format!("Next: `{prefix}tag-photos verify` compares with Flickr");
        assert_eq!(
            written.stdout.contains(&next),
            !prefix.is_empty(),
            "{written}"
        );
        // What shells complete, and what is to be typed.
        let said = run("download", &["--help"], "").ends_with(0);
        let _ = said.says(&[&format!("Usage: {prefix}download [COMMAND]")]);
        let said = run("download", &["completions", "bash"], "").ends_with(0);
        let _ = said.says(&[&format!(" {prefix}download\n")]);
    }
}

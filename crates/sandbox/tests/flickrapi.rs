//! The sandbox checked by flickrapi, a Flickr client in Python that is not part
//! of this project.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use flickr_sandbox::{Options, Sandbox};

/// The interpreter that has flickrapi and Pillow.
fn python() -> PathBuf {
    let cache = env::var_os("FLICKR_FACES_CACHE").map(PathBuf::from);
    let cache = cache
        .or_else(|| Some(PathBuf::from(env::var_os("XDG_CACHE_HOME")?).join("flickr-faces")))
        .or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache/flickr-faces")))
        .expect("one of FLICKR_FACES_CACHE, XDG_CACHE_HOME and HOME is set");
    let python = cache.join("python/bin/python");
    assert!(
        python.exists(),
        "{} is missing; run cargo xtask test, which installs it",
        python.display()
    );
    python
}

#[test]
fn flickrapi_signs_in_lists_and_tags() {
    let sandbox = Sandbox::start(Options::generate(12)).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/flickrapi_client.py");
    let output = Command::new(python())
        .arg(script)
        .args([sandbox.base_url(), sandbox.key(), sandbox.secret()])
        .arg(env!("CARGO_BIN_EXE_flickr-sandbox"))
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{printed}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let passed = printed.lines().filter(|line| line.starts_with("ok "));
    assert_eq!(passed.count(), 17, "{printed}");

    // What it wrote is in the library, and was written by POST.
    let tagged: Vec<_> = sandbox
        .photos()
        .into_iter()
        .filter(|photo| !photo.tags.is_empty())
        .map(|photo| (photo.title, photo.tags))
        .collect();
    let expected = ("Photo 1".to_owned(), vec!["Ann O'Neil-Smith é".to_owned()]);
    assert_eq!(tagged, [expected]);
    assert_eq!(sandbox.calls().writes_by_get, 0);
}

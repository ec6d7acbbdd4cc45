//! The sandbox checked by Flickr clients in Python that are not part of this
//! project: flickrapi, flickr_api and gallery-dl.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use flickr_sandbox::{NewPhoto, Options, Perms, Sandbox};

const APPROVE: &str = env!("CARGO_BIN_EXE_flickr-sandbox");

/// The interpreter that has the clients and Pillow.
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

/// Runs a script, which has to name so many things that work.
fn drive(script: &str, sandbox: &Sandbox, arguments: &[&str], works: usize) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients");
    let output = Command::new(python())
        .arg(format!("{folder}/{script}"))
        .args([sandbox.base_url(), sandbox.key(), sandbox.secret()])
        .args(arguments)
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{printed}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let passed = printed.lines().filter(|line| line.starts_with("ok "));
    assert_eq!(passed.count(), works, "{printed}");
}

/// More photos than a page of 100 has, some of them private, some in albums.
fn library() -> Sandbox {
    let sandbox = Sandbox::start(Options::default()).unwrap();
    for number in 0..130 {
        let album = match number % 5 {
            0 => Some("Sea"),
            1 => Some("Hills & dales"),
            _ => None,
        };
        let photo = NewPhoto {
            title: Some(format!("Photo {number} é \"&\"")),
            private: number % 10 == 7,
            album: album.map(str::to_owned),
            tags: vec!["Sea shore".to_owned(), format!("n{number}")],
            width: Some(200 + number),
            height: Some(160),
            ..NewPhoto::default()
        };
        sandbox.add_photo(photo).unwrap();
    }
    sandbox
}

#[test]
fn flickrapi_signs_in_lists_and_tags() {
    let sandbox = Sandbox::start(Options::generate(12)).unwrap();
    drive("flickrapi_client.py", &sandbox, &[APPROVE], 18);

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

#[test]
fn gallery_dl_downloads_every_photo() {
    let sandbox = library();
    let folder = tempfile::tempdir().unwrap();
    let (token, secret) = sandbox.issue_token(Perms::Read);
    let folder = folder.path().to_str().unwrap();
    drive(
        "gallery_dl_client.py",
        &sandbox,
        &[&token, &secret, folder],
        2,
    );
    let calls = sandbox.calls();
    // 117 are public; two pages each time.
    assert_eq!(calls.files, 117 + 130);
    assert_eq!(calls.of("flickr.people.getPhotos"), 4);
    assert_eq!(calls.of("flickr.photos.getAllContexts"), 117 + 130);
}

#[test]
fn flickr_api_signs_in_saves_and_tags() {
    let sandbox = library();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("saved");
    let folder = folder.to_str().unwrap();
    drive("flickr_api_client.py", &sandbox, &[APPROVE, folder], 5);
    let newest = sandbox.photos().pop().unwrap();
    assert_eq!(newest.tags, ["Sea shore", "n129", "Bo Example"]);
    assert_eq!(sandbox.calls().files, 5);
}

//! A small library with faces, downloaded once for all tests, and what became of it.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, LazyLock},
};

use end_to_end::{
    Browser, Home, KNOWN_CLUSTERS, Page, Row, Sample, add_copies, files_below, rows, sandbox,
};
use flickr_sandbox::{Options, Sandbox};
use tempfile::TempDir;

pub const ENTER: &str = "\u{e007}";
pub const ESC: &str = "\u{e00c}";
pub const RIGHT: &str = "\u{e014}";

/// Photos of each sample: at a strict threshold each is a cluster, largest first.
const TIMES: [(Sample, usize); 4] = [
    (Sample::Obama, 6),
    (Sample::Biden, 5),
    (Sample::Obama2, 4),
    (Sample::Obama3, 3),
];
/// Faces in all.
pub const FACES: usize = 18;
/// Copies of one photo are this near, two photos of one man are not.
pub const STRICT: &str = "./?threshold=0.1";
struct Downloaded {
    sandbox: Arc<Sandbox>,
    home: Home,
}

static DOWNLOADED: LazyLock<Downloaded> = LazyLock::new(|| {
    let sandbox = sandbox(Options::default());
    let folder = TempDir::new().unwrap();
    for (who, times) in TIMES {
        add_copies(&sandbox, folder.path(), who, times);
    }
    let home = Home::new(&sandbox, &KNOWN_CLUSTERS);
    let run = home.run("download", &["--json"]).ends_with(0).json();
    assert_eq!(run["faces"], FACES);
    Downloaded { sandbox, home }
});

/// A home of its own with all faces and photos.
pub fn home() -> Home {
    let home = Home::signed_out(&DOWNLOADED.sandbox, &KNOWN_CLUSTERS);
    let from = &DOWNLOADED.home;
    fs::copy(from.path("faces.sqlite"), home.path("faces.sqlite")).unwrap();
    fs::create_dir(home.path("photos")).unwrap();
    for photo in files_below(&from.path("photos")) {
        // Where an earlier version has put them.
        let name = photo.file_name().unwrap();
        fs::copy(&photo, home.path("photos").join(name)).unwrap();
    }
    home
}

/// A browser on the page, let in.
pub async fn enter(page: &Page) -> Browser {
    let browser = Browser::start().await;
    let_in(&browser, page).await;
    browser
}

/// Opens the page's first address, with the token.
pub async fn let_in(browser: &Browser, page: &Page) {
    browser.open(&page.url).await;
    browser.until("document.querySelector('#clusters')").await;
}

/// Opens a page by its address below the path that cannot be guessed.
pub async fn go(browser: &Browser, address: &str) {
    let script = format!(
        "new URL({}, document.baseURI).href",
        serde_json::json!(address)
    );
    let whole = browser.value(&script).await;
    browser.open(whole.as_str().unwrap()).await;
    ready(browser).await;
}

/// Waits until the page's script has begun: it does all at once.
pub async fn ready(browser: &Browser) {
    browser
        .until("document.documentElement.classList.contains('js')")
        .await;
}

/// Waits until the page has been on the screen for as long as an answer needs to count.
pub async fn seen(browser: &Browser) {
    browser.until("performance.now() > 1000").await;
}

/// Opens the first, and largest, cluster of copies of one photo.
pub async fn first_cluster(browser: &Browser) {
    go(browser, STRICT).await;
    browser
        .until("document.activeElement.matches('.card')")
        .await;
    browser.type_keys(ENTER).await;
    browser.until("document.activeElement.id === 'name'").await;
}

/// Answers the questions of the terminal about the copies of each photo, the largest group first.
pub fn answer(home: &Home, answers: &str) {
    let arguments = ["--threshold", "0.1", "--no-suggestions"];
    let _ = home
        .answer("cluster-faces", &arguments, answers)
        .ends_with(0);
}

/// Waits until so many of something are on the page.
pub async fn shows(browser: &Browser, what: &str, number: usize) {
    let script = format!("document.querySelectorAll('{what}').length === {number}");
    browser.until(&script).await;
}

/// Opens the photo of the first face of a question.
pub async fn open_photo(browser: &Browser) {
    browser
        .until("document.querySelector('#faces .face')")
        .await;
    browser.type_keys(&format!("{ESC}v")).await;
    browser
        .until("document.querySelector('dialog.photo[open] .box.this')")
        .await;
}

/// Puts the cursor where the face that a photo was opened for is named.
pub async fn name_on_photo(browser: &Browser) {
    browser.click("dialog.photo .box.this").await;
    browser
        .until("document.activeElement.matches('dialog.photo input')")
        .await;
}

/// Says of the first row of suggestions that nobody in it is who was asked for, and puts the cursor where their name goes.
pub async fn none_of_the_row(browser: &Browser) {
    go(browser, "suggestions").await;
    browser
        .until("document.querySelector('.row .none input')")
        .await;
    browser.click(".row .none input").await;
    browser.click(".row .wrong input[type=text]").await;
    seen(browser).await;
}

/// A dialog asks back, with this in its question.
pub async fn asked(browser: &Browser, text: &str) {
    browser
        .until("document.querySelector('dialog.sure[open]')")
        .await;
    let found = browser.text("dialog.sure p").await;
    assert!(found.contains(text), "{found}");
}

pub fn faces(home: &Home) -> Vec<Row> {
    rows(&home.path("faces.sqlite"), "faces", "photo")
}

/// How many faces have this decision; `NULL` where there is none.
pub fn decided(home: &Home, decision: &str) -> usize {
    let faces = faces(home);
    let decided = faces.iter().filter(|row| row["decision"] == decision);
    decided.count()
}

/// Everyone in tags.json, with how many photos, once it holds the answers given so far.
pub fn tagged(home: &Home) -> Vec<(String, usize)> {
    // The file follows an answer within a second.
    std::thread::sleep(std::time::Duration::from_millis(1300));
    let people = home.tagged().into_iter();
    people.map(|(name, photos)| (name, photos.len())).collect()
}

/// Where pictures of pages are written for people to look at.
pub fn screenshots() -> PathBuf {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots");
    fs::create_dir_all(&folder).unwrap();
    folder
}

//! What is asked back where a name may not be meant, and what others have answered meanwhile: on rows, photos, pairs and
//! for the rest.

use end_to_end::{Browser, Home, Page, execute, rows, wait_for};

use crate::library::{
    ENTER, ESC, STRICT, answer, asked, decided, enter, first_cluster, go, home, name_on_photo,
    none_of_the_row, open_photo, seen, shows, tagged,
};

/// This tab hears nothing of what others decide before it answers.
async fn deaf(browser: &Browser) {
    browser
        .value("(() => { window.fetch = ((real) => (where, ...rest) => String(where).startsWith('news') ? new Promise(() => {}) : real(where, ...rest))(window.fetch); })()")
        .await;
}

fn rejections(home: &Home) -> usize {
    rows(&home.path("faces.sqlite"), "rejections", "face").len()
}

#[test]
fn a_slip_in_a_row_is_asked_about_before_anything_is_decided() {
    let home = home();
    answer(&home, "Barack Obama\n");
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        none_of_the_row(&browser).await;
        browser.type_keys(&format!("Barack Obam{ENTER}")).await;
        asked(&browser, "There is Barack Obama (6 faces).").await;
        browser.type_keys(ESC).await;
        browser
            .until("!document.querySelector('dialog.sure')")
            .await;
        assert_eq!((decided(&home, "'named'"), rejections(&home)), (6, 0));

        browser.click(".row .wrong input[type=text]").await;
        browser.type_keys(ENTER).await;
        asked(&browser, "Is Barack Obam somebody else?").await;
        browser.click("dialog.sure .main").await;
        browser.told(": Barack Obam").await;
        let named = tagged(&home);
        assert_eq!(named[0].0, "Barack Obam", "{named:?}");
        assert_eq!(named[1], ("Barack Obama".to_owned(), 6));
    });
}

#[test]
fn a_slip_on_a_photo_is_asked_about_and_an_answer_elsewhere_is_told() {
    let home = home();
    answer(&home, "Barack Obama\n");
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        first_cluster(&browser).await;
        open_photo(&browser).await;
        name_on_photo(&browser).await;
        browser.type_keys(&format!("Barack Obam{ENTER}")).await;
        asked(&browser, "Is Barack Obam somebody else?").await;
        browser.type_keys(ESC).await;
        browser
            .until("!document.querySelector('dialog.sure') && document.querySelector('dialog.photo[open]')")
            .await;
        assert_eq!(decided(&home, "'named'"), 6);
        // Meanwhile the terminal has named all of the group.
        deaf(&browser).await;
        answer(&home, "Joe\n");
        browser.click("dialog.photo input[name=name]").await;
        browser.type_keys(ENTER).await;
        browser
            .told("Answered elsewhere meanwhile: this face is Joe now. Nothing was changed.")
            .await;
        assert_eq!(
            tagged(&home),
            [("Barack Obama".to_owned(), 6), ("Joe".to_owned(), 5)]
        );
    });
}

#[test]
fn who_would_be_twice_in_a_photo_is_taken_out() {
    let home = home();
    answer(&home, "Twin\n");
    // One photo shows two of them.
    execute(
        &home.path("faces.sqlite"),
        "UPDATE faces SET number = 7, photo = (SELECT photo FROM faces WHERE decision = 'named' ORDER BY id LIMIT 1)
         WHERE id = (SELECT id FROM faces WHERE photo = (SELECT id FROM photos ORDER BY uploaded LIMIT 1 OFFSET 6))",
    );
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        first_cluster(&browser).await;
        browser.type_keys(&format!("Twin{ENTER}")).await;
        asked(&browser, "Twin is on 1 of these photos already").await;
        assert_eq!(browser.text("dialog.sure .main").await, "Take them out");
        browser.click("dialog.sure .main").await;
        browser.told("4 faces: Twin").await;
        assert_eq!((decided(&home, "'named'"), rejections(&home)), (10, 1));
    });
}

#[test]
fn pairs_are_merged_or_told_apart_and_looked_at_again_before() {
    let home = home();
    answer(&home, "Barack\n\nObama\n");
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        go(&browser, "pairs").await;
        shows(&browser, "#pairs .row", 1).await;
        // The terminal has renamed one of them meanwhile.
        deaf(&browser).await;
        let _ = home
            .run("cluster-faces", &["people", "rename", "Obama", "Barack O."])
            .ends_with(0);
        seen(&browser).await;
        browser.click("#pairs .main").await;
        browser
            .told("Answered elsewhere meanwhile: Obama was merged, renamed or taken back.")
            .await;
        assert_eq!(tagged(&home).len(), 2);

        // Two people: never asked about again, until that is undone.
        browser
            .until("document.querySelector('#pairs')?.textContent.includes('Barack O.')")
            .await;
        go(&browser, "pairs").await;
        browser.click("#pairs .none input").await;
        seen(&browser).await;
        browser.click("#pairs .main").await;
        browser.told("not Barack").await;
        browser.until("!document.querySelector('#pairs')").await;
        browser.with_alt('u').await;
        browser.told("Undone: entry").await;
        go(&browser, "pairs").await;
        browser.until("document.querySelector('#pairs')").await;
        seen(&browser).await;
        browser.click("#pairs .main").await;
        browser.told("merged").await;
        assert_eq!(tagged(&home).len(), 1);
    });
}

#[test]
fn groups_without_a_name_are_said_to_be_one_and_stay_so() {
    let home = home();
    home.set("THRESHOLD", "0.1");
    let page = Page::serve(&home, &[]);
    let groups = async |browser: &Browser, number: usize| {
        go(browser, "./?regroup=1").await;
        shows(browser, ".card", number).await;
    };
    wait_for(async {
        let browser = enter(&page).await;
        groups(&browser, 4).await;
        go(&browser, "pairs").await;
        browser
            .until("document.querySelectorAll('#pairs .row').length > 0")
            .await;
        let pairs = browser
            .value("document.querySelectorAll('#pairs .row').length")
            .await;
        let pairs = usize::try_from(pairs.as_u64().unwrap()).unwrap();
        // The first is one person, the others are two.
        for row in 2..=pairs {
            let two = format!("#pairs .row:nth-child({row}) .none input");
            browser.click(&two).await;
        }
        seen(&browser).await;
        browser.click("#pairs .main").await;
        browser.told("1 pair is one person").await;
        browser.until("!document.querySelector('#pairs')").await;
        groups(&browser, 3).await;
    });
    // Another session knows it, and what is undone.
    drop(page);
    let _ = home
        .answer("cluster-faces", &["--no-suggestions"], "")
        .ends_with(0)
        .says(&["form 3 clusters of 2 or more"]);
    let _ = home.run("cluster-faces", &["undo"]).ends_with(0);
    let _ = home
        .answer("cluster-faces", &["--no-suggestions"], "")
        .ends_with(0)
        .says(&["form 4 clusters of 2 or more"]);
}

#[test]
fn the_rest_is_what_was_on_the_screen() {
    let home = home();
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        go(&browser, STRICT).await;
        deaf(&browser).await;
        answer(&home, "Ada\n");
        browser.click(".rest button").await;
        asked(&browser, "are strangers?").await;
        browser.click("dialog.sure .main").await;
        browser
            .told("Answered elsewhere meanwhile: of these faces 6 are Ada. Nothing of that was changed; 12 faces are left.")
            .await;
        assert_eq!(decided(&home, "'stranger'"), 0);
        browser.click(".rest button").await;
        asked(&browser, "are strangers?").await;
        browser.click("dialog.sure .main").await;
        browser.told("12 faces: strangers").await;
        assert_eq!(decided(&home, "'stranger'"), 12);
    });
}

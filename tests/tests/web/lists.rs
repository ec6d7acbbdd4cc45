//! What there is besides the questions: tags to press, what was set aside, small groups, the order of people, the journal,
//! and signs of life.

use end_to_end::{Page, execute, wait_for};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::library::{ENTER, answer, decided, enter, first_cluster, go, home, shows, tagged};

#[test]
fn a_tag_of_most_photos_is_a_button_that_writes_the_name() {
    let home = home();
    let tags = "UPDATE photos SET tags = 'garden grace' WHERE id IN (SELECT id FROM photos ORDER BY uploaded LIMIT 6)";
    execute(&home.path("faces.sqlite"), tags);
    let everywhere = "UPDATE photos SET tags = 'garden' WHERE id NOT IN (SELECT id FROM photos ORDER BY uploaded LIMIT 6)";
    execute(&home.path("faces.sqlite"), everywhere);
    // As it was typed on Flickr.
    let raw = "INSERT INTO own_tags (clean, raw) VALUES ('grace', 'Gr\u{e0}ce')";
    execute(&home.path("faces.sqlite"), raw);
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        first_cluster(&browser).await;
        shows(&browser, ".choices button", 1).await;
        let text = browser.text(".choices").await;
        assert!(text.contains("6 of 6"), "{text}");
        browser.click(".choices button").await;
        browser
            .until("document.activeElement.id === 'name' && document.getElementById('name').value === 'Gr\u{e0}ce'")
            .await;
        browser.type_keys(ENTER).await;
        browser.told("6 faces: Gr\u{e0}ce").await;
        assert_eq!(tagged(&home), [("Gr\u{e0}ce".to_owned(), 6)]);
    });
}

#[test]
fn contacts_are_offered_after_the_people_who_are_known() {
    let home = home();
    answer(&home, "\u{c9}xa\n");
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        first_cluster(&browser).await;
        let offered =
            "[...document.querySelectorAll('#known-name li')].map((li) => li.textContent).join()";
        browser.type_keys("ex").await;
        browser
            .until(&format!(
                "{offered} === '\u{c9}xa 6 faces,Ada Example on Flickr,Bob Example on Flickr,Cy Example on Flickr'"
            ))
            .await;
    });
}

#[test]
fn what_was_set_aside_can_be_named_after_all() {
    let home = home();
    answer(&home, ":i\n:n\n");
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        go(&browser, "set-aside?which=not-faces").await;
        assert_eq!(browser.text("h1").await, "5 pictures of no face");
        go(&browser, "set-aside").await;
        assert_eq!(browser.text("h1").await, "6 faces of strangers");
        shows(&browser, "#faces .face", 6).await;
        browser.click("#faces li:nth-child(2) .face").await;
        browser.until("document.activeElement.id === 'name'").await;
        browser.type_keys(&format!("Ada{ENTER}")).await;
        browser.told("1 face: Ada").await;
        browser
            .until("document.querySelector('h1')?.textContent === '5 faces of strangers'")
            .await;
        assert_eq!(
            (decided(&home, "'named'"), decided(&home, "'stranger'")),
            (1, 5)
        );
        // The note has the way back.
        browser.click("#notes .notice button[type=button]:not(.close), #notices .notice button:not(.close)").await;
        browser.told("Undone: entry 3").await;
        assert_eq!(decided(&home, "'stranger'"), 6);
    });
}

#[test]
fn faces_of_small_groups_are_chosen_and_named() {
    let home = home();
    home.set("min_cluster", "5");
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        go(&browser, "small?threshold=0.1").await;
        assert_eq!(browser.text("h1").await, "7 faces in small groups");
        shows(&browser, "#faces .face", 7).await;
        for place in [1, 2] {
            browser
                .click(&format!("#faces li:nth-child({place}) .face"))
                .await;
        }
        browser.type_keys(&format!("Eve{ENTER}")).await;
        browser.told("2 faces: Eve").await;
        browser
            .until("document.querySelector('h1')?.textContent === '5 faces in small groups'")
            .await;
        assert_eq!(tagged(&home), [("Eve".to_owned(), 2)]);
    });
}

#[test]
fn people_are_sorted_and_found_and_the_journal_shows_whom() {
    let home = home();
    answer(&home, "Zo\u{eb}\nBob\nAda\n");
    // Bob is on the newest photo.
    execute(
        &home.path("faces.sqlite"),
        "UPDATE photos SET uploaded = uploaded + 1000000 WHERE id IN (SELECT id FROM photos ORDER BY uploaded LIMIT 5 OFFSET 6)",
    );
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        go(&browser, "people").await;
        let order = "[...document.querySelectorAll('#people li:not([hidden])')].map((li) => li.dataset.name).join()";
        for (by, expected) in [
            ("faces", "Zo\u{eb},Bob,Ada"),
            ("name", "Ada,Bob,Zo\u{eb}"),
            ("date", "Bob,Ada,Zo\u{eb}"),
        ] {
            browser
                .value(&format!("(() => {{ const sort = document.getElementById('sort'); sort.value = '{by}'; sort.dispatchEvent(new Event('change')); }})()"))
                .await;
            assert_eq!(browser.value(order).await, expected, "{by}");
        }
        browser.click("#filter").await;
        browser.type_keys("zoe").await;
        browser.until(&format!("{order} === 'Zo\u{eb}'")).await;

        go(&browser, "journal").await;
        browser
            .until("document.querySelectorAll('main img').length >= 3 && [...document.querySelectorAll('main img')].every((image) => image.complete && image.naturalWidth > 0)")
            .await;
    });
}

#[test]
fn an_answer_that_waits_shows_a_sign_of_life_and_says_why() {
    let home = home();
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        first_cluster(&browser).await;
        // When each sign came and went, in order.
        browser
            .value("(() => { const seen = window.signs = []; const note = (sign) => { if (seen.at(-1) !== sign) seen.push(sign); };
                new MutationObserver(() => {
                    if (document.querySelector('.notice.wait')) note('wait');
                    else if (document.body.classList.contains('busy')) note('busy');
                    else note('none');
                }).observe(document.body, { attributes: true, childList: true, subtree: true, attributeFilter: ['class'] }); })()")
            .await;
        let options = SqliteConnectOptions::new().filename(home.path("faces.sqlite"));
        let mut other = SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::query("BEGIN IMMEDIATE")
            .execute(&mut other)
            .await
            .unwrap();
        browser.type_keys(&format!("Ada{ENTER}")).await;
        browser
            .told("Another program is writing to the store. Your answer waits for it.")
            .await;
        sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
        browser.told("6 faces: Ada").await;
        browser
            .until("!document.body.classList.contains('busy') && !document.querySelector('.notice.wait')")
            .await;
        let signs = browser.value("window.signs.join()").await;
        let signs = signs.as_str().unwrap();
        assert!(signs.contains("busy,wait"), "{signs}");
        assert_eq!(decided(&home, "'named'"), 6);
    });
}

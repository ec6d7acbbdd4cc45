//! People: renamed, merged, split, taken back; and one whose name is a script.

use end_to_end::{Page, wait_for};

use crate::library::{ENTER, decided, enter, first_cluster, go, home, tagged};

const SCRIPT: &str = "<script>document.title='owned'</script>";

#[test]
fn people_are_renamed_merged_split_and_taken_back() {
    let home = home();
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        first_cluster(&browser).await;
        for (name, told) in [
            ("Barack", "6 faces: Barack"),
            ("Joe Biden", "5 faces: Joe Biden"),
            ("Barack Obama", "4 faces: Barack Obama"),
        ] {
            browser.type_keys(&format!("{name}{ENTER}")).await;
            if name == "Barack Obama" {
                // Barack is known: is it he?
                browser
                    .until("document.querySelector('dialog.sure[open]')")
                    .await;
                browser.click("dialog.sure .main").await;
            }
            browser.told(told).await;
        }
        go(&browser, "people").await;
        assert_eq!(browser.text("h1").await, "3 people");
        browser.click("[data-name='Joe Biden'] a").await;
        browser
            .until("document.querySelector('h1')?.textContent === 'Joe Biden'")
            .await;
        browser
            .until("document.querySelectorAll('#photos img').length === 5")
            .await;

        browser
            .value("document.getElementById('rename').select()")
            .await;
        browser.click("#rename").await;
        browser
            .value("document.getElementById('rename').select()")
            .await;
        browser.type_keys(&format!("Barack{ENTER}")).await;
        browser.told("\"Barack\" already exists").await;
        browser
            .value("document.getElementById('rename').select()")
            .await;
        browser.type_keys(&format!("Joseph Biden{ENTER}")).await;
        browser.told("Done: Joe Biden is Joseph Biden.").await;
        assert_eq!(browser.text("h1").await, "Joseph Biden");

        go(&browser, "people").await;
        browser.click("[data-name='Barack'] a").await;
        browser
            .until("document.querySelector('h1')?.textContent === 'Barack'")
            .await;
        browser.click("#merge").await;
        browser.type_keys(&format!("Nobody Known{ENTER}")).await;
        browser.told("No one is called \"Nobody Known\"").await;
        browser
            .value("document.getElementById('merge').select()")
            .await;
        browser.type_keys(&format!("barack obama{ENTER}")).await;
        browser.told("Done: Barack is Barack Obama, merged.").await;
        assert_eq!(
            tagged(&home),
            [
                ("Barack Obama".to_owned(), 10),
                ("Joseph Biden".to_owned(), 5)
            ]
        );

        // Two photos under one name come apart again.
        browser
            .value("document.getElementById('split').value = '0.2'")
            .await;
        browser.click("form[action$=split] button").await;
        browser
            .until("document.querySelectorAll('.part').length === 2")
            .await;
        browser.click(".part:nth-of-type(3) input[type=text]").await;
        browser.type_keys("His Brother").await;
        browser
            .click(".part:nth-of-type(3) button[value=name]")
            .await;
        browser
            .told("Done: His Brother, split off Barack Obama.")
            .await;

        // One face is not his.
        go(&browser, "people").await;
        browser.click("[data-name='Barack Obama'] a").await;
        browser
            .until("document.querySelectorAll('#faces .face').length === 6")
            .await;
        browser.click("#question button[value=take-back]").await;
        browser.told("No face is chosen").await;
        browser.click("#faces li:nth-child(2) .face").await;
        browser.click("#question button[value=take-back]").await;
        browser.told("Done: not Barack Obama.").await;
        assert_eq!((decided(&home, "'named'"), decided(&home, "NULL")), (14, 4));

        // All of it is in the journal; the first entry there is the last that was decided.
        go(&browser, "journal").await;
        browser.click(".journal li:first-child button").await;
        browser.told("Undone").await;
        assert_eq!((decided(&home, "'named'"), decided(&home, "NULL")), (15, 3));
    });
}

#[test]
fn a_person_named_script_is_a_name() {
    let home = home();
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        first_cluster(&browser).await;
        browser.type_keys(&format!("{SCRIPT}{ENTER}")).await;
        browser.told(SCRIPT).await;
        assert_eq!(tagged(&home), [(SCRIPT.to_owned(), 6)]);
        // Completed, offered as the last, listed, shown, journalled: always text.
        browser.type_keys("scr").await;
        browser
            .until("document.querySelector('#known-name li')")
            .await;
        assert_eq!(browser.text("#known-name li span").await, SCRIPT);
        for (address, selector) in [
            ("people", ".who"),
            ("person/1", "h1"),
            ("person/1/split", "h1 a"),
            ("journal", ".what"),
        ] {
            go(&browser, address).await;
            browser
                .until(&format!("document.querySelector('{selector}')"))
                .await;
            assert_eq!(browser.text(selector).await, SCRIPT, "{address}");
            let scripts = browser
                .value("[...document.scripts].every((script) => script.src.endsWith('/main.js'))")
                .await;
            assert_eq!(scripts, true, "{address}");
            let title = browser.value("document.title").await;
            assert_ne!(title, "owned", "{address}");
        }
    });
}

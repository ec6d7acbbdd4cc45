//! No answer that was not meant: where keys go, what is held, what is kept.

use end_to_end::{Page, wait_for};

use crate::library::{ENTER, ESC, FACES, decided, enter, first_cluster, go, home, tagged};

const FIELD: &str = "document.getElementById('name').value";

#[test]
fn a_letter_typed_outside_the_field_is_text_and_a_click_gives_the_focus_back() {
    let home = home();
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        first_cluster(&browser).await;
        // The trial's script: a face clicked, then a name that begins with a command's letter.
        browser.click("#faces li:nth-child(2) .face").await;
        browser.until("document.activeElement.id === 'name'").await;
        browser.value("document.activeElement.blur()").await;
        browser.type_keys("Nora").await;
        assert_eq!(browser.value(FIELD).await, "Nora");
        browser.type_keys(ENTER).await;
        browser.told("5 faces: Nora").await;
        assert_eq!(decided(&home, "'not_a_face'"), 0);
        assert_eq!(tagged(&home), [("Nora".to_owned(), 5)]);

        // A face has the focus by the keyboard: the same.
        browser.until("document.activeElement.id === 'name'").await;
        browser
            .until("document.querySelector('#faces .face')")
            .await;
        browser
            .value("document.querySelector('#faces .face').focus()")
            .await;
        browser.type_keys("sxvl").await;
        assert_eq!(browser.value(FIELD).await, "sxvl");

        // What a keyboard writes with Option or AltGr is text, too.
        browser.value("document.activeElement.blur()").await;
        for letter in ['ñ', 'ß', 'ü'] {
            browser.with_option(letter).await;
        }
        assert_eq!(browser.value(FIELD).await, "sxvlñßü");
        assert_eq!(decided(&home, "'stranger'"), 0);
        assert_eq!(decided(&home, "NULL"), FACES - 5);
    });
}

#[test]
fn single_keys_are_commands_only_in_a_mode_that_is_seen_and_can_be_switched_off() {
    let home = home();
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        first_cluster(&browser).await;
        let mode = "document.body.classList.contains('key-mode')";
        let seen = "document.getElementById('mode').checkVisibility()";
        assert_eq!(browser.value(mode).await, false);
        // Esc empties the field first.
        browser.type_keys(&format!("x{ESC}")).await;
        assert_eq!(browser.value(FIELD).await, "");
        assert_eq!(browser.value(mode).await, false);
        browser.type_keys(ESC).await;
        browser.until(mode).await;
        assert_eq!(browser.value(seen).await, true);
        browser.click("#mode").await;
        assert_eq!(browser.value(mode).await, false);
        browser.until("document.activeElement.id === 'name'").await;

        // It answers one question, and is left with the next.
        browser.type_keys(&format!("{ESC}s")).await;
        browser.told("6 faces: strangers").await;
        browser
            .until("document.querySelector('.about b')?.textContent === '5 faces'")
            .await;
        assert_eq!(browser.value(mode).await, false);
        browser.type_keys("s").await;
        browser.until(&format!("{FIELD} === 's'")).await;
        assert_eq!(decided(&home, "'stranger'"), 6);

        // Switched off, Esc leads to the faces and letters stay letters.
        browser.type_keys(&format!("{ESC}?")).await;
        browser.until("document.getElementById('help').open").await;
        browser.click("#single-keys").await;
        browser.type_keys(ESC).await;
        browser.until("!document.getElementById('help').open").await;
        browser
            .value("document.getElementById('name').focus()")
            .await;
        browser.type_keys(&format!("{ESC}n")).await;
        assert_eq!(browser.value(FIELD).await, "n");
        assert_eq!(browser.value(mode).await, false);
        assert_eq!(decided(&home, "'not_a_face'"), 0);
    });
}

#[test]
fn a_key_that_is_held_decides_nothing() {
    let home = home();
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        first_cluster(&browser).await;
        browser.type_keys("Ada").await;
        browser.hold('\u{e007}', 30).await;
        browser.told("6 faces: Ada").await;
        browser.still_held('\u{e007}', 30).await;
        browser
            .until("document.querySelector('.about b')?.textContent === '5 faces'")
            .await;
        browser.type_keys(ESC).await;
        browser.hold('s', 30).await;
        browser.told("5 faces: strangers").await;
        browser
            .until("document.querySelector('.about b')?.textContent === '4 faces'")
            .await;
        browser.still_held('s', 30).await;
        tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
        assert_eq!(browser.text(".about b").await, "4 faces");
        assert_eq!(
            (decided(&home, "'named'"), decided(&home, "'stranger'")),
            (6, 5)
        );
    });
}

#[test]
fn what_is_typed_ahead_is_kept_whole_and_waits_for_its_question() {
    let home = home();
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        first_cluster(&browser).await;
        // At once, and every answer of the server is late.
        browser
            .value("(() => { window.fetch = ((real) => async (where, ...rest) => { await new Promise((go) => setTimeout(go, 400)); \
                    return real(where, ...rest); })(window.fetch); })()")
            .await;
        // What was taken out of the first question is not taken out of the second.
        browser.type_keys(&format!(":x 2{ENTER}")).await;
        browser
            .until("document.querySelectorAll('.face.out').length === 1")
            .await;
        browser
            .type_keys(&format!("Ada{ENTER}{ENTER}Grace{ENTER}Lin"))
            .await;
        browser.told("5 faces: Ada").await;
        // The second Enter was none of the next question's; the second name is.
        browser.told("5 faces: Grace").await;
        browser
            .until("document.querySelector('.about b')?.textContent === '4 faces'")
            .await;
        assert_eq!(browser.value(FIELD).await, "Lin");
        browser.type_keys(&format!("us{ENTER}")).await;
        browser.told("4 faces: Linus").await;
        assert_eq!(
            tagged(&home),
            [
                ("Ada".to_owned(), 5),
                ("Grace".to_owned(), 5),
                ("Linus".to_owned(), 4)
            ]
        );
    });
}

#[test]
fn a_reload_and_a_restart_keep_what_was_typed_and_taken_out() {
    let home = home();
    let page = Page::serve(&home, &[]);
    let port = page.host().split(':').nth(1).unwrap().to_owned();
    let browser = wait_for(async {
        let browser = enter(&page).await;
        first_cluster(&browser).await;
        browser.click("#faces li:nth-child(2) .face").await;
        browser.type_keys("Ada Love").await;
        browser.driver.refresh().await.unwrap();
        browser.until(&format!("{FIELD} === 'Ada Love'")).await;
        browser
            .until("document.querySelectorAll('.face.out').length === 1")
            .await;
        browser
    });
    assert_eq!(page.interrupt(), Some(0));
    // Without a port it takes the last one, and lets the open tab in.
    let page = Page::serve(&home, &[]);
    assert_eq!(page.host().split(':').nth(1).unwrap(), port);
    wait_for(async {
        browser
            .value("document.getElementById('name').focus()")
            .await;
        browser.type_keys(ENTER).await;
        browser.told("started again").await;
        assert_eq!(decided(&home, "NULL"), FACES, "nothing was decided unseen");
        browser
            .until("document.querySelectorAll('.face.out').length === 1")
            .await;
        browser.until(&format!("{FIELD} === 'Ada Love'")).await;
        browser.type_keys(&format!("{ESC}Ada{ENTER}")).await;
        browser.told("5 faces: Ada").await;
        go(&browser, "journal").await;
        assert_eq!(browser.text(".journal .what").await, "Ada");
    });
}

#[test]
fn nothing_a_person_aims_at_moves_between_questions() {
    let home = home();
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        for window in [(1280, 800), (390, 844)] {
            browser.looks(window, "light").await;
            first_cluster(&browser).await;
            let places = "[...document.querySelectorAll('.ask input, .ask button, .ask a')].map((element) => { \
                          const { x, y, width } = element.getBoundingClientRect(); return [element.id || element.value, x, y, width]; }) \
                          .filter(([id]) => id !== 'same')";
            let before = browser.value(places).await;
            browser
                .type_keys(&format!(
                    "A Person With A Very Long Name Indeed {}{ENTER}",
                    window.0
                ))
                .await;
            browser.told(": A Person").await;
            browser.until("document.querySelector('.about b')").await;
            assert_eq!(browser.value(places).await, before, "{window:?}");
        }
    });
}

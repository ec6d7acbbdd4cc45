//! What there is to look at beside a question: whole photos, several groups, covers, who is near.

use end_to_end::{Browser, Page, wait_for};

use crate::library::{
    ENTER, ESC, FACES, STRICT, decided, enter, first_cluster, go, home, name_on_photo, open_photo,
    shows, tagged,
};

/// Clicks while a key is held.
async fn click_with(browser: &Browser, selector: &str, key: &str) {
    browser
        .value(&format!(
            "document.querySelector('{selector}').dispatchEvent(new MouseEvent('click', \
             {{ bubbles: true, cancelable: true, detail: 1, {key}: true }}))"
        ))
        .await;
}

#[test]
fn a_face_is_named_on_its_photo_and_the_arrows_lead_on() {
    let home = home();
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        first_cluster(&browser).await;
        open_photo(&browser).await;
        let shown = "document.querySelector('dialog.photo').dataset.face";
        let first = browser.value(shown).await;
        browser.type_keys("\u{e014}").await;
        browser.until(&format!("{shown} !== {first}")).await;
        let second = browser.value(shown).await;
        name_on_photo(&browser).await;
        browser.type_keys(&format!("Ada{ENTER}")).await;
        browser.told("1 face: Ada").await;
        assert_eq!(tagged(&home), [("Ada".to_owned(), 1)]);
        browser
            .until("document.querySelector('.about b')?.textContent === '5 faces'")
            .await;
        // Another name for the same face: it is hers no longer.
        go(&browser, "person/1").await;
        browser
            .until("document.querySelector('#faces .face')")
            .await;
        browser.type_keys(ESC).await;
        browser
            .value("document.querySelector('#faces a.look').click()")
            .await;
        browser
            .until(&format!(
                "document.querySelector('dialog.photo[open]') && {shown} === {second}"
            ))
            .await;
        assert_eq!(browser.text("dialog.photo .box .who").await, "Ada");
        browser.click("dialog.photo .box.this").await;
        browser.type_keys(&format!("Grace{ENTER}")).await;
        browser.told("Grace").await;
        assert_eq!(tagged(&home), [("Grace".to_owned(), 1)]);
    });
}

#[test]
fn groups_are_chosen_and_named_together() {
    let home = home();
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        go(&browser, STRICT).await;
        shows(&browser, "a.card", 4).await;
        click_with(&browser, "li:nth-child(1) .card", "ctrlKey").await;
        click_with(&browser, "li:nth-child(3) .card", "shiftKey").await;
        assert_eq!(
            browser.text("#together p").await,
            "3 groups, 15 faces chosen"
        );
        click_with(&browser, "li:nth-child(2) .card", "ctrlKey").await;
        assert_eq!(
            browser.text("#together p").await,
            "2 groups, 10 faces chosen"
        );
        browser.click("#together .main").await;
        browser.until("document.activeElement.id === 'name'").await;
        assert_eq!(browser.text(".about b").await, "10 faces");
        browser.type_keys(&format!("Barack Obama{ENTER}")).await;
        browser.told("10 faces: Barack Obama").await;
        assert_eq!(decided(&home, "'named'"), 10);

        // Who is near is shown beside the next question; a click writes the name, and decides nothing.
        first_cluster(&browser).await;
        go(&browser, "./?threshold=0.1").await;
        shows(&browser, "a.card", 2).await;
        browser.click("li:nth-child(2) .card").await;
        browser
            .until("document.querySelector('.choices button')")
            .await;
        assert_eq!(browser.text(".choices button span").await, "Barack Obama");
        browser.click(".choices button").await;
        assert_eq!(
            browser.value("document.getElementById('name').value").await,
            "Barack Obama"
        );
        assert_eq!(decided(&home, "NULL"), FACES - 10);
    });
}

#[test]
fn a_finger_that_rests_chooses_groups_and_the_next_tap_another() {
    let home = home();
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        go(&browser, STRICT).await;
        shows(&browser, "#clusters .card", 4).await;
        let finger = |kind: &str, at: usize| {
            format!(
                "document.querySelectorAll('#clusters .card')[{at}].dispatchEvent(new PointerEvent('{kind}', \
                 {{ bubbles: true, cancelable: true, pointerType: 'touch', clientX: 5, clientY: 5 }}))"
            )
        };
        let chosen = "document.querySelectorAll('#clusters .card.chosen').length";
        browser.value(&finger("pointerdown", 0)).await;
        browser.until(&format!("{chosen} === 1")).await;
        browser.value(&finger("pointerup", 0)).await;
        // The click that follows is none.
        assert_eq!(browser.value(&finger("click", 0)).await, false);
        assert_eq!(browser.value(chosen).await, 1);
        browser.value(&finger("pointerdown", 2)).await;
        browser.value(&finger("pointerup", 2)).await;
        browser.value(&finger("click", 2)).await;
        assert_eq!(browser.value(chosen).await, 2);
        let text = browser.text("#together p").await;
        assert_eq!(text, "2 groups, 10 faces chosen");
    });
}

#[test]
fn a_person_has_the_cover_that_was_chosen_and_faces_are_marked_by_a_drag() {
    let home = home();
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        first_cluster(&browser).await;
        shows(&browser, "#faces .face", 6).await;
        // A drag over three faces takes them out.
        browser
            .drag(
                "#faces li:nth-child(1) .face",
                "#faces li:nth-child(3) .face",
            )
            .await;
        shows(&browser, ".face.out", 3).await;
        browser
            .drag(
                "#faces li:nth-child(1) .face",
                "#faces li:nth-child(3) .face",
            )
            .await;
        shows(&browser, ".face.out", 0).await;
        browser
            .value("document.getElementById('name').focus()")
            .await;
        browser.type_keys(&format!("Ada{ENTER}")).await;
        browser.told("6 faces: Ada").await;

        go(&browser, "person/1").await;
        shows(&browser, "#faces .face", 6).await;
        let last = browser
            .value("document.querySelector('#faces li:nth-child(6) .face').dataset.face")
            .await;
        browser.click("#question [value=cover]").await;
        browser.told("No face is chosen").await;
        browser.click("#faces li:nth-child(6) .face").await;
        browser.click("#question [value=cover]").await;
        browser.told("This face stands for Ada now.").await;
        browser
            .until(&format!(
                "document.querySelector('.portrait').src.endsWith('crop/' + {last})"
            ))
            .await;
    });
    drop(page);
    // It is kept.
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        go(&browser, "person/1").await;
        shows(&browser, "#faces .face", 6).await;
        let shown = browser
            .value("document.querySelector('.portrait').src")
            .await;
        let first = browser
            .value("document.querySelector('#faces .face').dataset.face")
            .await;
        assert!(
            !shown.as_str().unwrap().ends_with(first.as_str().unwrap()),
            "{shown}"
        );
    });
}

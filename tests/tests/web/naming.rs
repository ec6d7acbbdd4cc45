//! Clusters and suggestions, by keyboard alone.

use end_to_end::{Page, rows, wait_for};
use serde_json::json;

use crate::library::{
    ENTER, ESC, FACES, RIGHT, STRICT, asked, decided, enter, first_cluster, go, home,
    none_of_the_row, ready, seen, shows, tagged,
};

#[test]
fn a_cluster_is_named_a_face_taken_out_and_all_undone() {
    let home = home();
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        let address = browser.value("location.href").await;
        assert!(!address.as_str().unwrap().contains("token"), "{address}");
        assert_eq!(
            browser.value("document.cookie").await,
            "",
            "no script sees it"
        );
        first_cluster(&browser).await;
        assert_eq!(browser.text(".about b").await, "6 faces");

        // An Enter that is still held from the page before sends the empty form and is no answer.
        browser
            .value("document.getElementById('question').requestSubmit()")
            .await;
        assert_eq!(browser.text(".about b").await, "6 faces");

        // The second face out; the others are Ada.
        browser.type_keys(ESC).await;
        browser
            .until("document.activeElement.dataset.at === '0'")
            .await;
        browser.type_keys(RIGHT).await;
        browser
            .until("document.activeElement.dataset.at === '1'")
            .await;
        browser.type_keys("x").await;
        browser
            .until("document.activeElement.getAttribute('aria-checked') === 'false'")
            .await;
        assert_eq!(
            browser.text("#chosen").await,
            "1 face is taken out, 5 are named"
        );
        // The letter is a command no longer once the field is asked for.
        browser.type_keys("/").await;
        browser.type_keys(&format!("Ada Lovelace{ENTER}")).await;
        browser.told("5 faces: Ada Lovelace").await;
        assert_eq!(decided(&home, "'named'"), 5);
        assert_eq!(
            rows(&home.path("faces.sqlite"), "rejections", "face").len(),
            1
        );
        assert_eq!(tagged(&home), [("Ada Lovelace".to_owned(), 5)]);

        // On the next cluster: a name that begins another, though that is offered.
        assert_eq!(browser.text(".about b").await, "5 faces");
        browser.type_keys("ada").await;
        browser
            .until("document.querySelector('#known-name li span')?.textContent === 'Ada Lovelace'")
            .await;
        browser.type_keys(ENTER).await;
        browser
            .until("document.querySelector('dialog.sure[open]')")
            .await;
        browser.click("dialog.sure .main").await;
        browser.told("5 faces: ada").await;
        assert_eq!(
            tagged(&home),
            [("ada".to_owned(), 5), ("Ada Lovelace".to_owned(), 5)]
        );

        // The same as last, undone; then strangers, by a command; not faces, by a key.
        browser.type_keys(&format!("={ENTER}")).await;
        browser.told("4 faces: ada").await;
        browser.with_alt('u').await;
        browser.told("Undone: entry 3, ada.").await;
        browser
            .until("document.querySelector('.about b')?.textContent === '4 faces'")
            .await;
        assert_eq!(decided(&home, "'named'"), 10);
        browser.type_keys(&format!(":i{ENTER}")).await;
        browser.told("4 faces: strangers").await;
        browser.type_keys(&format!(":x 9{ENTER}")).await;
        browser.told("There is no face 9").await;
        browser.with_alt('n').await;
        browser.told("3 faces: not faces").await;
        assert_eq!(
            (
                decided(&home, "'stranger'"),
                decided(&home, "'not_a_face'"),
                decided(&home, "NULL")
            ),
            (4, 3, 1)
        );

        // Loaded again, nothing is asked again, and the note is gone.
        browser.driver.refresh().await.unwrap();
        browser
            .until("document.querySelector('.empty') && !document.querySelector('.notice')")
            .await;
        // Undo goes back over what this tab did, loaded again or not.
        browser.with_alt('u').await;
        browser.told("Undone: entry 6, not faces.").await;
        browser.with_alt('u').await;
        browser.told("Undone: entry 5, strangers.").await;
        assert_eq!(decided(&home, "NULL"), FACES - 10);
    });
    assert_eq!(page.interrupt(), Some(0), "Ctrl-C is how it ends");
}

#[test]
fn what_is_not_a_name_changes_nothing() {
    let home = home();
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        first_cluster(&browser).await;
        browser.type_keys(&format!("...{ENTER}")).await;
        browser.told("name needs a letter or a digit").await;
        assert_eq!(decided(&home, "NULL"), FACES);
        assert_eq!(
            browser.value("document.getElementById('name').value").await,
            "..."
        );
        // Enter with nothing typed is "later": the next one.
        browser
            .value("document.getElementById('name').select()")
            .await;
        browser.type_keys(&format!("\u{e017}{ENTER}")).await;
        browser
            .until("document.querySelector('.about b')?.textContent === '5 faces'")
            .await;
        assert_eq!(decided(&home, "NULL"), FACES);
        // Not offered as the last name.
        ready(&browser).await;
        let same = "document.getElementById('same').disabled";
        assert_eq!(browser.value(same).await, true);
    });
}

#[test]
fn a_typed_line_means_what_it_means_in_the_terminal() {
    let home = home();
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        first_cluster(&browser).await;
        shows(&browser, "#faces .face", 6).await;
        let third = browser
            .value("document.querySelector('[data-at=\"2\"]').dataset.face")
            .await;
        let out = "[...document.querySelectorAll('.face.out .number')].map((n) => n.textContent).join(' ')";

        // Numbers alone take faces out, and the question stays.
        browser.type_keys(&format!(":x 2-3{ENTER}")).await;
        browser.until(&format!("{out} === '2 3'")).await;
        assert_eq!(
            browser.value("document.getElementById('name').value").await,
            ""
        );
        browser.type_keys(&format!(":x 3 Ada{ENTER}")).await;
        browser.told("Face 3 has been taken out already").await;
        for wrong in [
            (":x 9 Ada", "There is no face 9"),
            (":z", "There is no command \":z\""),
            (":x 1 4-6", "That takes out all 6 faces"),
            (":d", "There are no stricter groups"),
        ] {
            browser
                .value("document.getElementById('name').value = ''")
                .await;
            browser.type_keys(&format!("{}{ENTER}", wrong.0)).await;
            browser.told(wrong.1).await;
        }
        browser
            .value("document.getElementById('name').value = ''")
            .await;
        browser.type_keys(&format!(":?{ENTER}")).await;
        browser.until("document.getElementById('help').open").await;
        browser
            .value("document.getElementById('help').close()")
            .await;
        assert_eq!(decided(&home, "NULL"), FACES);

        // Both in again; then face 3 out, and the rest has a name that begins with a digit.
        browser.click("#faces li:nth-child(2) .face").await;
        browser.click("#faces li:nth-child(3) .face").await;
        browser.until(&format!("{out} === ''")).await;
        browser.type_keys("/").await;
        browser.type_keys(&format!(":x 3 2Pac{ENTER}")).await;
        browser.told("5 faces: 2Pac").await;
        assert_eq!(tagged(&home), [("2Pac".to_owned(), 5)]);
        let rejected = rows(&home.path("faces.sqlite"), "rejections", "face");
        assert_eq!(rejected.len(), 1);
        assert_eq!(
            rejected[0]["face"],
            format!("'{}'", third.as_str().unwrap())
        );

        // The same as last is the name, without the command before it.
        browser
            .value("document.getElementById('notices').textContent = ''")
            .await;
        browser.type_keys(&format!("={ENTER}")).await;
        browser.told("5 faces: 2Pac").await;
        browser.type_keys(&format!(":u{ENTER}")).await;
        browser.told("Undone: entry 2, 2Pac.").await;
        assert_eq!(decided(&home, "'named'"), 5);

        // "y" answers another question: it becomes a name only when confirmed.
        browser.type_keys(&format!("y{ENTER}")).await;
        browser
            .until("document.querySelector('dialog.sure[open]')")
            .await;
        assert_eq!(decided(&home, "'named'"), 5);
        browser.click("dialog.sure .main").await;
        browser.told("5 faces: y").await;
        assert_eq!(tagged(&home), [("2Pac".to_owned(), 5), ("y".to_owned(), 5)]);
    });
}

#[test]
fn known_people_are_rows_on_one_screen() {
    let home = home();
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        first_cluster(&browser).await;
        browser.type_keys(&format!("Barack Obama{ENTER}")).await;
        browser.told("6 faces: Barack Obama").await;
        go(&browser, "suggestions").await;
        browser
            .until("document.querySelectorAll('.row .pick').length > 1")
            .await;
        assert_eq!(browser.text(".row .known a").await, "Barack Obama");
        let asked = browser
            .value("document.querySelectorAll('.row .pick').length")
            .await;
        let asked = usize::try_from(asked.as_u64().unwrap()).unwrap();

        // One face is wrong; Enter says that all others are right.
        browser.click(".row .pick:nth-child(2)").await;
        browser
            .value("document.querySelector('.screen .main').focus()")
            .await;
        seen(&browser).await;
        browser.type_keys(ENTER).await;
        browser.told(": Barack Obama").await;
        assert_eq!(decided(&home, "'named'"), 6 + asked - 1);
        assert_eq!(
            rows(&home.path("faces.sqlite"), "rejections", "face").len(),
            1
        );
        // One entry takes all of it back.
        browser.with_alt('u').await;
        browser.told("Undone: entry 2").await;
        assert_eq!(decided(&home, "'named'"), 6);

        // None of a row, and who it is instead.
        none_of_the_row(&browser).await;
        browser.type_keys(&format!("Jordan{ENTER}")).await;
        browser.told(": Jordan").await;
        assert_eq!(decided(&home, "'named'"), 6 + asked);
        assert_eq!(
            tagged(&home),
            [("Barack Obama".to_owned(), 6), ("Jordan".to_owned(), asked)]
        );
        // One answer: one undoing takes the name back, and that they are not who was asked for.
        browser.with_alt('u').await;
        browser.told("Undone: entry").await;
        assert_eq!(decided(&home, "'named'"), 6);
        let rejections = rows(&home.path("faces.sqlite"), "rejections", "face");
        assert_eq!(rejections.len(), 0);
    });
}

#[test]
fn a_slip_and_two_of_one_in_a_photo_are_asked_about_and_the_rest_is_one_answer() {
    let home = home();
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        first_cluster(&browser).await;
        browser.type_keys(&format!("Barack Obama{ENTER}")).await;
        browser.told("6 faces: Barack Obama").await;
        // A letter too few: asked about, and left by Esc with what was typed in the field.
        browser
            .until("document.querySelector('.about b')?.textContent === '5 faces'")
            .await;
        browser.type_keys(&format!("Barack Obam{ENTER}")).await;
        asked(&browser, "Barack Obama").await;
        browser.type_keys(ESC).await;
        browser
            .until("document.getElementById('name').value === 'Barack Obam'")
            .await;
        assert_eq!(decided(&home, "'named'"), 6);
        // An Enter more is Back, and no answer.
        browser.type_keys(ENTER).await;
        browser
            .until("document.querySelector('dialog.sure[open]')")
            .await;
        browser.type_keys(ENTER).await;
        browser
            .until("!document.querySelector('dialog.sure')")
            .await;
        assert_eq!(decided(&home, "'named'"), 6);

        go(&browser, STRICT).await;
        browser.click(".rest button").await;
        browser
            .until("document.querySelector('dialog.sure[open]')")
            .await;
        browser.click("dialog.sure .main").await;
        browser.told("12 faces: strangers").await;
        assert_eq!(decided(&home, "'stranger'"), 12);
        browser.with_alt('u').await;
        browser.told("Undone: entry 2, strangers.").await;
        assert_eq!(decided(&home, "NULL"), 12);
    });
}

#[test]
fn the_slider_groups_again_and_the_whole_photo_is_shown() {
    let home = home();
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        shows(&browser, ".card", 2).await;
        go(&browser, STRICT).await;
        shows(&browser, ".card", 4).await;
        assert_eq!(browser.text("#summary").await, "18 faces in 4 clusters");
        // From 0.10 to 0.60 by the keyboard.
        browser
            .value("document.getElementById('threshold').focus()")
            .await;
        browser.type_keys(&RIGHT.repeat(50)).await;
        shows(&browser, ".card", 2).await;
        assert_eq!(browser.text("#distance").await, "0.60");

        first_cluster(&browser).await;
        browser.type_keys(ESC).await;
        browser.type_keys("v").await;
        browser
            .until("document.querySelector('dialog.photo[open] img')?.naturalWidth > 200")
            .await;
        // The box lies within the photo, around something of a face's size.
        let rect = browser
            .value("(() => { const r = document.querySelector('dialog.photo .box.this').getBoundingClientRect(), \
                    i = document.querySelector('dialog.photo img').getBoundingClientRect(); \
                    return { inside: r.left >= i.left && r.right <= i.right && r.top >= i.top && r.bottom <= i.bottom, \
                    part: r.width / i.width }; })()")
            .await;
        assert_eq!(rect["inside"], true, "{rect}");
        assert!(
            (0.1..0.9).contains(&rect["part"].as_f64().unwrap()),
            "{rect}"
        );
        let link = browser
            .value("document.querySelector('dialog.photo a[target]').href")
            .await;
        assert!(
            link.as_str()
                .unwrap()
                .starts_with("https://www.flickr.com/photos/"),
            "{link}"
        );
        browser.type_keys(ESC).await;
        browser
            .until("!document.querySelector('dialog.photo[open]')")
            .await;
        browser.type_keys("?").await;
        browser.until("document.getElementById('help').open").await;

        // Whatever was loaded came from this server.
        let hosts = browser
            .value("[...new Set(performance.getEntriesByType('resource').map((r) => new URL(r.name).host))]")
            .await;
        assert_eq!(hosts, json!([page.host()]));
    });
}

#[test]
fn after_the_last_answer_the_next_step_is_named() {
    let home = home();
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        first_cluster(&browser).await;
        for left in [12, 7, 3, 0] {
            browser.type_keys(&format!(":i{ENTER}")).await;
            browser
                .until(&format!(
                    "document.getElementById('left').textContent === '{left}'"
                ))
                .await;
            ready(&browser).await;
        }
        let empty = browser.text("#empty").await;
        assert!(empty.starts_with("Nothing left to review."), "{empty}");
        assert_eq!(decided(&home, "'stranger'"), FACES);
    });
}

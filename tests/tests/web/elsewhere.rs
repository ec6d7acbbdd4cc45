//! Two tabs, and the terminal beside the page: nobody overrules an answer that they have not seen.

use end_to_end::{Page, wait_for};

use crate::library::{ENTER, decided, enter, first_cluster, home, tagged};

#[test]
fn what_another_tab_has_decided_unseen_is_not_overruled() {
    let home = home();
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        first_cluster(&browser).await;
        let first = browser.driver.window().await.unwrap();
        let address = browser.value("location.href").await;
        let second = browser.driver.new_tab().await.unwrap();
        browser
            .driver
            .switch_to_window(second.clone())
            .await
            .unwrap();
        browser.open(address.as_str().unwrap()).await;
        browser.until("document.activeElement.id === 'name'").await;
        // This tab is slow to hear: it has not asked yet when it answers.
        browser.value("(() => { window.fetch = ((real) => (where, ...rest) => String(where).startsWith('news') ? new Promise(() => {}) : real(where, ...rest))(window.fetch); })()").await;

        browser
            .driver
            .switch_to_window(first.clone())
            .await
            .unwrap();
        browser.type_keys(&format!("Ada{ENTER}")).await;
        browser.told("6 faces: Ada").await;

        browser.driver.switch_to_window(second).await.unwrap();
        browser.type_keys(&format!("Grace{ENTER}")).await;
        browser
            .told("Answered elsewhere meanwhile: of these faces 6 are Ada. Nothing of that was changed; none is left.")
            .await;
        assert_eq!(tagged(&home), [("Ada".to_owned(), 6)]);
    });
}

#[test]
fn what_the_terminal_decides_is_skipped_here() {
    let home = home();
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        first_cluster(&browser).await;
        // Faces 2 and 3 are someone else's: the terminal asks about them next.
        let terminal = home.answer(
            "cluster-faces",
            &["--threshold", "0.1", "--no-suggestions"],
            ":x 2-3 Ada\n",
        );
        let _ = terminal.ends_with(0);
        assert_eq!(decided(&home, "'named'"), 4);
        browser
            .told("Decided elsewhere: Ada (4 faces). 4 faces of this page")
            .await;
        browser
            .until("document.querySelectorAll('.face.out').length === 4")
            .await;
        browser.type_keys(&format!("Grace{ENTER}")).await;
        browser.told("2 faces: Grace").await;
        assert_eq!(
            tagged(&home),
            [("Ada".to_owned(), 4), ("Grace".to_owned(), 2)]
        );
        // And the terminal goes on from there.
        let again = home.run("cluster-faces", &["--threshold", "0.1", "--no-suggestions"]);
        let _ = again.ends_with(0).says(&["12 faces without a name"]);
    });
}

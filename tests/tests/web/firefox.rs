//! The page in Firefox: its keys, and every page in both sizes.

use end_to_end::{Firefox, Page, axe};

use crate::library::{ENTER, ESC, STRICT, decided, home, screenshots, tagged};

const LOADED: &str = "document.documentElement.classList.contains('js')";
const FIELD: &str = "document.getElementById('name').value";

fn go(firefox: &mut Firefox, address: &str) {
    let script = format!("new URL('{address}', document.baseURI).href");
    let whole = firefox.value(&script);
    firefox.open(whole.as_str().unwrap());
    firefox.until(LOADED);
}

fn enter(page: &Page) -> Firefox {
    let mut firefox = Firefox::start();
    firefox.open(&page.url);
    firefox.until("document.querySelector('#clusters')");
    go(&mut firefox, STRICT);
    firefox.until("document.activeElement.matches('.card')");
    firefox
}

fn told(firefox: &mut Firefox, text: &str) {
    firefox.until(&format!(
        "document.getElementById('notices').textContent.includes('{text}')"
    ));
}

#[test]
fn firefox_takes_letters_as_text_and_keeps_what_is_typed_ahead() {
    let home = home();
    let page = Page::serve(&home, &[]);
    let mut firefox = enter(&page);
    firefox.type_keys(ENTER);
    firefox.until("document.activeElement.id === 'name'");
    firefox.until("document.querySelectorAll('#faces .face').length === 6");
    firefox.click("#faces li:nth-child(2) .face");
    firefox.until("document.activeElement.id === 'name'");
    firefox.value("document.activeElement.blur()");
    firefox.type_keys(&format!("Nora Muñoz{ENTER}Grace{ENTER}Lin"));
    told(&mut firefox, "5 faces: Grace");
    firefox.until("document.querySelector('.about b').textContent === '4 faces'");
    assert_eq!(firefox.value(FIELD), "Lin");
    assert_eq!(
        tagged(&home),
        [("Grace".to_owned(), 5), ("Nora Muñoz".to_owned(), 5)]
    );
    // Emptied; then the keys, and one of them.
    firefox.type_keys(&format!("{ESC}{ESC}"));
    firefox.until("document.body.classList.contains('key-mode')");
    firefox.type_keys("s");
    told(&mut firefox, "4 faces: strangers");
    assert_eq!(decided(&home, "'stranger'"), 4);
    assert_eq!(decided(&home, "'not_a_face'"), 0);

    // Back is the question before, and forward the next.
    firefox.until("document.querySelector('.about b')?.textContent === '3 faces'");
    firefox.value("history.back()");
    firefox.until("document.querySelector('h1')?.textContent === 'Already decided'");
}

#[test]
fn firefox_shows_every_page_in_both_sizes() {
    let home = home();
    let page = Page::serve(&home, &[]);
    let folder = screenshots();
    let mut firefox = enter(&page);
    firefox.type_keys(ENTER);
    firefox.until("document.activeElement.id === 'name'");
    firefox.type_keys(&format!("Barack Obama{ENTER}"));
    told(&mut firefox, ": Barack Obama");
    let mut wrong = Vec::new();
    for (size, window) in [("desktop", (1280, 800)), ("phone", (500, 844))] {
        firefox.size(window);
        for (name, address) in [
            ("clusters", STRICT),
            ("suggestions", "suggestions"),
            ("people", "people"),
            ("person", "person/1"),
            ("journal", "journal"),
        ] {
            go(&mut firefox, address);
            firefox.until(
                "[...document.images].every((image) => image.complete || image.loading === 'lazy')",
            );
            firefox.picture(&folder.join(format!("firefox-{name}-{size}.png")));
            let wide = firefox.value("document.documentElement.scrollWidth - innerWidth");
            let findings = firefox.asynchronous(&axe::script());
            if wide.as_f64() > Some(0.0) || findings != serde_json::json!([]) {
                wrong.push(format!(
                    "{name} {size}: {wide} pixels too wide, {findings:#}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

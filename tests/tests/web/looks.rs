//! Every page in two sizes and two colour schemes: written to target/screenshots/ for people to look
//! at, and checked for what a program can see.

use end_to_end::{Page, axe, wait_for};

use crate::library::{ENTER, ESC, RIGHT, STRICT, enter, first_cluster, go, home, screenshots};

#[test]
fn every_page_fits_its_window_in_both_sizes_and_schemes() {
    let home = home();
    let page = Page::serve(&home, &[]);
    let folder = screenshots();
    wait_for(async {
        let browser = enter(&page).await;
        first_cluster(&browser).await;
        for name in ["Barack Obama", "Joe Biden"] {
            browser.type_keys(&format!("{name}{ENTER}")).await;
            browser.told(&format!(": {name}")).await;
        }
        let pages: [(&str, &str, &str); 13] = [
            ("clusters", STRICT, ""),
            ("cluster", "", "face"),
            ("completion", "", "name"),
            ("suggestions", "suggestions", ""),
            ("pairs", "pairs", ""),
            ("people", "people", ""),
            ("person", "person/1", ""),
            ("split", "person/1/split?threshold=0.3", ""),
            ("journal", "journal", ""),
            ("low-quality", "low-quality", ""),
            ("small", "small?threshold=0.1", ""),
            ("set-aside", "set-aside", ""),
            ("problem", "person/999", "problem"),
        ];
        let mut wrong = Vec::new();
        for (size, window) in [("desktop", (1280, 800)), ("phone", (390, 844))] {
            for scheme in ["light", "dark"] {
                browser.looks(window, scheme).await;
                for (name, address, act) in pages {
                    browser.value("sessionStorage.removeItem('draft')").await;
                    match act {
                        "" => go(&browser, address).await,
                        "problem" => open(&browser, address).await,
                        _ => first_cluster(&browser).await,
                    }
                    match act {
                        "face" => browser.type_keys(&format!("{ESC}{RIGHT}x")).await,
                        "name" => {
                            browser.type_keys("bar").await;
                            browser
                                .until("document.querySelector('#known-name li')")
                                .await;
                        }
                        _ => {}
                    }
                    browser
                        .until("[...document.images].every((image) => image.complete || image.loading === 'lazy')")
                        .await;
                    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
                    browser
                        .picture(&folder.join(format!("{name}-{size}-{scheme}.png")))
                        .await;
                    let seen = browser.value(SEEN).await;
                    let found = browser.asynchronous(&axe::script()).await;
                    for wrongs in [seen, found] {
                        if wrongs != serde_json::json!([]) {
                            wrong.push(format!("{name} {size} {scheme}: {wrongs:#}"));
                        }
                    }
                }
                browser.value("sessionStorage.removeItem('draft')").await;
                first_cluster(&browser).await;
                browser.type_keys(&format!("{ESC}v")).await;
                browser
                    .until("document.querySelector('dialog[open] img')?.complete")
                    .await;
                browser
                    .picture(&folder.join(format!("photo-{size}-{scheme}.png")))
                    .await;
                let found = browser.asynchronous(&axe::script()).await;
                if found != serde_json::json!([]) {
                    wrong.push(format!("photo {size} {scheme}: {found:#}"));
                }
                browser.type_keys(ESC).await;
                browser.type_keys("?").await;
                browser.until("document.getElementById('help').open").await;
                browser
                    .picture(&folder.join(format!("keys-{size}-{scheme}.png")))
                    .await;
                let found = browser.asynchronous(&axe::script()).await;
                if found != serde_json::json!([]) {
                    wrong.push(format!("keys {size} {scheme}: {found:#}"));
                }
                first_cluster(&browser).await;
                browser.type_keys(&format!("Barack Obam{ENTER}")).await;
                browser
                    .until("document.querySelector('dialog.sure[open]')")
                    .await;
                browser
                    .picture(&folder.join(format!("sure-{size}-{scheme}.png")))
                    .await;
                let found = browser.asynchronous(&axe::script()).await;
                if found != serde_json::json!([]) {
                    wrong.push(format!("sure {size} {scheme}: {found:#}"));
                }
                browser.type_keys(ESC).await;
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

/// Opens an address that has no page of its own.
async fn open(browser: &end_to_end::Browser, address: &str) {
    let script = format!("new URL('{address}', document.baseURI).href");
    let whole = browser.value(&script).await;
    browser.open(whole.as_str().unwrap()).await;
    browser.until("document.getElementById('problem')").await;
}

/// What is wrong with a page: wider than its window, a heading missing, a control without a name, text
/// that stands out too little from what is behind it (WCAG 2.2, 1.4.3: 4.5 to 1).
const SEEN: &str = "(() => {
    const wrong = [];
    const { scrollWidth } = document.documentElement;
    if (scrollWidth > innerWidth) wrong.push(`${scrollWidth} pixels wide`);
    if (!document.querySelector('h1, #grouping')) wrong.push('no heading');
    for (const control of document.querySelectorAll('a, button, input:not([type=hidden])')) {
        const name = control.getAttribute('aria-label') || control.textContent.trim() || control.placeholder
            || control.labels?.[0]?.textContent || control.querySelector('img')?.alt;
        if (!name && control.checkVisibility()) wrong.push('no name: ' + control.outerHTML.slice(0, 80));
    }
    const light = (colour) => {
        const parts = colour.match(/[\\d.]+/g).map(Number).slice(0, 3).map((part) => part / 255)
            .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
    };
    const behind = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const colour = getComputedStyle(at).backgroundColor;
            if (colour.startsWith('rgb(')) return colour;
            if (colour !== 'rgba(0, 0, 0, 0)') return undefined;
        }
        return 'rgb(255, 255, 255)';
    };
    for (const element of document.querySelectorAll('main *, .bar *, #notes *')) {
        const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        if (!text || !element.checkVisibility() || element.closest('.covers, .done')) continue;
        const back = behind(element);
        if (!back) continue;
        const [a, b] = [light(getComputedStyle(element).color), light(back)];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) wrong.push(`contrast ${ratio.toFixed(1)}: ${element.textContent.slice(0, 30)}`);
    }
    return wrong;
})()";

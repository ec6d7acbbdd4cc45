//! How the page does with large libraries, measured in Chromium on generated ones:
//! `cargo test -p end-to-end --test web -- --ignored --nocapture size`.

use std::{
    fs,
    time::{Duration, Instant},
};

use end_to_end::{Browser, Page, wait_for};

use crate::{
    generated::{generated, with_photos},
    library::{enter, go, let_in},
};

/// Faces, and photos, of the library that is scrolled through.
const MANY: usize = 100_000;

/// The longest scroll that is measured.
const LONGEST: Duration = Duration::from_secs(3600);

/// Scrolls through one of a page's lists.
const SCROLL: &str = include_str!("scroll.js");

/// Memory of the browser's largest page process in MB: what is its own (anonymous and swapped, what
/// Chromium's task manager calls its footprint), and its share of all that is resident (PSS), program
/// text and the browser's cache of decoded pictures included.
fn page_memory(browser: &Browser) -> (u64, u64) {
    let of = |id: &u32| {
        let read =
            |file: &str| fs::read_to_string(format!("/proc/{id}/{file}")).unwrap_or_default();
        if !read("cmdline").contains("--type=renderer") {
            return (0, 0);
        }
        let rollup = read("smaps_rollup");
        let kilobytes = |field: &str| -> u64 {
            let line = rollup.lines().find_map(|line| line.strip_prefix(field));
            let number = line.and_then(|line| line.split_whitespace().next());
            number.map_or(0, |number| number.parse().expect("a number"))
        };
        let own = kilobytes("Pss_Anon:") + kilobytes("SwapPss:");
        (own / 1024, kilobytes("Pss:") / 1024)
    };
    browser.processes().iter().map(of).max().unwrap_or((0, 0))
}

#[test]
fn size_what_a_long_list_shows_is_used_again() {
    let home = generated(1_000, true);
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        go(&browser, "person/1").await;
        let list = "document.querySelector('div#faces')";
        let shown =
            |number| format!("{list}?.querySelector('[data-at=\"{number}\"] img:not(.old)')");
        browser
            .value("document.getElementById('faces').scrollIntoView()")
            .await;
        browser.until(&shown(0)).await;
        browser
            .value(&format!(
                "{list}.querySelectorAll('li').forEach((item) => item.first = true)"
            ))
            .await;
        for (to, at) in [("end", 999), ("start", 0)] {
            browser
                .value(&format!("{list}.scrollIntoView({{ block: '{to}' }})"))
                .await;
            browser.until(&shown(at)).await;
        }
        let [used, wrong] = [
            "filter((item) => item.first)",
            "filter((item) => { const face = item.querySelector('.face'); \
                const id = face.dataset.face; return face.querySelector('img').dataset.crop !== id \
                || document.querySelectorAll(`.face[data-face=\"${id}\"]`).length !== 1 \
                || face.querySelector('.number').textContent !== String(Number(face.dataset.at) + 1); })",
        ]
        .map(|filter| format!("[...{list}.querySelectorAll('li')].{filter}.length"));
        assert!(browser.value(&used).await.as_u64() > Some(0));
        assert_eq!(browser.value(&wrong).await, 0);
    });
}

#[test]
#[ignore = "measures, and asserts nothing about time"]
fn size_the_slider_over_20_000_faces() {
    let home = generated(20_000, false);
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        for threshold in ["0.50", "0.45", "0.60", "0.48", "0.65", "0.52"] {
            // Never grouped before at this distance: nothing is kept of it.
            let time = browser
                .value(&format!(
                    "(async () => {{ const begin = performance.now(); \
                     const answer = await (await fetch('regroup?threshold={threshold}&regroup=1', \
                     {{ headers: {{ Accept: 'application/json' }} }})).json(); \
                     return [Math.round(performance.now() - begin), answer.total]; }})()"
                ))
                .await;
            println!(
                "regroup-20000 at {threshold}: {} ms, {} clusters",
                time[0], time[1]
            );
            assert!(time[1].as_u64() > Some(300), "{time}");
        }
    });
}

#[test]
#[ignore = "measures for many minutes"]
fn size_a_person_with_100_000_faces_scrolls() {
    let home = generated(MANY, true);
    with_photos(&home, MANY);
    let page = Page::serve(&home, &[]);
    for list in ["faces", "photos"] {
        wait_for(scroll(&page, list));
    }
}

async fn scroll(page: &Page, list: &str) {
    // What chromedriver drives it listens to, and what is listened to is kept: 322 MB in place of 69.
    let mut browser = Browser::start_to_let_go().await;
    let_in(&browser, page).await;
    let before = page_memory(&browser);
    go(&browser, "person/1").await;
    browser
        .until("document.querySelectorAll('.long').length === 2")
        .await;
    // As a person would begin: until then Chromium takes notes of every picture, in search of the largest.
    browser.type_keys(" ").await;
    browser.until("scrollY > 0").await;
    let which = vec![list.into()];
    browser.driver.execute(SCROLL, which).await.unwrap();
    browser.let_go();
    let begin = Instant::now();
    let (mut peak, mut minutes) = ((0, 0), 0);
    let done = loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let (own, all) = page_memory(&browser);
        peak = (peak.0.max(own), peak.1.max(all));
        let title = browser.title().await;
        if let Some(done) = title.strip_prefix("done ") {
            break done.to_owned();
        }
        assert!(begin.elapsed() < LONGEST, "{title}");
        if begin.elapsed().as_secs() / 60 > minutes {
            minutes += 1;
            println!(
                "{minutes} minutes, {list}: {title}; {own} MB now, {} MB at most",
                peak.0
            );
        }
    };
    let done: Vec<usize> = done.split(' ').map(|part| part.parse().unwrap()).collect();
    let [seen, windows, late, elements] = done[..] else {
        panic!("{done:?}")
    };
    println!(
        "scroll-{list}: page process {} MB of its own at most ({} MB before), {} MB with its share of program text \
         and picture cache ({} MB before); {seen} pictures seen in {windows} windows, {elements} elements at most",
        peak.0, before.0, peak.1, before.1
    );
    assert_eq!((seen, late), (MANY, 0));
    assert!(elements < 10_000, "{elements} elements");
    assert!(peak.0 < 200, "{} MB of its own", peak.0);
}

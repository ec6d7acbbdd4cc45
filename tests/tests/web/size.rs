//! How the page does with large libraries, measured in Chromium on generated ones:
//! `cargo test -p end-to-end --test web -- --ignored --nocapture size`.

use std::{fs, io::Cursor, path::Path, time::Instant};

use end_to_end::{Browser, Home, Page, sandbox, wait_for};
use flickr_faces::faces::Models;
use flickr_sandbox::Options;
use image::{ImageEncoder, Rgb, RgbImage, codecs::jpeg::JpegEncoder};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::library::{enter, go};

/// Faces of one generated person.
const EACH: usize = 50;

/// Pictures that the generated faces share.
const PICTURES: usize = 64;

/// A home whose store holds so many faces, each in a photo of its own: Gaussian clusters of
/// [`EACH`] around centres of norm 0.65, sigma 0.03. All have the name of one person where `named`.
fn generated(faces: usize, named: bool) -> Home {
    let home = Home::stranger(&sandbox(Options::default()), &[("THRESHOLD", "0.55")]);
    // Makes the tables.
    let _ = home.run("cluster-faces", &[]).ends_with(0);
    wait_for(fill(&home.path("faces.sqlite"), faces, named));
    home
}

async fn fill(store: &Path, faces: usize, named: bool) {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let pictures: Vec<_> = (0..PICTURES).map(|_| picture(&mut random)).collect();
    let options = SqliteConnectOptions::new().filename(store);
    let mut store = SqliteConnection::connect_with(&options).await.unwrap();
    let mut write = store.begin().await.unwrap();
    if named {
        sqlx::query("INSERT INTO people (id, name, name_key) VALUES (1, 'Ada', 'ada')")
            .execute(&mut *write)
            .await
            .unwrap();
    }
    let mut centre = Vec::new();
    for number in 0..faces {
        if number % EACH == 0 {
            centre = gaussian(&mut random);
            let norm = centre.iter().map(|x| x * x).sum::<f64>().sqrt();
            centre.iter_mut().for_each(|x| *x *= 0.65 / norm);
        }
        let noise = gaussian(&mut random);
        let descriptor: Vec<u8> = centre
            .iter()
            .zip(&noise)
            .flat_map(|(mean, noise)| ((mean + 0.03 * noise) as f32).to_le_bytes())
            .collect();
        let photo = (53_000_000_000 + number as u64).to_string();
        sqlx::query("INSERT INTO photos (id, uploaded, title, state) VALUES ($1, $2, '', 'done')")
            .bind(&photo)
            .bind(number as i64)
            .execute(&mut *write)
            .await
            .unwrap();
        sqlx::query(
            "INSERT INTO faces (id, photo, number, box_left, box_top, box_right, box_bottom,
                image_width, image_height, score, landmarks, descriptor, crop, decision, person,
                encoder, sharpness, turn)
             VALUES ($1, $2, 0, 100, 100, 219, 219, 640, 480, 1.0, '', $3, $4, $5, $6, $7, 500.0, 0.0)",
        )
        .bind(format!("{photo}:0"))
        .bind(&photo)
        .bind(descriptor)
        .bind(&pictures[number % PICTURES])
        .bind(named.then_some("named"))
        .bind(named.then_some(1_i64))
        .bind(Models::ENCODER.sha256)
        .execute(&mut *write)
        .await
        .unwrap();
    }
    write.commit().await.unwrap();
    store.close().await.unwrap();
}

/// 128 independent numbers of mean 0 and deviation 1 (Box and Muller, 1958).
fn gaussian(random: &mut ChaCha8Rng) -> Vec<f64> {
    let mut one = || {
        let (a, b): (f64, f64) = (random.random(), random.random());
        (-2.0 * (1.0 - a).ln()).sqrt() * (std::f64::consts::TAU * b).cos()
    };
    (0..128).map(|_| one()).collect()
}

/// A JPEG of a crop's size, as hard to compress as a face.
fn picture(random: &mut ChaCha8Rng) -> Vec<u8> {
    let colour: [u8; 3] = random.random();
    let rough: Vec<u8> = (0..400).map(|_| random.random_range(0..60)).collect();
    let image = RgbImage::from_fn(160, 160, |x, y| {
        let more = rough[(y / 8 * 20 + x / 8) as usize];
        Rgb(colour.map(|part| part.saturating_add(more)))
    });
    let mut bytes = Cursor::new(Vec::new());
    JpegEncoder::new_with_quality(&mut bytes, 85)
        .write_image(&image, 160, 160, image::ExtendedColorType::Rgb8)
        .unwrap();
    bytes.into_inner()
}

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
                const id = face.dataset.face; return !face.querySelector('img').src.endsWith(`crop/${id}`) \
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
                     const answer = await (await fetch('boards?threshold={threshold}&anew=1', \
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
#[ignore = "measures for minutes"]
fn size_a_person_with_100_000_faces_scrolls() {
    let begin = Instant::now();
    let home = generated(100_000, true);
    let page = Page::serve(&home, &[]);
    println!(
        "100,000 faces are served after {:.0} s",
        begin.elapsed().as_secs_f64()
    );
    wait_for(async {
        let browser = enter(&page).await;
        let before = page_memory(&browser);
        go(&browser, "person/1").await;
        browser
            .until("document.querySelectorAll('#faces').length === 1")
            .await;
        let whole = browser.value("document.documentElement.scrollHeight").await;
        let (mut peak, mut most_elements, mut steps) = ((0, 0), 0, 0);
        let look = |peak: (u64, u64)| {
            let (own, all) = page_memory(&browser);
            (peak.0.max(own), peak.1.max(all))
        };
        loop {
            let state = browser
                .value(
                    "(() => { scrollBy(0, 1.5 * innerHeight); return \
                        [scrollY + innerHeight >= document.documentElement.scrollHeight - 2, \
                        document.getElementsByTagName('*').length, \
                        [...document.images].filter((image) => image.complete).length]; })()",
                )
                .await;
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
            steps += 1;
            most_elements = most_elements.max(state[1].as_u64().unwrap());
            if steps % 20 == 0 {
                peak = look(peak);
            }
            if state[0] == true {
                break;
            }
        }
        browser
            .until("[...document.querySelectorAll('#faces .number')].some((n) => n.textContent === '100000')")
            .await;
        peak = look(peak);
        let heap = browser
            .value("Math.round(performance.memory.usedJSHeapSize / 1048576)")
            .await;
        println!(
            "scroll-100000: page process {} MB of its own at most ({} MB before), {} MB with all that it shares \
             ({} MB before); script heap {heap} MB, {most_elements} elements at most, {whole} pixels in {steps} steps",
            peak.0, before.0, peak.1, before.1
        );
        assert!(most_elements < 10_000, "{most_elements} elements");
        // Not met yet: while chromedriver drives the page, Chromium keeps more of what was loaded than without it
        // (ARCHITECTURE.md, on tests).
        assert!(peak.1 < 200, "{} MB", peak.1);
    });
}

//! How the programs grow with the library: start-up, memory, and the time from an answer to the next question, in the terminal
//! and on the page, over stores of made-up people.

pub(crate) mod download;
mod page;

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use flickr_faces::{
    cluster::{DEFAULT_THRESHOLD, Distances, Method},
    naming::QualityFilter,
    progress::Silent,
    steps::{
        naming::{Room, Session, Settings, Subset},
        review::{About, Event, Next, Options, Review},
    },
};

use crate::{
    cluster::{peak, two},
    compare::median,
    made_up::{EACH, faces, found, listed, processing, runtime, store},
};

/// Faces in a photo.
const IN_A_PHOTO: usize = 2;

/// Bytes of a face's crop, as those of photos of 1024 pixels have on average.
const CROP: usize = 3_000;

/// Answers that are timed: after 50 the terminal looks at whom the next ones may be.
const ANSWERS: usize = 60;

/// Photos that are listed at a time.
const PAGE: usize = 500;

/// What one size took.
struct Measured {
    start: f64,
    /// Of a start: reading and comparing the faces.
    begin: f64,
    report: f64,
    answer: Answers,
    page: Answers,
    peak: f64,
}

/// From an answer to the next question, in seconds.
struct Answers {
    median: f64,
    worst: f64,
}

/// Goes through accounts of so many photos, and stores of so many faces, each in a process of its own.
pub(crate) fn scale(accounts: &[usize], sizes: &[usize]) -> anyhow::Result<()> {
    downloads(accounts)?;
    println!(
        "made-up people of 1 to {EACH} faces, {IN_A_PHOTO} in a photo, in an SQLite store; {ANSWERS} answers each"
    );
    let mut all: Vec<(usize, Measured)> = Vec::new();
    for &size in sizes {
        let measured = in_a_process(size)?;
        println!("{}", lines(size, &measured));
        all.push((size, measured));
    }
    for (name, of) in [
        ("start", (|measured| measured.start) as fn(&Measured) -> f64),
        ("answer", |measured| measured.answer.median),
        ("page", |measured| measured.page.median),
        ("memory", |measured| measured.peak),
    ] {
        grown(name, &all, of, "faces");
    }
    Ok(())
}

/// What `download` costs for accounts of so many photos.
fn downloads(accounts: &[usize]) -> anyhow::Result<()> {
    println!("accounts of made-up photos of at most 100 pixels; faces are not looked for");
    let mut all = Vec::new();
    for &photos in accounts {
        let downloaded = download::downloaded(photos)?;
        println!(
            "scale-download: {:.2} ms of CPU a photo and {} GB at {photos}",
            downloaded.cpu * 1000.0 / photos as f64,
            two(downloaded.peak / 1e9)
        );
        all.push((photos, downloaded));
    }
    grown("download", &all, |downloaded| downloaded.cpu, "photos");
    Ok(())
}

/// Prints by which power of the size a measure grows, from the first size to the last.
fn grown<M>(name: &str, all: &[(usize, M)], of: fn(&M) -> f64, what: &str) {
    if let [(small, before), .., (large, after)] = all {
        let exponent = (of(after) / of(before)).ln() / (*large as f64 / *small as f64).ln();
        println!("scale-{name}: exponent {exponent:.2} from {small} to {large} {what}");
    }
}

fn lines(size: usize, measured: &Measured) -> String {
    format!(
        "scale-start: {} s and {} GB at {size}\n\
         scale-report: {} s the first time, {} s again at {size}\n\
         scale-answer: {:.3} s at {size}, {:.3} s at most\n\
         scale-page: {:.3} s at {size}, {:.3} s at most",
        two(measured.start),
        two(measured.peak / 1e9),
        two(measured.begin + measured.report),
        two(measured.report),
        measured.answer.median,
        measured.answer.worst,
        measured.page.median,
        measured.page.worst,
    )
}

fn in_a_process(size: usize) -> anyhow::Result<Measured> {
    let program = std::env::current_exe().context("where this program lies")?;
    let folder = tempfile::tempdir()?;
    let mut numbers: Vec<f64> = Vec::new();
    // Made in another process than it is read in: its memory is not the program's. The page goes on with the questions.
    for part in ["--make", "--alone", "--page"] {
        let output = Command::new(&program)
            .args(["scale", part, &size.to_string()])
            .arg(folder.path())
            .stderr(std::process::Stdio::inherit())
            .output()
            .context("cannot start this program again")?;
        ensure!(output.status.success(), "{size} faces: {}", output.status);
        let text = String::from_utf8_lossy(&output.stdout);
        for number in text.split_whitespace() {
            let number = number.parse();
            numbers.push(number.with_context(|| format!("not what was asked for: {text}"))?);
        }
    }
    let [start, begin, report, median, worst, peak, page, page_worst] = numbers[..] else {
        bail!("not what was asked for: {numbers:?}");
    };
    Ok(Measured {
        start,
        begin,
        report,
        answer: Answers { median, worst },
        page: Answers {
            median: page,
            worst: page_worst,
        },
        peak,
    })
}

/// Fills a store in `folder`.
pub(crate) fn make(size: usize, folder: PathBuf) -> anyhow::Result<()> {
    let faces = faces(size)?;
    runtime()?.block_on(async {
        let store = store(&folder).await?;
        let with = processing();
        let photos: Vec<_> = faces.chunks(IN_A_PHOTO).enumerate().collect();
        for page in photos.chunks(PAGE) {
            let listed: Vec<_> = page
                .iter()
                .map(|(number, _)| listed(u32::try_from(*number)?))
                .collect::<anyhow::Result<_>>()?;
            store.add_listed(&listed).await?;
            for (photo, (_, faces)) in listed.iter().zip(page) {
                let outcome = found(*faces, CROP);
                store.finish(&photo.id, &with, &outcome).await?;
            }
        }
        store.close().await;
        Ok(())
    })
}

/// Measures the store in `folder` and prints the numbers only: seconds to the first question, of them to read and compare the
/// faces, of a report, from an answer to the next question (median, most), and bytes at most.
pub(crate) fn alone(folder: PathBuf) -> anyhow::Result<()> {
    runtime()?.block_on(async {
        let begun = Instant::now();
        let session = session(&folder).await?;
        let compared = begun.elapsed().as_secs_f64();
        let options = Options {
            thresholds: vec![DEFAULT_THRESHOLD],
            subset: Subset::Usable,
            suggestions: true,
            interactive: true,
            room: Room::default(),
        };
        let mut review = Review::new(session.clone(), options);
        let mut line = next(&mut review, 0).await?;
        let start = begun.elapsed().as_secs_f64();
        let mut times: Vec<Duration> = Vec::new();
        while let Some(answer) = line {
            let begun = Instant::now();
            review.answer(&answer).await?;
            line = next(&mut review, times.len() + 1).await?;
            times.push(begun.elapsed());
            if times.len() == ANSWERS {
                break;
            }
            // A person looks at the faces; tags.json is written behind them.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        ensure!(times.len() == ANSWERS, "only {} questions", times.len());
        // Until what goes on behind the questions is done.
        session.view(DEFAULT_THRESHOLD, Subset::Usable).await?;
        let begun = Instant::now();
        session.report().await?;
        let report = begun.elapsed().as_secs_f64();
        session.settled().await?;
        times.sort();
        let worst = times.last().map_or(0.0, Duration::as_secs_f64);
        println!(
            "{start} {compared} {report} {} {worst} {}",
            median(&times),
            peak()?
        );
        Ok(())
    })
}

/// The same of the page: the seconds from an answer to the next question (median, most).
pub(crate) fn page(folder: &Path) -> anyhow::Result<()> {
    runtime()?.block_on(async {
        // The terminal's answers before had the numbers below.
        let names = (ANSWERS..2 * ANSWERS).map(unlike);
        let mut times = page::answers(session(folder).await?, folder, names).await?;
        times.sort();
        let worst = times.last().map_or(0.0, Duration::as_secs_f64);
        println!("{} {worst}", median(&times));
        Ok(())
    })
}

async fn session(folder: &Path) -> anyhow::Result<Session> {
    let settings = Settings {
        threshold: DEFAULT_THRESHOLD,
        min_cluster: 3,
        distances: Distances::Calibrated { cohorts: None },
        seed: 0,
        method: Method::Average,
        same_photo: false,
        quality: QualityFilter::default(),
        neighbours: folder.join("neighbours"),
        memory: 2_000_000_000,
        photos: PathBuf::new(),
        tags: folder.join("tags.json"),
    };
    Ok(Session::begin(store(folder).await?, settings, Arc::new(Silent)).await?)
}

/// Goes on to the next question: what to answer; `None` at the end.
async fn next(review: &mut Review, number: usize) -> anyhow::Result<Option<String>> {
    let mut is_cluster = false;
    loop {
        match review.next().await? {
            Next::Tell(Event::Show(shown)) => {
                is_cluster = matches!(shown.question.about, About::Cluster(_));
            }
            Next::Tell(Event::Refused { line, problem }) => bail!("{line:?}: {problem}"),
            Next::Tell(_) => {}
            // A name unlike all others, or it would be asked whether it is meant.
            Next::Ask(_) if is_cluster => return Ok(Some(unlike(number))),
            Next::Ask(_) => return Ok(Some("y".to_owned())),
            Next::End(_) => return Ok(None),
        }
    }
}

/// A name of letters that differs from that of any other number in more than two of them.
fn unlike(number: usize) -> String {
    let digits = number.to_string().into_bytes().into_iter();
    let letters = digits.map(|digit| char::from(b'a' + (digit - b'0')));
    let part: String = letters.flat_map(|letter| [letter; 3]).collect();
    format!("{part} Somebody")
}

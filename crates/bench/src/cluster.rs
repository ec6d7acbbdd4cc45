//! Linking and clustering: ours beside dlib's Chinese whispers, and ours alone for many faces.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use flickr_faces::cluster::{self, Calibrated, Cohort, DIMENSIONS, Grouping, Method};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::{
    compare::median,
    dlib,
    made_up::{self, normal},
};

/// Faces in a generated cluster.
const MEMBERS: usize = 50;

/// Distance of a cluster's centre from the origin.
const NORM: f64 = 0.65;

/// Standard deviation of each number of a face about its cluster's.
const SIGMA: f64 = 0.03;

/// dlib's own threshold.
const THRESHOLD: f32 = 0.6;

/// More faces than this are not given to dlib, whose time is minutes there.
const FOR_BOTH: usize = 20_000;

/// Runs of each side, in turn.
const ROUNDS: usize = 3;

/// Faces that look like those of a library: Gaussian clusters around centres in random
/// directions. The same on every machine.
fn faces(count: usize) -> Vec<[f32; DIMENSIONS]> {
    let mut random = ChaCha8Rng::seed_from_u64(count as u64);
    let mut normal = move || f64::from(normal(&mut random));
    let mut faces = Vec::with_capacity(count);
    while faces.len() < count {
        let direction: [f64; DIMENSIONS] = std::array::from_fn(|_| normal());
        let length = direction.iter().map(|x| x * x).sum::<f64>().sqrt();
        for _ in 0..MEMBERS.min(count - faces.len()) {
            faces.push(std::array::from_fn(|i| {
                (direction[i] * NORM / length + SIGMA * normal()) as f32
            }));
        }
    }
    faces
}

/// Goes through `sizes`, ascending: the small ones beside dlib, the others alone, each in a process of
/// its own, whose memory then is that of its faces.
pub(crate) fn cluster(sizes: &[usize]) -> anyhow::Result<()> {
    println!(
        "generated faces: Gaussian clusters of {MEMBERS} about middles of norm {NORM}, sigma {SIGMA}; \
         linked below {THRESHOLD} and clustered"
    );
    let mut alone = Vec::new();
    for &size in sizes {
        if size <= FOR_BOTH {
            beside_dlib(size)?;
            average(size)?;
        } else {
            let measured = in_a_process(size)?;
            println!(
                "cluster-{size}: ours {} s ({} s searching, {} s whispering), {} GB at most; {} clusters",
                two(measured.search + measured.whispers),
                two(measured.search),
                two(measured.whispers),
                two(measured.peak as f64 / 1e9),
                measured.clusters,
            );
            alone.push((size, measured));
        }
    }
    for two_sizes in alone.windows(2) {
        let [(small, before), (large, after)] = two_sizes else {
            continue;
        };
        println!("{}", growth((*small, before), (*large, after)));
    }
    Ok(())
}

/// How time and memory grow from one size to the next.
fn growth((small, before): (usize, &Measured), (large, after): (usize, &Measured)) -> String {
    let times = large as f64 / small as f64;
    let seconds = |measured: &Measured| measured.search + measured.whispers;
    let longer = seconds(after) / seconds(before);
    format!(
        "growth: {} times the faces ({small} to {large}) take {} times as long, as n^{:.2}, and {} times \
         the memory",
        two(times),
        two(longer),
        longer.ln() / times.ln(),
        two(after.peak as f64 / before.peak as f64),
    )
}

/// Both sides in turn, on the same faces, by medians.
fn beside_dlib(size: usize) -> anyhow::Result<()> {
    let faces = faces(size);
    let mut times = [const { Vec::<Duration>::new() }; 2];
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let graph = cluster::neighbours(&faces, THRESHOLD);
        let ours = cluster::chinese_whispers(&graph, 0);
        times[0].push(begun.elapsed());
        let theirs = dlib::clusters(&faces, THRESHOLD)?;
        times[1].push(theirs.linking + theirs.whispering);
        ensure!(
            cluster::clusters(&ours) == cluster::clusters(&theirs.labels),
            "ours and dlib's clusters of {size} faces differ, where they are far apart"
        );
    }
    times.iter_mut().for_each(|times| times.sort());
    let [ours, dlib] = times.each_ref().map(|times| median(times));
    println!("{}", ratio(size, ours, dlib));
    Ok(())
}

/// Average linkage and Chinese whispers in turn on the same calibrated faces, made up to be as alike as people are to the
/// network; each with the search before it.
fn average(size: usize) -> anyhow::Result<()> {
    let faces = made_up::faces(size)?;
    let cohort = Cohort::of_dlib();
    let points: Vec<Calibrated<'_>> = faces
        .iter()
        .map(|descriptor| Calibrated {
            descriptor,
            crowding: Some(cohort.crowding(descriptor)),
        })
        .collect();
    let mut times = [const { Vec::<Duration>::new() }; 2];
    for _ in 0..ROUNDS {
        for (method, times) in [Method::Average, Method::ChineseWhispers]
            .into_iter()
            .zip(&mut times)
        {
            let begun = Instant::now();
            let graph = cluster::neighbours(&points, cluster::MAX_THRESHOLD);
            let grouping = Grouping {
                method,
                ..Grouping::default()
            };
            let labels = cluster::group(&graph, &points, cluster::DEFAULT_THRESHOLD, &grouping);
            times.push(begun.elapsed());
            ensure!(labels.len() == size, "not every face has a label");
        }
    }
    times.iter_mut().for_each(|times| times.sort());
    let [average, whispers] = times.each_ref().map(|times| median(times));
    println!(
        "average-{size}: {} times whispers (average linkage {} s, whispers {} s, both with the search)",
        two(average / whispers),
        two(average),
        two(whispers)
    );
    Ok(())
}

/// What the comparison comes to, for people and for programs.
fn ratio(size: usize, ours: f64, dlib: f64) -> String {
    format!(
        "cluster-{size}: ratio {} (ours {} s, dlib {} s)",
        two(dlib / ours),
        two(ours),
        two(dlib)
    )
}

/// What one size took.
struct Measured {
    search: f64,
    whispers: f64,
    peak: u64,
    clusters: usize,
}

/// The option for a process that measures one size and prints the numbers only.
pub(crate) const ALONE: &str = "--alone";

/// Measures in a process of its own.
fn in_a_process(size: usize) -> anyhow::Result<Measured> {
    let program = std::env::current_exe().context("where this program lies")?;
    let output = Command::new(program)
        .args(["cluster", ALONE, &size.to_string()])
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("cannot start this program again")?;
    ensure!(output.status.success(), "{size} faces: {}", output.status);
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<f64> = text
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()
        .with_context(|| format!("not what was asked for: {text}"))?;
    let [search, whispers, peak, clusters] = numbers[..] else {
        bail!("not what was asked for: {text}");
    };
    Ok(Measured {
        search,
        whispers,
        peak: peak as u64,
        clusters: clusters as usize,
    })
}

/// Measures one size: seconds of the search and of the whispers, bytes at most, clusters.
pub(crate) fn alone(size: usize) -> anyhow::Result<()> {
    let faces = faces(size);
    let begun = Instant::now();
    let graph = cluster::neighbours(&faces, THRESHOLD);
    let search = begun.elapsed().as_secs_f64();
    let labels = cluster::chinese_whispers(&graph, 0);
    let whispers = begun.elapsed().as_secs_f64() - search;
    let clusters = cluster::clusters(&labels).len();
    println!("{search} {whispers} {} {clusters}", peak()?);
    Ok(())
}

/// The most memory that this process has had, in bytes.
pub(crate) fn peak() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status").context("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix("kB"));
    let kilobytes: u64 = kilobytes
        .context("/proc/self/status: no VmHWM")?
        .trim()
        .parse()?;
    Ok(kilobytes * 1024)
}

/// Two significant digits.
pub(crate) fn two(number: f64) -> String {
    let decimals = match number.abs() {
        9.95.. => 0,
        0.995.. => 1,
        0.0995.. => 2,
        _ => 3,
    };
    format!("{number:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_has_its_form() {
        assert_eq!(
            ratio(20_000, 0.66, 62.7),
            "cluster-20000: ratio 95 (ours 0.66 s, dlib 63 s)"
        );
        let measured = |seconds: f64, peak: u64| Measured {
            search: seconds,
            whispers: 0.0,
            peak,
            clusters: 1,
        };
        assert_eq!(
            growth((1000, &measured(2.0, 30)), (10_000, &measured(198.0, 300))),
            "growth: 10 times the faces (1000 to 10000) take 99 times as long, as n^2.00, and 10 times \
             the memory"
        );
    }

    #[test]
    fn generated_faces_are_as_far_apart_as_said() {
        let faces = faces(5_000);
        let graph = cluster::neighbours(&faces, THRESHOLD);
        let within = |&(face, other): &(usize, u32)| face / MEMBERS == other as usize / MEMBERS;
        let linked = (0..faces.len()).flat_map(|face| {
            let others = graph.neighbours_of(face).iter();
            others.map(move |&other| (face, other))
        });
        let linked: Vec<_> = linked.collect();
        assert!(linked.iter().all(within), "clusters meet");
        assert!(
            linked.len() > faces.len() * (MEMBERS - 2),
            "{}",
            linked.len()
        );
        // √2 x 128 x sigma² apart within a cluster, on average.
        let mean = graph.distances.iter().map(|&d| f64::from(d)).sum::<f64>();
        let mean = mean / linked.len() as f64;
        assert!((mean - 0.48).abs() < 0.01, "{mean}");
    }

    #[test]
    fn dlibs_clusters_are_ours_where_all_are_apart() {
        let faces = faces(500);
        let theirs = dlib::clusters(&faces, THRESHOLD).unwrap();
        let ours = cluster::chinese_whispers(&cluster::neighbours(&faces, THRESHOLD), 0);
        assert_eq!(ours, theirs.labels);
        assert!(theirs.linking + theirs.whispering > Duration::ZERO);
    }
}

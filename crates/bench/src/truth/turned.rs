//! What looking at photos in other orientations gives and costs.

use std::time::Instant;

use flickr_faces::faces::{Detector, Rect, Settings, Turn, TurnedSearch};
use image::imageops;

use super::known::{Known, Square};
use crate::engines::Engines;

/// Photos are as large as this at most.
const LONGEST: u32 = 1024;

/// Parts of photos without any face are this large at least, in pixels a side.
const LEAST: u32 = 150;

pub(super) fn turned(engines: &Engines, photos: &[Known]) -> anyhow::Result<()> {
    let photos: Vec<Known> = photos.iter().map(shrunk).collect();
    let (with, without): (Vec<&Known>, Vec<&Known>) =
        photos.iter().partition(|photo| !photo.faces.is_empty());
    let parts: Vec<Known> = with.iter().filter_map(|photo| empty_part(photo)).collect();
    let empty: Vec<&Known> = without.into_iter().chain(&parts).collect();
    let faces: usize = with.iter().map(|photo| photo.faces.len()).sum();
    println!(
        "\n{} photos with {faces} faces, and {} photos and parts of photos without any\n",
        with.len(),
        empty.len()
    );
    println!(
        "| photos | lie turned by | detector | `turned` | faces found | false faces | photos turned, rightly | seconds |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let all = [Turn::None, Turn::Quarter, Turn::Half, Turn::ThreeQuarters];
    for detector in [Detector::Hog, Detector::Cnn] {
        for look in [false, true] {
            for turn in all {
                row(engines, "with faces", &with, turn, detector, look)?;
            }
            row(engines, "without", &empty, Turn::None, detector, look)?;
        }
    }
    Ok(())
}

fn row(
    engines: &Engines,
    name: &str,
    photos: &[&Known],
    lie: Turn,
    detector: Detector,
    look: bool,
) -> anyhow::Result<()> {
    let settings = Settings {
        detector,
        ..Settings::default()
    };
    let mut analyser = engines.onnx_with(settings, engines.threads)?.analyser()?;
    let search = TurnedSearch::new(&engines.models, settings)?;
    let mut finder = search.finder();
    let (mut found, mut wrong, mut noticed, mut rightly) = (0, 0, 0, 0);
    let mut seconds = 0.0;
    for photo in photos {
        let image = lie.image(&photo.image);
        let begun = Instant::now();
        let (turn, faces) = if look {
            let upright = finder.find(&mut *analyser, &image)?;
            let size = upright.image.dimensions();
            let back = |rect: Rect| upright.turn.back().rect(rect, size);
            let rects = upright.faces.iter().map(|face| back(face.rect));
            (upright.turn, rects.collect::<Vec<_>>())
        } else {
            let faces = analyser.find(&image)?;
            (Turn::None, faces.iter().map(|face| face.rect).collect())
        };
        seconds += begun.elapsed().as_secs_f64();
        let back = |rect: &Rect| Square::of(lie.back().rect(*rect, image.dimensions()));
        let faces: Vec<Square> = faces.iter().map(back).collect();
        let (right, others) = photo.compared(&faces);
        found += right.iter().filter(|right| **right).count();
        wrong += others;
        noticed += usize::from(turn != Turn::None);
        rightly += usize::from(turn != Turn::None && turn == lie.back());
    }
    println!(
        "| {name} | {}° | {detector} | {} | {found} | {wrong} | {noticed}, {rightly} | {seconds:.1} |",
        lie.degrees(),
        if look { "look" } else { "no" },
    );
    Ok(())
}

fn shrunk(photo: &Known) -> Known {
    let longest = photo.image.width().max(photo.image.height());
    photo.scaled((f64::from(LONGEST) / f64::from(longest)).min(1.0))
}

/// The largest part of a photo above, below or beside all of its faces; `None` where that is small.
fn empty_part(photo: &Known) -> Option<Known> {
    let (width, height) = photo.image.dimensions();
    // A face is larger than its box: hair, chin and half a neck.
    let edge = |axis: usize, sign: f64| {
        let edges = photo
            .faces
            .iter()
            .map(|face| face.middle[axis] + sign * face.side);
        edges.fold(f64::NAN, if sign > 0.0 { f64::max } else { f64::min })
    };
    let from = |edge: f64, side: u32| (edge.max(0.0).ceil() as u32).min(side);
    let to = |edge: f64, side: u32| from(edge.floor(), side);
    let (left, right) = (to(edge(0, -1.0), width), from(edge(0, 1.0), width));
    let (top, bottom) = (to(edge(1, -1.0), height), from(edge(1, 1.0), height));
    let parts = [
        (0, 0, left, height),
        (right, 0, width - right, height),
        (0, 0, width, top),
        (0, bottom, width, height - bottom),
    ];
    let large = parts
        .into_iter()
        .filter(|&(_, _, width, height)| width.min(height) >= LEAST);
    let (x, y, width, height) = large.max_by_key(|&(_, _, width, height)| width * height)?;
    Some(Known {
        image: imageops::crop_imm(&photo.image, x, y, width, height).to_image(),
        faces: Vec::new(),
    })
}

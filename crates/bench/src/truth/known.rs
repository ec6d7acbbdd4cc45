//! Photos whose faces are known.

use std::path::Path;

use anyhow::{Context, ensure};
use flickr_faces::{faces::Rect, faces::overlap, photo};
use image::{Rgb, RgbImage, imageops, imageops::FilterType};

/// Whose faces these are, `truth/faces.tsv` says.
const FACES: &str = include_str!("faces.tsv");

/// Boxes that overlap this much (intersection over union) are one face: HOG's are a tenth smaller than the CNN's, and
/// those of tilted faces lie otherwise.
const SAME: f64 = 0.3;

/// A face's box, as a square around its middle.
#[derive(Debug, Clone, Copy)]
pub(super) struct Square {
    /// Column and row of the middle.
    pub(super) middle: [f64; 2],
    /// Length of a side, in pixels.
    pub(super) side: f64,
}

impl Square {
    pub(super) fn of(rect: Rect) -> Self {
        let middle = |from: i32, to: i32| f64::from(from + to + 1) / 2.0;
        Self {
            middle: [middle(rect.left, rect.right), middle(rect.top, rect.bottom)],
            side: f64::from(rect.width().max(rect.height())),
        }
    }

    fn edges(self) -> [f64; 4] {
        let [x, y] = self.middle;
        let half = self.side / 2.0;
        [x - half, y - half, x + half, y + half]
    }
}

/// A photo with all of its faces.
pub(super) struct Known {
    pub(super) image: RgbImage,
    pub(super) faces: Vec<Square>,
}

/// Every photo of the list, from a folder.
pub(super) fn load(folder: &Path) -> anyhow::Result<Vec<Known>> {
    let rows = FACES.lines().filter(|line| !line.starts_with('#'));
    rows.map(|row| {
        let (name, boxes) = row.split_once('\t').context("no tab")?;
        let image = photo::decode(&folder.join(name), &photo::Limits::default())?;
        let boxes = boxes.split(", ").filter(|text| !text.is_empty());
        let faces: anyhow::Result<Vec<_>> = boxes.map(square).collect();
        let faces = faces?;
        Ok(Known { image, faces })
    })
    .collect()
}

fn square(text: &str) -> anyhow::Result<Square> {
    let edges: Result<Vec<i32>, _> = text.split(' ').map(str::parse).collect();
    let edges = edges.with_context(|| text.to_owned())?;
    ensure!(edges.len() == 4, "{text}: expected four numbers");
    Ok(Square::of(Rect {
        left: edges[0],
        top: edges[1],
        right: edges[2],
        bottom: edges[3],
    }))
}

impl Known {
    /// Made smaller by this factor.
    pub(super) fn scaled(&self, factor: f64) -> Self {
        let side = |side: u32| (f64::from(side) * factor).round().max(1.0) as u32;
        let (width, height) = (side(self.image.width()), side(self.image.height()));
        let scaled = |face: &Square| Square {
            middle: face.middle.map(|at| at * factor),
            side: face.side * factor,
        };
        Self {
            image: imageops::resize(&self.image, width, height, FilterType::Triangle),
            faces: self.faces.iter().map(scaled).collect(),
        }
    }

    /// Made so small that its middle face has sides of `size` pixels; `None` where its faces are smaller than that. A photo
    /// without faces stays as it is, up to 1024 pixels.
    pub(super) fn with_faces_of(&self, size: u32) -> Option<Self> {
        let mut sides: Vec<f64> = self.faces.iter().map(|face| face.side).collect();
        sides.sort_by(f64::total_cmp);
        let factor = match sides.get(sides.len() / 2) {
            Some(middle) => f64::from(size) / middle,
            None => 1024.0 / f64::from(self.image.width().max(self.image.height())),
        };
        (factor <= 1.0 || sides.is_empty()).then(|| self.scaled(factor.min(1.0)))
    }

    /// Turned clockwise around its middle, all of it visible, with black beside it.
    pub(super) fn tilted(&self, degrees: u32) -> Self {
        let (sine, cosine) = f64::from(degrees).to_radians().sin_cos();
        let (width, height) = (
            f64::from(self.image.width()),
            f64::from(self.image.height()),
        );
        let side = |a: f64, b: f64| ((a * cosine + b * sine) - 1e-6).ceil().max(1.0);
        let (to_width, to_height) = (side(width, height), side(height, width));
        // Clockwise on a screen, whose rows go down.
        let to = |[x, y]: [f64; 2]| {
            let (x, y) = (x - width / 2.0, y - height / 2.0);
            [
                x * cosine - y * sine + to_width / 2.0,
                x * sine + y * cosine + to_height / 2.0,
            ]
        };
        let from = |[x, y]: [f64; 2]| {
            let (x, y) = (x - to_width / 2.0, y - to_height / 2.0);
            [
                x * cosine + y * sine + width / 2.0,
                y * cosine - x * sine + height / 2.0,
            ]
        };
        let image = RgbImage::from_fn(to_width as u32, to_height as u32, |x, y| {
            let [x, y] = from([f64::from(x) + 0.5, f64::from(y) + 0.5]);
            between(&self.image, x - 0.5, y - 0.5)
        });
        let faces = self.faces.iter().map(|face| Square {
            middle: to(face.middle),
            side: face.side,
        });
        Self {
            image,
            faces: faces.collect(),
        }
    }

    /// Which of the faces are among `found`, and how many of those are none of them.
    pub(super) fn compared(&self, found: &[Square]) -> (Vec<bool>, usize) {
        let is_one = |a: &Square, b: &Square| overlap(a.edges(), b.edges()) >= SAME;
        let right = |face| found.iter().any(|found| is_one(face, found));
        let wrong = |found| !self.faces.iter().any(|face| is_one(face, found));
        (
            self.faces.iter().map(right).collect(),
            found.iter().filter(|found| wrong(found)).count(),
        )
    }
}

/// The colour between four pixels, by how near they are; black outside.
fn between(image: &RgbImage, x: f64, y: f64) -> Rgb<u8> {
    let (width, height) = (f64::from(image.width()), f64::from(image.height()));
    if x < -0.5 || y < -0.5 || x >= width - 0.5 || y >= height - 0.5 {
        return Rgb([0; 3]);
    }
    let (x, y) = (x.clamp(0.0, width - 1.0), y.clamp(0.0, height - 1.0));
    let (left, top) = (x as u32, y as u32);
    let (right, bottom) = (
        (left + 1).min(image.width() - 1),
        (top + 1).min(image.height() - 1),
    );
    let (x, y) = (x.fract(), y.fract());
    let at = |x, y, channel: usize| f64::from(image.get_pixel(x, y).0[channel]);
    Rgb([0, 1, 2].map(|channel| {
        let above = at(left, top, channel) * (1.0 - x) + at(right, top, channel) * x;
        let below = at(left, bottom, channel) * (1.0 - x) + at(right, bottom, channel) * x;
        (above * (1.0 - y) + below * y).round() as u8
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_list_can_be_read() {
        let rows = FACES.lines().filter(|line| !line.starts_with('#'));
        let boxes: Vec<&str> = rows
            .flat_map(|row| row.split_once('\t').unwrap().1.split(", "))
            .filter(|text| !text.is_empty())
            .collect();
        assert_eq!(boxes.len(), 141);
        for text in boxes {
            square(text).unwrap();
        }
    }

    /// A white face in a black photo stays where its box says, however the photo is tilted.
    #[test]
    fn boxes_go_with_their_pixels() {
        let rect = Rect {
            left: 60,
            top: 10,
            right: 79,
            bottom: 29,
        };
        let image = RgbImage::from_fn(100, 60, |x, y| {
            let (x, y) = (x as i32, y as i32);
            let inside = (60..80).contains(&x) && (10..30).contains(&y);
            Rgb([if inside { 255 } else { 0 }; 3])
        });
        let faces = vec![Square::of(rect)];
        let photo = Known { image, faces };
        for tilt in [0, 15, 30, 90] {
            let tilted = photo.tilted(tilt);
            let white: Vec<_> = tilted
                .image
                .enumerate_pixels()
                .filter(|(_, _, pixel)| pixel.0[0] > 127)
                .map(|(x, y, _)| [f64::from(x) + 0.5, f64::from(y) + 0.5])
                .collect();
            assert!(white.len().abs_diff(400) < 30, "{tilt}: {}", white.len());
            for axis in [0, 1] {
                let mean = white.iter().map(|at| at[axis]).sum::<f64>() / white.len() as f64;
                let expected = tilted.faces[0].middle[axis];
                assert!((mean - expected).abs() < 0.5, "{tilt}: {mean}, {expected}");
            }
        }
        assert_eq!(photo.tilted(90).image, imageops::rotate90(&photo.image));
        let (right, wrong) = photo.compared(&[Square {
            middle: [10.0, 50.0],
            side: 20.0,
        }]);
        assert_eq!((right, wrong), (vec![false], 1));
    }
}

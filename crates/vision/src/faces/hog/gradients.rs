//! Gradients: how steep each pixel is, and to which of 18 directions (dlib/image_transforms/fhog.h).

use super::planes::Planes;

/// Directions, a full circle.
pub(super) const DIRECTIONS: usize = 18;

/// Places in the table from one row of it to the next.
const SPAN: usize = 512;

/// The direction of each difference of two neighbours, down and across, of -255 to 255 each.
#[derive(Debug)]
pub(super) struct Directions(Box<[u8; SPAN * SPAN]>);

impl Directions {
    pub(super) fn new() -> Self {
        let mut table = vec![0; SPAN * SPAN];
        for down in -255..=255 {
            for across in -255..=255 {
                table[place(across, down) as usize] = direction(across as f32, down as f32);
            }
        }
        let table = table.into_boxed_slice().try_into();
        Self(table.unwrap_or_else(|_| Box::new([0; SPAN * SPAN])))
    }

    /// The direction at a place that [`gradients`] gives.
    #[inline(always)]
    pub(super) fn at(&self, place: u32) -> usize {
        usize::from(self.0[place as usize % (SPAN * SPAN)])
    }
}

/// Where in the table a pair of differences is.
#[inline(always)]
fn place(across: i32, down: i32) -> u32 {
    ((down + 255) * SPAN as i32 + across + 255) as u32
}

/// The one of 18 directions, 20 degrees apart, that a gradient is nearest to; 0 for none. dlib has the
/// first half circle in four digits, and takes the first of two that are as near.
fn direction(across: f32, down: f32) -> u8 {
    const HALF: [[f32; 2]; DIRECTIONS / 2] = [
        [1.0, 0.0],
        [0.9397, 0.3420],
        [0.7660, 0.6428],
        [0.5, 0.8660],
        [0.1736, 0.9848],
        [-0.1736, 0.9848],
        [-0.5, 0.8660],
        [-0.7660, 0.6428],
        [-0.9397, 0.3420],
    ];
    let mut best = (0.0, 0);
    for (index, [x, y]) in (0_u8..).zip(HALF) {
        let along = x * across + y * down;
        if along > best.0 {
            best = (along, index);
        } else if -along > best.0 {
            best = (-along, index + 9);
        }
    }
    best.1
}

/// The gradients of `places.len()` pixels of a row from column `first` on: where in the table of
/// directions, and how long. All of them have neighbours.
///
/// Of three channels the one with the longest gradient counts. Of equal ones dlib takes the last where
/// it computes eight pixels at once, and the first where it computes one: `LAST` tells which.
#[inline(always)]
pub(super) fn gradients<const LAST: bool>(
    image: &Planes,
    (first, row): (usize, usize),
    places: &mut [u32],
    lengths: &mut [f32],
) {
    let count = places.len().min(lengths.len());
    let (places, lengths) = (&mut places[..count], &mut lengths[..count]);
    let at = row * image.width + first;
    let [red, green, blue] = [0, 1, 2].map(|channel| {
        let plane = image.channel(channel);
        let from = |at: usize| &plane[at..][..count];
        [
            from(at - 1),
            from(at + 1),
            from(at - image.width),
            from(at + image.width),
        ]
    });
    for index in 0..count {
        let gradient = |[left, right, above, below]: &[&[u8]; 4]| {
            let across = i32::from(right[index]) - i32::from(left[index]);
            let down = i32::from(below[index]) - i32::from(above[index]);
            [across, down, across * across + down * down]
        };
        let longer = |best: [i32; 3], next: [i32; 3]| {
            let takes = if LAST {
                next[2] >= best[2]
            } else {
                next[2] > best[2]
            };
            let pick = |part: usize| if takes { next[part] } else { best[part] };
            [pick(0), pick(1), pick(2)]
        };
        let best = longer(gradient(&red), gradient(&green));
        let [across, down, square] = longer(best, gradient(&blue));
        places[index] = place(across, down);
        lengths[index] = (square as f32).sqrt();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, RgbImage};

    #[test]
    fn directions_are_twenty_degrees_apart() {
        let directions = Directions::new();
        for expected in 0..DIRECTIONS {
            let angle = (expected as f64 * 20.0).to_radians();
            for off in [-9.0_f64, 0.0, 9.0] {
                let angle = angle + off.to_radians();
                let across = (angle.cos() * 200.0).round() as i32;
                let down = (angle.sin() * 200.0).round() as i32;
                assert_eq!(
                    directions.at(place(across, down)),
                    expected,
                    "{across} {down}"
                );
            }
        }
        assert_eq!(directions.at(place(0, 0)), 0);
        assert_eq!(directions.at(u32::MAX), 0);
    }

    /// Red rises to the right by 10, green downwards by 10, blue by nothing.
    #[test]
    fn of_equal_channels_the_first_or_the_last_counts() {
        let image = RgbImage::from_fn(3, 3, |x, y| Rgb([x as u8 * 5, y as u8 * 5, 7]));
        let mut planes = Planes::default();
        planes.fill(&image);
        let run = |last: bool| {
            let (mut places, mut lengths) = ([0], [0.0]);
            if last {
                gradients::<true>(&planes, (1, 1), &mut places, &mut lengths);
            } else {
                gradients::<false>(&planes, (1, 1), &mut places, &mut lengths);
            }
            (places[0], lengths[0])
        };
        assert_eq!(run(false), (place(10, 0), 10.0));
        assert_eq!(run(true), (place(0, 10), 10.0));
    }
}

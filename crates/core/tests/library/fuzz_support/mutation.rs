//! Damage to a model file.

use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;

/// Names that dlib's networks have in their files.
const NAMES: &[&str] = &[
    "loss_mmod_",
    "loss_metric_",
    "loss_metric_2",
    "input_rgb_image",
    "input_rgb_image_sized",
    "input_rgb_image_pyramid",
    "con_4",
    "con_5",
    "affine_",
    "affine_2",
    "bn_con2",
    "relu_",
    "max_pool_2",
    "avg_pool_2",
    "add_prev_",
    "fc_2",
    "fc_3",
];

/// Where a file can be hurt.
pub struct Map {
    /// Offsets of bytes that hold structure: lengths, counts, shapes, versions, names.
    pub places: Vec<usize>,
    /// Offsets at which parts of the file begin, and its length.
    pub parts: Vec<usize>,
}

impl Map {
    /// Of a network: what is around the names, for the rest is weights.
    pub fn of_network(bytes: &[u8]) -> Self {
        let mut parts = vec![0];
        for at in 1..bytes.len() {
            // A name's length, in one byte, precedes it.
            let named = |name: &&str| {
                bytes[at..].starts_with(name.as_bytes()) && usize::from(bytes[at - 1]) == name.len()
            };
            if NAMES.iter().any(named) {
                parts.push(at - 2);
            }
        }
        parts.push(bytes.len());
        let mut places: Vec<_> = parts
            .iter()
            .flat_map(|part| part.saturating_sub(170)..part + 60)
            .filter(|&place| place < bytes.len())
            .collect();
        places.sort_unstable();
        places.dedup();
        Self { places, parts }
    }

    /// Of a file that is integers from end to end, as the landmark model: where each begins.
    pub fn of_integers(bytes: &[u8]) -> Self {
        let mut places = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            places.push(at);
            at += 1 + usize::from(bytes[at] & 0x0F);
        }
        assert_eq!(at, bytes.len(), "the file is no row of integers");
        let mut parts: Vec<_> = places.iter().step_by(places.len() / 40).copied().collect();
        parts.push(bytes.len());
        Self { places, parts }
    }
}

/// Kinds of damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Flip,
    Cut,
    Huge,
    Small,
    Swap,
    Repeat,
    Remove,
    Insert,
    Name,
}

impl Kind {
    pub const ALL: [Self; 9] = [
        Self::Flip,
        Self::Cut,
        Self::Huge,
        Self::Small,
        Self::Swap,
        Self::Repeat,
        Self::Remove,
        Self::Insert,
        Self::Name,
    ];
}

/// `bytes` with damage of one kind, which is never none at all.
pub fn damaged(bytes: &[u8], map: &Map, kind: Kind, random: &mut ChaCha8Rng) -> Vec<u8> {
    loop {
        let mut hurt = bytes.to_vec();
        hurt_once(&mut hurt, map, kind, random);
        // Now and then damage on damage.
        if kind != Kind::Cut && random.random_bool(0.2) {
            let places = map.places.iter().copied();
            let at = pick(
                &places.filter(|at| *at < hurt.len()).collect::<Vec<_>>(),
                random,
            );
            hurt[at] = random.next_u32() as u8;
        }
        if hurt != bytes {
            return hurt;
        }
    }
}

fn hurt_once(bytes: &mut Vec<u8>, map: &Map, kind: Kind, random: &mut ChaCha8Rng) {
    let place = pick(&map.places, random);
    let mut range = || {
        let (a, b) = (
            random.random_range(0..map.parts.len() - 1),
            random.random_range(1..map.parts.len()),
        );
        map.parts[a.min(b)]..map.parts[(a + 1).max(b)]
    };
    match kind {
        Kind::Flip => {
            for _ in 0..random.random_range(1..8) {
                let at = pick(&map.places, random);
                bytes[at] ^= 1 << random.random_range(0..8);
            }
        }
        Kind::Cut => bytes.truncate(place),
        Kind::Huge => {
            let number: &[u8] = match random.random_range(0..6) {
                0 => &[4, 0xFF, 0xFF, 0xFF, 0x7F],
                1 => &[8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
                2 => &[8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
                3 => &[3, 0, 0, 0x40],
                4 => &[0x88, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
                _ => &[4, 0, 0, 0, 0x10],
            };
            replace_integer(bytes, place, number);
        }
        Kind::Small => replace_integer(bytes, place, &[1, random.random_range(0..4)]),
        Kind::Swap => {
            let (first, second) = (range(), range());
            let part = bytes[first.clone()].to_vec();
            let other = bytes[second.clone()].to_vec();
            let (first, second) = if first.start <= second.start {
                ((first, other), (second, part))
            } else {
                ((second, part), (first, other))
            };
            if first.0.end <= second.0.start {
                bytes.splice(second.0, second.1);
                bytes.splice(first.0, first.1);
            } else {
                // They overlap: one goes over the other.
                bytes.splice(first.0, first.1);
            }
        }
        Kind::Repeat => {
            let part = range();
            let copy = bytes[part.clone()].to_vec();
            bytes.splice(part.end..part.end, copy);
        }
        Kind::Remove => drop(bytes.drain(range())),
        Kind::Insert => {
            let mut noise = vec![0; random.random_range(1..40)];
            random.fill_bytes(&mut noise);
            bytes.splice(place..place, noise);
        }
        Kind::Name => {
            let name = NAMES[random.random_range(0..NAMES.len())];
            let mut written = vec![1, name.len() as u8];
            written.extend(name.as_bytes());
            let part = map.parts[random.random_range(0..map.parts.len() - 1)];
            let length = bytes.get(part + 1).map_or(0, |length| usize::from(*length));
            let end = (part + 2 + length).min(bytes.len());
            bytes.splice(part..end, written);
        }
    }
}

/// What looks like an integer at `place` becomes `number`.
fn replace_integer(bytes: &mut Vec<u8>, place: usize, number: &[u8]) {
    let end = place + 1 + usize::from(bytes[place] & 0x0F).min(8);
    bytes.splice(place..end.min(bytes.len()), number.iter().copied());
}

fn pick(places: &[usize], random: &mut ChaCha8Rng) -> usize {
    places[random.random_range(0..places.len())]
}

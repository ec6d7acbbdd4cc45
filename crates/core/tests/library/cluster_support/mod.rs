//! What the tests of clustering measure with: dlib's figures, its random numbers, connected
//! components, the adjusted Rand index.

use std::collections::{BTreeMap, BTreeSet};

use flickr_faces::cluster::{DIMENSIONS, Graph, PASSES};
use serde::Deserialize;

/// The faces and labels of `data/clusters.json`.
pub struct Reference {
    pub descriptors: Vec<[f32; DIMENSIONS]>,
    /// Per threshold, as written ("0.60"), dlib's label of each face.
    pub labels: BTreeMap<String, Vec<u32>>,
}

/// Reads dlib's figures: 140 faces, labels at nine thresholds.
pub fn reference() -> Reference {
    #[derive(Deserialize)]
    struct File {
        labels: BTreeMap<String, Vec<u32>>,
        descriptors: Vec<Vec<f32>>,
    }
    let file: File = serde_json::from_str(include_str!("../../data/clusters.json")).unwrap();
    let descriptors: Vec<_> = file
        .descriptors
        .into_iter()
        .map(|numbers| numbers.try_into().unwrap())
        .collect();
    assert_eq!(
        (descriptors.len(), file.labels.len()),
        (140, 9),
        "the figures are not complete"
    );
    assert!(file.labels.values().all(|labels| labels.len() == 140));
    Reference {
        descriptors,
        labels: file.labels,
    }
}

/// The seed that dlib's generator always starts from.
pub const DLIBS_SEED: u32 = 5489;

/// The visits that dlib makes to `count` faces: `rand::get_random_64bit_number() % count`, 100 times
/// as many as there are faces (`chinese_whispers.h`, `rand_kernel_1.h`); dlib's own where `seed` is
/// [`DLIBS_SEED`].
pub fn dlib_visits(count: usize, seed: u32) -> impl Iterator<Item = u32> {
    let mut twister = MersenneTwister::new(seed);
    for _ in 0..10_000 {
        twister.next();
    }
    (0..count * PASSES).map(move |_| {
        let high = u64::from(twister.next());
        let low = u64::from(twister.next());
        (((high << 32) | low) % count as u64) as u32
    })
}

/// MT19937: M. Matsumoto, T. Nishimura, "Mersenne Twister", ACM TOMACS 8 (1998), with the seeding of
/// 2002.
struct MersenneTwister {
    state: [u32; 624],
    at: usize,
}

impl MersenneTwister {
    fn new(seed: u32) -> Self {
        let mut state = [seed; 624];
        for i in 1..624 {
            let before = state[i - 1];
            state[i] = (before ^ (before >> 30))
                .wrapping_mul(1_812_433_253)
                .wrapping_add(i as u32);
        }
        Self { state, at: 624 }
    }

    fn next(&mut self) -> u32 {
        if self.at == 624 {
            for i in 0..624 {
                let y = (self.state[i] & 0x8000_0000) | (self.state[(i + 1) % 624] & 0x7fff_ffff);
                let twist = if y & 1 == 1 { 0x9908_b0df } else { 0 };
                self.state[i] = self.state[(i + 397) % 624] ^ (y >> 1) ^ twist;
            }
            self.at = 0;
        }
        let mut z = self.state[self.at];
        self.at += 1;
        z ^= z >> 11;
        z ^= (z << 7) & 0x9d2c_5680;
        z ^= (z << 15) & 0xefc6_0000;
        z ^ (z >> 18)
    }
}

/// The connected components of `graph`: each face's is named by its lowest face.
pub fn components(graph: &Graph) -> Vec<usize> {
    let mut component = vec![usize::MAX; graph.len()];
    for first in 0..graph.len() {
        let mut open = vec![first];
        while let Some(face) = open.pop() {
            if component[face] == usize::MAX {
                component[face] = first;
                open.extend(graph.neighbours_of(face).iter().map(|&face| face as usize));
            }
        }
    }
    component
}

/// The components in which every two faces are neighbours: there, whatever the order of visits, all
/// faces end with one label.
pub fn complete_components(graph: &Graph) -> Vec<Vec<usize>> {
    let components = components(graph);
    let names: BTreeSet<usize> = components.iter().copied().collect();
    names
        .into_iter()
        .map(|name| {
            (0..graph.len())
                .filter(|&face| components[face] == name)
                .collect()
        })
        .filter(|members: &Vec<usize>| {
            members
                .iter()
                .all(|&face| graph.neighbours_of(face).len() + 1 == members.len())
        })
        .collect()
}

/// How much two partitions agree: 1 where they are the same, about 0 where they agree by chance.
///
/// L. Hubert, P. Arabie, "Comparing partitions", Journal of Classification 2 (1985), eq. 5:
/// (Σ C(nᵢⱼ,2) - e) / ((Σ C(aᵢ,2) + Σ C(bⱼ,2)) / 2 - e),  e = Σ C(aᵢ,2) Σ C(bⱼ,2) / C(n,2).
pub fn adjusted_rand_index(a: &[u32], b: &[u32]) -> f64 {
    assert_eq!(a.len(), b.len(), "partitions of different faces");
    fn pairs<T: Ord>(keys: impl Iterator<Item = T>) -> f64 {
        let mut counts = BTreeMap::<T, u64>::new();
        keys.for_each(|key| *counts.entry(key).or_default() += 1);
        counts.values().map(|&n| (n * (n - 1) / 2) as f64).sum()
    }
    let together = pairs(a.iter().zip(b));
    let (in_a, in_b) = (pairs(a.iter()), pairs(b.iter()));
    let expected = in_a * in_b / pairs(a.iter().map(|_| ())).max(1.0);
    let most = f64::midpoint(in_a, in_b);
    // Both all alone, or both all together: the same partition, and 0 / 0.
    if most == expected {
        1.0
    } else {
        (together - expected) / (most - expected)
    }
}

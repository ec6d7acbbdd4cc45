//! Faces in a row, so that those that are alike stand beside each other.

use std::collections::{HashMap, VecDeque};

use super::{View, library::Library, members::Member};
use crate::cluster::distance;

/// The faces of the groups of `view` that are too small for a question of their own. Those of a group follow each other, and
/// like groups do; what is near nothing comes last.
pub(super) fn by_likeness(library: &Library, view: &View) -> Vec<Member> {
    let small = &view.clusters[view.asked().len()..];
    let groups = small.iter().map(|cluster| {
        let faces = cluster.faces.iter();
        faces
            .filter_map(|face| Some((library.number(&face.id)?, face)))
            .collect()
    });
    let groups: Vec<Vec<(u32, &Member)>> = groups.collect();
    let (numbers, faces): (Vec<u32>, Vec<&Member>) = groups.iter().flatten().copied().unzip();
    let apart = |a: u32, b: u32| {
        let point = |place: u32| library.compared.point(numbers[place as usize]);
        distance(&point(a), &point(b))
    };
    let place_of: HashMap<u32, u32> = numbers.iter().copied().zip(0..).collect();
    // Within each group first.
    let (mut links, mut begin) = (Vec::new(), 0);
    for group in &groups {
        let end = begin + group.len() as u32;
        for b in begin..end {
            links.extend((begin..b).map(|a| (false, apart(a, b), a, b)));
        }
        begin = end;
    }
    for (&face, b) in numbers.iter().zip(0..) {
        let near = library.graph.edges_of(face as usize);
        let near = near.filter_map(|(other, distance)| Some((*place_of.get(&other)?, distance)));
        links.extend(
            near.filter(|&(a, _)| a < b)
                .map(|(a, distance)| (true, distance, a, b)),
        );
    }
    links.sort_unstable_by(|a, b| {
        (a.0.cmp(&b.0))
            .then(a.1.total_cmp(&b.1))
            .then((a.2, a.3).cmp(&(b.2, b.3)))
    });
    let links = links.into_iter().map(|(_, _, a, b)| (a, b));
    let order = in_a_row(numbers.len(), links, apart);
    order
        .into_iter()
        .map(|place| faces[place as usize].clone())
        .collect()
}

/// The numbers from 0 to `count`, in the order of the leaves of the tree that joins what is linked, link after link
/// (single linkage, where `links` are the nearest first): two rows become one at those of their ends that are nearest to
/// each other. The longest row comes first. Each number is moved as often as the row that it is in doubles, at most.
fn in_a_row(
    count: usize,
    links: impl Iterator<Item = (u32, u32)>,
    apart: impl Fn(u32, u32) -> f32,
) -> Vec<u32> {
    let mut row_of: Vec<usize> = (0..count).collect();
    let mut rows: Vec<VecDeque<u32>> = (0..count as u32).map(|one| VecDeque::from([one])).collect();
    for (a, b) in links {
        let (mut long, mut short) = (row_of[a as usize], row_of[b as usize]);
        if long == short {
            continue;
        }
        if rows[long].len() < rows[short].len() {
            (long, short) = (short, long);
        }
        let mut added = std::mem::take(&mut rows[short]);
        let ends = |row: &VecDeque<u32>| row.front().copied().zip(row.back().copied());
        let (Some((first, last)), Some((front, back))) = (ends(&rows[long]), ends(&added)) else {
            continue;
        };
        let ways = [
            (apart(last, front), false, false),
            (apart(last, back), false, true),
            (apart(first, back), true, true),
            (apart(first, front), true, false),
        ];
        let nearest = ways.into_iter().min_by(|a, b| a.0.total_cmp(&b.0));
        let Some((_, is_before, is_from_back)) = nearest else {
            continue;
        };
        added.iter().for_each(|&one| row_of[one as usize] = long);
        while let Some(one) = if is_from_back {
            added.pop_back()
        } else {
            added.pop_front()
        } {
            if is_before {
                rows[long].push_front(one);
            } else {
                rows[long].push_back(one);
            }
        }
    }
    // Stable: of equals the one with the lower number stays first.
    rows.sort_by_key(|row| std::cmp::Reverse(row.len()));
    rows.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Places on a line: what is like what is plain there.
    fn order(at: &[f32], near: f32) -> Vec<f32> {
        let apart = |a: u32, b: u32| (at[a as usize] - at[b as usize]).abs();
        let all = (0..at.len() as u32).flat_map(|b| (0..b).map(move |a| (a, b)));
        let mut links: Vec<_> = all.filter(|&(a, b)| apart(a, b) < near).collect();
        links.sort_by(|&(a, b), &(c, d)| apart(a, b).total_cmp(&apart(c, d)));
        let row = in_a_row(at.len(), links.into_iter(), apart);
        row.into_iter().map(|one| at[one as usize]).collect()
    }

    #[test]
    fn what_is_alike_stands_side_by_side() {
        // One row along the line, from either end, and not from neighbour to neighbour and back.
        let row = order(&[5.0, 1.1, 9.0, 3.0, 7.2, 2.0, 6.0, 4.1, 8.0], 2.0);
        let mut sorted = row.clone();
        sorted.sort_by(f32::total_cmp);
        if row[0] > row[1] {
            sorted.reverse();
        }
        assert_eq!(row, sorted);
    }

    #[test]
    fn rows_that_nothing_links_follow_by_length() {
        assert_eq!(
            order(&[20.0, 1.0, 50.0, 2.0, 3.0, 21.0], 5.0),
            [1.0, 2.0, 3.0, 20.0, 21.0, 50.0]
        );
    }
}

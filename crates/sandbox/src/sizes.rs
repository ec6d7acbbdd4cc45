//! The sizes that Flickr makes of a photo: names, file suffixes, dimensions.
//!
//! `images` draws them. The size `f` (4,096 for 2:1 photos) is missing: its
//! label is not known.

/// The server in the addresses of a photo's files until it is replaced.
pub(crate) const FIRST_SERVER: u32 = 65_535;

/// One of the sizes that Flickr resizes a photo to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SizeKind {
    /// Letter of the `url_*` extra.
    pub(crate) letter: &'static str,
    /// Label in `flickr.photos.getSizes`.
    pub(crate) label: &'static str,
    /// What stands between the secret and the extension in a file's name.
    pub(crate) suffix: &'static str,
    /// Longest edge in pixels.
    pub(crate) edge: u32,
    /// Whether it is a square crop.
    pub(crate) square: bool,
    /// Whether its files have a secret of their own.
    pub(crate) own_secret: bool,
}

const fn kind(
    letter: &'static str,
    label: &'static str,
    suffix: &'static str,
    edge: u32,
) -> SizeKind {
    SizeKind {
        letter,
        label,
        suffix,
        edge,
        square: edge == 75 || edge == 150,
        own_secret: edge > 1024,
    }
}

/// All resized sizes, smallest first.
pub(crate) const SIZE_KINDS: [SizeKind; 16] = [
    kind("sq", "Square", "_s", 75),
    kind("q", "Large Square", "_q", 150),
    kind("t", "Thumbnail", "_t", 100),
    kind("s", "Small", "_m", 240),
    kind("n", "Small 320", "_n", 320),
    kind("w", "Small 400", "_w", 400),
    kind("m", "Medium", "", 500),
    kind("z", "Medium 640", "_z", 640),
    kind("c", "Medium 800", "_c", 800),
    kind("l", "Large", "_b", 1024),
    kind("h", "Large 1600", "_h", 1600),
    kind("k", "Large 2048", "_k", 2048),
    kind("3k", "X-Large 3K", "_3k", 3072),
    kind("4k", "X-Large 4K", "_4k", 4096),
    kind("5k", "X-Large 5K", "_5k", 5120),
    kind("6k", "X-Large 6K", "_6k", 6144),
];

/// A size of one photo, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) kind: &'static SizeKind,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// The resized sizes of a photo that is shown as `width` x `height` pixels.
///
/// Every size up to the longest edge; with `near_labels` also the next one at
/// the photo's own dimensions where those reach 92 % of it. The shorter edge
/// is rounded half up.
pub(crate) fn resized(width: u32, height: u32, near_labels: bool) -> Vec<Size> {
    let longest = width.max(height);
    let mut sizes = Vec::with_capacity(SIZE_KINDS.len());
    let mut near = near_labels;
    for kind in &SIZE_KINDS {
        let (width, height) = if kind.square {
            (kind.edge, kind.edge)
        } else if kind.edge <= longest {
            (
                scaled(width, kind.edge, longest),
                scaled(height, kind.edge, longest),
            )
        } else if near && u64::from(longest) * 100 >= u64::from(kind.edge) * 92 {
            near = false;
            (width, height)
        } else {
            break;
        };
        // An edge that a size meets exactly leaves nothing to list twice.
        if kind.edge == longest {
            near = false;
        }
        sizes.push(Size {
            kind,
            width,
            height,
        });
    }
    sizes
}

/// `edge * to / longest`, rounded half up, at least one pixel.
fn scaled(edge: u32, to: u32, longest: u32) -> u32 {
    let longest = u64::from(longest.max(1));
    let scaled = (2 * u64::from(edge) * u64::from(to) + longest) / (2 * longest);
    u32::try_from(scaled).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_half_up_and_stop_at_the_original() {
        struct Case {
            original: (u32, u32),
            near: bool,
            last: (&'static str, u32, u32),
            count: usize,
        }
        let cases = [
            // 500 * 1001 / 1500 = 333.67; 1500 is 94 % of 1600.
            Case {
                original: (1500, 1001),
                near: true,
                last: ("h", 1500, 1001),
                count: 11,
            },
            Case {
                original: (1500, 1001),
                near: false,
                last: ("l", 1024, 683),
                count: 10,
            },
            // 5568 is 90.6 % of 6144: no 6K.
            Case {
                original: (5568, 3712),
                near: true,
                last: ("5k", 5120, 3413),
                count: 15,
            },
            Case {
                original: (1024, 768),
                near: true,
                last: ("l", 1024, 768),
                count: 10,
            },
            // 100 * 3 / 240 = 1.25; 240 * 3 / 240 = 3.
            Case {
                original: (3, 240),
                near: true,
                last: ("s", 3, 240),
                count: 4,
            },
            // Half up: 100 * 1 / 200 = 0.5 becomes 1; 200 is not near 240.
            Case {
                original: (200, 1),
                near: true,
                last: ("t", 100, 1),
                count: 3,
            },
            Case {
                original: (40, 30),
                near: true,
                last: ("q", 150, 150),
                count: 2,
            },
        ];
        let mut wrong = Vec::new();
        for case in &cases {
            let sizes = resized(case.original.0, case.original.1, case.near);
            let last = sizes.last().map(|s| (s.kind.letter, s.width, s.height));
            if last != Some(case.last) || sizes.len() != case.count {
                wrong.push(format!("{:?}: {last:?}, {}", case.original, sizes.len()));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn half_is_rounded_up() {
        assert_eq!(scaled(333, 100, 200), 167); // 166.5
        assert_eq!(scaled(1, 100, 1000), 1); // 0.1, but no size is 0 pixels
    }
}

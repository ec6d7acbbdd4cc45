//! Which file of a photo to fetch: the largest at or below MAX_SIZE by its numbers. A label
//! promises nothing: "Large 1600" has been 1500 pixels wide.

use std::fmt;

use url::Url;

use super::replies::{ListedPhoto, Media};

/// Suffix of the `url_`/`width_`/`height_` extras and label of flickr.photos.getSizes, with the
/// longest side in pixels that the label stands for (0 for the original).
///
/// The two squares (`sq`, `q`) are left out: they are cropped. `f` is made for 2:1 panoramas only.
pub const LABELS: [(&str, &str, u32); 16] = [
    ("t", "Thumbnail", 100),
    ("s", "Small", 240),
    ("n", "Small 320", 320),
    ("w", "Small 400", 400),
    ("m", "Medium", 500),
    ("z", "Medium 640", 640),
    ("c", "Medium 800", 800),
    ("l", "Large", 1024),
    ("h", "Large 1600", 1600),
    ("k", "Large 2048", 2048),
    ("3k", "X-Large 3K", 3072),
    ("4k", "X-Large 4K", 4096),
    ("f", "X-Large 4K panorama", 4096),
    ("5k", "X-Large 5K", 5120),
    ("6k", "X-Large 6K", 6144),
    ("o", ORIGINAL, 0),
];

/// The label of the file as it was uploaded: of any format, and perhaps not rotated upright.
pub const ORIGINAL: &str = "Original";

/// Width and height of the medium image, on which notes and people are placed.
pub fn medium(sizes: &[PhotoSize]) -> Option<(u32, u32)> {
    let medium = sizes.iter().find(|size| size.label == "Medium")?;
    Some((medium.width, medium.height))
}

/// The same out of all sizes of a photo: one that is smaller has no medium image, and its own size
/// stands for it.
pub fn medium_of_all(sizes: &[PhotoSize]) -> Option<(u32, u32)> {
    let longest = |size: &&PhotoSize| size.width.max(size.height);
    medium(sizes).or_else(|| {
        let whole = |size: &&PhotoSize| !size.label.contains("Square") && longest(size) <= 500;
        let largest = sizes.iter().filter(whole).max_by_key(longest)?;
        // The original may lie on its side; the others do not.
        let upright = sizes
            .iter()
            .filter(whole)
            .find(|size| size.label != ORIGINAL);
        let turned =
            |other: &PhotoSize| (other.width > other.height) != (largest.width > largest.height);
        Some(match upright {
            Some(other) if turned(other) => (largest.height, largest.width),
            _ => (largest.width, largest.height),
        })
    })
}

/// How far a longest side may lie below its label's and still be that size: rounding.
const ROUNDING: u32 = 2;

/// One file of a photo.
#[derive(Clone, PartialEq, Eq)]
pub struct PhotoSize {
    /// Flickr's label, as in flickr.photos.getSizes.
    pub label: String,
    /// Pixels, above zero. Of an original before its EXIF orientation is applied.
    pub width: u32,
    /// Pixels, above zero.
    pub height: u32,
    /// Where the file lies. Holds the photo's secret: with it anybody sees a private photo.
    pub url: Url,
}

/// Without the URL, which would open a private photo to a log's reader.
impl fmt::Debug for PhotoSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "PhotoSize({:?}, {}x{})",
            self.label, self.width, self.height
        )
    }
}

impl PhotoSize {
    /// The longer of width and height, in pixels.
    pub fn longest(&self) -> u32 {
        self.width.max(self.height)
    }

    /// Whether it is the uploaded file.
    pub fn is_original(&self) -> bool {
        self.label == ORIGINAL
    }

    /// The squares are cut out of the photo's middle: faces at the edge are lost.
    fn is_cropped(&self) -> bool {
        self.label.contains("Square")
    }
}

/// The largest of `sizes` whose longest side is at or below `max_size` pixels; `None` where there
/// is none.
///
/// Never a square, and the original only if it is a JPEG or PNG (by `original_format`, Flickr's
/// `originalformat`, or else by its file name). Of two as large the one that is not the original:
/// Flickr throttles originals first.
pub fn choose<'a>(
    sizes: &'a [PhotoSize],
    original_format: Option<&str>,
    max_size: u32,
) -> Option<&'a PhotoSize> {
    sizes
        .iter()
        .filter(|size| !size.is_cropped() && size.longest() <= max_size)
        .filter(|size| !size.is_original() || is_jpeg_or_png(original_format, Some(&size.url)))
        .max_by_key(|size| {
            (
                size.longest(),
                !size.is_original(),
                size.width.min(size.height),
            )
        })
}

/// Whether a call of flickr.photos.getSizes can bring a better size than the listing's: a size
/// that this photo should have at or below `max_size` is missing in it.
pub fn needs_get_sizes(photo: &ListedPhoto, max_size: u32) -> bool {
    if photo.media == Media::Video {
        return false;
    }
    let format = photo.original_format.as_deref();
    let chosen = choose(&photo.sizes, format, max_size).map_or(0, PhotoSize::longest);
    chosen.saturating_add(ROUNDING) < wanted(photo, max_size)
}

/// The longest side, in pixels, that the best file at or below `max_size` should have.
fn wanted(photo: &ListedPhoto, max_size: u32) -> u32 {
    let listed = || photo.sizes.iter().filter(|size| !size.is_cropped());
    let of_listing = || {
        listed()
            .find(|size| size.is_original())
            .map(PhotoSize::longest)
    };
    let original = photo
        .original_size
        .map(|(width, height)| width.max(height))
        .or_else(of_listing);
    if let Some(original) = original {
        let url = listed()
            .find(|size| size.is_original())
            .map(|size| &size.url);
        if original <= max_size && is_jpeg_or_png(photo.original_format.as_deref(), url) {
            return original;
        }
        return largest_edge(max_size.min(original));
    }
    let largest = listed().map(PhotoSize::longest).max().unwrap_or(0);
    let ends_here = largest != 0 && !edges().any(|edge| edge == largest);
    if largest >= max_size {
        largest_edge(max_size)
    } else if ends_here {
        // A size at the photo's own dimensions: there is nothing larger.
        largest
    } else {
        edges()
            .filter(|edge| *edge > largest && *edge <= max_size)
            .min()
            .unwrap_or(largest)
    }
}

fn edges() -> impl Iterator<Item = u32> {
    LABELS
        .iter()
        .map(|(_, _, edge)| *edge)
        .filter(|edge| *edge > 0)
}

fn largest_edge(limit: u32) -> u32 {
    edges().filter(|edge| *edge <= limit).max().unwrap_or(0)
}

fn is_jpeg_or_png(format: Option<&str>, url: Option<&Url>) -> bool {
    let of_url = || url?.path().rsplit_once('.').map(|(_, extension)| extension);
    let format = format.filter(|format| !format.is_empty()).or_else(of_url);
    format.is_some_and(|format| {
        ["jpg", "jpeg", "png"]
            .iter()
            .any(|known| format.eq_ignore_ascii_case(known))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(label: &str, width: u32, height: u32) -> PhotoSize {
        let extension = if label.ends_with("gif") { "gif" } else { "jpg" };
        let url = format!("https://live.staticflickr.com/1/2_3_x.{extension}")
            .parse()
            .unwrap();
        PhotoSize {
            label: label.trim_end_matches(" gif").to_owned(),
            width,
            height,
            url,
        }
    }

    fn photo(
        sizes: Vec<PhotoSize>,
        original_size: Option<(u32, u32)>,
        format: Option<&str>,
    ) -> ListedPhoto {
        ListedPhoto {
            id: "1".parse().unwrap(),
            title: String::new(),
            upload_date: 1,
            media: Media::Photo,
            original_size,
            original_format: format.map(str::to_owned),
            sizes,
            tags: vec![],
            public: false,
        }
    }

    #[test]
    fn a_small_photo_is_its_own_medium_image() {
        let small = [
            size("Square", 75, 75),
            size("Thumbnail", 100, 67),
            size("Small", 240, 160),
        ];
        let with = |more: PhotoSize| [&small[..], &[more]].concat();
        let cases = [
            (with(size("Medium", 500, 333)), Some((500, 333))),
            (small.to_vec(), Some((240, 160))),
            (with(size(ORIGINAL, 450, 300)), Some((450, 300))),
            (with(size(ORIGINAL, 300, 450)), Some((450, 300))),
            (with(size("Large", 1024, 683)), Some((240, 160))),
            (Vec::new(), None),
        ];
        for (sizes, expected) in cases {
            assert_eq!(medium_of_all(&sizes), expected, "{sizes:?}");
        }
        assert_eq!(medium(&small), None);
    }

    /// All standard sizes of a photo in landscape 3:2 up to its own.
    fn standard(original: u32) -> Vec<PhotoSize> {
        let mut sizes = vec![size("Square", 75, 75), size("Large Square", 150, 150)];
        let labels = LABELS
            .iter()
            .filter(|l| l.2 > 0 && l.2 <= original && l.0 != "f");
        sizes.extend(labels.map(|(_, label, edge)| size(label, *edge, edge * 2 / 3)));
        sizes
    }

    #[test]
    fn the_largest_at_or_below_the_limit() {
        struct Case(
            &'static str,
            Vec<PhotoSize>,
            Option<&'static str>,
            u32,
            Option<&'static str>,
        );
        let with = |mut sizes: Vec<PhotoSize>, more: PhotoSize| {
            sizes.push(more);
            sizes
        };
        let cases = [
            Case("exact", standard(4000), None, 1024, Some("Large")),
            Case("between", standard(4000), None, 1599, Some("Large")),
            Case(
                "portrait counts its height",
                vec![size("Large", 683, 1024), size("Medium", 333, 500)],
                None,
                1000,
                Some("Medium"),
            ),
            Case(
                "label lies",
                vec![size("Large", 1024, 683), size("Large 1600", 1500, 1001)],
                None,
                1500,
                Some("Large 1600"),
            ),
            Case(
                "original jpg",
                with(standard(1200), size(ORIGINAL, 1200, 800)),
                Some("jpg"),
                1600,
                Some(ORIGINAL),
            ),
            Case(
                "original PNG",
                with(standard(1200), size(ORIGINAL, 1200, 800)),
                Some("PNG"),
                1600,
                Some(ORIGINAL),
            ),
            Case(
                "original tiff",
                with(standard(1200), size(ORIGINAL, 1200, 800)),
                Some("tiff"),
                1600,
                Some("Large"),
            ),
            Case(
                "gif by name",
                with(standard(1200), size("Original gif", 1200, 800)),
                None,
                1600,
                Some("Large"),
            ),
            Case(
                "same size, not the original",
                with(standard(1024), size(ORIGINAL, 1024, 682)),
                Some("jpg"),
                1600,
                Some("Large"),
            ),
            Case(
                "original too large",
                with(standard(5000), size(ORIGINAL, 5000, 3333)),
                Some("jpg"),
                1600,
                Some("Large 1600"),
            ),
            Case(
                "unrotated original",
                with(standard(1200), size(ORIGINAL, 800, 1200)),
                Some("jpg"),
                1200,
                Some(ORIGINAL),
            ),
            Case("no square", standard(4000), None, 99, None),
            Case(
                "squares alone",
                vec![size("Square", 75, 75), size("Large Square", 150, 150)],
                None,
                500,
                None,
            ),
            Case("nothing", vec![], None, 500, None),
        ];
        let mut wrong = Vec::new();
        for Case(name, sizes, format, max, expected) in cases {
            let found = choose(&sizes, format, max).map(|size| size.label.as_str());
            if found != expected {
                wrong.push(format!("{name}: {found:?}, expected {expected:?}"));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn get_sizes_is_asked_only_where_it_can_help() {
        struct Case(&'static str, ListedPhoto, u32, bool);
        let without = |original: u32, missing: &str| {
            let mut sizes = standard(original);
            sizes.retain(|size| size.label != missing);
            sizes
        };
        let dims = |edge: u32| Some((edge, edge * 2 / 3));
        let jpg = Some("jpg");
        let mut video = photo(vec![], None, None);
        video.media = Media::Video;
        let cases = [
            Case(
                "all there",
                photo(standard(4000), dims(4000), jpg),
                1600,
                false,
            ),
            Case(
                "wanted missing",
                photo(without(4000, "Large 1600"), dims(4000), jpg),
                1600,
                true,
            ),
            Case(
                "other missing",
                photo(without(4000, "Large 1600"), dims(4000), jpg),
                1024,
                false,
            ),
            Case(
                "small, original unlisted",
                photo(standard(900), dims(900), jpg),
                1600,
                true,
            ),
            Case(
                "small tiff",
                photo(standard(900), dims(900), Some("tiff")),
                1600,
                false,
            ),
            Case(
                "near-size label",
                photo(
                    [standard(1100), vec![size("Large 1600", 1500, 1000)]].concat(),
                    dims(1500),
                    Some("tiff"),
                ),
                1600,
                false,
            ),
            Case(
                "below all",
                photo(standard(4000), dims(4000), jpg),
                50,
                false,
            ),
            Case(
                "no original, larger listed",
                photo(standard(4000), None, None),
                1600,
                false,
            ),
            Case(
                "no original, hole",
                photo(without(4000, "Large 1600"), None, None),
                1600,
                true,
            ),
            Case(
                "no original, stops at 1024",
                photo(standard(1024), None, None),
                1600,
                true,
            ),
            Case(
                "no original, own dimensions",
                photo(vec![size("Large", 900, 600)], None, None),
                1600,
                false,
            ),
            Case("no size at all", photo(vec![], None, None), 1600, true),
            Case("video", video, 1600, false),
        ];
        let wrong: Vec<_> = cases
            .iter()
            .filter(|Case(_, photo, max, expected)| needs_get_sizes(photo, *max) != *expected)
            .map(|case| case.0)
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn debug_shows_no_url() {
        assert_eq!(
            format!("{:?}", size("Large", 1024, 683)),
            "PhotoSize(\"Large\", 1024x683)"
        );
    }
}

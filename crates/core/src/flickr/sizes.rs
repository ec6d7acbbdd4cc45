//! Which file of a photo to fetch: the largest at or below MAX_SIZE by its numbers. A label
//! promises nothing: "Large 1600" has been 1500 pixels wide.

use std::fmt;

use url::Url;

/// Suffix of the `url_`/`width_`/`height_` extras and label of flickr.photos.getSizes, with the
/// longest side in pixels that the label stands for (0 for the original).
///
/// The two squares (`sq`, `q`) are left out: they are cropped. `f` is made for 2:1 panoramas only.
pub(crate) const LABELS: [(&str, &str, u32); 16] = [
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
pub(crate) const ORIGINAL: &str = "Original";

/// The longest side of the medium image, in pixels.
const MEDIUM: u32 = 500;

/// Width and height of the medium image, on which notes and people are placed.
pub(crate) fn medium(sizes: &[PhotoSize]) -> Option<(u32, u32)> {
    let medium = sizes.iter().find(|size| size.label == "Medium")?;
    Some((medium.width, medium.height))
}

/// The same out of all sizes of a photo: a small one has no medium image, and its own size stands for
/// it.
pub(crate) fn medium_of_all(sizes: &[PhotoSize]) -> Option<(u32, u32)> {
    medium(sizes).or_else(|| {
        let mut whole = sizes.iter().filter(|size| !size.is_cropped());
        let small = |size: &&PhotoSize| size.longest() <= MEDIUM;
        let largest = whole.clone().filter(small).max_by_key(|s| s.longest())?;
        // The original may lie on its side; the others do not.
        let is_wide = |size: &PhotoSize| size.width > size.height;
        let upright = whole.find(|size| small(size) && !size.is_original());
        Some(match upright {
            Some(other) if is_wide(other) != is_wide(largest) => (largest.height, largest.width),
            _ => (largest.width, largest.height),
        })
    })
}

/// The same out of what a listing says: of a small photo only where it says how large that is.
pub(crate) fn medium_of_listed(
    sizes: &[PhotoSize],
    original: Option<(u32, u32)>,
) -> Option<(u32, u32)> {
    let longest = |(width, height): (u32, u32)| width.max(height);
    // Sizes may be missing from a listing; the original's numbers say that none can be.
    let is_small = original.is_some_and(|original| longest(original) <= MEDIUM);
    medium(sizes).or_else(|| {
        let (width, height) = original.filter(|_| is_small)?;
        // The original may lie on its side; the others do not.
        let mut others = sizes.iter().filter(|size| !size.is_cropped());
        let upright = others.find(|size| !size.is_original())?;
        let is_turned = (upright.width > upright.height) != (width > height);
        Some(if is_turned {
            (height, width)
        } else {
            (width, height)
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
    pub(crate) fn is_original(&self) -> bool {
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
pub(crate) fn choose<'a>(
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

/// The same without the original: Flickr's own sizes are plain JPEGs, and upright.
pub(crate) fn choose_rendered(sizes: &[PhotoSize], max_size: u32) -> Option<&PhotoSize> {
    let rendered = sizes.iter().filter(|size| !size.is_original());
    let fits = |size: &&PhotoSize| !size.is_cropped() && size.longest() <= max_size;
    rendered
        .filter(fits)
        .max_by_key(|size| (size.longest(), size.width.min(size.height)))
}

/// Whether an image's address is that of an original: `ID_SECRET_o.jpg`.
pub(crate) fn is_originals(url: &Url) -> bool {
    let name = url.path().rsplit('/').next().unwrap_or_default();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    stem.ends_with("_o")
}

/// What a listing says of a photo's sizes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listed<'a> {
    /// The sizes the listing held; may be none.
    pub sizes: &'a [PhotoSize],
    /// Width and height of the original in pixels, perhaps unrotated.
    pub original_size: Option<(u32, u32)>,
    /// Flickr's `originalformat`.
    pub original_format: Option<&'a str>,
}

impl Listed<'_> {
    /// Whether a call of flickr.photos.getSizes can bring a better size than the listing's: a size
    /// that this photo should have at or below `max_size` is missing in it.
    pub(crate) fn needs_get_sizes(&self, max_size: u32) -> bool {
        let chosen = choose(self.sizes, self.original_format, max_size);
        let longest = chosen.map_or(0, PhotoSize::longest);
        longest.saturating_add(ROUNDING) < self.best_edge(max_size)
    }

    /// The longest side, in pixels, that the best file at or below `max_size` should have.
    fn best_edge(&self, max_size: u32) -> u32 {
        let listed = || self.sizes.iter().filter(|size| !size.is_cropped());
        let file = listed().find(|size| size.is_original());
        let said = self.original_size.map(|(width, height)| width.max(height));
        if let Some(original) = said.or(file.map(PhotoSize::longest)) {
            let url = file.map(|size| &size.url);
            if original <= max_size && is_jpeg_or_png(self.original_format, url) {
                return original;
            }
            return largest_edge(max_size.min(original));
        }
        let largest = listed().map(PhotoSize::longest).max().unwrap_or(0);
        if largest >= max_size {
            return largest_edge(max_size);
        }
        // A size at the photo's own dimensions: there is nothing larger.
        let ends_here = largest != 0 && !edges().any(|edge| edge == largest);
        let larger = edges().filter(|edge| *edge > largest && *edge <= max_size);
        larger.min().filter(|_| !ends_here).unwrap_or(largest)
    }
}

fn edges() -> impl Iterator<Item = u32> {
    let edges = LABELS.iter().map(|(_, _, edge)| *edge);
    edges.filter(|edge| *edge > 0)
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
mod tests;

//! How large a photo may be.

/// Limits, against files made to fill the memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Pixels of the picture: width times height.
    pub max_pixels: u64,
    /// Bytes of the file.
    pub max_bytes: u64,
}

impl Limits {
    /// The decoder's own memory: its output in the widest form (16-bit RGBA) and as much again.
    fn max_alloc(self) -> u64 {
        self.max_pixels.saturating_mul(16).saturating_add(1 << 20)
    }

    /// The same for the decoders of `image`.
    pub(super) fn for_decoder(self) -> image::Limits {
        let mut limits = image::Limits::no_limits();
        limits.max_alloc = Some(self.max_alloc());
        limits
    }
}

impl Default for Limits {
    /// 100 megapixels, 400 MB: more than any camera's photo at a size that Flickr serves.
    fn default() -> Self {
        Self {
            max_pixels: 100_000_000,
            max_bytes: 400_000_000,
        }
    }
}

//! An image as three planes of 8 bits, and dlib's resize of them, to the same bits as `resize_rgb`.

use image::RgbImage;

use super::avx2::Avx2;
use crate::faces::resize::{Column, Columns, rows};

/// Bytes behind the last plane, so that sixteen can be read at any pixel.
const SLACK: usize = 16;

/// Red, green and blue, each row by row.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Planes {
    pub(super) width: usize,
    pub(super) height: usize,
    numbers: Vec<u8>,
}

impl Planes {
    /// One channel: `width * height` numbers.
    pub(super) fn channel(&self, index: usize) -> &[u8] {
        let area = self.width * self.height;
        &self.numbers[index * area..][..area]
    }

    fn reset(&mut self, width: usize, height: usize) {
        (self.width, self.height) = (width, height);
        self.numbers.resize(width * height * 3 + SLACK, 0);
    }

    /// Takes an image over.
    pub(super) fn fill(&mut self, image: &RgbImage) {
        self.reset(image.width() as usize, image.height() as usize);
        let area = self.width * self.height;
        let (red, rest) = self.numbers.split_at_mut(area);
        let (green, blue) = rest.split_at_mut(area);
        let pixels = image.as_raw().as_chunks::<3>().0;
        for (((pixel, red), green), blue) in pixels.iter().zip(red).zip(green).zip(blue) {
            [*red, *green, *blue] = *pixel;
        }
    }

    /// Takes over what another image is when resized.
    pub(super) fn fill_resized(
        &mut self,
        from: &Self,
        width: usize,
        height: usize,
        avx2: Option<Avx2>,
    ) {
        self.reset(width, height);
        if [from.width, from.height, width, height].contains(&0) {
            return;
        }
        let columns = Columns::new(from.width, width);
        let eights = avx2.map_or_else(Vec::new, |_| Eight::all(&columns));
        let area = from.width * from.height;
        for (row, (top, bottom, g)) in rows(from.height, height).enumerate() {
            for channel in 0..3 {
                let line = |row: usize| &from.numbers[channel * area + row * from.width..];
                let line = Line {
                    top: line(top),
                    bottom: line(bottom),
                    lower: g,
                };
                let at = (channel * height + row) * width;
                let out = &mut self.numbers[at..][..width];
                let done = eights.len() * 8;
                if let Some(avx2) = avx2 {
                    line.eights(&eights, &mut out[..done], avx2);
                }
                line.rest(&columns, done, out);
            }
        }
    }
}

/// Eight target columns whose sources lie within sixteen bytes: where those begin, and where in them
/// each column's left and right pixel are.
#[derive(Debug, Clone)]
#[cfg_attr(
    not(target_arch = "x86_64"),
    expect(dead_code, reason = "for AVX2 alone")
)]
struct Eight {
    start: usize,
    lefts: [u8; 16],
    rights: [u8; 16],
    fractions: [f32; 8],
}

impl Eight {
    /// As many of dlib's fast columns, from the left, as can be taken by eights.
    fn all(columns: &Columns) -> Vec<Self> {
        let fast = &columns.columns[..columns.fast];
        fast.as_chunks::<8>()
            .0
            .iter()
            .map_while(Self::new)
            .collect()
    }

    fn new(columns: &[Column; 8]) -> Option<Self> {
        let start = columns[0].left;
        let mut eight = Self {
            start,
            // An index with its highest bit set gives 0.
            lefts: [0x80; 16],
            rights: [0x80; 16],
            fractions: columns.map(|column| column.fraction as f32),
        };
        for (index, column) in columns.iter().enumerate() {
            let within = |place: usize| u8::try_from(place - start).ok().filter(|&at| at < 16);
            eight.lefts[index] = within(column.left)?;
            eight.rights[index] = within(column.right)?;
        }
        Some(eight)
    }
}

/// The two source rows of a target row, from their first pixel to the end of all planes, and how far the
/// target is from the upper.
struct Line<'a> {
    top: &'a [u8],
    bottom: &'a [u8],
    lower: f64,
}

impl Line<'_> {
    /// Target columns by eights.
    fn eights(&self, eights: &[Eight], out: &mut [u8], _: Avx2) {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `Avx2` is only there where the processor has it.
        unsafe {
            self.eights_avx2(eights, out);
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = (eights, out);
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn eights_avx2(&self, eights: &[Eight], out: &mut [u8]) {
        use std::arch::x86_64::{
            __m128i, __m256, _mm_loadu_si128, _mm_packus_epi16, _mm_packus_epi32, _mm_shuffle_epi8,
            _mm_storel_epi64, _mm256_add_ps, _mm256_castsi256_si128, _mm256_cvtepi32_ps,
            _mm256_cvtepu8_epi32, _mm256_cvttps_epi32, _mm256_extracti128_si256, _mm256_loadu_ps,
            _mm256_mul_ps, _mm256_set1_ps, _mm256_sub_ps,
        };

        let load = |bytes: &[u8; 16]| -> __m128i {
            // SAFETY: sixteen bytes are there; they need not be aligned.
            unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
        };
        let pick = |row, places| -> __m256 {
            _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_shuffle_epi8(row, places)))
        };
        let upper = _mm256_set1_ps((1.0 - self.lower) as f32);
        let lower = _mm256_set1_ps(self.lower as f32);
        let one = _mm256_set1_ps(1.0);
        for (eight, out) in eights.iter().zip(out.as_chunks_mut::<8>().0) {
            let [Some(top), Some(bottom)] =
                [self.top, self.bottom].map(|row| row[eight.start..].first_chunk::<16>())
            else {
                return;
            };
            let (top, bottom) = (load(top), load(bottom));
            let (lefts, rights) = (load(&eight.lefts), load(&eight.rights));
            // SAFETY: eight numbers are there; they need not be aligned.
            let f = unsafe { _mm256_loadu_ps(eight.fractions.as_ptr()) };
            let rest = _mm256_sub_ps(one, f);
            let term = |across, down, pixels| -> __m256 {
                _mm256_mul_ps(_mm256_mul_ps(down, across), pixels)
            };
            let mut sum = term(rest, upper, pick(top, lefts));
            sum = _mm256_add_ps(sum, term(f, upper, pick(top, rights)));
            sum = _mm256_add_ps(sum, term(rest, lower, pick(bottom, lefts)));
            sum = _mm256_add_ps(sum, term(f, lower, pick(bottom, rights)));
            let whole = _mm256_cvttps_epi32(sum);
            let high = _mm256_extracti128_si256(whole, 1);
            let words = _mm_packus_epi32(_mm256_castsi256_si128(whole), high);
            let bytes = _mm_packus_epi16(words, words);
            // SAFETY: eight bytes are there.
            unsafe { _mm_storel_epi64(out.as_mut_ptr().cast(), bytes) };
        }
    }

    /// Target columns from `first` on, one by one.
    fn rest(&self, Columns { columns, fast }: &Columns, first: usize, out: &mut [u8]) {
        let (lower, upper) = (self.lower as f32, (1.0 - self.lower) as f32);
        for (column, out) in columns[first..*fast].iter().zip(&mut out[first..*fast]) {
            let f = column.fraction as f32;
            let rest = 1.0 - f;
            let [tl, tr, bl, br] = self.neighbours(column).map(f32::from);
            let value = upper * rest * tl + upper * f * tr + lower * rest * bl + lower * f * br;
            *out = value as u8;
        }
        let g = self.lower;
        for (column, out) in columns[*fast..].iter().zip(&mut out[*fast..]) {
            let f = column.fraction;
            let [tl, tr, bl, br] = self.neighbours(column).map(f64::from);
            *out = ((1.0 - g) * ((1.0 - f) * tl + f * tr) + g * ((1.0 - f) * bl + f * br)) as u8;
        }
    }

    fn neighbours(&self, column: &Column) -> [u8; 4] {
        [
            self.top[column.left],
            self.top[column.right],
            self.bottom[column.left],
            self.bottom[column.right],
        ]
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::faces::resize::resize_rgb;

    /// An image that changes from pixel to pixel.
    pub(in crate::faces::hog) fn rough(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            let value = |channel: u32| {
                let seed = x.wrapping_mul(374_761_393)
                    ^ y.wrapping_mul(668_265_263)
                    ^ channel.wrapping_mul(974_711);
                let noise = (seed ^ (seed >> 13)).wrapping_mul(1_274_126_177) >> 26;
                // Half of it waves, so that there are edges in all directions.
                let wave = (x as f32 * 0.13).sin() + (y as f32 * 0.17 + channel as f32).cos();
                (90.0 + wave * 40.0) as u8 + noise as u8
            };
            image::Rgb([value(0), value(1), value(2)])
        })
    }

    #[test]
    fn planes_are_resized_as_images_are() {
        let sizes = [(1, 1), (5, 9), (16, 16), (37, 23), (100, 61), (203, 40)];
        let ways = [None, Avx2::detect()];
        for (width, height) in sizes {
            let image = rough(width, height);
            let mut planes = Planes::default();
            planes.fill(&image);
            for (to_width, to_height) in [
                (width * 5 / 6, height * 5 / 6),
                (width * 2 + 2, height * 2 + 1),
                (40, 3),
            ] {
                let mut expected = Planes::default();
                expected.fill(&resize_rgb(&image, to_width, to_height));
                for avx2 in ways {
                    let mut found = Planes::default();
                    let (width, height) = (to_width as usize, to_height as usize);
                    found.fill_resized(&planes, width, height, avx2);
                    for channel in 0..3 {
                        assert_eq!(
                            found.channel(channel),
                            expected.channel(channel),
                            "{avx2:?} {:?} to {to_width}x{to_height}",
                            image.dimensions()
                        );
                    }
                }
            }
        }
    }
}

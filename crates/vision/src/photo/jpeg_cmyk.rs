//! The pixels of a JPEG in YCCK or CMYK, as Pillow makes RGB of them.
//!
//! libjpeg-turbo-rs panics over YCCK whose colours have fewer samples than its black, as they mostly have. So its three
//! colours and its black are made two JPEGs of the same coefficients, which it decodes to libjpeg-turbo's bytes.

use image::RgbImage;
use libjpeg_turbo_rs::{
    ComponentCoefficients, JpegCoefficients, PixelFormat, Result, decompress_raw, decompress_to,
    read_coefficients, write_coefficients,
};

/// The most pixels that are decoded in this way: it takes 30 bytes for each.
const MAX_PIXELS: u64 = 30_000_000;

/// The pixels of a YCCK picture whose black is not subsampled; `None` of others, which are decoded in another way. The
/// caller catches panics.
///
/// # Errors
/// It ends early, or is damaged.
pub(super) fn ycck(bytes: &[u8], pixels: u64) -> Result<Option<RgbImage>> {
    if pixels > MAX_PIXELS {
        return Ok(None);
    }
    // Which is strict, where reading the coefficients puts zeros for what is missing.
    decompress_raw(bytes)?;
    let all = read_coefficients(bytes)?;
    let sampling = |component: &ComponentCoefficients| (component.h_sampling, component.v_sampling);
    let most = |of: fn(&ComponentCoefficients) -> u8| all.components.iter().map(of).max();
    let finest = most(|component| component.h_sampling).zip(most(|component| component.v_sampling));
    let ([colours @ .., black], Some(1..)) = (&all.components[..], all.adobe_transform) else {
        return Ok(None);
    };
    if colours.len() != 3 || Some(sampling(black)) != finest || all.effective_precision() != 8 {
        return Ok(None);
    }
    let alone = ComponentCoefficients {
        h_sampling: 1,
        v_sampling: 1,
        ..black.clone()
    };
    let colours = part(&all, colours.to_vec(), PixelFormat::Rgb)?;
    let black = part(&all, vec![alone], PixelFormat::Grayscale)?;
    let pixels = colours.chunks_exact(3).zip(&black);
    let rgb = pixels.flat_map(|(colour, &black)| {
        // YCCK's colours are those of what ink leaves, its black is no ink (libjpeg's `ycck_cmyk_convert`); Adobe stores
        // all four inverted.
        [0, 1, 2].map(|at| shaded(colour[at], black))
    });
    Ok(RgbImage::from_raw(
        all.width.into(),
        all.height.into(),
        rgb.collect(),
    ))
}

/// What is left of a colour, where `black` is 255 without any ink: Pillow's `cmyk2rgb`, of ink 255 - `colour` after
/// `ycck_cmyk_convert`, which Pillow takes as inverted.
fn shaded(colour: u8, black: u8) -> u8 {
    let ink = u32::from(colour) * u32::from(black) + 128;
    black.saturating_sub(((ink + (ink >> 8)) >> 8) as u8)
}

/// The samples of some of the components.
fn part(
    all: &JpegCoefficients,
    components: Vec<ComponentCoefficients>,
    format: PixelFormat,
) -> Result<Vec<u8>> {
    let part = JpegCoefficients {
        components,
        saw_jfif_marker: true,
        adobe_transform: None,
        ..all.clone()
    };
    decompress_to(&write_coefficients(&part)?, format).map(|image| image.data)
}

#[cfg(test)]
mod tests {
    use libjpeg_turbo_rs::{Subsampling, compress};

    use super::*;

    const SIDE: usize = 40;
    const COLOURS: [[u8; 3]; 2] = [[200, 60, 20], [30, 90, 220]];
    const BLACK: u8 = 220;

    /// A picture as YCCK of two colours, side by side, all of it `BLACK`.
    fn file(subsampling: Subsampling) -> Vec<u8> {
        let pixels = |of: fn(usize) -> [u8; 3]| -> Vec<u8> {
            (0..SIDE * SIDE).flat_map(|at| of(at % SIDE)).collect()
        };
        let coefficients = |pixels: &[u8], format, subsampling| {
            let jpeg = compress(pixels, SIDE, SIDE, format, 95, subsampling).unwrap();
            read_coefficients(&jpeg).unwrap()
        };
        let colours = pixels(|x| COLOURS[x / (SIDE / 2)]);
        let mut all = coefficients(&colours, PixelFormat::Rgb, subsampling);
        // The black has as many samples as the luma, and so the same quantization.
        let black = pixels(|_| [BLACK; 3]);
        let black = coefficients(&black, PixelFormat::Rgb, subsampling);
        all.components.push(ComponentCoefficients {
            component_id: 4,
            ..black.components[0].clone()
        });
        all.saw_jfif_marker = false;
        all.adobe_transform = Some(2);
        write_coefficients(&all).unwrap()
    }

    fn decoded(bytes: &[u8]) -> Result<Option<RgbImage>> {
        ycck(bytes, (SIDE * SIDE) as u64)
    }

    #[test]
    fn ycck_is_what_ink_leaves_of_the_colours() {
        for subsampling in [Subsampling::S444, Subsampling::S422, Subsampling::S420] {
            let image = decoded(&file(subsampling)).unwrap().unwrap();
            assert_eq!(image.dimensions(), (SIDE as u32, SIDE as u32));
            for (x, colour) in [(4, COLOURS[0]), (34, COLOURS[1])] {
                // 255 - ink is what a colour leaves; of that, so much as the black lets through.
                let left = colour.map(|colour| (255 - u32::from(colour)) * u32::from(BLACK) / 255);
                let found = image.get_pixel(x, 20).0;
                let near = |(found, left): (&u8, &u32)| u32::from(*found).abs_diff(*left) <= 4;
                assert!(
                    found.iter().zip(&left).all(near),
                    "{subsampling:?}: {found:?}, expected {left:?}"
                );
            }
        }
    }

    #[test]
    fn ink_is_taken_off_as_pillow_does() {
        // Pixels of pictures/a07-ycck.jpg: Pillow has C 163, K 0 there and makes 92 of it.
        for (colour, black, left) in [(163, 255, 92), (255, 255, 0), (0, 100, 100), (128, 128, 64)]
        {
            assert_eq!(shaded(colour, black), left, "{colour} {black}");
        }
    }

    #[test]
    fn what_is_cut_off_is_no_picture() {
        let whole = file(Subsampling::S420);
        let expected = decoded(&whole).unwrap();
        for length in 0..whole.len() {
            let cut =
                crate::photo::jpeg::decode(&whole[..length], &crate::photo::Limits::default());
            if let Ok(found) = cut {
                assert_eq!(
                    Some(found.image),
                    expected,
                    "{length} of {} bytes",
                    whole.len()
                );
            }
        }
    }

    #[test]
    fn other_forms_are_left_to_others() {
        let plain = compress(
            &[90; SIDE * SIDE * 3],
            SIDE,
            SIDE,
            PixelFormat::Rgb,
            90,
            Subsampling::S444,
        );
        assert!(decoded(&plain.unwrap()).unwrap().is_none());
        assert!(
            ycck(&file(Subsampling::S444), MAX_PIXELS + 1)
                .unwrap()
                .is_none()
        );
    }
}

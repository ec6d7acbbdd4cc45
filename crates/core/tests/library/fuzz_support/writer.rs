//! Writes small landmark models, as dlib does (dlib/serialize.h, shape_predictor.h).

/// An integer: its length, its sign in the highest bit, then its magnitude, lowest byte first.
pub fn integer(to: &mut Vec<u8>, value: i64) {
    let bytes = value.unsigned_abs().to_le_bytes();
    let length = bytes
        .iter()
        .rposition(|&byte| byte != 0)
        .map_or(1, |at| at + 1);
    to.push(length as u8 | if value < 0 { 0x80 } else { 0 });
    to.extend(&bytes[..length]);
}

/// A number in quarters: mantissa and exponent.
pub fn quarters(to: &mut Vec<u8>, value: i64) {
    integer(to, value);
    integer(to, -2);
}

/// A column of numbers, rows and columns negative as in newer files.
pub fn column(to: &mut Vec<u8>, values: &[i64]) {
    integer(to, -(values.len() as i64));
    integer(to, -1);
    for value in values {
        quarters(to, *value);
    }
}

/// A model of two landmarks: two cascades of three trees with three splits, over four pixels.
pub fn small_model() -> Vec<u8> {
    let mut model = Vec::new();
    let to = &mut model;
    integer(to, 1);
    column(to, &[1, 2, 3, 4]);
    let (cascades, trees, splits, pixels) = (2, 3, 3, 4);
    integer(to, cascades);
    for cascade in 0..cascades {
        integer(to, trees);
        for tree in 0..trees {
            integer(to, splits);
            for split in 0..splits {
                integer(to, split);
                integer(to, (split + tree) % pixels);
                quarters(to, tree - split);
            }
            integer(to, splits + 1);
            for leaf in 0..=splits {
                column(to, &[cascade, tree, leaf, -1]);
            }
        }
    }
    integer(to, cascades);
    for _ in 0..cascades {
        integer(to, pixels);
        (0..pixels).for_each(|pixel| integer(to, pixel % 2));
    }
    integer(to, cascades);
    for _ in 0..cascades {
        integer(to, pixels);
        for pixel in 0..pixels {
            quarters(to, pixel);
            quarters(to, -pixel);
        }
    }
    model
}

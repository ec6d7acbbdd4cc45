//! The primitives of dlib's serialization (dlib/serialize.h).
//!
//! Nothing is allocated before the bytes that fill it are known to be there, so that a damaged
//! count costs no more memory than the file has bytes.

/// What is wrong with a model's bytes, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Damage {
    pub(super) offset: usize,
    pub(super) expected: String,
    pub(super) found: String,
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            offset,
            expected,
            found,
        } = self;
        write!(f, "byte {offset}: expected {expected}, found {found}")
    }
}

/// A place in a model's bytes.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// dlib's `tensor`: samples, channels, rows and columns, and the numbers in that order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tensor {
    pub(super) shape: [usize; 4],
    pub(super) values: Vec<f32>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Where the next byte is.
    pub(super) fn offset(&self) -> usize {
        self.at
    }

    fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// Damage that begins at `offset`.
    pub(super) fn damage(
        offset: usize,
        expected: impl Into<String>,
        found: impl ToString,
    ) -> Damage {
        Damage {
            offset,
            expected: expected.into(),
            found: found.to_string(),
        }
    }

    fn take(&mut self, count: usize, expected: &str) -> Result<&'a [u8], Damage> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let (taken, _) = rest
            .split_at_checked(count)
            .ok_or_else(|| Self::damage(self.at, expected, "the end of the file"))?;
        self.at += count;
        Ok(taken)
    }

    fn byte(&mut self, expected: &str) -> Result<u8, Damage> {
        let taken = self.take(1, expected)?;
        Ok(taken.first().copied().unwrap_or_default())
    }

    /// The end of the file.
    pub(super) fn end(&self) -> Result<(), Damage> {
        match self.left() {
            0 => Ok(()),
            left => Err(Self::damage(
                self.at,
                "the end of the file",
                format!("{left} more bytes"),
            )),
        }
    }

    /// A signed integer (`ser_helper::unpack_int`): a byte with its length in the low four bits and
    /// its sign in the highest, then its magnitude, lowest byte first.
    pub(super) fn int(&mut self) -> Result<i64, Damage> {
        let offset = self.at;
        let expected = "an integer of 1 to 8 bytes";
        let control = self.byte(expected)?;
        let magnitude = self.magnitude(offset, control & 0x0F, expected)?;
        let value = i64::try_from(magnitude)
            .map_err(|_| Self::damage(offset, "an integer below 2^63", magnitude))?;
        Ok(if control & 0x80 == 0 { value } else { -value })
    }

    /// An unsigned integer: as [`Self::int`], without a sign.
    pub(super) fn unsigned(&mut self) -> Result<u64, Damage> {
        let offset = self.at;
        let expected = "an unsigned integer of 1 to 8 bytes";
        let control = self.byte(expected)?;
        self.magnitude(offset, control & 0x8F, expected)
    }

    fn magnitude(&mut self, offset: usize, length: u8, expected: &str) -> Result<u64, Damage> {
        if !(1..=8).contains(&length) {
            return Err(Self::damage(
                offset,
                expected,
                format!("the length {length}"),
            ));
        }
        let bytes = self.take(usize::from(length), expected)?;
        Ok(bytes
            .iter()
            .rev()
            .fold(0, |value, &byte| (value << 8) | u64::from(byte)))
    }

    /// A signed integer that counts or measures something: 0 to 2^31 - 1.
    pub(super) fn size(&mut self, what: &str) -> Result<usize, Damage> {
        let offset = self.at;
        let found = self.int()?;
        i32::try_from(found)
            .ok()
            .and_then(|size| usize::try_from(size).ok())
            .ok_or_else(|| Self::damage(offset, format!("{what} of 0 to 2^31 - 1"), found))
    }

    /// An unsigned integer that counts or measures something: 0 to 2^31 - 1.
    pub(super) fn unsigned_size(&mut self, what: &str) -> Result<usize, Damage> {
        let offset = self.at;
        let found = self.unsigned()?;
        i32::try_from(found)
            .ok()
            .and_then(|size| usize::try_from(size).ok())
            .ok_or_else(|| Self::damage(offset, format!("{what} of 0 to 2^31 - 1"), found))
    }

    /// A version number, which must be one of those known.
    pub(super) fn version(&mut self, of: &str, known: &[i64]) -> Result<i64, Damage> {
        let offset = self.at;
        let found = self.int()?;
        if known.contains(&found) {
            return Ok(found);
        }
        let expected = format!("{of}, version {known:?}");
        Err(Self::damage(offset, expected, format!("version {found}")))
    }

    /// A floating point number (dlib/float_details.h): mantissa and exponent, both integers.
    pub(super) fn float(&mut self) -> Result<f64, Damage> {
        let offset = self.at;
        // dlib wrote numbers as text once; a digit has bits that a length has not.
        if let Some(&byte) = self.bytes.get(offset)
            && byte & 0x70 != 0
        {
            return Err(Self::damage(
                offset,
                "a number in dlib's binary form",
                format!("the byte {byte:#04x}"),
            ));
        }
        let mantissa = self.int()?;
        let exponent = self.int()?;
        let value = match i32::try_from(exponent) {
            // Powers of two are exact, and 2^64 times the smallest is 0.
            Ok(exponent @ -1022..=1023) => mantissa as f64 * power_of_two(exponent),
            _ => f64::NAN,
        };
        if value.is_finite() {
            Ok(value)
        } else {
            Err(Self::damage(
                offset,
                "a finite number",
                format!("{mantissa} * 2^{exponent}"),
            ))
        }
    }

    /// As [`Self::float`], for a number that dlib keeps as `float`.
    pub(super) fn float32(&mut self) -> Result<f32, Damage> {
        let offset = self.at;
        let value = self.float()? as f32;
        if value.is_finite() {
            Ok(value)
        } else {
            Err(Self::damage(
                offset,
                "a number of 32 bits",
                "a larger number",
            ))
        }
    }

    /// A truth value: the digit 1 or 0.
    pub(super) fn boolean(&mut self) -> Result<bool, Damage> {
        let offset = self.at;
        let expected = "a truth value, `0` or `1`";
        match self.byte(expected)? {
            b'0' => Ok(false),
            b'1' => Ok(true),
            byte => Err(Self::damage(
                offset,
                expected,
                format!("the byte {byte:#04x}"),
            )),
        }
    }

    /// A single byte, dlib's `uint8_t`.
    pub(super) fn small(&mut self) -> Result<u8, Damage> {
        self.byte("a byte")
    }

    /// A name, such as those that layers begin with: ASCII, 64 bytes at most.
    pub(super) fn name(&mut self) -> Result<&'a str, Damage> {
        let offset = self.at;
        let expected = "a name of 64 ASCII characters at most";
        let length = self.unsigned()?;
        let wrong = |found: String| Self::damage(offset, expected, found);
        let length = usize::try_from(length)
            .ok()
            .filter(|&length| length <= 64)
            .ok_or_else(|| wrong(format!("{length} bytes")))?;
        let bytes = self.take(length, expected)?;
        std::str::from_utf8(bytes)
            .ok()
            .filter(|text| text.chars().all(|c| c.is_ascii_graphic() || c == ' '))
            .ok_or_else(|| wrong("other bytes".to_owned()))
    }

    /// How many items follow, each of which has one byte at least.
    pub(super) fn count(&mut self, what: &str) -> Result<usize, Damage> {
        let offset = self.at;
        let count = self.unsigned_size(what)?;
        if count > self.left() {
            return Err(Self::damage(
                offset,
                format!("{what} of {} at most, the bytes left", self.left()),
                count,
            ));
        }
        Ok(count)
    }

    /// dlib's `matrix<float,0,1>` (dlib/matrix/matrix.h): rows and columns, negative in the newer
    /// form, then the numbers.
    pub(super) fn column(&mut self) -> Result<Vec<f32>, Damage> {
        let offset = self.at;
        let (rows, columns) = (self.int()?.unsigned_abs(), self.int()?.unsigned_abs());
        if columns != 1 || rows > self.left() as u64 {
            return Err(Self::damage(
                offset,
                "a matrix of one column that fits into the file",
                format!("{rows}x{columns}"),
            ));
        }
        (0..rows).map(|_| self.float32()).collect()
    }

    /// The shape of dlib's `tensor` and `alias_tensor`.
    pub(super) fn shape(&mut self) -> Result<[usize; 4], Damage> {
        let mut shape = [0; 4];
        for (size, what) in shape
            .iter_mut()
            .zip(["samples", "channels", "rows", "columns"])
        {
            *size = self.size(what)?;
        }
        Ok(shape)
    }

    /// dlib's `alias_tensor`: a shape alone.
    pub(super) fn alias(&mut self) -> Result<[usize; 4], Damage> {
        self.version("a tensor's shape", &[1])?;
        self.shape()
    }

    /// dlib's `resizable_tensor`: a shape and its numbers, little-endian `f32`.
    pub(super) fn tensor(&mut self) -> Result<Tensor, Damage> {
        let (shape, bytes) = self.tensor_bytes()?;
        let offset = self.at;
        let (numbers, _) = bytes.as_chunks::<4>();
        let values: Vec<f32> = numbers.iter().map(|&n| f32::from_le_bytes(n)).collect();
        match values.iter().position(|value| !value.is_finite()) {
            None => Ok(Tensor { shape, values }),
            Some(index) => Err(Self::damage(
                offset - bytes.len() + 4 * index,
                "a finite number",
                values.get(index).copied().unwrap_or_default(),
            )),
        }
    }

    /// A tensor that is not needed.
    pub(super) fn skip_tensor(&mut self) -> Result<(), Damage> {
        self.tensor_bytes().map(drop)
    }

    fn tensor_bytes(&mut self) -> Result<([usize; 4], &'a [u8]), Damage> {
        self.version("a tensor", &[2])?;
        let offset = self.at;
        let shape = self.shape()?;
        let bytes = shape
            .iter()
            .try_fold(4_usize, |bytes, &size| bytes.checked_mul(size))
            .filter(|&bytes| bytes <= self.left())
            .ok_or_else(|| {
                let expected = format!("a tensor in the {} bytes left", self.left());
                Self::damage(offset, expected, format!("{shape:?} numbers of 4 bytes"))
            })?;
        Ok((shape, self.take(bytes, "a tensor's numbers")?))
    }
}

/// 2 to a power from -1022 to 1023: the exponent of a normal number, by IEEE 754.
fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(((exponent + 1023) as u64) << 52)
}

#[cfg(test)]
mod tests;

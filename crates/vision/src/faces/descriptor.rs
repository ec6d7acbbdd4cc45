//! The 128 numbers that faces are compared by.

use std::fmt;

use super::FacesError;

/// A face's descriptor: the output of dlib's ResNet for the face's chip, 128 numbers.
///
/// Two photos of one person lie closer than about 0.6 in Euclidean distance. It identifies a
/// person, so `Debug` does not print the numbers and it must never reach a log.
#[derive(Clone, PartialEq)]
pub struct Descriptor(pub [f32; 128]);

impl Descriptor {
    /// Numbers in a descriptor.
    pub const LEN: usize = 128;

    /// The stored form: 512 bytes, little-endian `f32` in order.
    pub fn to_le_bytes(&self) -> Vec<u8> {
        self.0
            .iter()
            .flat_map(|number| number.to_le_bytes())
            .collect()
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// `bytes` has another length than 512 bytes, or holds a number that is not finite.
    pub fn from_le_bytes(bytes: &[u8]) -> Result<Self, FacesError> {
        let (numbers, rest) = bytes.as_chunks::<4>();
        if numbers.len() != Self::LEN || !rest.is_empty() {
            return Err(FacesError::DescriptorLength { found: bytes.len() });
        }
        let mut descriptor = [0.0; Self::LEN];
        for (index, (to, from)) in descriptor.iter_mut().zip(numbers).enumerate() {
            *to = f32::from_le_bytes(*from);
            if !to.is_finite() {
                return Err(FacesError::DescriptorNumber { index });
            }
        }
        Ok(Self(descriptor))
    }

    /// Euclidean distance, summed in `f64`: 0 for the same numbers, about 0.6 between the last
    /// that are one person.
    pub fn distance(&self, other: &Self) -> f32 {
        let squares: f64 = self
            .0
            .iter()
            .zip(&other.0)
            .map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2))
            .sum();
        squares.sqrt() as f32
    }
}

impl fmt::Debug for Descriptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Descriptor(128 numbers)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp() -> Descriptor {
        Descriptor(std::array::from_fn(|i| i as f32 / 128.0 - 0.4))
    }

    #[test]
    fn bytes_round_trip() {
        let bytes = ramp().to_le_bytes();
        assert_eq!(bytes.len(), 512);
        assert_eq!(bytes[..4], (-0.4_f32).to_le_bytes());
        assert_eq!(Descriptor::from_le_bytes(&bytes).unwrap(), ramp());
    }

    #[test]
    fn damaged_bytes_are_refused() {
        let mut bytes = ramp().to_le_bytes();
        for wrong in [&bytes[..511], &[], &[&bytes[..], &[0; 4]].concat()] {
            assert!(
                matches!(
                    Descriptor::from_le_bytes(wrong),
                    Err(FacesError::DescriptorLength { found }) if found == wrong.len()
                ),
                "{} bytes were accepted",
                wrong.len()
            );
        }
        bytes[8..12].copy_from_slice(&f32::NAN.to_le_bytes());
        assert!(matches!(
            Descriptor::from_le_bytes(&bytes),
            Err(FacesError::DescriptorNumber { index: 2 })
        ));
    }

    #[test]
    fn distance_is_euclidean() {
        let mut other = ramp();
        other.0[3] += 3.0;
        other.0[70] -= 4.0;
        assert!((ramp().distance(&other) - 5.0).abs() < 1e-6);
        assert_eq!(ramp().distance(&ramp()), 0.0);
    }

    #[test]
    fn debug_does_not_print_the_numbers() {
        assert_eq!(format!("{:?}", ramp()), "Descriptor(128 numbers)");
    }
}

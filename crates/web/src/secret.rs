//! Random secrets that only the right browser knows.

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

/// 256 random bits as hexadecimal digits, kept out of Debug and compared in constant time.
#[derive(Debug)]
pub(crate) struct Secret(SecretString);

impl Secret {
    /// A new one, from the system's generator.
    pub(crate) fn new() -> Result<Self, getrandom::Error> {
        Ok(Self(random_hex(32)?.into()))
    }

    /// One that was made before.
    pub(crate) fn of(digits: String) -> Self {
        Self(digits.into())
    }

    /// Whether `found` is the secret, in a time that does not depend on where they differ.
    pub(crate) fn matches(&self, found: &str) -> bool {
        let digits = self.0.expose_secret().as_bytes();
        digits.ct_eq(found.as_bytes()).into()
    }

    /// The digits, for the one place that hands them out.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// This many random bytes as hexadecimal digits.
pub(crate) fn random_hex(bytes: usize) -> Result<String, getrandom::Error> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random)?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_secret_is_it() {
        let secret = Secret::new().unwrap();
        let digits = secret.expose().to_owned();
        assert_eq!(digits.len(), 64);
        assert!(secret.matches(&digits));
        let mut wrong = vec![
            String::new(),
            digits[1..].to_owned(),
            format!("{digits}0"),
            digits.to_uppercase() + "x",
            "0".repeat(64),
        ];
        wrong.push(Secret::new().unwrap().expose().to_owned());
        for found in wrong {
            assert!(!secret.matches(&found), "{found}");
        }
        assert!(!format!("{secret:?}").contains(&digits));
    }
}

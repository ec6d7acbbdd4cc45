//! The one account that the sandbox has, and what a token may do with it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The account's NSID.
pub const NSID: &str = "99999999@N00";
/// The account's user name.
pub const USERNAME: &str = "sandbox";
/// The account's full name.
pub const FULLNAME: &str = "Sandbox Person";
/// The account's name in addresses of pages.
pub const PATH_ALIAS: &str = "sandbox-person";
/// The number that stands for the account in full tag ids; as at Flickr it is
/// not the number of the NSID.
pub(crate) const TAG_AUTHOR_NUMBER: u64 = 99_994_672;

/// What a token may do; each level holds the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Perms {
    /// See private photos.
    Read,
    /// Change photos, which is what tags need.
    Write,
    /// Delete photos.
    Delete,
}

impl Perms {
    /// The level as Flickr writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Delete => "delete",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Read, Self::Write, Self::Delete]
            .into_iter()
            .find(|perms| perms.as_str() == text)
    }
}

impl fmt::Display for Perms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

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

/// Somebody with an account of their own, who can be on photos.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// The NSID.
    pub nsid: &'static str,
    /// The user name.
    pub username: &'static str,
    /// The full name.
    pub realname: &'static str,
    /// They let nobody say that they are on a photo.
    pub refuses: bool,
    /// They can be on public photos only.
    pub public_only: bool,
}

/// Those whom the sandbox knows.
pub const MEMBERS: [Member; 4] = [
    Member {
        nsid: NSID,
        username: USERNAME,
        realname: FULLNAME,
        refuses: false,
        public_only: false,
    },
    Member {
        nsid: "11111111@N00",
        username: "ada",
        realname: "Ada Example",
        refuses: false,
        public_only: false,
    },
    Member {
        nsid: "22222222@N00",
        username: "bob",
        realname: "Bob Example",
        refuses: true,
        public_only: false,
    },
    Member {
        nsid: "33333333@N00",
        username: "cy",
        realname: "Cy Example",
        refuses: false,
        public_only: true,
    },
];

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

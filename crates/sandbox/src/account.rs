//! The sandbox's one account, the people it knows, and what a token may do.

use serde::{Deserialize, Serialize};

/// The account's NSID.
pub const NSID: &str = "99999999@N00";
/// The account's user name.
pub const USERNAME: &str = "sandbox";
/// The account's full name.
pub const FULLNAME: &str = "Sandbox Person";
/// The account's name in addresses of pages.
pub const PATH_ALIAS: &str = "sandbox-person";
/// The owner of photos that do not belong to the sandbox's account.
pub(crate) const FOREIGN_NSID: &str = "88888888@N00";
/// The number that stands for the account in full tag ids; as on Flickr, it is
/// not the number in the NSID.
pub(crate) const TAG_AUTHOR_NUMBER: u64 = 99_994_672;
/// The same for the other account.
pub(crate) const OTHER_AUTHOR_NUMBER: u64 = 88_884_672;

/// A Flickr member who can be tagged on photos.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// The NSID.
    pub nsid: &'static str,
    /// The user name.
    pub username: &'static str,
    /// The full name.
    pub realname: &'static str,
    /// They do not let anyone tag them on a photo.
    pub refuses: bool,
    /// They can be tagged on public photos only.
    pub public_only: bool,
}

const fn member(nsid: &'static str, username: &'static str, realname: &'static str) -> Member {
    Member {
        nsid,
        username,
        realname,
        refuses: false,
        public_only: false,
    }
}

/// The members that the sandbox knows.
pub const MEMBERS: [Member; 4] = [
    member(NSID, USERNAME, FULLNAME),
    member("11111111@N00", "ada", "Ada Example"),
    Member {
        refuses: true,
        ..member("22222222@N00", "bob", "Bob Example")
    },
    Member {
        public_only: true,
        ..member("33333333@N00", "cy", "Cy Example")
    },
];

/// What a token may do; each level includes the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Perms {
    /// See private photos.
    Read,
    /// Change photos, which adding tags needs.
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

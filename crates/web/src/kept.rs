//! What a server leaves for the next one on its port: with the same secrets, the tabs of before go on.

use std::path::Path;

use flickr_faces::files::{Access, FileError, write_atomically};
use serde::{Deserialize, Serialize};

/// The file, below the folder of results; readable by its owner alone, as the token in it lets a browser in.
const FILE: &str = ".naming-page.json";

/// A server's port and secrets.
#[derive(Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) port: u16,
    pub(crate) token: String,
    pub(crate) cookie: String,
    /// Without the slashes around it.
    pub(crate) base: String,
}

/// What the last server has left; `None` where that is nothing, or not what one writes.
pub(crate) fn read(folder: &Path) -> Option<Kept> {
    let text = std::fs::read_to_string(folder.join(FILE)).ok()?;
    let kept: Kept = serde_json::from_str(&text).ok()?;
    let is_random = |text: &str, bytes: usize| {
        text.len() == 2 * bytes && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let is_whole = is_random(&kept.token, 32)
        && is_random(&kept.cookie, 32)
        && is_random(&kept.base, 16)
        && kept.port != 0;
    is_whole.then_some(kept)
}

/// Leaves them for the next one.
pub(crate) fn write(folder: &Path, kept: &Kept) -> Result<(), FileError> {
    let text = serde_json::json!(kept).to_string();
    write_atomically(&folder.join(FILE), text.as_bytes(), Access::Private)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_file_is_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read(folder.path()).is_none());
        let kept = |base: &str| Kept {
            port: 8000,
            token: "0a".repeat(32),
            cookie: "0b".repeat(32),
            base: base.to_owned(),
        };
        write(folder.path(), &kept(&"0c".repeat(16))).unwrap();
        let found = read(folder.path()).unwrap();
        assert_eq!((found.port, found.base), (8000, "0c".repeat(16)));
        for wrong in [
            "",
            "0c",
            &"0x".repeat(16),
            "../../../../../../../../../etc/",
        ] {
            write(folder.path(), &kept(wrong)).unwrap();
            assert!(read(folder.path()).is_none(), "{wrong}");
        }
    }
}

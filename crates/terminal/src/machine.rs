//! What the machine has: room on a disk, rights to a file.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// The folder itself, or the nearest above it that is there.
pub fn nearest(folder: &Path) -> PathBuf {
    // The folder of `faces.sqlite` is empty: the working folder.
    let folder = match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => folder,
    };
    let whole = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let there = whole.ancestors().find(|folder| folder.is_dir());
    there.unwrap_or(Path::new("/")).to_owned()
}

/// Bytes that are free for this user on the disk that a folder lies on, or will.
pub fn free_space(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(nearest(folder)).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

/// Why this user cannot make files in a folder, or in the nearest above it that is there.
pub fn not_writable(folder: &Path) -> Option<String> {
    use rustix::fs::Access;
    let rights = Access::WRITE_OK | Access::EXEC_OK;
    let denied = rustix::fs::access(nearest(folder), rights).err()?;
    Some(std::io::Error::from(denied).to_string())
}

/// The permission bits of a file.
pub fn mode(path: &Path) -> Option<u32> {
    Some(fs::metadata(path).ok()?.permissions().mode() & 0o7777)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_to_be_made_is_where_the_nearest_is() {
        let folder = std::env::temp_dir();
        let later = folder.join("not-there/nor-this");
        assert_eq!(nearest(&later), nearest(&folder));
        assert!(free_space(&later).is_some_and(|free| free > 0));
        assert_eq!(not_writable(&later), None);
        assert!(not_writable(Path::new("/proc/1")).is_some());
        let here = std::env::current_dir().unwrap();
        assert_eq!(nearest(Path::new("")), here);
        assert_eq!(nearest(Path::new("not-there")), here);
    }
}

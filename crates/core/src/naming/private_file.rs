//! Files that only their owner reads, whole or not there at all.

use std::io::{self, Write};
use std::path::Path;

/// Puts `bytes` at `path`, mode 0600, replacing what was there in one step.
///
/// Written to a new file beside it, flushed to the disk and renamed: whoever looks, even after a
/// crash, finds the old file or the new one. Where `path` is a symbolic link, the link is replaced.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // On Unix tempfile makes files with mode 0600, and renaming keeps it.
    let mut file = tempfile::Builder::new()
        .prefix(".")
        .suffix(".part")
        .tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    #[cfg(unix)]
    std::fs::File::open(folder)?.sync_all()?;
    Ok(())
}

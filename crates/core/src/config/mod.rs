//! config.ini: read, checked, and changed one value at a time with every other byte kept.
//!
//! Not its job: finding the file and overriding values from the command line; the programs do that.

mod error;
mod keys;
mod lines;
mod settings;

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

pub use self::{
    error::ConfigError,
    settings::{Config, EngineChoice, WriteTo},
};
use self::{
    keys::Key,
    lines::{BadLine, Entry},
    settings::folder_of,
};
use crate::{
    cluster::Method,
    files::{Access, FileError, write_atomically},
    text::grouped,
};

/// The one key that a program writes.
const START_IMAGE: &str = "start_image";

impl Config {
    /// Reads and checks a config.ini.
    ///
    /// # Errors
    /// [`ConfigError`] names the file, the line, the key, what was found and what is expected.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        Self::parse(path, &read_text(path)?)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        let mut config = Self::defaults(path);
        let mut seen: Vec<(&Key, Entry<'_>)> = Vec::new();
        let entries = lines::entries(text).map_err(|BadLine(line, found)| ConfigError::Syntax {
            path: path.to_owned(),
            line,
            found: found.to_owned(),
        })?;
        for entry in entries {
            let Some(key) = keys::find(entry.key) else {
                return Err(ConfigError::UnknownKey {
                    path: path.to_owned(),
                    line: entry.line,
                    key: entry.key.to_owned(),
                    guess: keys::guess(entry.key),
                });
            };
            if let Some((_, earlier)) = seen.iter().find(|(other, _)| other.name == key.name) {
                return Err(ConfigError::Twice {
                    path: path.to_owned(),
                    line: entry.line,
                    key: entry.key.to_owned(),
                    earlier: earlier.key.to_owned(),
                    earlier_line: earlier.line,
                });
            }
            let value = keys::Value {
                text: entry.value,
                key: entry.key,
                folder: folder_of(path),
            };
            (key.take)(&mut config, &value)
                .ok_or_else(|| wrong_value(path, key, &entry, key.expected))?;
            seen.push((key, entry));
        }
        if let Method::Dbscan { min_samples } = &mut config.method {
            *min_samples = config.min_samples;
        }
        for (name, conflict) in config.conflicts() {
            if let Some((key, entry)) = seen.iter().find(|(key, _)| key.name == name) {
                return Err(wrong_value(path, key, entry, conflict));
            }
        }
        Ok(config)
    }

    /// Writes the index of the photo being processed into the file it was read from.
    ///
    /// The file is read again first, to keep what was edited meanwhile.
    ///
    /// # Errors
    /// Where the file cannot be read or written; it is then unchanged.
    pub(crate) fn save_start_image(path: &Path, start_image: u64) -> Result<(), ConfigError> {
        save(path, "flickr", &[(START_IMAGE, &start_image.to_string())])
    }

    /// Writes key and secret of the Flickr app into the file, and leaves the rest as it is.
    ///
    /// # Errors
    /// Where the file cannot be read or written; it is then unchanged.
    pub fn save_api_key(path: &Path, key: &str, secret: &str) -> Result<(), ConfigError> {
        save(path, "flickr", &[("api_key", key), ("api_secret", secret)])
    }

    /// Writes the longest side of the photos to fetch, in pixels, into the file, and leaves the rest as it is.
    ///
    /// # Errors
    /// Where the file cannot be read or written; it is then unchanged.
    pub fn save_max_size(path: &Path, max_size: u32) -> Result<(), ConfigError> {
        save(path, "faces", &[("MAX_SIZE", &max_size.to_string())])
    }
}

/// Writes values of keys that belong under `[section]`.
fn save(path: &Path, section: &str, values: &[(&str, &str)]) -> Result<(), ConfigError> {
    let old = read_text(path)?;
    let mut new = old.clone();
    for (name, value) in values {
        let is_key = |text: &str| keys::find(text).is_some_and(|key| key.name == *name);
        new = lines::with_value(&new, is_key, section, name, value);
    }
    if new != old {
        write_atomically(path, new.as_bytes(), Access::Kept)?;
    }
    Ok(())
}

fn wrong_value(path: &Path, key: &Key, entry: &Entry<'_>, expected: &str) -> ConfigError {
    let found = if key.name.starts_with("api_") {
        "(not shown)"
    } else {
        entry.value
    };
    ConfigError::Value {
        path: path.to_owned(),
        line: entry.line,
        key: entry.key.to_owned(),
        found: found.to_owned(),
        expected: expected.to_owned(),
    }
}

/// The most that is read: config.example.ini has 20 KB.
const LARGEST: u64 = 1_000_000;

fn read_text(path: &Path) -> Result<String, ConfigError> {
    let cannot_read = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => ConfigError::Missing {
            path: path.to_owned(),
        },
        _ => FileError::at(path, "cannot read")(error).into(),
    };
    let not_text = |found: &str| ConfigError::NotText {
        path: path.to_owned(),
        found: found.to_owned(),
    };
    let metadata = fs::metadata(path).map_err(cannot_read)?;
    // A pipe would be waited for, and a device may have no end.
    if !metadata.is_file() {
        let is_folder = metadata.is_dir();
        return Err(not_text(if is_folder {
            "a folder"
        } else {
            "a pipe, socket or device"
        }));
    }
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
        .map_err(cannot_read)?;
    if bytes.len() as u64 > LARGEST {
        return Err(not_text(&format!("{} bytes", grouped(metadata.len()))));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(not_text("a file in UTF-16 (save it as UTF-8)"));
    }
    let line_of = |at: usize| {
        let before = bytes.get(..at).unwrap_or_default();
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    };
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        return Err(not_text(&format!(
            "a NUL character in line {}",
            line_of(at)
        )));
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => {
            let line = line_of(error.valid_up_to());
            Err(not_text(&format!(
                "bytes in line {line} that are not UTF-8"
            )))
        }
    }
}

#[cfg(test)]
mod tests;

//! The cohort that calibrates a store's distances.

use std::{fs, io, path::Path};

use sha2::{Digest, Sha256};

use super::{StepError, blocking::blocking};
use crate::{
    cluster::{Cohort, Distances},
    faces::Models,
    files::FileError,
    store::Store,
    text::hexadecimal,
};

/// That of the network that encoded the store's faces; `None` where distances are plain, or where there is none for it.
///
/// # Errors
/// Where the store, or a cohort's file that is there, cannot be read.
pub(super) async fn cohort(
    store: &Store,
    distances: &Distances,
) -> Result<Option<Cohort>, StepError> {
    let Distances::Calibrated { cohorts } = distances else {
        return Ok(None);
    };
    let encoder = store.encoder().await?;
    if encoder == Models::ENCODER.sha256 {
        return Ok(Some(Cohort::of_dlib()));
    }
    let Some(folder) = cohorts else {
        return Ok(None);
    };
    let path = folder.join(Cohort::file_name(&encoder));
    let Some((cohort, digest)) = blocking("reading the cohort", move || read(&path)).await?? else {
        return Ok(None);
    };
    store.calibrated_by(&encoder, &digest).await?;
    Ok(Some(cohort))
}

/// With the SHA-256 of its file, in hexadecimal; `None` where there is no such file.
fn read(path: &Path) -> Result<Option<(Cohort, String)>, FileError> {
    let failed = || FileError::at(path, "read the cohort");
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed()(error)),
    };
    let cohort = Cohort::read(&bytes)
        .map_err(|error| failed()(io::Error::new(io::ErrorKind::InvalidData, error)))?;
    Ok(Some((cohort, hexadecimal(&Sha256::digest(&bytes)))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_no_cohort_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(Cohort::file_name("ab12"));
        assert_eq!(read(&path).unwrap(), None);
        fs::write(&path, [0; 513]).unwrap();
        let error = read(&path).unwrap_err();
        assert!(
            error.to_string().contains("cohort-ab12.f32"),
            "{error}: {:?}",
            error.source
        );
        assert!(error.source.to_string().contains("513 bytes"), "{error:?}");
        fs::write(&path, Cohort::of_dlib().to_bytes()).unwrap();
        let (cohort, digest) = read(&path).unwrap().unwrap();
        assert_eq!((cohort, digest.len()), (Cohort::of_dlib(), 64));
    }
}

//! Faces of photos that lie on their side: where the names' regions are in the files of these photos.

use std::{fs, path::Path};

use end_to_end::{Home, Sample, files_below, lying, one};

use super::{export::exiftool, *};

/// A face's box in fractions of the picture: left, top, right and bottom.
type Place = [f64; 4];

/// Where a place is once the picture is turned clockwise.
fn turned(place: Place, degrees: u32) -> Place {
    (0..degrees / 90).fold(place, |[left, top, right, bottom], _| {
        [1.0 - bottom, left, 1.0 - top, right]
    })
}

/// Where the first region of a sidecar is.
fn region(sidecar: &Path) -> Place {
    let found = &exiftool(&[sidecar])[0];
    let region = &found["RegionInfo"]["RegionList"][0];
    assert_eq!(region["Name"], "Barack Obama", "{found}");
    let [x, y, w, h] = ["X", "Y", "W", "H"].map(|name| region["Area"][name].as_f64().unwrap());
    [x - w / 2.0, y - h / 2.0, x + w / 2.0, y + h / 2.0]
}

fn far(one: Place, other: Place) -> f64 {
    let apart = one.iter().zip(other).map(|(a, b)| (a - b).abs());
    apart.fold(0.0, f64::max)
}

#[test]
fn regions_lie_where_a_photo_that_was_looked_at_turned_has_its_face() {
    // How the file lies, and how its owner turned it on Flickr: the wrong way, or not far enough.
    let photos = [
        (0, 0),
        (90, 0),
        (180, 0),
        (270, 0),
        (90, 90),
        (180, 90),
        (270, 180),
    ];
    let (sandbox, folder) = (sandbox(Options::default()), tempfile::tempdir().unwrap());
    let ids = photos.map(|(lies, by_owner)| {
        let file = folder.path().join(format!("{lies}.jpg"));
        lying(Sample::Obama, 440, lies, &file);
        let file = Some(file);
        let photo = NewPhoto {
            file,
            ..NewPhoto::default()
        };
        let id = sandbox.add_photo(photo).unwrap();
        if by_owner != 0 {
            assert!(sandbox.edit(&id, &Edit::Turn { degrees: by_owner }));
        }
        id
    });
    let home = Home::new(&sandbox, &[("MAX_SIZE", "420"), ("turned", "look")]);
    let _ = home.run("download", &[]).ends_with(0);
    let faces = rows(&home.path("faces.sqlite"), "faces", "photo, number");
    for (id, (lies, by_owner)) in ids.iter().zip(photos) {
        let of_photo = ("photo", &*format!("'{id}'"));
        let upright = (360 - (lies + by_owner) % 360) % 360;
        assert_eq!(one(&faces, of_photo, "rotated"), upright.to_string());
    }
    let _ = home
        .answer("cluster-faces", &[], "Barack Obama\n")
        .ends_with(0);
    // What its owner has, and what Flickr shows.
    fs::create_dir(home.path("album")).unwrap();
    fs::create_dir(home.path("shown")).unwrap();
    let downloaded = files_below(&home.path("photos"));
    for (id, (lies, _)) in ids.iter().zip(photos) {
        let name = format!("{id}.jpg");
        let stored = folder.path().join(format!("{lies}.jpg"));
        fs::copy(stored, home.path("album").join(&name)).unwrap();
        let shown = downloaded.iter().find(|file| file.ends_with(&name));
        fs::copy(shown.unwrap(), home.path("shown").join(&name)).unwrap();
    }
    for folder in ["album", "shown"] {
        let run = home
            .run(PROGRAM, &["export", "xmp", folder, "--json"])
            .ends_with(0);
        let xmp = &run.json()["xmp"];
        assert_eq!(
            (&xmp["regions"]["added"], &xmp["other_shape"]),
            (&json!(7), &json!([])),
            "{run}"
        );
    }

    let found = |folder: &str, id: &str| region(&home.path(&format!("{folder}/{id}.jpg.xmp")));
    let upright = found("album", &ids[0]);
    for (a, b) in [(0, 90), (0, 180), (0, 270), (90, 270)] {
        let apart = far(turned(upright, a), turned(upright, b));
        assert!(apart > 0.1, "each way it lies elsewhere: {upright:?}");
    }
    let mut wrong = Vec::new();
    for (id, (lies, by_owner)) in ids.iter().zip(photos) {
        for (folder, degrees) in [("album", lies), ("shown", lies + by_owner)] {
            let (found, expected) = (found(folder, id), turned(upright, degrees));
            // Within a step of the detector's pyramid.
            if far(found, expected) > 0.05 {
                wrong.push(format!(
                    "{folder}, {lies}, turned by {by_owner}: {found:?}, expected {expected:?}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

//! Photos that lie on their side: their owner turned them on Flickr, or nobody did.

use std::sync::Arc;

use end_to_end::{ENGINES, Home, Row, Sample, download_of, files_below, lying, one, rows, sandbox};
use flickr_sandbox::{Edit, NewPhoto, Options, Sandbox};
use image::RgbImage;

/// A sandbox with one person's photo once for each of these turns in degrees clockwise, and the ids.
fn photos(degrees: &[u32], folder: &tempfile::TempDir) -> (Arc<Sandbox>, Vec<String>) {
    let sandbox = sandbox(Options::default());
    let add = |degrees: &u32| {
        let file = folder.path().join(format!("{degrees}.jpg"));
        lying(Sample::Obama, 440, *degrees, &file);
        let file = Some(file);
        let photo = NewPhoto {
            file,
            ..NewPhoto::default()
        };
        sandbox.add_photo(photo).unwrap()
    };
    let ids = degrees.iter().map(add).collect();
    (sandbox, ids)
}

fn faces(home: &Home) -> Vec<Row> {
    rows(&home.path("faces.sqlite"), "faces", "photo, number")
}

fn bytes(row: &Row, column: &str) -> Vec<u8> {
    let hex = row[column].trim_matches(['X', '\'']);
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(byte).collect()
}

/// How far two faces are apart, by their 128 numbers.
fn distance(a: &Row, b: &Row) -> f32 {
    let [a, b] = [a, b].map(|row| bytes(row, "descriptor"));
    let (a, b) = (a.as_chunks::<4>().0, b.as_chunks::<4>().0);
    assert_eq!((a.len(), b.len()), (128, 128));
    let apart = |(a, b): (&[u8; 4], &[u8; 4])| f32::from_le_bytes(*a) - f32::from_le_bytes(*b);
    let squares = a.iter().zip(b).map(|both| apart(both).powi(2));
    squares.sum::<f32>().sqrt()
}

/// Left, top, right and bottom.
fn edges(row: &Row) -> [i64; 4] {
    ["box_left", "box_top", "box_right", "box_bottom"].map(|edge| row[edge].parse().unwrap())
}

#[test]
fn a_photo_that_lies_on_its_side_is_looked_at_turned() {
    for engine in ENGINES {
        looked_at_turned(engine, "hog");
    }
}

#[test]
fn a_photo_that_lies_on_its_side_is_turned_for_the_cnn() {
    for engine in ENGINES {
        looked_at_turned(engine, "cnn");
    }
}

fn looked_at_turned(engine: &str, detector: &str) {
    let download = download_of(engine);
    let folder = tempfile::tempdir().unwrap();
    let (sandbox, _) = photos(&[0, 90, 180, 270], &folder);
    // Of 440 pixels Flickr's own largest size below 420 has 400.
    let home = Home::new(
        &sandbox,
        &[
            ("MAX_SIZE", "420"),
            ("turned", "no"),
            // The faces are large enough; dlib takes four times as long for a doubled photo.
            ("upsample", "0"),
            ("engine", engine),
            ("DETECTION_METHOD", detector),
        ],
    );
    let _ = home.run(download, &[]).ends_with(0);
    let as_they_lie = faces(&home);
    assert!(as_they_lie.iter().all(|row| row["rotated"] == "0"));
    if detector == "hog" {
        assert_eq!(as_they_lie.len(), 1, "HOG finds upright faces");
    }

    home.set("turned", "look");
    let _ = home.run(download, &[]).ends_with(0).says(&[
        "4 photos were processed with another MAX_SIZE, DETECTION_METHOD, upsample, min_face, turned or encoder_model",
    ]);
    let _ = home.run(download, &["--redo"]).ends_with(0);
    let found = faces(&home);
    let turns: Vec<&str> = found.iter().map(|row| &*row["rotated"]).collect();
    // What brings them upright.
    assert_eq!(turns, ["0", "270", "180", "90"], "{engine} {detector}");
    let (width, height) = (&found[0]["image_width"], &found[0]["image_height"]);
    assert_ne!(width, height);
    let last = |side: &str| side.parse::<i64>().unwrap() - 1;
    let crop = |row: &Row| -> RgbImage {
        let crop = image::load_from_memory(&bytes(row, "crop")).unwrap();
        crop.into_rgb8()
    };
    let upright = crop(&found[0]);
    let [left, top, right, bottom] = edges(&found[0]);
    let (x, y) = (last(width), last(height));
    for (row, place) in found.iter().zip([
        [left, top, right, bottom],
        [y - bottom, left, y - top, right],
        [x - right, y - bottom, x - left, y - top],
        [top, x - right, bottom, x - left],
    ]) {
        // In the photo as it lies, within a step of the detector's pyramid.
        let edges = edges(row);
        let off = edges.iter().zip(place).map(|(a, b)| (a - b).abs());
        assert!(
            off.max().unwrap() <= 20,
            "{engine} {detector}: {edges:?}, expected {place:?}"
        );
        let apart = distance(row, &found[0]);
        assert!(apart < 0.2, "turned by {}: {apart}", row["rotated"]);
        // Its picture is upright.
        let crop = crop(row);
        let size = upright.dimensions();
        let same =
            image::imageops::resize(&crop, size.0, size.1, image::imageops::FilterType::Triangle);
        let differences = same.iter().zip(upright.iter()).map(|(a, b)| a.abs_diff(*b));
        let mean = differences.map(u64::from).sum::<u64>() / upright.len() as u64;
        assert!(mean < 25, "turned by {}: {mean}", row["rotated"]);
    }
    let said = home.run(download, &[]).ends_with(0);
    assert!(!said.stdout.contains("processed with another"), "{said}");
}

/// The original is the largest below MAX_SIZE, and lies as it was taken; Flickr's own sizes are as it is shown.
#[test]
fn a_photo_that_its_owner_turned_on_flickr_is_fetched_as_it_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    for (lying, turned) in [(270, 90), (180, 180), (90, 270)] {
        let (sandbox, ids) = photos(&[lying], &folder);
        let turn = Edit::Turn { degrees: turned };
        assert!(sandbox.edit(&ids[0], &turn));
        let home = Home::new(&sandbox, &[("MAX_SIZE", "500")]);
        let run = home.run("download", &["--json"]).ends_with(0);
        assert_eq!(run.json()["photos"], 1, "{run}");
        let photos = rows(&home.path("faces.sqlite"), "photos", "id");
        let rotation = one(&photos, ("id", &format!("'{}'", ids[0])), "rotation");
        assert_eq!(rotation, turned.to_string());
        let found = faces(&home);
        assert_eq!(found.len(), 1, "turned by {turned}: {run}");
        assert_eq!(found[0]["rotated"], "0");
        // The original, and the size in its place, once each.
        assert_eq!(sandbox.calls().files, 2, "turned by {turned}");
        let files = files_below(&home.path("photos"));
        let files = files.iter().filter(|file| file.extension().is_some());
        let sizes: Vec<_> = files
            .map(|file| image::image_dimensions(file).unwrap())
            .collect();
        let [(width, height)] = sizes[..] else {
            panic!("{sizes:?}");
        };
        assert!(width < height && height == 400, "{sizes:?}");
        let said = home.run("download", &["--json"]).ends_with(0);
        assert_eq!(said.json()["photos"], 0, "{said}");
        assert_eq!(sandbox.calls().files, 2, "nothing is fetched again");
    }
}

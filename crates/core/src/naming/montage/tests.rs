use super::*;
use image::Rgb;

/// A JPEG of one colour.
fn jpeg(width: u32, height: u32, colour: [u8; 3]) -> Vec<u8> {
    encode(&RgbImage::from_pixel(width, height, Rgb(colour)), 95).unwrap()
}

/// The middle of tile `index` of `count`: its number does not reach there.
fn middle(picture: &RgbImage, index: usize, count: usize) -> [u8; 3] {
    let (left, top) = Grid::of(count).corner(index);
    picture
        .get_pixel(left + tile::TILE / 2, top + tile::TILE / 2)
        .0
}

fn near(a: [u8; 3], b: [u8; 3]) -> bool {
    a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= 4)
}

#[test]
fn tiles_stand_in_reading_order() {
    let colours = [
        [200, 10, 10],
        [10, 200, 10],
        [10, 10, 200],
        [200, 200, 10],
        [10, 200, 200],
    ];
    let jpegs = colours.map(|colour| jpeg(150, 150, colour));
    let tiles: Vec<_> = jpegs
        .iter()
        .enumerate()
        .map(|(i, jpeg)| Tile {
            number: i + 1,
            odd: false,
            jpeg,
        })
        .collect();
    let picture = draw(&tiles, 0);
    assert_eq!(picture.dimensions(), Grid::of(5).size());
    let wrong: Vec<_> = (0..5)
        .filter(|&i| !near(middle(&picture, i, 5), colours[i]))
        .collect();
    assert!(wrong.is_empty(), "other colours at {wrong:?}");
    assert_eq!(middle(&picture, 5, 5), BACKGROUND.0);
    assert_eq!(draw(&tiles, 0), picture);
}

#[test]
fn faces_keep_their_proportion() {
    for (width, height) in [
        (300, 150),
        (150, 300),
        (16, 8),
        (3, 1000),
        (1, 1),
        (128, 128),
    ] {
        let jpeg = jpeg(width, height, [250, 250, 250]);
        let picture = draw(
            &[Tile {
                number: 1,
                odd: false,
                jpeg: &jpeg,
            }],
            0,
        );
        let bright = |x: u32, y: u32| picture.get_pixel(x + grid::GAP, y + grid::GAP).0[0] > 200;
        assert!(bright(63, 63), "{width}x{height}");
        // The lower and the right edge, where no number is.
        let fills = |side: u32, other: u32| 64 * side / side.max(other) > 60;
        assert_eq!(
            bright(63, 126),
            fills(height, width),
            "{width}x{height}: lower edge"
        );
        assert_eq!(
            bright(126, 63),
            fills(width, height),
            "{width}x{height}: right edge"
        );
    }
}

#[test]
fn a_damaged_crop_is_a_grey_tile_with_its_number() {
    let whole = jpeg(200, 200, [200, 10, 10]);
    let huge = jpeg(5000, 1, [200, 10, 10]);
    let grey = [128; 3];
    let cases: [(&str, &[u8]); 4] = [
        ("empty", &[]),
        ("html", b"<html></html>"),
        ("cut in its head", &whole[..100]),
        ("huge", &huge),
    ];
    for (what, jpeg) in cases {
        let picture = draw(
            &[Tile {
                number: 7,
                odd: false,
                jpeg,
            }],
            0,
        );
        assert_eq!(middle(&picture, 0, 1), grey, "{what}");
        let ink = picture.pixels().filter(|pixel| pixel.0[0] > 180).count();
        assert!(ink > 20, "{what}: {ink} bright pixels of a number");
    }
}

#[test]
fn every_number_looks_different() {
    let mut badges: Vec<_> = (1..=MOST_TILES)
        .map(|number| {
            draw(
                &[Tile {
                    number,
                    odd: false,
                    jpeg: &[],
                }],
                0,
            )
            .into_raw()
        })
        .collect();
    badges.sort_unstable();
    badges.dedup();
    assert_eq!(badges.len(), MOST_TILES);
}

#[test]
fn a_line_says_how_many_are_not_shown() {
    let jpeg = jpeg(128, 128, [9, 90, 9]);
    let tiles: Vec<_> = (1..=60)
        .map(|number| Tile {
            number,
            odd: false,
            jpeg: &jpeg,
        })
        .collect();
    let (all, some) = (draw(&tiles, 0), draw(&tiles[..MOST_TILES], 12));
    assert_eq!(all, some, "12 of 60 tiles do not fit");
    let plain = draw(&tiles[..MOST_TILES], 0);
    assert_eq!(all.height(), plain.height() + LINE);
    let ink = (plain.height()..all.height())
        .flat_map(|y| (0..all.width()).map(move |x| (x, y)))
        .filter(|&(x, y)| all.get_pixel(x, y).0 == [255; 3])
        .count();
    assert!(ink > 100, "{ink} white pixels in the line");
    assert_ne!(draw(&tiles[..3], 1), draw(&tiles[..3], 2));
    // No tile at all is a picture still.
    assert!(draw(&[], 3).width() > 0);
}

#[test]
fn shown_faces_are_all_or_evenly_spread() {
    assert!(shown(0).is_empty());
    assert_eq!(shown(3), [0, 1, 2]);
    assert_eq!(shown(MOST_TILES).len(), MOST_TILES);
    for faces in [MOST_TILES + 1, 60, 100, 261, 20_000] {
        let shown = shown(faces);
        assert_eq!(
            (shown.len(), shown[0], shown[MOST_TILES - 1]),
            (MOST_TILES, 0, faces - 1)
        );
        let steps: Vec<_> = shown.windows(2).map(|two| two[1] - two[0]).collect();
        let (least, most) = (steps.iter().min().unwrap(), steps.iter().max().unwrap());
        assert!(*least >= 1 && most - least <= 1, "{faces}: {steps:?}");
    }
}

#[test]
fn names_of_files_tell_thresholds_apart() {
    let cases = [
        (0.6, 1, 37, "0.60-0001-37-faces.jpg"),
        (0.55, 12345, 1, "0.55-12345-1-face.jpg"),
        (0.575, 2, 3, "0.575-0002-3-faces.jpg"),
        (1.0, 2, 3, "1.00-0002-3-faces.jpg"),
    ];
    let wrong: Vec<_> = cases
        .iter()
        .map(|&(threshold, cluster, faces, name)| (file_name(threshold, cluster, faces), name))
        .filter(|(found, name)| found != name)
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn a_saved_montage_is_the_picture_and_its_owners() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(file_name(0.6, 1, 1));
    let jpeg = jpeg(100, 100, [10, 200, 10]);
    let picture = draw(
        &[Tile {
            number: 1,
            odd: false,
            jpeg: &jpeg,
        }],
        2,
    );
    save(&picture, &path).unwrap();
    save(&picture, &path).unwrap();
    let back = image::open(&path).unwrap().into_rgb8();
    assert_eq!(back.dimensions(), picture.dimensions());
    assert!(near(middle(&back, 0, 1), middle(&picture, 0, 1)));
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing else is left"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    // A folder that cannot be made: there is a file of that name.
    let nowhere = path.join("x.jpg");
    let error = save(&picture, &nowhere).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("cannot write the montage {}", nowhere.display())
    );
}

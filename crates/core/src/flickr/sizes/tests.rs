use super::*;

fn size(label: &str, width: u32, height: u32) -> PhotoSize {
    let extension = if label.ends_with("gif") { "gif" } else { "jpg" };
    let url = format!("https://live.staticflickr.com/1/2_3_x.{extension}")
        .parse()
        .unwrap();
    PhotoSize {
        label: label.trim_end_matches(" gif").to_owned(),
        width,
        height,
        url,
    }
}

#[test]
fn a_small_photo_is_its_own_medium_image() {
    let small = [
        size("Square", 75, 75),
        size("Thumbnail", 100, 67),
        size("Small", 240, 160),
    ];
    let with = |more: PhotoSize| [&small[..], &[more]].concat();
    let cases = [
        (with(size("Medium", 500, 333)), Some((500, 333))),
        (small.to_vec(), Some((240, 160))),
        (with(size(ORIGINAL, 450, 300)), Some((450, 300))),
        (with(size(ORIGINAL, 300, 450)), Some((450, 300))),
        (with(size("Large", 1024, 683)), Some((240, 160))),
        (Vec::new(), None),
    ];
    for (sizes, expected) in cases {
        assert_eq!(medium_of_all(&sizes), expected, "{sizes:?}");
    }
    assert_eq!(medium(&small), None);
    let cases = [
        (with(size("Medium", 500, 333)), None, Some((500, 333))),
        // Whether a larger size is missing from the listing cannot be known.
        (small.to_vec(), None, None),
        (small.to_vec(), Some((1024, 683)), None),
        (small.to_vec(), Some((450, 300)), Some((450, 300))),
        (small.to_vec(), Some((300, 450)), Some((450, 300))),
        (Vec::new(), Some((300, 450)), None),
    ];
    for (sizes, original, expected) in cases {
        assert_eq!(medium_of_listed(&sizes, original), expected, "{sizes:?}");
    }
}

/// All standard sizes of a photo in landscape 3:2 up to its own.
fn standard(original: u32) -> Vec<PhotoSize> {
    let mut sizes = vec![size("Square", 75, 75), size("Large Square", 150, 150)];
    let labels = LABELS
        .iter()
        .filter(|l| l.2 > 0 && l.2 <= original && l.0 != "f");
    sizes.extend(labels.map(|(_, label, edge)| size(label, *edge, edge * 2 / 3)));
    sizes
}

#[test]
fn the_largest_at_or_below_the_limit() {
    struct Case(
        &'static str,
        Vec<PhotoSize>,
        Option<&'static str>,
        u32,
        Option<&'static str>,
    );
    let with = |mut sizes: Vec<PhotoSize>, more: PhotoSize| {
        sizes.push(more);
        sizes
    };
    let cases = [
        Case("exact", standard(4000), None, 1024, Some("Large")),
        Case("between", standard(4000), None, 1599, Some("Large")),
        Case(
            "portrait counts its height",
            vec![size("Large", 683, 1024), size("Medium", 333, 500)],
            None,
            1000,
            Some("Medium"),
        ),
        Case(
            "label lies",
            vec![size("Large", 1024, 683), size("Large 1600", 1500, 1001)],
            None,
            1500,
            Some("Large 1600"),
        ),
        Case(
            "original jpg",
            with(standard(1200), size(ORIGINAL, 1200, 800)),
            Some("jpg"),
            1600,
            Some(ORIGINAL),
        ),
        Case(
            "original PNG",
            with(standard(1200), size(ORIGINAL, 1200, 800)),
            Some("PNG"),
            1600,
            Some(ORIGINAL),
        ),
        Case(
            "original tiff",
            with(standard(1200), size(ORIGINAL, 1200, 800)),
            Some("tiff"),
            1600,
            Some("Large"),
        ),
        Case(
            "gif by name",
            with(standard(1200), size("Original gif", 1200, 800)),
            None,
            1600,
            Some("Large"),
        ),
        Case(
            "same size, not the original",
            with(standard(1024), size(ORIGINAL, 1024, 682)),
            Some("jpg"),
            1600,
            Some("Large"),
        ),
        Case(
            "original too large",
            with(standard(5000), size(ORIGINAL, 5000, 3333)),
            Some("jpg"),
            1600,
            Some("Large 1600"),
        ),
        Case(
            "unrotated original",
            with(standard(1200), size(ORIGINAL, 800, 1200)),
            Some("jpg"),
            1200,
            Some(ORIGINAL),
        ),
        Case("no square", standard(4000), None, 99, None),
        Case(
            "squares alone",
            vec![size("Square", 75, 75), size("Large Square", 150, 150)],
            None,
            500,
            None,
        ),
        Case("nothing", vec![], None, 500, None),
    ];
    let mut wrong = Vec::new();
    for Case(name, sizes, format, max, expected) in cases {
        let found = choose(&sizes, format, max).map(|size| size.label.as_str());
        if found != expected {
            wrong.push(format!("{name}: {found:?}, expected {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn get_sizes_is_asked_only_where_it_can_help() {
    struct Case(&'static str, Photo, u32, bool);
    type Photo = (Vec<PhotoSize>, Option<(u32, u32)>, Option<&'static str>);
    let without = |original: u32, missing: &str| {
        let mut sizes = standard(original);
        sizes.retain(|size| size.label != missing);
        sizes
    };
    let dims = |edge: u32| Some((edge, edge * 2 / 3));
    let jpg = Some("jpg");
    let cases = [
        Case("all there", (standard(4000), dims(4000), jpg), 1600, false),
        Case(
            "wanted missing",
            (without(4000, "Large 1600"), dims(4000), jpg),
            1600,
            true,
        ),
        Case(
            "other missing",
            (without(4000, "Large 1600"), dims(4000), jpg),
            1024,
            false,
        ),
        Case(
            "small, original unlisted",
            (standard(900), dims(900), jpg),
            1600,
            true,
        ),
        Case(
            "small tiff",
            (standard(900), dims(900), Some("tiff")),
            1600,
            false,
        ),
        Case(
            "near-size label",
            (
                [standard(1100), vec![size("Large 1600", 1500, 1000)]].concat(),
                dims(1500),
                Some("tiff"),
            ),
            1600,
            false,
        ),
        Case("below all", (standard(4000), dims(4000), jpg), 50, false),
        Case(
            "no original, larger listed",
            (standard(4000), None, None),
            1600,
            false,
        ),
        Case(
            "no original, hole",
            (without(4000, "Large 1600"), None, None),
            1600,
            true,
        ),
        Case(
            "no original, stops at 1024",
            (standard(1024), None, None),
            1600,
            true,
        ),
        Case(
            "no original, own dimensions",
            (vec![size("Large", 900, 600)], None, None),
            1600,
            false,
        ),
        Case("no size at all", (vec![], None, None), 1600, true),
    ];
    let wrong: Vec<_> = cases
        .iter()
        .filter(
            |Case(_, (sizes, original_size, original_format), max, expected)| {
                let listed = Listed {
                    sizes,
                    original_size: *original_size,
                    original_format: *original_format,
                };
                listed.needs_get_sizes(*max) != *expected
            },
        )
        .map(|case| case.0)
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn debug_shows_no_url() {
    assert_eq!(
        format!("{:?}", size("Large", 1024, 683)),
        "PhotoSize(\"Large\", 1024x683)"
    );
}

//! The image host.

use std::fs;
use std::io::Cursor;

use flickr_sandbox::{NewPhoto, Options};
use image::{DynamicImage, GenericImageView, ImageFormat, Rgb, RgbImage};

use crate::client::TestClient;

/// Left half red, right half blue.
fn two_colours(width: u32, height: u32) -> DynamicImage {
    let image = RgbImage::from_fn(width, height, |x, _| {
        Rgb(if x < width / 2 {
            [250, 0, 0]
        } else {
            [0, 0, 250]
        })
    });
    DynamicImage::ImageRgb8(image)
}

/// A JPEG whose EXIF data ask for a turn by 90 degrees clockwise.
fn turned_jpeg(image: &DynamicImage) -> Vec<u8> {
    let mut jpeg = Cursor::new(Vec::new());
    image.write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
    let jpeg = jpeg.into_inner();
    // One TIFF directory entry: tag 0x0112 (orientation), SHORT, one value, 6.
    let exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, 0xe1], &length, exif, &jpeg[2..]].concat()
}

#[tokio::test]
async fn originals_are_untouched_and_other_sizes_upright() {
    let dir = tempfile::tempdir().unwrap();
    let turned = turned_jpeg(&two_colours(300, 200));
    fs::write(dir.path().join("turned.jpg"), &turned).unwrap();
    two_colours(640, 480)
        .save(dir.path().join("upright.png"))
        .unwrap();
    let flickr = TestClient::new(Options::folder(dir.path()));

    let photos = flickr
        .search("sort=date-posted-asc&extras=url_s,url_sq,url_z,url_o,o_dims,original_format")
        .await;
    let row = &photos["photo"][0];
    assert_eq!(row["title"], "turned");
    let original = flickr.get(row["url_o"].as_str().unwrap()).await;
    assert_eq!(original.body, turned);
    assert_eq!(
        (&row["o_width"], &row["o_height"]),
        (&"300".into(), &"200".into())
    );
    assert_eq!(
        (&row["width_s"], &row["height_s"]),
        (&160.into(), &240.into())
    );
    let small = flickr.get(row["url_s"].as_str().unwrap()).await;
    let image = image::load_from_memory(&small.body).unwrap();
    assert_eq!(image.dimensions(), (160, 240));
    let (top, bottom) = (image.get_pixel(80, 20), image.get_pixel(80, 220));
    assert!(top[0] > 200 && bottom[2] > 200, "{top:?} {bottom:?}");
    let square = flickr.get(row["url_sq"].as_str().unwrap()).await;
    let square = image::load_from_memory(&square.body).unwrap();
    assert_eq!(square.dimensions(), (75, 75));

    let row = &photos["photo"][1];
    assert_eq!(row["originalformat"], "png");
    let url = row["url_o"].as_str().unwrap();
    assert!(url.ends_with("_o.png"), "{url}");
    let original = flickr.get(url).await;
    assert_eq!(original.header("content-type"), "image/png");
    let resized = flickr.get(row["url_z"].as_str().unwrap()).await;
    assert_eq!(resized.header("content-type"), "image/jpeg");
    assert_eq!(resized.header("imagewidth"), "640");
    assert_eq!(resized.header("content-disposition"), "");
    let url = row["url_z"].as_str().unwrap().replace("_z.", "_z_d.");
    let download = flickr.get(&url).await;
    assert!(
        download
            .header("content-disposition")
            .starts_with("attachment; filename=")
    );
    assert_eq!(flickr.sandbox.calls().files, 6);
}

#[tokio::test]
async fn wrong_names_and_deleted_photos_are_404() {
    let flickr = TestClient::new(Options::default());
    let id = flickr
        .sandbox
        .add_photo(NewPhoto {
            width: Some(2_000),
            height: Some(1_000),
            ..NewPhoto::default()
        })
        .unwrap();
    let row = flickr.search("extras=url_l,url_h,url_o").await["photo"][0].take();
    let url = |letter: &str| row[format!("url_{letter}")].as_str().unwrap().to_owned();
    let secret = row["secret"].as_str().unwrap();
    assert!(url("l").contains(secret) && !url("h").contains(secret));
    assert_eq!(flickr.get(&url("h")).await.status, 200);
    let shared_secret = format!("/65535/{id}_{secret}_h.jpg");
    let cases = [
        shared_secret,
        url("l").replace("_b.jpg", "_k.jpg"),
        url("l").replace("_b.jpg", "_b.png"),
        url("l").replace("/65535/", "/1/"),
        url("o").replace("_o.jpg", "_o.png"),
        "/65535/nothing.jpg".to_owned(),
    ];
    for name in &cases {
        let answer = flickr.get(name).await;
        assert_eq!(answer.status, 404, "{name}");
        assert_eq!(answer.header("content-type"), "text/html");
    }
    assert!(flickr.sandbox.delete_photo(&id));
    assert!(!flickr.sandbox.delete_photo(&id));
    assert_eq!(flickr.get(&url("h")).await.status, 404);
}

#[tokio::test]
async fn pictures_of_a_folder_are_used_in_turn() {
    let dir = tempfile::tempdir().unwrap();
    two_colours(100, 50).save(dir.path().join("a.jpg")).unwrap();
    two_colours(50, 100).save(dir.path().join("b.jpg")).unwrap();
    let mut options = Options::generate(5);
    if let flickr_sandbox::Source::Generated(generated) = &mut options.source {
        generated.faces = Some(dir.path().to_owned());
    }
    let flickr = TestClient::new(options);
    let widths: Vec<u32> = flickr.sandbox.photos().iter().map(|p| p.width).collect();
    assert_eq!(widths, [100, 50, 100, 50, 100]);
    let row = flickr.search("extras=url_o").await["photo"][0].take();
    let file = flickr.get(row["url_o"].as_str().unwrap()).await;
    assert_eq!(file.body, fs::read(dir.path().join("a.jpg")).unwrap());
}

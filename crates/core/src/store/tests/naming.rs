//! What the naming session asks for.

use super::*;

pub(super) async fn the_session_reads_places_tags_and_denials(store: Store) {
    let photos = [listed(7, 10), listed(8, 20), listed(9, 30)];
    store.add_listed(&photos).await.unwrap();
    for (photo, faces) in [("7", vec![found(10, 1.0), found(300, 2.0)]), ("8", vec![])] {
        store
            .finish(&super::photo(photo), &with(), &done(faces))
            .await
            .unwrap();
    }
    let other = Processing {
        encoder: "another".to_owned(),
        ..with()
    };
    let faces = vec![found(10, 3.0)];
    store
        .finish(&photo("9"), &other, &done(faces))
        .await
        .unwrap();

    let face: FaceId = "7:1".parse().unwrap();
    let place = store.face_in_photo(&face).await.unwrap().unwrap();
    assert_eq!(
        (place.photo.as_str(), place.title.as_str(), place.uploaded),
        ("7", "photo 7", 10)
    );
    assert_eq!((place.rect.left, place.image), (300, (1024, 768)));
    assert_eq!((place.seen.size, place.seen.sharpness), (100, Some(80.0)));
    let nowhere: FaceId = "7:9".parse().unwrap();
    assert_eq!(store.face_in_photo(&nowhere).await.unwrap(), None);

    // Photo 8 has no face, 9 one that cannot be compared.
    assert_eq!(store.undecided_of_other_encoders().await.unwrap(), 1);
    let tags = store.tags_of_undecided().await.unwrap();
    assert_eq!(tags, [(photo("7"), "garden".to_owned())]);

    let first: FaceId = "7:0".parse().unwrap();
    let not_her = std::slice::from_ref(&face);
    store
        .decide(&[first], &Decision::Named(ada()), not_her, 1)
        .await
        .unwrap();
    for (name, denied) in [("ADA LOVELACE", vec![face.clone()]), ("Bob", vec![])] {
        let name = Name::new(name).unwrap();
        assert_eq!(store.rejected_for(&name).await.unwrap(), denied, "{name}");
    }
    store
        .decide(&[face], &Decision::Ignored, &[], 2)
        .await
        .unwrap();
    assert_eq!(store.tags_of_undecided().await.unwrap(), []);
}

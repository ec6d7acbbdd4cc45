//! What a test puts into a store in place of `download`.

use flickr_faces::{
    faces::{Descriptor, Detector, Face, Quality, Rect, Turn},
    store::{FoundFace, ListedPhoto, PhotoId, Processing},
};

/// How the photos in the store of a test were processed.
pub fn processing() -> Processing {
    Processing {
        max_size: 1024,
        detector: Detector::Hog,
        upsample: 1,
        min_face: 40,
        turned: false,
        encoder: "0".repeat(64),
        engine: "test",
    }
}

/// A photo of which the listing says nothing but that it is there.
pub fn listed(id: PhotoId, uploaded: i64) -> ListedPhoto {
    ListedPhoto {
        id,
        uploaded,
        title: String::new(),
        tags: Vec::new(),
        taken: None,
        rotation: None,
        secret: None,
        image: None,
    }
}

/// A face with this box (left, top, right, bottom) that was well seen, this number in every place of its
/// descriptor, and this picture.
pub fn found([left, top, right, bottom]: [i32; 4], descriptor: f32, crop: Vec<u8>) -> FoundFace {
    FoundFace {
        face: Face {
            rect: Rect {
                left,
                top,
                right,
                bottom,
            },
            score: None,
            landmarks: [[1, 2], [3, 4], [5, 6], [7, 8], [9, 10]],
            quality: Quality {
                sharpness: 80.0,
                yaw: 0.0,
            },
            descriptor: Descriptor([descriptor; 128]),
        },
        crop,
        turn: Turn::None,
    }
}

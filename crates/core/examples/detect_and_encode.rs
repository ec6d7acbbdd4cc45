//! Finds the faces in one photo and describes each by 128 numbers.
//!
//! ```sh
//! cargo xtask assets    # fetches the models and ONNX Runtime into the cache folder
//! cargo run --release -p flickr-faces --example detect_and_encode -- PHOTO \
//!     ~/.cache/flickr-faces/models ~/.cache/flickr-faces/onnxruntime/libonnxruntime.so.*
//! ```

use std::{env, error::Error, path::Path};

use flickr_faces::{
    faces::{
        Engine, Models, Settings,
        onnx::{OnnxEngine, Runtime, TelemetryOff},
    },
    photo::{Limits, decode},
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [photo, models, library] = arguments.as_slice() else {
        return Err("expected PHOTO MODELS LIBRARY".into());
    };
    let image = decode(Path::new(photo), &Limits::default())?;
    // SAFETY: no other thread runs yet.
    let telemetry = unsafe { TelemetryOff::set() };
    let runtime = Runtime::load(Path::new(library), telemetry)?;
    // The CNN, on the photo doubled once; a program makes one engine and an analyser for each thread.
    let engine = OnnxEngine::new(&Models::new(models), Settings::default(), &runtime)?;
    let faces = engine.analyser()?.analyse(&image)?;
    for (number, face) in faces.iter().enumerate() {
        println!(
            "face {}: {:?}, score {:?}",
            number + 1,
            face.rect,
            face.score
        );
        println!("  landmarks   {:?}", face.landmarks);
        println!("  descriptor  {:?} ...", &face.descriptor.0[..4]);
    }
    Ok(())
}

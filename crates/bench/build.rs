//! Compiles dlib's own clustering, which `bench cluster` and `bench quality` compare with.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/dlib/clusters.cpp");
    cc::Build::new()
        .cpp(true)
        .std("c++14")
        // As fast as it can be, however the rest is built.
        .opt_level(3)
        .define("NDEBUG", None)
        .file("src/dlib/clusters.cpp")
        // dlib's headers.
        .warnings(false)
        .compile("flickr_faces_bench_dlib");
    println!("cargo::rustc-link-lib=dlib");
}

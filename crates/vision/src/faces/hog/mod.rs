//! dlib's frontal face detector, HOG: histograms of oriented gradients and a linear classifier
//! (Felzenszwalb et al., IEEE TPAMI 32(9), 2010), with dlib's own arithmetic around it.
//!
//! An image goes down a pyramid (`planes`, each level 5/6 of the one before). Of each level the
//! gradients are voted into cells of 8x8 pixels (`gradients`, `histograms`), the cells made 31 numbers
//! each (`features`), and five templates of 10x10 cells slid over them (`scores`). Where one reaches
//! its threshold is a face (`detect`).
//!
//! Everything is computed in one order on every processor, without contracted products and sums, so
//! that the form for AVX2 gives the same bits as the portable one. dlib sums in another order, and its
//! scores differ by up to 1e-5.
//!
//! Not done here: reading the templates (`nets`).

mod avx2;
mod detect;
mod features;
mod gradients;
mod histograms;
mod planes;
mod scores;

pub(super) use detect::HogDetectors;

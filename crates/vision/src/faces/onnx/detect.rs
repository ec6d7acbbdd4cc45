//! The CNN detector on ONNX Runtime.
//!
//! The network is run in two parts. The stem, which has no padding, brings the packed picture to
//! an eighth of its size, strip by strip: what lies between its layers stays small enough for the
//! processor's caches, and memory does not grow with it. The head (`head`) goes over the whole map
//! at once. The scores are those of the network in one piece.

use std::sync::Arc;

use image::RgbImage;
use ort::session::Session;
use ort::value::TensorRef;

use super::boxes::{Places, boxes};
use super::graph::{Builder, Conv};
use super::head::Head;
use super::pyramid::Layout;
use super::runtime::{Target, failed};
use crate::faces::candidates::Candidate;
use crate::faces::resize::resize_rgb;
use crate::faces::{BoxDetector, Detection, FacesError, ImageSearch, scale};
use crate::nets::{Convolution, DetectorNet};

/// Bytes that the CNN takes at its peak for each pixel it is given: the packed pyramid has about 3.8
/// pixels for each, of three numbers, and the map of features a 64th of that many elements.
const BYTES_PER_PIXEL: u64 = 100;

/// Numbers of a strip's first layer, about: 4 MB.
const STRIP: usize = 1 << 20;

/// One thread's detector.
pub(super) struct CnnDetector {
    search: ImageSearch,
    network: Network,
}

/// The network's sessions.
struct Network {
    net: Arc<DetectorNet>,
    stem: Session,
    head: Head,
    /// The packed picture of the last image: the next is written over it, since memory fresh from
    /// the system costs a tenth of the detector's time.
    picture: Vec<f32>,
}

/// Numbers of a packed picture that are kept for the next, at most: 200 MB, enough for photos of
/// 1024x1024 doubled once.
const KEPT: usize = 48 << 20;

/// What the detector computes for, from its model.
fn places(net: &DetectorNet) -> Places {
    // dlib's `map_output_to_input`, from the scores down to the picture.
    let all = net.stem.iter().chain(&net.body).chain([&net.score]);
    let start = Places { step: 1, offset: 0 };
    all.rev().fold(start, |places, convolution| {
        let stride = convolution.stride[0] as i64;
        let shift = convolution.size[0] as i64 / 2 - convolution.padding[0] as i64;
        Places {
            step: places.step * stride,
            offset: places.offset * stride + shift,
        }
    })
}

/// Rows that the stem makes of `rows`; 0 where there are too few.
fn stem_size(net: &DetectorNet, rows: usize) -> usize {
    net.stem.iter().fold(rows, |rows, convolution| {
        rows.checked_sub(convolution.size[0])
            .map_or(0, |rest| rest / convolution.stride[0] + 1)
    })
}

/// Rows of the picture from one row of the stem to the next, and under one of them.
fn stem_reach(net: &DetectorNet) -> (usize, usize) {
    net.stem.iter().fold((1, 1), |(step, reach), convolution| {
        (
            step * convolution.stride[0],
            reach + (convolution.size[0] - 1) * step,
        )
    })
}

/// Channels that the stem makes.
fn stem_channels(net: &DetectorNet) -> usize {
    let [.., last] = &net.stem;
    last.outputs
}

impl CnnDetector {
    pub(super) fn new(
        target: &Target,
        net: &Arc<DetectorNet>,
        search: &ImageSearch,
        threads: usize,
    ) -> Result<Self, FacesError> {
        let options = target.session(threads)?;
        Ok(Self {
            search: search.clone(),
            network: Network {
                net: Arc::clone(net),
                stem: stem(net, &options).map_err(|error| failed("make the detector", &error))?,
                head: Head::new(target, net, threads)?,
                picture: Vec::new(),
            },
        })
    }
}

impl BoxDetector for CnnDetector {
    fn detect(&mut self, image: &RgbImage) -> Result<Vec<Detection>, FacesError> {
        let Self { search, network } = self;
        let min_face = search.settings().min_face;
        search.run(image, BYTES_PER_PIXEL, min_face, |sizes| {
            let larger = sizes.iter().fold(None, |from, &(width, height)| {
                Some(resize_rgb(from.as_ref().unwrap_or(image), width, height))
            });
            let window = network.net.window[0].max(network.net.window[1]);
            let skipped = scale::levels_too_fine(window, sizes.len(), min_face);
            let found = network.detect(larger.as_ref().unwrap_or(image), skipped)?;
            let detection = |found: Candidate| Detection {
                rect: found.rect,
                score: Some(found.score),
            };
            Ok(found.into_iter().map(detection).collect())
        })
    }
}

impl Network {
    /// The boxes in `image`, best first, in its pixels. The `skipped` largest levels of its pyramid are
    /// not searched.
    fn detect(&mut self, image: &RgbImage, skipped: usize) -> Result<Vec<Candidate>, FacesError> {
        let net = &*Arc::clone(&self.net);
        let layout = Layout::new(image.dimensions(), skipped, net.padding, net.outer_padding);
        let Some(layout) = layout else {
            return Ok(Vec::new());
        };
        let (columns, rows) = (stem_size(net, layout.width), stem_size(net, layout.height));
        if columns == 0 || rows == 0 {
            return Ok(Vec::new());
        }
        let mut picture = std::mem::take(&mut self.picture);
        layout.fill(&mut picture, image, net.means);
        self.head.begin(rows, columns, stem_channels(net));
        self.run_stem(net, &picture, &layout, rows, columns)?;
        if picture.len() <= KEPT {
            self.picture = picture;
        }
        let scores = self.head.scores()?;
        if scores.len() != rows * columns {
            return Err(FacesError::Engine {
                what: "scores",
                found: scores.len(),
                expected: rows * columns,
            });
        }
        Ok(boxes(
            &scores,
            columns,
            places(net),
            net.window,
            &layout,
            net.overlap,
        ))
    }

    /// Gives the stem's output of the whole picture to the head.
    fn run_stem(
        &mut self,
        net: &DetectorNet,
        picture: &[f32],
        layout: &Layout,
        rows: usize,
        columns: usize,
    ) -> Result<(), FacesError> {
        let (step, reach) = stem_reach(net);
        let [first, ..] = &net.stem;
        let channels = stem_channels(net);
        let per_row = step * layout.width * first.outputs / (first.stride[0] * first.stride[1]);
        let strip = (STRIP / per_row.max(1)).clamp(4, 256);
        let line = layout.width * 3;
        for from in (0..rows).step_by(strip) {
            let count = strip.min(rows - from);
            let taken = (count - 1) * step + reach;
            let part = &picture[from * step * line..][..taken * line];
            let mut run = || -> ort::Result<()> {
                let shape = [1, 1, taken * 3, layout.width];
                let input = TensorRef::from_array_view((shape, part))?;
                let outputs = self.stem.run(ort::inputs![input])?;
                let (_, values) = outputs["out"].try_extract_tensor::<f32>()?;
                if values.len() != channels * count * columns {
                    return Err(ort::Error::new("the stem's output has another size"));
                }
                self.head.take(from, count, values);
                Ok(())
            };
            run().map_err(|error| failed("run the detector", &error))?;
        }
        Ok(())
    }
}

/// The stem's graph. Its input is the picture as it lies in memory, `[1, 1, 3 * rows, columns]`: a
/// row of red, of green, of blue. A filter over three channels of 5 rows is one over 15 such rows.
fn stem(
    net: &DetectorNet,
    options: &ort::session::builder::SessionBuilder,
) -> ort::Result<Session> {
    let mut graph = Builder::new([1, 1, -1, -1])?;
    for (index, convolution) in net.stem.iter().enumerate() {
        let input = graph.last();
        if index == 0 {
            let [rows, columns] = convolution.size;
            let filters = interleaved(convolution);
            graph.conv(
                &input,
                &Conv {
                    shape: [convolution.outputs, 1, rows * convolution.inputs, columns],
                    filters: &filters,
                    biases: &convolution.biases,
                    stride: [
                        convolution.stride[0] * convolution.inputs,
                        convolution.stride[1],
                    ],
                    padding: [0, 0],
                },
            )?;
        } else {
            graph.conv(&input, &convolution.into())?;
        }
        graph.relu()?;
    }
    let [.., last] = &net.stem;
    graph.finish(&[1, last.outputs as i64, -1, -1], options)
}

/// `[out, in, rows, columns]` as `[out, rows, in, columns]`.
fn interleaved(convolution: &Convolution) -> Vec<f32> {
    let [rows, columns] = convolution.size;
    let filters = convolution
        .filters
        .chunks_exact((convolution.inputs * rows * columns).max(1));
    filters
        .flat_map(|filter| {
            (0..rows).flat_map(move |row| {
                (0..convolution.inputs)
                    .flat_map(move |channel| &filter[(channel * rows + row) * columns..][..columns])
            })
        })
        .copied()
        .collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn convolution(inputs: usize, outputs: usize, size: usize, stride: usize) -> Convolution {
        let count = inputs * outputs * size * size;
        Convolution {
            outputs,
            inputs,
            size: [size; 2],
            stride: [stride; 2],
            padding: if stride == 1 { [size / 2; 2] } else { [0; 2] },
            filters: (0..count).map(|n| n as f32).collect(),
            biases: vec![0.5; outputs],
        }
    }

    /// dlib's shape, with filters of no sense.
    pub(in super::super) fn net() -> DetectorNet {
        DetectorNet {
            means: crate::nets::Means([0.0; 3]),
            padding: 10,
            outer_padding: 11,
            window: [80, 80],
            overlap: crate::nets::Overlap {
                iou: 0.3,
                covered: 1.0,
            },
            stem: [
                convolution(3, 16, 5, 2),
                convolution(16, 32, 5, 2),
                convolution(32, 32, 5, 2),
            ],
            body: [
                convolution(32, 45, 5, 1),
                convolution(45, 45, 5, 1),
                convolution(45, 45, 5, 1),
            ],
            score: convolution(45, 1, 9, 1),
        }
    }

    #[test]
    fn places_and_sizes_are_the_network_s() {
        let net = net();
        assert_eq!(
            places(&net),
            Places {
                step: 8,
                offset: 14
            }
        );
        assert_eq!(stem_reach(&net), (8, 29));
        for (rows, expected) in [(28, 0), (29, 1), (36, 1), (37, 2), (3, 0), (0, 0)] {
            assert_eq!(stem_size(&net, rows), expected, "{rows}");
        }
    }

    #[test]
    fn rows_of_colours_are_interleaved() {
        let filters = interleaved(&net().stem[0]);
        assert_eq!(filters[..5], [0.0, 1.0, 2.0, 3.0, 4.0]);
        assert_eq!(filters[5..10], [25.0, 26.0, 27.0, 28.0, 29.0]);
        assert_eq!(filters[15..17], [5.0, 6.0]);
    }
}

//! The CNN detector on ONNX Runtime.
//!
//! The network is run in two sessions. The stem, which has no padding, brings the packed picture to
//! an eighth of its size, strip by strip: what lies between its layers stays small enough for the
//! processor's caches, and memory does not grow with it. The head goes over the whole map at once.
//! The scores are those of the network in one piece.

use image::RgbImage;
use ort::session::Session;
use ort::value::TensorRef;

use super::super::FacesError;
use super::boxes::{Candidate, Places, boxes};
use super::graph::{Builder, Conv};
use super::pyramid::Layout;
use super::runtime::{Target, failed};
use crate::nets::{Convolution, DetectorNet};

/// ONNX Runtime computes 8 or 16 channels at a time and leaves its fast path where there are not
/// such a number of them, so the detector's 45 become 48.
const BLOCK: usize = 16;

/// Numbers of a strip's first layer, about: 4 MB.
const STRIP: usize = 1 << 20;

/// The detector: one thread's sessions.
pub(super) struct CnnDetector {
    stem: Session,
    head: Session,
    /// The packed picture of the last image: the next is written over it, since memory fresh from
    /// the system costs a tenth of the detector's time.
    picture: Vec<f32>,
}

/// Numbers of a packed picture that are kept for the next, at most: 160 MB, enough for photos of
/// 1024x1024 doubled once.
const KEPT: usize = 40 << 20;

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

impl CnnDetector {
    pub(super) fn new(
        target: &Target,
        net: &DetectorNet,
        threads: usize,
    ) -> Result<Self, FacesError> {
        let make = |graph: ort::Result<Session>| {
            graph.map_err(|error| failed("make the detector", &error))
        };
        let options = target.session(threads)?;
        Ok(Self {
            stem: make(stem(net, &options))?,
            head: make(head(net, &options))?,
            picture: Vec::new(),
        })
    }

    /// The boxes in `image`, best first, in its pixels. The `left_out` largest levels of its pyramid
    /// are not looked at.
    pub(super) fn detect(
        &mut self,
        net: &DetectorNet,
        image: &RgbImage,
        left_out: usize,
    ) -> Result<Vec<Candidate>, FacesError> {
        let (width, height) = image.dimensions();
        if width == 0 || height == 0 {
            return Ok(Vec::new());
        }
        let layout = Layout::new((width, height), left_out, net.padding, net.outer_padding);
        let Some(layout) = layout else {
            return Ok(Vec::new());
        };
        let (columns, rows) = (stem_size(net, layout.width), stem_size(net, layout.height));
        if columns == 0 || rows == 0 {
            return Ok(Vec::new());
        }
        let mut picture = std::mem::take(&mut self.picture);
        layout.fill(&mut picture, image, net.means);
        let map = self.run_stem(net, &picture, &layout, rows, columns)?;
        if picture.len() <= KEPT {
            self.picture = picture;
        }
        let channels = map.len() / (rows * columns);
        let mut run = || -> ort::Result<Vec<f32>> {
            let shape = [1, channels, rows, columns];
            let input = TensorRef::from_array_view((shape, &*map))?;
            let outputs = self.head.run(ort::inputs![input])?;
            let (_, scores) = outputs["out"].try_extract_tensor::<f32>()?;
            Ok(scores.to_vec())
        };
        let scores = run().map_err(|error| failed("run the detector", &error))?;
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

    /// The stem's output `[channels, rows, columns]` of the whole picture.
    fn run_stem(
        &mut self,
        net: &DetectorNet,
        picture: &[f32],
        layout: &Layout,
        rows: usize,
        columns: usize,
    ) -> Result<Vec<f32>, FacesError> {
        let (step, reach) = stem_reach(net);
        let [first, .., last] = &net.stem;
        let channels = last.outputs;
        let per_row = step * layout.width * first.outputs / (first.stride[0] * first.stride[1]);
        let strip = (STRIP / per_row.max(1)).clamp(4, 256);
        let mut map = vec![0.0; channels * rows * columns];
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
                for (from_channel, to_channel) in values
                    .chunks_exact(count * columns)
                    .zip(map.chunks_exact_mut(rows * columns))
                {
                    to_channel[from * columns..][..count * columns].copy_from_slice(from_channel);
                }
                Ok(())
            };
            run().map_err(|error| failed("run the detector", &error))?;
        }
        Ok(map)
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

/// The head's graph: the body with its channels filled up, then the scores.
fn head(
    net: &DetectorNet,
    options: &ort::session::builder::SessionBuilder,
) -> ort::Result<Session> {
    let [first, ..] = &net.body;
    let mut graph = Builder::new([1, first.inputs as i64, -1, -1])?;
    let mut channels = first.inputs;
    for convolution in &net.body {
        let filled = filled(convolution, channels);
        let input = graph.last();
        graph.conv(&input, &(&filled).into())?;
        graph.relu()?;
        channels = filled.outputs;
    }
    let (across, down) = crossed(&net.score, channels);
    for convolution in [&across, &down] {
        let input = graph.last();
        graph.conv(&input, &convolution.into())?;
    }
    graph.finish(&[1, 1, -1, -1], options)
}

/// The same convolution from `inputs` channels, of which those it does not know count nothing, to a
/// multiple of [`BLOCK`], of which those added are 0.
fn filled(convolution: &Convolution, inputs: usize) -> Convolution {
    let outputs = convolution.outputs.next_multiple_of(BLOCK);
    let area = convolution.size[0] * convolution.size[1];
    let mut filters = vec![0.0; outputs * inputs * area];
    for (from, to) in convolution
        .filters
        .chunks_exact((convolution.inputs * area).max(1))
        .zip(filters.chunks_exact_mut((inputs * area).max(1)))
    {
        to[..from.len()].copy_from_slice(from);
    }
    let mut biases = convolution.biases.clone();
    biases.resize(outputs, 0.0);
    Convolution {
        outputs,
        inputs,
        filters,
        biases,
        ..*convolution
    }
}

/// A convolution to one channel as two: each of its rows for itself, as a channel, then each
/// channel shifted to its row and all added. One output channel would cost ONNX Runtime as much as
/// [`BLOCK`]; so its rows fill them.
fn crossed(score: &Convolution, inputs: usize) -> (Convolution, Convolution) {
    let [rows, columns] = score.size;
    let [above, left] = score.padding;
    let channels = rows.next_multiple_of(BLOCK);
    let mut filters = vec![0.0; channels * inputs * columns];
    for row in 0..rows {
        for input in 0..score.inputs {
            let from = &score.filters[(input * rows + row) * columns..][..columns];
            filters[(row * inputs + input) * columns..][..columns].copy_from_slice(from);
        }
    }
    let across = Convolution {
        outputs: channels,
        inputs,
        size: [1, columns],
        stride: [1, 1],
        padding: [0, left],
        filters,
        biases: vec![0.0; channels],
    };
    let mut filters = vec![0.0; channels * rows];
    for row in 0..rows {
        filters[row * rows + row] = 1.0;
    }
    let down = Convolution {
        outputs: 1,
        inputs: channels,
        size: [rows, 1],
        stride: [1, 1],
        padding: [above, 0],
        filters,
        biases: score.biases.clone(),
    };
    (across, down)
}

#[cfg(test)]
mod tests {
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

    fn net() -> DetectorNet {
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
    fn channels_are_filled_up_with_nothing() {
        let filled = filled(&net().body[1], 48);
        assert_eq!((filled.inputs, filled.outputs), (48, 48));
        assert_eq!(filled.filters.len(), 48 * 48 * 25);
        assert_eq!(filled.filters[48 * 25], (45 * 25) as f32);
        assert!(filled.filters[45 * 25..48 * 25].iter().all(|&w| w == 0.0));
        assert!(filled.filters[45 * 48 * 25..].iter().all(|&w| w == 0.0));
        assert_eq!(filled.biases[44..], [0.5, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn rows_of_colours_are_interleaved() {
        let filters = interleaved(&net().stem[0]);
        assert_eq!(filters[..5], [0.0, 1.0, 2.0, 3.0, 4.0]);
        assert_eq!(filters[5..10], [25.0, 26.0, 27.0, 28.0, 29.0]);
        assert_eq!(filters[15..17], [5.0, 6.0]);
    }
}

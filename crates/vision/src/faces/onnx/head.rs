//! The second half of the detector's network: from an eighth of the picture to a map of scores.
//!
//! Three convolutions of 5x5 and one of 9x9, over the whole map at once. On processors with AVX2 and
//! FMA they are our own code (`winograd`): those of 5x5 by Winograd's algorithm, which takes a sixth of
//! the multiplications. Elsewhere and on a GPU they are a session of ONNX Runtime.

use ort::session::Session;
use ort::session::builder::SessionBuilder;
use ort::value::TensorRef;

use super::graph::Builder;
use super::runtime::{Target, failed};
use super::winograd::{self, FeatureMap, Filters};
use crate::faces::FacesError;
use crate::nets::{Convolution, DetectorNet};

/// ONNX Runtime computes 8 or 16 channels at a time and leaves its fast path where there are not
/// such a number of them, so the detector's 45 become 48.
const BLOCK: usize = 16;

/// Bytes of maps that are kept for the next photo, at most: enough for 1024x1024 doubled once.
const KEPT: usize = 160 << 20;

/// The head: first told the size of the map, then given it part by part, then asked for the scores.
pub(super) enum Head {
    /// A session, and the map `[channels, rows, columns]` with its shape.
    Session {
        session: Box<Session>,
        shape: [usize; 3],
        map: Vec<f32>,
    },
    Winograd(Box<Winograd>),
}

/// One thread's filters and maps.
pub(super) struct Winograd {
    body: [Filters; 3],
    weights: Vec<f32>,
    bias: f32,
    threads: usize,
    stem: FeatureMap,
    maps: [FeatureMap; 2],
}

impl Head {
    pub(super) fn new(
        target: &Target,
        net: &DetectorNet,
        threads: usize,
    ) -> Result<Self, FacesError> {
        if !target.cuda
            && let Some(winograd) = Winograd::new(net, threads)
        {
            return Ok(Self::Winograd(Box::new(winograd)));
        }
        let options = target.session(threads)?;
        let session = head(net, &options).map_err(|error| failed("make the detector", &error))?;
        Ok(Self::Session {
            session: Box::new(session),
            shape: [0; 3],
            map: Vec::new(),
        })
    }

    /// Begins a map.
    pub(super) fn begin(&mut self, rows: usize, columns: usize, channels: usize) {
        match self {
            Self::Session { shape, map, .. } => {
                *shape = [channels, rows, columns];
                map.resize(channels * rows * columns, 0.0);
            }
            Self::Winograd(winograd) => winograd.stem.reset(rows, columns, channels),
        }
    }

    /// Takes `count` rows of the map from `from` on: `values` is `[channels, count, columns]`.
    pub(super) fn take(&mut self, from: usize, count: usize, values: &[f32]) {
        match self {
            Self::Session { shape, map, .. } => {
                let [_, rows, columns] = *shape;
                let channels = values
                    .chunks_exact((count * columns).max(1))
                    .zip(map.chunks_exact_mut((rows * columns).max(1)));
                for (values, channel) in channels {
                    channel[from * columns..][..count * columns].copy_from_slice(values);
                }
            }
            Self::Winograd(winograd) => {
                let FeatureMap {
                    columns, channels, ..
                } = winograd.stem;
                for row in 0..count {
                    let to = winograd.stem.row_mut(from + row);
                    for channel in 0..channels {
                        let values = &values[(channel * count + row) * columns..][..columns];
                        let to = to[channel..].iter_mut().step_by(channels.max(1));
                        for (to, &value) in to.zip(values) {
                            *to = value;
                        }
                    }
                }
            }
        }
    }

    /// The scores of the map, `[rows, columns]`.
    pub(super) fn scores(&mut self) -> Result<Vec<f32>, FacesError> {
        match self {
            Self::Session {
                session,
                shape: [channels, rows, columns],
                map,
            } => {
                let mut run = || -> ort::Result<Vec<f32>> {
                    let shape = [1, *channels, *rows, *columns];
                    let input = TensorRef::from_array_view((shape, &**map))?;
                    let outputs = session.run(ort::inputs![input])?;
                    let (_, scores) = outputs["out"].try_extract_tensor::<f32>()?;
                    Ok(scores.to_vec())
                };
                let scores = run();
                if size_of_val(&**map) > KEPT {
                    *map = Vec::new();
                }
                scores.map_err(|error| failed("run the detector", &error))
            }
            Self::Winograd(winograd) => Ok(winograd.scores()),
        }
    }
}

impl Winograd {
    /// `None` where the processor or the network is another.
    fn new(net: &DetectorNet, threads: usize) -> Option<Self> {
        if !winograd::is_supported() {
            return None;
        }
        let [first, second, third] = &net.body;
        Some(Self {
            body: [
                Filters::new(first, first.inputs)?,
                Filters::new(second, winograd::CHANNELS)?,
                Filters::new(third, winograd::CHANNELS)?,
            ],
            weights: winograd::score_weights(&net.score)?,
            bias: net.score.biases.first().copied()?,
            threads,
            stem: FeatureMap::default(),
            maps: [FeatureMap::default(), FeatureMap::default()],
        })
    }

    fn scores(&mut self) -> Vec<f32> {
        let [first, second, third] = &self.body;
        let [one, other] = &mut self.maps;
        winograd::convolve(first, &self.stem, one, self.threads);
        winograd::convolve(second, one, other, self.threads);
        winograd::convolve(third, other, one, self.threads);
        let scores = winograd::scores(&self.weights, self.bias, one, self.threads);
        if self.stem.bytes() + self.maps.iter().map(FeatureMap::bytes).sum::<usize>() > KEPT {
            self.stem = FeatureMap::default();
            self.maps = [FeatureMap::default(), FeatureMap::default()];
        }
        scores
    }
}

/// The head's graph: the body with its channels filled up, then the scores.
fn head(net: &DetectorNet, options: &SessionBuilder) -> ort::Result<Session> {
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
    use super::super::detect::tests::net;
    use super::*;

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
}

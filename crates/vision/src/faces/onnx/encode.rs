//! The descriptor network on ONNX Runtime.

use std::sync::Arc;

use image::RgbImage;
use ort::session::Session;
use ort::session::builder::SessionBuilder;
use ort::value::TensorRef;

use super::super::{Descriptor, FacesError};
use super::graph::{Builder, Conv};
use super::runtime::{Target, failed};
use crate::nets::EncoderNet;

/// The most chips in one run: each takes 2 MB between the layers, and more in a run gain nothing.
pub(super) const MAX_BATCH_SIZE: usize = 32;

/// The encoder: a session for each thread. Chips are shared out among them: one session on several
/// threads would wait for the slowest at each of its layers, which are short.
pub(super) struct Encoder {
    net: Arc<EncoderNet>,
    sessions: Vec<Session>,
}

impl Encoder {
    pub(super) fn new(
        target: &Target,
        net: &Arc<EncoderNet>,
        threads: usize,
    ) -> Result<Self, FacesError> {
        let options = target.session(1)?;
        let make = || graph(net, &options).map_err(|error| failed("make the encoder", &error));
        // There is one GPU, however many threads ask it.
        let sessions = if target.cuda { 1 } else { threads.max(1) };
        Ok(Self {
            net: Arc::clone(net),
            sessions: (0..sessions).map(|_| make()).collect::<Result<_, _>>()?,
        })
    }

    /// The descriptors of chips of 150x150 pixels, in their order.
    pub(super) fn encode(&mut self, chips: &[&RgbImage]) -> Result<Vec<Descriptor>, FacesError> {
        let net = &self.net;
        let share = chips.len().div_ceil(self.sessions.len()).max(1);
        if let [session] = &mut *self.sessions {
            return run(session, net, chips);
        }
        let parts = std::thread::scope(|scope| {
            let threads: Vec<_> = self
                .sessions
                .iter_mut()
                .zip(chips.chunks(share))
                .map(|(session, chips)| scope.spawn(|| run(session, net, chips)))
                .collect();
            threads
                .into_iter()
                .map(|thread| match thread.join() {
                    Ok(part) => part,
                    Err(panic) => std::panic::resume_unwind(panic),
                })
                .collect::<Result<Vec<_>, _>>()
        })?;
        Ok(parts.into_iter().flatten().collect())
    }
}

fn run(
    session: &mut Session,
    net: &EncoderNet,
    chips: &[&RgbImage],
) -> Result<Vec<Descriptor>, FacesError> {
    let mut descriptors = Vec::with_capacity(chips.len());
    for batch in chips.chunks(MAX_BATCH_SIZE) {
        let pixels = tensor(net, batch);
        let mut run = || -> ort::Result<Vec<f32>> {
            let shape = [batch.len(), 3, EncoderNet::SIDE, EncoderNet::SIDE];
            let input = TensorRef::from_array_view((shape, &*pixels))?;
            let outputs = session.run(ort::inputs![input])?;
            let (_, numbers) = outputs["out"].try_extract_tensor::<f32>()?;
            Ok(numbers.to_vec())
        };
        let numbers = run().map_err(|error| failed("run the encoder", &error))?;
        let (found, rest) = numbers.as_chunks::<{ Descriptor::LEN }>();
        if found.len() != batch.len() || !rest.is_empty() {
            return Err(FacesError::Engine {
                what: "numbers",
                found: numbers.len(),
                expected: batch.len() * Descriptor::LEN,
            });
        }
        descriptors.extend(found.iter().copied().map(Descriptor));
    }
    Ok(descriptors)
}

/// `[chips, 3, rows, columns]`, each number `(pixel - mean) / 256`.
fn tensor(net: &EncoderNet, chips: &[&RgbImage]) -> Vec<f32> {
    let area = EncoderNet::SIDE * EncoderNet::SIDE;
    let mut tensor = Vec::with_capacity(chips.len() * 3 * area);
    for chip in chips {
        for (channel, mean) in net.means.0.into_iter().enumerate() {
            let values = chip.as_raw().iter().skip(channel).step_by(3);
            tensor.extend(values.map(|&value| ((f32::from(value) - mean) as f64 / 256.0) as f32));
        }
    }
    tensor
}

fn graph(net: &EncoderNet, options: &SessionBuilder) -> ort::Result<Session> {
    let side = EncoderNet::SIDE as i64;
    let mut graph = Builder::new([-1, 3, side, side])?;
    graph.conv("in", &(&net.stem).into())?;
    graph.relu()?;
    graph.max_pool(3, 2)?;
    // Rows and columns of what goes up.
    let mut size = (EncoderNet::SIDE - net.stem.size[0]) / net.stem.stride[0] + 1;
    size = (size - 3) / 2 + 1;
    for block in &net.blocks {
        let below = graph.last();
        let mut shortcut = below.clone();
        let mut inside = size;
        if block.down {
            inside = (size - block.first.size[0]) / block.first.stride[0] + 1;
            size = (size - 2) / 2 + 1;
            average(&mut graph, &below, block.first.inputs, block.first.outputs)?;
            shortcut = graph.last();
        }
        graph.conv(&below, &(&block.first).into())?;
        graph.relu()?;
        let between = graph.last();
        graph.conv(&between, &(&block.second).into())?;
        if let Some(missing @ 1..) = size.checked_sub(inside) {
            graph.grow(missing, missing)?;
        }
        graph.add(&shortcut)?;
        graph.relu()?;
    }
    graph.mean_times(&net.weights, EncoderNet::OUTPUTS)?;
    graph.finish(&[-1, EncoderNet::OUTPUTS as i64], options)
}

/// The average of 2x2 pixels, and zeros for the channels that the input has not: as a convolution,
/// which ONNX Runtime joins with the sum that follows.
fn average(graph: &mut Builder, input: &str, inputs: usize, outputs: usize) -> ort::Result<()> {
    let mut filters = vec![0.0; outputs * inputs * 4];
    for channel in 0..inputs.min(outputs) {
        filters[(channel * inputs + channel) * 4..][..4].fill(0.25);
    }
    graph.conv(
        input,
        &Conv {
            shape: [outputs, inputs, 2, 2],
            filters: &filters,
            biases: &[],
            stride: [2, 2],
            padding: [0, 0],
        },
    )
}

//! Layers on top of each other (dlib/dnn/core.h).
//!
//! dlib writes a network from the top down as nested types: each layer's version, then everything
//! below it, then the layer itself. So a file begins with the versions of all layers, top first, and
//! goes on with the layers, lowest first. The file does not say of what kind each is: a plan does.

use super::Means;
use super::layers::{Layer, Window};
use super::reader::{Damage, Reader};

/// One level of a network's type, as far as the nesting goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// `add_layer`: a layer that writes something of its own.
    Layer,
    /// `add_tag_layer` or `add_skip_layer`: a name for what is below, or a jump to it.
    Wrapper,
}

/// What is below all layers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Input {
    pub(super) means: Means,
    /// Pixels between the levels of the pyramid and around it; `None` where the input is one image.
    pub(super) padding: Option<[usize; 2]>,
}

/// A network's layers, lowest first, taken one after another.
pub(super) struct Stack {
    pub(super) input: Input,
    layers: std::vec::IntoIter<(usize, Layer)>,
    end: usize,
}

impl Stack {
    /// Reads the levels of `plan`, top first, the last of which lies on the input.
    pub(super) fn read(reader: &mut Reader<'_>, plan: &[Level]) -> Result<Self, Damage> {
        let mut versions = Vec::with_capacity(plan.len());
        for (index, level) in plan.iter().enumerate() {
            let lowest = index + 1 == plan.len();
            versions.push(match level {
                Level::Wrapper => reader.version("a tag or skip layer", &[1])?,
                Level::Layer if lowest => reader.version("the lowest layer", &[2, 3])?,
                Level::Layer => reader.version("a layer", &[1, 2])?,
            });
        }
        let input = input(reader)?;
        let mut layers = Vec::with_capacity(plan.len());
        for (index, (level, version)) in plan.iter().zip(versions).enumerate().rev() {
            if *level == Level::Wrapper {
                continue;
            }
            let offset = reader.offset();
            layers.push((offset, Layer::read(reader)?));
            // Three marks, then tensors of the last training step.
            for _ in 0..3 {
                reader.boolean()?;
            }
            reader.skip_tensor()?;
            reader.skip_tensor()?;
            if index + 1 == plan.len() {
                reader.skip_tensor()?;
                if version >= 3 {
                    reader.unsigned()?;
                }
            } else if version >= 2 {
                reader.skip_tensor()?;
            }
        }
        Ok(Self {
            input,
            layers: layers.into_iter(),
            end: reader.offset(),
        })
    }

    /// Something that fits no layer in particular.
    pub(super) fn wrong(&self, expected: impl Into<String>, found: impl ToString) -> Damage {
        let next = self.layers.as_slice().first();
        Reader::damage(
            next.map_or(self.end, |(offset, _)| *offset),
            expected,
            found,
        )
    }

    fn next<T>(
        &mut self,
        expected: &str,
        wanted: impl FnOnce(Layer) -> Result<T, Layer>,
    ) -> Result<T, Damage> {
        let (offset, layer) = self
            .layers
            .next()
            .ok_or_else(|| Reader::damage(self.end, expected, "no more layers"))?;
        wanted(layer).map_err(|other| Reader::damage(offset, expected, other.describe()))
    }

    /// A convolution with this window from `inputs` channels: filters, then biases, and how many.
    pub(super) fn con(
        &mut self,
        window: Window,
        inputs: usize,
    ) -> Result<(usize, Vec<f32>), Damage> {
        let expected = format!("a convolution from {inputs} channels with the {window:?}");
        self.next(&expected, |layer| match layer {
            Layer::Con {
                window: found,
                filters: [outputs, from, ..],
                params,
            } if found == window && from == inputs => Ok((outputs, params)),
            other => Err(other),
        })
    }

    /// An affine layer of `channels`: gammas and betas.
    pub(super) fn affine(&mut self, channels: usize) -> Result<(Vec<f32>, Vec<f32>), Damage> {
        self.next(
            &format!("an affine layer of {channels} channels"),
            |layer| match layer {
                Layer::Affine { gamma, beta } if gamma.len() == channels => Ok((gamma, beta)),
                other => Err(other),
            },
        )
    }

    /// A fully connected layer: weights `[in, out]`.
    pub(super) fn fc(&mut self, inputs: usize, outputs: usize) -> Result<Vec<f32>, Damage> {
        self.next(
            &format!("a fully connected layer from {inputs} to {outputs}"),
            |layer| match layer {
                Layer::Fc {
                    inputs: i,
                    outputs: o,
                    weights,
                } if (i, o) == (inputs, outputs) => Ok(weights),
                other => Err(other),
            },
        )
    }

    /// A layer without numbers of its own.
    pub(super) fn exactly(&mut self, layer: &Layer) -> Result<(), Damage> {
        self.next(&layer.describe(), |found| {
            if found == *layer { Ok(()) } else { Err(found) }
        })
    }
}

/// dlib/dnn/input.h: `input_rgb_image`, `_sized` and `_pyramid`.
fn input(reader: &mut Reader<'_>) -> Result<Input, Damage> {
    let offset = reader.offset();
    let name = reader.name()?;
    let means = Means([reader.float32()?, reader.float32()?, reader.float32()?]);
    let padding = match name {
        "input_rgb_image" => None,
        "input_rgb_image_sized" => {
            reader.unsigned()?;
            reader.unsigned()?;
            None
        }
        // The older form does not say its paddings.
        "input_rgb_image_pyramid" => Some([10, 11]),
        "input_rgb_image_pyramid2" => Some([
            reader.unsigned_size("a padding")?,
            reader.unsigned_size("a padding")?,
        ]),
        other => {
            return Err(Reader::damage(
                offset,
                "an input layer for RGB images",
                format!("`{other}`"),
            ));
        }
    };
    Ok(Input { means, padding })
}

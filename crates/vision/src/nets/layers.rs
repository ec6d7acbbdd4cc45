//! dlib's layers (dlib/dnn/layers.h): what each writes about itself.

use super::reader::{Damage, Reader, Tensor};

/// A layer's own part of a model file.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Layer {
    /// `con_`: filters `[out, in, rows, columns]`, then one bias for each output, in `params`.
    Con {
        window: Window,
        filters: [usize; 4],
        params: Vec<f32>,
    },
    /// `affine_`, or `bn_` as the affine layer that it becomes: `x * gamma + beta` per channel.
    Affine { gamma: Vec<f32>, beta: Vec<f32> },
    /// `relu_`.
    Relu,
    /// `max_pool_`.
    MaxPool(Window),
    /// `avg_pool_`; rows and columns 0 mean everything.
    AvgPool(Window),
    /// `add_prev_`: adds the output of a layer further down.
    AddPrev,
    /// `fc_` without biases: weights `[in, out]`.
    Fc {
        inputs: usize,
        outputs: usize,
        weights: Vec<f32>,
    },
}

/// The window of a convolution or a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    /// Rows and columns.
    pub(super) size: [usize; 2],
    /// Vertical and horizontal step.
    pub(super) stride: [usize; 2],
    /// Zeros above and below, left and right.
    pub(super) padding: [usize; 2],
}

impl Window {
    /// A square window.
    pub(super) const fn square(side: usize, stride: usize, padding: usize) -> Self {
        Self {
            size: [side; 2],
            stride: [stride; 2],
            padding: [padding; 2],
        }
    }
}

impl Layer {
    /// What it is, for messages.
    pub(super) fn describe(&self) -> String {
        let windowed = |name: &str, window: &Window| {
            let Window {
                size: [rows, columns],
                stride: [down, right],
                padding: [above, left],
            } = window;
            format!("{name} of {rows}x{columns}, stride {down}x{right}, padding {above}x{left}")
        };
        match self {
            Self::Con {
                window, filters, ..
            } => {
                let [out, input, ..] = filters;
                format!(
                    "{} from {input} to {out} channels",
                    windowed("a convolution", window)
                )
            }
            Self::Affine { gamma, .. } => format!("an affine layer of {} channels", gamma.len()),
            Self::Relu => "a relu layer".to_owned(),
            Self::MaxPool(window) => windowed("a max pool", window),
            Self::AvgPool(window) => windowed("an average pool", window),
            Self::AddPrev => "an add_prev layer".to_owned(),
            Self::Fc {
                inputs, outputs, ..
            } => format!("a fully connected layer from {inputs} to {outputs}"),
        }
    }

    /// Reads one layer.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Damage> {
        let offset = reader.offset();
        match reader.name()? {
            name @ ("con_4" | "con_5") => con(reader, name == "con_5"),
            name @ ("affine_" | "affine_2") => affine(reader, name == "affine_2"),
            "bn_con2" => batch_normalization(reader),
            "relu_" => Ok(Self::Relu),
            "max_pool_2" => Ok(Self::MaxPool(window(reader)?)),
            "avg_pool_2" => Ok(Self::AvgPool(window(reader)?)),
            "add_prev_" => Ok(Self::AddPrev),
            name @ ("fc_2" | "fc_3") => fc(reader, name == "fc_3"),
            name => Err(Reader::damage(
                offset,
                "a layer: con_4, con_5, affine_, affine_2, bn_con2, relu_, max_pool_2, \
                 avg_pool_2, add_prev_, fc_2 or fc_3",
                format!("`{name}`"),
            )),
        }
    }
}

/// Rows, columns, strides and paddings.
fn window(reader: &mut Reader<'_>) -> Result<Window, Damage> {
    let mut pair = |what: &str| Ok([reader.size(what)?, reader.size(what)?]);
    let (size, stride, padding) = (pair("a window")?, pair("a stride")?, pair("a padding")?);
    Ok(Window {
        size,
        stride,
        padding,
    })
}

/// Rates of learning, which only training uses.
fn skip_rates(reader: &mut Reader<'_>) -> Result<(), Damage> {
    (0..4).try_for_each(|_| reader.float().map(drop))
}

fn numbers(shape: [usize; 4]) -> Option<usize> {
    shape
        .iter()
        .try_fold(1_usize, |all, &size| all.checked_mul(size))
}

fn con(reader: &mut Reader<'_>, fifth: bool) -> Result<Layer, Damage> {
    let offset = reader.offset();
    let Tensor { values: params, .. } = reader.tensor()?;
    let outputs = reader.size("a number of filters")?;
    let window = window(reader)?;
    let filters = reader.alias()?;
    let biases = reader.alias()?;
    skip_rates(reader)?;
    let use_bias = !fifth || reader.boolean()?;
    let fits = filters[0] == outputs
        && outputs > 0
        && filters[2..] == window.size
        && window.stride.iter().all(|&stride| stride > 0)
        && numbers(biases) == Some(outputs)
        && use_bias
        && numbers(filters).and_then(|all| all.checked_add(outputs)) == Some(params.len());
    if !fits {
        return Err(Reader::damage(
            offset,
            "a convolution whose numbers fit together",
            format!(
                "{} numbers for filters {filters:?} and biases {biases:?} of {outputs} outputs, \
                 window {window:?}",
                params.len()
            ),
        ));
    }
    Ok(Layer::Con {
        window,
        filters,
        params,
    })
}

/// Splits an affine layer's numbers: a gamma for each channel, then a beta for each.
fn split(
    offset: usize,
    params: &Tensor,
    gamma: [usize; 4],
    beta: [usize; 4],
) -> Result<(Vec<f32>, Vec<f32>), Damage> {
    let channels = gamma[1];
    let halves = params.values.split_at_checked(channels);
    match halves {
        Some((first, second))
            if gamma == [1, channels, 1, 1] && beta == gamma && second.len() == channels =>
        {
            Ok((first.to_vec(), second.to_vec()))
        }
        _ => Err(Reader::damage(
            offset,
            "an affine layer whose numbers fit together",
            format!("{} numbers for {gamma:?} and {beta:?}", params.values.len()),
        )),
    }
}

fn affine(reader: &mut Reader<'_>, second: bool) -> Result<Layer, Damage> {
    let offset = reader.offset();
    let params = reader.tensor()?;
    let (gamma, beta) = (reader.alias()?, reader.alias()?);
    let mode = reader.int()?;
    let disabled = second && reader.boolean()?;
    // CONV_MODE: a number for each channel.
    if mode != 0 || disabled {
        return Err(Reader::damage(
            offset,
            "an affine layer that is in use, per channel",
            format!("mode {mode}, disabled: {disabled}"),
        ));
    }
    let (gamma, beta) = split(offset, &params, gamma, beta)?;
    Ok(Layer::Affine { gamma, beta })
}

/// `bn_`, turned into an affine layer as dlib does it: by the running means and variances.
fn batch_normalization(reader: &mut Reader<'_>) -> Result<Layer, Damage> {
    let offset = reader.offset();
    let params = reader.tensor()?;
    let (gamma, beta) = (reader.alias()?, reader.alias()?);
    let (mut gamma, mut beta) = split(offset, &params, gamma, beta)?;
    // Those of the last batch.
    reader.skip_tensor()?;
    reader.skip_tensor()?;
    let (means, variances) = (reader.tensor()?.values, reader.tensor()?.values);
    reader.unsigned()?;
    reader.unsigned()?;
    skip_rates(reader)?;
    let epsilon = reader.float32()?;
    let sound = |variance: &f32| variance + epsilon > 0.0;
    if means.len() != gamma.len() || variances.len() != gamma.len() || !variances.iter().all(sound)
    {
        return Err(Reader::damage(
            offset,
            "a mean and a positive variance for each channel",
            format!(
                "{} means and {} variances for {} channels",
                means.len(),
                variances.len(),
                gamma.len()
            ),
        ));
    }
    for (((gamma, beta), mean), variance) in
        gamma.iter_mut().zip(&mut beta).zip(means).zip(variances)
    {
        *gamma /= (variance + epsilon).sqrt();
        *beta -= *gamma * mean;
    }
    Ok(Layer::Affine { gamma, beta })
}

fn fc(reader: &mut Reader<'_>, third: bool) -> Result<Layer, Damage> {
    let offset = reader.offset();
    let outputs = reader.unsigned_size("a number of outputs")?;
    let inputs = reader.unsigned_size("a number of inputs")?;
    let params = reader.tensor()?;
    let weights = reader.alias()?;
    reader.alias()?;
    // FC_NO_BIAS is 1.
    let mode = reader.int()?;
    skip_rates(reader)?;
    if third {
        reader.boolean()?;
    }
    let fits = mode == 1
        && weights == [inputs, outputs, 1, 1]
        && inputs.checked_mul(outputs) == Some(params.values.len());
    if !fits {
        return Err(Reader::damage(
            offset,
            "a fully connected layer without biases whose numbers fit together",
            format!(
                "{} numbers for weights {weights:?}, {inputs} inputs and {outputs} outputs, \
                 bias mode {mode}",
                params.values.len()
            ),
        ));
    }
    Ok(Layer::Fc {
        inputs,
        outputs,
        weights: params.values,
    })
}

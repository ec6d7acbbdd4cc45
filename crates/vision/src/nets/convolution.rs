//! A convolution, with the affine layer after it folded in.

use super::layers::Window;
use super::reader::Damage;
use super::stack::Stack;

/// A convolution and what follows it up to the next: `out = filters * in + biases`.
#[derive(Debug, Clone, PartialEq)]
pub struct Convolution {
    /// Output channels.
    pub outputs: usize,
    /// Input channels.
    pub inputs: usize,
    /// Rows and columns of a filter.
    pub size: [usize; 2],
    /// Vertical and horizontal step.
    pub stride: [usize; 2],
    /// Zeros above and below, left and right.
    pub padding: [usize; 2],
    /// `[outputs, inputs, rows, columns]`.
    pub filters: Vec<f32>,
    /// `[outputs]`.
    pub biases: Vec<f32>,
}

impl Convolution {
    /// The next layer of `stack`, which must be a convolution with this window.
    pub(super) fn take(stack: &mut Stack, window: Window, inputs: usize) -> Result<Self, Damage> {
        let (outputs, mut filters) = stack.con(window, inputs)?;
        let biases = filters.split_off(filters.len() - outputs);
        Ok(Self {
            outputs,
            inputs,
            size: window.size,
            stride: window.stride,
            padding: window.padding,
            filters,
            biases,
        })
    }

    /// The next two layers of `stack`: a convolution and an affine layer, as one.
    ///
    /// `gamma * (w * x + b) + beta = (gamma * w) * x + (gamma * b + beta)`, in `f64`.
    pub(super) fn take_affine(
        stack: &mut Stack,
        window: Window,
        inputs: usize,
    ) -> Result<Self, Damage> {
        let mut this = Self::take(stack, window, inputs)?;
        let (gammas, betas) = stack.affine(this.outputs)?;
        let length = this.filters.len() / this.outputs;
        for (((filter, bias), gamma), beta) in this
            .filters
            .chunks_mut(length.max(1))
            .zip(&mut this.biases)
            .zip(gammas)
            .zip(betas)
        {
            let gamma = f64::from(gamma);
            for weight in filter {
                *weight = (f64::from(*weight) * gamma) as f32;
            }
            *bias = (f64::from(*bias) * gamma + f64::from(beta)) as f32;
        }
        let mut numbers = this.filters.iter().chain(&this.biases);
        if let Some(number) = numbers.find(|number| !number.is_finite()) {
            return Err(stack.wrong(
                "layers whose products are finite numbers before this",
                number,
            ));
        }
        Ok(this)
    }
}

//! A network built node by node in memory, as ONNX Runtime wants it (opset 17).

use ort::Result;
use ort::editor::{Graph, Model, Node, ONNX_DOMAIN, Opset};
use ort::memory::Allocator;
use ort::operator::Attribute;
use ort::session::Session;
use ort::session::builder::SessionBuilder;
use ort::value::{Outlet, PrimitiveTensorElementType, Shape, SymbolicDimensions, Tensor};
use ort::value::{TensorElementType, ValueType};

use crate::nets::Convolution;

/// A graph with one input, `in`, and one output, `out`, both `f32`.
pub(super) struct Builder {
    graph: Graph,
    names: usize,
    last: String,
}

/// A convolution of ONNX: filters `[out, in, rows, columns]`, one bias for each output or none.
pub(super) struct Conv<'a> {
    pub(super) shape: [usize; 4],
    pub(super) filters: &'a [f32],
    pub(super) biases: &'a [f32],
    pub(super) stride: [usize; 2],
    /// Zeros above and below, left and right.
    pub(super) padding: [usize; 2],
}

impl<'a> From<&'a Convolution> for Conv<'a> {
    fn from(convolution: &'a Convolution) -> Self {
        Self {
            shape: [
                convolution.outputs,
                convolution.inputs,
                convolution.size[0],
                convolution.size[1],
            ],
            filters: &convolution.filters,
            biases: &convolution.biases,
            stride: convolution.stride,
            padding: convolution.padding,
        }
    }
}

impl Builder {
    /// Begins a graph whose input has this shape; -1 is any size.
    pub(super) fn new(input: [i64; 4]) -> Result<Self> {
        let mut graph = Graph::new()?;
        graph.set_inputs([outlet("in", &input)])?;
        Ok(Self {
            graph,
            names: 0,
            last: "in".to_owned(),
        })
    }

    /// The output of the last node.
    pub(super) fn last(&self) -> String {
        self.last.clone()
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("t{}", self.names)
    }

    fn constant<T>(&mut self, shape: &[usize], values: &[T]) -> Result<String>
    where
        T: PrimitiveTensorElementType + Copy + std::fmt::Debug,
    {
        let name = self.name();
        let shape = Shape::new(shape.iter().map(|&size| size as i64));
        let mut tensor = Tensor::<T>::new(&Allocator::default(), shape)?;
        let (_, room) = tensor.extract_tensor_mut();
        if room.len() != values.len() {
            return Err(ort::Error::new(format!(
                "{} numbers for a tensor of {}",
                values.len(),
                room.len()
            )));
        }
        room.copy_from_slice(values);
        self.graph.add_initializer(&name, tensor, false)?;
        Ok(name)
    }

    fn node(
        &mut self,
        operator: &str,
        inputs: &[String],
        attributes: Vec<Attribute>,
    ) -> Result<()> {
        let output = self.name();
        let node = Node::new(
            operator,
            ONNX_DOMAIN,
            format!("{operator}_{output}"),
            inputs,
            [&output],
            attributes,
        )?;
        self.graph.add_node(node)?;
        self.last = output;
        Ok(())
    }

    /// `Conv` of `input`.
    pub(super) fn conv(&mut self, input: &str, conv: &Conv<'_>) -> Result<()> {
        let [outputs, _, rows, columns] = conv.shape;
        let mut inputs = vec![input.to_owned(), self.constant(&conv.shape, conv.filters)?];
        if !conv.biases.is_empty() {
            inputs.push(self.constant(&[outputs], conv.biases)?);
        }
        let [above, left] = conv.padding;
        let attributes = vec![
            sizes("kernel_shape", &[rows, columns])?,
            sizes("strides", &conv.stride)?,
            sizes("pads", &[above, left, above, left])?,
        ];
        self.node("Conv", &inputs, attributes)
    }

    /// `max(x, 0)` of the last output.
    pub(super) fn relu(&mut self) -> Result<()> {
        let last = self.last();
        self.node("Relu", &[last], Vec::new())
    }

    /// The largest of each square of pixels of the last output, without padding.
    pub(super) fn max_pool(&mut self, side: usize, stride: usize) -> Result<()> {
        let last = self.last();
        let attributes = vec![
            sizes("kernel_shape", &[side; 2])?,
            sizes("strides", &[stride; 2])?,
        ];
        self.node("MaxPool", &[last], attributes)
    }

    /// Zeros below and on the right of the last output.
    pub(super) fn grow(&mut self, rows: usize, columns: usize) -> Result<()> {
        let pads = [0, 0, 0, 0, 0, 0, rows as i64, columns as i64];
        let inputs = [self.last(), self.constant(&[8], &pads)?];
        self.node("Pad", &inputs, Vec::new())
    }

    /// The last output plus another.
    pub(super) fn add(&mut self, other: &str) -> Result<()> {
        let inputs = [self.last(), other.to_owned()];
        self.node("Add", &inputs, Vec::new())
    }

    /// Each channel's mean of the last output, times a matrix `[channels, outputs]`.
    pub(super) fn mean_times(&mut self, weights: &[f32], outputs: usize) -> Result<()> {
        let last = self.last();
        self.node("GlobalAveragePool", &[last], Vec::new())?;
        let last = self.last();
        self.node("Flatten", &[last], Vec::new())?;
        let shape = [weights.len() / outputs.max(1), outputs];
        let inputs = [self.last(), self.constant(&shape, weights)?];
        self.node("Gemm", &inputs, Vec::new())
    }

    /// Ends the graph with the last output, of this shape, and makes a session of it.
    pub(super) fn finish(mut self, shape: &[i64], options: &SessionBuilder) -> Result<Session> {
        let last = self.last();
        let node = Node::new("Identity", ONNX_DOMAIN, "end", [&last], ["out"], [])?;
        self.graph.add_node(node)?;
        self.graph.set_outputs([outlet("out", shape)])?;
        // What ONNX Runtime makes of joined nodes is of its own domain; up to 1.23 it wants that named.
        let opsets = [
            Opset::new(ONNX_DOMAIN, 17)?,
            Opset::new("com.microsoft", 1)?,
            Opset::new("com.microsoft.nchwc", 1)?,
        ];
        let mut model = Model::new(opsets)?;
        model.set_graph(self.graph)?;
        model.into_session(options)
    }
}

fn outlet(name: &str, shape: &[i64]) -> Outlet {
    let tensor = ValueType::Tensor {
        ty: TensorElementType::Float32,
        shape: Shape::new(shape.iter().copied()),
        dimension_symbols: SymbolicDimensions::empty(shape.len()),
    };
    Outlet::new(name, tensor)
}

fn sizes(name: &str, sizes: &[usize]) -> Result<Attribute> {
    let sizes: Vec<i64> = sizes.iter().map(|&size| size as i64).collect();
    Attribute::new(name, sizes)
}

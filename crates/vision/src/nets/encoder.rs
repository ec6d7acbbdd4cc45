//! dlib's network for descriptors, `dlib_face_recognition_resnet_model_v1.dat`, and any other file
//! of that type.

use std::path::Path;

use super::layers::{Layer, Window};
use super::reader::{Damage, Reader};
use super::stack::{Level, Stack};
use super::{Convolution, Means, NetError, open, parse_all};

/// Residual blocks from the input up: channels, and whether the block halves the size. All blocks of
/// `alevel4` to `alevel0` in dlib/tools/python/src/face_recognition.cpp.
const BLOCKS: [(usize, bool); 14] = [
    (32, false),
    (32, false),
    (32, false),
    (64, true),
    (64, false),
    (64, false),
    (64, false),
    (128, true),
    (128, false),
    (128, false),
    (256, true),
    (256, false),
    (256, false),
    (256, true),
];

/// Two 3x3 convolutions beside a shortcut: `max(0, second(max(0, first(x))) + shortcut(x))`.
///
/// Where the block halves the size, `first` has stride 2 and no padding, and the shortcut is the
/// average of 2x2 pixels with zeros for the channels it lacks. Of two sizes the smaller is
/// padded with zeros below and on the right (dlib's `tt::add`).
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// Whether it halves the size.
    pub down: bool,
    /// The lower convolution.
    pub first: Convolution,
    /// The upper convolution.
    pub second: Convolution,
}

/// The descriptor network: 150x150 pixels to 128 numbers.
///
/// `stem`, `max(x, 0)`, the largest of 3x3 pixels at every second, the blocks, each channel's mean,
/// and a matrix product.
#[derive(Debug, Clone, PartialEq)]
pub struct EncoderNet {
    /// Subtracted from the pixels.
    pub means: Means,
    /// 7x7 with stride 2.
    pub stem: Convolution,
    /// 14 blocks, lowest first.
    pub blocks: Vec<Block>,
    /// `[channels, 128]`.
    pub weights: Vec<f32>,
}

impl EncoderNet {
    /// Columns and rows of a chip.
    pub const SIDE: usize = 150;
    /// Numbers in a descriptor.
    pub const OUTPUTS: usize = 128;

    /// Reads a model file.
    ///
    /// # Errors
    /// The file cannot be read, is damaged, or holds another network.
    pub fn open(path: &Path) -> Result<Self, NetError> {
        open(path, read)
    }

    /// Reads a model file's bytes; says what is wrong with them.
    ///
    /// # Errors
    /// The bytes are damaged or hold another network.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        parse_all(bytes, read).map_err(|damage| damage.to_string())
    }
}

/// The levels of the network's type, top first.
fn plan() -> Vec<Level> {
    use Level::{Layer, Wrapper};
    // fc, the mean of everything
    let mut plan = vec![Layer; 2];
    for (_, down) in BLOCKS.iter().rev() {
        // relu, add_prev
        plan.extend([Layer; 2]);
        if *down {
            // avg_pool, skip1, tag2
            plan.extend([Layer, Wrapper, Wrapper]);
        }
        // affine, con, relu, affine, con, tag1
        plan.extend([Layer, Layer, Layer, Layer, Layer, Wrapper]);
    }
    // max_pool, relu, affine, con
    plan.extend([Layer; 4]);
    plan
}

fn read(reader: &mut Reader<'_>) -> Result<EncoderNet, Damage> {
    reader.version("a network with a loss layer", &[1])?;
    let offset = reader.offset();
    match reader.name()? {
        "loss_metric_" => {}
        "loss_metric_2" => {
            reader.float()?;
            reader.float()?;
        }
        other => {
            return Err(Reader::damage(
                offset,
                "`loss_metric_`, a descriptor network",
                format!("`{other}`"),
            ));
        }
    }
    let mut stack = Stack::read(reader, &plan())?;
    if stack.input.padding.is_some() {
        return Err(Reader::damage(
            offset,
            "one image as input",
            "an image pyramid",
        ));
    }
    let stem = convolution(&mut stack, Window::square(7, 2, 0), 3, 32)?;
    stack.exactly(&Layer::Relu)?;
    stack.exactly(&Layer::MaxPool(Window::square(3, 2, 0)))?;
    let mut channels = 32;
    let mut blocks = Vec::with_capacity(BLOCKS.len());
    for (outputs, down) in BLOCKS {
        let window = if down {
            Window::square(3, 2, 0)
        } else {
            Window::square(3, 1, 1)
        };
        let first = convolution(&mut stack, window, channels, outputs)?;
        stack.exactly(&Layer::Relu)?;
        let second = convolution(&mut stack, Window::square(3, 1, 1), outputs, outputs)?;
        if down {
            stack.exactly(&Layer::AvgPool(Window::square(2, 2, 0)))?;
        }
        stack.exactly(&Layer::AddPrev)?;
        stack.exactly(&Layer::Relu)?;
        blocks.push(Block {
            down,
            first,
            second,
        });
        channels = outputs;
    }
    stack.exactly(&Layer::AvgPool(Window::square(0, 1, 0)))?;
    let weights = stack.fc(channels, EncoderNet::OUTPUTS)?;
    Ok(EncoderNet {
        means: stack.input.means,
        stem,
        blocks,
        weights,
    })
}

fn convolution(
    stack: &mut Stack,
    window: Window,
    inputs: usize,
    outputs: usize,
) -> Result<Convolution, Damage> {
    let convolution = Convolution::take_affine(stack, window, inputs)?;
    if convolution.outputs != outputs {
        return Err(stack.wrong(
            format!("a convolution to {outputs} channels"),
            convolution.outputs,
        ));
    }
    Ok(convolution)
}

//! dlib's CNN face detector, `mmod_human_face_detector.dat`.

use std::path::Path;

use super::layers::{Layer, Window};
use super::reader::{Damage, Reader};
use super::stack::{Level, Stack};
use super::{Convolution, Means, NetError, open, parse_all};

/// Which boxes are the same face (`test_box_overlap`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Overlap {
    /// Shared area by the area of the rectangle around both, above which they overlap.
    pub iou: f64,
    /// Shared area by the area of either box, above which they overlap.
    pub covered: f64,
}

/// The detector's network: seven convolutions over an image pyramid packed into one picture.
///
/// All but the last are followed by `max(x, 0)`. The last gives a score for each place of the
/// window; a score above 0 is a face.
#[derive(Debug, Clone, PartialEq)]
pub struct DetectorNet {
    /// Subtracted from the pixels.
    pub means: Means,
    /// Empty pixels between the levels of the pyramid.
    pub padding: usize,
    /// Empty pixels around the pyramid.
    pub outer_padding: usize,
    /// Width and height in pixels of the window that a face fills.
    pub window: [usize; 2],
    /// Which detections are one face.
    pub overlap: Overlap,
    /// 5x5, stride 2: from 3 channels to 32, an eighth of the size.
    pub stem: [Convolution; 3],
    /// 5x5, stride 1.
    pub body: [Convolution; 3],
    /// 9x9 to one channel, the scores.
    pub score: Convolution,
}

impl DetectorNet {
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

fn read(reader: &mut Reader<'_>) -> Result<DetectorNet, Damage> {
    reader.version("a network with a loss layer", &[1])?;
    let offset = reader.offset();
    match reader.name()? {
        "loss_mmod_" => {}
        other => {
            return Err(Reader::damage(
                offset,
                "`loss_mmod_`, a face detector",
                format!("`{other}`"),
            ));
        }
    }
    let (window, overlap) = options(reader)?;
    // The score's convolution, then six groups of relu, affine and convolution.
    let mut stack = Stack::read(reader, &[Level::Layer; 1 + 3 * 6])?;
    let Some([padding, outer_padding]) = stack.input.padding else {
        return Err(Reader::damage(
            offset,
            "an image pyramid as input",
            "one image",
        ));
    };
    if padding.max(outer_padding) > 1000 {
        return Err(Reader::damage(
            offset,
            "paddings of 1000 pixels at most",
            format!("{padding} and {outer_padding}"),
        ));
    }
    let mut channels = 3;
    let mut next = |stack: &mut Stack, window| {
        let convolution = Convolution::take_affine(stack, window, channels)?;
        stack.exactly(&Layer::Relu)?;
        channels = convolution.outputs;
        Ok::<_, Damage>(convolution)
    };
    let down = Window::square(5, 2, 0);
    let stem = [
        next(&mut stack, down)?,
        next(&mut stack, down)?,
        next(&mut stack, down)?,
    ];
    let same = Window::square(5, 1, 2);
    let body = [
        next(&mut stack, same)?,
        next(&mut stack, same)?,
        next(&mut stack, same)?,
    ];
    let score = Convolution::take(&mut stack, Window::square(9, 1, 4), channels)?;
    if score.outputs != 1 {
        return Err(Reader::damage(
            offset,
            "one score for each place",
            score.outputs,
        ));
    }
    Ok(DetectorNet {
        means: stack.input.means,
        padding,
        outer_padding,
        window,
        overlap,
        stem,
        body,
        score,
    })
}

/// `mmod_options` (dlib/dnn/loss.h), versions 1 to 4.
fn options(reader: &mut Reader<'_>) -> Result<([usize; 2], Overlap), Damage> {
    let version = reader.version("detector options", &[1, 2, 3, 4])?;
    let offset = reader.offset();
    let mut windows = Vec::new();
    if version == 1 {
        windows.push(sides(reader)?);
    } else {
        for _ in 0..reader.count("a number of windows")? {
            let labelled = reader.version("a window", &[1, 2])? == 2;
            windows.push(sides(reader)?);
            if labelled {
                reader.name()?;
            }
        }
    }
    // Of training: losses, and what counts as found.
    for _ in 0..3 {
        reader.float()?;
    }
    let overlap = Overlap {
        iou: reader.float()?,
        covered: reader.float()?,
    };
    // Of training: what is left out.
    for _ in 0..2 {
        reader.float()?;
    }
    let pyramid = version < 3 || reader.small()? != 0;
    let mut regression = false;
    if version >= 4 {
        regression = reader.boolean()?;
        reader.float()?;
    }
    match windows[..] {
        [window] if pyramid && !regression && window.iter().all(|s| (1..=1000).contains(s)) => {
            Ok((window, overlap))
        }
        _ => Err(Reader::damage(
            offset,
            "one window of 1 to 1000 pixels over a pyramid, without regression of boxes",
            format!(
                "{} windows, pyramid: {pyramid}, regression: {regression}",
                windows.len()
            ),
        )),
    }
}

fn sides(reader: &mut Reader<'_>) -> Result<[usize; 2], Damage> {
    Ok([
        reader.unsigned_size("a width")?,
        reader.unsigned_size("a height")?,
    ])
}

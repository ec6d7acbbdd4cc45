//! The flow, one file per arrow of the picture: photos → faces, faces → names, names → tags.

mod blocking;
mod clock;
mod cohort;
mod crops;
pub mod download;
mod error;
pub mod messages;
pub mod naming;
mod outage;
pub mod people;
pub mod review;
pub mod tagging;
pub mod tags_json;

pub use self::error::StepError;
/// Asks a step to finish what is under way and to end.
pub use tokio_util::sync::CancellationToken;

//! `download`: Flickr account → photos → faces.

// Both would panic where nobody reads them: see `output`.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod arguments;
mod doctor;
mod engine;
mod messages;
mod outlook;
mod places;
mod repair;
mod run;
mod status;

use std::process::ExitCode;

use flickr_faces::faces::onnx::TelemetryOff;
use flickr_faces_terminal::exit::{self, Exit, Failure};

use self::arguments::{Arguments, Command};

fn main() -> ExitCode {
    // SAFETY: no thread of this program runs yet; OpenBLAS's, which are there before `main`, wait for work.
    let telemetry = unsafe { TelemetryOff::set() };
    exit::run(&[], move |arguments| download(arguments, telemetry))
}

async fn download(arguments: Arguments, telemetry: TelemetryOff) -> Result<Exit, Failure> {
    let common = &arguments.common;
    match arguments.command.unwrap_or(Command::Run(arguments.run)) {
        Command::Run(options) => run::run(common, options, telemetry).await,
        Command::Status(options) => status::status(common, options).await,
        Command::Doctor => doctor::doctor(common, telemetry).await,
        Command::Repair(options) => repair::repair(common, options).await,
    }
}

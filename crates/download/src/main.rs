//! `download`: Flickr account → photos → faces.

mod arguments;
mod engine;
mod run;
mod status;

use std::process::ExitCode;

use flickr_faces_terminal::exit::{self, Exit, Failure};

use self::arguments::{Arguments, Command};

fn main() -> ExitCode {
    exit::run(&[], download)
}

async fn download(arguments: Arguments) -> Result<Exit, Failure> {
    let Arguments {
        common,
        run,
        command,
    } = arguments;
    match command {
        None => run::run(&common, run).await,
        Some(Command::Run(more)) => run::run(&common, run.or(more)).await,
        Some(Command::Status) if run.any() => Err(Failure::new(
            Exit::Usage,
            "--no-browser, --redo and --relist do not go with `status`",
        )),
        Some(Command::Status) => status::status(&common).await,
    }
}

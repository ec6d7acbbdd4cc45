//! The program's commands.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::{Args, Parser, Subcommand};
use flickr_sandbox::approval::{Approval, approve};
use flickr_sandbox::{Generated, Options, Sandbox, Source};
use serde_json::json;

/// Run a small Flickr on 127.0.0.1, for demos and tests
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve a library of photos until stopped
    Serve(Serve),
    /// Approve a sign-in at a sandbox, as a person in a browser would
    Approve {
        /// Address of the authorize page
        url: String,
        /// Print only the nine-digit code; fail if there is none
        #[arg(long)]
        code: bool,
    },
}

#[derive(Debug, Args)]
struct Serve {
    /// Serve the photos in this folder and below
    #[arg(long, value_name = "DIR", required_unless_present = "generate")]
    photos: Option<PathBuf>,
    /// Make up this many photos
    #[arg(long, value_name = "N", conflicts_with = "photos")]
    generate: Option<u64>,
    /// Use the photos in this folder as pictures of made-up photos
    #[arg(long, value_name = "DIR", requires = "generate")]
    faces: Option<PathBuf>,
    /// Listen on this port; a free one by default
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    port: u16,
    /// API key; random by default
    #[arg(long)]
    key: Option<String>,
    /// API secret; random by default
    #[arg(long)]
    secret: Option<String>,
    /// Write url, key and secret to this file as JSON once the sandbox listens
    #[arg(long, value_name = "FILE")]
    state_file: Option<PathBuf>,
    /// Change behaviour: JSON with the fields of /sandbox/quirks
    #[arg(long, value_name = "JSON")]
    quirks: Option<String>,
}

/// Runs the command that the arguments name.
pub(crate) fn run() -> Result<()> {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start")?;
    match cli.command {
        Command::Serve(arguments) => runtime.block_on(serve(arguments)),
        Command::Approve { url, code } => runtime.block_on(approve_url(&url, code)),
    }
}

async fn serve(arguments: Serve) -> Result<()> {
    let source = match (arguments.photos, arguments.generate) {
        (Some(dir), _) => Source::Folder(dir),
        (None, count) => Source::Generated(Generated {
            faces: arguments.faces,
            ..Generated::new(count.unwrap_or_default())
        }),
    };
    let quirks = arguments.quirks.as_deref().unwrap_or("{}");
    let sandbox = Sandbox::start(Options {
        source,
        port: arguments.port,
        key: arguments.key,
        secret: arguments.secret,
        quirks: serde_json::from_str(quirks).context("--quirks")?,
    })?;
    if let Some(path) = &arguments.state_file {
        write_state(path, &sandbox).with_context(|| format!("cannot write {}", path.display()))?;
    }
    println!(
        "flickr-sandbox: {} photos at {} (key {}, secret {})",
        sandbox.photos().len(),
        sandbox.base_url(),
        sandbox.key(),
        sandbox.secret()
    );
    stop_signal().await
}

/// Writes the file in one step, readable by its owner only.
fn write_state(path: &Path, sandbox: &Sandbox) -> Result<()> {
    let state = json!({
        "url": sandbox.base_url(),
        "key": sandbox.key(),
        "secret": sandbox.secret(),
    });
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    // Temporary files have mode 0600.
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    writeln!(file, "{state}")?;
    file.persist(path)?;
    Ok(())
}

async fn stop_signal() -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminated = signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.context("cannot wait for Ctrl-C"),
        _ = terminated.recv() => Ok(()),
    }
}

async fn approve_url(url: &str, only_code: bool) -> Result<()> {
    match approve(url).await? {
        Approval::Code(code) if only_code => println!("{code}"),
        Approval::Code(code) => println!("approved; the code is {code}"),
        Approval::Callback { .. } if only_code => {
            bail!("approved by callback: there is no code to print")
        }
        Approval::Callback { status, .. } => {
            println!("approved; the application answered with status {status}");
        }
    }
    Ok(())
}

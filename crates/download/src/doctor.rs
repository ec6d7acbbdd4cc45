//! `download doctor`: what this program needs, and whether it is there. One thing that is wrong hides no other.

use std::{env, path::Path};

use flickr_faces::{
    config::Config,
    faces::{ModelFile, Models, available_memory, onnx::TelemetryOff},
    flickr::{Reached, reach},
    programs::Program,
    steps::download::status as read,
    store::Store,
};
use flickr_faces_terminal::{
    args::Common,
    exit::{Exit, Failure},
    log,
    machine::{free_space, mode, not_writable},
    output,
    progress::Bars,
    setup, signals,
    text::{aligned, bytes, count, grouped, one_line},
};
use serde_json::{Value, json};

use crate::{engine, places, run};

/// Below this much free room a disk is said to be nearly full: a few thousand photos of 1024 pixels.
const LITTLE_ROOM: u64 = 1_000_000_000;

/// Below this much free memory one worker may have too little.
const LITTLE_MEMORY: u64 = 500_000_000;

/// Flickr refuses calls whose time is five minutes off.
const CLOCK: u64 = 60;

/// How it is with one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Good,
    /// To be known, and no reason to stop.
    Warning,
    Bad,
}

impl State {
    fn of(good: bool, otherwise: Self) -> Self {
        if good { Self::Good } else { otherwise }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Warning => "warning",
            Self::Bad => "error",
        }
    }
}

/// What was looked at.
struct Finding {
    name: &'static str,
    state: State,
    text: String,
    details: Value,
}

/// All that was looked at.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, name: &'static str, state: State, text: impl Into<String>, details: Value) {
        self.0.push(Finding {
            name,
            state,
            text: text.into(),
            details,
        });
    }

    fn failed(&mut self, name: &'static str, failure: &Failure) {
        let hint = failure.hint().map(|hint| format!(" ({hint})"));
        let text = format!("{failure}{}", hint.unwrap_or_default());
        self.add(name, State::Bad, text, Value::Null);
    }
}

pub(crate) async fn doctor(common: &Common, telemetry: TelemetryOff) -> Result<Exit, Failure> {
    let bars = Bars::new(common.quiet);
    log::start(common.verbose, &bars);
    let stop = signals::listen(&bars, "nothing was changed")?;
    let looking = async { Ok::<_, Failure>(look(common, telemetry, &bars).await) };
    let found = signals::unless_stopped(&stop, looking).await?;
    bars.finish();
    let Some(Findings(found)) = found else {
        return Ok(Exit::Stopped);
    };
    let is_bad = found.iter().any(|finding| finding.state == State::Bad);
    if common.json {
        let checks = found.iter().map(|finding| {
            json!({
                "name": finding.name, "state": finding.state.word(), "text": finding.text,
                "details": finding.details,
            })
        });
        output::json(&json!({"ok": !is_bad, "checks": checks.collect::<Value>()}));
    } else {
        let rows = found.iter().map(|finding| {
            let state = match finding.state {
                State::Good => "",
                other => other.word(),
            };
            [finding.name, state, &finding.text].map(str::to_owned)
        });
        output::line(aligned(&rows.collect::<Vec<_>>(), &[]));
    }
    Ok(if is_bad { Exit::CannotGoOn } else { Exit::Done })
}

async fn look(common: &Common, telemetry: TelemetryOff, bars: &Bars) -> Findings {
    let mut found = Findings::default();
    let version = env!("CARGO_PKG_VERSION");
    let dlib = if cfg!(feature = "dlib") {
        "with"
    } else {
        "without"
    };
    let (system, processor) = (env::consts::OS, env::consts::ARCH);
    found.add(
        "version",
        State::Good,
        format!("flickr-faces {version}, built {dlib} dlib, for {system} on {processor}"),
        json!({"version": version, "dlib": cfg!(feature = "dlib"), "system": system, "processor": processor}),
    );
    memory(&mut found);
    let config = match Config::read(&common.config) {
        Ok(config) => config,
        Err(error) => {
            found.failed("config.ini", &error.into());
            return found;
        }
    };
    permissions(&mut found, &config);
    disk(&mut found, &config);
    models(&mut found, &config);
    match engine::engine(&config, telemetry, bars) {
        Ok(engine) => {
            let workers = engine::workers(&config, &*engine);
            let text = format!(
                "{}, {}, {}",
                config.detector,
                engine.description(),
                count(workers as u64, "worker", "workers")
            );
            let details = json!({
                "detector": config.detector.to_string(), "engine": engine.name(),
                "description": engine.description(), "workers": workers,
                "onnxruntime": places::library(&config),
            });
            found.add("engine", State::Good, text, details);
            let gpu = match engine.no_gpu() {
                None => "used".to_owned(),
                Some(why) => format!("not used: {why}"),
            };
            let details = json!({"used": engine.no_gpu().is_none(), "reason": engine.no_gpu()});
            found.add("GPU", State::Good, gpu, details);
        }
        Err(failure) => found.failed("engine", &failure),
    }
    store(&mut found, &config).await;
    network(&mut found, &config).await;
    found
}

fn memory(found: &mut Findings) {
    match available_memory() {
        Some(free) => found.add(
            "memory",
            State::of(free >= LITTLE_MEMORY, State::Warning),
            format!("{} free", bytes(free)),
            json!({"free": free}),
        ),
        None => found.add("memory", State::Warning, "cannot be told", Value::Null),
    }
}

/// Who else may read the settings, and whether the folders can be written to.
fn permissions(found: &mut Findings, config: &Config) {
    let path = config.path.display();
    let mode = mode(&config.path).unwrap_or_default();
    let (state, text) = match mode & 0o077 {
        0 => (State::Good, format!("{path} is read by nobody else")),
        _ => (
            State::Warning,
            format!("{path} holds the API key and has mode {mode:04o}: chmod 600 {path}"),
        ),
    };
    found.add(
        "config.ini",
        state,
        text,
        json!({"path": config.path, "mode": format!("{mode:04o}")}),
    );
    for (name, folder) in folders(config) {
        if let Some(why) = not_writable(folder) {
            let text = format!("{}: {name} cannot be written to: {why}", folder.display());
            found.add("permissions", State::Bad, text, json!({"folder": folder}));
        }
    }
}

/// What each folder is for.
fn folders(config: &Config) -> Vec<(&'static str, &Path)> {
    let mut folders = vec![
        ("photos", config.photos.as_path()),
        ("results", &config.results),
    ];
    if !config.store.starts_with("postgres://") {
        let folder = Path::new(&config.store).parent();
        folders.extend(folder.map(|folder| ("the store", folder)));
    }
    folders.extend(config.path.parent().map(|folder| ("config.ini", folder)));
    folders
}

fn disk(found: &mut Findings, config: &Config) {
    for (name, folder) in folders(config).into_iter().take(3) {
        if name == "results" {
            continue;
        }
        let (state, text) = match free_space(folder) {
            Some(free) => (
                State::of(free >= LITTLE_ROOM, State::Warning),
                format!("{} free for {name}", bytes(free)),
            ),
            None => (State::Warning, format!("room for {name} cannot be told")),
        };
        let details = json!({"for": name, "folder": folder, "free": free_space(folder)});
        found.add("disk", state, text, details);
    }
}

fn models(found: &mut Findings, config: &Config) {
    let models = places::models(config);
    let mut files: Vec<ModelFile> = vec![Models::DETECTOR, Models::HOG, Models::LANDMARKS];
    if config.encoder_model.is_none() {
        files.push(Models::ENCODER);
    }
    for file in files {
        match models.check_file(file) {
            Ok(()) => found.add(
                "model",
                State::Good,
                format!("{}, SHA-256 {}", file.name, file.sha256),
                json!({"path": models.path(file), "sha256": file.sha256}),
            ),
            Err(error) => found.failed("model", &error.into()),
        }
    }
    if config.encoder_model.is_some() {
        let path = models.encoder();
        match models.encoder_digest() {
            Ok(digest) => found.add(
                "model",
                State::Good,
                format!("{} of your own, SHA-256 {digest}", path.display()),
                json!({"path": path, "sha256": digest}),
            ),
            Err(error) => found.failed("model", &error.into()),
        }
    }
}

async fn store(found: &mut Findings, config: &Config) {
    let is_file = !config.store.starts_with("postgres://");
    if is_file && !Path::new(&config.store).exists() {
        let text = format!(
            "{} is not there yet: `{}` makes it",
            config.store,
            Program::Download
        );
        return found.add("store", State::Good, text, json!({"there": false}));
    }
    if is_file {
        match Store::damage(Path::new(&config.store)).await {
            Ok(damage) if damage.is_empty() => {}
            Ok(damage) => {
                let text = format!(
                    "{} is damaged: {} (`{} repair` rebuilds it)",
                    config.store,
                    one_line(&damage.join("; ")),
                    Program::Download
                );
                return found.add("store", State::Bad, text, json!({"damage": damage}));
            }
            Err(error) => return found.failed("store", &error.into()),
        }
    }
    match contents(config).await {
        Ok((text, details)) => found.add("store", State::Good, text, details),
        Err(failure) => found.failed("store", &failure),
    }
}

async fn contents(config: &Config) -> Result<(String, Value), Failure> {
    let store = Store::open(&config.store).await?;
    let looked = async {
        let database = store.database().await?;
        let digest = places::models(config).encoder_digest()?;
        let status = read(&store, &run::processing(config, &digest, "")).await?;
        Ok::<_, Failure>((database, status))
    };
    let looked = looked.await;
    store.close().await;
    let (database, status) = looked?;
    let counts = &status.counts;
    let account = status.account.as_deref().unwrap_or("nobody yet");
    let text = format!(
        "{database}, of {account}: {}, {} done, {} failed, {} to do; {}, {} without a name",
        count(counts.photos, "photo", "photos"),
        grouped(counts.done),
        grouped(counts.failed),
        grouped(counts.to_do()),
        count(counts.faces, "face", "faces"),
        grouped(counts.undecided),
    );
    let details = json!({
        "database": database, "account": status.account, "photos": counts.photos, "done": counts.done,
        "failed": counts.failed, "to_do": counts.to_do(), "faces": counts.faces,
        "unnamed_faces": counts.undecided,
    });
    Ok((text, details))
}

async fn network(found: &mut Findings, config: &Config) {
    let endpoints = match setup::endpoints(config) {
        Ok(endpoints) => endpoints,
        Err(error) => return found.failed("network", &error.into()),
    };
    let reached = match reach(&endpoints).await {
        Ok(reached) => reached,
        Err(error) => return found.failed("network", &error.into()),
    };
    for Reached { host, answer, .. } in &reached {
        match answer {
            Ok(time) => found.add(
                "network",
                State::Good,
                format!("{host} answers in {} ms", time.as_millis()),
                json!({"host": host, "milliseconds": time.as_millis()}),
            ),
            Err(why) => {
                let text = format!("{host} cannot be reached: {}", one_line(why));
                found.add("network", State::Bad, text, json!({"host": host}));
            }
        }
    }
    if let Some(ahead) = reached.iter().find_map(|reached| reached.ahead) {
        let off = ahead.unsigned_abs();
        let text = match ahead {
            _ if off <= CLOCK => "agrees with Flickr's".to_owned(),
            0.. => format!("{} s ahead of Flickr's: set it", grouped(off)),
            _ => format!("{} s behind Flickr's: set it", grouped(off)),
        };
        let state = State::of(off <= CLOCK, State::Warning);
        found.add("clock", state, text, json!({"seconds_ahead": ahead}));
    }
}

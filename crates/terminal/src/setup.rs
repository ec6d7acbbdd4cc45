//! From config.ini to a signed-in Flickr, an open store and an engine.

use std::{
    io::{self, IsTerminal},
    num::NonZeroU32,
    path::Path,
    sync::Arc,
};

use flickr_faces::{
    config::{Config, ConfigError},
    files::{Access, write_atomically},
    flickr::{self, ApiKey, Client, ClientConfig, Endpoints, Flickr, ImageHost, ImageSettings},
    steps::CancellationToken,
    store::Store,
};

use crate::{exit::Failure, first_run, output, progress::Bars, signin};

/// The annotated example, which a new config.ini begins as.
const EXAMPLE: &str = include_str!("../../../config.example.ini");

/// Reads config.ini. If there is none, creates one that says what to enter.
///
/// # Errors
/// Those of [`Config::read`]; a new file lacks the API key, which is an error too.
pub fn config_or_new(path: &Path) -> Result<Config, Failure> {
    match Config::read(path) {
        Err(ConfigError::Missing { path }) => {
            write_atomically(&path, EXAMPLE.as_bytes(), Access::Private)?;
            output::aside(format_args!(
                "Created {}; every setting is documented in it.",
                path.display()
            ));
            Ok(Config::read(&path)?)
        }
        other => Ok(other?),
    }
}

/// Where this configuration's Flickr is: the real one, or a sandbox on this machine.
///
/// # Errors
/// Where `flickr_url` is not on this machine.
pub fn endpoints(config: &Config) -> flickr::Result<Endpoints> {
    match &config.flickr_url {
        Some(url) => Endpoints::local(url),
        None => Ok(Endpoints::flickr()),
    }
}

/// The account of this configuration, signed in: with the sign-in saved beside config.ini, or with a
/// new one if there is none or Flickr no longer accepts it. A person at a terminal is asked for a key that is not set. The hour's calls are shared with the other
/// programs on this store. `stop` gives every call up.
///
/// # Errors
/// Where the key is missing or refused, or the sign-in is not finished.
pub async fn flickr(
    config: &Config,
    store: &Store,
    browser: bool,
    bars: &Bars,
    stop: CancellationToken,
) -> Result<Flickr, Failure> {
    let not_set = |key| ConfigError::NotSet {
        path: config.path.clone(),
        key,
    };
    let settings = client_settings(config, store, stop);
    let endpoints = endpoints(config)?;
    let key = match (&config.api_key, &config.api_secret) {
        (Some(key), Some(of_key)) => ApiKey::new(secret(key), secret(of_key)),
        (key, _) => {
            let asked = match io::stdin().is_terminal() && io::stderr().is_terminal() {
                true => first_run::key(&config.path, &endpoints, &settings, bars).await?,
                false => None,
            };
            asked.ok_or_else(|| {
                not_set(match key {
                    None => "api_key",
                    Some(_) => "api_secret",
                })
            })?
        }
    };
    let client = Arc::new(Client::new(endpoints, key, settings)?);
    signin::signed_in(client, &config.path, browser, bars).await
}

/// How this configuration's client behaves.
pub(crate) fn client_settings(
    config: &Config,
    store: &Store,
    stop: CancellationToken,
) -> ClientConfig {
    ClientConfig {
        calls_per_hour: NonZeroU32::new(config.calls_per_hour).unwrap_or(NonZeroU32::MIN),
        budget: Some(Arc::new(store.clone())),
        longest_wait: config.longest_wait,
        lag: config.flickr_lag,
        stop,
        ..ClientConfig::default()
    }
}

fn secret(text: &secrecy::SecretString) -> &str {
    secrecy::ExposeSecret::expose_secret(text)
}

/// The image host that belongs to this configuration's Flickr.
///
/// # Errors
/// Where HTTPS cannot be set up.
pub fn images(config: &Config) -> flickr::Result<Arc<ImageHost>> {
    let settings = ImageSettings {
        longest_pause: config.longest_wait,
        ..ImageSettings::default()
    };
    let host = ImageHost::new(endpoints(config)?, settings)?;
    Ok(Arc::new(host))
}

/// The name of this machine, for people.
pub fn machine_name() -> String {
    let name = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    match name.trim() {
        "" => "unnamed".to_owned(),
        name => name.to_owned(),
    }
}

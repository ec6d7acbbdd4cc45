//! The first run: asks for the API key, and keeps it once Flickr knows it.

use std::{io, path::Path, sync::Arc, thread};

use flickr_faces::{
    config::Config,
    flickr::{self, ApiKey, Client, ClientConfig, Endpoints, OUT_OF_BAND, Outage, SignIn},
};
use rustix::termios::{self, LocalModes, OptionalActions};
use tokio::sync::oneshot;

use crate::{exit::Failure, progress::Bars, prompt::Settings, signin::stopped};

/// Asks until Flickr knows key and secret, then writes them into `config`; `None` at the end of the input.
///
/// # Errors
/// Where Flickr cannot be asked, the file cannot be written, or the person stops.
pub(crate) async fn key(
    config: &Path,
    endpoints: &Endpoints,
    settings: &ClientConfig,
    bars: &Bars,
) -> Result<Option<ApiKey>, Failure> {
    bars.say(&format!(
        "Flickr gives each person an API key of their own. Get one, non-commercial, at\n\n  \
         https://www.flickr.com/services/apps/create/\n\n\
         and copy its key and secret here. They are kept in {}, which only you can read.",
        config.display()
    ));
    loop {
        let Some(key) = typed("Key:", true, settings, bars).await? else {
            return Ok(None);
        };
        let Some(secret) = typed("Secret (not shown):", false, settings, bars).await? else {
            return Ok(None);
        };
        let client = Client::new(
            endpoints.clone(),
            ApiKey::new(&key, &secret),
            settings.clone(),
        )?;
        let client = Arc::new(client);
        let sign_in = SignIn::new(Arc::clone(&client));
        // The first step of the sign-in, which only the right secret can sign.
        let ask = || sign_in.request_token(OUT_OF_BAND);
        match Outage::new(&client, "does not answer").while_out(ask).await {
            Ok(_) => {
                Config::save_api_key(config, &key, &secret)?;
                bars.say(&format!(
                    "Flickr knows them; saved in {}.",
                    config.display()
                ));
                return Ok(Some(ApiKey::new(&key, &secret)));
            }
            Err(flickr::Error::BadKey { .. }) => {
                bars.say("Flickr does not know this key. Please copy both again.");
            }
            Err(flickr::Error::SignatureRefused { .. }) => {
                bars.say("This secret does not belong to the key. Please copy both again.");
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// A line that can be a key or a secret; `None` at the end of the input.
async fn typed(
    prompt: &str,
    shown: bool,
    settings: &ClientConfig,
    bars: &Bars,
) -> Result<Option<String>, Failure> {
    loop {
        let settings_before = Settings::keep();
        if !shown {
            without_echo().ok();
        }
        // Who is quick types as soon as it is there.
        bars.say(prompt);
        let (sender, line) = oneshot::channel();
        // A waiting read cannot be cancelled, and the runtime would wait for it at the end.
        thread::spawn(move || {
            let mut line = String::new();
            let read = io::stdin().read_line(&mut line);
            sender.send(read.map(|_| line)).ok();
        });
        let line = tokio::select! {
            line = line => line.unwrap_or_else(|_| Ok(String::new())),
            () = settings.stop.cancelled() => return Err(stopped().into()),
        };
        drop(settings_before);
        let Ok(line) = line else { return Ok(None) };
        let text = line.trim();
        if line.is_empty() {
            return Ok(None);
        }
        if !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Ok(Some(text.to_owned()));
        }
        bars.say("Letters and digits are expected.");
    }
}

/// What is typed is not shown, until [`Settings`] are given back.
fn without_echo() -> rustix::io::Result<()> {
    let keyboard = io::stdin();
    let mut settings = termios::tcgetattr(&keyboard)?;
    settings.local_modes.remove(LocalModes::ECHO);
    termios::tcsetattr(&keyboard, OptionalActions::Now, &settings)
}

//! The first run: asks for the API key, and keeps it once Flickr knows it.

use std::{io, path::Path, sync::Arc, thread};

use flickr_faces::{
    config::Config,
    flickr::{self, ApiKey, Client, ClientConfig, Endpoints, OUT_OF_BAND, Outage, SignIn},
    steps::CancellationToken,
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
        let Some(key) = typed("Key:", true, &settings.stop, bars).await? else {
            return Ok(None);
        };
        let Some(secret) = typed_secret(&settings.stop, bars).await? else {
            return Ok(None);
        };
        let both = ApiKey::new(&key, &secret);
        match tried(both.clone(), endpoints.clone(), settings.clone()).await {
            Ok(()) => {
                Config::save_api_key(config, &key, &secret)?;
                bars.say(&saved(config));
                return Ok(Some(both));
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

/// That Flickr knows both, and where they are.
pub(crate) fn saved(config: &Path) -> String {
    format!("Flickr knows them; saved in {}.", config.display())
}

/// Asks Flickr whether it knows the key, and whether the secret is the key's: by the first step of the sign-in, which
/// only the right secret can sign.
pub(crate) async fn tried(
    key: ApiKey,
    endpoints: Endpoints,
    settings: ClientConfig,
) -> flickr::Result<()> {
    let client = Arc::new(Client::new(endpoints, key, settings)?);
    let sign_in = SignIn::new(Arc::clone(&client));
    let ask = || sign_in.request_token(OUT_OF_BAND);
    let outage = Outage::new(&client, "does not answer");
    outage.while_out(ask).await.map(drop)
}

/// What can be a key or a secret, without the white space around it.
pub(crate) fn plausible(text: &str) -> Option<&str> {
    let text = text.trim();
    let is_one = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
    is_one.then_some(text)
}

/// A secret, typed unseen; `None` at the end of the input.
pub(crate) async fn typed_secret(
    stop: &CancellationToken,
    bars: &Bars,
) -> Result<Option<String>, Failure> {
    typed("Secret (not shown):", false, stop, bars).await
}

/// A line that can be a key or a secret; `None` at the end of the input.
async fn typed(
    prompt: &str,
    shown: bool,
    stop: &CancellationToken,
    bars: &Bars,
) -> Result<Option<String>, Failure> {
    loop {
        let settings_before = Settings::keep();
        if !shown {
            without_echo().ok();
        }
        // Who is quick types as soon as it is there.
        bars.say(prompt);
        let read = || {
            let mut line = String::new();
            io::stdin().read_line(&mut line).map(|_| line)
        };
        let line = on_a_thread(read, stop).await?;
        drop(settings_before);
        let Ok(line) = line else { return Ok(None) };
        if line.is_empty() {
            return Ok(None);
        }
        if let Some(text) = plausible(&line) {
            return Ok(Some(text.to_owned()));
        }
        bars.say("Letters and digits are expected.");
    }
}

/// What is read may be long in coming. A waiting read cannot be cancelled, and the runtime would wait for it at the end.
///
/// # Errors
/// Where the person stops; what became of reading is inside.
pub(crate) async fn on_a_thread(
    read: impl FnOnce() -> io::Result<String> + Send + 'static,
    stop: &CancellationToken,
) -> Result<io::Result<String>, Failure> {
    let (sender, line) = oneshot::channel();
    thread::spawn(move || sender.send(read()).ok());
    tokio::select! {
        line = line => Ok(line.unwrap_or_else(|_| Ok(String::new()))),
        () = stop.cancelled() => Err(stopped().into()),
    }
}

/// What is typed is not shown, until [`Settings`] are given back.
fn without_echo() -> rustix::io::Result<()> {
    let keyboard = io::stdin();
    let mut settings = termios::tcgetattr(&keyboard)?;
    settings.local_modes.remove(LocalModes::ECHO);
    termios::tcsetattr(&keyboard, OptionalActions::Now, &settings)
}

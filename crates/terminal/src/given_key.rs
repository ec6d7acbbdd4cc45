//! The API key as arguments give it: what a script says in place of the person who is asked on the first run.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, IsTerminal},
    path::{Path, PathBuf},
};

use flickr_faces::{
    config::Config,
    flickr::{self, ApiKey},
    steps::CancellationToken,
    store::Store,
};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    exit::{Exit, Failure},
    first_run, hints,
    progress::Bars,
    setup,
};

/// Means standard input.
const STDIN: &str = "-";

/// More than any secret has: Flickr's have 16 letters and digits.
const LARGEST: u64 = 4096;

/// Key and secret for scripts, and where a person would rather not be asked.
#[derive(Debug, Clone, clap::Args)]
pub struct KeyArguments {
    /// Keep this API key, once Flickr knows it
    ///
    /// Tried at Flickr together with the secret of --api-secret-file, then written into config.ini, for this run and
    /// all later ones. Without it a person at a terminal is asked for both.
    #[arg(long, value_name = "KEY", requires = "api_secret_file")]
    api_key: Option<SecretString>,

    /// Read its secret from FILE; - is standard input
    ///
    /// The first line. The secret itself is no argument: others on this machine can read those.
    #[arg(long, value_name = "FILE", requires = "api_key")]
    api_secret_file: Option<PathBuf>,
}

/// A key and a secret that look like ones; not tried yet.
pub struct GivenKey {
    key: SecretString,
    secret: SecretString,
    /// Where the secret was read.
    from: String,
}

impl KeyArguments {
    /// Reads the secret; `None` where no key was given.
    ///
    /// # Errors
    /// Where key or secret cannot be right, the secret cannot be read, or the person stops.
    pub async fn read(
        &self,
        bars: &Bars,
        stop: &CancellationToken,
    ) -> Result<Option<GivenKey>, Failure> {
        let (Some(key), Some(file)) = (&self.api_key, &self.api_secret_file) else {
            return Ok(None);
        };
        // Neither is shown: the one that is wrong may be the secret.
        let key = first_run::plausible(key.expose_secret()).ok_or_else(|| {
            let message = "--api-key: found something else (not shown), expected the key of your Flickr app: \
                           letters and digits";
            Failure::new(Exit::Usage, message)
        })?;
        let is_stdin = file == Path::new(STDIN);
        let from = match is_stdin {
            true => "standard input".to_owned(),
            false => file.display().to_string(),
        };
        let secret = if is_stdin && io::stdin().is_terminal() {
            first_run::typed_secret(stop, bars).await?
        } else {
            let file = (!is_stdin).then(|| file.clone());
            let read = move || match file {
                Some(file) => first_line(BufReader::new(File::open(file)?)),
                // What follows, such as the code of a sign-in, is read by others.
                None => first_line(io::stdin().lock()),
            };
            let line = first_run::on_a_thread(read, stop).await?.map_err(|error| {
                let message = format!("--api-secret-file: cannot read {from}: {error}");
                Failure::new(Exit::Usage, message)
            })?;
            first_run::plausible(&line).map(str::to_owned)
        };
        let secret = secret.ok_or_else(|| {
            let message = format!(
                "--api-secret-file: found something else (not shown) in the first line of {from}, expected the secret \
                 of your Flickr app: letters and digits"
            );
            Failure::new(Exit::Usage, message)
        })?;
        Ok(Some(GivenKey {
            key: key.into(),
            secret: secret.into(),
            from,
        }))
    }
}

/// Of a file of which no more is read than that.
fn first_line(file: impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    file.take(LARGEST).read_line(&mut line)?;
    Ok(line)
}

impl GivenKey {
    /// Writes both into config.ini once Flickr knows them: the configuration with them. Those that are there are not
    /// tried again.
    ///
    /// # Errors
    /// Where Flickr does not know them or cannot be asked, or config.ini cannot be written; it is then as it was.
    pub async fn keep(
        &self,
        config: &Config,
        store: &Store,
        bars: &Bars,
        stop: CancellationToken,
    ) -> Result<Config, Failure> {
        let is_kept = |kept: &Option<SecretString>, given: &SecretString| {
            kept.as_ref().map(|kept| kept.expose_secret()) == Some(given.expose_secret())
        };
        if is_kept(&config.api_key, &self.key) && is_kept(&config.api_secret, &self.secret) {
            return Ok(config.clone());
        }
        let (key, secret) = (self.key.expose_secret(), self.secret.expose_secret());
        let settings = setup::client_settings(config, store, stop);
        let tried = first_run::tried(
            ApiKey::new(key, secret),
            setup::endpoints(config)?,
            settings,
        )
        .await;
        tried.map_err(|error| self.refused(error))?;
        Config::save_api_key(&config.path, key, secret)?;
        bars.note(&first_run::saved(&config.path));
        Ok(Config::read(&config.path)?)
    }

    /// With what was given, in place of what config.ini may hold.
    fn refused(&self, error: flickr::Error) -> Failure {
        let wrong = match error {
            flickr::Error::BadKey { .. } => "Flickr does not know the key of --api-key".to_owned(),
            flickr::Error::SignatureRefused { .. } => {
                format!(
                    "the secret in {} does not belong to the key of --api-key",
                    self.from
                )
            }
            other => return other.into(),
        };
        Failure::new(Exit::SignIn, wrong).with_hint(format!(
            "nothing was written; compare both with {}",
            hints::MY_APPS
        ))
    }
}

//! Signing in: the browser's way, or a code typed by hand.

use std::{
    io::{BufRead, IsTerminal},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use flickr_faces::{
    flickr::{
        AccessToken, CallbackListener, Client, Error, Flickr, OUT_OF_BAND, Outage, Perms,
        RequestToken, SignIn, TokenInfo, token_file,
    },
    programs::Program,
};
use secrecy::SecretString;
use tokio::sync::mpsc;

use crate::{
    exit::{Exit, Failure},
    output::one_line,
    progress::Bars,
};

/// How long the browser is waited for where nobody is at a terminal.
const BROWSER_ALONE: Duration = Duration::from_secs(10 * 60);

/// The account, with the token saved beside config.ini if Flickr still accepts it. A new one takes its place
/// once it works.
pub(crate) async fn signed_in(
    client: Arc<Client>,
    config: &Path,
    browser: bool,
    bars: &Bars,
) -> Result<Flickr, Failure> {
    let file = token_path(config);
    let outage = Outage::new(&client, "does not answer");
    let why = match token_file::load(&file, client.key()) {
        Ok(None) => "There is no sign-in yet".to_owned(),
        Ok(Some(token)) => {
            let flickr = Flickr::new(Arc::clone(&client), token);
            match accepted(&flickr, &outage).await {
                Ok(info) if info.perms >= Perms::Write => return Ok(flickr),
                Ok(_) => {
                    "The saved sign-in is read-only; writing tags needs write permission".to_owned()
                }
                Err(error) if error.needs_sign_in() => {
                    tracing::debug!("{error}");
                    "Flickr no longer accepts the sign-in".to_owned()
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::TokenFileOtherKey { .. }) => "The API key has changed".to_owned(),
        Err(error) => return Err(error.into()),
    };
    if file.exists() {
        bars.say(&format!("{why}: please sign in again."));
    }
    let sign_in = SignIn::new(Arc::clone(&client));
    let stop = client.settings().stop.clone();
    let token = async {
        match browser {
            true if nobody_can_answer() => Err(nobody(&why, &file)),
            true if is_at_terminal() => Ok(with_browser(&sign_in, &outage, bars).await?),
            true => tokio::time::timeout(BROWSER_ALONE, with_browser(&sign_in, &outage, bars))
                .await
                .map_err(|_| nobody(&why, &file))?
                .map_err(Failure::from),
            false => Ok(with_code(&sign_in, &outage, bars).await?),
        }
    };
    let token = tokio::select! {
        token = token => token?,
        () = stop.cancelled() => return Err(stopped().into()),
    };
    let flickr = Flickr::new(Arc::clone(&client), token.clone());
    let info = accepted(&flickr, &outage).await?;
    token_file::save(&file, client.key(), &token)?;
    let who = if info.fullname.is_empty() {
        &info.username
    } else {
        &info.fullname
    };
    let who = one_line(who);
    bars.say(&format!(
        "Signed in as {who}. The sign-in is saved in {}.",
        file.display()
    ));
    Ok(flickr)
}

/// What Flickr says of a sign-in. One that it does not know is asked for again after as long as one of
/// Flickr's servers may lag behind the others.
async fn accepted(flickr: &Flickr, outage: &Outage) -> Result<TokenInfo, Error> {
    let ask = || flickr.auth_oauth_check_token();
    match outage.while_out(ask).await {
        Err(error) if error.needs_sign_in() => {
            let settings = flickr.client().settings();
            tokio::select! {
                () = tokio::time::sleep(settings.lag) => outage.while_out(ask).await,
                () = settings.stop.cancelled() => Err(stopped()),
            }
        }
        other => other,
    }
}

pub(crate) fn stopped() -> Error {
    Error::Stopped {
        method: "the sign-in".to_owned(),
    }
}

fn is_at_terminal() -> bool {
    std::io::stdin().is_terminal() || std::io::stderr().is_terminal()
}

/// Whether nobody sees the question: no terminal, and no browser that was named for this program.
fn nobody_can_answer() -> bool {
    !is_at_terminal() && std::env::var_os("BROWSER").is_none()
}

fn nobody(why: &str, file: &Path) -> Failure {
    let kept = match file.exists() {
        true => format!("; {} was left as it is", file.display()),
        false => String::new(),
    };
    let message = format!("{why}, and there is no terminal to sign in at{kept}");
    Failure::new(Exit::SignIn, message).with_hint(format!(
        "run `{}` in a terminal to sign in",
        Program::Download
    ))
}

/// `config.ini` → `config.token.json` in the same folder.
fn token_path(config: &Path) -> PathBuf {
    config.with_extension("token.json")
}

async fn with_browser(
    sign_in: &SignIn,
    outage: &Outage,
    bars: &Bars,
) -> Result<AccessToken, Error> {
    let listener = CallbackListener::bind().await?;
    let ask = || sign_in.request_token(listener.url());
    let request = outage.while_out(ask).await?;
    let url = sign_in.authorize_url(&request);
    bars.say(&format!(
        "Please let flickr-faces see and tag your photos. Your browser should open this page:\n\n  {url}\n"
    ));
    let page = url.to_string();
    // A browser in the terminal, or a program in its place, runs until the sign-in is over.
    thread::spawn(move || webbrowser::open(&page).ok());
    let mut typed = typed_lines();
    if typed.is_some() {
        bars.say(
            "If the browser does not come back here, paste the address of the page it shows.\n\
             Without a browser on this machine, stop this and run it again with --no-browser.",
        );
    }
    let mut waiting = Box::pin(listener.wait(request.token()));
    let verifier = loop {
        let line = async {
            match &mut typed {
                Some(lines) => lines.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            verifier = &mut waiting => break verifier?,
            line = line => match line {
                Some(line) => if let Some(verifier) = understood(&request, &line, bars) {
                    break verifier;
                },
                // The end of the input: the browser may still come.
                None => typed = None,
            },
        }
    };
    drop(waiting);
    sign_in.access_token(request, &verifier).await
}

async fn with_code(sign_in: &SignIn, outage: &Outage, bars: &Bars) -> Result<AccessToken, Error> {
    let ask = || sign_in.request_token(OUT_OF_BAND);
    let request = outage.while_out(ask).await?;
    let url = sign_in.authorize_url(&request);
    bars.say(&format!(
        "Please let flickr-faces see and tag your photos. Open this page in any browser:\n\n  {url}\n\n\
         and type the nine-digit code it shows (123-456-789):"
    ));
    let mut lines = lines();
    let verifier = loop {
        let Some(line) = lines.recv().await else {
            let found = "the end of the input".to_owned();
            return Err(Error::NoVerifier { found });
        };
        if let Some(verifier) = understood(&request, &line, bars) {
            break verifier;
        }
    };
    sign_in.access_token(request, &verifier).await
}

fn understood(request: &RequestToken, line: &str, bars: &Bars) -> Option<SecretString> {
    if line.trim().is_empty() {
        return None;
    }
    match request.verifier_of(line) {
        Ok(verifier) => Some(verifier),
        Err(error) => {
            bars.say(&format!("{error}. Please try again:"));
            None
        }
    }
}

/// Lines typed by a person; `None` where there is no terminal to type at.
fn typed_lines() -> Option<mpsc::Receiver<String>> {
    std::io::stdin().is_terminal().then(lines)
}

/// Lines of standard input, read on a thread of its own: a waiting read cannot be cancelled, and the
/// runtime would wait for it at the end.
fn lines() -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel(1);
    thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

//! Signing in: the browser's way, or a code typed by hand.

use std::{
    io::{BufRead, IsTerminal},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};

use flickr_faces::flickr::{
    AccessToken, CallbackListener, Client, Error, Flickr, OUT_OF_BAND, Perms, RequestToken, Result,
    SignIn, token_file,
};
use secrecy::SecretString;
use tokio::sync::mpsc;

use crate::progress::Bars;

/// The account, with the token saved beside config.ini if Flickr still accepts it.
pub(crate) async fn signed_in(
    client: Arc<Client>,
    config: &Path,
    browser: bool,
    bars: &Bars,
) -> Result<Flickr> {
    let file = token_path(config);
    let saved = match token_file::load(&file, client.key()) {
        Err(Error::TokenFileOtherKey { .. }) => {
            bars.say("The API key has changed: please sign in again.");
            None
        }
        other => other?,
    };
    if let Some(token) = saved {
        let flickr = Flickr::new(Arc::clone(&client), token);
        match flickr.auth_oauth_check_token().await {
            Ok(info) if info.perms >= Perms::Write => return Ok(flickr),
            Ok(_) => bars.say("The saved sign-in is read-only; writing tags needs write permission: please sign in again."),
            Err(error) if error.needs_sign_in() => {
                bars.say("Flickr no longer accepts the sign-in: please sign in again.");
            }
            Err(error) => return Err(error),
        }
        token_file::remove(&file)?;
    }
    let sign_in = SignIn::new(Arc::clone(&client));
    let token = if browser {
        with_browser(&sign_in, bars).await?
    } else {
        with_code(&sign_in, bars).await?
    };
    token_file::save(&file, client.key(), &token)?;
    let flickr = Flickr::new(client, token);
    let info = flickr.auth_oauth_check_token().await?;
    let who = if info.fullname.is_empty() {
        &info.username
    } else {
        &info.fullname
    };
    bars.say(&format!(
        "Signed in as {who}. The sign-in is saved in {}.",
        file.display()
    ));
    Ok(flickr)
}

/// `config.ini` → `config.token.json` in the same folder.
fn token_path(config: &Path) -> PathBuf {
    config.with_extension("token.json")
}

async fn with_browser(sign_in: &SignIn, bars: &Bars) -> Result<AccessToken> {
    let listener = CallbackListener::bind().await?;
    let request = sign_in.request_token(listener.url()).await?;
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

async fn with_code(sign_in: &SignIn, bars: &Bars) -> Result<AccessToken> {
    let request = sign_in.request_token(OUT_OF_BAND).await?;
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

//! The HTTP clients: timeouts, TLS and the name this program gives itself. Follows no redirects.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};

use super::endpoints::Endpoints;
use super::error::{Error, Result};

/// How the service sees this program.
pub(crate) const USER_AGENT: &str = concat!("flickr-faces/", env!("CARGO_PKG_VERSION"));

/// The longest time from opening a connection to having it.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A client for `endpoints` with `timeouts` applied: https alone with the system's certificates
/// for Flickr, plain http without any proxy for a sandbox on this machine. For Flickr, reqwest honours
/// the proxy that the environment names (`HTTPS_PROXY`): some networks have no other way out.
pub(super) fn client(
    endpoints: &Endpoints,
    timeouts: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> Result<Client> {
    // reqwest is built without a TLS provider of its own. One that is installed already serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder()
        .user_agent(USER_AGENT)
        .redirect(Policy::none())
        // Retries are the client's, which knows what may be repeated and signs afresh.
        .retry(reqwest::retry::never())
        // A picture is compressed already, and its length is checked.
        .gzip(false)
        .pool_idle_timeout(Duration::from_secs(30));
    let builder = if endpoints.is_local() {
        // No certificate store is read: a sandbox has none, and a bare machine neither.
        builder.no_proxy().tls_certs_only([])
    } else {
        builder.https_only(true)
    };
    timeouts(builder)
        .build()
        .map_err(|source| Error::NoClient { source })
}

/// What went wrong with a request, without its URL: that may hold a photo's secret.
pub(super) fn describe(error: reqwest::Error) -> String {
    let kind = if error.is_timeout() {
        "timeout"
    } else if error.is_connect() {
        "no connection"
    } else if error.is_body() || error.is_decode() {
        "the reply stopped"
    } else {
        "the request failed"
    };
    let error = error.without_url();
    // The innermost cause is the one that says something: "Connection refused".
    let mut cause: &dyn std::error::Error = &error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    format!("{kind}: {cause}")
}

/// Why this machine could make no connection, where that is its own fault and no network's: no file descriptor is
/// left, or no memory. Waiting would not help.
pub(super) fn lacks(error: &reqwest::Error) -> Option<String> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let system = error.downcast_ref::<std::io::Error>();
        // errno(3): ENOMEM, ENFILE, EMFILE.
        if let Some(12 | 23 | 24) = system.and_then(std::io::Error::raw_os_error) {
            return Some(error.to_string());
        }
        cause = error.source();
    }
    None
}

/// A header's value, if it is text.
pub(super) fn header(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_clients_can_be_built() {
        // Flickr's needs a provider and the system's certificates; a sandbox's needs neither.
        client(&Endpoints::flickr(), |b| b).unwrap();
        let base = url::Url::parse("http://127.0.0.1:9").unwrap();
        client(&Endpoints::local(&base).unwrap(), |b| b).unwrap();
    }
}

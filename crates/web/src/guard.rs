//! Which requests are answered, and what a browser may do with the answer.
//!
//! The page shows private photos on a machine that may be shared, to a browser that has other pages
//! open. So, beside listening on 127.0.0.1 alone:
//!
//! - `Host` must be this server's own: a foreign name that is made to resolve to 127.0.0.1 (DNS
//!   rebinding) is refused.
//! - Every request must carry the cookie, which a browser gets for the token in the address that the
//!   program prints. It is `SameSite=Strict` and `HttpOnly`. Cookies are not bound to a port: another
//!   user's server on this machine would be sent it too. So it is bound to a path that cannot be guessed,
//!   below which every page lies.
//! - A request that changes something must come from a page of this server, by `Origin`; and a request
//!   that comes from another site, by `Sec-Fetch-Site`, is refused.
//! - The Content-Security-Policy lets pages load, run and send to nothing but this server.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, Uri,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE, HOST, ORIGIN, REFERRER_POLICY,
            X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
        },
    },
    middleware::Next,
    response::Response,
};

use crate::{
    assets,
    kept::Kept,
    pages,
    problem::{Problem, Refusal},
    secret::{Secret, random_hex},
};

/// What is checked of each request.
#[derive(Debug)]
pub(crate) struct Guard {
    port: u16,
    /// In the address that the program prints.
    pub(crate) token: Secret,
    cookie: Secret,
    /// The path below which every page lies, with slashes around it.
    pub(crate) base: String,
}

/// Pages load nothing from elsewhere, run nothing inline, and put no text into a page as HTML.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; \
     connect-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'; trusted-types 'none'";

/// For every response. Browsers store neither pages nor pictures: they are private, and this server is
/// near. `same-origin` and not `no-referrer`, with which browsers send forms with `Origin: null`; other
/// servers learn nothing from either.
const HEADERS: [(HeaderName, &str); 7] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (CACHE_CONTROL, "no-store"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
];

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

impl Guard {
    pub(crate) fn new(port: u16) -> Result<Self, getrandom::Error> {
        Ok(Self {
            port,
            token: Secret::new()?,
            cookie: Secret::new()?,
            base: format!("/{}/", random_hex(16)?),
        })
    }

    /// The guard of the server that was on this port before.
    pub(crate) fn from_kept(kept: Kept) -> Self {
        Self {
            port: kept.port,
            token: Secret::of(kept.token),
            cookie: Secret::of(kept.cookie),
            base: format!("/{}/", kept.base),
        }
    }

    /// What the next server on this port needs.
    pub(crate) fn to_keep(&self) -> Kept {
        Kept {
            port: self.port,
            token: self.token.expose().to_owned(),
            cookie: self.cookie.expose().to_owned(),
            base: self.base.trim_matches('/').to_owned(),
        }
    }

    /// `Set-Cookie` for a browser that brought the token. The port is in the name, so that two of these
    /// servers do not replace each other's cookie.
    pub(crate) fn set_cookie(&self) -> String {
        format!(
            "{}={}; Path={}; HttpOnly; SameSite=Strict",
            self.cookie_name(),
            self.cookie.expose(),
            self.base
        )
    }

    fn cookie_name(&self) -> String {
        format!("flickr-faces-{}", self.port)
    }

    /// Why this request is refused; `None` if it is not.
    pub(crate) fn refusal(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Option<Refusal> {
        let Some(host) = self.own_host(uri, headers) else {
            return Some(Refusal::Host);
        };
        // The login: with the token one may come from anywhere, a terminal's link or a file. The style is no secret,
        // and who is not let in is told so in the same dress.
        if matches!(uri.path(), "/" | pages::STYLE) {
            return None;
        }
        let is_own =
            |origin: &HeaderValue| origin.as_bytes() == format!("http://{host}").as_bytes();
        let mut origins = headers.get_all(ORIGIN).iter();
        let is_change = !matches!(*method, Method::GET | Method::HEAD);
        let right_origin = match origins.next() {
            Some(origin) => is_own(origin) && origins.next().is_none(),
            None => !is_change,
        };
        let sites = headers.get_all(FETCH_SITE);
        let right_site = sites
            .iter()
            .all(|site| matches!(site.as_bytes(), b"same-origin" | b"none"));
        if !right_origin || !right_site {
            return Some(Refusal::Origin);
        }
        (!self.has_cookie(headers)).then_some(Refusal::Cookie)
    }

    /// The request's host, if it is this server.
    fn own_host<'a>(&self, uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
        let mut hosts = headers.get_all(HOST).iter();
        let host = hosts.next()?.to_str().ok()?;
        let is_only = hosts.next().is_none();
        let agrees = uri
            .authority()
            .is_none_or(|authority| authority.as_str() == host);
        let (name, port) = host.rsplit_once(':')?;
        // `localhost` resolves to this machine in every browser, and over SSH the port is forwarded
        // by that name.
        let own = matches!(name, "127.0.0.1" | "localhost") && port == self.port.to_string();
        (is_only && agrees && own).then_some(host)
    }

    fn has_cookie(&self, headers: &HeaderMap) -> bool {
        let name = self.cookie_name();
        headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|cookies| cookies.to_str().ok())
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .any(|(found, value)| found == name && self.cookie.matches(value))
    }
}

/// Answers a request that [`Guard::refusal`] refuses, and gives every response its headers.
pub(crate) async fn check(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    let json = crate::problem::wants_json(request.headers());
    let refusal = guard.refusal(request.method(), request.uri(), request.headers());
    // Only who is let in learns where the pages lie.
    let is_below = request.uri().path().starts_with(&guard.base);
    let base = (refusal.is_none() && is_below).then_some(guard.base.as_str());
    let mut response = match refusal {
        Some(refusal) => {
            tracing::debug!("refused a {} request: {refusal:?}", request.method());
            Problem::Refused(refusal).response(json, base)
        }
        None => next.run(request).await,
    };
    // A handler's own problem, as a page or as JSON.
    if let Some(problem) = response.extensions_mut().remove::<Arc<Problem>>() {
        response = problem.response(json, base);
    } else if refusal.is_none() && response.status().as_u16() >= 400 {
        // What axum says for itself: another method, a number that is none.
        response = Problem::of_status(response.status()).response(json, base);
    }
    for (name, value) in HEADERS {
        // Files that have their content's hash in the address are kept.
        let is_kept =
            name == CACHE_CONTROL && response.extensions().get::<assets::Immutable>().is_some();
        let value = if is_kept { assets::IMMUTABLE } else { value };
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests;

//! Where Flickr is: the real service, or a sandbox on this machine. Sends nothing.

use url::{Host, Url};

use super::error::{Error, Result};

/// The base URLs of one Flickr, and the hosts its images may come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    rest: Url,
    request_token: Url,
    authorize: Url,
    access_token: Url,
    photos: Url,
    /// The port of a sandbox; `None` is the real Flickr.
    local_port: Option<u16>,
}

impl Endpoints {
    /// The real Flickr. REST lives on another host than OAuth.
    #[expect(clippy::missing_panics_doc, reason = "the URLs are constants")]
    pub fn flickr() -> Self {
        let url = |text: &str| Url::parse(text).expect("a constant URL is valid");
        Self {
            rest: url("https://api.flickr.com/services/rest/"),
            request_token: url("https://www.flickr.com/services/oauth/request_token"),
            authorize: url("https://www.flickr.com/services/oauth/authorize"),
            access_token: url("https://www.flickr.com/services/oauth/access_token"),
            photos: url("https://www.flickr.com/photos/"),
            local_port: None,
        }
    }

    /// A sandbox at `base`, which must be `http://127.0.0.1:PORT` or `http://localhost:PORT`.
    ///
    /// # Errors
    /// [`Error::BadEndpoint`] for any other host, scheme, path or user name: keys and photos never
    /// go to a third party.
    pub fn local(base: &Url) -> Result<Self> {
        let bad = || Error::BadEndpoint {
            // A password that slipped into the URL is not repeated.
            found: format!(
                "{}://{}",
                base.scheme(),
                base.host_str().unwrap_or_default()
            ),
        };
        let plain = base.scheme() == "http"
            && base.username().is_empty()
            && base.password().is_none()
            && base.path() == "/"
            && base.query().is_none()
            && base.fragment().is_none();
        let port = base
            .port()
            .filter(|_| plain && is_loopback(base))
            .ok_or_else(bad)?;
        let join = |path: &str| base.join(path).map_err(|_| bad());
        Ok(Self {
            rest: join("/services/rest/")?,
            request_token: join("/services/oauth/request_token")?,
            authorize: join("/services/oauth/authorize")?,
            access_token: join("/services/oauth/access_token")?,
            photos: join("/photos/")?,
            local_port: Some(port),
        })
    }

    /// The REST endpoint; its trailing slash is part of what is signed.
    pub fn rest(&self) -> &Url {
        &self.rest
    }

    /// The host that images come from; a sandbox's is its only one.
    pub(crate) fn image_host(&self) -> Option<Url> {
        match self.local_port {
            Some(_) => None,
            None => Url::parse("https://live.staticflickr.com/").ok(),
        }
    }

    /// First step of the sign-in.
    pub fn request_token(&self) -> &Url {
        &self.request_token
    }

    /// The page a person opens in a browser.
    pub(crate) fn authorize(&self) -> &Url {
        &self.authorize
    }

    /// Third step of the sign-in.
    pub fn access_token(&self) -> &Url {
        &self.access_token
    }

    /// Where accounts' pages begin, for a person's browser.
    pub fn photos(&self) -> &Url {
        &self.photos
    }

    /// Whether this is a sandbox on this machine.
    pub(crate) fn is_local(&self) -> bool {
        self.local_port.is_some()
    }

    /// Whether images may be fetched from `url`: `*.staticflickr.com` and `*.flickr.com` over
    /// https, or, with a sandbox, this machine at the sandbox's port and nothing else.
    pub(crate) fn allows_image_host(&self, url: &Url) -> bool {
        if !url.username().is_empty() || url.password().is_some() {
            return false;
        }
        match self.local_port {
            Some(port) => url.scheme() == "http" && is_loopback(url) && url.port() == Some(port),
            None => {
                let Some(Host::Domain(host)) = url.host() else {
                    return false;
                };
                url.scheme() == "https"
                    && url.port().is_none()
                    && (host.ends_with(".staticflickr.com") || host.ends_with(".flickr.com"))
            }
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address == std::net::Ipv4Addr::LOCALHOST,
        Some(Host::Domain(name)) => name == "localhost",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_sandbox_is_on_this_machine_only() {
        let cases = [
            ("http://127.0.0.1:8080", true),
            ("http://127.0.0.1:8080/", true),
            ("http://localhost:8080", true),
            ("http://127.0.0.1", false),
            ("https://127.0.0.1:8080", false),
            ("http://127.0.0.2:8080", false),
            ("http://localhost.example.org:8080", false),
            ("http://127.0.0.1.example.org:8080", false),
            ("http://example.org:8080", false),
            ("http://key:secret@127.0.0.1:8080", false),
            ("http://127.0.0.1:8080/other", false),
            ("file:///tmp", false),
        ];
        let wrong: Vec<_> = cases
            .iter()
            .filter(|(text, ok)| Endpoints::local(&url(text)).is_ok() != *ok)
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        let error = Endpoints::local(&url("http://key:secret@127.0.0.1:1"))
            .unwrap_err()
            .to_string();
        assert!(!error.contains("secret"), "{error}");
        let local = Endpoints::local(&url("http://localhost:8080")).unwrap();
        assert_eq!(
            local.rest().as_str(),
            "http://localhost:8080/services/rest/"
        );
        assert_eq!(
            local.authorize().as_str(),
            "http://localhost:8080/services/oauth/authorize"
        );
    }

    #[test]
    fn images_come_from_flickr_or_the_sandbox() {
        let flickr = Endpoints::flickr();
        let local = Endpoints::local(&url("http://localhost:8080")).unwrap();
        // URL, allowed with Flickr, allowed with the sandbox.
        let cases = [
            ("https://live.staticflickr.com/65535/5_a_b.jpg", true, false),
            (
                "https://farm66.staticflickr.com/65535/5_a_b.jpg",
                true,
                false,
            ),
            (
                "https://www.flickr.com/photos/a/5/play/360p/x/",
                true,
                false,
            ),
            ("http://live.staticflickr.com/65535/5_a_b.jpg", false, false),
            (
                "https://live.staticflickr.com:444/65535/5_a_b.jpg",
                false,
                false,
            ),
            ("https://evilstaticflickr.com/5.jpg", false, false),
            ("https://staticflickr.com.example.org/5.jpg", false, false),
            ("https://user@live.staticflickr.com/5.jpg", false, false),
            ("http://127.0.0.1:8080/5.jpg", false, true),
            ("http://localhost:8080/5.jpg", false, true),
            ("http://127.0.0.1:8081/5.jpg", false, false),
            ("http://169.254.169.254/latest", false, false),
        ];
        let wrong: Vec<_> = cases
            .iter()
            .filter(|(text, with_flickr, with_local)| {
                let u = url(text);
                flickr.allows_image_host(&u) != *with_flickr
                    || local.allows_image_host(&u) != *with_local
            })
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}

//! Whether Flickr can be reached from this machine, and how this machine's clock stands to Flickr's: without key or
//! sign-in.

use std::time::{Duration, SystemTime};

use reqwest::header::DATE;
use url::Url;

use super::{
    endpoints::Endpoints,
    error::Result,
    http::{self, describe, header},
};
use crate::boxed;

/// A host that was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// The host.
    pub host: String,
    /// How long its answer took; why there was none.
    pub answer: std::result::Result<Duration, String>,
    /// Seconds that this machine's clock is ahead of the host's (negative: behind), where it says the time.
    pub ahead: Option<i64>,
}

/// The longest that a host is waited for.
const LONGEST: Duration = Duration::from_secs(15);

/// Asks the hosts of Flickr's API and of its images, whatever they answer.
///
/// # Errors
/// [`Error::NoClient`](super::Error::NoClient) where the system has no CA certificates.
#[boxed]
pub async fn reach(endpoints: &Endpoints) -> Result<Vec<Reached>> {
    let client = http::client(endpoints, |builder| {
        builder
            .connect_timeout(http::CONNECT_TIMEOUT)
            .timeout(LONGEST)
    })?;
    let mut urls = vec![endpoints.rest().clone()];
    urls.extend(endpoints.image_host());
    let mut reached = Vec::new();
    for url in urls {
        reached.push(ask(&client, url).await);
    }
    Ok(reached)
}

async fn ask(client: &reqwest::Client, url: Url) -> Reached {
    let host = url.host_str().unwrap_or_default().to_owned();
    let begun = tokio::time::Instant::now();
    match client.get(url).send().await {
        Ok(response) => {
            let date = header(response.headers(), DATE);
            let date = date.and_then(|date| httpdate::parse_http_date(date).ok());
            Reached {
                host,
                answer: Ok(begun.elapsed()),
                ahead: date.map(|date| ahead(SystemTime::now(), date)),
            }
        }
        Err(error) => Reached {
            host,
            answer: Err(describe(error)),
            ahead: None,
        },
    }
}

/// Seconds that `here` is ahead of `there`.
fn ahead(here: SystemTime, there: SystemTime) -> i64 {
    let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    match here.duration_since(there) {
        Ok(ahead) => seconds(ahead),
        Err(behind) => -seconds(behind.duration()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_host_that_is_not_there_is_said() {
        // Nobody listens at this port once the listener is gone.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", port.local_addr().unwrap());
        drop(port);
        let endpoints = Endpoints::local(&Url::parse(&address).unwrap()).unwrap();
        let reached = reach(&endpoints).await.unwrap();
        let [reached] = reached.as_slice() else {
            panic!("{reached:?}")
        };
        let error = reached.answer.clone().unwrap_err();
        assert!(error.starts_with("no connection: "), "{error}");
    }

    #[test]
    fn clocks_are_compared() {
        let time = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        assert_eq!(ahead(time(160), time(100)), 60);
        assert_eq!(ahead(time(100), time(160)), -60);
    }
}

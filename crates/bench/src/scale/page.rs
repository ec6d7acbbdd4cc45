//! The time from an answer to the page's next question, as a browser has it: the answer goes out, the next question's page
//! comes, and the pictures of its faces. The server is the real one; drawing is the browser's own and not in it.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use flickr_faces::{cluster::DEFAULT_THRESHOLD, steps::naming::Session};
use flickr_faces_web::Server;
use reqwest::{
    Client, RequestBuilder,
    header::{ACCEPT, CONTENT_TYPE, COOKIE, ORIGIN, SET_COOKIE},
};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use url::{Url, form_urlencoded};

/// What the field of a question's form that names the faces is called, and where it was asked.
const FIELDS: [&str; 4] = ["list", "threshold", "at", "back"];

/// Answers questions with `names` and times them; the server keeps what it keeps in `folder`.
pub(super) async fn answers(
    session: Session,
    folder: &Path,
    names: impl Iterator<Item = String>,
) -> anyhow::Result<Vec<Duration>> {
    let server = Server::bind(None, folder).await?;
    let address = Url::parse(&server.url()).context("the page's address")?;
    let stop = CancellationToken::new();
    let serving = tokio::spawn(server.run(session, stop.clone().cancelled_owned()));
    let browser = Browser::let_in(address).await?;
    let clusters = browser.text(browser.get("./")?).await?;
    let mut next = format!(
        "cluster/{}?threshold={DEFAULT_THRESHOLD}",
        first_cluster(&clusters)?
    );
    let mut question = browser.question(&next).await?;
    let mut times = Vec::new();
    for name in names {
        let begun = Instant::now();
        next = browser.answer(&question, &name).await?;
        ensure!(
            next.starts_with("cluster/"),
            "only {} questions, then {next}",
            times.len()
        );
        question = browser.question(&next).await?;
        times.push(begun.elapsed());
        // A person looks at the faces; tags.json is written behind them.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    stop.cancel();
    serving.await??;
    Ok(times)
}

/// The first face of the largest cluster.
fn first_cluster(page: &str) -> anyhow::Result<&str> {
    let card = page.split("\"cluster/").nth(1);
    let face = card.and_then(|rest| rest.split('?').next());
    face.context("a page without clusters")
}

/// What a browser keeps.
struct Browser {
    client: Client,
    cookie: String,
    origin: String,
    base: Url,
}

impl Browser {
    /// Opens the address with the token, as `cluster-faces web` does.
    async fn let_in(address: Url) -> anyhow::Result<Self> {
        // reqwest is built without TLS of its own, and wants it where there is none to be used, too.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        let client = Client::builder().no_proxy().build()?;
        let reply = client.get(address.clone()).send().await?;
        let cookie = reply.headers().get(SET_COOKIE);
        let cookie = cookie.context("the page gives no cookie")?.to_str()?;
        let mut parts = cookie.split("; ");
        let pair = parts.next().unwrap_or_default().to_owned();
        let path = parts.find_map(|part| part.strip_prefix("Path="));
        let base = address.join(path.context("a cookie without a path")?)?;
        Ok(Self {
            client,
            cookie: pair,
            origin: address.origin().ascii_serialization(),
            base,
        })
    }

    fn get(&self, address: &str) -> anyhow::Result<RequestBuilder> {
        let get = self.client.get(self.base.join(address)?);
        Ok(get.header(COOKIE, &self.cookie))
    }

    async fn text(&self, request: RequestBuilder) -> anyhow::Result<String> {
        let reply = request.send().await?;
        let status = reply.status();
        let text = reply.text().await?;
        ensure!(status.is_success(), "{status}: {text}");
        Ok(text)
    }

    /// A question with its faces' pictures: the fields of its form.
    async fn question(&self, address: &str) -> anyhow::Result<Vec<(&'static str, String)>> {
        let page = self.text(self.get(address)?).await?;
        let faces: Vec<&str> = page
            .split("&quot;face&quot;:&quot;")
            .skip(1)
            .filter_map(|rest| rest.split('&').next())
            .collect();
        ensure!(!faces.is_empty(), "{address}: no faces");
        let pictures = self.get(&format!("crops?faces={}", faces.join(",")))?;
        let pictures = pictures.send().await?.error_for_status()?.bytes().await?;
        ensure!(!pictures.is_empty(), "{address}: no pictures");
        FIELDS
            .into_iter()
            .map(|field| {
                Ok((
                    field,
                    hidden(&page, field).context(field)?.replace("&amp;", "&"),
                ))
            })
            .collect()
    }

    /// Names all faces of a question; where it goes on. Where two of them are in one photo, the page asks, and is told that
    /// both are meant.
    async fn answer(&self, question: &[(&str, String)], name: &str) -> anyhow::Result<String> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(question.iter().map(|(field, value)| (*field, value)));
        form.append_pair("do", "name").append_pair("name", name);
        let form = form.finish();
        let mut reply = self.post(form.clone()).await?;
        if reply["ask"].is_string() {
            reply = self.post(form + "&twice=all").await?;
        }
        match reply["go"].as_str() {
            Some(next) => Ok(next.to_owned()),
            None => bail!("{name}: {reply}"),
        }
    }

    async fn post(&self, form: String) -> anyhow::Result<Value> {
        let post = self
            .client
            .post(self.base.join("decide")?)
            .header(COOKIE, &self.cookie)
            .header(ORIGIN, &self.origin)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form);
        Ok(serde_json::from_str(&self.text(post).await?)?)
    }
}

/// The value of a hidden field.
fn hidden<'p>(page: &'p str, field: &str) -> Option<&'p str> {
    let begin = format!("<input type=\"hidden\" name=\"{field}\" value=\"");
    let rest = page.split(&begin).nth(1)?;
    rest.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_the_first_cluster_are_read_off_pages() {
        let page = "<a class=\"card\" href=\"cluster/7:1?threshold=0.57\"></a>\
            <input type=\"hidden\" name=\"at\" value=\"3\"><input type=\"hidden\" name=\"back\" value=\"./\">";
        assert_eq!(first_cluster(page).unwrap(), "7:1");
        assert_eq!(hidden(page, "at"), Some("3"));
        assert_eq!(hidden(page, "back"), Some("./"));
        assert_eq!(hidden(page, "list"), None);
        assert!(first_cluster("").is_err());
    }
}

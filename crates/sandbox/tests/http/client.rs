//! A plain HTTP client with its own sandbox.

use flickr_sandbox::{Options, Sandbox};
use reqwest::header::HeaderMap;
use reqwest::{Client, RequestBuilder, StatusCode, redirect};
use serde_json::Value;

/// A complete answer.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

pub struct TestClient {
    pub sandbox: Sandbox,
    pub http: Client,
}

impl TestClient {
    pub fn new(options: Options) -> Self {
        // An error means that another test has installed it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder()
            .no_proxy()
            // Answers are looked at as they were sent.
            .no_gzip()
            .tls_certs_only([])
            .redirect(redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            sandbox: Sandbox::start(options).unwrap(),
            http,
        }
    }

    pub async fn send(&self, request: RequestBuilder) -> Result<Answer, reqwest::Error> {
        let answer = request.send().await?;
        Ok(Answer {
            status: answer.status(),
            headers: answer.headers().clone(),
            body: answer.bytes().await?.to_vec(),
        })
    }

    pub async fn get(&self, url: &str) -> Answer {
        let url = match url.strip_prefix('/') {
            Some(path) => format!("{}/{path}", self.sandbox.base_url()),
            None => url.to_owned(),
        };
        self.send(self.http.get(url)).await.unwrap()
    }

    /// Calls a method with the API key, in JSON.
    pub async fn call(&self, method: &str, arguments: &str) -> Answer {
        let key = self.sandbox.key();
        self.get(&format!(
            "/services/rest/?method={method}&api_key={key}&format=json&nojsoncallback=1&{arguments}"
        ))
        .await
    }

    /// Searches the account's photos and returns `photos` of the reply.
    pub async fn search(&self, arguments: &str) -> Value {
        let nsid = flickr_sandbox::NSID.replace('@', "%40");
        let answer = self
            .call(
                "flickr.photos.search",
                &format!("user_id={nsid}&{arguments}"),
            )
            .await;
        let mut reply = answer.json();
        assert_eq!(reply["stat"], "ok", "{reply}");
        reply["photos"].take()
    }
}

/// The ids of a listing's rows.
pub fn ids(photos: &Value) -> Vec<&str> {
    let rows = photos["photo"].as_array().unwrap();
    rows.iter().map(|row| row["id"].as_str().unwrap()).collect()
}

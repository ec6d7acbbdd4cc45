//! The account of a small Flickr, signed in.

use std::num::NonZeroU32;
use std::sync::Arc;

use flickr_faces::flickr::{
    AccessToken, ApiKey, Client, ClientConfig, Endpoints, Flickr, ImageHost, ImageSettings,
};
use flickr_sandbox::{FULLNAME, NSID, Perms, Sandbox, USERNAME};
use serde::{Deserialize, Serialize};
use url::Url;

/// What another process needs, too.
#[derive(Serialize, Deserialize)]
pub(crate) struct Account {
    url: String,
    key: [String; 2],
    token: [String; 2],
}

impl Account {
    /// The sandbox's own.
    pub(crate) fn of(sandbox: &Sandbox) -> anyhow::Result<Self> {
        let (token, secret) = sandbox.issue_token(Perms::Write);
        Ok(Self {
            url: sandbox.base_url().to_owned(),
            key: [sandbox.key(), sandbox.secret()].map(str::to_owned),
            token: [token, secret],
        })
    }

    /// Without the real Flickr's pace.
    pub(crate) fn flickr(&self) -> anyhow::Result<Flickr> {
        let settings = ClientConfig {
            calls_per_hour: NonZeroU32::MAX,
            ..ClientConfig::default()
        };
        let [key, secret] = &self.key;
        let key = ApiKey::new(key, secret);
        let client = Client::new(self.endpoints()?, key, settings)?;
        let [token, secret] = self.token.clone();
        let token = AccessToken {
            token: token.into(),
            secret: secret.into(),
            nsid: NSID.to_owned(),
            username: USERNAME.to_owned(),
            fullname: FULLNAME.to_owned(),
        };
        Ok(Flickr::new(Arc::new(client), token))
    }

    fn endpoints(&self) -> anyhow::Result<Endpoints> {
        Ok(Endpoints::local(&Url::parse(&self.url)?)?)
    }

    pub(crate) fn images(&self) -> anyhow::Result<ImageHost> {
        Ok(ImageHost::new(self.endpoints()?, ImageSettings::default())?)
    }
}

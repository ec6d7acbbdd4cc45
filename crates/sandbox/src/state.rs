//! What the sandbox knows while it runs, behind one lock.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::response::Response;
use serde::Serialize;

use crate::account::Perms;
use crate::clock;
use crate::edits::Edit;
use crate::faults::{FaultKind, FaultRules, Target};
use crate::library::Library;
use crate::oauth::{Nonces, Problem, Verifier};
use crate::photo::NewPhoto;
use crate::picture::LibraryError;
use crate::quirks::Quirks;
use crate::request::ApiRequest;

/// Requests so far, whatever the answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Calls {
    /// Calls of each method of the API.
    pub methods: BTreeMap<String, u64>,
    /// Calls of each OAuth endpoint.
    pub oauth: BTreeMap<String, u64>,
    /// Requests for files of the image host.
    pub files: u64,
    /// Bytes of the API's answers, as sent.
    pub api_bytes: u64,
    /// Answers that a fault rule replaced, delayed or damaged.
    pub faults: u64,
    /// Calls that write and came by GET, which Flickr's documentation does
    /// not allow.
    pub writes_by_get: u64,
}

impl Calls {
    /// Calls of the API, whatever the method.
    pub fn api(&self) -> u64 {
        self.methods.values().sum()
    }

    /// Calls of one method.
    pub fn of(&self, method: &str) -> u64 {
        self.methods.get(method).copied().unwrap_or(0)
    }
}

/// A request token, until it is exchanged for an access token.
#[derive(Debug, Clone)]
pub(crate) struct RequestToken {
    pub(crate) secret: String,
    /// A URL or `oob`.
    pub(crate) callback: String,
    /// What was approved, and the code that proves it.
    pub(crate) approved: Option<(Perms, String)>,
}

/// An access token.
#[derive(Debug, Clone)]
pub(crate) struct AccessToken {
    pub(crate) secret: String,
    pub(crate) perms: Perms,
}

/// Everything that changes.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) library: Library,
    pub(crate) quirks: Quirks,
    pub(crate) request_tokens: HashMap<String, RequestToken>,
    pub(crate) access_tokens: HashMap<String, AccessToken>,
    pub(crate) nonces: Nonces,
    pub(crate) fault_rules: FaultRules,
    pub(crate) calls: Calls,
    pub(crate) last_number: u64,
}

impl State {
    pub(crate) fn new_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    /// Changes behaviour from the next request on.
    pub(crate) fn set_quirks(&mut self, quirks: Quirks) {
        if self.quirks.clean != quirks.clean {
            self.library.set_rule(quirks.clean);
        }
        self.quirks = quirks;
    }

    /// A note's id, different on every call.
    pub(crate) fn new_note_id(&mut self) -> String {
        (72_157_600_000_000_000 + self.new_number()).to_string()
    }

    /// Changes a photo as on Flickr's pages; false where there is nothing to change.
    pub(crate) fn edit(&mut self, photo: &str, edit: &Edit) -> bool {
        if *edit == Edit::Delete {
            return self.library.remove(photo);
        }
        let note = self.new_note_id();
        let (rule, limit) = (self.quirks.clean, self.quirks.max_tags);
        let photo = self.library.get_mut(photo);
        photo.is_some_and(|photo| edit.make(photo, note, limit, rule))
    }

    /// A token in Flickr's form: 17 digits, a hyphen, 16 hexadecimal digits.
    pub(crate) fn new_token(&mut self) -> String {
        let number = 72_157_720_000_000_000 + self.new_number();
        format!("{number}-{}", random_hex())
    }

    /// A new access token: token and secret.
    pub(crate) fn issue_token(&mut self, perms: Perms) -> (String, String) {
        let (token, secret) = (self.new_token(), random_hex());
        let access = AccessToken {
            secret: secret.clone(),
            perms,
        };
        self.access_tokens.insert(token.clone(), access);
        (token, secret)
    }
}

/// What all handlers share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// `http://127.0.0.1:PORT`.
    pub(crate) base: String,
    pub(crate) key: String,
    pub(crate) secret: String,
    pub(crate) state: Mutex<State>,
}

impl Shared {
    /// The state; a handler that panicked does not lock others out.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Applies the fault rules to a request: counts and returns its fault,
    /// after the delay if that is the fault. An answer that replaces the
    /// request's own is the error.
    pub(crate) async fn intercept(
        &self,
        target: Target<'_>,
        contains: impl Fn(&str) -> bool,
        per_page: u64,
    ) -> Result<Option<FaultKind>, Response> {
        let fault = {
            let mut state = self.lock();
            let fault = state.fault_rules.take(target, contains, per_page);
            match &fault {
                Some(FaultKind::Edit { photo, edit }) => drop(state.edit(photo, edit)),
                fault => state.calls.faults += u64::from(fault.is_some()),
            }
            fault
        };
        if let Some(FaultKind::Delay { ms }) = fault {
            tokio::time::sleep(Duration::from_millis(ms)).await;
        }
        let replacement = fault
            .as_ref()
            .and_then(|fault| fault.replacement(&self.base));
        replacement.map_or(Ok(fault), Err)
    }

    /// Verifies that a request is signed with the key and this token's secret.
    pub(crate) fn verify(
        &self,
        state: &mut State,
        request: &ApiRequest,
        token_secret: &str,
    ) -> Result<(), Problem> {
        Verifier {
            key: &self.key,
            secret: &self.secret,
            token_secret,
            now: clock::now(),
        }
        .verify(request, &mut state.nonces)
    }

    /// Adds a photo and returns its id.
    pub(crate) fn add_photo(&self, photo: NewPhoto) -> Result<String, LibraryError> {
        let picture = photo.picture()?;
        Ok(self.lock().library.add(photo, picture).to_string())
    }
}

/// 16 hexadecimal digits that cannot be guessed from outside the process.
pub(crate) fn random_hex() -> String {
    format!("{:016x}", RandomState::new().hash_one(()))
}

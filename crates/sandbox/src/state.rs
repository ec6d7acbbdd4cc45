//! What the sandbox knows while it runs, behind one lock.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use sha1::{Digest, Sha1};

use crate::account::Perms;
use crate::faults::{FaultKind, Orders, Place};
use crate::images::Cache;
use crate::library::Library;
use crate::oauth::Nonces;
use crate::quirks::Quirks;

/// Requests that came in, answered well or not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Calls {
    /// Calls of each method of the API.
    pub methods: BTreeMap<String, u64>,
    /// Calls of the three OAuth endpoints.
    pub oauth: BTreeMap<String, u64>,
    /// Requests for files of the image host.
    pub files: u64,
    /// Answers that an ordered fault replaced, delayed or spoiled.
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

/// A request token, from its making until it is exchanged.
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
    pub(crate) requests: HashMap<String, RequestToken>,
    pub(crate) tokens: HashMap<String, AccessToken>,
    pub(crate) nonces: Nonces,
    pub(crate) orders: Orders,
    pub(crate) calls: Calls,
    made: u64,
}

impl State {
    /// A note's id, new at every call.
    pub(crate) fn new_note_id(&mut self) -> String {
        self.made += 1;
        (72_157_600_000_000_000 + self.made).to_string()
    }

    pub(crate) fn new(library: Library, quirks: Quirks) -> Self {
        Self {
            library,
            quirks,
            ..Self::default()
        }
    }
}

/// What all handlers share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// `http://127.0.0.1:PORT`.
    pub(crate) base: String,
    pub(crate) key: String,
    pub(crate) secret: String,
    pub(crate) cache: Cache,
    seed: RandomState,
    state: Mutex<State>,
}

impl Shared {
    pub(crate) fn new(base: String, key: String, secret: String, state: State) -> Self {
        Self {
            base,
            key,
            secret,
            cache: Cache::default(),
            seed: RandomState::new(),
            state: Mutex::new(state),
        }
    }

    /// The state; a handler that panicked does not keep others from it.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts what is about to happen to a request, and says what it is.
    pub(crate) fn fault(
        &self,
        place: Place<'_>,
        contains: impl Fn(&str) -> bool,
    ) -> Option<FaultKind> {
        let mut state = self.lock();
        let fault = state.orders.take(place, contains);
        state.calls.faults += u64::from(fault.is_some());
        fault
    }

    /// `digits` hexadecimal digits, at most 40, new at every call.
    pub(crate) fn random_hex(&self, state: &mut State, digits: usize) -> String {
        state.made += 1;
        random_hex(&self.seed, state.made, digits)
    }

    /// A token in Flickr's form: 17 digits, a hyphen, 16 hexadecimal digits.
    pub(crate) fn new_token(&self, state: &mut State) -> String {
        let tail = self.random_hex(state, 16);
        format!("{}-{tail}", 72_157_720_000_000_000 + state.made)
    }

    /// A new access token: token and secret.
    pub(crate) fn issue_token(&self, state: &mut State, perms: Perms) -> (String, String) {
        let token = self.new_token(state);
        let secret = self.random_hex(state, 16);
        let access = AccessToken {
            secret: secret.clone(),
            perms,
        };
        state.tokens.insert(token.clone(), access);
        (token, secret)
    }
}

/// Hexadecimal digits that nobody can guess from outside the process.
pub(crate) fn random_hex(seed: &RandomState, number: u64, digits: usize) -> String {
    let digest = Sha1::digest(format!(
        "{:x} {:x}",
        seed.hash_one(number),
        seed.hash_one((number, digits))
    ));
    let mut hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    hex.truncate(digits);
    hex
}

//! An entry that is made once, whatever becomes of the connection meanwhile.
//!
//! Where the server is lost before COMMIT, it drops the transaction, and the entry is made again. Where it is lost after
//! COMMIT was sent, nobody knows: so an entry has a token that nobody else has, and who makes it again looks first whether
//! it is there. That look waits, on the row that every entry changes first, for whatever is still under way.

use std::sync::atomic::Ordering;

use super::{JournalId, Kind, Result, Store, StoreError, WHAT, Writing};
use crate::{ids, store::away::Saved};

/// What came of making an entry.
pub(in crate::store) enum Made<'s, T> {
    /// It is ready to be kept, with what it gives.
    Ready(Box<Ready<'s>>, T),
    /// There is nothing to keep.
    Nothing(T),
}

/// An entry but for its end.
pub(in crate::store) struct Ready<'s> {
    writing: Writing<'s>,
    kind: Kind,
    what: String,
    undoes: Option<JournalId>,
}

/// The tries of one entry.
struct Tries<T> {
    /// What the entry is known by.
    token: String,
    /// What those gave that were sent to be kept, and not answered.
    unanswered: Vec<(JournalId, T)>,
}

impl<'s> Writing<'s> {
    /// The entry is as it is to be: it and its changes are kept together, with what it gives.
    pub(in crate::store) async fn keep<T>(
        mut self,
        kind: Kind,
        what: String,
        value: T,
    ) -> Result<Made<'s, T>> {
        self.reject_other_groups().await?;
        Ok(self.ready(kind, what, None, value))
    }

    /// The same, where its number is all that it gives.
    pub(in crate::store) async fn keep_numbered(
        self,
        kind: Kind,
        what: String,
    ) -> Result<Made<'s, JournalId>> {
        let entry = self.entry;
        self.keep(kind, what, entry).await
    }

    /// The same, where it undoes another.
    pub(super) fn ready<T>(
        self,
        kind: Kind,
        what: String,
        undoes: Option<JournalId>,
        value: T,
    ) -> Made<'s, T> {
        let ready = Ready {
            writing: self,
            kind,
            what,
            undoes,
        };
        Made::Ready(Box::new(ready), value)
    }

    /// Whether one of these entries is kept under the token.
    async fn kept(&mut self, tries: &[JournalId], token: &str) -> Result<Option<JournalId>> {
        for entry in tries {
            let select = sqlx::query_scalar("SELECT id FROM journal WHERE id = $1 AND token = $2");
            let found = self.find(select.bind(entry).bind(token)).await?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }
}

impl Store {
    /// Makes an entry of the journal by `act`, which gets it with its number. Where the store waits for its server, it is
    /// made again as long as that is lost; it is there once, or not at all.
    ///
    /// # Errors
    /// Those of `act` and of the store. Where it is not waited for any longer, the error says what became of the entry.
    pub(in crate::store) async fn entry<'s, T, Act>(
        &'s self,
        now: i64,
        act: impl Fn(Writing<'s>) -> Act,
    ) -> Result<T>
    where
        Act: Future<Output = Result<Made<'s, T>>>,
    {
        let mut tries = Tries {
            token: ids::token(),
            unanswered: Vec::new(),
        };
        let Some(server) = self.pool.server() else {
            return self.try_entry(now, &act, &mut tries).await;
        };
        let mut waiting = server.waiting();
        loop {
            let error = match self.try_entry(now, &act, &mut tries).await {
                Ok(value) => {
                    server.is_back();
                    return Ok(value);
                }
                Err(error) => error,
            };
            let gave_up = match &error {
                StoreError::Away { gave_up, .. } => Err(*gave_up),
                error if error.is_servers() => waiting.after(error).await,
                _ => return Err(error),
            };
            if let Err(gave_up) = gave_up {
                let saved = match tries.unanswered.is_empty() {
                    true => Saved::No,
                    false => Saved::Unknown,
                };
                return Err(error.given_up(gave_up, saved));
            }
        }
    }

    async fn try_entry<'s, T, Act>(
        &'s self,
        now: i64,
        act: &impl Fn(Writing<'s>) -> Act,
        tries: &mut Tries<T>,
    ) -> Result<T>
    where
        Act: Future<Output = Result<Made<'s, T>>>,
    {
        let mut writing = self.begin_entry(now).await?;
        let numbers: Vec<_> = tries.unanswered.iter().map(|(entry, _)| *entry).collect();
        if let Some(kept) = writing.kept(&numbers, &tries.token).await? {
            tries.unanswered.retain(|(entry, _)| *entry == kept);
            if let Some((_, value)) = tries.unanswered.pop() {
                self.entries.fetch_add(1, Ordering::Relaxed);
                return Ok(value);
            }
        }
        let (ready, value) = match act(writing).await? {
            Made::Ready(ready, value) => (*ready, value),
            Made::Nothing(value) => return Ok(value),
        };
        let Ready {
            mut writing,
            kind,
            what,
            undoes,
        } = ready;
        let insert = sqlx::query(
            "INSERT INTO journal (id, made, kind, what, undoes, token) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(writing.entry)
        .bind(writing.made)
        .bind(kind.as_str())
        .bind(what)
        .bind(undoes)
        .bind(tries.token.as_str());
        self.run(&mut writing.write, WHAT, insert).await?;
        if let Err(error) = self.commit(writing.write, WHAT).await {
            tries.unanswered.push((writing.entry, value));
            return Err(error);
        }
        self.entries.fetch_add(1, Ordering::Relaxed);
        Ok(value)
    }
}

//! One photo's failures told from Flickr's.
//!
//! A photo may make Flickr fail whenever it is asked for, and Flickr may be down for minutes: at the first
//! photo the two look the same. So a photo without a usable answer is set aside. If the next ones go
//! well, it was the photo; if they fail too, Flickr is out: then nothing is sent but one photo after
//! each wait, and what was set aside gets another turn as soon as one goes well.

use std::collections::VecDeque;

use super::StepError;
use crate::flickr::{Concerns, Error, Flickr, Outage};

/// Photos in a row whose failing means that it is Flickr's.
const IN_A_ROW: u32 = 3;
/// The same where each had failed before: those are known to fail alone.
const KNOWN_IN_A_ROW: u32 = 10;

/// Why there is no usable answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) reason: String,
    pub(super) concerns: Concerns,
}

impl Trouble {
    /// The error itself where it concerns the whole run.
    pub(super) fn of(error: Error) -> Result<Self, Error> {
        match error.concerns() {
            Concerns::Run => Err(error),
            concerns => Ok(Self {
                reason: error.to_string(),
                concerns,
            }),
        }
    }

    /// Whether Flickr did answer, and the answer is about the photo.
    pub(super) fn is_refusal(&self) -> bool {
        self.concerns == Concerns::Photo
    }
}

/// What is to be done, one after the other: photos, or what is written to them.
pub(super) struct Queue<I> {
    waiting: VecDeque<Item<I>>,
    /// Those without an answer since the last that had one.
    aside: Vec<(Item<I>, Trouble)>,
    flickr: Flickr,
    /// How often in a row there was none.
    in_a_row: u32,
    /// Of the one under way, whether it has failed before, and after a wait.
    under_way: Option<(bool, bool)>,
    outage: Outage,
    is_out: bool,
    /// Whether a call that only reads can tell.
    reads: bool,
    /// What failed for reasons of its own.
    pub(super) failed: Vec<(I, String)>,
}

struct Item<I> {
    what: I,
    /// Whether it has failed before, while others went well.
    known: bool,
    /// Whether it has failed again after a wait.
    waited: bool,
}

impl<I> Queue<I> {
    /// For what only reads.
    pub(super) fn reading(flickr: &Flickr, items: impl IntoIterator<Item = I>) -> Self {
        let items = items.into_iter().map(|item| (item, false));
        Self::new(flickr, "does not answer", items, true)
    }

    /// For what writes; each with whether it failed in an earlier run.
    pub(super) fn writing(flickr: &Flickr, items: impl IntoIterator<Item = (I, bool)>) -> Self {
        Self::new(flickr, "takes no changes", items, false)
    }

    fn new(
        flickr: &Flickr,
        what: &'static str,
        items: impl IntoIterator<Item = (I, bool)>,
        reads: bool,
    ) -> Self {
        let items = items.into_iter();
        Self {
            waiting: items
                .map(|(what, known)| Item {
                    what,
                    known,
                    waited: false,
                })
                .collect(),
            aside: Vec::new(),
            in_a_row: 0,
            under_way: None,
            outage: Outage::new(flickr.client(), what),
            flickr: flickr.clone(),
            is_out: false,
            reads,
            failed: Vec::new(),
        }
    }

    /// How many have not been done: the one under way is one of them.
    pub(super) fn left(&self) -> usize {
        self.waiting.len() + self.aside.len() + usize::from(self.under_way.is_some())
    }

    /// Those without an answer that nobody can blame on them.
    pub(super) fn aside(&self) -> impl Iterator<Item = &I> {
        self.aside.iter().map(|(item, _)| &item.what)
    }

    pub(super) fn flickr(&self) -> &Flickr {
        &self.flickr
    }

    /// The next one; `None` at the end. In an outage it comes after a wait.
    ///
    /// # Errors
    /// Those of [`Outage::wait`], and what concerns the whole run.
    pub(super) async fn next(&mut self) -> Result<Option<I>, StepError> {
        if self.is_out && self.reads && self.flickr.answers().await? {
            self.flickr_works();
        }
        if self.is_out && !self.is_hopeless().await? {
            let why = self.aside.last().map(|(_, trouble)| trouble.reason.clone());
            self.outage.wait(&why.unwrap_or_default()).await?;
            if self.waiting.is_empty() && !self.aside.is_empty() {
                let (item, _) = self.aside.remove(0);
                let waited = true;
                self.waiting.push_back(Item { waited, ..item });
            }
        }
        let next = self.waiting.pop_front();
        self.under_way = next.as_ref().map(|item| (item.known, item.waited));
        if next.is_none() {
            // Too few in a row to blame Flickr, or too often.
            self.is_out = false;
            let aside = self.aside.drain(..);
            self.failed
                .extend(aside.map(|(item, trouble)| (item.what, trouble.reason)));
        }
        Ok(next.map(|item| item.what))
    }

    /// Whether there is nothing left but what has failed again after a wait, one by one, while Flickr answers
    /// other calls: waiting on would help none of them. The next run tries them again.
    async fn is_hopeless(&self) -> Result<bool, StepError> {
        let tried = |(item, trouble): &(Item<I>, Trouble)| {
            item.waited && trouble.concerns == Concerns::PhotoOrFlickr
        };
        Ok(!self.reads
            && self.waiting.is_empty()
            && self.aside.iter().all(tried)
            && self.flickr.answers().await?)
    }

    /// The one under way had no part in what Flickr can do: it needed no call.
    pub(super) fn skipped(&mut self) {
        self.under_way = None;
    }

    /// Flickr has answered for the one under way.
    pub(super) fn done(&mut self) {
        self.under_way = None;
        self.flickr_works();
    }

    /// What was set aside in an outage gets another turn, what was set aside otherwise failed alone.
    fn flickr_works(&mut self) {
        self.in_a_row = 0;
        self.outage.is_over();
        let was_out = std::mem::take(&mut self.is_out);
        for (item, trouble) in self.aside.drain(..).rev() {
            if was_out && !item.known {
                let known = true;
                self.waiting.push_front(Item { known, ..item });
            } else {
                self.failed.push((item.what, trouble.reason));
            }
        }
    }

    /// There was no usable answer for the one under way, `what` is still to be done.
    pub(super) fn set_aside(&mut self, what: I, trouble: Trouble) {
        let (known, waited) = self.under_way.take().unwrap_or_default();
        self.outage.began();
        self.in_a_row += 1;
        let enough = if known { KNOWN_IN_A_ROW } else { IN_A_ROW };
        self.is_out |= trouble.concerns == Concerns::Flickr || self.in_a_row >= enough;
        if known && !self.is_out {
            self.failed.push((what, trouble.reason));
        } else {
            self.aside.push((
                Item {
                    what,
                    known,
                    waited,
                },
                trouble,
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        num::NonZeroU32,
        sync::Arc,
        time::{Duration, Instant},
    };

    use super::*;
    use crate::flickr::{ApiKey, Client, ClientConfig, Endpoints, wire_tests::token};

    /// A Flickr that does not answer.
    fn flickr(longest_wait: Duration) -> Flickr {
        flickr_at("127.0.0.1:9", longest_wait)
    }

    fn flickr_at(address: &str, longest_wait: Duration) -> Flickr {
        let url = format!("http://{address}").parse().unwrap();
        let endpoints = Endpoints::local(&url).unwrap();
        let settings = ClientConfig {
            calls_per_hour: NonZeroU32::MAX,
            tries: NonZeroU32::MIN,
            longest_wait,
            ..ClientConfig::default()
        };
        let client = Client::new(endpoints, ApiKey::new("key", "secret"), settings).unwrap();
        Flickr::new(Arc::new(client), token())
    }

    fn trouble(concerns: Concerns) -> Trouble {
        Trouble {
            reason: "HTTP status 500".to_owned(),
            concerns,
        }
    }

    /// What came of a queue.
    struct Worked {
        turns: Vec<u32>,
        failed: Vec<u32>,
        left: usize,
        end: Result<(), StepError>,
        took: Duration,
    }

    /// Works a queue off with a first wait of a millisecond; `goes_well` gets the item and its turn.
    async fn work(
        number: u32,
        known: bool,
        longest_wait: Duration,
        goes_well: impl Fn(u32, usize) -> bool,
    ) -> Worked {
        work_at(flickr(longest_wait), number, known, goes_well).await
    }

    async fn work_at(
        flickr: Flickr,
        number: u32,
        known: bool,
        goes_well: impl Fn(u32, usize) -> bool,
    ) -> Worked {
        let mut queue = Queue::writing(&flickr, (0..number).map(|item| (item, known)));
        queue.outage = Outage::with_first_wait(flickr.client(), "takes no changes", MS);
        let start = Instant::now();
        let mut turns = Vec::new();
        let end = loop {
            let item = match queue.next().await {
                Ok(Some(item)) => item,
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            };
            turns.push(item);
            if goes_well(item, turns.len()) {
                queue.done();
            } else {
                queue.set_aside(item, trouble(Concerns::PhotoOrFlickr));
            }
        };
        Worked {
            turns,
            failed: queue.failed.iter().map(|(item, _)| *item).collect(),
            left: queue.left(),
            end,
            took: start.elapsed(),
        }
    }

    const MS: Duration = Duration::from_millis(1);
    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_photo_that_fails_for_ever_fails_alone() {
        let run = work(6, false, LONG, |item, _| item % 3 != 1).await;
        assert_eq!((run.turns, run.failed), ((0..6).collect(), vec![1, 4]));
        assert!(run.end.is_ok() && run.left == 0);
        // Four in a row look like an outage, until the fifth goes well: each gets one more turn.
        let run = work(6, false, LONG, |item, _| item >= 4).await;
        assert_eq!(run.turns, [0, 1, 2, 3, 4, 0, 1, 2, 3, 5]);
        assert_eq!(run.failed, [0, 1, 2, 3]);
        assert!(run.end.is_ok());
        // The last ones.
        let run = work(3, false, LONG, |item, _| item == 0).await;
        assert_eq!((run.turns, run.failed), (vec![0, 1, 2], vec![1, 2]));
        assert!(run.end.is_ok());
        // What failed in earlier runs is known to: nothing is waited for.
        let run = work(9, true, Duration::ZERO, |_, _| false).await;
        assert_eq!((run.turns.len(), run.failed.len()), (9, 9));
        assert!(run.end.is_ok());
    }

    #[tokio::test]
    async fn an_outage_costs_one_turn_a_wait_and_nobody_fails() {
        let run = work(300, false, LONG, |_, turn| turn > 8).await;
        assert!(run.failed.is_empty() && run.end.is_ok() && run.left == 0);
        assert_eq!(run.turns.len(), 300 + 8);
        assert_eq!(run.turns[8..18], [8, 0, 1, 2, 3, 4, 5, 6, 7, 9]);
        // 1, 2, 4, 8, 16 and 20 of the first wait.
        assert!(run.took >= 51 * MS, "{:?}", run.took);
    }

    #[tokio::test]
    async fn an_outage_without_end_is_given_up() {
        for known in [false, true] {
            let run = work(300, known, 150 * MS, |_, _| false).await;
            let error = run.end.unwrap_err().to_string();
            assert_eq!(
                error,
                "Flickr takes no changes: given up after 0 s (HTTP status 500)"
            );
            assert!(run.took >= 150 * MS, "{:?}", run.took);
            assert!(run.turns.len() <= 24, "{} turns", run.turns.len());
            assert_eq!(run.failed.len() + run.left, 300);
            assert!(run.failed.len() < 10);
        }
        let run = work(300, false, Duration::ZERO, |_, _| false).await;
        assert_eq!((run.turns.len(), run.failed.len(), run.left), (3, 0, 300));
        assert!(run.end.is_err());
    }

    /// Answers every call as `checkToken` is answered.
    fn answering() -> String {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        std::thread::spawn(move || {
            let body = r#"{"oauth":{"token":{"_content":"t"},"perms":{"_content":"write"},
                "user":{"nsid":"1@N00","username":"a","fullname":""}},"stat":"ok"}"#;
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let asked = stream.read(&mut [0; 8192]).unwrap();
                assert!(asked > 0, "a call");
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
                );
                stream.write_all((head + body).as_bytes()).unwrap();
            }
        });
        address
    }

    #[tokio::test]
    async fn the_last_few_that_fail_for_ever_are_not_waited_for_for_ever() {
        let flickr = flickr_at(&answering(), LONG);
        let run = work_at(flickr, 4, false, |item, _| item == 0).await;
        // Each once more after a wait.
        assert_eq!(run.turns, [0, 1, 2, 3, 1, 2, 3]);
        assert_eq!((run.failed, run.left), (vec![1, 2, 3], 0));
        assert!(run.end.is_ok() && run.took < LONG / 2);
        // Where nothing is answered it may be an outage.
        let run = work(4, false, 500 * MS, |item, _| item == 0).await;
        assert!(run.end.is_err() && run.failed.is_empty() && run.left == 3);
    }

    #[tokio::test]
    async fn slow_down_is_not_one_photos() {
        let flickr = flickr(LONG);
        let mut queue = Queue::writing(&flickr, [(1, true), (2, true)]);
        queue.outage = Outage::with_first_wait(flickr.client(), "takes no changes", 30 * MS);
        let start = Instant::now();
        let item = queue.next().await.unwrap().unwrap();
        queue.set_aside(item, trouble(Concerns::Flickr));
        assert_eq!(queue.next().await.unwrap(), Some(2));
        assert!(start.elapsed() >= 30 * MS);
        // Ctrl-C ends the wait.
        queue.set_aside(2, trouble(Concerns::Flickr));
        flickr.client().settings().stop.cancel();
        let error = queue.next().await.unwrap_err();
        assert!(
            matches!(error, StepError::Flickr(Error::Stopped { .. })),
            "{error}"
        );
        assert_eq!(queue.left(), 2);
    }
}

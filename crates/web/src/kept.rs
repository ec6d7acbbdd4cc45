//! What a page has shown, kept for a while, so that an answer is about exactly what was seen.
//!
//! Clusters change whenever anything is decided. A page therefore names the list it shows by a number,
//! and the answer names that list.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The last few lists that were shown, by number.
#[derive(Debug)]
pub(crate) struct Kept<T> {
    lists: Mutex<Lists<T>>,
    /// So many things may be in all lists together; the newest few are kept even so.
    most: usize,
}

#[derive(Debug)]
struct Lists<T> {
    next: u64,
    held: VecDeque<Held<T>>,
}

#[derive(Debug)]
struct Held<T> {
    number: u64,
    things: usize,
    list: Arc<T>,
}

/// However long they are: the pages in a few tabs.
const NEWEST: usize = 8;

impl<T> Kept<T> {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            lists: Mutex::new(Lists {
                next: 1,
                held: VecDeque::new(),
            }),
            most,
        }
    }

    /// Keeps a list of so many things; its number.
    pub(crate) fn keep(&self, list: Arc<T>, things: usize) -> u64 {
        let mut lists = self.lock();
        let number = lists.next;
        lists.next += 1;
        lists.held.push_back(Held {
            number,
            things: things.max(1),
            list,
        });
        let mut all: usize = lists.held.iter().map(|held| held.things).sum();
        while lists.held.len() > NEWEST && all > self.most {
            all -= lists.held.pop_front().map_or(0, |held| held.things);
        }
        number
    }

    /// The list with that number, where it is still kept.
    pub(crate) fn get(&self, number: u64) -> Option<Arc<T>> {
        let lists = self.lock();
        let held = lists.held.iter().find(|held| held.number == number);
        held.map(|held| Arc::clone(&held.list))
    }

    fn lock(&self) -> MutexGuard<'_, Lists<T>> {
        // Nothing is left half-done by a panic: the list is pushed whole or not.
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_first_and_the_newest_stay() {
        let kept = Kept::new(100);
        let numbers: Vec<_> = (0..20).map(|list| kept.keep(Arc::new(list), 10)).collect();
        let there: Vec<_> = numbers
            .iter()
            .filter_map(|&number| kept.get(number))
            .collect();
        assert_eq!(there.len(), 10);
        assert_eq!(*there[0], 10);
        // Long ones beyond the limit: still the newest eight.
        let long: Vec<_> = (0..9).map(|list| kept.keep(Arc::new(list), 1000)).collect();
        assert!(kept.get(long[0]).is_none());
        assert_eq!(
            long[1..].iter().filter(|&&n| kept.get(n).is_some()).count(),
            8
        );
        assert!(kept.get(0).is_none());
        assert!(kept.get(u64::MAX).is_none());
    }
}

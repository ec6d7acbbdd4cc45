//! What a page has shown, remembered for a while, so that an answer is about exactly what was seen.
//!
//! Clusters change with every decision. A page therefore names the list it shows by a number, and the
//! answer names that list.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

/// The last few lists that were shown, by number.
#[derive(Debug)]
pub(crate) struct RecentLists<T> {
    lists: Mutex<Lists<T>>,
    /// The most items in all lists together.
    max_items: usize,
}

#[derive(Debug)]
struct Lists<T> {
    next: u64,
    /// Number, items and list; the oldest first.
    entries: VecDeque<(u64, usize, Arc<T>)>,
}

/// The newest lists are remembered however long they are: the pages in a few tabs.
const MIN_LISTS: usize = 8;

impl<T> RecentLists<T> {
    pub(crate) fn new(max_items: usize) -> Self {
        // The pages of a server before this one name lists by smaller numbers: theirs are not taken for these. Up to
        // 2^53, which scripts can count to.
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let lists = Lists {
            next: now.map_or(0, |now| now.as_secs()) << 20 | 1,
            entries: VecDeque::new(),
        };
        Self {
            lists: Mutex::new(lists),
            max_items,
        }
    }

    /// Remembers a list of this many items, and forgets the oldest ones where there are too many; its
    /// number.
    pub(crate) fn insert(&self, list: Arc<T>, items: usize) -> u64 {
        let mut lists = self.lock();
        let number = lists.next;
        lists.next += 1;
        lists.entries.push_back((number, items.max(1), list));
        let mut all: usize = lists.entries.iter().map(|(_, items, _)| items).sum();
        while lists.entries.len() > MIN_LISTS && all > self.max_items {
            all -= lists.entries.pop_front().map_or(0, |(_, items, _)| items);
        }
        number
    }

    /// The list with that number; `None` once it is forgotten.
    pub(crate) fn get(&self, number: u64) -> Option<Arc<T>> {
        let lists = self.lock();
        let mut entries = lists.entries.iter();
        let found = entries.find(|(known, ..)| *known == number);
        found.map(|(_, _, list)| Arc::clone(list))
    }

    fn lock(&self) -> MutexGuard<'_, Lists<T>> {
        // A panic leaves nothing half done: a list is pushed whole or not at all.
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_first_and_the_newest_stay() {
        let lists = RecentLists::new(100);
        let numbers: Vec<_> = (0..20)
            .map(|list| lists.insert(Arc::new(list), 10))
            .collect();
        let there: Vec<_> = numbers
            .iter()
            .filter_map(|&number| lists.get(number))
            .collect();
        assert_eq!(there.len(), 10);
        assert_eq!(*there[0], 10);
        // Long ones beyond the limit: still the newest eight.
        let long: Vec<_> = (0..9)
            .map(|list| lists.insert(Arc::new(list), 1000))
            .collect();
        assert!(lists.get(long[0]).is_none());
        assert_eq!(
            long[1..]
                .iter()
                .filter(|&&n| lists.get(n).is_some())
                .count(),
            8
        );
        assert!(lists.get(0).is_none());
        assert!(lists.get(u64::MAX).is_none());
    }
}

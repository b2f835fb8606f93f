//! A list with a maximum, whose oldest items make room for new ones.
//!
//! Invariant: item number `n` (counted from 0 since the start) is at position `n - first`, so that
//! finding an item by its number takes constant time.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) struct Ring<T> {
    items: VecDeque<T>,
    first: u64,
    max: usize,
}

impl<T> Ring<T> {
    /// A maximum of 0 counts as 1: the newest item is always there.
    pub(crate) fn new(max: usize) -> Self {
        Self { items: VecDeque::new(), first: 0, max: max.max(1) }
    }

    /// The number that the next item will have, which is also how many there ever were.
    pub(crate) fn total(&self) -> u64 {
        self.first + u64::try_from(self.items.len()).unwrap_or(u64::MAX)
    }

    /// Adds an item; gives back the one that had to go.
    pub(crate) fn push(&mut self, item: T) -> Option<T> {
        let gone = if self.items.len() >= self.max { self.pop() } else { None };
        self.items.push_back(item);
        gone
    }

    /// Removes the oldest item.
    pub(crate) fn pop(&mut self) -> Option<T> {
        let gone = self.items.pop_front()?;
        self.first += 1;
        Some(gone)
    }

    pub(crate) fn get(&self, number: u64) -> Option<&T> {
        self.items.get(self.position(number)?)
    }

    pub(crate) fn get_mut(&mut self, number: u64) -> Option<&mut T> {
        let position = self.position(number)?;
        self.items.get_mut(position)
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        self.items.iter()
    }

    fn position(&self, number: u64) -> Option<usize> {
        number.checked_sub(self.first).and_then(|position| usize::try_from(position).ok())
    }
}

/// Locks for a moment; what another thread left behind when it panicked is still usable here.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_ring_forgets_the_oldest_and_keeps_counting() {
        let mut ring = Ring::new(2);
        assert_eq!([ring.push('a'), ring.push('b'), ring.push('c')], [None, None, Some('a')]);
        assert_eq!((ring.total(), ring.len()), (3, 2));
        assert_eq!((ring.get(0), ring.get(1), ring.get(2), ring.get(3)), {
            (None, Some(&'b'), Some(&'c'), None)
        });
    }
}

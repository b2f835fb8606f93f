//! What all bodies that are in memory may take together.
//!
//! Nobody waits for room: a hub that has none left says so at once, and the client comes again.

use std::sync::atomic::{AtomicUsize, Ordering};

/// A number of bytes that bodies share.
pub struct Room {
    bytes_max: usize,
    taken: AtomicUsize,
}

impl Room {
    /// Room for so many bytes.
    pub fn of(bytes_max: usize) -> Self {
        Self { bytes_max, taken: AtomicUsize::new(0) }
    }

    /// An empty place, which grows.
    pub(super) fn place(&self) -> Place<'_> {
        Place { room: self, bytes: 0 }
    }
}

/// What one body takes of the room; given back when it is dropped.
pub(super) struct Place<'a> {
    room: &'a Room,
    bytes: usize,
}

impl Place<'_> {
    /// Takes so many bytes more; false, and none taken, where there is no room for them.
    #[must_use]
    pub(super) fn grow(&mut self, bytes: usize) -> bool {
        // Only a number: nothing else is read or written by its order.
        let before = self.room.taken.fetch_add(bytes, Ordering::Relaxed);
        self.bytes += bytes;
        let fits = before.saturating_add(bytes) <= self.room.bytes_max;
        if !fits {
            self.room.taken.fetch_sub(bytes, Ordering::Relaxed);
            self.bytes -= bytes;
        }
        fits
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.room.taken.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_share_the_room_and_give_it_back() {
        let room = Room::of(10);
        let (mut one, mut other) = (room.place(), room.place());
        assert!(one.grow(6) && other.grow(4));
        assert!(!one.grow(1) && !other.grow(1));
        drop(one);
        assert!(other.grow(6));
        assert!(!other.grow(1));
        drop(other);
        assert!(room.place().grow(10));
    }
}

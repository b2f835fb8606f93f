//! What all bodies that are in memory may take together.
//!
//! Nobody waits for room: a hub that has none left says so at once, and the client comes again. A part
//! of it is for small bodies only, so that a few large ones that come slowly, or are being
//! kept, turn no claim away.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A small body: a hundred times a documented claim.
const SMALL_BYTES_MAX: usize = 64 << 10;

/// A number of bytes that bodies share.
#[derive(Clone)]
pub struct Room(Arc<Shared>);

struct Shared {
    bytes_max: usize,
    large_bytes_max: usize,
    taken: AtomicUsize,
}

impl Room {
    /// Room for so many bytes; a large body finds none beyond the smaller number.
    pub fn of(bytes_max: usize, large_bytes_max: usize) -> Self {
        Self(Arc::new(Shared { bytes_max, large_bytes_max, taken: AtomicUsize::new(0) }))
    }

    /// Whether a body of so many bytes would find place now. It is given none: whoever says that much
    /// is to come has not sent it yet.
    pub(super) fn has(&self, bytes: usize) -> bool {
        let Shared { large_bytes_max, taken, .. } = &*self.0;
        bytes <= SMALL_BYTES_MAX
            || taken.load(Ordering::Relaxed).saturating_add(bytes) <= *large_bytes_max
    }

    /// An empty place, which grows.
    pub(crate) fn place(&self) -> Place {
        Place { room: self.clone(), bytes: 0 }
    }
}

/// What one body takes of the room; given back when it is dropped.
pub(crate) struct Place {
    room: Room,
    bytes: usize,
}

impl Place {
    /// Takes so many bytes more; false, and none taken, where there is no room for them.
    #[must_use]
    pub(super) fn grow(&mut self, bytes: usize) -> bool {
        let Shared { bytes_max, large_bytes_max, taken } = &*self.room.0;
        let is_small = self.bytes.saturating_add(bytes) <= SMALL_BYTES_MAX;
        let bytes_max = if is_small { bytes_max } else { large_bytes_max };
        // Only a number: nothing else is read or written by its order.
        let before = taken.fetch_add(bytes, Ordering::Relaxed);
        let fits = before.saturating_add(bytes) <= *bytes_max;
        match fits {
            true => self.bytes += bytes,
            false => drop(taken.fetch_sub(bytes, Ordering::Relaxed)),
        }
        fits
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.0.taken.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_share_the_room_and_give_it_back() {
        let room = Room::of(10, 10);
        let (mut one, mut other) = (room.place(), room.place());
        assert!(one.grow(6) && other.grow(4));
        assert!(!one.grow(1) && !other.grow(1));
        drop(one);
        assert!(other.grow(6));
        assert!(!other.grow(1));
        drop(other);
        assert!(room.place().grow(10));
    }

    #[test]
    fn large_bodies_leave_a_part_to_small_ones() {
        let room = Room::of(4 * SMALL_BYTES_MAX, 3 * SMALL_BYTES_MAX);
        let (mut large, mut other, mut small) = (room.place(), room.place(), room.place());
        assert!(large.grow(3 * SMALL_BYTES_MAX));
        assert!(!large.grow(1));
        assert!(!other.grow(SMALL_BYTES_MAX + 1));
        assert!(small.grow(SMALL_BYTES_MAX));
        assert!(!other.grow(1), "now it is full");
    }
}

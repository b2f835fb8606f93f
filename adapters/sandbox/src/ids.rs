//! Makes identifiers in the forms that the systems use: unique within a run, not random.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;

pub(crate) struct Ids {
    seed: u64,
    made: AtomicU64,
}

impl Ids {
    pub(crate) fn new(started_at: Timestamp) -> Self {
        Self { seed: mix(milliseconds(started_at)), made: AtomicU64::new(0) }
    }

    /// A helpdesk's `ticketId`: 25 characters in the form of a cuid.
    pub(crate) fn cuid(&self, at: Timestamp) -> String {
        let made = self.next();
        let (time, count) = (base36(milliseconds(at), 8), base36(made, 4));
        format!("c{time}{count}{}", base36(mix(self.seed ^ made) % 36_u64.pow(12), 12))
    }

    /// A Sociomile id: 24 hex digits in the form of a `MongoDB` `ObjectId`.
    pub(crate) fn object_id(&self, at: Timestamp) -> String {
        let seconds = milliseconds(at) / 1000;
        let made = self.next();
        format!("{:08x}{:010x}{:06x}", seconds & 0xffff_ffff, self.seed >> 24, made & 0xff_ffff)
    }

    /// 32 hex digits, as 3Dolphins' ids and tokens are.
    pub(crate) fn hex32(&self) -> String {
        let made = self.next();
        format!("{:016x}{:016x}", mix(self.seed ^ made), mix(self.seed.wrapping_add(made)))
    }

    /// Sociomile's `trace_id`: eight characters.
    pub(crate) fn trace(&self) -> String {
        base36(mix(self.seed ^ self.next()) % 36_u64.pow(8), 8)
    }

    fn next(&self) -> u64 {
        self.made.fetch_add(1, Ordering::Relaxed)
    }
}

/// The finaliser of `SplitMix64`: spreads a counter over all 64 bits.
pub(crate) const fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

fn milliseconds(at: Timestamp) -> u64 {
    u64::try_from(at.as_millisecond()).unwrap_or(0)
}

fn base36(mut value: u64, width: usize) -> String {
    let mut digits = Vec::with_capacity(width);
    while value > 0 || digits.len() < width {
        let digit = u32::try_from(value % 36).unwrap_or(0);
        digits.push(char::from_digit(digit, 36).unwrap_or('0'));
        value /= 36;
    }
    digits.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_the_systems_forms_and_do_not_repeat() {
        let at = Timestamp::from_millisecond(1_758_871_671_547).unwrap();
        let ids = Ids::new(at);
        assert_eq!((ids.cuid(at).len(), ids.cuid(at).starts_with("cm")), (25, true));
        assert_eq!((ids.object_id(at).len(), ids.hex32().len(), ids.trace().len()), (24, 32, 8));
        assert_ne!(ids.object_id(at), ids.object_id(at));
        assert_ne!(ids.hex32(), ids.hex32());
    }
}

//! A rest by the wall clock, which no change of that clock makes longer.
//!
//! Pure. Invariant: what is left of it, at whatever time one looks, is never more than it was to be: a
//! clock that stands before its beginning was set back, and ends it.

use std::time::Duration;

use jiff::Timestamp;

/// From one moment to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    from: Timestamp,
    until: Timestamp,
}

impl Rest {
    /// So long from now on.
    pub fn of(now: Timestamp, time: Duration) -> Self {
        Self { from: now, until: now.saturating_add(time).unwrap_or(now) }
    }

    /// Until when it lasts, if it does.
    pub fn left(self, now: Timestamp) -> Option<Timestamp> {
        (self.from <= now && now < self.until).then_some(self.until)
    }

    /// The one of both that lasts longer now.
    pub fn longer(self, other: Option<Self>, now: Timestamp) -> Self {
        let left = other.and_then(|other| other.left(now).map(|until| (other, until)));
        left.filter(|(_, until)| self.until < *until).map_or(self, |(other, _)| other)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).unwrap()
    }

    proptest! {
        #[test]
        fn what_is_left_is_never_more_than_it_was_to_be(
            began in 0_i64..1_000_000,
            time_ms in 0_u64..1_000_000,
            now in -1_000_000_i64..3_000_000,
        ) {
            let rest = Rest::of(at(began), Duration::from_millis(time_ms));
            match rest.left(at(now)) {
                Some(until) => {
                    let left = until.as_millisecond() - now;
                    prop_assert!(0 < left && left <= i64::try_from(time_ms).unwrap());
                }
                None => prop_assert!(now < began || began + i64::try_from(time_ms).unwrap() <= now),
            }
        }
    }

    #[test]
    fn of_two_the_one_that_lasts_longer_counts_unless_the_clock_was_set_back_before_it() {
        let (short, long) =
            (Rest::of(at(10), Duration::from_secs(1)), Rest::of(at(0), Duration::from_secs(9)));
        assert_eq!(short.longer(Some(long), at(10)), long);
        assert_eq!(long.longer(Some(short), at(10)), long);
        assert_eq!(short.longer(None, at(10)), short);
        let set_back = Rest::of(at(-500), Duration::from_secs(1));
        assert_eq!(set_back.longer(Some(long), at(-500)), set_back);
    }
}

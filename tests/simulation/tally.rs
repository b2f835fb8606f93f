//! What happened over all runs: a simulation in which nothing happens shows nothing.

use std::collections::BTreeMap;
use std::fmt;

macro_rules! happenings {
    ($($(#[$doc:meta])* $what:ident,)+) => {
        /// What may happen.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Happened { $($(#[$doc])* $what,)+ }

        impl Happened {
            /// Every kind of it has to happen, over all runs.
            const ALL: &[Self] = &[$(Self::$what,)+];
        }
    };
}

happenings! {
    Accepted,
    Changed,
    /// A client that got no answer asked again, and it had been kept.
    Repeated,
    /// A client that got no answer went away.
    GaveUp,
    Called,
    /// A call that was not its delivery's first.
    Retried,
    Delivered,
    Refused,
    Inapplicable,
    Throttled,
    Unavailable,
    Unknown,
    Unreadable,
    Unauthorized,
    Misconfigured,
    Panicked,
    /// Asked after, and was there.
    Found,
    /// Asked after, and was not there.
    Absent,
    CannotSay,
    ProbeFailed,
    ProbePassed,
    BreakerOpen,
    PausedByHand,
    ResumedByHand,
    Held,
    Dead,
    SettledByHand,
    ReplayedByHand,
    DiscardedByHand,
    CutBeforeCommit,
    CutAfterCommit,
    CutBetween,
    /// A crash while calls were under way.
    CutInFlight,
    StoppedInOrder,
    AwayForLong,
    /// The machine's clock was set, forward or back.
    ClockSet,
    Reloaded,
    /// A delivery whose mapping reads more than was known.
    WaitedForMore,
}

/// How often each happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally(BTreeMap<Happened, u64>);

impl Tally {
    pub(crate) fn add(&mut self, what: Happened) {
        *self.0.entry(what).or_default() += 1;
    }

    pub(crate) fn of(&self, what: Happened) -> u64 {
        self.0.get(&what).copied().unwrap_or_default()
    }

    pub(crate) fn join(&mut self, other: &Self) {
        for (what, count) in &other.0 {
            *self.0.entry(*what).or_default() += count;
        }
    }

    /// What never happened.
    pub(crate) fn missing(&self) -> Vec<Happened> {
        Happened::ALL.iter().filter(|what| self.of(**what) == 0).copied().collect()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(what, count)| write!(f, "{what:?} {count}, "))
    }
}

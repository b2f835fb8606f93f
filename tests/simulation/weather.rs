//! What goes wrong at the systems: drawn for each call, and for some time.

use std::collections::BTreeMap;
use std::time::Duration;

use omnihub_contract::Fault;
use tokio::time::Instant;

use super::random::Random;

/// As long as adapters wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What each call takes in fair weather.
const FAIR: Duration = Duration::from_millis(50);

/// What a system does with one call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Act {
    /// From the call to its end.
    pub(crate) takes: Duration,
    /// Whether the work is done, half-way.
    pub(crate) arrives: bool,
    pub(crate) end: End,
}

/// How a call ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    Done,
    Fails(Fault, Option<Duration>),
    Panics,
}

/// How the systems are.
pub(crate) struct Weather {
    pub(crate) random: Random,
    /// Whether anything goes wrong at all.
    pub(crate) is_bad: bool,
    /// Systems that do not take our credentials until then, or have another address.
    locked: BTreeMap<&'static str, (Instant, Fault)>,
    /// Systems that are down until then.
    down: BTreeMap<&'static str, Instant>,
    /// A system that hangs on every call for this long.
    pub(crate) hangs: Option<(&'static str, Duration)>,
}

impl Weather {
    pub(crate) fn new(random: Random) -> Self {
        let (locked, down) = (BTreeMap::new(), BTreeMap::new());
        Self { random, is_bad: true, locked, down, hangs: None }
    }

    /// From now on all is well.
    pub(crate) fn clear(&mut self) {
        self.is_bad = false;
        self.locked.clear();
        self.down.clear();
    }

    /// What a system says when it is probed.
    pub(crate) fn probed(&self, system: &'static str) -> Option<Fault> {
        let (until, fault) = self.locked.get(system)?;
        (Instant::now() < *until).then_some(*fault)
    }

    /// Draws what becomes of a call; `may_not_apply` says that it may concern nothing there.
    pub(crate) fn act(&mut self, system: &'static str, may_not_apply: bool) -> Act {
        if let Some((_, takes)) = self.hangs.filter(|(hanging, _)| *hanging == system) {
            return Act { takes, arrives: false, end: End::Fails(Fault::Unknown, None) };
        }
        if !self.is_bad {
            return Act { takes: FAIR, arrives: true, end: End::Done };
        }
        let takes = Duration::from_millis(1 + self.random.below(800));
        let fails = |fault| Act { takes, arrives: false, end: End::Fails(fault, None) };
        if let Some(fault) = self.probed(system) {
            return fails(fault);
        }
        if self.down.get(system).is_some_and(|until| Instant::now() < *until) {
            return fails(Fault::Unavailable);
        }
        self.drawn(system, may_not_apply, takes)
    }

    fn drawn(&mut self, system: &'static str, may_not_apply: bool, takes: Duration) -> Act {
        let act = |arrives, end| Act { takes, arrives, end };
        let fails = |arrives, fault| act(arrives, End::Fails(fault, None));
        let arrives = self.random.happens(500);
        match self.random.below(1000) {
            0..80 => fails(false, Fault::Unavailable),
            80..150 => fails(arrives, Fault::Unknown),
            150..180 => fails(arrives, Fault::Unreadable),
            // It answers too late, or never.
            180..200 => Act { takes: TIMEOUT, ..fails(arrives, Fault::Unknown) },
            200..240 => act(false, End::Fails(Fault::Throttled, self.retry_after())),
            240..270 => fails(false, Fault::Refused),
            270..280 => {
                self.lock(system, Fault::Unauthorized);
                fails(false, Fault::Unauthorized)
            }
            280..285 => {
                self.lock(system, Fault::Misconfigured);
                fails(false, Fault::Misconfigured)
            }
            285..295 => {
                let until = Instant::now() + Duration::from_secs(5 + self.random.below(90));
                self.down.insert(system, until);
                fails(false, Fault::Unavailable)
            }
            295..305 => act(arrives, End::Panics),
            305..385 if may_not_apply => fails(false, Fault::Inapplicable),
            _ => act(true, End::Done),
        }
    }

    /// Whether asking after a call goes wrong, and how.
    pub(crate) fn asked_after(&mut self) -> Option<Fault> {
        let faults = [Fault::Unavailable, Fault::Unknown, Fault::Throttled, Fault::Unauthorized];
        (self.is_bad && self.random.happens(150)).then(|| *self.random.one_of(&faults).unwrap())
    }

    fn lock(&mut self, system: &'static str, fault: Fault) {
        let until = Instant::now() + Duration::from_secs(1 + self.random.below(60));
        self.locked.insert(system, (until, fault));
    }

    fn retry_after(&mut self) -> Option<Duration> {
        let after = Duration::from_secs(self.random.below(120));
        self.random.happens(700).then_some(after)
    }
}

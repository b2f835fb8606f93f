//! Failed authentications, by address: who guesses keys is soon not listened to any more.
//!
//! Only requests without a right key count. An address that has used up its minute is answered 429
//! before its key is looked at, a right one too, so that a guess tells nothing; that lasts until the
//! next attempt is due to it (two seconds at 30 a minute), and no longer unless wrong keys go on
//! coming. An IPv6 address counts by its /64, which is what one customer has.
//!
//! Bounded: addresses that have been quiet are forgotten ([`Strangers::forget_idle`]). Beyond
//! [`ADDRESSES_MAX`] all count as one, and a right key is then still taken from anywhere.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use governor::clock::{Clock, QuantaClock, Reference as _};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

/// Addresses that are counted apart: a few megabytes.
const ADDRESSES_MAX: usize = 50_000;

/// Stands for every address beyond that, and for connections that have none.
const ANYBODY: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

type Limiter<C> =
    RateLimiter<IpAddr, DefaultKeyedStateStore<IpAddr>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// Who is at the other end of a connection: an extension of every request on it. A local socket has
/// no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub Option<IpAddr>);

/// An address is not listened to for so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shut(pub Duration);

impl Shut {
    /// Seconds that are surely enough; never none, which would mean "at once".
    pub fn seconds(self) -> u64 {
        whole_seconds(self.0)
    }
}

/// The same of any wait.
pub(crate) fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

/// How often each address failed to show a right key.
pub struct Strangers<C: Clock = QuantaClock> {
    /// None: they are not limited.
    limiter: Option<Limiter<C>>,
    /// Until when an address is not listened to.
    shut: RwLock<HashMap<IpAddr, C::Instant>>,
    clock: C,
}

impl Strangers {
    /// Lets so many attempts a minute and address fail; zero: as many as come.
    pub fn new(per_minute: u32) -> Self {
        Self::with_clock(per_minute, QuantaClock::default())
    }
}

impl<C: Clock + Clone> Strangers<C> {
    fn with_clock(per_minute: u32, clock: C) -> Self {
        let quota = NonZeroU32::new(per_minute).map(Quota::per_minute);
        let limiter = quota.map(|quota| RateLimiter::dashmap_with_clock(quota, clock.clone()));
        Self { limiter, shut: RwLock::default(), clock }
    }

    /// Refuses an address that is not listened to now. To be asked before its key is looked at.
    pub(crate) fn check(&self, address: Option<IpAddr>) -> Result<(), Shut> {
        let shut = self.shut.read().unwrap_or_else(PoisonError::into_inner);
        if shut.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        match shut.get(&counted_as(address)) {
            Some(until) if *until > now => Err(Shut(until.duration_since(now).into())),
            _ => Ok(()),
        }
    }

    /// Counts an attempt without a right key; it is answered as it deserves while its address has
    /// attempts left, and otherwise so.
    pub(crate) fn note(&self, address: Option<IpAddr>) -> Option<Shut> {
        let limiter = self.limiter.as_ref()?;
        let address = if limiter.len() < ADDRESSES_MAX { counted_as(address) } else { ANYBODY };
        let not_until = limiter.check_key(&address).err()?;
        let mut shut = self.shut.write().unwrap_or_else(PoisonError::into_inner);
        if shut.len() < ADDRESSES_MAX {
            shut.insert(address, not_until.earliest_possible());
        }
        Some(Shut(not_until.wait_time_from(self.clock.now())))
    }

    /// Forgets addresses that have been quiet. To be called now and then.
    pub fn forget_idle(&self) {
        if let Some(limiter) = &self.limiter {
            limiter.retain_recent();
        }
        let now = self.clock.now();
        let mut shut = self.shut.write().unwrap_or_else(PoisonError::into_inner);
        shut.retain(|_, until| *until > now);
    }
}

/// The address that one party has all of.
fn counted_as(address: Option<IpAddr>) -> IpAddr {
    match address.map(|address| address.to_canonical()) {
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        Some(address) => address,
        None => ANYBODY,
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn strangers(per_minute: u32) -> (Strangers<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (Strangers::with_clock(per_minute, clock.clone()), clock)
    }

    fn from(address: &str) -> Option<IpAddr> {
        Some(address.parse().unwrap())
    }

    /// Whether each of so many failed attempts still gets an answer.
    fn answered<C: Clock + Clone>(
        strangers: &Strangers<C>,
        from: Option<IpAddr>,
        attempts: usize,
    ) -> Vec<bool> {
        (0..attempts).map(|_| strangers.note(from).is_none()).collect()
    }

    #[test]
    fn beyond_its_budget_an_address_is_not_listened_to_until_the_next_attempt_is_due() {
        let (strangers, clock) = strangers(30);
        let (one, other) = (from("203.0.113.7"), from("203.0.113.8"));
        for _ in 0..30 {
            assert_eq!(answered(&strangers, one, 1), [true]);
            assert!(strangers.check(one).is_ok());
        }
        assert_eq!(strangers.note(one), Some(Shut(Duration::from_secs(2))));
        assert_eq!(strangers.check(one), Err(Shut(Duration::from_secs(2))));
        assert!(strangers.check(other).is_ok(), "another address is another party");
        clock.advance(Duration::from_millis(1999));
        assert!(strangers.check(one).is_err());
        clock.advance(Duration::from_millis(1));
        assert!(strangers.check(one).is_ok());
        assert_eq!(answered(&strangers, one, 2), [true, false]);
    }

    #[test]
    fn an_address_that_is_quiet_for_a_minute_is_forgotten_and_has_its_budget_back() {
        let (strangers, clock) = strangers(2);
        let one = from("203.0.113.7");
        assert_eq!(answered(&strangers, one, 3), [true, true, false]);
        clock.advance(Duration::from_secs(121));
        strangers.forget_idle();
        assert!(strangers.shut.read().unwrap().is_empty());
        assert_eq!(strangers.limiter.as_ref().unwrap().len(), 0);
        assert_eq!(answered(&strangers, one, 2), [true, true]);
    }

    #[test]
    fn one_party_is_a_version_4_address_or_the_64_bits_of_a_version_6_one() {
        for (address, expected) in [
            ("203.0.113.7", "203.0.113.7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ] {
            assert_eq!(Some(counted_as(from(address))), from(expected));
        }
    }

    #[test]
    fn without_a_budget_nothing_is_limited() {
        let (strangers, _) = strangers(0);
        assert!(answered(&strangers, None, 1000).iter().all(|it| *it));
    }
}

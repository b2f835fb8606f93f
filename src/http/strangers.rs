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

use governor::clock::{Clock, QuantaClock, Reference as _};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use http::StatusCode;

use super::limits::whole_seconds;
use super::reply::Problem;

/// Addresses that are counted apart: a few megabytes.
const ADDRESSES_MAX: usize = 50_000;

/// Stands for every address beyond that, and for connections that have none.
const ANYBODY: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

type Limiter<C> =
    RateLimiter<IpAddr, DefaultKeyedStateStore<IpAddr>, C, NoOpMiddleware<<C as Clock>::Instant>>;

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
    pub(crate) fn check(&self, address: Option<IpAddr>) -> Result<(), Problem> {
        let shut = self.shut.read().unwrap_or_else(PoisonError::into_inner);
        if shut.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        match shut.get(&counted_as(address)) {
            Some(until) if *until > now => Err(refusal(until.duration_since(now).into())),
            _ => Ok(()),
        }
    }

    /// Counts an attempt without a right key; gives what it is to be answered with.
    pub(crate) fn failed(&self, address: Option<IpAddr>) -> Problem {
        self.note(address).unwrap_or_else(Problem::unauthorized)
    }

    /// The same of an attempt that has an answer of its own, while its address has attempts left.
    pub(crate) fn note(&self, address: Option<IpAddr>) -> Option<Problem> {
        let limiter = self.limiter.as_ref()?;
        let address = if limiter.len() < ADDRESSES_MAX { counted_as(address) } else { ANYBODY };
        let not_until = limiter.check_key(&address).err()?;
        let mut shut = self.shut.write().unwrap_or_else(PoisonError::into_inner);
        if shut.len() < ADDRESSES_MAX {
            shut.insert(address, not_until.earliest_possible());
        }
        Some(refusal(not_until.wait_time_from(self.clock.now())))
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

fn refusal(wait: std::time::Duration) -> Problem {
    let text = "Too many failed authentications";
    Problem::of(StatusCode::TOO_MANY_REQUESTS, text).retry_after(whole_seconds(wait))
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
    use std::time::Duration;

    use axum::response::IntoResponse as _;
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn strangers(per_minute: u32) -> (Strangers<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (Strangers::with_clock(per_minute, clock.clone()), clock)
    }

    fn from(address: &str) -> Option<IpAddr> {
        Some(address.parse().unwrap())
    }

    fn status(problem: &Problem) -> u16 {
        problem.clone().into_response().status().as_u16()
    }

    #[test]
    fn beyond_its_budget_an_address_is_not_listened_to_until_the_next_attempt_is_due() {
        let (strangers, clock) = strangers(30);
        let (one, other) = (from("203.0.113.7"), from("203.0.113.8"));
        for _ in 0..30 {
            assert_eq!(status(&strangers.failed(one)), 401);
            assert!(strangers.check(one).is_ok());
        }
        assert_eq!(status(&strangers.failed(one)), 429);
        assert_eq!(status(&strangers.check(one).unwrap_err()), 429);
        assert!(strangers.check(other).is_ok(), "another address is another party");
        clock.advance(Duration::from_millis(1999));
        assert!(strangers.check(one).is_err());
        clock.advance(Duration::from_millis(1));
        assert!(strangers.check(one).is_ok());
        assert_eq!([status(&strangers.failed(one)), status(&strangers.failed(one))], [401, 429]);
    }

    #[test]
    fn an_address_that_is_quiet_for_a_minute_is_forgotten_and_has_its_budget_back() {
        let (strangers, clock) = strangers(2);
        let one = from("203.0.113.7");
        for expected in [401, 401, 429] {
            assert_eq!(status(&strangers.failed(one)), expected);
        }
        clock.advance(Duration::from_secs(121));
        strangers.forget_idle();
        assert!(strangers.shut.read().unwrap().is_empty());
        assert_eq!(strangers.limiter.as_ref().unwrap().len(), 0);
        assert_eq!([status(&strangers.failed(one)), status(&strangers.failed(one))], [401, 401]);
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
        for _ in 0..1000 {
            assert_eq!(status(&strangers.failed(None)), 401);
        }
    }
}

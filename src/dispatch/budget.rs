//! Budgets: how many calls a minute an upstream takes from us, by what they do there.
//!
//! They wait for nobody and queue nothing: who calls takes what it may, or is told when there is
//! something again. Deliveries, look-ups and polls of one adapter share one [`Budget`].
//!
//! Invariant: in no sixty seconds more calls of a class are let through than the limit says. A tenth
//! of it may come as one burst, so that a few tickets at once do not wait for each other; the rest
//! comes evenly. The price is that a full queue goes at about nine tenths of the limit.

use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use omnihub_contract::Effect;
use tokio::time::Instant;

const MINUTE: Duration = Duration::from_secs(60);

/// What part of a limit may come as one burst.
const BURST_SHARE: u32 = 10;

/// What one upstream takes from us; none is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Creates in a minute.
    pub create_per_minute: Option<NonZeroU32>,
    /// Questions in a minute: look-ups and polls.
    pub read_per_minute: Option<NonZeroU32>,
    /// Everything else in a minute.
    pub update_per_minute: Option<NonZeroU32>,
    /// Creates under way at once, beside the bound on all attempts.
    pub create_concurrency: Option<NonZeroUsize>,
}

/// What is left of the limits of one adapter. Cheap to clone; all clones are the same budget.
#[derive(Clone, Debug)]
pub struct Budget(Arc<Buckets>);

#[derive(Debug)]
struct Buckets {
    create: Option<Bucket>,
    read: Option<Bucket>,
    change: Option<Bucket>,
}

#[derive(Debug)]
struct Bucket {
    limiter: Limiter,
    /// Between two calls once the burst is used up.
    interval: Duration,
    known: Mutex<Known>,
}

/// What is known of the limiter, which can be asked only by taking: never more than there is.
#[derive(Debug)]
struct Known {
    left: u32,
    next: Instant,
}

type Limiter = RateLimiter<NotKeyed, InMemoryState, Since, StateInformationMiddleware>;

impl Budget {
    /// A budget of which nothing is used.
    pub fn new(limits: &Limits) -> Self {
        let bucket = |per_minute: Option<NonZeroU32>| per_minute.map(Bucket::new);
        Self(Arc::new(Buckets {
            create: bucket(limits.create_per_minute),
            read: bucket(limits.read_per_minute),
            change: bucket(limits.update_per_minute),
        }))
    }

    /// Takes one call of this class.
    ///
    /// # Errors
    /// None is left: how long until there is one. Nothing was taken then.
    pub fn try_take(&self, class: Effect) -> Result<(), Duration> {
        self.bucket(class).map_or(Ok(()), Bucket::take)
    }

    /// Takes one call of this class, and waits for it as long as that takes.
    pub async fn take(&self, class: Effect) {
        while let Err(wait) = self.try_take(class) {
            tokio::time::sleep(wait).await;
        }
    }

    /// How many calls of this class can surely be taken now, without taking them.
    ///
    /// # Errors
    /// None: the moment from which on there is one.
    pub fn room(&self, class: Effect) -> Result<usize, Instant> {
        let Some(bucket) = self.bucket(class) else { return Ok(usize::MAX) };
        let known = bucket.known();
        match known.left {
            0 if Instant::now() < known.next => Err(known.next),
            left => Ok(usize::try_from(left.max(1)).unwrap_or(usize::MAX)),
        }
    }

    fn bucket(&self, class: Effect) -> Option<&Bucket> {
        match class {
            Effect::Create => self.0.create.as_ref(),
            Effect::Read => self.0.read.as_ref(),
            Effect::Change | Effect::Status => self.0.change.as_ref(),
        }
    }
}

impl Bucket {
    fn new(per_minute: NonZeroU32) -> Self {
        let burst = NonZeroU32::new(per_minute.get() / BURST_SHARE).unwrap_or(NonZeroU32::MIN);
        // A burst, and then so many evenly, are the limit in the first minute and in every other.
        let interval = MINUTE / (per_minute.get() - burst.get() + 1);
        let interval = interval.max(Duration::from_nanos(1));
        let quota = Quota::with_period(interval)
            .unwrap_or(Quota::per_minute(per_minute))
            .allow_burst(burst);
        let clock = Since(Instant::now());
        Self {
            limiter: RateLimiter::direct_with_clock(quota, clock)
                .with_middleware::<StateInformationMiddleware>(),
            interval,
            known: Mutex::new(Known { left: burst.get(), next: clock.0 }),
        }
    }

    fn take(&self) -> Result<(), Duration> {
        use governor::clock::Clock as _;
        let mut known = self.known();
        let clock = self.limiter.clock();
        match self.limiter.check() {
            Ok(taken) => {
                let left = taken.remaining_burst_capacity();
                *known = Known { left, next: Instant::now() + self.interval };
                Ok(())
            }
            Err(not_until) => {
                // Timers have whole milliseconds: never wake a moment too early.
                let wait = not_until.wait_time_from(clock.now()) + Duration::from_millis(1);
                *known = Known { left: 0, next: Instant::now() + wait };
                Err(wait)
            }
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tokio's clock, which tests and simulations can stop, as the limiter reads it: nanoseconds since then.
#[derive(Clone, Copy, Debug)]
struct Since(Instant);

impl governor::clock::Clock for Since {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.0.elapsed().into()
    }
}

#[cfg(test)]
mod tests;

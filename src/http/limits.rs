//! Requests a minute and key (contract §1.1): a full minute may come as one burst. Claims count as
//! creates; every authenticated request counts.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, QuantaClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use http::StatusCode;

use super::reply::Problem;
use crate::access::{Key, Permission};

/// Most requests a minute and key, by class; zero refuses everything.
#[derive(Clone, Copy, Debug)]
pub struct PerMinute {
    /// Claims and tickets.
    pub create: u32,
    /// Status and details.
    pub read: u32,
    /// Comments, attachments, status.
    pub update: u32,
}

/// The limiters of each class, by key id.
pub struct Limits {
    create: Option<DefaultKeyedRateLimiter<String>>,
    read: Option<DefaultKeyedRateLimiter<String>>,
    update: Option<DefaultKeyedRateLimiter<String>>,
    clock: QuantaClock,
}

impl Limits {
    /// Limiters that have seen nothing yet.
    pub fn new(per_minute: PerMinute) -> Self {
        let limiter = |count| {
            NonZeroU32::new(count)
                .map(|count| DefaultKeyedRateLimiter::keyed(Quota::per_minute(count)))
        };
        Self {
            create: limiter(per_minute.create),
            read: limiter(per_minute.read),
            update: limiter(per_minute.update),
            clock: QuantaClock::default(),
        }
    }

    /// Forgets keys that have not been used for a while. To be called now and then.
    pub fn forget_idle(&self) {
        for limiter in [&self.create, &self.read, &self.update].into_iter().flatten() {
            limiter.retain_recent();
        }
    }
}

/// Counts a request, or says when to come again.
pub(crate) fn check(limits: &Limits, key: &Key, class: Permission) -> Result<(), Problem> {
    let limiter = match class {
        Permission::Create => &limits.create,
        Permission::Read => &limits.read,
        Permission::Update => &limits.update,
    };
    let wait = match limiter {
        None => Duration::from_secs(60),
        Some(limiter) => match limiter.check_key(&key.id) {
            Ok(()) => return Ok(()),
            Err(not_until) => not_until.wait_time_from(limits.clock.now()),
        },
    };
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    Err(Problem::of(StatusCode::TOO_MANY_REQUESTS, "Rate limit exceeded").retry_after(seconds))
}

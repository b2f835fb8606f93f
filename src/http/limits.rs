//! Requests a minute and key (contract §1.1), and how a client is told where it stands.
//!
//! A full minute may come as one burst; claims count as creates. Every request with a right key
//! counts, whatever becomes of it, and its answer says how many are left
//! (draft-ietf-httpapi-ratelimit-headers: one policy a class, named as the permission).

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::response::Response;
use governor::clock::{Clock as _, QuantaClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::reply::Problem;
use crate::access::{Key, Permission, whole_seconds};

const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The window of every policy.
const MINUTE_S: u64 = 60;

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

type Limiter =
    RateLimiter<String, DefaultKeyedStateStore<String>, QuantaClock, StateInformationMiddleware>;

/// The limiters of each class, by key id.
pub struct Limits {
    create: Class,
    read: Class,
    update: Class,
    clock: QuantaClock,
}

/// A class: one limiter for all keys without a limit of their own, and one for each other limit.
struct Class {
    per_minute: u32,
    limiter: Option<Limiter>,
    /// As many as there are different limits among keys: operators give them, clients cannot.
    others: RwLock<BTreeMap<NonZeroU32, Arc<Limiter>>>,
}

impl Limits {
    /// Limiters that have seen nothing yet.
    pub fn new(per_minute: PerMinute) -> Self {
        Self {
            create: Class::new(per_minute.create),
            read: Class::new(per_minute.read),
            update: Class::new(per_minute.update),
            clock: QuantaClock::default(),
        }
    }

    /// Forgets keys that have not been used for a while. To be called now and then.
    pub fn forget_idle(&self) {
        for class in [&self.create, &self.read, &self.update] {
            class.forget_idle();
        }
    }

    fn class(&self, class: Permission) -> &Class {
        match class {
            Permission::Create => &self.create,
            Permission::Read | Permission::Operate => &self.read,
            Permission::Update => &self.update,
        }
    }
}

impl Class {
    fn new(per_minute: u32) -> Self {
        let limiter = NonZeroU32::new(per_minute).map(limiter);
        Self { per_minute, limiter, others: RwLock::default() }
    }

    /// Counts a request: how many are left, or how long to wait.
    fn count(&self, key: &str, per_minute: u32, clock: &QuantaClock) -> Result<u32, Duration> {
        let Some(count) = NonZeroU32::new(per_minute) else {
            return Err(Duration::from_secs(MINUTE_S));
        };
        match &self.limiter {
            Some(limiter) if per_minute == self.per_minute => counted(limiter, key, clock),
            _ => counted(&self.other(count), key, clock),
        }
    }

    fn other(&self, count: NonZeroU32) -> Arc<Limiter> {
        let others = self.others.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(limiter) = others.get(&count) {
            return Arc::clone(limiter);
        }
        drop(others);
        let mut others = self.others.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(others.entry(count).or_insert_with(|| Arc::new(limiter(count))))
    }

    fn forget_idle(&self) {
        if let Some(limiter) = &self.limiter {
            limiter.retain_recent();
        }
        let mut others = self.others.write().unwrap_or_else(PoisonError::into_inner);
        others.retain(|_, limiter| {
            limiter.retain_recent();
            !limiter.is_empty()
        });
    }
}

fn limiter(per_minute: NonZeroU32) -> Limiter {
    RateLimiter::keyed(Quota::per_minute(per_minute))
        .with_middleware::<StateInformationMiddleware>()
}

fn counted(limiter: &Limiter, key: &str, clock: &QuantaClock) -> Result<u32, Duration> {
    match limiter.check_key(&key.to_owned()) {
        Ok(snapshot) => Ok(snapshot.remaining_burst_capacity()),
        Err(not_until) => Err(not_until.wait_time_from(clock.now())),
    }
}

/// Where a key stands within a class, this request counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    class: &'static str,
    /// Requests a minute.
    quota: u32,
    /// Requests that are left now, or the seconds after which there is one.
    left: Result<u32, u64>,
}

/// Counts a request of this key.
pub(crate) fn count(limits: &Limits, key: &Key, class: Permission) -> Standing {
    let of_class = limits.class(class);
    let quota = key.per_minute.of(class).unwrap_or(of_class.per_minute);
    let left = of_class.count(&key.id, quota, &limits.clock).map_err(whole_seconds);
    Standing { class: class.as_str(), quota, left }
}

impl Standing {
    /// Refuses what is beyond the limit.
    pub(crate) fn check(self) -> Result<(), Problem> {
        self.left.map(drop).map_err(|seconds| {
            Problem::of(StatusCode::TOO_MANY_REQUESTS, "Rate limit exceeded").retry_after(seconds)
        })
    }

    /// Says so in the answer; in a refusal, which is no answer yet, through the refusal.
    pub(crate) fn tell(self, mut response: Response) -> Response {
        match response.extensions_mut().remove::<Problem>() {
            Some(problem) => drop(response.extensions_mut().insert(problem.standing(self))),
            None => self.write(response.headers_mut()),
        }
        response
    }

    /// The two headers.
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        let Self { class, quota, left } = self;
        let policy = format!("\"{class}\";q={quota};w={MINUTE_S}");
        let limit = format!("\"{class}\";r={};t={}", left.unwrap_or(0), self.reset_s());
        for (name, text) in [(RATELIMIT_POLICY, policy), (RATELIMIT, limit)] {
            headers.extend(HeaderValue::try_from(text).map(|value| (name, value)));
        }
    }

    /// Seconds until the whole quota is there again; for a refusal the time in `Retry-After`, which
    /// the draft wants to be the same.
    fn reset_s(self) -> u64 {
        let used = |left: u32| u64::from(self.quota.saturating_sub(left));
        match self.left {
            Ok(left) => (used(left) * MINUTE_S).div_ceil(u64::from(self.quota.max(1))),
            Err(seconds) => seconds,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_headers(standing: Standing, policy: &str, limit: &str) {
        let mut headers = HeaderMap::new();
        standing.write(&mut headers);
        assert_eq!(headers["ratelimit-policy"], policy);
        assert_eq!(headers["ratelimit"], limit);
    }

    #[test]
    fn the_headers_are_structured_fields_with_what_is_left() {
        let standing = |quota, left| Standing { class: "create", quota, left };
        let policy = "\"create\";q=100;w=60";
        check_headers(standing(100, Ok(100)), policy, "\"create\";r=100;t=0");
        check_headers(standing(100, Ok(72)), policy, "\"create\";r=72;t=17");
        check_headers(standing(100, Ok(0)), policy, "\"create\";r=0;t=60");
        check_headers(standing(100, Err(1)), policy, "\"create\";r=0;t=1");
        check_headers(standing(0, Err(60)), "\"create\";q=0;w=60", "\"create\";r=0;t=60");
    }

    #[test]
    fn a_wait_is_whole_seconds_and_never_none() {
        for (wait, seconds) in [(0, 1), (1, 1), (1000, 1), (1001, 2), (59_999, 60)] {
            assert_eq!(whole_seconds(Duration::from_millis(wait)), seconds, "{wait} ms");
        }
    }

    #[test]
    fn each_limit_counts_by_itself_and_idle_keys_are_forgotten() {
        let class = Class::new(2);
        let clock = QuantaClock::default();
        let count = |key, per_minute| class.count(key, per_minute, &clock).ok();
        assert_eq!([count("a", 2), count("a", 2), count("a", 2)], [Some(1), Some(0), None]);
        assert_eq!([count("b", 2), count("a", 1), count("a", 1)], [Some(1), Some(0), None]);
        assert_eq!(count("a", 0), None);
        class.forget_idle();
        assert_eq!(class.others.read().unwrap().len(), 1, "used a moment ago");
    }
}

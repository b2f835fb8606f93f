//! Faults on demand: which call is to fail, how, and how often.
//!
//! Deciding is pure but for the counters of each rule; carrying a fault out is the server's.
//!
//! Invariants:
//! - Rules are tried in their order; the first that fires decides, but a delay lets the rules after
//!   it be tried too.
//! - The same rules and the same calls in the same order give the same faults.

use std::num::NonZeroU64;
use std::sync::Mutex;

use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

use crate::ids::mix;
use crate::ring::lock;

mod matching;
mod wire;

pub(crate) use matching::Call;
use matching::Matcher;
pub use wire::BadRule;

/// A rule that makes calls fail.
#[derive(Clone, Debug)]
pub struct FaultRule {
    matcher: Matcher,
    what: What,
    times: Option<NonZeroU64>,
    every: Option<NonZeroU64>,
    probability: Option<(f64, u64)>,
}

/// What happens to a call.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// It is answered with this instead of the stand-in's own answer.
    Status {
        /// The HTTP status.
        status: StatusCode,
        /// A JSON value, or a string for a body that is not JSON; none for an empty body.
        body: Option<Value>,
        /// Headers beside the content type.
        headers: Vec<(HeaderName, HeaderValue)>,
        /// Whether the work is done all the same before the answer leaves.
        after: bool,
    },
    /// It waits so many milliseconds, then goes on (at most [`What::DELAY_MS_MAX`]).
    Delay(u64),
    /// The connection is closed before anything is done.
    DropBefore,
    /// The work is done, and the connection is closed without an answer.
    DropAfter,
    /// Nothing is done, and the connection stays open without an answer.
    Hang,
    /// It is answered with 429 and this `Retry-After`, in seconds.
    Throttle(u64),
}

impl What {
    /// Ten minutes: longer than any timeout worth testing.
    pub const DELAY_MS_MAX: u64 = 600_000;

    /// An answer with this status and nothing in it, instead of the work.
    pub const fn status(status: StatusCode) -> Self {
        Self::Status { status, body: None, headers: Vec::new(), after: false }
    }

    /// The same with a body.
    pub const fn status_with(status: StatusCode, body: Value) -> Self {
        Self::Status { status, body: Some(body), headers: Vec::new(), after: false }
    }
}

impl FaultRule {
    /// A rule for every call, without end.
    pub fn new(what: What) -> Self {
        Self { matcher: Matcher::default(), what, times: None, every: None, probability: None }
    }

    /// Only for calls that this text names; the forms are those of `on` in the README.
    #[must_use]
    pub fn on(mut self, on: &str) -> Self {
        self.matcher = Matcher::from(on);
        self
    }

    /// Only so many times.
    #[must_use]
    pub fn times(mut self, times: NonZeroU64) -> Self {
        self.times = Some(times);
        self
    }

    /// Only each nth of the matching calls.
    #[must_use]
    pub fn every(mut self, every: NonZeroU64) -> Self {
        self.every = Some(every);
        self
    }

    /// Only with this probability (0 to 1), by a generator with this seed.
    #[must_use]
    pub fn probability(mut self, probability: f64, seed: u64) -> Self {
        self.probability = Some((probability.clamp(0.0, 1.0), seed));
        self
    }
}

/// What was decided about one call.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) delay_ms: u64,
    pub(crate) what: Option<What>,
}

/// The rules of one system, with how often each matched and fired.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<Armed>>);

struct Armed {
    rule: FaultRule,
    matched: u64,
    fired: u64,
}

impl Faults {
    pub(crate) fn replace(&self, rules: Vec<FaultRule>) {
        let armed = rules.into_iter().map(|rule| Armed { rule, matched: 0, fired: 0 });
        *lock(&self.0) = armed.collect();
    }

    /// Whether some rule looks into bodies, so that a call must be read before it is judged.
    pub(crate) fn read_bodies(&self) -> bool {
        lock(&self.0).iter().any(|armed| armed.rule.matcher.reads_body())
    }

    pub(crate) fn judge(&self, call: &Call<'_>) -> Verdict {
        let mut verdict = Verdict::default();
        for armed in lock(&self.0).iter_mut() {
            if !armed.fires(call) {
                continue;
            }
            match &armed.rule.what {
                What::Delay(milliseconds) => verdict.delay_ms += milliseconds,
                what => {
                    verdict.what = Some(what.clone());
                    return verdict;
                }
            }
        }
        verdict
    }

    /// The rules as they were set, with their counters.
    pub(crate) fn to_json(&self) -> Value {
        let rules = lock(&self.0);
        rules.iter().map(|armed| wire::show(&armed.rule, armed.matched, armed.fired)).collect()
    }
}

impl Armed {
    fn fires(&mut self, call: &Call<'_>) -> bool {
        let is_spent = self.rule.times.is_some_and(|times| self.fired >= times.get());
        if is_spent || !self.rule.matcher.matches(call) {
            return false;
        }
        self.matched += 1;
        let is_turn = self.rule.every.is_none_or(|every| self.matched.is_multiple_of(every.get()));
        let fires =
            is_turn && self.rule.probability.is_none_or(|chance| draw(chance, self.matched));
        self.fired += u64::from(fires);
        fires
    }
}

/// Whether the nth draw with this probability and seed wins.
fn draw((probability, seed): (f64, u64), nth: u64) -> bool {
    // 32 of the bits are enough for a probability, and a u32 converts to f64 without loss.
    let bits = u32::try_from(mix(seed ^ mix(nth)) >> 32).unwrap_or(u32::MAX);
    f64::from(bits) / (f64::from(u32::MAX) + 1.0) < probability
}

#[cfg(test)]
mod tests;

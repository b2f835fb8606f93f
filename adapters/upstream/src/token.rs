//! A token that is got by logging in: kept, renewed, and asked for by one caller at a time.
//!
//! It does not know how to log in, and takes no time of its own.
//!
//! Invariants:
//! - However many callers need a token at once, one of them logs in; the others share what came of
//!   it, also when it failed.
//! - A token that an upstream has turned away is renewed once, not by each caller that it was
//!   turned away from.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::HeaderValue;
use jiff::{SignedDuration, Timestamp};
use omnihub_contract::{Failure, Secret};
use tokio::sync::Mutex;

/// Renewed so long before it ends, so that it does not end on its way.
const MARGIN: SignedDuration = SignedDuration::from_secs(30);

/// Life of a token whose end nobody can read. Short, because a refused call is the only other sign.
const SHORT_LIFE: Duration = Duration::from_secs(300);

/// A token, as the header value that carries it.
#[derive(Clone)]
pub struct Token {
    header: HeaderValue,
    expiry: Expiry,
    login: u64,
}

/// When a token ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// At this time.
    At(Timestamp),
    /// So long after its first use.
    In(Duration),
    /// Not said, or not readable: a short life from its first use.
    Unsaid,
}

impl Token {
    /// A token that is sent as `Authorization: Bearer …`; `None` where no header can carry it.
    pub fn bearer(text: &str, expiry: Expiry) -> Option<Self> {
        let mut header = HeaderValue::from_str(&format!("Bearer {text}")).ok()?;
        header.set_sensitive(true);
        Some(Self { header, expiry, login: 0 })
    }

    /// The value of the `Authorization` header.
    pub fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    /// The token alone, for taking it out of words.
    pub fn secret(&self) -> Secret {
        let text = self.header.to_str().unwrap_or_default();
        Secret::from(text.strip_prefix("Bearer ").unwrap_or(text))
    }

    fn is_fresh(&self, now: Option<Timestamp>) -> bool {
        match (self.expiry, now) {
            (Expiry::At(end), Some(now)) => MARGIN < end.duration_since(now),
            // Without a clock the upstream tells: it turns an ended token away.
            (_, None) | (Expiry::In(_) | Expiry::Unsaid, _) => true,
        }
    }

    /// Fixes an end that nobody said, or that is past on arrival by a clock that is not ours.
    fn settle(&mut self, now: Option<Timestamp>, is_new: bool) {
        let Some(now) = now else { return };
        let after = |life| Expiry::At(now.checked_add(life).unwrap_or(Timestamp::MAX));
        match self.expiry {
            Expiry::In(life) => self.expiry = after(life),
            Expiry::Unsaid => self.expiry = after(SHORT_LIFE),
            Expiry::At(_) => {}
        }
        if is_new && !self.is_fresh(Some(now)) {
            self.expiry = after(SHORT_LIFE);
        }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("expiry", &self.expiry).finish_non_exhaustive()
    }
}

/// The token of one upstream.
#[derive(Debug, Default)]
pub struct TokenCache {
    logins: AtomicU64,
    last: Mutex<Option<Result<Token, Failure>>>,
}

impl TokenCache {
    /// The token to use now, got by `login` where there is none, it has ended, or it is the one that
    /// was `turned_away`. Without a time (probes have none) a token counts as good until it is turned away.
    ///
    /// # Errors
    /// What `login` failed with, also where another caller made that login meanwhile.
    pub async fn token(
        &self,
        now: Option<Timestamp>,
        turned_away: Option<&Token>,
        login: impl AsyncFnOnce() -> Result<Token, Failure>,
    ) -> Result<Token, Failure> {
        let seen = self.logins.load(Ordering::Acquire);
        let mut last = self.last.lock().await;
        let logins = self.logins.load(Ordering::Acquire);
        match &mut *last {
            Some(Ok(token)) => {
                token.settle(now, false);
                if token.is_fresh(now) && turned_away.is_none_or(|old| old.login != token.login) {
                    return Ok(token.clone());
                }
            }
            Some(Err(failure)) if seen != logins => return Err(failure.clone()),
            Some(Err(_)) | None => {}
        }
        let outcome = login().await.map(|mut token| {
            token.login = logins + 1;
            token.settle(now, true);
            token
        });
        self.logins.store(logins + 1, Ordering::Release);
        *last = Some(outcome.clone());
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use omnihub_contract::Fault;
    use std::cell::Cell;
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    fn at(second: i64) -> Option<Timestamp> {
        Timestamp::from_second(second).ok()
    }

    fn token(expiry: Expiry) -> Token {
        Token::bearer("t", expiry).unwrap()
    }

    /// How many logins there are when the cache is asked at these seconds, in turn.
    #[track_caller]
    fn check_logins(expiry: Expiry, asked_at: &[i64], expected: u32) {
        let cache = TokenCache::default();
        let logins = Cell::new(0);
        for second in asked_at {
            ready(cache.token(at(*second), None, async || {
                logins.set(logins.get() + 1);
                Ok(token(expiry))
            }))
            .unwrap();
        }
        assert_eq!(logins.get(), expected);
    }

    /// The outcome of a future that never waits.
    #[track_caller]
    fn ready<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => panic!("waits"),
        }
    }

    #[test]
    fn a_token_is_kept_until_shortly_before_its_end() {
        let end = Expiry::At(Timestamp::from_second(1000).unwrap());
        check_logins(end, &[0, 500, 969], 1);
        check_logins(end, &[0, 971], 2);
    }

    #[test]
    fn a_token_without_a_readable_end_lives_shortly_and_one_with_a_life_lives_that_long() {
        check_logins(Expiry::Unsaid, &[0, 100, 269], 1);
        check_logins(Expiry::Unsaid, &[0, 271], 2);
        let hour = Expiry::In(Duration::from_secs(3600));
        check_logins(hour, &[0, 270, 3569], 1);
        check_logins(hour, &[0, 3571], 2);
        // By the upstream's clock it ended before it came.
        check_logins(Expiry::At(Timestamp::from_second(-9).unwrap()), &[0, 100, 269], 1);
    }

    #[test]
    fn a_token_that_was_turned_away_is_renewed_once() {
        let cache = TokenCache::default();
        let end = Expiry::At(Timestamp::from_second(1000).unwrap());
        let old = ready(cache.token(at(0), None, async || Ok(token(end)))).unwrap();
        let new = ready(cache.token(at(1), Some(&old), async || Ok(token(end)))).unwrap();
        let third =
            ready(cache.token(at(1), Some(&old), async || panic!("logs in again"))).unwrap();
        assert_eq!((old.login, new.login, third.login), (1, 2, 2));
    }

    #[test]
    fn those_who_wait_for_a_login_share_its_failure() {
        let cache = TokenCache::default();
        let (mut tell, told) = (None, Cell::new(false));
        let mut first = pin!(cache.token(at(0), None, async || {
            std::future::poll_fn(|_| if told.get() { Poll::Ready(()) } else { Poll::Pending })
                .await;
            Err(Failure::new(Fault::Unavailable, "down"))
        }));
        let mut second = pin!(cache.token(at(0), None, async || panic!("logs in too")));
        let context = &mut Context::from_waker(Waker::noop());
        assert!(first.as_mut().poll(context).is_pending());
        assert!(second.as_mut().poll(context).is_pending());
        told.set(true);
        if let Poll::Ready(outcome) = first.as_mut().poll(context) {
            tell = Some(outcome);
        }
        assert!(matches!(tell, Some(Err(_))));
        assert!(matches!(second.as_mut().poll(context), Poll::Ready(Err(_))));
        // The next one tries for itself.
        assert!(ready(cache.token(at(0), None, async || Ok(token(Expiry::Unsaid)))).is_ok());
    }

    #[test]
    fn a_token_cannot_be_printed() {
        let shown = format!("{:?}", Token::bearer("geheim", Expiry::Unsaid).unwrap());
        assert!(!shown.contains("geheim"));
    }
}

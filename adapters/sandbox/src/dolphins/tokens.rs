//! The login and its tokens (domain 1.1).

use std::collections::VecDeque;
use std::time::Duration;

use axum::extract::State;
use bytes::Bytes;
use http::StatusCode;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;

use super::{BAD_BODY, Desk, UNAUTHORIZED};
use crate::answer::Answer;
use crate::ring::lock;
use crate::settings::Credentials;

/// A client holds one token; a storm of logins must not fill the memory.
const TOKENS_MAX: usize = 1000;

pub(super) struct Tokens {
    life: Duration,
    good: VecDeque<(String, Timestamp)>,
}

impl Tokens {
    pub(super) fn new(life: Duration) -> Self {
        Self { life, good: VecDeque::new() }
    }

    pub(super) fn is_good(&self, token: &str, now: Timestamp) -> bool {
        // The newest is the one in use.
        let mut newest_first = self.good.iter().rev();
        newest_first.find(|(known, _)| known == token).is_some_and(|(_, until)| now < *until)
    }

    pub(super) fn clear(&mut self) {
        self.good.clear();
    }

    /// Adds a token; says until when it is good.
    fn add(&mut self, token: String, now: Timestamp) -> Timestamp {
        let life = SignedDuration::try_from(self.life).unwrap_or(SignedDuration::MAX);
        let until = now.checked_add(life).unwrap_or(Timestamp::MAX);
        if self.good.len() >= TOKENS_MAX {
            self.good.pop_front();
        }
        self.good.push_back((token, until));
        until
    }
}

#[derive(Deserialize)]
struct Login {
    username: String,
    password: String,
}

pub(super) async fn login(State(dolphins): Desk, body: Bytes) -> Answer {
    let Ok(Login { username, password }) = serde_json::from_slice(&body) else {
        return Answer::html(StatusCode::BAD_REQUEST, BAD_BODY).because("refused: no login");
    };
    let Credentials { dolphins_username, dolphins_password, .. } = Credentials::SANDBOX;
    if (username.as_str(), password.as_str()) != (dolphins_username, dolphins_password) {
        return Answer::html(StatusCode::UNAUTHORIZED, UNAUTHORIZED).because("refused: login");
    }
    let token = dolphins.ids.hex32();
    let until = lock(&dolphins.tokens).add(token.clone(), (dolphins.clock)());
    Answer::json(StatusCode::OK, &json!({"token": token, "expireAt": java_zoned(until)}))
}

/// West Indonesia Time, which the samples prove (contract part 3).
pub(super) fn wib(at: Timestamp) -> DateTime {
    Offset::constant(7).to_datetime(at)
}

/// As Java's `ZonedDateTime.toString` prints it: without seconds that are zero, and with no more
/// than three digits of a fraction.
fn java_zoned(at: Timestamp) -> String {
    let local = wib(at);
    let clock = match (local.second(), local.millisecond()) {
        (0, 0) => "%H:%M",
        (_, 0) => "%H:%M:%S",
        _ => "%H:%M:%S%.3f",
    };
    format!("{}+07:00[Asia/Jakarta]", local.strftime(&format!("%Y-%m-%dT{clock}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_printed(at: &str, expected: &str) {
        assert_eq!(java_zoned(at.parse().unwrap()), expected);
    }

    #[test]
    fn an_expiry_is_printed_as_java_does() {
        check_printed("2020-10-22T10:40:55.372Z", "2020-10-22T17:40:55.372+07:00[Asia/Jakarta]");
        check_printed("2020-10-22T10:40:55Z", "2020-10-22T17:40:55+07:00[Asia/Jakarta]");
        check_printed("2020-10-22T10:40:00Z", "2020-10-22T17:40+07:00[Asia/Jakarta]");
        check_printed("2020-10-22T10:40:00.5Z", "2020-10-22T17:40:00.500+07:00[Asia/Jakarta]");
    }
}

//! Logging in: name and password for a token with an end.
//!
//! Nothing of a delivery is sent while logging in, so no login failure is of unknown outcome.

use http::Method;
use omnihub_contract::{ExposeSecret, Failure, Fault};
use omnihub_upstream::{Address, Answer, Call, Client, Expiry, Token, fault_of, find, json, word};
use serde::Serialize;
use serde_json::Value;

use crate::settings::Settings;

/// The body, in the vendor's order.
#[derive(Serialize)]
struct Credentials<'a> {
    username: &'a str,
    password: &'a str,
}

/// Asks for a token.
pub(crate) async fn login(
    client: &Client,
    to: &Address,
    settings: &Settings,
) -> Result<Token, Failure> {
    let body = json(&Credentials {
        username: &settings.username,
        password: settings.password.expose_secret(),
    })?;
    let answer =
        client.send(Call::new(Method::POST, to).json(body)).await.map_err(|failure| Failure {
            fault: Fault::Unavailable,
            message: format!("login: {}", failure.message),
            ..failure
        })?;
    match fault_of(answer.status) {
        None => token(&answer),
        // Of an answer to a login nothing is relayed: it may repeat the password.
        Some(fault) => Err(answer.failure(fault_of_login(fault), "the login was turned away")),
    }
}

fn fault_of_login(fault: Fault) -> Fault {
    match fault {
        // There is nothing in a login but the credentials.
        Fault::Refused => Fault::Unauthorized,
        Fault::Unknown | Fault::Unreadable => Fault::Unavailable,
        other => other,
    }
}

fn token(answer: &Answer) -> Result<Token, Failure> {
    let Some(body) = answer.json() else {
        return Err(answer.failure(Fault::Unavailable, "the login answered with no JSON"));
    };
    let member = |name: &str| {
        let nested = || find(&body, "data").and_then(|data| data.get(name));
        body.get(name).or_else(nested)
    };
    let expiry = member("expireAt").and_then(Value::as_str).map_or(Expiry::Unsaid, expiry);
    member("token")
        .and_then(word)
        .and_then(|text| Token::bearer(&text, expiry))
        .ok_or_else(|| answer.failure(Fault::Unauthorized, "the login gave no token"))
}

/// Reads Java's `ZonedDateTime.toString()`: RFC 3339 with a zone in brackets behind it, and without the
/// seconds where they are zero (domain 1.1).
fn expiry(text: &str) -> Expiry {
    let instant = text.split('[').next().unwrap_or_default().trim();
    instant.parse().map_or(Expiry::Unsaid, Expiry::At)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_expiry(text: &str, utc: Option<&str>) {
        let expected = utc.map_or(Expiry::Unsaid, |utc| Expiry::At(utc.parse().unwrap()));
        assert_eq!(expiry(text), expected, "{text}");
    }

    #[test]
    fn an_end_is_read_as_java_prints_it() {
        check_expiry(
            "2020-10-22T17:40:55.372+07:00[Asia/Jakarta]",
            Some("2020-10-22T10:40:55.372Z"),
        );
        check_expiry("2020-10-22T17:40+07:00[Asia/Jakarta]", Some("2020-10-22T10:40:00Z"));
        check_expiry("2020-10-22T17:40:55+07:00", Some("2020-10-22T10:40:55Z"));
        check_expiry("2020-10-22T10:40:55Z", Some("2020-10-22T10:40:55Z"));
        check_expiry("2020-10-22T17:40:55.123456789+07:00", Some("2020-10-22T10:40:55.123456789Z"));
    }

    #[test]
    fn an_end_that_cannot_be_read_is_unsaid() {
        for text in ["", "soon", "1603363255", "2020-10-22T17:40:55", "[Asia/Jakarta]"] {
            check_expiry(text, None);
        }
    }
}

//! Calls with a token that is got by logging in: a name and a password for a token with an end.
//!
//! Nothing of a delivery is sent while logging in, so no login failure is of unknown outcome.

use std::time::Duration;

use http::header::AUTHORIZATION;
use http::{HeaderValue, Method};
use jiff::Timestamp;
use omnihub_contract::{Draft, ExposeSecret, Failure, Fault, Secret};
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::address::Address;
use crate::answer::Answer;
use crate::bodies::json;
use crate::call::Call;
use crate::client::{BadSettings, Client};
use crate::faults::fault_of;
use crate::token::{Expiry, Token, TokenCache};
use crate::values::word;

const UNAUTHORIZED: u16 = 401;

/// How to log in: `POST` with two members, of which the answer has a token. Pointers are JSON pointers.
#[derive(Clone, Copy, Debug)]
pub struct Login<'s> {
    /// Where, after the base URL.
    pub path: &'s str,
    /// The first member, and whose name stands in it.
    pub name: (&'static str, &'s str),
    /// The second member, and what stands in it.
    pub password: (&'static str, &'s Secret),
    /// Where the token may stand; the first that is there counts.
    pub token: &'static [&'static str],
    /// How its end is said.
    pub end: End,
}

/// How the end of a token is said. Where it is not there, or cannot be read, it has a short life.
#[derive(Clone, Copy, Debug)]
pub enum End {
    /// Not at all.
    Unsaid,
    /// As a time (RFC 3339; Java's zone in brackets may follow) at one of these pointers.
    At(&'static [&'static str]),
    /// As seconds from now at one of these pointers.
    In(&'static [&'static str]),
}

/// The sessions of one system.
pub struct Session {
    to: Address,
    credentials: Credentials,
    token: &'static [&'static str],
    end: End,
    tokens: TokenCache,
}

impl Session {
    /// Logs in there when a token is first needed.
    pub fn new(client: &Client, login: Login<'_>) -> Result<Self, BadSettings> {
        let Login { path, name, password, token, end } = login;
        let credentials = Credentials {
            name: (name.0, name.1.to_owned()),
            password: (password.0, password.1.clone()),
        };
        Ok(Self {
            to: client.address(path)?,
            credentials,
            token,
            end,
            tokens: TokenCache::default(),
        })
    }

    /// The call as people may see it: without a token, which is only got for a call that is sent.
    pub fn draft(&self, call: Call) -> Draft {
        let call = call.header(AUTHORIZATION, HeaderValue::from_static("Bearer"));
        call.draft(&[&self.credentials.password.1])
    }

    /// Sends the call that `make` makes, with the token; once more, with a new one, where that is turned
    /// away. Without a time a token counts as good until it is.
    ///
    /// # Errors
    /// When there is no call, no token or no answer.
    pub async fn send(
        &self,
        client: &Client,
        at: Option<Timestamp>,
        make: impl Fn() -> Result<Call, Failure>,
    ) -> Result<(Answer, Token), Failure> {
        // Before the login: what makes no call needs none.
        let call = make()?;
        let token = self.tokens.token(at, None, async || self.log_in(client).await).await?;
        let answer = client.send(call.header(AUTHORIZATION, token.header())).await?;
        if answer.status != UNAUTHORIZED {
            return Ok((answer, token));
        }
        let token = self.tokens.token(at, Some(&token), async || self.log_in(client).await).await?;
        let answer = client.send(make()?.header(AUTHORIZATION, token.header())).await?;
        Ok((answer, token))
    }

    /// Logs in anew, whatever token there is.
    ///
    /// # Errors
    /// When it is turned away, or there is no token in the answer.
    pub async fn log_in(&self, client: &Client) -> Result<Token, Failure> {
        let call = Call::new(Method::POST, &self.to).json(json(&self.credentials)?);
        let answer = client.send(call).await.map_err(|failure| Failure {
            fault: Fault::Unavailable,
            message: format!("login: {}", failure.message),
            ..failure
        })?;
        match fault_of(answer.status) {
            None => self.token(&answer),
            // Of an answer to a login nothing is relayed: it may repeat the password.
            Some(fault) => Err(answer.failure(fault_of_login(fault), "the login was turned away")),
        }
    }

    fn token(&self, answer: &Answer) -> Result<Token, Failure> {
        let Some(body) = answer.json() else {
            return Err(answer.failure(Fault::Unavailable, "the login answered with no JSON"));
        };
        first(&body, self.token)
            .and_then(|text| Token::bearer(&text, self.end.read(&body)))
            .ok_or_else(|| answer.failure(Fault::Unauthorized, "the login gave no token"))
    }
}

impl End {
    fn read(self, body: &Value) -> Expiry {
        match self {
            Self::Unsaid => Expiry::Unsaid,
            Self::At(pointers) => first(body, pointers).map_or(Expiry::Unsaid, |text| at(&text)),
            Self::In(pointers) => {
                let seconds = first(body, pointers).and_then(|text| text.parse().ok());
                seconds.map_or(Expiry::Unsaid, |it| Expiry::In(Duration::from_secs(it)))
            }
        }
    }
}

fn first(body: &Value, pointers: &[&str]) -> Option<String> {
    pointers.iter().find_map(|pointer| body.pointer(pointer).and_then(word))
}

/// Reads Java's `ZonedDateTime.toString()` too: RFC 3339 with a zone in brackets behind it, and without
/// the seconds where they are zero (domain 1.1).
fn at(text: &str) -> Expiry {
    let instant = text.split('[').next().unwrap_or_default().trim();
    instant.parse().map_or(Expiry::Unsaid, Expiry::At)
}

fn fault_of_login(fault: Fault) -> Fault {
    match fault {
        // There is nothing in a login but the credentials.
        Fault::Refused => Fault::Unauthorized,
        Fault::Unknown | Fault::Unreadable => Fault::Unavailable,
        other => other,
    }
}

/// The two members, in the vendor's order.
struct Credentials {
    name: (&'static str, String),
    password: (&'static str, Secret),
}

impl Serialize for Credentials {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (name, password) = (&self.name, &self.password);
        serializer.collect_map([(name.0, &*name.1), (password.0, password.1.expose_secret())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check_expiry(text: &str, utc: Option<&str>) {
        let expected = utc.map_or(Expiry::Unsaid, |utc| Expiry::At(utc.parse().unwrap()));
        let end = End::At(&["/none", "/data/end"]);
        assert_eq!(end.read(&json!({"data": {"end": text}})), expected, "{text}");
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

    #[test]
    fn an_end_may_be_said_in_seconds_as_a_number_or_a_text() {
        let end = End::In(&["/expires_in"]);
        let hour = Expiry::In(Duration::from_secs(3600));
        for (said, expected) in [(json!(3600), hour), (json!("3600"), hour)] {
            assert_eq!(end.read(&json!({ "expires_in": said })), expected);
        }
        assert_eq!(end.read(&json!({"expires_in": -1})), Expiry::Unsaid);
        assert_eq!(End::Unsaid.read(&json!({"expires_in": 60})), Expiry::Unsaid);
    }
}

//! The form in which fault rules are set over HTTP.
//!
//! Unknown members are refused: a fault that is silently not set makes a test that proves nothing.

use std::fmt;
use std::num::NonZeroU64;

use http::{HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::matching::Matcher;
use super::{FaultRule, What};

/// More rules than this are a mistake, and every call would pay for them.
const RULES_MAX: usize = 100;

/// Why a list of rules was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRule(String);

impl fmt::Display for BadRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadRule {}

impl FaultRule {
    /// Reads rules as `PUT /sandbox/faults` takes them: a JSON list.
    ///
    /// # Errors
    /// What is wrong with which rule, in words for a person.
    pub fn parse_list(json: &[u8]) -> Result<Vec<Self>, BadRule> {
        let rules: Vec<Value> = serde_json::from_slice(json)
            .map_err(|error| BadRule(format!("not a JSON list of rules: {error}")))?;
        if rules.len() > RULES_MAX {
            return Err(BadRule(format!("{} rules; at most {RULES_MAX} are taken", rules.len())));
        }
        let numbered = rules.into_iter().enumerate();
        numbered
            .map(|(index, rule)| parse(rule).map_err(|why| BadRule(format!("rule {index}: {why}"))))
            .collect()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleWire {
    on: Option<String>,
    what: Value,
    times: Option<NonZeroU64>,
    every: Option<NonZeroU64>,
    probability: Option<f64>,
    seed: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StatusWire {
    status: u16,
    body: Option<Value>,
    #[serde(default)]
    headers: Map<String, Value>,
    #[serde(default)]
    after: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DelayWire {
    delay_ms: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ThrottleWire {
    throttle: RetryWire,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RetryWire {
    retry_after: u64,
}

fn parse(rule: Value) -> Result<FaultRule, String> {
    let wire: RuleWire = read(rule)?;
    if wire.seed.is_some() && wire.probability.is_none() {
        return Err("seed stands without probability".to_owned());
    }
    let probability = match wire.probability {
        Some(chance) if !(0.0..=1.0).contains(&chance) => {
            return Err(format!("probability is {chance}, not between 0 and 1"));
        }
        chance => chance.map(|chance| (chance, wire.seed.unwrap_or(0))),
    };
    Ok(FaultRule {
        matcher: Matcher::from(wire.on.as_deref().unwrap_or_default()),
        what: parse_what(wire.what)?,
        times: wire.times,
        every: wire.every,
        probability,
    })
}

fn parse_what(what: Value) -> Result<What, String> {
    match &what {
        Value::String(word) => match word.as_str() {
            "drop_before" => Ok(What::DropBefore),
            "drop_after" => Ok(What::DropAfter),
            "hang" => Ok(What::Hang),
            other => Err(format!("what is {other:?}, not drop_before, drop_after or hang")),
        },
        Value::Object(members) if members.contains_key("status") => status(read(what)?),
        Value::Object(members) if members.contains_key("delay_ms") => {
            let DelayWire { delay_ms } = read(what)?;
            let is_short = delay_ms <= What::DELAY_MS_MAX;
            let too_long = || format!("delay_ms is {delay_ms}; at most {}", What::DELAY_MS_MAX);
            is_short.then_some(What::Delay(delay_ms)).ok_or_else(too_long)
        }
        Value::Object(members) if members.contains_key("throttle") => {
            read(what).map(|wire: ThrottleWire| What::Throttle(wire.throttle.retry_after))
        }
        _ => Err("what has none of status, delay_ms, throttle and is no word".to_owned()),
    }
}

fn status(wire: StatusWire) -> Result<What, String> {
    let status = StatusCode::from_u16(wire.status)
        .ok()
        .filter(|status| !status.is_informational())
        .ok_or_else(|| format!("status is {}, not between 200 and 999", wire.status))?;
    let headers = wire.headers.iter().map(|(name, value)| header(name, value));
    let headers = headers.collect::<Result<_, _>>()?;
    Ok(What::Status { status, body: wire.body, headers, after: wire.after })
}

fn header(name: &str, value: &Value) -> Result<(HeaderName, HeaderValue), String> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match (name.parse(), text.parse()) {
        (Ok(name), Ok(value)) => Ok((name, value)),
        _ => Err(format!("header {name:?} with {text:?} cannot be sent")),
    }
}

fn read<T: for<'de> Deserialize<'de>>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}

/// A rule as it was set, with its counters.
pub(super) fn show(rule: &FaultRule, matched: u64, fired: u64) -> Value {
    json!({
        "on": rule.matcher.to_json(),
        "what": show_what(&rule.what),
        "times": rule.times,
        "every": rule.every,
        "probability": rule.probability.map(|(probability, _)| probability),
        "seed": rule.probability.map(|(_, seed)| seed),
        "matched": matched,
        "fired": fired,
    })
}

fn show_what(what: &What) -> Value {
    match what {
        What::Status { status, body, headers, after } => {
            let text_of = |value: &HeaderValue| {
                Value::from(String::from_utf8_lossy(value.as_bytes()).into_owned())
            };
            let headers: Map<String, Value> =
                headers.iter().map(|(name, value)| (name.to_string(), text_of(value))).collect();
            json!({"status": status.as_u16(), "body": body, "headers": headers, "after": after})
        }
        What::Delay(milliseconds) => json!({"delay_ms": milliseconds}),
        What::DropBefore => "drop_before".into(),
        What::DropAfter => "drop_after".into(),
        What::Hang => "hang".into(),
        What::Throttle(seconds) => json!({"throttle": {"retry_after": seconds}}),
    }
}

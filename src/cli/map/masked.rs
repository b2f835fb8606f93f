//! What people are shown of values that may be personal, and of addresses that may hold secrets.

use serde_json::{Map, Value, json};

use crate::mapping::{Explanation, Line, LineStep, Shown, WhyNot};

/// How much is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Show {
    /// Personal data only in its shape: `Budi Contoh` is `**** ******`.
    Masked,
    /// Everything as it is.
    Revealed,
}

impl Show {
    /// A value of a field.
    pub(crate) fn field(self, explained: &Explanation, field: &str, value: &Value) -> Value {
        match self {
            Self::Revealed => value.clone(),
            Self::Masked => field_masked(explained, field, value),
        }
    }

    /// What is sent.
    pub(crate) fn payload(self, explained: &Explanation, payload: &Map<String, Value>) -> Value {
        let members = payload.iter();
        Value::Object(
            members.map(|(key, value)| (key.clone(), self.field(explained, key, value))).collect(),
        )
    }

    /// A value that a line read or made.
    pub(crate) fn of_line(self, line: &Line, value: &Value) -> Value {
        self.value(line.is_personal, value)
    }

    /// A value of which it is known whether it may be personal.
    pub(crate) fn value(self, is_personal: bool, value: &Value) -> Value {
        match self {
            Self::Revealed => value.clone(),
            Self::Masked => json!(Shown { value, is_personal }),
        }
    }

    /// A line and all its steps.
    pub(crate) fn line(self, line: &Line) -> Line {
        let shown = |value: &Option<Value>| value.as_ref().map(|value| self.of_line(line, value));
        let step = |step: &LineStep| match step {
            LineStep::Read { path, value } => {
                LineStep::Read { path: path.clone(), value: shown(value) }
            }
            LineStep::Transform { transform, value } => {
                LineStep::Transform { transform: transform.clone(), value: shown(value) }
            }
            other => other.clone(),
        };
        Line {
            value: shown(&line.value),
            steps: line.steps.iter().map(step).collect(),
            ..line.clone()
        }
    }

    /// Why there is no delivery.
    pub(crate) fn why(self, why: &WhyNot) -> WhyNot {
        match why {
            WhyNot::Condition { path, wanted, had, is_personal } => WhyNot::Condition {
                path: path.clone(),
                wanted: wanted.clone(),
                had: had.as_ref().map(|had| self.value(*is_personal, had)),
                is_personal: *is_personal,
            },
            other => other.clone(),
        }
    }
}

fn field_masked(explained: &Explanation, field: &str, value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| {
                (key.clone(), field_masked(explained, &format!("{field}.{key}"), value))
            })
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(at, item)| field_masked(explained, &format!("{field}[{at}]"), item))
            .collect(),
        leaf => Show::Masked.value(is_personal(explained, field), leaf),
    }
}

/// By the line that gives the field: the one that names most of it. What no line gives is taken for
/// personal.
fn is_personal(explained: &Explanation, field: &str) -> bool {
    let gives = |line: &&Line| {
        line.value.is_some()
            && field.strip_prefix(&*line.field).is_some_and(|rest| {
                rest.is_empty() || rest.starts_with('.') || rest.starts_with('[')
            })
    };
    let line = explained.lines.iter().filter(gives).max_by_key(|line| line.field.len());
    line.is_none_or(|line| line.is_personal)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(is_personal: bool, value: &Value, expected: &Value) {
        assert_eq!(Show::Revealed.value(is_personal, value), *value);
        assert_eq!(Show::Masked.value(is_personal, value), *expected);
    }

    #[test]
    fn only_the_shape_of_personal_data_is_shown() {
        check(true, &json!("Budi Contoh-7"), &json!("**** ******-*"));
        check(
            true,
            &json!({"a": ["+6281", 15, true, null]}),
            &json!({"a": ["+****", "**", true, null]}),
        );
        check(true, &json!("x".repeat(61)), &json!("*** (61 characters)"));
        check(false, &json!("OPEN"), &json!("OPEN"));
    }

    #[test]
    fn an_address_is_shown_without_its_secrets() {
        check(false, &json!("https://a.example/hook"), &json!("https://a.example/hook"));
        let secret = json!("https://me:pw@a.example/hook?token=s3cret");
        check(false, &secret, &json!("https://***@a.example/hook?***"));
        check(false, &json!("https://a.example?k=/v"), &json!("https://a.example?***"));
    }
}

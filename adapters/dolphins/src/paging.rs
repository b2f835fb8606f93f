//! Pages have a size: a list without one is as long as the upstream is old.
//!
//! One question asks for one page. Nothing follows `hasMore` and `nextIndex`, which no sample shows
//! telling the truth (contract trap 66).

use omnihub_contract::Operation;
use serde_json::{Map, Value};

/// Most of a page; some 100 KB of tickets.
const COUNT_MAX: u64 = 100;

const COUNT: &str = "count";
const START: &str = "start";

/// The fields, with a `count` in bounds and a `start` where the row has them.
pub(crate) fn bounded(row: &Operation, mut payload: Map<String, Value>) -> Map<String, Value> {
    let whole =
        |payload: &Map<String, Value>, name: &str| payload.get(name).and_then(Value::as_u64);
    if row.field(COUNT).is_some() {
        let count = whole(&payload, COUNT).unwrap_or(COUNT_MAX).clamp(1, COUNT_MAX);
        payload.insert(COUNT.to_owned(), count.into());
    }
    if row.field(START).is_some() {
        let start = whole(&payload, START).unwrap_or(0);
        payload.insert(START.to_owned(), start.into());
    }
    payload
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::OPERATIONS;
    use serde_json::json;

    #[track_caller]
    fn check_bounded(name: &str, given: Value, expected: &Value) {
        let row = OPERATIONS.iter().find(|row| row.name == name).unwrap();
        let Value::Object(given) = given else { panic!("fields are an object") };
        assert_eq!(&Value::Object(bounded(row, given)), expected);
    }

    #[test]
    fn a_page_is_never_larger_than_the_bound() {
        check_bounded("tickets", json!({}), &json!({"start": 0, "count": 100}));
        check_bounded("tickets", json!({"start": 7, "count": 1}), &json!({"start": 7, "count": 1}));
        check_bounded("tickets", json!({"count": 5000}), &json!({"start": 0, "count": 100}));
        check_bounded("history", json!({"count": -1}), &json!({"count": 100}));
        check_bounded("history", json!({"count": 0}), &json!({"count": 1}));
    }

    #[test]
    fn a_row_without_pages_gets_none() {
        check_bounded("queue_number", json!({"accountId": "7"}), &json!({"accountId": "7"}));
    }
}

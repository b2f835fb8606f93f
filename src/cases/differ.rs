//! Two payloads field by field, as people read them.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// A field that is not the same in both.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Dotted name, as `customer.name` or `attachments[0].size`.
    pub field: String,
    /// What it is in the first; absent where it is not there.
    pub first: Option<Value>,
    /// What it is in the second.
    pub second: Option<Value>,
}

/// Every field that is not the same in both, by name.
pub fn differences(first: &Value, second: &Value) -> Vec<Difference> {
    let (first, mut second) = (leaves(first), leaves(second));
    let mut different: Vec<Difference> = first
        .into_iter()
        .filter_map(|(field, first)| {
            let second = second.remove(&field);
            let is_same = second.as_ref() == Some(&first);
            (!is_same).then_some(Difference { field, first: Some(first), second })
        })
        .collect();
    let added = second.into_iter().map(|(field, second)| Difference {
        field,
        first: None,
        second: Some(second),
    });
    different.extend(added);
    different.sort_by(|a, b| a.field.cmp(&b.field));
    different
}

/// Everything in it that is no object or list, and every empty one, by dotted name.
fn leaves(value: &Value) -> BTreeMap<String, Value> {
    let mut leaves = BTreeMap::new();
    gather("", value, &mut leaves);
    leaves
}

fn gather(name: &str, value: &Value, leaves: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            let dot = if name.is_empty() { "" } else { "." };
            members
                .iter()
                .for_each(|(key, value)| gather(&format!("{name}{dot}{key}"), value, leaves));
        }
        Value::Array(items) if !items.is_empty() => {
            let items = items.iter().enumerate();
            items.for_each(|(at, item)| gather(&format!("{name}[{at}]"), item, leaves));
        }
        // The whole is no field.
        Value::Object(_) if name.is_empty() => {}
        leaf => drop(leaves.insert(name.to_owned(), leaf.clone())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_differs_is_told_by_its_whole_name_and_what_is_the_same_is_not() {
        let first = json!({"a": {"b": 1, "c": "x"}, "l": [{"n": 1}, 2], "gone": null, "e": {}});
        let second = json!({"a": {"b": 2, "c": "x"}, "l": [{"n": 1}, 2, 3], "e": {"new": true}});
        let told: Vec<String> = differences(&first, &second)
            .iter()
            .map(|it| {
                let shown = |value: &Option<Value>| {
                    value.as_ref().map_or("nothing".to_owned(), Value::to_string)
                };
                format!("{}: {} {}", it.field, shown(&it.first), shown(&it.second))
            })
            .collect();
        let expected = [
            "a.b: 1 2",
            "e: {} nothing",
            "e.new: nothing true",
            "gone: null nothing",
            "l[2]: nothing 3",
        ];
        assert_eq!(told, expected);
        assert_eq!(differences(&first, &first), []);
    }
}

//! JSON as JavaScript's `JSON.stringify` writes it.
//!
//! OMNI API 1.0 tells receivers to verify over `JSON.stringify(payload)` of what they parsed, and they
//! also verify over the bytes they got; only bytes that survive that round trip pass both. So numbers,
//! escapes and the order of members are those of ECMA-262, not those of `serde_json`.

use serde_json::{Map, Number, Value};

/// Integers up to here are the same in JavaScript.
const SAFE_INTEGER_MAX: u64 = 1 << 53;

/// Digits that JavaScript writes before it takes to exponents (ECMA-262, `Number::toString`).
const PLAIN_DIGITS_MAX: i32 = 21;

/// Appends the value.
pub(crate) fn stringify(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => self::number(number, out),
        Value::String(text) => self::text(text, out),
        Value::Array(values) => {
            out.push('[');
            for (at, value) in values.iter().enumerate() {
                if 0 < at {
                    out.push(',');
                }
                stringify(value, out);
            }
            out.push(']');
        }
        Value::Object(members) => object(members, out),
    }
}

fn object(members: &Map<String, Value>, out: &mut String) {
    // JavaScript puts members that look like list positions first, by their value.
    let mut positions: Vec<(u32, &Value)> =
        members.iter().filter_map(|(name, value)| Some((position(name)?, value))).collect();
    positions.sort_unstable_by_key(|(position, _)| *position);
    let positions = positions.iter().map(|(position, value)| (position.to_string(), *value));
    let named = members.iter().filter(|(name, _)| position(name).is_none());
    let named = named.map(|(name, value)| (name.clone(), value));
    out.push('{');
    for (at, (name, value)) in positions.chain(named).enumerate() {
        if 0 < at {
            out.push(',');
        }
        text(&name, out);
        out.push(':');
        stringify(value, out);
    }
    out.push('}');
}

/// ECMA-262, "array index": a canonical number below 2³²−1.
fn position(name: &str) -> Option<u32> {
    let number: u32 = name.parse().ok()?;
    (number != u32::MAX && number.to_string() == name).then_some(number)
}

/// ECMA-262, `QuoteJSONString`.
fn text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1f}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            other => out.push(other),
        }
    }
    out.push('"');
}

fn number(number: &Number, out: &mut String) {
    let magnitude = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
    if magnitude.is_some_and(|magnitude| magnitude <= SAFE_INTEGER_MAX) {
        return out.push_str(&number.to_string());
    }
    // What JavaScript will read, and so what it will write.
    let value = number.as_f64().unwrap_or_default();
    if value == 0.0 {
        return out.push('0');
    }
    // Rust's exponent form has the same shortest digits: `-1.25e-7`.
    let shortest = format!("{:e}", value.abs());
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    if value < 0.0 {
        out.push('-');
    }
    place_point(&digits, exponent.parse().unwrap_or_default(), out);
}

/// ECMA-262, `Number::toString`: `digits` with the point after the first one, times ten to `exponent`.
fn place_point(digits: &str, exponent: i32, out: &mut String) {
    let (before, count) = (exponent + 1, i32::try_from(digits.len()).unwrap_or(i32::MAX));
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or_default());
    let split = |at: i32| digits.split_at(usize::try_from(at).unwrap_or_default());
    if count <= before && before <= PLAIN_DIGITS_MAX {
        out.push_str(digits);
        out.push_str(&zeros(before - count));
    } else if 0 < before && before <= PLAIN_DIGITS_MAX {
        let (whole, rest) = split(before);
        out.push_str(&format!("{whole}.{rest}"));
    } else if -6 < before && before <= 0 {
        out.push_str(&format!("0.{}{digits}", zeros(-before)));
    } else {
        let (first, rest) = split(1);
        let point = if rest.is_empty() { "" } else { "." };
        out.push_str(&format!("{first}{point}{rest}e{exponent:+}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `JSON.stringify(JSON.parse(json))` gives, seen in Node 20.
    #[track_caller]
    fn check(json: &str, javascript: &str) {
        let mut out = String::new();
        stringify(&serde_json::from_str(json).unwrap(), &mut out);
        assert_eq!(out, javascript);
    }

    #[test]
    fn numbers_are_written_as_javascript_does() {
        for (json, javascript) in [
            ("0", "0"),
            ("-0.0", "0"),
            ("1.0", "1"),
            ("-5", "-5"),
            ("0.5", "0.5"),
            ("1e2", "100"),
            ("123.456", "123.456"),
            ("1e20", "100000000000000000000"),
            ("1e21", "1e+21"),
            ("1.5e300", "1.5e+300"),
            ("0.000001", "0.000001"),
            ("0.0000001", "1e-7"),
            ("0.00000123", "0.00000123"),
            ("-1.25e-7", "-1.25e-7"),
            ("9007199254740992", "9007199254740992"),
            ("9007199254740993", "9007199254740992"),
            ("18446744073709551615", "18446744073709552000"),
            ("-9223372036854775808", "-9223372036854776000"),
            ("5e-324", "5e-324"),
            ("0.1", "0.1"),
            ("100000000.5", "100000000.5"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ] {
            check(json, javascript);
        }
    }

    #[test]
    fn texts_are_escaped_as_javascript_does() {
        check(r#""a\/b""#, r#""a/b""#);
        check(
            r#""\u0000\u0008\u0009\u000a\u000b\u000c\u000d\u001f""#,
            r#""\u0000\b\t\n\u000b\f\r\u001f""#,
        );
        check(r#""\"\\\u007f\u2028é😀""#, "\"\\\"\\\\\u{7f}\u{2028}é😀\"");
    }

    #[test]
    fn members_stand_where_javascript_puts_them() {
        check(r#"{"b":1,"10":2,"a":3,"9":4,"01":5}"#, r#"{"9":4,"10":2,"01":5,"a":3,"b":1}"#);
        check(r#"{"4294967295":1,"4294967294":2}"#, r#"{"4294967294":2,"4294967295":1}"#);
        check(r#"[{},[],null,true,[1,2]]"#, r#"[{},[],null,true,[1,2]]"#);
    }
}

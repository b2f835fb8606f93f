//! Amounts: whole rupiah from 1 to [`RUPIAH_MAX`].
//!
//! Judged by value, not by spelling: `500000`, `500000.0` and `5e5` are one JSON number, and some
//! encoders write whole amounts with a fraction. Texts and real fractions are refused (contract
//! traps 30 and 86): which of a text's dots and commas divide thousands nobody can know.

use serde_json::{Number, Value};

use super::fields::{Field, Members, Wrong};
use super::limits::RUPIAH_MAX;

/// An amount, where the member is there and right.
pub(super) fn rupiah(of: Members<'_>, field: &Field, wrong: &mut Wrong) -> Option<u64> {
    let complaint = match of.find(field)? {
        Value::Number(number) => match whole_rupiah(number) {
            Ok(amount) => return Some(amount),
            Err(complaint) => complaint,
        },
        _ => "must be a number",
    };
    wrong.add(field.path, format!("{} {complaint}", field.label));
    None
}

fn whole_rupiah(number: &Number) -> Result<u64, &'static str> {
    const NOT_POSITIVE: &str = "must be positive";
    const TOO_MUCH: &str = "must be at most 1,000,000,000";
    if let Some(amount) = number.as_u64() {
        return match amount {
            0 => Err(NOT_POSITIVE),
            1..=RUPIAH_MAX => Ok(amount),
            _ => Err(TOO_MUCH),
        };
    }
    let amount = number.as_f64().unwrap_or(f64::NAN);
    if amount <= 0.0 {
        return Err(NOT_POSITIVE);
    }
    if amount.fract() != 0.0 {
        return Err("must be whole rupiah, without decimals");
    }
    // A whole float prints as its digits alone.
    amount.to_string().parse().ok().filter(|amount| *amount <= RUPIAH_MAX).ok_or(TOO_MUCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_amount(json: &str, expected: Result<u64, &str>) {
        let number: Number = serde_json::from_str(json).unwrap();
        assert_eq!(whole_rupiah(&number), expected, "{json}");
    }

    #[test]
    fn an_amount_is_judged_by_its_value() {
        check_amount("1", Ok(1));
        check_amount("1000000000", Ok(1_000_000_000));
        check_amount("500000.0", Ok(500_000));
        check_amount("5e5", Ok(500_000));
        check_amount("1.0e9", Ok(1_000_000_000));
    }

    #[test]
    fn an_amount_out_of_range_or_with_decimals_is_refused() {
        check_amount("0", Err("must be positive"));
        check_amount("-0.0", Err("must be positive"));
        check_amount("-1.5", Err("must be positive"));
        check_amount("1.5", Err("must be whole rupiah, without decimals"));
        check_amount("1e-9", Err("must be whole rupiah, without decimals"));
        check_amount("1000000001", Err("must be at most 1,000,000,000"));
        check_amount("1e300", Err("must be at most 1,000,000,000"));
        check_amount("18446744073709551615", Err("must be at most 1,000,000,000"));
    }
}

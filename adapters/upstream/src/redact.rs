//! Upstreams' words without what we told them: vendors quote the values that they refuse.
//!
//! It does not find personal data that we did not send; adapters relay only the members of an answer
//! that are meant for people, never whole bodies.

use omnihub_contract::{
    Category, Channel, ExposeSecret, Medium, Priority, Secret, ServiceType, StatusWord,
};
use serde_json::{Map, Value};

/// Longer than this it is no message but a page or a trace, and nothing of it is relayed.
const WORDS_BYTES_MAX: usize = 4096;

/// Shorter values are taken out only where they stand as a word of their own.
const ANYWHERE_CHARS_MIN: usize = 4;

/// Digits at the end by which a number is the same one: `0812…` and `+62812…` are.
const SAME_NUMBER_DIGITS: usize = 8;

/// The words with every payload value and every secret in them replaced by `…`. The documents' own
/// enum words stay, so that "priority URGENT is not allowed" can still be understood.
pub fn redact(words: &str, payload: &Map<String, Value>, secrets: &[&Secret]) -> String {
    if WORDS_BYTES_MAX < words.len() {
        return "an answer too long to be a message".to_owned();
    }
    let mut told = Vec::new();
    payload.values().for_each(|value| collect(value, words.len(), &mut told));
    told.extend(secrets.iter().map(|secret| secret.expose_secret().to_owned()));
    // Longest first, so that a part of a value never hides the rest of it from us.
    told.sort_unstable_by_key(|text| std::cmp::Reverse(text.len()));
    let words = told.iter().fold(words.to_owned(), |words, text| without(&words, text));
    without_numbers(&words, &told.iter().filter_map(|text| ending(text)).collect::<Vec<_>>())
}

/// The last digits of a number, however it is grouped; none of what is shorter or is no number.
fn ending(text: &str) -> Option<String> {
    let is_number = text.chars().all(|c| c.is_ascii_digit() || "+-() .".contains(c));
    let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
    (is_number && digits.len() >= SAME_NUMBER_DIGITS)
        .then(|| digits.iter().skip(digits.len() - SAME_NUMBER_DIGITS).collect())
}

/// Takes out what was told in another spelling: a phone number with or without its country's code.
fn without_numbers(words: &str, endings: &[String]) -> String {
    let runs = words.split_inclusive(|c: char| !c.is_ascii_digit());
    runs.map(|run| match run.trim_end_matches(|c: char| !c.is_ascii_digit()) {
        digits if endings.iter().any(|ending| digits.ends_with(ending.as_str())) => {
            run.replace(digits, "…")
        }
        _ => run.to_owned(),
    })
    .collect()
}

/// Every text in the value that could occur in so many bytes of words, also in its JSON form.
fn collect(value: &Value, bytes_max: usize, told: &mut Vec<String>) {
    match value {
        Value::String(text) if text.len() <= bytes_max && !is_enum_word(text) => {
            let text = text.trim();
            let quoted = Value::from(text).to_string();
            let escaped = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            told.extend(escaped.filter(|escaped| *escaped != text).map(str::to_owned));
            told.push(text.to_owned());
        }
        Value::Number(number) => told.push(number.to_string()),
        Value::Array(values) => values.iter().for_each(|value| collect(value, bytes_max, told)),
        Value::Object(members) => {
            members.values().for_each(|value| collect(value, bytes_max, told));
        }
        Value::String(_) | Value::Bool(_) | Value::Null => {}
    }
}

fn without(words: &str, text: &str) -> String {
    match text.chars().count() {
        0 | 1 => words.to_owned(),
        ANYWHERE_CHARS_MIN.. => words.replace(text, "…"),
        _ => without_word(words, text),
    }
}

fn without_word(words: &str, text: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut kept = String::with_capacity(words.len());
    let mut rest = words;
    while let Some((before, after)) = rest.split_once(text) {
        let touches = before.chars().next_back().or(kept.chars().next_back()).is_some_and(is_part)
            || after.chars().next().is_some_and(is_part);
        kept.push_str(before);
        kept.push_str(if touches { text } else { "…" });
        rest = after;
    }
    kept + rest
}

/// Whether it is one of OMNI's own words.
pub(crate) fn is_enum_word(text: &str) -> bool {
    [
        Category::WORDS,
        Channel::WORDS,
        Medium::WORDS,
        Priority::WORDS,
        ServiceType::WORDS,
        StatusWord::WORDS,
    ]
    .iter()
    .any(|words| words.contains(&text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check_redacted(words: &str, kept: &str) {
        let payload = json!({
            "name": "Siti Contoh", "short": "Ani", "language": "id", "priority": "URGENT",
            "account": 12_356_788, "text": "satu\n\"dua\"", "nested": [{"phone": "+628110000"}],
            "other": "+62 812-9876-5431",
        });
        let secret = Secret::from("s3cr3t-key");
        assert_eq!(redact(words, payload.as_object().unwrap(), &[&secret]), kept);
    }

    #[test]
    fn what_we_told_is_taken_out_of_what_they_say() {
        check_redacted("Siti Contoh is not a customer", "… is not a customer");
        check_redacted("account 12356788 (+628110000)", "account … (…)");
        check_redacted("bad key s3cr3t-key", "bad key …");
        check_redacted(r#"{"text":"satu\n\"dua\""}"#, r#"{"text":"…"}"#);
        check_redacted("satu\n\"dua\"", "…");
        check_redacted("Ani, Ani!", "…, …!");
    }

    #[test]
    fn a_number_is_taken_out_in_any_of_its_spellings() {
        check_redacted("no customer has 08110000123", "no customer has 08110000123");
        check_redacted("no customer has 628110000", "no customer has …");
        check_redacted("08110000, +628110000, 8110000.", "08110000, …, 8110000.");
        check_redacted("phone 081298765431 is unknown (6281298765431)", "phone … is unknown (…)");
        check_redacted("ticket 9000000001 of 2024", "ticket 9000000001 of 2024");
    }

    #[test]
    fn words_of_their_own_stay() {
        check_redacted("priority URGENT is not allowed", "priority URGENT is not allowed");
        check_redacted("sociomile_ticket_id invalid", "sociomile_ticket_id invalid");
        check_redacted("Animal", "Animal");
        check_redacted("", "");
    }

    #[test]
    fn a_page_is_not_relayed() {
        let page = "x".repeat(WORDS_BYTES_MAX + 1);
        assert_eq!(redact(&page, &Map::new(), &[]), "an answer too long to be a message");
    }
}

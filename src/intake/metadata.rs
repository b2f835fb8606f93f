//! `ticket.metadata`: kept as sent, within bounds, and without card numbers.
//!
//! Texts and numbers of every depth are scanned. Members that hold identifiers are not
//! ([`IDENTIFIERS`]): one account number in ten passes for a card number. Members named for a card
//! are masked in any form, also where the digits fail the check.

use omnihub_contract::mask;
use serde_json::{Map, Number, Value};

use super::fields::{Field, Members, Wrong};
use super::limits::{METADATA_BYTES_MAX, METADATA_DEPTH_MAX};
use super::schema::Object;
use super::transaction;

/// The block itself.
pub(super) const METADATA: Field = Field::member("ticket.metadata", "Metadata");

/// Members whose digits are no card number unless the settings say otherwise: English and Indonesian
/// names that clients use beside the documented ones.
pub(super) const IDENTIFIERS: &[&str] = &[
    // References
    "transactionId",
    "referenceNumber",
    "referenceId",
    "reference",
    "rrn",
    "channelReferenceId",
    "requestId",
    "ticketNumber",
    // Machines and customers
    "atmId",
    "terminalId",
    "imei",
    "identifier",
    "customerId",
    "cif",
    "cifNumber",
    "nik",
    "npwp",
    // Accounts
    "account",
    "accountNumber",
    "destinationAccount",
    "nomorRekening",
    "noRekening",
    "rekening",
    "rekeningTujuan",
    // Phones
    "phone",
    "phoneNumber",
    "mobile",
    "mobileNumber",
    "msisdn",
    "nomorHp",
    "noHp",
    "nomorTelepon",
    "noTelepon",
];

/// Members that hold a card number.
const CARDS: &[&str] = &["cardNumber", "nomorKartu", "noKartu", "pan"];

/// Numbers below this have fewer digits than any card.
const SMALLEST_CARD: u64 = 1_000_000_000_000;

/// The metadata as it is kept; complaints where there is too much of it.
pub(super) fn metadata(
    of: Members<'_>,
    identifiers: &[String],
    wrong: &mut Wrong,
) -> Map<String, Value> {
    let Some(members) = of.object() else {
        return Map::new();
    };
    let complaint = match members_weight(members, METADATA_DEPTH_MAX) {
        None => format!("is nested deeper than {METADATA_DEPTH_MAX} levels"),
        Some(bytes) if bytes > METADATA_BYTES_MAX => {
            format!("is larger than {} kB", METADATA_BYTES_MAX / 1024)
        }
        Some(_) => return masked_members(members, identifiers),
    };
    wrong.add(METADATA.path, format!("{} {complaint}", METADATA.label));
    Map::new()
}

/// Roughly the bytes of the value as compact JSON; none where it is nested too deep.
fn weight(value: &Value, levels: usize) -> Option<usize> {
    match value {
        Value::Null | Value::Bool(_) => Some(5),
        Value::Number(_) => Some(20),
        Value::String(text) => Some(text.len() + 3),
        Value::Array(values) => values
            .iter()
            .try_fold(2_usize, |sum, value| Some(sum + weight(value, levels.checked_sub(1)?)?)),
        Value::Object(members) => members_weight(members, levels.checked_sub(1)?),
    }
}

fn members_weight(members: &Map<String, Value>, levels: usize) -> Option<usize> {
    members
        .iter()
        .try_fold(2_usize, |sum, (name, value)| Some(sum + name.len() + 3 + weight(value, levels)?))
}

fn masked_members(members: &Map<String, Value>, identifiers: &[String]) -> Map<String, Value> {
    members.iter().map(|(name, value)| (name.clone(), masked(name, value, identifiers))).collect()
}

/// The value of a member of this name, also as an item of a list of that name.
fn masked(name: &str, value: &Value, identifiers: &[String]) -> Value {
    match value {
        Value::Null | Value::Bool(_) => value.clone(),
        Value::Number(number) => masked_number(name, number, identifiers),
        Value::String(text) => masked_text(name, text, identifiers).into(),
        Value::Array(values) => {
            values.iter().map(|value| masked(name, value, identifiers)).collect()
        }
        Value::Object(members) => Value::Object(masked_members(members, identifiers)),
    }
}

/// A number that is a card number becomes the masked text.
fn masked_number(name: &str, number: &Number, identifiers: &[String]) -> Value {
    if number.as_u64().is_some_and(|number| number < SMALLEST_CARD) {
        return number.clone().into();
    }
    let text = number.to_string();
    let masked = masked_text(name, &text, identifiers);
    if masked == text { number.clone().into() } else { masked.into() }
}

fn masked_text(name: &str, text: &str, identifiers: &[String]) -> String {
    if CARDS.iter().any(|card| same_name(card, name)) && is_card_alone(text) {
        return mask::card(text);
    }
    let masked = mask::cards(text);
    if masked == text || identifiers.iter().any(|identifier| same_name(identifier, name)) {
        return text.to_owned();
    }
    masked.into_owned()
}

fn is_card_alone(text: &str) -> bool {
    let is_part = |b: u8| b.is_ascii_digit() || matches!(b, b'*' | b'x' | b'X' | b' ' | b'-');
    text.bytes().all(is_part) && text.bytes().any(|b| b.is_ascii_digit())
}

fn same_name(one: &str, other: &str) -> bool {
    letters(one).eq(letters(other))
}

fn letters(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().filter(u8::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase())
}

/// What is said of the block.
pub(super) fn schema() -> Value {
    let about = format!(
        "Anything that belongs to the ticket, kept as sent but for card numbers: at most {} kB of \
         JSON, nested at most {METADATA_DEPTH_MAX} levels deep. The members below have a type \
         whatever the service type; others are free.",
        METADATA_BYTES_MAX / 1024
    );
    transaction::described_of_metadata(Object::of(about)).schema()
}

//! The members of Sociomile's bodies, in the document's order, and what they must be.

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use jiff::civil::DateTime;
use serde_json::{Map, Value};

/// One row of a table of the document: name, type, mandatory.
pub(super) type Field = (&'static str, Kind, bool);

#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    Number,
    /// `YYYY-MM-DD HH:MM:SS` without a zone.
    Date,
}

use Kind::{Date, Number, Text};

/// "Create Ticket Helpdesk".
pub(super) const HELPDESK: &[Field] = &[
    ("namaNasabah", Text, true),
    ("ticketType", Text, true),
    ("content", Text, true),
    ("email", Text, false),
    ("connectID", Text, true),
    ("mediaTransaksi", Text, true),
    ("jenisTransaksi", Text, false),
    ("nominal", Number, true),
    ("nomorRekening", Number, false),
    ("nomorKartu", Number, false),
    ("transactionId", Text, false),
    ("claimReason", Text, false),
    ("claimDate", Date, false),
    ("branchCode", Text, true),
    ("branchName", Text, true),
    ("atmName", Text, true),
    ("atmId", Text, true),
    ("description", Text, false),
    ("nomorTicketHelpdesk", Number, true),
    ("noRegPengaduanCabang", Number, true),
];

/// "Create Ticket omnyx/voice". Its mainCategory is typed Date, but the example is a text.
pub(super) const VOICE: &[Field] = &[
    ("customer_hp", Text, true),
    ("ticketType", Text, true),
    ("content", Text, true),
    ("customer_email", Text, true),
    ("connectID", Text, true),
    ("customer_name", Text, true),
    ("ticketId_masking", Text, false),
    ("ticket_id", Text, false),
    ("subject", Text, false),
    ("date_created_at", Date, false),
    ("date_close", Date, false),
    ("handlingTime", Text, false),
    ("mainCategory", Text, false),
    ("category_name", Text, false),
    ("category_id", Text, false),
    ("subCategory", Text, false),
    ("detailSubCategory", Text, false),
    ("detailSubCategory2", Text, false),
    ("created_by_name", Text, false),
    ("created_by_id", Text, false),
    ("first_stream_text", Text, false),
];

/// "Update Ticket Helpdesk / omnyx/voic".
pub(super) const UPDATE: &[Field] =
    &[("sociomile_ticket_id", Text, true), ("bsg_ticket_id", Text, true), ("status", Text, true)];

/// How a body was sent; in a form every number is a text of digits.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Encoding {
    Json,
    Form,
}

/// What is wrong, and with which row of the table.
pub(super) struct Fault {
    pub(super) text: String,
    pub(super) index: usize,
}

/// The first mandatory field that is missing, else the first of a wrong type.
///
/// The create's messages begin with a capital, those of update-status do not.
pub(super) fn check(
    table: &[Field],
    members: &Map<String, Value>,
    encoding: Encoding,
    capital: bool,
) -> Result<(), Fault> {
    let fault = |index: usize, name: &str, what: &str| {
        let name = if capital { capitalised(name) } else { name.to_owned() };
        Err(Fault { text: format!("{name} {what}"), index })
    };
    let is_missing = |name: &str| is_empty(members.get(name));
    for (index, (name, _, mandatory)) in table.iter().enumerate() {
        if *mandatory && is_missing(name) {
            return fault(index, name, "required");
        }
    }
    for (index, (name, kind, _)) in table.iter().enumerate() {
        if !is_missing(name)
            && !members.get(*name).is_some_and(|value| fits(value, *kind, encoding))
        {
            return fault(index, name, "invalid");
        }
    }
    Ok(())
}

/// The members of a body; one that cannot be read has none, as in PHP.
pub(super) fn decode(headers: &HeaderMap, body: &Bytes) -> (Map<String, Value>, Encoding) {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if content_type.is_some_and(|value| value.starts_with("application/x-www-form-urlencoded")) {
        let pairs = form_urlencoded::parse(body).into_owned();
        return (pairs.map(|(name, text)| (name, text.into())).collect(), Encoding::Form);
    }
    (serde_json::from_slice(body).unwrap_or_default(), Encoding::Json)
}

fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(_) => false,
    }
}

fn fits(value: &Value, kind: Kind, encoding: Encoding) -> bool {
    match (kind, value) {
        // "API expects Number" (domain 3.1): a text of digits is not one, but in a form.
        (Number, Value::Number(_)) | (Text, Value::String(_)) => true,
        (Number, Value::String(text)) => {
            encoding == Encoding::Form && text.bytes().all(|byte| byte.is_ascii_digit())
        }
        (Date, Value::String(text)) => DateTime::strptime("%Y-%m-%d %H:%M:%S", text).is_ok(),
        _ => false,
    }
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

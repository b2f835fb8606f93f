//! The closed lists of words, and amounts.

use omnihub_contract::{Category, Channel, Medium, Priority, ServiceType};
use serde_json::{Value, json};

use super::word;
use crate::intake::limits::RUPIAH_MAX;
use crate::intake::transaction::TRANSACTION_TYPES;

/// By name.
pub(super) fn schemas() -> [(&'static str, Value); 7] {
    [
        ("Channel", word(Channel::WORDS, "Where a ticket came in.")),
        ("ServiceType", word(ServiceType::WORDS, "What a ticket is about.")),
        ("Priority", word(Priority::WORDS, "How urgent a ticket is, in rising order.")),
        ("Category", word(Category::WORDS, "What kind of work a ticket is.")),
        ("Medium", word(Medium::WORDS, "The medium of a disputed transaction.")),
        ("TransactionType", word(TRANSACTION_TYPES, "The kind of a disputed transaction.")),
        ("Amount", amount()),
    ]
}

fn amount() -> Value {
    json!({
        "type": "integer",
        "minimum": 1,
        "maximum": RUPIAH_MAX,
        "description": "Whole rupiah, as a JSON number; `500000.0` and `5e5` are whole too.",
    })
}

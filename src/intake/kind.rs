//! Which create a body is for, where nobody says: by the members that only one of them has.

use omnihub_contract::Kind;
use serde_json::{Map, Value};

/// Members of a claim's body that a ticket's never has.
const OF_CLAIMS: &[&str] = &["namaNasabah", "mediaTransaksi", "jenisTransaksi", "nominal"];
/// Members of a ticket's body that a claim's never has.
const OF_TICKETS: &[&str] = &["serviceType", "customer", "ticket"];

/// The create that a body is for; none where it has members of both or of neither.
pub fn kind_of(body: &Map<String, Value>) -> Option<Kind> {
    let has_any = |names: &[&str]| names.iter().any(|name| body.contains_key(*name));
    match (has_any(OF_CLAIMS), has_any(OF_TICKETS)) {
        (true, false) => Some(Kind::Claim),
        (false, true) => Some(Kind::Ticket),
        _ => None,
    }
}

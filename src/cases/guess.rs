//! What a JSON text is that somebody holds out: a client's body, a fixture around one, a case, a ticket.

use omnihub_contract::Kind;
use serde_json::Value;

use super::case::Case;
use super::given::{Given, Omni};
use crate::intake;

/// What is given by this text; `kind` says which create it is the body of, where that does not show.
///
/// # Errors
/// What is wrong, and what to do.
pub fn guess(text: &str, kind: Option<Kind>) -> Result<Given, String> {
    let value: Value =
        serde_json::from_str(text).map_err(|error| format!("is not JSON: {error}"))?;
    given(value, kind)
}

fn given(value: Value, kind: Option<Kind>) -> Result<Given, String> {
    let Some(members) = value.as_object() else {
        return Err("is no JSON object".to_owned());
    };
    let has = |name: &str| members.contains_key(name);
    if has("given") {
        let case: Case =
            serde_json::from_value(value).map_err(|error| format!("as a case: {error}"))?;
        return Ok(case.given);
    }
    if has("omni") {
        return serde_json::from_value(value).map_err(|error| error.to_string());
    }
    if ["id", "number", "kind", "service_type"].into_iter().all(has) {
        let ticket = serde_json::from_value(value);
        let ticket = ticket.map_err(|error| format!("as a canonical ticket: {error}"))?;
        return Ok(Given { ticket: Some(ticket), ..Given::default() });
    }
    // The documents' examples stand in files that say where each is from.
    if let Some(body) = members.get("body").filter(|_| has("from")) {
        return given(body.clone(), kind);
    }
    if has("action") {
        return Err(
            "is the body of an update: name the ticket's own file or number, and this one \
                    with --update"
                .to_owned(),
        );
    }
    match kind.or_else(|| intake::kind_of(members)) {
        Some(Kind::Claim) => Ok(omni(Omni::Claim(value))),
        Some(Kind::Ticket) => Ok(omni(Omni::Ticket(value))),
        None => Err("is neither a claim nor a ticket as OMNI clients send them, nor a case or a \
                     canonical ticket; if it is one, say --as claim or --as ticket"
            .to_owned()),
    }
}

fn omni(omni: Omni) -> Given {
    Given { omni: Some(omni), ..Given::default() }
}

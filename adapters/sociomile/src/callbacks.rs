//! Its callback: a status, with the body of "2. Update Ticket Helpdesk / omnyx/voice" (contract 2.4).
//!
//! No document describes a call of Sociomile's own (contract trap 34), so this one is ours to define, and
//! it is read with tolerance: JSON or form, names of members and words in any capitals, with or without
//! blanks, dashes and underscores; ids as texts or numbers; further members.

use std::sync::atomic::{AtomicU32, Ordering};

use omnihub_contract::{About, Callback, CallbackAnswer, Notice, Rejected, Secret, Told};
use omnihub_upstream::{form_members, shows, word};
use serde_json::{Map, Value, json};

/// The name of its row.
const UPDATE_STATUS: &str = "update_status";
/// Where it comes in.
const PATH: &str = "update-status";

const MEMBERS: [&str; 3] = ["sociomile_ticket_id", "bsg_ticket_id", "status"];

/// The document's words (contract trap 49), and what may stand for one.
const WORDS: [(&str, &str); 8] = [
    ("open", "Open"),
    ("inprogress", "InProgress"),
    ("pending", "Pending"),
    ("pendingapproval", "Pending Approval"),
    ("onhold", "On Hold"),
    ("close", "Close"),
    ("closed", "Close"),
    ("opened", "Open"),
];

/// Longest id or word: several times the longest in use.
const CHARS_MAX: usize = 255;

/// What callbacks are held against, and what their answers are named by.
#[derive(Debug)]
pub(crate) struct Callbacks {
    secret: Option<Secret>,
    refusals: AtomicU32,
}

impl Callbacks {
    pub(crate) fn new(secret: Option<Secret>) -> Self {
        Self { secret, refusals: AtomicU32::new(1) }
    }

    pub(crate) fn receive(&self, callback: &Callback) -> Result<Vec<Notice>, Rejected> {
        let shown = [callback.parameter("client_secret_key"), callback.header("x-callback-secret")];
        if !shown.into_iter().any(|shown| shows(self.secret.as_ref(), shown)) {
            return Err(Rejected::Unauthenticated);
        }
        if callback.path != PATH {
            return Err(Rejected::NoSuchPath);
        }
        let members = members(callback)?;
        let mut said = Map::new();
        for name in MEMBERS {
            said.insert(name.to_owned(), member(&members, name)?.into());
        }
        let text =
            |name: &str| said.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let about = vec![
            About::Receipt("ticketId", text("sociomile_ticket_id")),
            About::Number(text("bsg_ticket_id")),
        ];
        let status = Value::from(spelled(&text("status")));
        said.insert("status".to_owned(), status);
        Ok(vec![Notice { what: UPDATE_STATUS, said: said.into(), about, id: None, look: None }])
    }

    /// In Sociomile's own shapes (contract 2.4); an error without the insides of a server.
    pub(crate) fn answer(&self, told: Told<'_>) -> CallbackAnswer {
        let body = match told {
            Told::Heard(notices) => success("success", notices),
            Told::Kept(notices) => success("kept: ticket unknown", notices),
            Told::Rejected(Rejected::Malformed(words)) => self.error(words),
            Told::Rejected(Rejected::Unauthenticated) => self.error("Unauthorized"),
            Told::Rejected(Rejected::NoSuchPath) => self.error("Not found"),
            Told::Busy => self.error("Try again later"),
        };
        CallbackAnswer { status: told.status(), body }
    }

    fn error(&self, words: &str) -> Value {
        let number = self.refusals.fetch_add(1, Ordering::Relaxed);
        json!({ "type": "error", "trace_id": format!("{number:08x}"), "message": words })
    }
}

fn success(message: &str, notices: &[Notice]) -> Value {
    let member = |name: &str| notices.first().and_then(|notice| notice.said.get(name));
    json!({
        "status": true,
        "success": true,
        "code": 200,
        "message": message,
        "ticket": {
            "data": { "Ticket Id": member("bsg_ticket_id"), "Status": member("status") },
            "is_escalation": false,
        },
    })
}

/// The members of the body, with their names folded.
fn members(callback: &Callback) -> Result<Vec<(String, Value)>, Rejected> {
    let is_form = callback
        .header("content-type")
        .is_some_and(|kind| kind.trim().to_ascii_lowercase().starts_with("application/x-www-form"));
    let members = match (is_form, serde_json::from_slice::<Value>(&callback.body)) {
        // Whatever it calls itself: the document says neither.
        (_, Ok(Value::Object(members))) => members,
        (true, _) => form_members(&callback.body),
        (false, Ok(_)) => return Err(Rejected::malformed("The body must be an object")),
        (false, Err(_)) => return Err(Rejected::malformed("The body is no JSON")),
    };
    Ok(members.into_iter().map(|(name, value)| (folded(&name), value)).collect())
}

fn member(members: &[(String, Value)], name: &str) -> Result<String, Rejected> {
    let found = members.iter().find(|(other, _)| *other == folded(name));
    let text = found.and_then(|(_, value)| word(value)).unwrap_or_default();
    match text.trim() {
        "" => Err(Rejected::malformed(format!("{name} required"))),
        long if long.chars().count() > CHARS_MAX => {
            Err(Rejected::malformed(format!("{name} invalid")))
        }
        text => Ok(text.to_owned()),
    }
}

/// In small letters, and without what stands between words.
fn folded(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The document's word, where it is one in other spelling.
fn spelled(word: &str) -> &str {
    let folded = folded(word);
    WORDS.iter().find(|(other, _)| *other == folded).map_or(word, |(_, word)| word)
}

#[cfg(test)]
mod tests;

//! The documents of 3Dolphins: a ticket, and a message in it (contract 3.1).
//!
//! Of the 164 members that the samples show these are the ones with a meaning, and some of each
//! odd type: a boolean as text, a text where there is nothing, an empty list.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::book::{CUSTOMER_NAME, DolphinsMessage, DolphinsTicket, OWNER};
use super::tokens::wib;

/// Who made every document of the sandbox.
const SYSTEM: &str = "00000000000000000000000000000001";

/// A ticket as D1 and the commands show it.
pub(super) fn ticket(ticket: &DolphinsTicket) -> Value {
    let mut members = Map::new();
    common(&mut members, ticket);
    state(&mut members, ticket);
    dates(&mut members, ticket);
    let last = ticket.messages.last();
    put(&mut members, "id", ticket.id.as_str());
    put(&mut members, "message", last.map_or("", |message| message.text.as_str()));
    put(&mut members, "messageId", last.map_or("", |message| message.id.as_str()));
    put(&mut members, "answer", false);
    put(&mut members, "parent", 1);
    put(&mut members, "createdDate", ticket.created_at.as_millisecond());
    put(&mut members, "createdDateText", date_text(ticket.created_at));
    put(&mut members, "modifiedDate", ticket.modified_at.as_millisecond());
    Value::Object(members)
}

/// A ticket with its contact (D1, D2, D9, D11 to D14).
pub(super) fn ticket_with_contact(of: &DolphinsTicket) -> Value {
    let contact = json!({
        "id": format!("contact-{}", of.number),
        "spell": [CUSTOMER_NAME],
        "contactFirstName": "Nasabah",
        "contactLastName": "Sandbox",
        "username": of.account_id(),
        "socialAccounts": ["images/channel/ic_webchat.png"],
        "additionalFieldsObject": [{"name": "customer_name", "value": null}],
        "availableTouchpoints": [],
        "contactPhoneFormatted": "",
        "contactAccountIds": [of.account_id()],
        "contactTouchpoints": [],
        "rating": 0,
    });
    with(ticket(of), "contact", contact)
}

/// A message as the conversations show it.
pub(super) fn message(of: &DolphinsTicket, message: &DolphinsMessage) -> Value {
    let mut members = Map::new();
    common(&mut members, of);
    put(&mut members, "id", message.id.as_str());
    put(&mut members, "message", message.text.as_str());
    put(&mut members, "messageId", message.id.as_str());
    put(&mut members, "answer", message.answer);
    put(&mut members, "ticketAnswer", message.answer);
    put(&mut members, "parent", 0);
    put(&mut members, "markRead", false);
    put(&mut members, "statusStyle", "");
    put(&mut members, "createdDate", message.at.as_millisecond());
    put(&mut members, "createdDateText", date_text(message.at));
    put(&mut members, "modifiedDate", message.at.as_millisecond());
    put(&mut members, "dateTimeline", message.at.as_millisecond());
    if let Some(agent) = &message.reply_agent {
        put(&mut members, "replyAgent", agent.as_str());
        put(&mut members, "agentName", agent.as_str());
    }
    Value::Object(members)
}

/// The bare object of D24, which has no envelope.
pub(super) fn transformed() -> Value {
    json!({
        "severity": "Medium", "internalCallRecipient": false, "selected": false,
        "unreadMessages": 0, "statusStyle": "", "prettyDate": "", "friendlyName": "",
        "ccList": [], "overReplySla": false, "prettyDateTimeline": "",
        "severityStyle": "severity-medium", "slaStyle": "ticket-ongoing-sla",
        "attachmentExist": false, "emailRecipient": "", "ccListFormatted": "",
        "slaStatusText": "Ongoing",
    })
}

/// A document with one more member.
pub(super) fn with(mut document: Value, name: &str, value: impl Into<Value>) -> Value {
    if let Value::Object(members) = &mut document {
        put(members, name, value);
    }
    document
}

fn common(members: &mut Map<String, Value>, ticket: &DolphinsTicket) {
    put(members, "owner", OWNER);
    put(members, "createdBy", SYSTEM);
    put(members, "modifiedBy", SYSTEM);
    put(members, "accountId", ticket.account_id());
    put(members, "accountName", CUSTOMER_NAME);
    put(members, "channel", "sandbox-channel");
    put(members, "channelKey", "sandbox-channel-key");
    put(members, "channelType", ticket.channel_type.as_str());
    put(members, "severity", ticket.severity.as_str());
    put(members, "severityStyle", severity_style(&ticket.severity));
    put(members, "subject", ticket.subject.as_str());
    put(members, "ticketNumber", ticket.number.as_str());
    put(members, "friendlyName", CUSTOMER_NAME);
    put(members, "friendlyId", ticket.account_id());
    put(members, "ccList", Value::Array(Vec::new()));
    put(members, "attachmentExist", false);
    put(members, "slaStatusText", "Ongoing");
}

fn state(members: &mut Map<String, Value>, ticket: &DolphinsTicket) {
    put(members, "status", ticket.status.as_str());
    put(members, "timelineStatus", ticket.status.as_str());
    put(members, "statusStyle", format!("ticket-{}", ticket.status.to_lowercase()));
    put(members, "priority", ticket.priority);
    put(members, "remark", ticket.remark.as_str());
    put(members, "incoming", true);
    put(members, "ticketTags", json!(["default", "default"]));
    put(members, "transferedText", ticket.transferred.to_string());
    put(members, "online", !ticket.is_offline());
    for (name, value) in [
        ("assignedAgent", &ticket.assigned_agent),
        ("supervisor", &ticket.supervisor),
        ("escalatedTo", &ticket.supervisor.clone().filter(|_| ticket.escalated_at.is_some())),
        ("group", &ticket.group),
    ] {
        if let Some(value) = value {
            put(members, name, value.as_str());
        }
    }
    if ticket.escalated_at.is_some() {
        put(members, "escalated", true);
    }
    if ticket.closed_at.is_some() {
        put(members, "closureType", "Resolved");
    }
}

fn dates(members: &mut Map<String, Value>, ticket: &DolphinsTicket) {
    let dates = [
        ("unassigned", Some(ticket.created_at)),
        ("assigned", ticket.assigned_at),
        ("escalated", ticket.escalated_at),
        ("closed", ticket.closed_at),
    ];
    for (name, at) in dates.into_iter().filter_map(|(name, at)| Some((name, at?))) {
        put(members, &format!("{name}Date"), at.as_millisecond());
        put(members, &format!("{name}DateText"), date_text(at));
    }
    let pretty = wib(ticket.created_at).strftime("%Y-%m-%d %H:%M:%S").to_string();
    put(members, "prettyDate", pretty);
    put(members, "prettyDateTimeline", "moments ago");
}

fn put(members: &mut Map<String, Value>, name: &str, value: impl Into<Value>) {
    members.insert(name.to_owned(), value.into());
}

fn date_text(at: Timestamp) -> String {
    wib(at).strftime("%Y-%m-%d %H:%M").to_string()
}

/// "Not Set" has the style of Low (contract trap 70).
fn severity_style(severity: &str) -> &'static str {
    match severity {
        "High" => "severity-high",
        "Medium" => "severity-medium",
        _ => "severity-low",
    }
}

//! PATCH of a ticket: a comment, a status or attachments (OMNI payloads, "Update Ticket").

use jiff::Timestamp;
use serde_json::{Value, json};

use super::book::{Comment, HelpdeskTicket};
use super::check::Check;
use super::{Flat, Helpdesk, Refusal, answers, create, rules};
use crate::answer::Answer;
use crate::ring::lock;
use http::StatusCode;

/// The author of everything that came through the API (OMNI API summary, "Update Ticket").
const AUTHOR: &str = "Omnichannel System";

enum Update<'a> {
    Comment(&'a str),
    Status(&'a str),
    Attachments(&'a Value),
}

pub(super) fn apply(desk: &Helpdesk, key: &str, body: &Value) -> Result<Answer, Refusal> {
    let update = read(body)?;
    let mut book = lock(&desk.book);
    let ticket = book.find_mut(key).ok_or_else(Refusal::not_found)?;
    // CANCELLED is not refused (domain 2.9).
    if matches!(ticket.status.as_str(), "CLOSED" | "RESOLVED") {
        return Err(bad("Cannot update closed or resolved tickets"));
    }
    let result = change(desk, ticket, &update);
    let answer = json!({
        "success": true,
        "ticketNumber": ticket.number,
        "action": body.get("action"),
        "result": result,
        "message": "Ticket updated successfully",
    });
    Ok(desk.wrap(answer, Flat::Bare))
}

fn bad(text: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, text)
}

fn read(body: &Value) -> Result<Update<'_>, Refusal> {
    let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    match text("action") {
        Some("ADD_COMMENT") => match text("comment") {
            Some(comment) => Ok(Update::Comment(comment)),
            None => Err(bad("Comment content is required")),
        },
        Some("UPDATE_STATUS") => match text("status") {
            Some(status @ ("CANCELLED" | "PENDING")) => Ok(Update::Status(status)),
            Some(status) => {
                let fields = vec![format!("status: {status} is neither CANCELLED nor PENDING")];
                Err(Refusal::invalid("Invalid update data", fields))
            }
            None => Err(bad("Status is required")),
        },
        Some("ADD_ATTACHMENT") => attachments(body),
        _ => Err(Refusal::invalid("Invalid update data", vec!["action: unknown".to_owned()])),
    }
}

fn attachments(body: &Value) -> Result<Update<'_>, Refusal> {
    let Some(files) = body.get("attachments").filter(|files| *files != &json!([])) else {
        return Err(bad("Attachments are required"));
    };
    let mut check = Check::new(body);
    rules::attachments(&mut check, files);
    check.finish().map_err(|fields| Refusal::invalid("Invalid update data", fields))?;
    Ok(Update::Attachments(files))
}

fn change(desk: &Helpdesk, ticket: &mut HelpdeskTicket, update: &Update<'_>) -> Value {
    let at = desk.now();
    match update {
        Update::Comment(text) => {
            let comment = comment(desk, format!("[Via Omnichannel] {text}"), at);
            let shown = answers::written(&comment);
            ticket.comment(comment);
            json!({ "comment": shown })
        }
        Update::Status(status) => {
            let text = format!("[Omnichannel Update] Status changed to {status}");
            ticket.comment(comment(desk, text, at));
            ticket.change_status(status, at);
            json!({ "status": status })
        }
        Update::Attachments(files) => {
            let files = create::filed(files, at);
            let shown: Vec<_> = files
                .iter()
                .map(|file| json!({"filename": file.filename, "size": file.size}))
                .collect();
            files.into_iter().for_each(|file| ticket.attach(file));
            json!({ "attachments": shown })
        }
    }
}

fn comment(desk: &Helpdesk, content: String, at: Timestamp) -> Comment {
    let (id, author) = (desk.ids.cuid(at), AUTHOR.to_owned());
    Comment { id, content, author, timestamp: at, is_from_support: false }
}

//! `PATCH /sandbox/tickets/{number}`: what an agent of the helpdesk does at a screen.
//!
//! The OMNI API sets CANCELLED and PENDING only; without this no test could see a ticket resolved.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::patch;
use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::book::Comment;
use super::{Desk, Helpdesk};
use crate::answer::Answer;
use crate::control::refuse;
use crate::ring::lock;

pub(crate) fn routes(desk: Arc<Helpdesk>) -> Router {
    Router::new().route("/sandbox/tickets/{number}", patch(change)).with_state(desk)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    status: Option<String>,
    comment: Option<String>,
}

async fn change(State(desk): Desk, Path(number): Path<String>, body: Bytes) -> Answer {
    let change: Change = match serde_json::from_slice(&body) {
        Ok(change) => change,
        Err(error) => return refuse(&error.to_string()),
    };
    if desk.act(&number, change.status.as_deref(), change.comment.as_deref()) {
        let text = json!({"ticketNumber": number, "changed": true});
        return Answer::json(StatusCode::OK, &text);
    }
    Answer::json(StatusCode::NOT_FOUND, &json!({"error": "no such ticket"}))
}

impl Helpdesk {
    /// Changes a ticket as an agent would; says whether there is such a ticket.
    pub(crate) fn act(&self, key: &str, status: Option<&str>, comment: Option<&str>) -> bool {
        let at = self.now();
        let mut book = lock(&self.book);
        let Some(ticket) = book.find_mut(key) else {
            return false;
        };
        if let Some(text) = comment {
            ticket.comment(Comment {
                id: self.ids.cuid(at),
                content: text.to_owned(),
                author: "Support Agent".to_owned(),
                timestamp: at,
                is_from_support: true,
            });
        }
        if let Some(status) = status {
            ticket.change_status(status, at);
        }
        true
    }
}

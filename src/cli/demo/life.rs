//! One ticket's life after it was created: what people do in each system, and who is told of it.
//!
//! Each deed is done where it would be done: by the client at the door, by an agent at a stand-in's own
//! screen, which calls the hub as that system does. 3Dolphins calls nobody: a client who asks for the
//! ticket makes the hub ask.

use std::collections::BTreeMap;
use std::time::Instant;

use comfy_table::{Table, presets};
use omnihub_contract::{Event, Source, StatusWord};
use omnihub_sandbox::System;
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::super::Failed;
use super::outcome::{Totals, has_stand_in};
use super::{Client, LOOK, PATIENCE};
use crate::fixtures;
use crate::store::Record;

/// Who does something, and by what receipt the ticket is known there.
#[derive(Clone, Copy)]
enum Who {
    Client,
    Agent(System, &'static str),
}

/// What is done: a comment by the client, one by support, and a status by each system.
fn deeds() -> [(Who, Value); 5] {
    let helpdesk = || Who::Agent(System::Helpdesk, "ticketNumber");
    let comment = "Kartu saya juga belum kembali.";
    [
        (Who::Client, json!({"action": "ADD_COMMENT", "comment": comment})),
        (helpdesk(), json!({"comment": "Kami sedang memeriksa rekaman ATM."})),
        (Who::Agent(System::Sociomile, "ticketId"), json!({"status": "Pending"})),
        (helpdesk(), json!({"status": "RESOLVED"})),
        (Who::Agent(System::Dolphins, "ticketNumber"), json!({"status": "Closed"})),
    ]
}

/// A ticket that every system has: the documents' claim, as if it came from a chat.
pub(super) fn newborn(receiver: &str) -> Result<Value, Failed> {
    let claim = fixtures::named("create_ticket", "atm_card_claim");
    let mut body = claim.ok_or_else(|| Failed::Wrong("no example of a claim".to_owned()))?.body;
    for (member, value) in [
        ("/channel", "CHAT"),
        ("/channelReferenceId", "CHAT-2024-007"),
        ("/integration/requestId", "REQ-2024-007-LIFE"),
        ("/integration/webhookUrl", receiver),
    ] {
        let member = body.pointer_mut(member);
        *member.ok_or_else(|| Failed::Wrong("the example changed".to_owned()))? = json!(value);
    }
    Ok(body)
}

/// Somebody who does things to one ticket.
pub(super) struct Life<'a> {
    pub(super) client: &'a Client<'a>,
    pub(super) number: &'a str,
}

impl Life<'_> {
    /// Leads the ticket from its birth to its end; gives what it came to.
    ///
    /// # Errors
    /// When something is refused, or does not come round.
    pub(super) async fn lead(&self) -> Result<Record, Failed> {
        let mut record = self.settled(0).await?;
        for (done, (who, what)) in (1..).zip(deeds()) {
            let answer = self.deed(&record, who, what)?.send().await?;
            let status = answer.status();
            let answer: Value = answer.json().await?;
            let heard = answer.pointer("/called/status").is_none_or(|status| *status == 200);
            if !status.is_success() || !heard {
                return Err(Failed::Wrong(format!("answered {status}: {answer}")));
            }
            record = self.settled(done).await?;
        }
        Ok(record)
    }

    fn deed(&self, record: &Record, who: Who, mut what: Value) -> Result<RequestBuilder, Failed> {
        let Who::Agent(system, receipt) = who else {
            return Ok(self
                .client
                .http
                .patch(self.url())
                .bearer_auth(&self.client.key)
                .json(&what));
        };
        let id = record.state.receipts.find(system.as_str(), receipt);
        let id = id.ok_or_else(|| Failed::Wrong(format!("{system} does not have it")))?;
        if let (Value::Object(what), false) = (&mut what, matches!(system, System::Dolphins)) {
            what.insert("call".to_owned(), json!(format!("http://{}", self.client.hub.address)));
        }
        let url = format!("{}/sandbox/tickets/{id}", self.client.stage.sandbox.base_url(system));
        Ok(self.client.http.patch(url).json(&what))
    }

    fn url(&self) -> String {
        format!("http://{}/api/omnichannel/tickets/{}", self.client.hub.address, self.number)
    }

    /// The ticket once so many things happened to it since its birth, and everybody was told.
    async fn settled(&self, happened: u16) -> Result<Record, Failed> {
        let began = Instant::now();
        loop {
            let record = self.client.hub.store.find(self.number)?;
            let record = record.ok_or_else(|| Failed::Wrong("the ticket is gone".to_owned()))?;
            let totals = Totals::of(std::slice::from_ref(&record));
            if record.state.later_events >= happened && totals.is_settled() {
                return Ok(record);
            }
            if began.elapsed() > PATIENCE {
                let what = format!("only {} of {happened} deeds", record.state.later_events);
                return Err(Failed::Wrong(format!("{what} were heard: {}", totals.progress())));
            }
            // As an impatient client would.
            self.client.http.get(self.url()).bearer_auth(&self.client.key).send().await?;
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// A row for each thing that happened: by whom, what, and who was told of it.
pub(super) fn table(record: &Record, events: &[Event]) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["What happened", "By", "Status", "Who was told"]);
    let mut status = StatusWord::Open;
    for (at, event) in (0_u16..).zip(events) {
        if let Some(change) = &event.change {
            status = change.to.canonical.clone();
        }
        let by = match &event.source {
            Source::Client => "the client",
            Source::Adapter(name) => name.as_str(),
            Source::Hub => "the hub",
        };
        let told = told(record, at);
        table.add_row([event.kind.as_str(), by, status.as_str(), &told]);
    }
    table.to_string()
}

/// A line for each system: what was done there because of the event at this place.
fn told(record: &Record, event: u16) -> String {
    let mut told: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let of_event = record.state.deliveries.iter().filter(|delivery| delivery.event == event);
    for delivery in of_event.filter(|delivery| has_stand_in(delivery.adapter.as_str())) {
        told.entry(delivery.adapter.as_str()).or_default().push(&delivery.operation);
    }
    let lines = told.iter().map(|(adapter, operations)| {
        let operations = operations.join(", ");
        format!("{adapter}: {operations}")
    });
    lines.collect::<Vec<_>>().join("\n")
}

//! One attempt: from a lease to what is to be settled.
//!
//! It waits for nothing but the adapter, writes nothing, and repeats nothing.

use omnihub_contract::{Delivery, Effect, LookUp, Operation, Repeat};
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::breaker::Reach;
use super::decide::{self, Circumstances, Next};
use super::trace::{SENT_BYTES_MAX, Trace};
use super::{Lane, Shared, files};
use crate::mapping::{Facts, MapFailure, Mappings};
use crate::store::link::words_mark;
use crate::store::{Lease, Note, Outcome};

/// Makes one attempt and says what follows; what is to be kept of it is in the trace.
pub async fn attempt(
    lane: &Lane,
    shared: &Shared,
    mappings: &Mappings,
    lease: &Lease,
    trace: &mut Trace,
) -> Next {
    let Some(operation) = lane.adapter.operations().iter().find(|o| o.name == &*lease.operation)
    else {
        let words = format!("the adapter has no operation `{}` any more", lease.operation);
        return Next::settle(Outcome::Dead(Note { code: "H0304".into(), words }));
    };
    let circumstances = || Circumstances {
        lease,
        is_repeatable: is_repeatable(lane, operation),
        policy: lane.retry.of(operation.name),
        seed: shared.seed,
        now: shared.clock.now(),
    };
    let mut files = match files::load(lane, shared, mappings, lease).await {
        Ok(files) => files,
        Err(error) => {
            let next = decide::without_files(&error, circumstances());
            tell(lane, lease, &next);
            return next;
        }
    };
    let payload = match map(lane, mappings, lease, &files.values) {
        Ok(payload) => payload,
        Err(outcome) => return Next::settle(outcome),
    };
    // The payload has its own copy; their room stays taken until that is sent.
    files.values.clear();
    let of = circumstances();
    let delivery = Delivery {
        id: lease.id,
        ticket: lease.ticket.id,
        partner: lease.ticket.partner.clone(),
        operation,
        payload,
        since: lease.event.at,
        at: of.now,
    };
    trace.sent = Some(mappings.shown(&lane.name, &lease.rule, &delivery.payload, SENT_BYTES_MAX));
    trace.echo = lane.adapter.shown_as(&delivery).map(words_mark);
    let next = called(lane, &delivery, of, trace).await;
    tell(lane, lease, &next);
    next
}

/// Asks after the delivery, where that is the first thing to do, and delivers it.
async fn called(
    lane: &Lane,
    delivery: &Delivery,
    of: Circumstances<'_>,
    trace: &mut Trace,
) -> Next {
    if of.lease.unknown && !of.is_repeatable {
        lane.budget.take(Effect::Read).await;
        let found = lane.adapter.look_up(delivery).await;
        match &found {
            Ok(LookUp::Found(receipt)) => trace.note(Ok(receipt)),
            Ok(LookUp::Absent | LookUp::CannotSay) => {}
            Err(failure) => trace.note(Err(failure)),
        }
        if let Some(next) = decide::after_look_up(found, of) {
            return next;
        }
    }
    let (began, under_way) = (Instant::now(), lane.counts.begin());
    let told = lane.adapter.deliver(delivery).await;
    drop(under_way);
    let fault = told.as_ref().err().map(|failure| failure.fault);
    lane.counts.ended(delivery.operation.name, fault, began.elapsed());
    trace.note(told.as_ref());
    match told {
        Ok(receipt) => Next { reach: Reach::Up, ..Next::settle(Outcome::Delivered(receipt)) },
        Err(failure) => decide::after_failure(&failure, of),
    }
}

fn is_repeatable(lane: &Lane, operation: &Operation) -> bool {
    operation.repeat == Repeat::Safe
        || lane.repeat_unknown.iter().any(|name| name == operation.name)
}

fn map(
    lane: &Lane,
    mappings: &Mappings,
    lease: &Lease,
    files: &[Value],
) -> Result<Map<String, Value>, Outcome> {
    let facts = Facts {
        ticket: &lease.ticket,
        event: &lease.event,
        status: &lease.status,
        receipts: &lease.receipts,
        attachments: files,
    };
    let mapped = mappings.map(&lane.name, &lease.rule, &facts);
    mapped.map_err(|failure| match failure {
        MapFailure::Waits(name) => Outcome::WaitsFor(name),
        MapFailure::Refused { code, message } => {
            Outcome::Dead(Note { code: code.into(), words: message })
        }
        MapFailure::NoRule => {
            let words = format!("the mapping has no rule `{}` any more", lease.rule);
            Outcome::Dead(Note { code: "H0305".into(), words })
        }
    })
}

/// One line a failed attempt, where a person would want to know; success is told at debug level.
fn tell(lane: &Lane, lease: &Lease, next: &Next) {
    let (adapter, delivery) = (&lane.name, &lease.id);
    match &next.outcome {
        Outcome::Delivered(_) => {
            tracing::debug!(%adapter, %delivery, operation = %lease.operation, "delivered");
        }
        Outcome::Retry { due, note, .. } => tracing::warn!(
            %adapter, %delivery, operation = %lease.operation, code = note.code, %due,
            "an attempt failed and is repeated: {}", note.words
        ),
        Outcome::Held(note) | Outcome::Dead(note) => tracing::error!(
            %adapter, %delivery, operation = %lease.operation, code = note.code,
            "a delivery needs a person: {}", note.words
        ),
        Outcome::Discarded(note) => tracing::info!(
            %adapter, %delivery, operation = %lease.operation, code = note.code,
            "a delivery was discarded: {}", note.words
        ),
        Outcome::Aside(destination) => {
            tracing::debug!(%adapter, %delivery, %destination, "a delivery stands aside");
        }
        Outcome::WaitsFor(name) => {
            tracing::debug!(%adapter, %delivery, receipt = %name, "a delivery waits");
        }
    }
}

//! `GET /api/omnichannel/tickets` and `/tickets/{number}`.

use std::collections::BTreeSet;

use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use super::reply::{Problem, json as answer};
use super::{Door, answers};
use crate::access::{Key, Scope};
use crate::store::Record;

/// Tickets that one request may ask for.
const BATCH_MAX: usize = 100;

/// `GET /tickets/{number}`: by a number, else by the channel's reference (contract trap 13).
pub(crate) async fn show(door: &Door, key: &Key, number: &str) -> Result<Response, Problem> {
    let record = record(door, key, number).await?;
    let shown = answer(StatusCode::OK, &detail(door, &record)?);
    door.store.synced().await?;
    Ok(shown)
}

/// `GET /tickets?ticketNumber=…` or `?channelReferenceId=…`; several numbers give a list (trap 11).
pub(crate) async fn find(door: &Door, key: &Key, query: &str) -> Result<Response, Problem> {
    let values = |wanted: &str| -> Vec<String> {
        let pairs = form_urlencoded::parse(query.as_bytes());
        pairs.filter(|(name, _)| name == wanted).map(|(_, value)| value.into_owned()).collect()
    };
    let references: Vec<String> =
        values("channelReferenceId").into_iter().filter(|value| !value.trim().is_empty()).collect();
    let found = match (numbers(&values("ticketNumber")), references.first()) {
        (numbers, None) => by_numbers(door, key, &numbers).await,
        (numbers, Some(reference)) => by_reference(door, key, &numbers, reference),
    }?;
    door.store.synced().await?;
    Ok(found)
}

/// The asked numbers in order: repeated parameters, or one that lists several with commas.
fn numbers(values: &[String]) -> Vec<String> {
    let split = values.iter().flat_map(|value| value.split(',')).map(str::trim);
    let mut seen = BTreeSet::new();
    split.filter(|n| !n.is_empty() && seen.insert(*n)).map(str::to_owned).collect()
}

async fn by_numbers(door: &Door, key: &Key, numbers: &[String]) -> Result<Response, Problem> {
    match numbers {
        [] => Err(Problem::of(
            StatusCode::BAD_REQUEST,
            "Either ticketNumber or channelReferenceId is required",
        )),
        [number] => {
            let record = match by_number(door, key, number)? {
                Some(record) => record,
                None => adopted(door, key, number).await?,
            };
            Ok(answer(StatusCode::OK, &detail(door, &record)?))
        }
        many if many.len() > BATCH_MAX => {
            let text = format!("At most {BATCH_MAX} tickets can be asked for at once");
            Err(Problem::of(StatusCode::BAD_REQUEST, text))
        }
        many => batch(door, key, many),
    }
}

fn batch(door: &Door, key: &Key, numbers: &[String]) -> Result<Response, Problem> {
    let mut tickets = Vec::new();
    let mut not_found = Vec::new();
    for number in numbers {
        match by_number(door, key, number)? {
            Some(record) => tickets.push(detail(door, &record)?),
            None => not_found.push(number),
        }
    }
    let body = json!({
        "success": true,
        "tickets": tickets,
        "notFound": not_found,
        "timestamp": door.clock.now(),
    });
    Ok(answer(StatusCode::OK, &body))
}

fn by_reference(
    door: &Door,
    key: &Key,
    numbers: &[String],
    reference: &str,
) -> Result<Response, Problem> {
    let record = newest(door, key, reference)?.ok_or_else(not_found)?;
    for number in numbers {
        // Both name a ticket: it has to be the same one (trap 12).
        let named = by_number(door, key, number)?;
        if named.is_none_or(|named| named.ticket.number != record.ticket.number) {
            let text = "ticketNumber and channelReferenceId name different tickets";
            return Err(Problem::of(StatusCode::BAD_REQUEST, text));
        }
    }
    Ok(answer(StatusCode::OK, &detail(door, &record)?))
}

/// The ticket that a path value names, if the key sees it; one of another partner is as unknown as
/// one that never was.
pub(crate) async fn record(door: &Door, key: &Key, name: &str) -> Result<Record, Problem> {
    let found = match by_number(door, key, name)? {
        None => newest(door, key, name)?,
        found => found,
    };
    match found {
        Some(record) => Ok(record),
        None => adopted(door, key, name).await,
    }
}

/// A ticket that the hub never saw, if the numbering adapter has it and says so in time: for keys that
/// see every partner's tickets, since it is no partner's.
async fn adopted(door: &Door, key: &Key, number: &str) -> Result<Record, Problem> {
    let wait = door.wait_for_numbering;
    if key.scope != Scope::All || wait.is_zero() {
        return Err(not_found());
    }
    let found = tokio::time::timeout(wait, door.ears.adopt(number)).await;
    found.ok().transpose()?.flatten().ok_or_else(not_found)
}

fn by_number(door: &Door, key: &Key, number: &str) -> Result<Option<Record>, Problem> {
    Ok(door.store.find(number)?.filter(|record| key.sees(&record.ticket.partner)))
}

fn newest(door: &Door, key: &Key, reference: &str) -> Result<Option<Record>, Problem> {
    let partner = (key.scope == Scope::Own).then_some(&key.partner);
    Ok(door.store.find_reference(partner, reference, 1)?.pop())
}

fn detail(door: &Door, record: &Record) -> Result<Value, Problem> {
    (door.asked)(record.ticket.number);
    let timeline = door.store.timeline(record)?;
    let clock = (&*door.ears.calendar, door.clock.now());
    Ok(answers::detail(record, &timeline, &door.numbering, &door.catalogue, clock))
}

fn not_found() -> Problem {
    Problem::of(StatusCode::NOT_FOUND, "Ticket not found")
}

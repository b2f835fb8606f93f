//! A store as format 1 had it, made of what today's writes.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use omnihub_contract::{Event, EventKind, Source, Ticket};
use serde_json::json;

use super::*;
use crate::clock::SystemClock;
use crate::store::disk::Pair;
use crate::store::embedded::raw::Raw;
use crate::store::outbox::TicketState;
use crate::store::{Acceptance, Due, Note, Outcome, Owed, Store, Track, embedded};

fn settings() -> StoreSettings {
    let polled = [("desk".into(), Duration::from_secs(60))].into();
    StoreSettings { polled, ..StoreSettings::of(9_000_000_000, "desk.number".parse().unwrap()) }
}

fn open(folder: &Path) -> Arc<dyn Store> {
    embedded::open(folder, &settings(), SystemClock::shared()).unwrap()
}

/// Closes it and lets go of its folder.
async fn gone(store: Arc<dyn Store>) {
    store.close().await;
}

/// Keeps a ticket that is due in the far future, with a create and something that waits for it.
async fn keep(store: &dyn Store) -> TicketNumber {
    let far = "2999-01-01T00:00:00Z";
    let ticket: Ticket = serde_json::from_value(json!({
        "id": uuid::Uuid::nil(), "number": store.reserve_number(), "kind": "ticket",
        "partner": "wa-bot", "service_type": "INQUIRY", "channel": "EMAIL", "priority": "LOW",
        "title": "Balance", "description": "A question", "customer": { "name": "Jane Smith" },
        "sla": { "hours": 72, "response_due": far, "resolution_due": far },
        "created_at": "2024-12-19T10:30:00Z",
    }))
    .unwrap();
    let due = |adapter: &str, needs: &[&str]| Due {
        adapter: adapter.into(),
        operation: "create".into(),
        rule: "create".into(),
        needs: needs.iter().map(|name| name.parse().unwrap()).collect(),
        unsafe_repeat: false,
        blocks: true,
        sets_status: false,
        // Format 1 knew no other.
        track: Track::Changes,
    };
    let number = ticket.number;
    let acceptance = Acceptance {
        event: Event::new(EventKind::TicketCreated, ticket.created_at, Source::Client),
        ticket: ticket.into(),
        due: vec![due("desk", &[]), due("bureau", &["desk.number"])],
        contents: Vec::new(),
        request: None,
        likeness: None,
        public_number: None,
    };
    store.accept(acceptance).await.unwrap();
    number
}

/// A ticket that is delivered at the desk, one that is dead there, and one that nobody has.
async fn filled(folder: &Path) {
    let store = open(folder);
    for outcome in [
        Outcome::Delivered(omnihub_contract::Receipt {
            values: [("number".into(), "17".into())].into(),
            ..Default::default()
        }),
        Outcome::Dead(Note { code: "H0401".into(), words: "no".into() }),
    ] {
        keep(&*store).await;
        let lease = store.lease("desk".into(), 1).await.unwrap().pop().unwrap();
        store.settle(lease.id, outcome).await.unwrap();
    }
    keep(&*store).await;
    gone(store).await;
}

/// What a folder would hold if format 1 had written it: no plans, no tally, no times of groups.
fn age(folder: &Path) {
    let disk = Raw::open(folder);
    let mut writes = Writes::default();
    for (key, value) in disk.pairs() {
        match key.first() {
            Some(b'v' | b'g' | b'u') => writes.remove(key),
            Some(b'f') => writes.put(key, value[..value.len() - 8].to_vec()),
            _ => {}
        }
    }
    writes.remove(layout::tally());
    writes.put(layout::format(), 1_u32.to_be_bytes().to_vec());
    disk.commit(writes);
}

fn pairs(folder: &Path) -> Vec<Pair> {
    Raw::open(folder).pairs()
}

#[tokio::test]
async fn a_store_of_format_1_is_brought_up_to_date_once_and_goes_on_as_if_it_had_always_been() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    filled(folder).await;
    let (before, fresh) = (pairs(folder), open(folder));
    let stock = fresh.stock().unwrap();
    gone(fresh).await;
    age(folder);
    assert!(pairs(folder).len() < before.len());

    let store = open(folder);
    assert_eq!(store.stock().unwrap().owed, stock.owed);
    let desk = Owed { due: 1, dead: 1, ..Owed::default() };
    let bureau = Owed { due: 1, waiting: 2, ..Owed::default() };
    assert_eq!(stock.owed.0, [("desk".into(), desk), ("bureau".into(), bureau)].into());
    // What was owed goes, also what nobody knows the age of.
    let lease = store.lease("desk".into(), 5).await.unwrap();
    assert_eq!(lease.len(), 1);
    gone(store).await;

    let kinds = |pairs: &[Pair], wanted: &[u8]| -> Vec<Vec<u8>> {
        let keys = pairs.iter().map(|(key, _)| key);
        keys.filter(|key| wanted.contains(&key[0])).cloned().collect()
    };
    let after = pairs(folder);
    assert_eq!(kinds(&after, b"vgts"), kinds(&before, b"vgts"));
    assert_eq!(kinds(&after, b"u").len(), 1, "the ticket that the desk has is polled again");
    let reopened = open(folder);
    assert_eq!(reopened.stock().unwrap().owed, stock.owed);
    gone(reopened).await;
}

#[test]
fn a_store_of_a_newer_format_is_refused_with_its_code_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let disk = Raw::open(folder);
    let mut writes = Writes::default();
    writes.put(layout::format(), (layout::FORMAT + 1).to_be_bytes().to_vec());
    disk.commit(writes);
    drop(disk);
    let before = pairs(folder);
    let refused = |refused: Option<StoreError>| {
        let words = refused.unwrap().to_string();
        for part in ["of format 3", "H0903", "up to format 2"] {
            assert!(words.contains(part), "{words}");
        }
    };
    refused(embedded::open(folder, &settings(), SystemClock::shared()).err());
    refused(embedded::compact(folder).err());
    assert_eq!(pairs(folder), before);
}

#[test]
fn what_people_decided_is_read_by_its_old_name_too() {
    let at = "2024-12-19T10:30:00Z".parse().unwrap();
    let created = Event::new(EventKind::TicketCreated, at, Source::Client);
    let state = TicketState::start(created, Vec::new(), None);
    let mut old = serde_json::to_value(&state).unwrap();
    old["interventions"] = json!([{
        "at": at, "delivery": 1, "what": "discarded", "by": "siti", "reason": "closed by hand",
    }]);
    let read: TicketState = serde_json::from_value(old).unwrap();
    assert_eq!((&*read.decisions[0].by, read.decisions[0].delivery), ("siti", Some(1)));
    let new = serde_json::to_value(&read).unwrap();
    assert!(new.get("interventions").is_none() && new.get("decisions").is_some());
}

//! The list. Each behaviour is a function over any store; the macro at the end runs each over all.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use omnihub::store::attempt::{ATTEMPTS_MAX, Attempt, AttemptEnd};
use omnihub::store::outbox::Phase;
use omnihub::store::recent::Likeness;
use omnihub::store::{
    Acceptance, Accepted, Decided, Decision, LANE_MAX, Note, Outcome, RecordKind, Store,
    StoreError, Verdict,
};
use omnihub_contract::Receipt;

use super::contents::{
    a_content_that_ends_in_an_error_is_not_kept, contents_come_back_exactly_as_they_came,
    what_is_not_kept_leaves_no_contents,
};
use super::samples::{
    accept, acceptance, comment, create, delivered, lease, needing, request, tell, ticket,
};

/// Far longer than a lease takes that somebody waits for.
const SOON: Duration = Duration::from_secs(10);

async fn a_ticket_is_found_by_every_number_it_has(store: Arc<dyn Store>) {
    let number = accept(&*store, vec![create("helpdesk")]).await;
    let leases = lease(&*store, "helpdesk").await;
    store.settle(leases[0].id, delivered("ticketNumber", "1446")).await.unwrap();
    for text in [number.to_string().as_str(), "1446"] {
        let found = store.find(text).unwrap().expect("found");
        assert_eq!(found.ticket.number, number);
        assert_eq!(found.state.receipts.find("helpdesk", "ticketNumber"), Some("1446"));
    }
    assert!(store.find("1447").unwrap().is_none());
}

async fn the_newest_tickets_come_first(store: Arc<dyn Store>) {
    assert_eq!(store.newest(10).unwrap(), []);
    let mut numbers = Vec::new();
    for _ in 0..3 {
        numbers.push(accept(&*store, Vec::new()).await);
    }
    numbers.reverse();
    assert_eq!(store.newest(10).unwrap(), numbers);
    assert_eq!(store.newest(2).unwrap(), numbers[..2]);
}

async fn a_repeated_request_makes_no_second_ticket(store: Arc<dyn Store>) {
    let first = ticket(store.reserve_number(), "one");
    let second = ticket(store.reserve_number(), "two");
    let with_key = |ticket| Acceptance {
        request: Some(request(7, 1)),
        ..acceptance(ticket, vec![create("helpdesk")])
    };
    // At once, so that both are in one group.
    let (a, b) = tokio::join!(store.accept(with_key(&first)), store.accept(with_key(&second)));
    let kept = [a.unwrap(), b.unwrap()];
    let repeats = kept.iter().filter(|kept| matches!(kept, Accepted::Repeated(_))).count();
    assert_eq!(repeats, 1);
    let prior = store.find_request(&[7; 32]).unwrap().expect("kept");
    assert_eq!((prior.fingerprint, prior.status), ([1; 32], 201));
    let third = store.accept(with_key(&ticket(store.reserve_number(), "three"))).await.unwrap();
    assert_eq!(third, Accepted::Repeated(prior));
    assert_eq!(lease(&*store, "helpdesk").await.len(), 1);
}

async fn an_equal_claim_without_a_request_id_makes_no_second_ticket(store: Arc<dyn Store>) {
    let like = |whole, subject| Acceptance {
        likeness: Some(Likeness {
            whole: [whole; 16],
            subject: [subject; 16],
            until: "2999-01-01T00:00:00Z".parse().unwrap(),
        }),
        ..acceptance(&ticket(store.reserve_number(), "a claim"), vec![create("helpdesk")])
    };
    let (first, similar) = (like(1, 9), like(2, 9));
    let numbers = [first.ticket.number, similar.ticket.number];
    // At once, so that both are in one group.
    let (a, b) = tokio::join!(store.accept(first), store.accept(like(1, 9)));
    assert_eq!([a.unwrap(), b.unwrap()], [Accepted::Kept, Accepted::Same(numbers[0])]);
    assert_eq!(store.accept(similar).await.unwrap(), Accepted::Kept);
    assert_eq!(store.accept(like(2, 9)).await.unwrap(), Accepted::Same(numbers[1]));
    let found = numbers.map(|number| store.find(&number.to_string()).unwrap().unwrap());
    assert_eq!(found[0].state.findings, []);
    let note =
        Note { code: "H0601".into(), words: format!("possible duplicate of {}", numbers[0]) };
    assert_eq!(found[1].state.findings.iter().map(|f| &f.note).collect::<Vec<_>>(), [&note]);
    assert_eq!(lease(&*store, "helpdesk").await.len(), 2);
}

async fn deliveries_of_one_ticket_and_adapter_go_one_at_a_time(store: Arc<dyn Store>) {
    accept(&*store, vec![tell("webhook"), tell("webhook"), tell("other")]).await;
    let first = lease(&*store, "webhook").await;
    assert_eq!(ordinals(&first), [1]);
    assert_eq!(ordinals(&lease(&*store, "other").await), [3], "another adapter does not wait");
    store.settle(first[0].id, Outcome::Delivered(Receipt::default())).await.unwrap();
    assert_eq!(ordinals(&lease(&*store, "webhook").await), [2]);
}

async fn a_delivery_waits_for_the_receipt_that_it_reads(store: Arc<dyn Store>) {
    let due = vec![needing(create("sociomile"), "helpdesk.ticketNumber"), create("helpdesk")];
    let number = accept(&*store, due).await;
    let state = store.find(&number.to_string()).unwrap().unwrap().state;
    assert_eq!(state.waits_for(0).as_deref(), Some("helpdesk.ticketNumber"));
    let helpdesk = lease(&*store, "helpdesk").await;
    store.settle(helpdesk[0].id, delivered("ticketNumber", "1446")).await.unwrap();
    let sociomile = lease(&*store, "sociomile").await;
    assert_eq!(sociomile[0].receipts.find("helpdesk", "ticketNumber"), Some("1446"));
}

async fn a_mapping_that_reads_more_than_was_known_waits_for_it(store: Arc<dyn Store>) {
    accept(&*store, vec![tell("webhook"), create("helpdesk")]).await;
    let webhook = lease(&*store, "webhook").await;
    let missing = "helpdesk.ticketNumber".parse().unwrap();
    store.settle(webhook[0].id, Outcome::WaitsFor(missing)).await.unwrap();
    let helpdesk = lease(&*store, "helpdesk").await;
    store.settle(helpdesk[0].id, delivered("ticketNumber", "1446")).await.unwrap();
    assert_eq!(ordinals(&lease(&*store, "webhook").await), [1]);
}

async fn a_retry_that_is_due_at_once_reaches_who_waits_already(store: Arc<dyn Store>) {
    let past = "2024-12-19T10:30:01Z".parse().unwrap();
    accept(&*store, vec![create("helpdesk")]).await;
    let mut id = lease(&*store, "helpdesk").await[0].id;
    for _ in 0..20 {
        let note = Note { code: "H0406".into(), words: "no answer".into() };
        let again = Outcome::Retry { due: past, counts: false, unknown: true, note };
        // The lease is asked for first, as by an adapter that has room for more attempts.
        let both = async { tokio::join!(lease(&*store, "helpdesk"), store.settle(id, again)) };
        let (leases, settled) = tokio::time::timeout(SOON, both).await.expect("leased again");
        settled.unwrap();
        id = leases[0].id;
    }
}

async fn a_retry_comes_at_its_time_with_its_history(store: Arc<dyn Store>) {
    accept(&*store, vec![create("helpdesk")]).await;
    let first = lease(&*store, "helpdesk").await;
    #[expect(
        clippy::disallowed_methods,
        reason = "the store under test runs on the machine's clock"
    )]
    let due = Timestamp::now() + Duration::from_millis(40);
    let due = Timestamp::from_millisecond(due.as_millisecond()).unwrap();
    let outcome = Outcome::Retry { due, counts: true, unknown: true, note: note() };
    store.settle(first[0].id, outcome).await.unwrap();
    let again = lease(&*store, "helpdesk").await;
    #[expect(
        clippy::disallowed_methods,
        reason = "the store under test runs on the machine's clock"
    )]
    let now = Timestamp::now();
    assert!(now >= due, "leased {now}, due {due}");
    assert_eq!((again[0].id, again[0].attempts, again[0].unknown), (first[0].id, 1, true));
}

async fn a_deliverys_age_counts_from_its_first_attempt_that_counts(store: Arc<dyn Store>) {
    let number = accept(&*store, vec![create("helpdesk")]).await;
    let created = store.find(&number.to_string()).unwrap().unwrap().ticket.created_at;
    let retry = |counts| Outcome::Retry { due: created, counts, unknown: false, note: note() };
    let first = lease(&*store, "helpdesk").await.remove(0);
    assert!(first.since > created, "the sample was created long ago, and tried just now");
    store.settle(first.id, retry(false)).await.unwrap();
    let second = lease(&*store, "helpdesk").await.remove(0);
    assert!(second.since >= first.since);
    store.settle(second.id, retry(true)).await.unwrap();
    let third = lease(&*store, "helpdesk").await.remove(0);
    assert_eq!(third.since, second.since);
}

async fn a_blocking_delivery_keeps_later_ones_waiting_and_others_do_not(store: Arc<dyn Store>) {
    accept(&*store, vec![create("helpdesk"), tell("helpdesk")]).await;
    accept(&*store, vec![tell("helpdesk"), tell("helpdesk")]).await;
    for lease in lease(&*store, "helpdesk").await {
        store.settle(lease.id, Outcome::Dead(note())).await.unwrap();
    }
    let next = lease(&*store, "helpdesk").await;
    assert_eq!(next.len(), 1, "only the one behind a delivery that does not block");
    assert_eq!(next[0].id.ordinal, 2);
    let ledger = store.ledger(10).unwrap();
    assert_eq!(ledger.len(), 2);
    assert_eq!(ledger[0].state.waits_for(1).as_deref(), Some("delivery 1"));
}

async fn a_discarded_delivery_takes_those_that_need_its_receipt(store: Arc<dyn Store>) {
    let due = vec![tell("dolphins"), needing(tell("dolphins"), "dolphins.ticketNumber")];
    let number = accept(&*store, due).await;
    let link = lease(&*store, "dolphins").await;
    store.settle(link[0].id, Outcome::Discarded(note())).await.unwrap();
    let state = store.find(&number.to_string()).unwrap().unwrap().state;
    let phases: Vec<Phase> = state.deliveries.iter().map(|delivery| delivery.phase).collect();
    assert_eq!(phases, [Phase::Discarded, Phase::Discarded]);
}

async fn what_needs_a_receipt_that_nobody_gives_any_more_is_discarded_too(store: Arc<dyn Store>) {
    let due = vec![
        create("helpdesk"),
        needing(create("sociomile"), "helpdesk.ticketNumber"),
        needing(tell("sociomile"), "sociomile.ticketId"),
    ];
    let number = accept(&*store, due).await;
    let id = lease(&*store, "helpdesk").await[0].id;
    store.settle(id, Outcome::Discarded(note())).await.unwrap();
    let later = needing(tell("helpdesk"), "helpdesk.ticketNumber");
    // The last waits for nothing but its turn.
    store.change(comment(number, vec![later, tell("helpdesk")])).await.unwrap();
    let state = store.find(&number.to_string()).unwrap().unwrap().state;
    let phases: Vec<Phase> = state.deliveries.iter().map(|delivery| delivery.phase).collect();
    assert_eq!(phases[..4], [Phase::Discarded; 4], "also what waits for those, or comes later");
    assert_eq!(ordinals(&lease(&*store, "helpdesk").await), [5]);
}

async fn a_ticket_that_the_numbering_adapter_never_gets_keeps_the_hubs_own_number(
    store: Arc<dyn Store>,
) {
    accept(&*store, vec![create("helpdesk"), needing(tell("webhook"), "hub.number")]).await;
    let id = lease(&*store, "helpdesk").await[0].id;
    store.settle(id, Outcome::Discarded(note())).await.unwrap();
    let told = lease(&*store, "webhook").await;
    let number = id.ticket.to_string();
    assert_eq!(told[0].receipts.public_number(), Some(&*number), "else it would wait for ever");
}

async fn what_a_person_decided_waits_for_nobody_any_more(store: Arc<dyn Store>) {
    for verdict in
        [Verdict::Again(None), Verdict::Discarded, Verdict::Delivered(Receipt::default())]
    {
        let number = accept(&*store, vec![create("helpdesk")]).await;
        let id = lease(&*store, "helpdesk").await[0].id;
        let decide = |verdict| Decision { id, verdict, by: "siti".into(), reason: "seen".into() };
        let waits = Decided::NotWaiting(Phase::InFlight);
        assert_eq!(store.decide(decide(verdict.clone())).await.unwrap(), waits);
        store.settle(id, Outcome::Held(note())).await.unwrap();
        assert_eq!(store.ledger(10).unwrap().len(), 1);
        assert_eq!(store.decide(decide(verdict.clone())).await.unwrap(), Decided::Done);
        assert!(store.ledger(10).unwrap().is_empty(), "{verdict:?}");
        let state = store.find(&number.to_string()).unwrap().unwrap().state;
        assert_eq!(state.decisions.len(), 1);
        if verdict == Verdict::Again(None) {
            let again = lease(&*store, "helpdesk").await;
            assert_eq!((again[0].id, again[0].attempts, again[0].unknown), (id, 0, false));
            store.settle(id, Outcome::Delivered(Receipt::default())).await.unwrap();
        }
    }
}

async fn one_that_is_delivered_again_waits_for_a_later_one_that_has_gone_ahead(
    store: Arc<dyn Store>,
) {
    accept(&*store, vec![tell("webhook"), tell("webhook"), tell("webhook")]).await;
    let first = lease(&*store, "webhook").await[0].id;
    store.settle(first, Outcome::Dead(note())).await.unwrap();
    let second = lease(&*store, "webhook").await[0].id;
    let again = Decision {
        id: first,
        verdict: Verdict::Again(None),
        by: "siti".into(),
        reason: "ok".into(),
    };
    assert_eq!(store.decide(again).await.unwrap(), Decided::Done);
    let state = store.find(&first.ticket.to_string()).unwrap().unwrap().state;
    assert_eq!(state.waits_for(0).as_deref(), Some("delivery 2"));
    store.settle(second, Outcome::Delivered(Receipt::default())).await.unwrap();
    assert_eq!(ordinals(&lease(&*store, "webhook").await), [1]);
}

async fn more_than_fits_in_memory_is_leased_in_full(store: Arc<dyn Store>) {
    let count = 2 * LANE_MAX + 10;
    for _ in 0..count {
        accept(&*store, vec![tell("webhook")]).await;
    }
    let mut seen = std::collections::BTreeSet::new();
    while seen.len() < count {
        for lease in lease(&*store, "webhook").await {
            assert!(seen.insert(lease.id), "{} was leased twice", lease.id);
            store.settle(lease.id, Outcome::Delivered(Receipt::default())).await.unwrap();
        }
    }
}

async fn small_records_are_kept_by_kind_and_name(store: Arc<dyn Store>) {
    let value = serde_json::json!({ "partner": "wa-bot" });
    store.put(RecordKind::Partner, "wa-bot", value.clone()).await.unwrap();
    let read = store.read(RecordKind::Partner, "wa-bot").unwrap().unwrap();
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&read).unwrap(), value);
    assert_eq!(store.read(RecordKind::Key, "wa-bot").unwrap(), None);
}

async fn small_records_are_listed_by_kind_in_the_order_of_their_names(store: Arc<dyn Store>) {
    for (kind, name) in
        [(RecordKind::Partner, "b"), (RecordKind::Key, "k"), (RecordKind::Partner, "a")]
    {
        store.put(kind, name, name.into()).await.unwrap();
    }
    let listed = |limit| store.records(RecordKind::Partner, limit).unwrap();
    assert_eq!(listed(10), [("a".to_owned(), "a".into()), ("b".to_owned(), "b".into())]);
    assert_eq!(listed(1).len(), 1);
    assert_eq!(store.records(RecordKind::Key, 10).unwrap(), [("k".to_owned(), "k".into())]);
}

async fn leasing_stops_and_a_closed_store_refuses(store: Arc<dyn Store>) {
    let waiting = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.lease("helpdesk".into(), 1).await.map(|leases| leases.len()) }
    });
    store.stop_leasing();
    assert_eq!(waiting.await.unwrap().unwrap(), 0);
    store.close().await;
    let ticket = ticket(store.reserve_number(), "too late");
    let refused = store.accept(acceptance(&ticket, vec![])).await;
    assert!(matches!(refused, Err(StoreError::Closed)));
}

fn attempt(second: i64, end: AttemptEnd) -> Attempt {
    Attempt {
        at: Timestamp::from_second(second).unwrap(),
        took_ms: 5,
        end,
        mapping: format!("mapping-{second}").into(),
        sent: Some("{}".into()),
        answer: None,
        fault: None,
        note: None,
        echo: None,
    }
}

async fn the_first_attempt_of_a_delivery_and_the_newest_are_kept(store: Arc<dyn Store>) {
    let number = accept(&*store, vec![tell("helpdesk"), tell("webhook")]).await;
    for second in 0..25 {
        let id = lease(&*store, "helpdesk").await[0].id;
        let again = Outcome::Retry {
            due: Timestamp::UNIX_EPOCH,
            counts: true,
            unknown: false,
            note: note(),
        };
        let kept = attempt(second, AttemptEnd::Again);
        store.settle_attempt(id, again, Some(kept)).await.unwrap();
    }
    let id = lease(&*store, "helpdesk").await[0].id;
    let done = Outcome::Delivered(Receipt::default());
    store.settle_attempt(id, done, Some(attempt(25, AttemptEnd::Delivered))).await.unwrap();
    let kept = store.attempts(id).unwrap();
    let expected: Vec<_> = std::iter::once(attempt(0, AttemptEnd::Again))
        .chain((17..25).map(|second| attempt(second, AttemptEnd::Again)))
        .chain([attempt(25, AttemptEnd::Delivered)])
        .collect();
    assert_eq!(kept, expected);
    assert!(kept.len() <= ATTEMPTS_MAX);
    let state = store.find(&number.to_string()).unwrap().unwrap().state;
    assert_eq!((state.deliveries[0].tries, state.deliveries[1].tries), (26, 0));
    assert_eq!(state.deliveries[0].mapping.as_deref(), Some("mapping-25"));
    let other = omnihub_contract::DeliveryId { ordinal: 2, ..id };
    assert_eq!(store.attempts(other).unwrap(), []);
}

fn ordinals(leases: &[omnihub::store::Lease]) -> Vec<u16> {
    leases.iter().map(|lease| lease.id.ordinal).collect()
}

fn note() -> Note {
    Note { code: "H0401".into(), words: "NamaNasabah required".into() }
}

macro_rules! behaviours {
    ($($name:ident),+ $(,)?) => {
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let folder = tempfile::tempdir().unwrap();
                super::$name(super::super::in_folder(folder.path())).await;
            })+
        }

        mod memory {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(super::super::in_memory()).await;
            })+
        }

        mod on_task {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::super::on_task()).await;
            })+
        }
    };
}

behaviours! {
    a_ticket_is_found_by_every_number_it_has,
    the_newest_tickets_come_first,
    a_repeated_request_makes_no_second_ticket,
    an_equal_claim_without_a_request_id_makes_no_second_ticket,
    deliveries_of_one_ticket_and_adapter_go_one_at_a_time,
    a_delivery_waits_for_the_receipt_that_it_reads,
    a_mapping_that_reads_more_than_was_known_waits_for_it,
    a_retry_comes_at_its_time_with_its_history,
    a_retry_that_is_due_at_once_reaches_who_waits_already,
    a_deliverys_age_counts_from_its_first_attempt_that_counts,
    a_blocking_delivery_keeps_later_ones_waiting_and_others_do_not,
    a_discarded_delivery_takes_those_that_need_its_receipt,
    the_first_attempt_of_a_delivery_and_the_newest_are_kept,
    what_needs_a_receipt_that_nobody_gives_any_more_is_discarded_too,
    a_ticket_that_the_numbering_adapter_never_gets_keeps_the_hubs_own_number,
    what_a_person_decided_waits_for_nobody_any_more,
    one_that_is_delivered_again_waits_for_a_later_one_that_has_gone_ahead,
    more_than_fits_in_memory_is_leased_in_full,
    contents_come_back_exactly_as_they_came,
    what_is_not_kept_leaves_no_contents,
    a_content_that_ends_in_an_error_is_not_kept,
    small_records_are_kept_by_kind_and_name,
    small_records_are_listed_by_kind_in_the_order_of_their_names,
    leasing_stops_and_a_closed_store_refuses,
}

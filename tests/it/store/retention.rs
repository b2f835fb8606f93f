//! Retention, and clocks that jump: over stores whose clock the test sets.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use omnihub::clock::Clock;
use omnihub::store::outbox::Phase;
use omnihub::store::{
    Acceptance, Changed, Decision, Note, Outcome, Store, StoreError, StoreSettings, Verdict,
    embedded, memory,
};
use omnihub_contract::TicketNumber;

use super::samples::{accept, acceptance, comment, create, delivered, lease, ticket, with_files};
use super::settings;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// How long tickets are kept here.
pub(super) const KEEP: Duration = Duration::from_secs(10 * 24 * 3600);

/// Longest wait for what is due at once, and for what a clock's jump makes due.
const SOON: Duration = Duration::from_secs(60);

/// A clock that stands until it is set.
#[derive(Clone)]
pub(super) struct Set(Arc<Mutex<Timestamp>>);

impl Set {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new("2024-12-19T10:30:00Z".parse().unwrap())))
    }

    pub(super) fn on(&self, by: SignedDuration) {
        let mut now = self.0.lock().unwrap();
        *now = now.checked_add(by).unwrap();
    }
}

impl Clock for Set {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

fn keeping() -> StoreSettings {
    StoreSettings { keep: KEEP, keep_numbers: KEEP * 3, ..settings() }
}

pub(super) async fn keep_house(store: &dyn Store) {
    while store.forget().await.unwrap() {}
}

fn is_whole(store: &dyn Store, number: TicketNumber) -> bool {
    let record = store.find(&number.to_string()).unwrap().expect("it is found for ever");
    assert_eq!(
        record.state.purged_at.is_none(),
        record.ticket.customer.name.reveal() == "Jane Smith"
    );
    record.state.purged_at.is_none()
}

/// Accepts a ticket with a delivery and lets it end so.
async fn ended(store: &dyn Store, outcome: Option<Outcome>) -> TicketNumber {
    let number = accept(store, vec![create("helpdesk")]).await;
    if let Some(outcome) = outcome {
        let leases = lease(store, "helpdesk").await;
        store.settle(leases[0].id, outcome).await.unwrap();
    }
    number
}

fn note() -> Note {
    Note { code: "H0407".into(), words: "nobody knows".into() }
}

async fn only_what_owes_nothing_is_purged(store: Arc<dyn Store>, clock: Set) {
    let done = ended(&*store, Some(delivered("ticketNumber", "1446"))).await;
    let held = ended(&*store, Some(Outcome::Held(note()))).await;
    let dead = ended(&*store, Some(Outcome::Dead(note()))).await;
    let owed_nothing = accept(&*store, Vec::new()).await;
    let due = ended(&*store, None).await;
    clock.on(DAY * 9);
    keep_house(&*store).await;
    assert!([done, owed_nothing].iter().all(|number| is_whole(&*store, *number)), "in its time");
    clock.on(DAY * 2);
    keep_house(&*store).await;
    assert!([done, owed_nothing].iter().all(|number| !is_whole(&*store, *number)));
    assert!([held, dead, due].iter().all(|number| is_whole(&*store, *number)));
    // What stays: numbers and where it stands.
    let record = store.find("1446").unwrap().unwrap();
    assert_eq!(record.ticket.number, done);
    assert_eq!(record.state.deliveries[0].phase, Phase::Delivered);
    // A person decides, and then its time begins.
    let id = omnihub_contract::DeliveryId { ticket: held, ordinal: 1 };
    let (by, reason) = ("a person".to_owned(), "seen".to_owned());
    store.decide(Decision { id, verdict: Verdict::Discarded, by, reason }).await.unwrap();
    clock.on(DAY * 9);
    keep_house(&*store).await;
    assert!(is_whole(&*store, held));
    clock.on(DAY * 2);
    keep_house(&*store).await;
    assert!(!is_whole(&*store, held) && is_whole(&*store, dead));
}

async fn a_change_begins_the_time_anew_and_a_purged_ticket_takes_none(
    store: Arc<dyn Store>,
    clock: Set,
) {
    let number = accept(&*store, Vec::new()).await;
    clock.on(DAY * 9);
    let mut change = comment(number, Vec::new());
    change.event.at = clock.now();
    assert!(matches!(store.change(change).await.unwrap(), Changed::Kept { .. }));
    clock.on(DAY * 9);
    keep_house(&*store).await;
    assert!(is_whole(&*store, number));
    clock.on(DAY * 2);
    keep_house(&*store).await;
    assert!(!is_whole(&*store, number));
    let record = store.find(&number.to_string()).unwrap().unwrap();
    let timeline = store.timeline(&record).unwrap();
    assert!(timeline.len() == 2 && timeline[1].comment.is_none());
    let refused = store.change(comment(number, Vec::new())).await.unwrap();
    assert_eq!(refused, Changed::Final);
}

async fn files_go_with_their_ticket(store: Arc<dyn Store>, clock: Set) {
    let contents = [b"one".to_vec(), b"two".to_vec()];
    let (with, acceptance): (_, Acceptance) = with_files(store.reserve_number(), &contents);
    store.accept(acceptance).await.unwrap();
    clock.on(DAY * 11);
    keep_house(&*store).await;
    for attachment in &with.attachments {
        let gone = store.content(with.number, attachment);
        assert!(matches!(gone, Err(StoreError::Damaged { .. })), "{gone:?}");
    }
    let record = store.find(&with.number.to_string()).unwrap().unwrap();
    assert!(record.ticket.attachments.is_empty());
}

async fn what_was_purged_long_ago_is_gone_and_its_number_is_never_given_again(
    store: Arc<dyn Store>,
    clock: Set,
) {
    let first = ended(&*store, Some(delivered("ticketNumber", "1446"))).await;
    let last = accept(&*store, Vec::new()).await;
    for _ in 0..2 {
        clock.on(DAY * 31);
        keep_house(&*store).await;
    }
    assert!(store.find(&first.to_string()).unwrap().is_none());
    assert!(store.find("1446").unwrap().is_none());
    assert!(!is_whole(&*store, last), "the last number stays");
}

async fn more_than_one_step_purges_are_all_purged(store: Arc<dyn Store>, clock: Set) {
    let mut numbers = Vec::new();
    for _ in 0..100 {
        let ticket = ticket(store.reserve_number(), "one of many");
        numbers.push(ticket.number);
        store.accept(acceptance(&ticket, Vec::new())).await.unwrap();
    }
    clock.on(DAY * 11);
    keep_house(&*store).await;
    assert!(numbers.into_iter().all(|number| !is_whole(&*store, number)));
}

/// A retry that was due in five minutes, when the clock is set meanwhile.
async fn check_jump(by: SignedDuration, is_due: bool) {
    let clock = Set::new();
    let store = memory::open(&settings(), Arc::new(clock.clone())).unwrap();
    accept(&*store, vec![create("helpdesk")]).await;
    let first = lease(&*store, "helpdesk").await.remove(0);
    let due = clock.now() + SignedDuration::from_mins(5);
    let again = Outcome::Retry { due, counts: true, unknown: false, note: note() };
    let waiting = Arc::clone(&store);
    let waiting = tokio::spawn(async move { waiting.lease("helpdesk".into(), 1).await.unwrap() });
    store.settle(first.id, again).await.unwrap();
    clock.on(by);
    // What comes in meanwhile goes at once, whatever the clock says.
    let other = accept(&*store, vec![create("other")]).await;
    assert_eq!(lease(&*store, "other").await[0].id.ticket, other);
    if !is_due {
        assert!(!waiting.is_finished(), "{by}");
        clock.on(-by + SignedDuration::from_mins(6));
    }
    let leased = tokio::time::timeout(SOON, waiting).await.unwrap().unwrap();
    assert_eq!(leased[0].id, first.id, "{by}");
}

#[tokio::test]
async fn a_retry_goes_on_when_the_clock_jumps_forwards_a_month() {
    check_jump(DAY * 31, true).await;
}

#[tokio::test]
async fn a_retry_waits_no_longer_than_the_clock_went_back() {
    check_jump(SignedDuration::from_hours(-1), false).await;
}

macro_rules! retention {
    ($($name:ident)+) => { $(
        mod $name {
            use super::*;

            #[tokio::test]
            async fn in_memory() {
                let clock = Set::new();
                let store = memory::open(&keeping(), Arc::new(clock.clone())).unwrap();
                super::$name(store, clock).await;
            }

            #[tokio::test]
            async fn in_a_folder() {
                let (clock, folder) = (Set::new(), tempfile::tempdir().unwrap());
                let store =
                    embedded::open(folder.path(), &keeping(), Arc::new(clock.clone())).unwrap();
                super::$name(store, clock).await;
            }
        }
    )+ };
}

retention! {
    only_what_owes_nothing_is_purged
    a_change_begins_the_time_anew_and_a_purged_ticket_takes_none
    files_go_with_their_ticket
    more_than_one_step_purges_are_all_purged
    what_was_purged_long_ago_is_gone_and_its_number_is_never_given_again
}

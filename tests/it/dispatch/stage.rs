//! One lane on a stopped clock, over a store in memory, with an adapter whose destinations do what a
//! test says. Nothing here waits in real time.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::{SignedDuration, Timestamp};
use omnihub::clock::Clock;
use omnihub::dispatch::brakes::Brakes;
use omnihub::dispatch::breaker::BreakerPolicy;
use omnihub::dispatch::budget::{Budget, Limits};
use omnihub::dispatch::decide::RETRY_AFTER_MAX;
use omnihub::dispatch::originals::Originals;
use omnihub::dispatch::retry::RetryPolicy;
use omnihub::dispatch::{self, FileRoom, Lane, Shared};
use omnihub::mapping::{self, Catalog, CompileOptions, MappingFile};
use omnihub::store::memory::Platter;
use omnihub::store::outbox::{DeliveryState, Phase};
use omnihub::store::{Due, Record, Store, StoreSettings, Track};
use omnihub_contract::{
    Adapter, BoxFuture, Delivery, Effect, Failure, Field, LookUp, Operation, Receipt, Repeat,
    Ticket, TicketNumber,
};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::store::samples::{acceptance, ticket};
use crate::store::settings;

static FIELDS: &[Field] = &[Field::text("url")];

const fn operation(name: &'static str, effect: Effect, repeat: Repeat) -> Operation {
    Operation { name, method: "POST", path: "/", fields: FIELDS, gives: &[], repeat, effect }
}

/// A create and a change that are safe to repeat, and two that are not.
static OPERATIONS: &[Operation] = &[
    operation("create", Effect::Create, Repeat::Safe),
    operation("tell", Effect::Change, Repeat::Safe),
    operation("create_once", Effect::Create, Repeat::Unsafe),
    operation("tell_once", Effect::Change, Repeat::Unsafe),
];

/// A rule for each of them.
fn file() -> String {
    let rule = |operation: &Operation| {
        format!(
            "[[rule]]\nname = \"{0}\"\non = \"ticket.created\"\noperation = \"{0}\"\nalso = true\n\
             [rule.fields]\nurl = {{ from = \"ticket.webhook_url\", otherwise = \"omit\" }}\n",
            operation.name
        )
    };
    OPERATIONS.iter().map(rule).fold("adapter = \"made-up\"\n".to_owned(), |all, it| all + &it)
}

/// A call that the upstream got.
#[derive(Clone, Debug)]
pub(super) struct Call {
    /// Since the stage was set.
    pub(super) at: Duration,
    pub(super) operation: &'static str,
    pub(super) to: String,
}

/// How a call is answered, and after how long.
pub(super) type Answer = fn(&Call) -> (Duration, Result<Receipt, Failure>);

/// What the upstream says when it is asked whether a delivery arrived.
pub(super) type LooksUp = fn() -> Result<LookUp, Failure>;

/// How many calls may be under way, and what else differs from test to test.
#[derive(Clone, Copy)]
pub(super) struct Setting {
    pub(super) concurrency: usize,
    pub(super) limits: Limits,
    pub(super) breaker: BreakerPolicy,
    pub(super) answer: Answer,
}

/// The time of the runtime's stopped clock. It counts who looks at it: what runs in a circle looks often.
struct StoppedClock {
    began: Instant,
    /// How far it was set, in milliseconds.
    set_ms: AtomicI64,
    looks: AtomicUsize,
}

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        self.looks.fetch_add(1, Ordering::Relaxed);
        let base: Timestamp = "2026-01-05T00:00:00Z".parse().unwrap();
        let at = base + self.began.elapsed();
        let set_ms = self.set_ms.load(Ordering::Relaxed);
        Timestamp::from_millisecond(at.as_millisecond() + set_ms).unwrap()
    }
}

struct MadeUp {
    began: Instant,
    answer: Answer,
    look_up: LooksUp,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Adapter for MadeUp {
    fn operations(&self) -> &'static [Operation] {
        OPERATIONS
    }

    fn deliver<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Result<Receipt, Failure>> {
        let call = Call {
            at: self.began.elapsed(),
            operation: delivery.operation.name,
            to: delivery.text("url").unwrap_or_default().to_owned(),
        };
        let (after, answer) = (self.answer)(&call);
        self.calls.lock().unwrap().push(call);
        Box::pin(async move {
            tokio::time::sleep(after).await;
            answer
        })
    }

    fn destination(&self, ticket: &Ticket) -> Option<Box<str>> {
        ticket.webhook_url.as_deref().map(Box::from)
    }

    fn look_up<'a>(&'a self, _: &'a Delivery) -> BoxFuture<'a, Result<LookUp, Failure>> {
        Box::pin(std::future::ready((self.look_up)()))
    }

    fn probe(&self) -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

pub(super) struct Stage {
    pub(super) store: Arc<dyn Store>,
    pub(super) brakes: Brakes,
    pub(super) retry: RetryPolicy,
    pub(super) repeat_unknown: Vec<String>,
    pub(super) look_up: LooksUp,
    platter: Platter,
    clock: Arc<StoppedClock>,
    setting: Setting,
    calls: Arc<Mutex<Vec<Call>>>,
    numbers: Vec<TicketNumber>,
    running: Option<JoinHandle<()>>,
    stop: watch::Sender<bool>,
}

impl Stage {
    pub(super) fn set(setting: Setting) -> Self {
        let (set_ms, looks) = (AtomicI64::new(0), AtomicUsize::new(0));
        let clock = Arc::new(StoppedClock { began: Instant::now(), set_ms, looks });
        let platter = Platter::default();
        let store = platter.open(&bounded(), Arc::<StoppedClock>::clone(&clock)).unwrap();
        let (calls, numbers, running) = (Arc::default(), Vec::new(), None);
        Self {
            store,
            brakes: Brakes::new(None),
            retry: RetryPolicy::default(),
            repeat_unknown: Vec::new(),
            look_up: || Ok(LookUp::CannotSay),
            platter,
            clock,
            setting,
            calls,
            numbers,
            running,
            stop: watch::channel(false).0,
        }
    }

    /// A ticket with one delivery, to the adapter or to one of its destinations.
    pub(super) async fn owe(&mut self, operation: &str, to: Option<&str>) {
        self.owe_all(&[operation], to).await;
    }

    /// A ticket with several, one after the other.
    pub(super) async fn owe_all(&mut self, operations: &[&str], to: Option<&str>) {
        let number = self.store.reserve_number();
        let ticket = Ticket {
            webhook_url: to.map(str::to_owned),
            ..(*ticket(number, "a question")).clone()
        };
        let due = operations.iter().map(|name| due(name)).collect();
        self.store.accept(acceptance(&Arc::new(ticket), due)).await.unwrap();
        self.numbers.push(number);
    }

    /// Starts the lane.
    pub(super) fn begin(&mut self) {
        let setting = self.setting;
        self.brakes = Brakes::new(None);
        let began = self.clock.began;
        let lane = Lane {
            name: "made-up".into(),
            adapter: Arc::new(MadeUp {
                began,
                answer: setting.answer,
                look_up: self.look_up,
                calls: Arc::clone(&self.calls),
            }),
            concurrency: setting.concurrency,
            create_concurrency: setting
                .limits
                .create_concurrency
                .map_or(setting.concurrency, Into::into),
            retry: self.retry.clone().into(),
            repeat_unknown: self.repeat_unknown.clone(),
            breaker: setting.breaker,
            brakes: self.brakes.clone(),
            budget: Budget::new(&setting.limits),
            promptness: Arc::default(),
            counts: Arc::default(),
        };
        self.running = Some(tokio::spawn(dispatch::run(Arc::new(lane), self.shared())));
    }

    /// Stops it, and opens what the store keeps anew.
    pub(super) async fn restart(&mut self) {
        self.store.stop_leasing();
        self.running.take().unwrap().await.unwrap();
        self.store.close().await;
        let clock = Arc::<StoppedClock>::clone(&self.clock);
        self.store = self.platter.open(&bounded(), clock).unwrap();
        self.begin();
    }

    /// What was called so far.
    pub(super) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// When each call of this kind was made.
    pub(super) fn called_at(&self, is_wanted: impl Fn(&Call) -> bool) -> Vec<Duration> {
        self.calls().iter().filter(|call| is_wanted(call)).map(|call| call.at).collect()
    }

    /// How often anything looked at the clock while this passed.
    pub(super) async fn looks_within(&self, time: Duration) -> usize {
        let before = self.clock.looks.load(Ordering::Relaxed);
        tokio::time::sleep(time).await;
        self.clock.looks.load(Ordering::Relaxed) - before
    }

    /// Somebody sets the machine's clock, or it has been asleep meanwhile; timers do not know.
    pub(super) fn set_clock(&self, by: SignedDuration) {
        let by_ms = i64::try_from(by.as_millis()).unwrap();
        self.clock.set_ms.fetch_add(by_ms, Ordering::Relaxed);
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Everything about each ticket.
    pub(super) fn records(&self) -> Vec<Record> {
        let record = |number: &TicketNumber| self.store.find(&number.to_string()).unwrap().unwrap();
        self.numbers.iter().map(record).collect()
    }

    pub(super) fn deliveries(&self) -> Vec<DeliveryState> {
        let records = self.records().into_iter();
        records.map(|mut record| record.state.deliveries.remove(0)).collect()
    }

    pub(super) fn undelivered(&self) -> usize {
        let all = self.deliveries();
        all.iter().filter(|delivery| delivery.phase != Phase::Delivered).count()
    }

    fn shared(&self) -> Shared {
        let file =
            MappingFile { adapter: "made-up".into(), path: "made-up.toml".into(), text: file() };
        let catalog = Catalog {
            adapter: "made-up".into(),
            operations: OPERATIONS,
            incoming: &[],
            settings: serde_json::Map::new(),
        };
        let (catalog, options) = ([catalog], CompileOptions::default());
        let mappings = mapping::compile(&[file], &catalog, options).unwrap();
        let originals = Originals::new(Arc::clone(&self.store), catalog.to_vec(), options);
        Shared {
            originals: Arc::new(originals),
            store: Arc::clone(&self.store),
            mappings: Arc::new(ArcSwap::from_pointee(mappings)),
            clock: Arc::<StoppedClock>::clone(&self.clock),
            seed: 7,
            file_room: FileRoom::default(),
            stopped: self.stop.subscribe(),
        }
    }
}

/// Longest that anything is told to wait here: what an upstream may ask for at most.
pub(super) const WAIT_MAX: Duration = RETRY_AFTER_MAX;

fn bounded() -> StoreSettings {
    StoreSettings { wait_max: WAIT_MAX, ..settings() }
}

/// What is due to the adapter, of which a create holds up what comes behind it.
fn due(name: &str) -> Due {
    let row = OPERATIONS.iter().find(|row| row.name == name).unwrap();
    let is_create = row.effect == Effect::Create;
    Due {
        adapter: "made-up".into(),
        operation: name.into(),
        rule: name.into(),
        needs: Vec::new(),
        unsafe_repeat: row.repeat == Repeat::Unsafe,
        blocks: is_create,
        sets_status: false,
        track: if is_create { Track::Creates } else { Track::Changes },
    }
}

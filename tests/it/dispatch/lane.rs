//! One lane over a store in memory, with an adapter made up for the purpose: what no stand-in can do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arc_swap::ArcSwap;
use omnihub::clock::SystemClock;
use omnihub::dispatch::brakes::Brakes;
use omnihub::dispatch::breaker::BreakerPolicy;
use omnihub::dispatch::budget::{Budget, Limits};
use omnihub::dispatch::originals::Originals;
use omnihub::dispatch::retry::RetryPolicy;
use omnihub::dispatch::{self, FileRoom, Lane, Shared};
use omnihub::mapping::{self, Catalog, CompileOptions, MappingFile};
use omnihub::operate::deliveries::{DeliveryView, views};
use omnihub::store::{Due, Store};
use omnihub_contract::{
    Adapter, BoxFuture, Delivery, Effect, Failure, Fault, Field, LookUp, Operation, Receipt,
    Repeat, TicketNumber,
};
use tokio::sync::watch;

use crate::store::in_memory;
use crate::store::samples::{accept, create};

static OPERATIONS: &[Operation] = &[Operation {
    name: "create",
    method: "POST",
    path: "/",
    fields: &[Field::text("title").mandatory()],
    gives: &["number"],
    repeat: Repeat::Unsafe,
    effect: Effect::Create,
}];

const FILE: &str = r#"
adapter = "made-up"
[[rule]]
name      = "ticket"
on        = "ticket.created"
operation = "create"
[rule.fields]
title     = "ticket.title"
"#;

/// More than any of these tests should need.
const CALLS_MAX: usize = 100;

type Deliver = fn(usize) -> Result<Receipt, Failure>;

/// An adapter that does what it is told for its nth delivery, and says that it never arrived.
struct MadeUp {
    deliver: Deliver,
    calls: AtomicUsize,
}

impl Adapter for MadeUp {
    fn operations(&self) -> &'static [Operation] {
        OPERATIONS
    }

    fn deliver<'a>(&'a self, _: &'a Delivery) -> BoxFuture<'a, Result<Receipt, Failure>> {
        let nth = self.calls.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move { (self.deliver)(nth) })
    }

    fn probe(&self) -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn look_up<'a>(&'a self, _: &'a Delivery) -> BoxFuture<'a, Result<LookUp, Failure>> {
        Box::pin(std::future::ready(Ok(LookUp::Absent)))
    }
}

/// Runs a lane over these deliveries, one ticket each, until all are final; gives them and the number
/// of calls.
async fn run(deliver: Deliver, due: Vec<Due>) -> (Vec<DeliveryView>, usize) {
    let store = in_memory();
    let mut numbers = Vec::new();
    for due in due {
        numbers.push(accept(&*store, vec![due]).await);
    }
    let adapter = Arc::new(MadeUp { deliver, calls: AtomicUsize::new(0) });
    let retry = RetryPolicy {
        initial: std::time::Duration::from_millis(1),
        attempts_max: 4,
        ..RetryPolicy::default()
    };
    let lane = Lane {
        promptness: Arc::default(),
        counts: Arc::default(),
        name: "made-up".into(),
        adapter: Arc::<MadeUp>::clone(&adapter),
        concurrency: 1,
        create_concurrency: 1,
        retry: retry.into(),
        repeat_unknown: Vec::new(),
        breaker: BreakerPolicy { failures: 0, cooldown: std::time::Duration::ZERO },
        brakes: Brakes::new(None),
        budget: Budget::new(&Limits::default()),
    };
    let running = tokio::spawn(dispatch::run(Arc::new(lane), shared(&store)));
    let all = || numbers.iter().map(|number| view(&*store, *number)).collect::<Vec<_>>();
    let is_over = |view: &DeliveryView| ["delivered", "held", "dead"].contains(&&*view.state);
    let calls = || adapter.calls.load(Ordering::Relaxed);
    while !all().iter().all(is_over) && calls() < CALLS_MAX {
        tokio::task::yield_now().await;
    }
    store.stop_leasing();
    running.await.unwrap();
    (all(), calls())
}

fn shared(store: &Arc<dyn Store>) -> Shared {
    let file =
        MappingFile { adapter: "made-up".into(), path: "made-up.toml".into(), text: FILE.into() };
    let catalog = Catalog {
        adapter: "made-up".into(),
        operations: OPERATIONS,
        incoming: &[],
        settings: serde_json::Map::new(),
    };
    let mappings =
        mapping::compile(&[file], std::slice::from_ref(&catalog), CompileOptions::default())
            .unwrap();
    let originals = Originals::new(Arc::clone(store), vec![catalog], CompileOptions::default());
    Shared {
        originals: Arc::new(originals),
        store: Arc::clone(store),
        mappings: Arc::new(ArcSwap::from_pointee(mappings)),
        clock: SystemClock::shared(),
        seed: 7,
        file_room: FileRoom::default(),
        stopped: watch::channel(false).1,
    }
}

fn view(store: &dyn Store, number: TicketNumber) -> DeliveryView {
    views(&store.find(&number.to_string()).unwrap().unwrap()).remove(0)
}

fn outcomes(views: &[DeliveryView]) -> Vec<(&str, Option<&str>)> {
    views.iter().map(|view| (&*view.state, view.code.as_deref())).collect()
}

#[tokio::test]
async fn an_adapter_that_panics_leaves_one_delivery_held_and_the_lane_running() {
    let deliver: Deliver = |nth| {
        assert!(nth != 0, "this panic is the test's own");
        Ok(Receipt::default())
    };
    let (views, _) = run(deliver, vec![create("made-up"), create("made-up")]).await;
    assert_eq!(outcomes(&views), [("held", Some("H0501")), ("delivered", None)]);
}

#[tokio::test]
async fn a_rule_or_an_operation_that_is_gone_is_a_dead_letter_and_the_lane_goes_on() {
    let gone = Due { rule: "renamed".into(), ..create("made-up") };
    let never = Due { operation: "dropped".into(), ..create("made-up") };
    let (views, calls) =
        run(|_| Ok(Receipt::default()), vec![gone, never, create("made-up")]).await;
    let expected = [("dead", Some("H0305")), ("dead", Some("H0304")), ("delivered", None)];
    assert_eq!(outcomes(&views), expected);
    assert_eq!(calls, 1);
}

#[tokio::test]
async fn a_delivery_that_never_arrives_but_always_might_have_is_held_in_the_end() {
    let lost: Deliver = |_| Err(Failure::new(Fault::Unknown, "sent, but not answered"));
    let (views, calls) = run(lost, vec![create("made-up")]).await;
    assert_eq!(outcomes(&views), [("held", Some("H0407"))]);
    assert_eq!(calls, 4);
}

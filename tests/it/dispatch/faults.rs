//! The table of faults, line by line (design, part 6), as an operator sees each line happen: by the real
//! dispatcher, over a store, on a stopped clock.
//!
//! An upstream gives every call the line's fault for five minutes, and is well from then on. What is seen
//! of a delivery meanwhile, in which order, how often it was sent, what became of the adapter, why the one
//! behind it waits, and what there is at last: that is a line.

use std::time::Duration;

use omnihub::dispatch::breaker::BreakerPolicy;
use omnihub::dispatch::budget::Limits;
use omnihub::dispatch::retry::RetryPolicy;
use omnihub::operate::adapters::{self, Handle};
use omnihub::operate::deliveries::{DeliveryView, views};
use omnihub_contract::{Failure, Fault, LookUp, Receipt};

use super::stage::{Answer, Call, LooksUp, Setting, Stage};

/// How long the upstream is unwell.
const UNWELL: Duration = Duration::from_secs(300);

/// Between two looks.
const LOOK: Duration = Duration::from_millis(100);

/// The same, once all that fails is over.
const LATER: Duration = Duration::from_secs(5);

/// After which also what was paused has gone on.
const WELL: Duration = Duration::from_secs(3600);

/// Operations that a repeat does not hurt: a create, and a change.
const SAFE: [&str; 2] = ["create", "tell"];

/// Operations that a repeat does twice.
const ONCE: [&str; 2] = ["create_once", "tell_once"];

const ANY: [&str; 4] = ["create", "tell", "create_once", "tell_once"];

/// One line.
struct Line {
    fault: &'static str,
    answer: Answer,
    operations: &'static [&'static str],
    /// Where the upstream can be asked whether it arrived, what it says.
    looks_up: LooksUp,
    /// Whether the configuration says to repeat in spite of it.
    on_unknown: &'static str,
    /// States, codes and failures that were tried again, while the upstream is unwell.
    seen: &'static [&'static str],
    /// How often it was sent meanwhile.
    sent: std::ops::RangeInclusive<usize>,
    /// The adapter, as `omnihub adapters list` has it.
    adapter: &'static str,
    /// Why what comes behind a create waits.
    behind: &'static str,
    /// What there is once the upstream is well.
    at_last: &'static str,
}

macro_rules! always {
    ($fault:ident) => {
        |call| answered(call, Fault::$fault)
    };
}

/// What most lines have.
const LINE: Line = Line {
    fault: "",
    answer: always!(Refused),
    operations: &ANY,
    looks_up: || Ok(LookUp::CannotSay),
    on_unknown: "hold",
    seen: &[],
    sent: 1..=1,
    adapter: "running",
    behind: "",
    at_last: "",
};

const RUNNING_OUT: [&str; 3] =
    ["due H0405, 1 counted", "due H0405, 2 counted", "dead H0409, 2 counted"];
const UNANSWERED: [&str; 3] =
    ["due H0406, 1 counted", "due H0406, 2 counted", "dead H0409, 2 counted"];
const SOUGHT: [&str; 2] = ["due H0406, 2 counted", "held H0407, 2 counted"];
const DEAD: &str = "is dead (H0409): replay, settle or discard it";
const HELD: &str = "is held (H0407): settle or discard it";

const TABLE: &[Line] = &[
    Line {
        fault: "refused: dead at once",
        answer: always!(Refused),
        seen: &["dead H0401, 0 counted"],
        behind: "is dead (H0401): replay, settle or discard it",
        at_last: "dead",
        ..LINE
    },
    Line {
        fault: "unauthorized: the adapter pauses, nothing dies, and it goes on by itself",
        answer: always!(Unauthorized),
        seen: &["due H0402, 0 counted"],
        sent: 4..=8,
        adapter: "paused H0402: unauthorized: words",
        behind: "is tried again at",
        at_last: "delivered",
        ..LINE
    },
    Line {
        fault: "misconfigured: the same",
        answer: always!(Misconfigured),
        seen: &["due H0403, 0 counted"],
        sent: 4..=8,
        adapter: "paused H0403: misconfigured: words",
        behind: "is tried again at",
        at_last: "delivered",
        ..LINE
    },
    Line {
        fault: "throttled: it waits as told, and no attempt is used up",
        answer: always!(Throttled),
        seen: &["due H0404, 0 counted"],
        sent: 5..=5,
        behind: "is tried again at",
        at_last: "delivered",
        ..LINE
    },
    Line {
        fault: "unavailable: tried again until it has failed often enough, as nothing was done",
        answer: always!(Unavailable),
        seen: &RUNNING_OUT,
        sent: 3..=3,
        behind: DEAD,
        at_last: "dead",
        ..LINE
    },
    Line {
        fault: "unknown, safe to repeat: repeated",
        answer: always!(Unknown),
        operations: &SAFE,
        seen: &UNANSWERED,
        sent: 3..=3,
        behind: DEAD,
        at_last: "dead",
        ..LINE
    },
    Line {
        fault: "unknown, not safe, and nobody can be asked: held for a person",
        answer: always!(Unknown),
        operations: &ONCE,
        seen: &["held H0407, 1 counted"],
        behind: HELD,
        at_last: "held",
        ..LINE
    },
    Line {
        fault: "unknown, not safe, and it is there: done",
        answer: always!(Unknown),
        operations: &ONCE,
        looks_up: || Ok(LookUp::Found(Receipt::default())),
        seen: &["delivered -, 1 counted"],
        at_last: "delivered",
        ..LINE
    },
    Line {
        fault: "unknown, not safe, and it is not there: sent again, each time after a question",
        answer: always!(Unknown),
        operations: &ONCE,
        looks_up: || Ok(LookUp::Absent),
        seen: &SOUGHT,
        sent: 3..=3,
        behind: HELD,
        at_last: "held",
        ..LINE
    },
    Line {
        fault: "unknown, not safe, and the question fails: asked again, and held at last",
        answer: always!(Unknown),
        operations: &ONCE,
        looks_up: || Err(Failure::new(Fault::Unavailable, "words")),
        seen: &["due H0408, 2 counted", "held H0407, 2 counted"],
        behind: HELD,
        at_last: "held",
        ..LINE
    },
    Line {
        fault: "unknown, not safe, but repeated by the configuration",
        answer: always!(Unknown),
        operations: &ONCE,
        on_unknown: "retry",
        seen: &UNANSWERED,
        sent: 3..=3,
        behind: DEAD,
        at_last: "dead",
        ..LINE
    },
    Line {
        fault: "unreadable, safe to repeat: as unknown",
        answer: always!(Unreadable),
        operations: &SAFE,
        seen: &UNANSWERED,
        sent: 3..=3,
        behind: DEAD,
        at_last: "dead",
        ..LINE
    },
    Line {
        fault: "unreadable, not safe: as unknown",
        answer: always!(Unreadable),
        operations: &ONCE,
        seen: &["held H0407, 1 counted"],
        behind: HELD,
        at_last: "held",
        ..LINE
    },
    Line {
        fault: "inapplicable: there is nothing to tell",
        answer: always!(Inapplicable),
        seen: &["discarded H0411, 0 counted"],
        at_last: "discarded",
        ..LINE
    },
];

fn answered(call: &Call, fault: Fault) -> (Duration, Result<Receipt, Failure>) {
    let wait = (fault == Fault::Throttled).then_some(Duration::from_secs(70));
    let failure = Failure::new(fault, "words").with_retry_after(wait);
    (Duration::ZERO, if call.at < UNWELL { Err(failure) } else { Ok(Receipt::default()) })
}

/// A stage on which this operation is due; a create with something behind it.
async fn set(line: &Line, operation: &str) -> Stage {
    // The breaker has its own tests, and would keep calls from the upstream here.
    let breaker = BreakerPolicy { failures: 1000, cooldown: LOOK };
    let (answer, limits) = (line.answer, Limits::default());
    let mut stage = Stage::set(Setting { concurrency: 4, limits, breaker, answer });
    stage.retry = RetryPolicy { attempts_max: 3, ..RetryPolicy::default() };
    stage.look_up = line.looks_up;
    if line.on_unknown == "retry" {
        stage.repeat_unknown = ONCE.map(str::to_owned).to_vec();
    }
    match operation.starts_with("create") {
        true => stage.owe_all(&[operation, "tell"], None).await,
        false => stage.owe(operation, None).await,
    }
    stage.begin();
    stage
}

fn shown(stage: &Stage) -> Vec<DeliveryView> {
    views(&stage.records()[0])
}

/// What is seen of the first delivery while the upstream is unwell: each sight that differs from the last.
async fn watch(stage: &Stage) -> Vec<String> {
    let mut seen = Vec::new();
    let mut passed = Duration::ZERO;
    while passed + 2 * LATER < UNWELL {
        // All that fails is over in some seconds; what does not only waits.
        let wait = if passed < Duration::from_secs(20) { LOOK } else { LATER };
        tokio::time::sleep(wait).await;
        passed += wait;
        let DeliveryView { state, code, attempts, .. } = shown(stage).remove(0);
        let sight = format!("{state} {}, {attempts} counted", code.as_deref().unwrap_or("-"));
        if seen.last() != Some(&sight) {
            seen.push(sight);
        }
    }
    seen
}

fn adapter(stage: &Stage) -> String {
    let brakes = Some(stage.brakes.clone());
    let handle = Handle { name: "made-up".into(), brakes, has_destinations: false };
    let shown = adapters::list(&[handle], stage.now());
    format!("{} {}", shown[0].state, shown[0].reason.as_deref().unwrap_or_default())
}

/// What is otherwise than the line says.
async fn differences(line: &Line, operation: &'static str) -> Vec<String> {
    let stage = set(line, operation).await;
    let seen = watch(&stage).await;
    let sent = stage.called_at(|call| call.operation == operation).len();
    let adapter = adapter(&stage);
    let around = around(&stage, line, operation);
    tokio::time::sleep(UNWELL + WELL).await;
    let at_last = shown(&stage).remove(0).state;
    [
        (seen == line.seen, format!("seen {seen:?}")),
        (line.sent.contains(&sent), format!("sent {sent} times")),
        (adapter.starts_with(line.adapter), format!("the adapter is {adapter}")),
        (around.is_none(), around.unwrap_or_default()),
        (at_last == line.at_last, format!("at last {at_last}")),
    ]
    .into_iter()
    .filter(|(is_so, _)| !is_so)
    .map(|(_, what)| format!("{operation}, {}: {what}", line.fault))
    .collect()
}

/// What is otherwise with the rest of the ticket: behind a create that fails it waits, and says why; a
/// change that is given up is passed over, and leaves a finding.
fn around(stage: &Stage, line: &Line, operation: &str) -> Option<String> {
    let Some(behind) = shown(stage).into_iter().nth(1) else {
        let has_finding = !stage.records()[0].state.findings.is_empty();
        let is_given_up = matches!(line.at_last, "dead" | "held");
        return (has_finding != is_given_up).then(|| format!("a finding: {has_finding}"));
    };
    let why = behind.waits_why.unwrap_or_default();
    let is_so = match line.behind {
        "" => behind.state != "waiting",
        ahead => why.contains(&format!("-1 (made-up {operation}) {ahead}")),
    };
    (!is_so).then(|| format!("behind it: {} since {why}", behind.state))
}

#[tokio::test(start_paused = true)]
async fn every_fault_leads_where_its_line_says_for_what_may_be_repeated_and_what_may_not() {
    let (mut shown, mut differ) = (0, Vec::new());
    for line in TABLE {
        for operation in line.operations {
            differ.extend(differences(line, operation).await);
            shown += 1;
        }
    }
    assert!(differ.is_empty(), "{differ:#?}");
    // Eight faults for each of four operations, and for one of them what comes of asking.
    assert_eq!(shown, 8 * ANY.len() + 4 * ONCE.len());
}

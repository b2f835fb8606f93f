//! Who counts what.

use std::time::Duration;

use omnihub_contract::{AdapterName, Fault, Operation, SlaDue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::rows::{Rows, Took};

/// What an attempt comes to: nothing, or what is at fault.
const OUTCOMES: [Option<Fault>; 9] = [
    None,
    Some(Fault::Refused),
    Some(Fault::Unauthorized),
    Some(Fault::Misconfigured),
    Some(Fault::Throttled),
    Some(Fault::Unavailable),
    Some(Fault::Unknown),
    Some(Fault::Unreadable),
    Some(Fault::Inapplicable),
];

/// An adapter's attempts.
#[derive(Debug, Default)]
pub struct Attempts {
    by_operation: Vec<(&'static str, [Counter; OUTCOMES.len()])>,
    took: Took,
    under_way: Gauge,
}

/// An attempt that is under way, until it is dropped.
#[derive(Debug)]
pub struct UnderWay<'a>(&'a Gauge);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Attempts {
    /// One begins.
    pub fn begin(&self) -> UnderWay<'_> {
        self.under_way.inc();
        UnderWay(&self.under_way)
    }

    /// One has ended, by this fault or well.
    pub fn ended(&self, operation: &str, fault: Option<Fault>, took: Duration) {
        self.took.add(took);
        let counts = self.by_operation.iter().find(|(name, _)| *name == operation);
        let outcome = OUTCOMES.iter().position(|outcome| *outcome == fault);
        if let Some(count) = counts.zip(outcome).and_then(|((_, counts), at)| counts.get(at)) {
            count.inc();
        }
    }
}

/// The word of an outcome, as labels have it.
fn word(outcome: Option<Fault>) -> String {
    outcome.map_or("delivered", Fault::as_str).replace(' ', "_")
}

pub(super) fn attempts(
    adapters: &[(AdapterName, &'static [Operation])],
    registry: &mut Registry,
) -> Vec<Attempts> {
    let (mut all, mut took, mut under_way) = (Rows::default(), Rows::default(), Rows::default());
    let counted = adapters.iter().map(|(name, operations)| {
        let adapter = ("adapter", name.as_str());
        let by_operation = operations.iter().map(|operation| {
            let counts = OUTCOMES.map(|outcome| {
                let outcome = word(outcome);
                let labels = [adapter, ("operation", operation.name), ("outcome", &*outcome)];
                all.new_row(&labels)
            });
            (operation.name, counts)
        });
        Attempts {
            by_operation: by_operation.collect(),
            took: took.new_row(&[adapter]),
            under_way: under_way.new_row(&[adapter]),
        }
    });
    let counted = counted.collect();
    registry.register(
        "attempts",
        "Calls that were to deliver something, by what they came to",
        all,
    );
    registry.register("attempt_duration_seconds", "How long each of them took", took);
    registry.register("attempts_under_way", "Calls that have no answer yet", under_way);
    counted
}

/// What the door took in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// A claim.
    Claim,
    /// A ticket.
    Ticket,
    /// A change of one.
    Update,
}

const KEPT: [(Kept, &str); 3] =
    [(Kept::Claim, "claim"), (Kept::Ticket, "ticket"), (Kept::Update, "update")];

/// Statuses that the door refuses with; others count as one.
const REFUSALS: [u16; 13] = [400, 401, 403, 404, 405, 408, 409, 413, 415, 422, 429, 500, 503];

/// What comes to the door.
#[derive(Debug)]
pub struct Door {
    accepted: [Counter; KEPT.len()],
    repeated: [Counter; KEPT.len()],
    refused: [Counter; REFUSALS.len()],
    refused_otherwise: Counter,
}

/// One that nobody reads.
impl Default for Door {
    fn default() -> Self {
        Self::registered(&mut Registry::default())
    }
}

impl Door {
    pub(super) fn registered(registry: &mut Registry) -> Self {
        let (mut accepted, mut repeated) = (Rows::default(), Rows::default());
        let mut refused = Rows::default();
        let door = Self {
            accepted: KEPT.map(|(_, kind)| accepted.new_row(&[("kind", kind)])),
            repeated: KEPT.map(|(_, kind)| repeated.new_row(&[("kind", kind)])),
            refused: REFUSALS.map(|status| refused.new_row(&[("status", &status.to_string())])),
            refused_otherwise: refused.new_row(&[("status", "other")]),
        };
        registry.register("accepted", "What clients sent and the hub keeps", accepted);
        registry.register("repeated", "Requests that were answered as an earlier one", repeated);
        registry.register("refused", "Requests that were refused, by the answer's status", refused);
        door
    }

    /// It is kept.
    pub fn accepted(&self, kept: Kept) {
        count(&KEPT, &self.accepted, kept);
    }

    /// It was kept before.
    pub fn repeated(&self, kept: Kept) {
        count(&KEPT, &self.repeated, kept);
    }

    /// A request was answered with this status.
    pub fn answered(&self, status: u16) {
        if status < 400 {
            return;
        }
        let at = REFUSALS.iter().position(|other| *other == status);
        at.and_then(|at| self.refused.get(at)).unwrap_or(&self.refused_otherwise).inc();
    }
}

/// What became of a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It is on its ticket.
    Heard,
    /// Its ticket is not known: it is kept.
    Kept,
    /// It did not show that it comes from the system.
    Stranger,
    /// It cannot be read.
    Refused,
    /// It could not be heard now: the system is to come again.
    Busy,
}

const TOLD: [(Told, &str); 5] = [
    (Told::Heard, "heard"),
    (Told::Kept, "kept"),
    (Told::Stranger, "stranger"),
    (Told::Refused, "refused"),
    (Told::Busy, "busy"),
];

/// What became of a poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polled {
    /// It told something new.
    Moved,
    /// It told nothing new.
    Still,
    /// It failed.
    Failed,
}

const POLLED: [(Polled, &str); 3] =
    [(Polled::Moved, "moved"), (Polled::Still, "still"), (Polled::Failed, "failed")];

/// What a system says.
#[derive(Debug, Default)]
pub struct Hearing {
    callbacks: [Counter; TOLD.len()],
    polls: [Counter; POLLED.len()],
}

impl Hearing {
    /// A callback came to this.
    pub fn told(&self, told: Told) {
        count(&TOLD, &self.callbacks, told);
    }

    /// A poll came to this.
    pub fn polled(&self, polled: Polled) {
        count(&POLLED, &self.polls, polled);
    }
}

pub(super) fn hearing(adapters: &[&str], registry: &mut Registry) -> Vec<Hearing> {
    let (mut callbacks, mut polls) = (Rows::default(), Rows::default());
    let counted = adapters.iter().map(|adapter| Hearing {
        callbacks: TOLD
            .map(|(_, came_to)| callbacks.new_row(&[("adapter", adapter), ("came_to", came_to)])),
        polls: POLLED
            .map(|(_, came_to)| polls.new_row(&[("adapter", adapter), ("came_to", came_to)])),
    });
    let counted = counted.collect();
    registry.register("callbacks", "What systems sent of their own accord", callbacks);
    registry.register("polls", "What systems were asked about tickets", polls);
    counted
}

/// What did not come in time.
#[derive(Debug, Default)]
pub struct Breaches([Counter; SlaDue::WORDS.len()]);

impl Breaches {
    pub(super) fn registered(registry: &mut Registry) -> Self {
        let mut breaches = Rows::default();
        let mut words = SlaDue::WORDS.iter();
        let counts = Self(std::array::from_fn(|_| {
            breaches.new_row(&[("due", words.next().copied().unwrap_or_default())])
        }));
        registry.register("breaches", "What tickets did not get in time, as it was told", breaches);
        counts
    }

    /// It was told of a ticket.
    pub fn told(&self, due: SlaDue) {
        let at = SlaDue::WORDS.iter().position(|word| *word == due.as_str());
        if let Some(count) = at.and_then(|at| self.0.get(at)) {
            count.inc();
        }
    }
}

/// What the store does.
#[derive(Debug)]
pub struct Commits {
    transactions: Counter,
    failed: Counter,
    took: Took,
}

/// One that nobody reads.
impl Default for Commits {
    fn default() -> Self {
        Self::registered(&mut Registry::default())
    }
}

impl Commits {
    pub(super) fn registered(registry: &mut Registry) -> Self {
        let (mut transactions, mut failed) = (Rows::default(), Rows::default());
        let mut took = Rows::default();
        let commits = Self {
            transactions: transactions.new_row(&[]),
            failed: failed.new_row(&[]),
            took: took.new_row(&[]),
        };
        registry.register(
            "transactions",
            "What was to be kept, each part of a commit",
            transactions,
        );
        registry.register("commits_failed", "Commits that the disk did not take", failed);
        registry.register("commit_duration_seconds", "How long each commit took", took);
        commits
    }

    /// So many transactions were one commit, which took so long and is on disk or is not.
    pub fn done(&self, transactions: usize, took: Duration, is_kept: bool) {
        self.took.add(took);
        self.transactions.inc_by(u64::try_from(transactions).unwrap_or(u64::MAX));
        if !is_kept {
            self.failed.inc();
        }
    }
}

fn count<T: Copy + PartialEq, const N: usize>(
    all: &[(T, &str); N],
    counts: &[Counter; N],
    what: T,
) {
    if let Some((_, count)) = all.iter().zip(counts).find(|((other, _), _)| *other == what) {
        count.inc();
    }
}

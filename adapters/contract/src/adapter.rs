//! The adapter: how the hub reaches one upstream.
//!
//! An adapter makes exactly one attempt a call and says what happened. It does not retry, wait for
//! its turn, read mapping files or know another adapter; generic code decides from the [`Fault`]
//! and the operation's [`Repeat`](crate::operation::Repeat) what happens next.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::callback::{Callback, CallbackAnswer, Notice, Rejected, Told};
use crate::draft::Draft;
use crate::ids::{DeliveryId, PartnerId, TicketId};
use crate::mask;
use crate::operation::Operation;
use crate::personal::Secret;
use crate::ticket::Ticket;

/// A boxed future, as trait objects need it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Arguments of a query, by name.
pub type Arguments = BTreeMap<String, String>;

/// One upstream.
///
/// To be shown by every adapter (`tests/kit` has the suite): one request a [`deliver`](Self::deliver),
/// the right [`Fault`] for every answer, no secret and no personal datum in any log line or message.
pub trait Adapter: Send + Sync + 'static {
    /// What it can be asked to do. Mapping files are checked against these rows.
    fn operations(&self) -> &'static [Operation];

    /// Makes one attempt.
    fn deliver<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Result<Receipt, Failure>>;

    /// The destination of what is told about this ticket, where the adapter calls many: host and port,
    /// without a zero byte. Brakes hang on it then. None: the adapter itself is the one destination.
    fn destination(&self, _ticket: &Ticket) -> Option<Box<str>> {
        None
    }

    /// Asks whether the upstream would take deliveries, without changing anything there.
    fn probe(&self) -> BoxFuture<'_, Result<(), Failure>>;

    /// Asks whether a delivery of unknown outcome arrived.
    fn look_up<'a>(&'a self, _delivery: &'a Delivery) -> BoxFuture<'a, Result<LookUp, Failure>> {
        Box::pin(std::future::ready(Ok(LookUp::CannotSay)))
    }

    /// The words by which the upstream's own screens and conversations show what this delivery tells, where
    /// they do: when they come back they are known as the hub's.
    fn shown_as<'d>(&self, _delivery: &'d Delivery) -> Option<&'d str> {
        None
    }

    /// The call that [`deliver`](Self::deliver) would send, made by the same code; nothing is sent.
    fn draft(&self, _delivery: &Delivery) -> Result<Draft, Failure> {
        Err(Failure::new(Fault::Refused, "this adapter cannot show its calls"))
    }

    /// Asks a read operation, for people and for polling.
    fn query<'a>(
        &'a self,
        operation: &'a str,
        _arguments: &'a Arguments,
    ) -> BoxFuture<'a, Result<Value, Failure>> {
        let text = format!("there is no query `{operation}`");
        Box::pin(std::future::ready(Err(Failure::new(Fault::Refused, text))))
    }

    /// Checks that a callback is authentic, secrets in constant time, and says what it reports.
    ///
    /// # Errors
    /// Why it is not heard. An adapter that has no callbacks hears none.
    fn receive(&self, _callback: &Callback) -> Result<Vec<Notice>, Rejected> {
        Err(Rejected::NoSuchPath)
    }

    /// The answer to a callback, in the upstream's own shapes.
    fn answer(&self, told: Told<'_>) -> CallbackAnswer {
        CallbackAnswer::plain(told)
    }
}

/// What the upstream says of a delivery of unknown outcome.
#[derive(Debug, PartialEq)]
pub enum LookUp {
    /// It arrived, and gave this.
    Found(Receipt),
    /// It did not arrive: deliver it again.
    Absent,
    /// The upstream cannot be asked: a person has to decide.
    CannotSay,
}

/// What is to be told to an upstream, in its own words.
pub struct Delivery {
    /// Stable over retries.
    pub id: DeliveryId,
    /// The ticket it is about.
    pub ticket: TicketId,
    /// The partner whose ticket it is.
    pub partner: PartnerId,
    /// What to do: a row of the adapter's own table.
    pub operation: &'static Operation,
    /// The mapped fields, nested, whatever their [`Place`](crate::operation::Place).
    pub payload: Map<String, Value>,
    /// When what it tells happened: nothing of it can have arrived before.
    pub since: Timestamp,
    /// When this attempt is made.
    pub at: Timestamp,
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("id", &self.id)
            .field("operation", &self.operation.name)
            .finish_non_exhaustive()
    }
}

impl Delivery {
    /// A field that the mapping gave, by its dotted name.
    pub fn field(&self, name: &str) -> Option<&Value> {
        let mut names = name.split('.');
        let first = self.payload.get(names.next()?)?;
        names.try_fold(first, |value, name| value.get(name))
    }

    /// A text field that the mapping gave.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.field(name).and_then(Value::as_str)
    }
}

/// Proof that the upstream has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// What the operation gives, by the names in its row.
    pub values: BTreeMap<String, String>,
    /// What a person should know although it succeeded.
    pub warning: Option<String>,
    /// What was answered, in outline: without secrets, personal data and addresses.
    pub answer: Option<String>,
}

impl Receipt {
    /// A receipt with these values.
    pub fn of<const N: usize>(values: [(&str, String); N]) -> Self {
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { values, ..Self::default() }
    }
}

/// Why an attempt gave no receipt.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// What happened, as far as generic code must know.
    pub fault: Fault,
    /// What the upstream or the transport said, without secrets, personal data and addresses; at most
    /// [`MESSAGE_CHARS_MAX`] characters.
    pub message: String,
    /// The HTTP status, where there was an answer.
    pub http_status: Option<u16>,
    /// How long the upstream asks to wait.
    pub retry_after: Option<Duration>,
    /// What was answered, in outline: without secrets, personal data and addresses.
    pub answer: Option<String>,
}

/// Longest message kept of a failure: enough for a sentence, too little for a page of HTML.
pub const MESSAGE_CHARS_MAX: usize = 300;

impl Failure {
    /// A failure with the upstream's or our own words, cut to size and with card numbers masked.
    pub fn new(fault: Fault, words: impl AsRef<str>) -> Self {
        let flat: String = words
            .as_ref()
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(MESSAGE_CHARS_MAX)
            .collect();
        let message = mask::cards(&flat).into_owned();
        Self { fault, message, http_status: None, retry_after: None, answer: None }
    }

    /// The same, with the HTTP status of the answer.
    pub fn with_status(self, status: u16) -> Self {
        Self { http_status: Some(status), ..self }
    }

    /// The same, with the wait that the upstream asked for.
    pub fn with_retry_after(self, wait: Option<Duration>) -> Self {
        Self { retry_after: wait, ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.http_status {
            Some(status) => write!(f, "{} ({status}): {}", self.fault.as_str(), self.message),
            None => write!(f, "{}: {}", self.fault.as_str(), self.message),
        }
    }
}

/// What happened to an attempt. The adapter classifies, generic code decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The upstream understood and said no. Asking again gives the same answer.
    Refused,
    /// Our credentials were not taken (401, 403).
    Unauthorized,
    /// The address or set-up is wrong (404 on a fixed path).
    Misconfigured,
    /// Too many requests (429).
    Throttled,
    /// Nothing was done: not sent, or the upstream said so.
    Unavailable,
    /// Sent, and nobody knows whether it was done.
    Unknown,
    /// Answered in a way that the adapter cannot understand: it may have been done.
    Unreadable,
    /// There is nothing at this upstream that the delivery could be about: not a failure.
    Inapplicable,
}

impl Fault {
    /// The word for logs and messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Unauthorized => "unauthorized",
            Self::Misconfigured => "misconfigured",
            Self::Throttled => "throttled",
            Self::Unavailable => "unavailable",
            Self::Unknown => "unknown outcome",
            Self::Unreadable => "unreadable answer",
            Self::Inapplicable => "not applicable",
        }
    }
}

/// Where a signing adapter finds its secrets.
pub trait SigningSecrets: Send + Sync {
    /// The partner's secrets as texts, the newest first; empty where it has none.
    fn newest_first(&self, partner: &PartnerId) -> Vec<Secret>;

    /// Whether they can be read just now: where they cannot, having none means nothing.
    fn are_readable(&self, _partner: &PartnerId) -> bool {
        true
    }
}

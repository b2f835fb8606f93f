//! The suite that every adapter passes, for each operation that it says it has:
//!
//! - one call a [`deliver`](Adapter::deliver), whatever happens to it;
//! - the declared outcome for each of [`Case::ALL`], the adapter's own table, and for each answer that its
//!   document shows; what counts as done gives all that its row says that it gives;
//! - transport errors: "nothing was sent" only where there was no connection, else unknown;
//! - the same for a [`query`](Adapter::query); and no [`look_up`](Adapter::look_up) says that nothing is
//!   there but where it was told so;
//! - a probe calls a system, finds one well that is, and says what ails one that is not;
//! - no secret and no personal datum in any message, `Debug` or log line, even from an upstream that
//!   repeats all that it was told.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use omnihub_contract::{
    Adapter, Arguments, Delivery, Effect, Failure, Fault, LookUp, Operation, Receipt,
};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use crate::logs;
use crate::scripted::{Reply, ScriptedUpstream, Step};

/// Never reached on a loopback, however busy the machine.
const TIMEOUT: Duration = Duration::from_secs(30);

/// For the one upstream that never answers: long enough to connect, short enough to wait for.
const TIMEOUT_OF_HANG: Duration = Duration::from_secs(1);

/// A name that is no name of anybody, and never will be (RFC 2606).
pub const UNKNOWN_NAME: &str = "nowhere.invalid";

/// What shows that no answer is too large: above every adapter's limit.
const OVERSIZED_BYTES: usize = 2 * 1024 * 1024;

/// An adapter, with its `Debug` form.
pub struct Built {
    /// The adapter.
    pub adapter: Arc<dyn Adapter>,
    shown: String,
}

impl Built {
    /// Takes an adapter.
    pub fn new(adapter: impl Adapter + Debug) -> Self {
        Self { shown: format!("{adapter:?}"), adapter: Arc::new(adapter) }
    }
}

/// An adapter under test.
pub struct Subject {
    /// Builds it for an upstream at this address, with this timeout.
    pub build: fn(&str, Duration) -> Built,
    /// Paths that are answered aside (a login), with their answers.
    pub aside: Vec<(&'static str, Reply)>,
    /// Secrets in its settings and personal data in the samples' payloads.
    pub planted: &'static [&'static str],
    /// Answers of its own, from its document.
    pub own: Vec<Own>,
    /// What a system that is well answers to a probe; none where a probe asks nobody.
    pub well: Option<Reply>,
}

/// An answer that a system's document shows, or that only this system gives.
pub struct Own {
    /// What it is.
    pub what: &'static str,
    /// The answer.
    pub reply: Reply,
    /// What it means, for each operation.
    pub verdict: fn(&Operation) -> Result<(), Fault>,
}

impl Subject {
    /// A call's target as a draft shows it.
    pub(crate) fn without_secrets(&self, target: &str) -> String {
        self.planted.iter().fold(target.to_owned(), |target, it| target.replace(it, "…"))
    }
}

/// One operation of it.
pub struct Sample {
    /// A delivery, for an upstream at this address.
    pub delivery: fn(&str) -> Delivery,
    /// An answer of success.
    pub good: Reply,
    /// What comes of that.
    pub receipt: Receipt,
    /// What each case means.
    pub verdict: fn(Case) -> Result<(), Fault>,
}

/// An answer that every adapter must have an opinion of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// This status, with a small JSON body that no vendor documents.
    Status(u16),
    /// This status, with a page.
    Html(u16),
    /// 200 without a body.
    Empty,
    /// 200 with JSON that says nothing.
    Blank,
    /// 200 with more than any answer has.
    Oversized,
}

/// What each case means to a system that answers with the usual statuses and says in its body whether it
/// did what it was told.
pub fn usual_verdict(case: Case) -> Result<(), Fault> {
    Err(match case {
        Case::Status(302 | 404) | Case::Html(404) => Fault::Misconfigured,
        Case::Status(401 | 403) => Fault::Unauthorized,
        Case::Status(408 | 503) => Fault::Unavailable,
        Case::Status(429) => Fault::Throttled,
        Case::Status(500 | 502 | 504) | Case::Html(502) => Fault::Unknown,
        Case::Status(_) => Fault::Refused,
        Case::Html(_) | Case::Empty | Case::Blank | Case::Oversized => Fault::Unreadable,
    })
}

/// The same of a path that names one thing: where that is not there, the system still is.
pub fn usual_verdict_of_one(case: Case) -> Result<(), Fault> {
    match case {
        Case::Status(404) => Err(Fault::Refused),
        case => usual_verdict(case),
    }
}

/// What each case means to a system whose status says it all, but for what gives receipts: that has to say
/// them, and so [`usual_verdict`] holds for it.
pub fn verdict_by_status(case: Case) -> Result<(), Fault> {
    match case {
        Case::Empty | Case::Blank => Ok(()),
        case => usual_verdict(case),
    }
}

/// The same of a path that names one thing.
pub fn verdict_by_status_of_one(case: Case) -> Result<(), Fault> {
    match case {
        Case::Status(404) => usual_verdict_of_one(case),
        case => verdict_by_status(case),
    }
}

impl Case {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Status(302),
        Self::Status(400),
        Self::Status(401),
        Self::Status(403),
        Self::Status(404),
        Self::Status(408),
        Self::Status(409),
        Self::Status(413),
        Self::Status(415),
        Self::Status(422),
        Self::Status(429),
        Self::Status(500),
        Self::Status(502),
        Self::Status(503),
        Self::Status(504),
        Self::Html(200),
        Self::Html(404),
        Self::Html(502),
        Self::Empty,
        Self::Blank,
        Self::Oversized,
    ];

    fn step(self) -> Step {
        Step::Answer(match self {
            Self::Status(status) => {
                Reply::json(status, json!({"message": "no"})).with("retry-after", "7")
            }
            Self::Html(status) => Reply::html(status),
            Self::Empty => Reply::text(200, ""),
            Self::Blank => Reply::json(200, json!({})),
            Self::Oversized => Reply::text(200, &"x".repeat(OVERSIZED_BYTES)),
        })
    }
}

/// Shows that the adapter keeps the trait's promises, with one sample for each of its operations.
pub async fn check_conformance(subject: &Subject, samples: &[Sample]) {
    let captured = logs::capture();
    check_complete(subject, samples);
    // At once, since some steps of each are upstreams that never answer.
    join_all(samples.iter().map(async |sample| {
        check_success(subject, sample).await;
        check_answers(subject, sample).await;
        check_own_answers(subject, sample).await;
        check_transport(subject, sample).await;
        check_nothing_sent(subject, sample).await;
        check_query(subject, sample).await;
        check_look_up(subject, sample).await;
        check_silence(subject, sample).await;
    }))
    .await;
    check_probe(subject).await;
    let text = captured.text();
    assert!(text.contains("capturing"), "logs are captured");
    check_unseen(subject, "a log line", &text);
}

/// The adapter's own list says what there is to be shown.
#[track_caller]
fn check_complete(subject: &Subject, samples: &[Sample]) {
    let adapter = (subject.build)("http://127.0.0.1", TIMEOUT).adapter;
    let mut has: Vec<_> = adapter.operations().iter().map(|operation| operation.name).collect();
    let mut shown: Vec<_> = samples.iter().map(|sample| operation(sample).name).collect();
    has.sort_unstable();
    shown.sort_unstable();
    assert_eq!(shown, has, "each operation of the adapter has one sample");
}

fn operation(sample: &Sample) -> &'static Operation {
    (sample.delivery)("http://127.0.0.1").operation
}

async fn check_success(subject: &Subject, sample: &Sample) {
    let (outcome, name) = attempt(subject, sample, Step::Answer(sample.good.clone())).await;
    let receipt = outcome.map(|receipt| Receipt { answer: None, ..receipt });
    assert_eq!(receipt, Ok(sample.receipt.clone()), "{name}");
    let given: Vec<_> = sample.receipt.values.keys().map(String::as_str).collect();
    let gives = operation(sample).gives;
    assert!(given.iter().all(|value| gives.contains(value)), "{name} gives what its row names");
}

async fn check_answers(subject: &Subject, sample: &Sample) {
    for case in Case::ALL {
        let (outcome, name) = attempt(subject, sample, case.step()).await;
        let expected = (sample.verdict)(*case);
        if *case == Case::Status(429) {
            let wait = outcome.as_ref().err().and_then(|failure| failure.retry_after);
            assert_eq!(wait, Some(Duration::from_secs(7)), "{name} {case:?}");
        }
        let verdict = outcome.map(drop).map_err(|failure| failure.fault);
        assert_eq!(verdict, expected, "{name} {case:?}");
    }
}

async fn check_own_answers(subject: &Subject, sample: &Sample) {
    for Own { what, reply, verdict } in &subject.own {
        let (outcome, name) = attempt(subject, sample, Step::Answer(reply.clone())).await;
        let gives = |receipt: Receipt| receipt.values.into_keys().collect::<Vec<_>>();
        let given = outcome.map(gives).map_err(|failure| failure.fault);
        let expected = verdict(operation(sample)).map(|()| gives(sample.receipt.clone()));
        assert_eq!(given, expected, "{name}: {what}");
    }
}

async fn check_transport(subject: &Subject, sample: &Sample) {
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"success\":true".to_vec();
    let garbage = b"\x16\x03\x01 this is no HTTP \r\n\r\n".to_vec();
    let steps = [Step::Hang, Step::CloseUnread, Step::Close, Step::Raw(cut), Step::Raw(garbage)];
    for step in steps {
        let shown = format!("{step:?}");
        let (outcome, name) = attempt(subject, sample, step).await;
        let fault = outcome.map_err(|failure| failure.fault);
        assert_eq!(fault, Err(Fault::Unknown), "{name} {shown}");
    }
}

/// Where there was no connection, nothing was done.
async fn check_nothing_sent(subject: &Subject, sample: &Sample) {
    let places = [
        (ScriptedUpstream::nowhere().await, TIMEOUT),
        (no_tls().await, TIMEOUT),
        // Whoever knows no such name may take their time to say so.
        (format!("http://{UNKNOWN_NAME}"), TIMEOUT_OF_HANG),
    ];
    for (place, timeout) in places {
        let delivery = (sample.delivery)(&place);
        let outcome = (subject.build)(&place, timeout).adapter.deliver(&delivery).await;
        let failure = outcome.err().unwrap();
        assert_eq!(failure.fault, Fault::Unavailable, "{} {place}", delivery.operation.name);
        check_failure(subject, &failure);
    }
}

/// A port that is called by TLS and answers as servers do that speak none.
async fn no_tls() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            drop(stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await);
        }
    });
    format!("https://{address}")
}

/// A question of a person is judged as the same one in a delivery is. That there is nothing may be told
/// either way: only a delivery is given up for it.
async fn check_query(subject: &Subject, sample: &Sample) {
    if operation(sample).effect != Effect::Read {
        return;
    }
    for case in Case::ALL {
        let upstream = upstream(subject, case.step()).await;
        let adapter = (subject.build)(&upstream.base_url(), TIMEOUT).adapter;
        let Delivery { operation, payload, .. } = (sample.delivery)(&upstream.base_url());
        let texts = payload
            .into_iter()
            .filter_map(|(name, value)| value.as_str().map(str::to_owned).map(|text| (name, text)));
        let outcome = adapter.query(operation.name, &texts.collect::<Arguments>()).await;
        let flat = |fault| if fault == Fault::Inapplicable { Fault::Refused } else { fault };
        let (shown, expected) = (format!("{outcome:?}"), (sample.verdict)(*case).map_err(flat));
        let verdict = outcome.map(drop).map_err(|failure| flat(failure.fault));
        assert_eq!(verdict, expected, "{} {case:?}, asked", operation.name);
        check_unseen(subject, "an answer", &shown);
    }
}

/// By a probe the hub finds out that a system is there again: one that always says yes lets it run against
/// a wall, one that always says no stops it for good.
async fn check_probe(subject: &Subject) {
    let Some(well) = subject.well.clone() else { return };
    let upstream = upstream(subject, Step::Answer(well)).await;
    let adapter = (subject.build)(&upstream.base_url(), TIMEOUT).adapter;
    assert_eq!(adapter.probe().await, Ok(()), "a probe of a system that is well");
    assert!(!upstream.seen().is_empty(), "a probe calls the system");
    let status = |status| Step::Answer(Reply::json(status, json!({"message": "no"})));
    for (step, fault) in [
        (status(503), Some(Fault::Unavailable)),
        (status(401), Some(Fault::Unauthorized)),
        (status(500), None),
        (Step::Answer(Reply::html(404)), Some(Fault::Misconfigured)),
        (Step::Close, None),
    ] {
        let shown = format!("a probe, {step:?}");
        // A login fails in the same way.
        let upstream = ScriptedUpstream::start([step.clone(), step]).await;
        let adapter = (subject.build)(&upstream.base_url(), TIMEOUT).adapter;
        let Err(failure) = adapter.probe().await else { panic!("{shown}: it is well") };
        assert_eq!(failure.fault, fault.unwrap_or(failure.fault), "{shown}");
        check_failure(subject, &failure);
    }
    let nowhere = ScriptedUpstream::nowhere().await;
    let failure = (subject.build)(&nowhere, TIMEOUT).adapter.probe().await.unwrap_err();
    assert_eq!(failure.fault, Fault::Unavailable, "a probe of nobody");
}

/// Who says that nothing arrived has it done again: only an answer that says so may say so.
async fn check_look_up(subject: &Subject, sample: &Sample) {
    for case in Case::ALL.iter().filter(|case| **case != Case::Status(404)) {
        let upstream = upstream(subject, case.step()).await;
        let adapter = (subject.build)(&upstream.base_url(), TIMEOUT).adapter;
        let delivery = (sample.delivery)(&upstream.base_url());
        let outcome = adapter.look_up(&delivery).await;
        let says = matches!(outcome, Err(_) | Ok(LookUp::CannotSay));
        assert!(says, "{} {case:?}: {outcome:?}", delivery.operation.name);
        assert!(upstream.calls() <= calls_for(subject, &case.step()), "calls for one look-up");
        check_unseen(subject, "a look-up", &format!("{outcome:?}"));
    }
}

/// An upstream that repeats every word it was told is the worst that vendors do.
async fn check_silence(subject: &Subject, sample: &Sample) {
    for status in [200, 400, 401, 404, 409, 422, 429, 500] {
        let (outcome, _) = attempt(subject, sample, Step::Echo(status)).await;
        check_unseen(subject, "an outcome", &format!("{outcome:?}"));
    }
    check_unseen(subject, "a delivery", &format!("{:?}", (sample.delivery)("http://127.0.0.1")));
}

/// One delivery against an upstream that does this to every call.
async fn attempt(
    subject: &Subject,
    sample: &Sample,
    step: Step,
) -> (Result<Receipt, Failure>, &'static str) {
    let (calls, is_hang) = (calls_for(subject, &step), matches!(step, Step::Hang));
    let upstream = upstream(subject, step).await;
    let timeout = if is_hang { TIMEOUT_OF_HANG } else { TIMEOUT };
    let built = (subject.build)(&upstream.base_url(), timeout);
    check_unseen(subject, "the adapter", &built.shown);
    let delivery = (sample.delivery)(&upstream.base_url());
    let outcome = built.adapter.deliver(&delivery).await;
    assert_eq!(upstream.calls(), calls, "calls for one delivery of {}", delivery.operation.name);
    if let Err(failure) = &outcome {
        check_failure(subject, failure);
    }
    (outcome, delivery.operation.name)
}

/// A call that is turned away with 401 is repeated once by an adapter that logs in.
fn calls_for(subject: &Subject, step: &Step) -> usize {
    if !subject.aside.is_empty() && step.status() == Some(401) { 2 } else { 1 }
}

/// An upstream that does this to every call.
async fn upstream(subject: &Subject, step: Step) -> ScriptedUpstream {
    let steps = [step.clone(), step];
    ScriptedUpstream::start_with_aside(subject.aside.clone(), steps).await
}

#[track_caller]
fn check_failure(subject: &Subject, failure: &Failure) {
    assert!(!failure.message.is_empty(), "a failure says why");
    check_unseen(subject, "a failure", &format!("{failure} {failure:?}"));
}

#[track_caller]
fn check_unseen(subject: &Subject, what: &str, text: &str) {
    for planted in subject.planted {
        assert!(!text.contains(planted), "{what} shows {planted}: {text}");
    }
}

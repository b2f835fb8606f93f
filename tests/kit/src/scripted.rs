//! An upstream on the loopback that does what a script says, and keeps what it was asked.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::wire;

/// What to do with one call.
#[derive(Clone, Debug)]
pub enum Step {
    /// Answer.
    Answer(Reply),
    /// Answer with this status and, in every member that vendors put words in, all that was sent.
    Echo(u16),
    /// Read the call and never answer.
    Hang,
    /// Close the connection with the call unread.
    CloseUnread,
    /// Read the call and close the connection.
    Close,
    /// Read the call, write these bytes, close the connection.
    Raw(Vec<u8>),
}

impl Step {
    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Answer(Reply { status, .. }) | Self::Echo(status) => Some(*status),
            Self::Hang | Self::CloseUnread | Self::Close | Self::Raw(_) => None,
        }
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers, but for `Content-Length`.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Reply {
    /// A JSON answer.
    #[expect(clippy::needless_pass_by_value, reason = "callers write json!(…) here")]
    pub fn json(status: u16, body: Value) -> Self {
        Self::text(status, &body.to_string()).with("content-type", "application/json")
    }

    /// An answer of bare text, without a type.
    pub fn text(status: u16, body: &str) -> Self {
        Self { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
    }

    /// A page, as servers and proxies in front of an upstream answer.
    pub fn html(status: u16) -> Self {
        Self::text(status, "<html><body><h1>Sorry</h1></body></html>")
            .with("content-type", "text/html")
    }

    /// The same with one header more.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// A call as it arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    /// HTTP method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Headers; the names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
    /// The bytes before the body.
    pub(crate) head: Vec<u8>,
}

impl Seen {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// The upstream. It ends when it is dropped.
pub struct ScriptedUpstream {
    address: SocketAddr,
    script: Arc<Script>,
    serving: JoinHandle<()>,
}

#[derive(Default)]
struct Script {
    /// Answered whenever asked, and not counted: paths, without query.
    aside: Vec<(&'static str, Reply)>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    steps: VecDeque<Step>,
    connections: usize,
    calls: usize,
    seen: Vec<Seen>,
}

impl ScriptedUpstream {
    /// Starts one that takes a step of the script for each call.
    pub async fn start(steps: impl IntoIterator<Item = Step>) -> Self {
        Self::start_with_aside(Vec::new(), steps).await
    }

    /// The same, but calls to the paths `aside` (a login) are answered as given and take no step.
    pub async fn start_with_aside(
        aside: Vec<(&'static str, Reply)>,
        steps: impl IntoIterator<Item = Step>,
    ) -> Self {
        let state = State { steps: steps.into_iter().collect(), ..State::default() };
        let script = Arc::new(Script { aside, state: Mutex::new(state) });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(serve(listener, Arc::clone(&script)));
        Self { address, script, serving }
    }

    /// An address on which nobody listens.
    pub async fn nowhere() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    }

    /// What stands before every path.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        self.script.state().connections
    }

    /// How many calls took a step.
    pub fn calls(&self) -> usize {
        self.script.state().calls
    }

    /// Every call that was read, those aside included, in order.
    pub fn seen(&self) -> Vec<Seen> {
        self.script.state().seen.clone()
    }

    /// The last call that was read.
    #[track_caller]
    pub fn last(&self) -> Seen {
        self.seen().pop().unwrap_or_else(|| panic!("nothing was called"))
    }
}

impl Drop for ScriptedUpstream {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl fmt::Debug for ScriptedUpstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedUpstream").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Script {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn step(&self, target: &str) -> Step {
        let path = target.split('?').next().unwrap_or_default();
        if let Some((_, reply)) = self.aside.iter().find(|(aside, _)| *aside == path) {
            return Step::Answer(reply.clone());
        }
        let mut state = self.state();
        state.calls += 1;
        state.steps.pop_front().unwrap_or(Step::Answer(Reply::text(599, "the script has ended")))
    }
}

async fn serve(listener: TcpListener, script: Arc<Script>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let script = Arc::clone(&script);
        script.state().connections += 1;
        connections.spawn(async move {
            // A client that goes away in the middle is what many tests are about.
            drop(converse(stream, &script).await);
        });
    }
}

async fn converse(mut stream: TcpStream, script: &Script) -> io::Result<()> {
    while let Some(target) = wire::next_target(&stream).await? {
        let step = script.step(&target);
        if matches!(step, Step::CloseUnread) {
            break;
        }
        let seen = wire::read(&mut stream).await?;
        script.state().seen.push(seen.clone());
        match step {
            Step::Answer(reply) => wire::write(&mut stream, &reply).await?,
            Step::Echo(status) => wire::write(&mut stream, &echo(status, &seen)).await?,
            Step::Hang => std::future::pending().await,
            Step::Raw(bytes) => {
                stream.write_all(&bytes).await?;
                break;
            }
            Step::Close | Step::CloseUnread => break,
        }
    }
    Ok(())
}

fn echo(status: u16, seen: &Seen) -> Reply {
    let words = format!("{} {:?} {} required", seen.target, seen.headers, seen.text());
    let body = json!({
        "success": false, "status": false, "type": "error", "message": words, "error": words,
        "errors": {"field": words}, "errorCode": words, "errorMessage": words,
    });
    Reply::json(status, body)
}

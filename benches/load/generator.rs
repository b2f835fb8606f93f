//! Posts claims and notes when each was answered: as fast as answers come, or at a fixed rate.
//!
//! At a fixed rate a claim's time runs from when it should have been posted, whether or not a
//! connection was free then, so that a slow hub cannot hide behind its own slowness.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::Failed;
use crate::claims::Claims;
use crate::wire::{Wire, number_after};

/// Connections of a fixed rate: at 300 a second all are busy only when an answer takes 0.2 s.
const PACED_CONNECTIONS: u32 = 64;

/// Longest wait for answers after the time is over.
const PATIENCE: Duration = Duration::from_secs(30);

const NUMBER: &[u8] = b"\"ticketNumber\":\"";

/// A claim that was answered with 201.
#[derive(Clone, Copy)]
pub(crate) struct Accepted {
    /// The number that the answer gave it.
    pub(crate) number: u64,
    /// When it was posted, or should have been.
    pub(crate) posted: Instant,
    /// When its answer was there.
    pub(crate) answered: Instant,
}

/// A connection that posts claims.
pub(crate) struct Client {
    wire: Wire,
    claims: Arc<Claims>,
    buffer: Vec<u8>,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr, claims: &Arc<Claims>) -> Result<Self, Failed> {
        let wire = Wire::connect(address).await?;
        Ok(Self { wire, claims: Arc::clone(claims), buffer: claims.buffer() })
    }

    /// Posts one claim and gives its number.
    pub(crate) async fn post(&mut self) -> Result<u64, Failed> {
        self.claims.renew(&mut self.buffer)?;
        self.wire.send(&self.buffer).await?;
        let answer =
            self.wire.next().await?.ok_or("the connection was closed without an answer")?;
        match number_after(answer.body, NUMBER) {
            Some(number) if answer.status() == b"201" => Ok(number),
            _ => Err(format!(
                "a claim was answered with {} {}",
                answer.status().escape_ascii(),
                String::from_utf8_lossy(answer.body)
            )
            .into()),
        }
    }
}

/// Posts on so many connections, on each the next claim as soon as the last is answered.
pub(crate) async fn saturate(
    address: SocketAddr,
    claims: &Arc<Claims>,
    connections: u32,
    span: Duration,
) -> Result<Vec<Accepted>, Failed> {
    let clients = connect(address, claims, connections).await?;
    let until = Instant::now() + span;
    let mut posting = JoinSet::new();
    for mut client in clients {
        posting.spawn(async move {
            let mut accepted = Vec::new();
            let mut posted = Instant::now();
            while posted < until {
                let number = client.post().await?;
                let answered = Instant::now();
                accepted.push(Accepted { number, posted, answered });
                posted = answered;
            }
            Ok(accepted)
        });
    }
    timeout(span + PATIENCE, collect(posting)).await?
}

/// Posts so many claims a second, evenly spaced.
pub(crate) async fn pace(
    address: SocketAddr,
    claims: &Arc<Claims>,
    per_second: u32,
    span: Duration,
) -> Result<Vec<Accepted>, Failed> {
    let clients = connect(address, claims, PACED_CONNECTIONS).await?;
    let (ticks, due) = mpsc::unbounded_channel();
    let due = Arc::new(Mutex::new(due));
    let mut posting = JoinSet::new();
    for mut client in clients {
        let due = Arc::clone(&due);
        posting.spawn(async move {
            let mut accepted = Vec::new();
            loop {
                let Some(posted) = due.lock().await.recv().await else { return Ok(accepted) };
                let number = client.post().await?;
                accepted.push(Accepted { number, posted, answered: Instant::now() });
            }
        });
    }
    drop(due);
    thread::spawn(move || tick(per_second, span, &ticks));
    timeout(span + PATIENCE, collect(posting)).await?
}

async fn connect(
    address: SocketAddr,
    claims: &Arc<Claims>,
    connections: u32,
) -> Result<Vec<Client>, Failed> {
    let mut clients = Vec::new();
    for _ in 0..connections {
        clients.push(Client::connect(address, claims).await?);
    }
    Ok(clients)
}

async fn collect(
    mut posting: JoinSet<Result<Vec<Accepted>, Failed>>,
) -> Result<Vec<Accepted>, Failed> {
    let mut all = Vec::new();
    while let Some(accepted) = posting.join_next().await {
        all.extend(accepted??);
    }
    Ok(all)
}

/// On a thread of its own: the runtime's timer counts in milliseconds, too coarse for what is
/// measured here.
fn tick(per_second: u32, span: Duration, ticks: &mpsc::UnboundedSender<Instant>) {
    let began = Instant::now();
    let every = Duration::from_secs(1) / per_second;
    let mut due = began;
    while due < began + span && ticks.send(due).is_ok() {
        due += every;
        while let Some(wait) = due.checked_duration_since(Instant::now()).filter(|w| !w.is_zero()) {
            thread::park_timeout(wait);
        }
    }
}

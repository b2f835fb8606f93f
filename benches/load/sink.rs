//! The systems that claims are delivered to: answers at once, and notes what arrived when.
//!
//! It takes any key and checks no field; how the systems really behave is the sandbox's business.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use crate::generator::Accepted;
use crate::wire::{Frame, Wire, number_after};

/// Without an arrival for so long nothing more is expected.
const PATIENCE: Duration = Duration::from_secs(10);

/// Between two looks at what has arrived; when it did is noted as it does.
const LOOK: Duration = Duration::from_millis(5);

/// The helpdesk's first number.
const FIRST_NUMBER: usize = 1000;

/// A system that the sink can be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum System {
    Helpdesk,
    Sociomile,
}

/// What arrived since the last [`Sink::forget`], by the hub's number of the claim.
#[derive(Clone, Default)]
pub(crate) struct Arrivals {
    helpdesk: HashMap<u64, Instant>,
    sociomile: HashMap<u64, Instant>,
    /// Arrivals of a claim that had arrived at the same system before.
    pub(crate) repeated: u32,
    /// Calls that are no create, or tell Sociomile of a ticket that the helpdesk never had.
    pub(crate) strange: u32,
}

/// A running sink.
pub(crate) struct Sink {
    /// Where all systems are.
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    arrivals: Arrivals,
    /// The hub's number of each ticket of the helpdesk, from [`FIRST_NUMBER`] on.
    tickets: Vec<u64>,
}

impl Sink {
    pub(crate) async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let state = Arc::new(Mutex::new(State::default()));
        let sink = Self { address, state: Arc::clone(&state) };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer_all(stream, Arc::clone(&state)));
            }
        });
        Ok(sink)
    }

    /// Begins anew.
    pub(crate) fn forget(&self) {
        lock(&self.state).arrivals = Arrivals::default();
    }

    /// What arrived, once these claims are at each of these systems or no more come.
    pub(crate) async fn arrivals(&self, systems: &[System], claims: &[Accepted]) -> Arrivals {
        let mut waited_for = systems.iter().flat_map(|system| claims.iter().map(|c| (*system, c)));
        let mut next = waited_for.next();
        let mut progress = Instant::now();
        while let Some((system, claim)) = next
            && progress.elapsed() < PATIENCE
        {
            if lock(&self.state).arrivals.at(system).contains_key(&claim.number) {
                next = waited_for.next();
                progress = Instant::now();
            } else {
                sleep(LOOK).await;
            }
        }
        lock(&self.state).arrivals.clone()
    }
}

impl Arrivals {
    /// When each claim arrived there.
    pub(crate) fn at(&self, system: System) -> &HashMap<u64, Instant> {
        match system {
            System::Helpdesk => &self.helpdesk,
            System::Sociomile => &self.sociomile,
        }
    }

    fn note(&mut self, system: System, number: u64) {
        let arrived = match system {
            System::Helpdesk => &mut self.helpdesk,
            System::Sociomile => &mut self.sociomile,
        };
        if arrived.insert(number, Instant::now()).is_some() {
            self.repeated += 1;
        }
    }
}

impl State {
    /// Notes one call and gives the answer to it.
    fn answer(&mut self, call: Frame<'_>) -> String {
        let body = if call.head.starts_with(b"POST /api/omnichannel/claims ") {
            self.claim(call)
        } else if call.head.starts_with(b"POST /bank-sulut/create?") {
            self.copy(call)
        } else {
            None
        };
        match body {
            Some(body) => text("200 OK", &body),
            None => {
                self.arrivals.strange += 1;
                text("404 Not Found", r#"{"success":false,"message":"Not found"}"#)
            }
        }
    }

    /// A claim at the helpdesk: the mapping puts the hub's number into its description.
    fn claim(&mut self, call: Frame<'_>) -> Option<String> {
        let number = number_after(call.body, b"[omnihub ")?;
        self.arrivals.note(System::Helpdesk, number);
        let issued = FIRST_NUMBER + self.tickets.len();
        self.tickets.push(number);
        Some(format!(
            "{{\"success\":true,\"data\":{{\"success\":true,\"ticketNumber\":\"{issued}\",\
             \"ticketId\":\"cm{issued}\",\"status\":\"OPEN\"}},\
             \"timestamp\":\"2024-12-19T10:30:00.000Z\"}}"
        ))
    }

    /// A claim at Sociomile, which is told the helpdesk's number of it.
    fn copy(&mut self, call: Frame<'_>) -> Option<String> {
        let issued = number_after(call.body, b"\"nomorTicketHelpdesk\":")?;
        let at = usize::try_from(issued).ok()?.checked_sub(FIRST_NUMBER)?;
        let number = *self.tickets.get(at)?;
        self.arrivals.note(System::Sociomile, number);
        Some(format!(
            "{{\"success\":true,\"message\":\"success\",\"data\":{{\
             \"ticketId\":\"{number:024x}\",\"ticket_number\":{number}}},\"code\":200}}"
        ))
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer_all(stream: TcpStream, state: Arc<Mutex<State>>) -> io::Result<()> {
    let mut wire = Wire::over(stream)?;
    while let Some(call) = wire.next().await? {
        let answer = lock(&state).answer(call);
        wire.send(answer.as_bytes()).await?;
    }
    Ok(())
}

fn text(status: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

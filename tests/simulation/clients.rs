//! Clients: each posts tickets and later changes, and asks again until it is answered.
//!
//! They outlive the hub's crashes. What they were told is what is held against the hub in the end.

use std::sync::Arc;
use std::time::Duration;

use omnihub::clock::Clock;
use omnihub::hub;
use omnihub::mapping::Mappings;
use omnihub::store::{Acceptance, Accepted, Change, Changed, Due, Store, StoreError};
use omnihub_contract::{DeliveryId, Event, EventKind, Source, TicketNumber};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::life::Ground;
use super::promises::{Answered, Promises};
use super::random::Random;
use super::samples::{self, commented, moved, request};
use super::tally::Happened;

/// Longest wait for the desk's number before the hub's own is told.
const NUMBER_WAIT: Duration = Duration::from_secs(2);

/// The hub, as far as clients can reach it.
#[derive(Clone)]
pub(crate) struct Open {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) mappings: Arc<arc_swap::ArcSwap<Mappings>>,
}

/// One client.
pub(crate) struct Client {
    pub(crate) ground: Arc<Ground>,
    pub(crate) promises: Arc<Promises>,
    pub(crate) hub: watch::Receiver<Option<Open>>,
    pub(crate) name: u8,
    pub(crate) random: Random,
    pub(crate) tickets: u64,
}

impl Client {
    /// Posts all that it has to, and returns when all is answered.
    pub(crate) async fn run(mut self) {
        for ticket in 0..self.tickets {
            // In whole seconds, so that several clients ask at once.
            sleep(Duration::from_secs(self.random.below(12))).await;
            let Some(number) = self.post(ticket).await else { continue };
            for change in 0..self.random.below(5) {
                sleep(Duration::from_secs(self.random.below(20))).await;
                self.change(number, ticket, change).await;
            }
        }
    }

    /// Posts a ticket; none where the client gives up, and nobody knows whether it was kept.
    async fn post(&mut self, nth: u64) -> Option<TicketNumber> {
        let words = format!("{}-{nth}", self.name);
        let request = request(self.name, nth, 0);
        let (is_claim, has_reference) = (self.random.happens(500), self.random.happens(800));
        let waits = self.random.happens(600);
        let id = uuid::Uuid::from_u64_pair(self.random.next(), self.random.next());
        let number = loop {
            let (ground, promises, words) =
                (Arc::clone(&self.ground), Arc::clone(&self.promises), words.clone());
            let told = self
                .ask(async |open| {
                    let number = open.store.reserve_number();
                    let ticket = samples::ticket(number, id, &words, ground.clock.now());
                    let ticket = samples::of_kind(ticket, is_claim, has_reference);
                    let event =
                        Event::new(EventKind::TicketCreated, ticket.created_at, Source::Client);
                    let due = due(&open, &ticket, &event);
                    promises.tries(request.key, &due);
                    let public_number = (!waits).then(|| number.to_string().into());
                    let acceptance = Acceptance {
                        ticket: Arc::new(ticket),
                        event,
                        due,
                        contents: Vec::new(),
                        request: Some(request.clone()),
                        likeness: None,
                        public_number,
                    };
                    Ok((number, open.store.accept(acceptance).await?))
                })
                .await;
            match told {
                Some((number, Accepted::Kept)) => break number,
                Some((_, Accepted::Repeated(prior))) => {
                    self.ground.world.count(Happened::Repeated);
                    break prior.number;
                }
                Some((_, Accepted::Same(_))) => panic!("no claim of these is like another"),
                None if self.random.happens(250) => return self.gives_up(),
                None => {}
            }
        };
        let public = loop {
            match self.ask(async |open| told_number(&open, number).await).await {
                Some(public) => break public,
                None if self.random.happens(250) => return self.gives_up(),
                None => {}
            }
        };
        self.ground.world.count(Happened::Accepted);
        self.promises.answered(Answered { key: request.key, number, event: 0, words });
        self.promises.note(|promised| drop(promised.numbers.insert(number, public)));
        Some(number)
    }

    fn gives_up(&self) -> Option<TicketNumber> {
        self.ground.world.count(Happened::GaveUp);
        None
    }

    async fn change(&mut self, number: TicketNumber, ticket: u64, nth: u64) {
        let words = format!("{}-{ticket}-{nth}", self.name);
        let request = request(self.name, ticket, nth + 1);
        let (is_comment, is_echo) = (self.random.happens(600), self.random.happens(100));
        let to = ["PENDING", "IN_PROGRESS"][usize::from(self.random.happens(500))];
        loop {
            let (ground, promises, words) =
                (Arc::clone(&self.ground), Arc::clone(&self.promises), words.clone());
            let told = self
                .ask(async |open| {
                    let at = ground.clock.now();
                    let source =
                        if is_echo { Source::Adapter("branch".into()) } else { Source::Client };
                    let event = if is_comment {
                        commented(at, source, &words)
                    } else {
                        moved(at, source, to)
                    };
                    let record = open.store.find(&number.to_string())?.expect("it was answered");
                    let due = due(&open, &record.ticket, &event);
                    promises.tries(request.key, &due);
                    let request = Some(request.clone());
                    open.store
                        .change(Change { number, event, due, contents: Vec::new(), request })
                        .await
                })
                .await;
            let event = match told {
                Some(Changed::Kept { event, .. }) => event,
                Some(Changed::Repeated(prior)) => {
                    self.ground.world.count(Happened::Repeated);
                    prior.event
                }
                Some(other) => panic!("{number}: {other:?}"),
                None => continue,
            };
            self.ground.world.count(Happened::Changed);
            let words = if is_comment { words } else { to.to_owned() };
            return self.promises.answered(Answered { key: request.key, number, event, words });
        }
    }

    /// Asks the hub once, when there is one; none when it went away.
    async fn ask<T>(&mut self, ask: impl AsyncFnOnce(Open) -> Result<T, StoreError>) -> Option<T> {
        let open = self.hub.wait_for(Option::is_some).await.unwrap().clone().unwrap();
        let mut hub = self.hub.clone();
        hub.mark_unchanged();
        tokio::select! {
            biased;
            _ = hub.changed() => None,
            told = ask(open) => match told {
                Ok(told) => Some(told),
                // It is about to go.
                Err(_) => {
                    drop(self.hub.wait_for(Option::is_none).await);
                    None
                }
            },
        }
    }
}

/// The number that the ticket's client is told, as the door tells it.
async fn told_number(open: &Open, number: TicketNumber) -> Result<String, StoreError> {
    let record = open.store.find(&number.to_string())?.expect("it was kept");
    if let Some(public) = record.state.receipts.public_number() {
        return Ok(public.to_owned());
    }
    let desk = record.state.deliveries.iter().position(|d| d.adapter.as_str() == "desk").unwrap();
    let id = DeliveryId { ticket: number, ordinal: u16::try_from(desk + 1).unwrap() };
    drop(timeout(NUMBER_WAIT, open.store.finished(id)).await);
    open.store.fix_number(number).await
}

fn due(open: &Open, ticket: &omnihub_contract::Ticket, event: &Event) -> Vec<Due> {
    open.mappings.load().route(ticket, event).into_iter().map(hub::due).collect()
}

//! The committer: the one thread that owns the engine, and the [`Store`] that everybody else holds.
//!
//! It takes whatever transactions wait, does them as one group, makes the group durable, and answers
//! all of it: while one group is being synced the next one gathers. A commit that fails is never
//! retried, since nobody knows what the disk kept: everybody is told, and the disk is opened anew.
//!
//! Invariant: who asks for leases, or has an attempt to settle, is not told of a disk that is away:
//! both wait until it is back. Everybody else is told at once.

mod house;
mod plans;
mod run;
mod thread;

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use omnihub_contract::{
    AdapterName, Attachment, BoxFuture, DeliveryId, Event, PartnerId, ReceiptName, TicketNumber,
};
use tokio::sync::{oneshot, watch};

use super::attempt::Attempt;
use super::contents::{Incoming, Keeper, Shelf};
use super::disk::Disk;
use super::engine::Engine;
use super::owner::{Owner, Queue};
use super::reading::{asides, attempts, event, prior_request, reference_hash, stored};
use super::slot::{Home, Slot};
use super::transaction::{KeptAttempt, NewTicket, Request, Wanted};
use super::{
    Acceptance, Accepted, Change, Changed, Contents, Decided, Decision, Heard, Judge, Leased,
    Numbered, Outcome, PriorRequest, Record, RecordKind, RequestKey, Stock, Store, StoreError,
    StoreSettings, Survey, Wants, envelope, layout, stock, survey,
};
use crate::clock::Clock;
use run::Health;
pub(super) use run::{After, Run};

/// Acceptances that may wait: a tenth of a second's work. What else waits the dispatcher bounds.
const ACCEPTS_WAITING_MAX: usize = 4096;

/// A store over a [`Disk`].
pub(crate) struct Committed<D> {
    disk: Slot<D>,
    home: Arc<dyn Home<Disk = D>>,
    keeper: Arc<Keeper>,
    queue: Queue,
    accepts_waiting: Arc<AtomicUsize>,
    next_number: AtomicU64,
    owner: Mutex<Option<Owner>>,
    health: Arc<watch::Sender<Health>>,
    clock: Arc<dyn Clock>,
    keep: Duration,
    keep_numbers: Duration,
}

/// Tells the engine that somebody who waited may have gone, when the waiting ends in any way.
struct Unwait<'a> {
    queue: &'a Queue,
    id: DeliveryId,
}

impl Drop for Unwait<'_> {
    fn drop(&mut self) {
        // An engine that is gone keeps nobody.
        drop(self.queue.send(Request::Unwait { id: self.id }));
    }
}

impl<D: Disk> Committed<D> {
    /// Starts the committer over a disk, and the contents beside it.
    pub(crate) fn start(
        home: impl Home<Disk = D>,
        shelf: Arc<dyn Shelf>,
        settings: &StoreSettings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StoreError> {
        Self::start_by(thread::begin, home, shelf, settings, clock)
    }

    /// The same, with whoever is to own the engine.
    pub(super) fn start_by(
        begin: impl FnOnce(Run<D>) -> Result<(Queue, Owner), StoreError>,
        home: impl Home<Disk = D>,
        shelf: Arc<dyn Shelf>,
        settings: &StoreSettings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StoreError> {
        let disk = Slot::with(home.open()?);
        let home: Arc<dyn Home<Disk = D>> = Arc::new(home);
        let keeper = Arc::new(Keeper::open(shelf, &disk)?);
        let last = disk.last(layout::TICKETS)?.as_deref().and_then(layout::number_of);
        let next = last.map_or(settings.first_number, |last| last.0 + 1);
        let accepts_waiting = Arc::new(AtomicUsize::new(0));
        let health = Arc::new(watch::Sender::new(Health::default()));
        let run = Run {
            home: Arc::clone(&home),
            slot: disk.clone(),
            keeper: Arc::clone(&keeper),
            engine: Engine::open(disk.clone(), settings, clock.now())?,
            clock: Arc::clone(&clock),
            accepts_waiting: Arc::clone(&accepts_waiting),
            health: Arc::clone(&health),
            counts: Arc::clone(&settings.counts),
        };
        let (queue, owner) = begin(run)?;
        let next_number = AtomicU64::new(next.max(settings.first_number));
        let StoreSettings { keep, keep_numbers, .. } = *settings;
        let owner = Mutex::new(Some(owner));
        Ok(Self {
            disk,
            home,
            keeper,
            queue,
            accepts_waiting,
            next_number,
            owner,
            health,
            clock,
            keep,
            keep_numbers,
        })
    }

    /// Queues a transaction and waits until its group is on disk.
    async fn ask<T>(
        &self,
        request: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Request,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.queue.send(request(reply))?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Asks until the disk is there to answer, or the store is told to stop.
    async fn patiently<T>(
        &self,
        request: impl Fn(oneshot::Sender<Result<T, StoreError>>) -> Request,
    ) -> Result<T, StoreError> {
        loop {
            match self.ask(&request).await {
                Err(error) if error.passes() && self.comes_back().await => {}
                told => return told,
            }
        }
    }

    /// Waits until the disk is back; false when nobody waits for it any more.
    async fn comes_back(&self) -> bool {
        let mut health = self.health.subscribe();
        let settled = health.wait_for(|it| !it.is_away || it.is_stopping || it.has_ended).await;
        settled.is_ok_and(|health| !health.is_away && !health.has_ended)
    }

    /// Writes contents, where there are some.
    async fn take_in(
        &self,
        number: TicketNumber,
        attachments: &[Attachment],
        contents: Contents,
    ) -> Result<Option<Incoming>, StoreError> {
        match attachments.is_empty() && contents.is_empty() {
            true => Ok(None),
            false => self.keeper.take_in(number, attachments, contents).await.map(Some),
        }
    }

    /// The ticket whose number stands under a key.
    fn named(&self, key: &[u8]) -> Result<Option<Record>, StoreError> {
        match self.disk.read(key)?.as_deref().and_then(|bytes| bytes.first_chunk()) {
            Some(bytes) => self.record(TicketNumber(u64::from_be_bytes(*bytes))),
            None => Ok(None),
        }
    }

    fn record(&self, number: TicketNumber) -> Result<Option<Record>, StoreError> {
        let stored = stored(&self.disk, number)?;
        Ok(stored.map(|(ticket, state)| Record { ticket: Arc::new(ticket), state }))
    }
}

impl<D: Disk> Store for Committed<D> {
    fn reserve_number(&self) -> TicketNumber {
        TicketNumber(self.next_number.fetch_add(1, Ordering::Relaxed))
    }

    fn accept(&self, mut acceptance: Acceptance) -> BoxFuture<'_, Result<Accepted, StoreError>> {
        Box::pin(async move {
            if self.accepts_waiting.load(Ordering::Relaxed) >= ACCEPTS_WAITING_MAX {
                return Err(StoreError::Busy);
            }
            self.home.has_room()?;
            let contents = std::mem::take(&mut acceptance.contents);
            let ticket = &acceptance.ticket;
            let incoming = self.take_in(ticket.number, &ticket.attachments, contents).await?;
            let new = Box::new(NewTicket::of(acceptance, incoming)?);
            self.accepts_waiting.fetch_add(1, Ordering::Relaxed);
            self.ask(|reply| Request::Accept { new, reply }).await
        })
    }

    fn change(&self, mut change: Change) -> BoxFuture<'_, Result<Changed, StoreError>> {
        Box::pin(async move {
            self.home.has_room()?;
            let contents = std::mem::take(&mut change.contents);
            // What is refused anyway is not written first.
            if !contents.is_empty()
                && let Some((_, state)) = stored(&self.disk, change.number)?
                && let Some(refused) = state.refuses(&change.event)
            {
                return Ok(refused);
            }
            let attachments = &change.event.attachments;
            let incoming = self.take_in(change.number, attachments, contents).await?;
            let change = Box::new(change);
            self.ask(move |reply| Request::Change { change, incoming, reply }).await
        })
    }

    fn hear(&self, number: TicketNumber, judge: Judge) -> BoxFuture<'_, Result<Heard, StoreError>> {
        Box::pin(self.ask(move |reply| Request::Hear { number, judge, reply }))
    }

    fn adopt(
        &self,
        acceptance: Acceptance,
        there: Numbered,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let new = Box::new(NewTicket::adopted(acceptance, &there)?);
            self.ask(|reply| Request::Adopt { new, there: there.number, reply }).await.map(drop)
        })
    }

    fn finished(&self, id: DeliveryId) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let leaving = Unwait { queue: &self.queue, id };
            let finished = self.ask(|reply| Request::Finished { id, reply }).await;
            drop(leaving);
            finished
        })
    }

    fn fix_number(&self, number: TicketNumber) -> BoxFuture<'_, Result<String, StoreError>> {
        Box::pin(self.ask(move |reply| Request::FixNumber { number, reply }))
    }

    fn forget_request(&self, key: RequestKey) -> BoxFuture<'_, Result<(), StoreError>> {
        let key = layout::request(&key);
        Box::pin(self.ask(move |reply| Request::Put { key, value: None, reply }))
    }

    fn forget(&self) -> BoxFuture<'_, Result<bool, StoreError>> {
        Box::pin(self.keep_house())
    }

    fn lease_from(
        &self,
        adapter: AdapterName,
        wants: Wants,
    ) -> BoxFuture<'_, Result<Leased, StoreError>> {
        Box::pin(self.patiently(move |reply| {
            let (adapter, wants) = (adapter.clone(), wants.clone());
            Request::Lease { adapter, wanted: Wanted { wants, reply } }
        }))
    }

    fn asides(&self, adapter: &AdapterName, limit: usize) -> Result<Vec<Box<str>>, StoreError> {
        asides(&self.disk, adapter, limit)
    }

    fn settle_attempt(
        &self,
        id: DeliveryId,
        outcome: Outcome,
        attempt: Option<Attempt>,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let attempt = attempt.map(KeptAttempt::of).transpose()?;
            // A copy each time: what became of an attempt must survive a commit that fails.
            let settle = |reply| {
                let (outcome, attempt) = (outcome.clone(), attempt.clone());
                Request::Settle { id, outcome, attempt, reply }
            };
            self.patiently(settle).await
        })
    }

    fn decide(&self, decision: Decision) -> BoxFuture<'_, Result<Decided, StoreError>> {
        Box::pin(self.ask(move |reply| Request::Decide { decision, reply }))
    }

    fn stop_leasing(&self) {
        self.health.send_modify(|health| health.is_stopping = true);
        // A committer that is gone leases nothing either.
        drop(self.queue.send(Request::StopLeasing));
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            // Already closed is as good as closed.
            drop(self.ask(|reply| Request::Close { reply }).await);
            let owner = self.owner.lock().ok().and_then(|mut owner| owner.take());
            if let Some(owner) = owner {
                owner.gone().await;
            }
        })
    }

    fn failed(&self) -> BoxFuture<'_, ()> {
        let mut health = self.health.subscribe();
        Box::pin(async move {
            let ended = health.wait_for(|health| health.has_ended).await;
            if ended.is_ok_and(|health| health.is_closed) {
                std::future::pending::<()>().await;
            }
        })
    }

    fn trouble(&self) -> Option<StoreError> {
        match self.health.borrow().is_away {
            true => Some(StoreError::Away),
            false => self.home.has_room().err(),
        }
    }

    fn find(&self, number: &str) -> Result<Option<Record>, StoreError> {
        if let Ok(own) = number.parse::<TicketNumber>()
            // A number is a text: one with leading zeros is another.
            && own.to_string() == number
            && let Some(record) = self.record(own)?
        {
            return Ok(Some(record));
        }
        self.named(&layout::other_number(number))
    }

    fn find_receipt(&self, name: &ReceiptName, value: &str) -> Result<Option<Record>, StoreError> {
        self.named(&layout::receipt(&name.adapter, &name.name, value))
    }

    fn find_reference(
        &self,
        partner: Option<&PartnerId>,
        reference: &str,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let prefix = layout::references(&reference_hash(partner, reference));
        let entries = self.disk.scan(&prefix, &prefix, limit)?;
        let numbers = entries.iter().filter_map(|(key, _)| layout::referred(key));
        let records = numbers.map(|number| self.record(number));
        Ok(records.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    fn timeline(&self, record: &Record) -> Result<Vec<Event>, StoreError> {
        let later = 1..=record.state.later_events;
        let later = later.map(|place| event(&self.disk, record.ticket.number, place));
        std::iter::once(Ok(record.state.created.clone())).chain(later).collect()
    }

    fn attempts(&self, id: DeliveryId) -> Result<Vec<Attempt>, StoreError> {
        attempts(&self.disk, id)
    }

    fn synced(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.ask(|reply| Request::Sync { reply }))
    }

    fn find_request(&self, key: &RequestKey) -> Result<Option<PriorRequest>, StoreError> {
        let now = self.clock.now();
        Ok(prior_request(&self.disk, key)?.filter(|prior| now <= prior.until))
    }

    fn content(
        &self,
        number: TicketNumber,
        attachment: &Attachment,
    ) -> Result<Vec<u8>, StoreError> {
        self.keeper.read(number, attachment, &self.disk)
    }

    fn newest(&self, limit: usize) -> Result<Vec<TicketNumber>, StoreError> {
        let tickets = self.disk.scan_back(layout::TICKETS, layout::AFTER_TICKETS, limit)?;
        Ok(tickets.iter().filter_map(|(key, _)| layout::number_of(key)).collect())
    }

    fn stock(&self) -> Result<Stock, StoreError> {
        let stock = stock::stock(&self.disk, self.clock.now())?;
        Ok(Stock { space: self.home.space(), ..stock })
    }

    fn survey(&self, after: &[u8]) -> Result<Survey, StoreError> {
        survey::page(&self.disk, after)
    }

    fn ledger(&self, limit: usize) -> Result<Vec<Record>, StoreError> {
        let entries = self.disk.scan(layout::LEDGER, layout::LEDGER, limit)?;
        let mut numbers: Vec<_> =
            entries.iter().filter_map(|(key, _)| layout::number_of(key)).collect();
        numbers.dedup();
        let records: Result<Vec<_>, _> = numbers.into_iter().map(|at| self.record(at)).collect();
        Ok(records?.into_iter().flatten().collect())
    }

    fn put(
        &self,
        kind: RecordKind,
        name: &str,
        value: serde_json::Value,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        let key = layout::record(kind, name);
        Box::pin(async move {
            let value = envelope::seal(&value)?;
            self.ask(|reply| Request::Put { key, value: Some(value), reply }).await
        })
    }

    fn remove(&self, kind: RecordKind, name: &str) -> BoxFuture<'_, Result<(), StoreError>> {
        let key = layout::record(kind, name);
        Box::pin(self.ask(move |reply| Request::Put { key, value: None, reply }))
    }

    fn read(&self, kind: RecordKind, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let bytes = self.disk.read(&layout::record(kind, name))?;
        bytes.map(|bytes| envelope::json_in("a record", &bytes).map(<[u8]>::to_vec)).transpose()
    }

    fn records(
        &self,
        kind: RecordKind,
        limit: usize,
    ) -> Result<Vec<(String, serde_json::Value)>, StoreError> {
        let prefix = layout::records(kind);
        let pairs = self.disk.scan(&prefix, &prefix, limit)?.into_iter();
        pairs
            .map(|(key, bytes)| {
                Ok((layout::record_name_of(&key), envelope::open("a record", &bytes)?))
            })
            .collect()
    }
}

#[cfg(test)]
pub(crate) mod tests;

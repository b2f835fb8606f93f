//! The engine: takes a group of transactions, changes tickets and indexes, and commits them as one.
//!
//! It owns no thread and no clock; `committer` calls [`Engine::step`]. The tickets of loaded
//! deliveries are kept in memory, so that the way accept → lease → settle reads nothing from disk.
//!
//! A failed commit leaves memory ahead of the disk: the engine must not be used after one.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use omnihub_contract::{AdapterName, DeliveryId, ReceiptName, Ticket, TicketNumber};

use super::disk::{Disk, Writes};
use super::lane::{Lane, Origin};
use super::outbox::{DeliveryState, Phase, TicketState};
use super::reading::{prior_request, stored};
use super::transaction::{NewTicket, Reply, Request, Sender};
use super::{
    Accepted, Lease, NewRequest, Outcome, PriorRequest, RequestKey, StoreError, envelope, layout,
};

/// A ticket with loaded deliveries.
struct Active {
    ticket: Arc<Ticket>,
    state: TicketState,
    /// Deliveries in lanes.
    uses: usize,
    /// Whether the state is to be written at the end of the step.
    dirty: bool,
}

impl Active {
    fn new(ticket: Arc<Ticket>, state: TicketState) -> Self {
        Self { ticket, state, uses: 0, dirty: false }
    }
}

/// What one step collects.
struct Step {
    now: Timestamp,
    writes: Writes,
    /// Tickets to be written or let go of at the end.
    touched: BTreeSet<TicketNumber>,
    /// What became ready, by lane.
    ready: BTreeMap<usize, Vec<DeliveryId>>,
    requests: HashMap<RequestKey, PriorRequest>,
    replies: Vec<Reply>,
}

impl Step {
    fn at(now: Timestamp) -> Self {
        Self {
            now,
            writes: Writes::default(),
            touched: BTreeSet::new(),
            ready: BTreeMap::new(),
            requests: HashMap::new(),
            replies: Vec::new(),
        }
    }
}

pub(crate) struct Engine<D> {
    disk: D,
    numbering: ReceiptName,
    active: HashMap<TicketNumber, Active>,
    lanes: Vec<Lane>,
    next_group: u64,
    leasing: bool,
}

impl<D: Disk> Engine<D> {
    pub(crate) fn new(disk: D, numbering: ReceiptName) -> Self {
        Self {
            disk,
            numbering,
            active: HashMap::new(),
            lanes: Vec::new(),
            next_group: 0,
            leasing: true,
        }
    }

    /// When the next retry is due, in epoch milliseconds.
    pub(crate) fn wake_at(&self) -> Option<u64> {
        self.lanes.iter().filter_map(Lane::wake_at).min()
    }

    /// Does a group of transactions as one. Answers are to be sent with what `Result` it gives.
    pub(crate) fn step(
        &mut self,
        requests: Vec<Request>,
        now: Timestamp,
    ) -> (Vec<Reply>, Result<(), StoreError>) {
        let mut step = Step::at(now);
        let done = self.collect(&mut step, requests);
        let done = done.and_then(|()| match step.writes.0.is_empty() {
            true => Ok(()),
            false => self.disk.commit(std::mem::take(&mut step.writes)),
        });
        (step.replies, done)
    }

    fn collect(&mut self, step: &mut Step, requests: Vec<Request>) -> Result<(), StoreError> {
        // First, while the disk has all that lanes know of: what this group makes due is not there yet,
        // and a lane that read past its place, or took the next due time from there, would miss it.
        for at in 0..self.lanes.len() {
            self.read_on(step, at)?;
        }
        for request in requests {
            self.take(step, request)?;
        }
        self.spread(step)?;
        for at in 0..self.lanes.len() {
            self.grant(step, at);
        }
        self.write_changed(step)
    }

    fn take(&mut self, step: &mut Step, request: Request) -> Result<(), StoreError> {
        match request {
            Request::Accept { new, reply } => self.accept(step, *new, reply)?,
            Request::Settle { id, outcome, reply } => {
                self.settle(step, id, outcome)?;
                step.replies.push(Reply::Done(reply));
            }
            Request::Lease { adapter, wanted } if self.leasing => {
                let at = self.lane(&adapter)?;
                if let Some(lane) = self.lanes.get_mut(at) {
                    lane.wanted = Some(wanted);
                }
            }
            Request::Lease { wanted, .. } => {
                step.replies.push(Reply::Leased(wanted.reply, Vec::new()));
            }
            Request::Put { key, value, reply } => {
                step.writes.put(key, value);
                step.replies.push(Reply::Done(reply));
            }
            Request::StopLeasing => self.stop_leasing(step),
            Request::Close { reply } => {
                self.stop_leasing(step);
                step.replies.push(Reply::Done(reply));
            }
        }
        Ok(())
    }

    fn stop_leasing(&mut self, step: &mut Step) {
        self.leasing = false;
        for wanted in self.lanes.iter_mut().filter_map(|lane| lane.wanted.take()) {
            step.replies.push(Reply::Leased(wanted.reply, Vec::new()));
        }
    }

    fn accept(
        &mut self,
        step: &mut Step,
        new: NewTicket,
        reply: Sender<Accepted>,
    ) -> Result<(), StoreError> {
        let number = new.ticket.number;
        if let Some(request) = &new.request {
            match self.earlier(step, &request.key) {
                Ok(None) => keep_request(step, request, number)?,
                Ok(Some(earlier)) => {
                    step.replies.push(Reply::Accepted(reply, Accepted::Repeated(earlier)));
                    return Ok(());
                }
                Err(error) => {
                    step.replies.push(Reply::Refused(reply, error));
                    return Ok(());
                }
            }
        }
        step.writes.put(layout::ticket(number), new.bytes);
        for (key, piece) in new.pieces {
            step.writes.put(key, piece);
        }
        let ready = ready_ones(&new.state);
        self.active.insert(number, Active::new(new.ticket, new.state));
        self.note_ready(step, number, &ready)?;
        step.replies.push(Reply::Accepted(reply, Accepted::Kept));
        Ok(())
    }

    fn earlier(&self, step: &Step, key: &RequestKey) -> Result<Option<PriorRequest>, StoreError> {
        match step.requests.get(key) {
            Some(earlier) => Ok(Some(*earlier)),
            None => prior_request(&self.disk, key),
        }
    }

    fn settle(
        &mut self,
        step: &mut Step,
        id: DeliveryId,
        outcome: Outcome,
    ) -> Result<(), StoreError> {
        let Some(active) = self.active.get_mut(&id.ticket) else { return Ok(()) };
        let index = usize::from(id.ordinal).saturating_sub(1);
        let Some(delivery) = active.state.deliveries.get(index) else { return Ok(()) };
        let adapter = delivery.adapter.clone();
        let mut due = None;
        match &outcome {
            Outcome::Delivered(receipt) if adapter == self.numbering.adapter => {
                if let Some(text) = receipt.values.get(&*self.numbering.name) {
                    step.writes.put(layout::other_number(text), id.ticket.0.to_be_bytes().to_vec());
                }
            }
            Outcome::Held(_) | Outcome::Dead(_) => step.writes.put(layout::ledger(id), Vec::new()),
            Outcome::Retry { due: at, .. } => due = Some(*at),
            Outcome::Delivered(_) | Outcome::WaitsFor(_) | Outcome::Discarded(_) => {}
        }
        active.state.apply(index, outcome, step.now);
        active.dirty = true;
        let released = active.state.release();
        self.leave(step, id, &adapter, due)?;
        self.note_ready(step, id.ticket, &released)
    }

    /// Takes a settled delivery out of its lane, or puts it there again at its time.
    fn leave(
        &mut self,
        step: &mut Step,
        id: DeliveryId,
        adapter: &AdapterName,
        due: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let at = self.lane(adapter)?;
        let Some(lane) = self.lanes.get_mut(at) else { return Ok(()) };
        if lane.forget(id, &mut step.writes)
            && let Some(active) = self.active.get_mut(&id.ticket)
        {
            active.uses = active.uses.saturating_sub(1);
        }
        if let Some(due) = due {
            lane.add_timed(id, epoch_ms(due), &mut step.writes);
        }
        Ok(())
    }

    fn note_ready(
        &mut self,
        step: &mut Step,
        number: TicketNumber,
        ready: &[usize],
    ) -> Result<(), StoreError> {
        step.touched.insert(number);
        for index in ready {
            let adapter = self
                .active
                .get(&number)
                .and_then(|active| active.state.deliveries.get(*index))
                .map(|delivery| delivery.adapter.clone());
            if let (Some(adapter), Some(id)) = (adapter, delivery_id(number, *index)) {
                let lane = self.lane(&adapter)?;
                step.ready.entry(lane).or_default().push(id);
            }
        }
        Ok(())
    }

    /// Gives each lane what this group made ready: one index value a lane.
    fn spread(&mut self, step: &mut Step) -> Result<(), StoreError> {
        for (at, ids) in std::mem::take(&mut step.ready) {
            let group = self.next_group;
            self.next_group += 1;
            let Some(lane) = self.lanes.get_mut(at) else { continue };
            if lane.add_group(group, &ids, &mut step.writes) {
                for id in ids {
                    lane.admit(id, Origin::Group(group));
                    if let Some(active) = self.active.get_mut(&id.ticket) {
                        active.uses += 1;
                    }
                }
            }
        }
        Ok(())
    }

    /// Lets a lane read from its indexes what it has room for.
    fn read_on(&mut self, step: &mut Step, at: usize) -> Result<(), StoreError> {
        let Some(lane) = self.lanes.get_mut(at) else { return Ok(()) };
        for (id, origin) in lane.read_on(&self.disk, epoch_ms(step.now))? {
            if let Err(error) = self.admit(step, at, id, origin) {
                // One damaged ticket must not stop the lane: it stays in the index, and in the log.
                tracing::error!(delivery = %id, %error, "a delivery cannot be read and is left alone");
            }
        }
        Ok(())
    }

    fn admit(
        &mut self,
        step: &mut Step,
        at: usize,
        id: DeliveryId,
        origin: Origin,
    ) -> Result<(), StoreError> {
        if !self.active.contains_key(&id.ticket) {
            let active = load(&self.disk, id.ticket)?;
            self.active.insert(id.ticket, active);
            step.touched.insert(id.ticket);
        }
        let (Some(active), Some(lane)) = (self.active.get_mut(&id.ticket), self.lanes.get_mut(at))
        else {
            return Ok(());
        };
        let delivery = active.state.deliveries.get(usize::from(id.ordinal).saturating_sub(1));
        let is_ready = delivery.is_some_and(|delivery| {
            delivery.phase == Phase::Ready
                && match origin {
                    Origin::Group(_) => delivery.at.is_none_or(|due| due <= step.now),
                    Origin::Timed(due) => delivery.at.map(epoch_ms).unwrap_or(due) == due,
                }
        });
        match lane.origin(id) {
            Some(loaded) if loaded == origin => {}
            None if is_ready => {
                lane.admit(id, origin);
                active.uses += 1;
            }
            Some(_) | None => lane.drop_key(id, origin, &mut step.writes),
        }
        Ok(())
    }

    /// Leases to who waits for this lane.
    fn grant(&mut self, step: &mut Step, at: usize) {
        let Some(lane) = self.lanes.get_mut(at) else { return };
        let Some(wanted) = lane.wanted.take() else { return };
        let mut leases = Vec::new();
        while leases.len() < wanted.at_most
            && let Some(id) = lane.pop()
        {
            let Some(active) = self.active.get_mut(&id.ticket) else { continue };
            let Some((lease, is_durable)) = lease(active, id, step.now) else {
                tracing::error!(delivery = %id, "a delivery without its event is left alone");
                continue;
            };
            leases.push(lease);
            if is_durable {
                active.dirty = true;
                step.touched.insert(id.ticket);
            }
        }
        if leases.is_empty() {
            lane.wanted = Some(wanted);
        } else {
            step.replies.push(Reply::Leased(wanted.reply, leases));
        }
    }

    /// Writes each changed ticket's state once, and lets go of tickets without loaded deliveries.
    fn write_changed(&mut self, step: &mut Step) -> Result<(), StoreError> {
        for number in std::mem::take(&mut step.touched) {
            let Some(active) = self.active.get_mut(&number) else { continue };
            if std::mem::take(&mut active.dirty) {
                step.writes.put(layout::state(number), envelope::seal(&active.state)?);
            }
            if active.uses == 0 {
                self.active.remove(&number);
            }
        }
        Ok(())
    }

    /// The adapter's lane, opened at its first mention.
    fn lane(&mut self, adapter: &AdapterName) -> Result<usize, StoreError> {
        if let Some(at) = self.lanes.iter().position(|lane| lane.adapter == *adapter) {
            return Ok(at);
        }
        let last = self.disk.last(&layout::groups(adapter))?;
        let after = last.as_deref().and_then(layout::group_of).map_or(0, |group| group + 1);
        self.next_group = self.next_group.max(after);
        self.lanes.push(Lane::open(adapter.clone(), &self.disk)?);
        Ok(self.lanes.len() - 1)
    }
}

fn keep_request(
    step: &mut Step,
    request: &NewRequest,
    number: TicketNumber,
) -> Result<(), StoreError> {
    let prior = PriorRequest { number, fingerprint: request.fingerprint, status: request.status };
    step.writes.put(layout::request(&request.key), envelope::seal(&prior)?);
    step.requests.insert(request.key, prior);
    Ok(())
}

/// Marks a delivery as in flight; true when that has to be on disk before it leaves.
fn lease(active: &mut Active, id: DeliveryId, now: Timestamp) -> Option<(Lease, bool)> {
    let index = usize::from(id.ordinal).checked_sub(1)?;
    let state = &mut active.state;
    let delivery = state.deliveries.get_mut(index)?;
    delivery.phase = Phase::InFlight;
    if delivery.attempts == 0 {
        delivery.since = now;
    }
    let event = state.events.get(delivery.event)?.clone();
    let lease = Lease {
        id,
        ticket: Arc::clone(&active.ticket),
        event,
        status: state.status.clone(),
        receipts: state.receipts.clone(),
        operation: delivery.operation.clone(),
        rule: delivery.rule.clone(),
        attempts: delivery.attempts,
        since: delivery.since,
        unknown: delivery.unknown,
    };
    Some((lease, delivery.unsafe_repeat))
}

/// A ticket from disk; what was in flight there was cut by a crash.
fn load(disk: &impl Disk, number: TicketNumber) -> Result<Active, StoreError> {
    let (ticket, mut state) = stored(disk, number)?.ok_or_else(|| StoreError::Damaged {
        what: format!("ticket {number}"),
        why: "it is in an index but not there".into(),
    })?;
    state.deliveries.iter_mut().for_each(DeliveryState::recover);
    Ok(Active::new(Arc::new(ticket), state))
}

fn ready_ones(state: &TicketState) -> Vec<usize> {
    let all = state.deliveries.iter().enumerate();
    all.filter(|(_, delivery)| delivery.phase == Phase::Ready).map(|(at, _)| at).collect()
}

fn delivery_id(ticket: TicketNumber, index: usize) -> Option<DeliveryId> {
    u16::try_from(index + 1).ok().map(|ordinal| DeliveryId { ticket, ordinal })
}

fn epoch_ms(at: Timestamp) -> u64 {
    u64::try_from(at.as_millisecond()).unwrap_or(0)
}

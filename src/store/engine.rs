//! The engine: takes a group of transactions, changes tickets and indexes, and commits them as one.
//!
//! It owns no thread and no clock; `committer` calls [`Engine::step`]. The tickets of loaded
//! deliveries are kept in memory, so that the way accept → lease → settle reads nothing from disk.
//!
//! Its parts: `accept` (tickets and changes that come in), `settle` (what became of attempts, and who
//! waits for it), `decide` (what people decide), `hear` (what systems told), `plans` (what is looked at
//! when), `grant` (leases), `active` (tickets in memory), `out` (what dispatchers have), `purge` (what is
//! kept no longer); here is the step itself, and the lanes.
//!
//! A failed commit leaves memory ahead of the disk: the engine must not be used after one but to
//! [`fail`](Engine::fail) and [`begin_anew`](Engine::begin_anew).

mod accept;
mod active;
mod decide;
mod grant;
mod hear;
mod out;
mod plans;
pub(super) mod purge;
mod settle;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use jiff::Timestamp;
use omnihub_contract::{AdapterName, DeliveryId, TicketNumber};

use super::contents::{Committing, Incoming};
use super::disk::{Disk, Writes};
use super::lane::{Lane, Origin};
use super::layout::epoch_ms;
use super::outbox::Phase;
use super::recent::{Likeness, Recent};
use super::tally::Tally;
use super::transaction::{Reply, Request, Sender, Wanted};
use super::{
    Leased, PriorRequest, RequestKey, StoreError, StoreSettings, Track, envelope, layout, stock,
};
use active::Active;
use out::Out;

/// What one step collects.
struct Step {
    now: Timestamp,
    writes: Writes,
    /// Tickets to be written or let go of at the end.
    touched: BTreeSet<TicketNumber>,
    /// What became ready, by lane.
    ready: BTreeMap<usize, Vec<DeliveryId>>,
    /// Requests of this group, which are not on disk yet.
    requests: HashMap<RequestKey, PriorRequest>,
    /// Claims of this group that came without a request id.
    recent: Vec<(Likeness, TicketNumber)>,
    /// Contents that came with what is written.
    incoming: Vec<Incoming>,
    /// Tickets that nothing is owed for any more.
    finished: BTreeSet<TicketNumber>,
    /// Tickets whose texts are gone.
    bare: BTreeSet<TicketNumber>,
    /// Leased deliveries whose outcome this group keeps.
    settled: Vec<DeliveryId>,
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
            recent: Vec::new(),
            incoming: Vec::new(),
            finished: BTreeSet::new(),
            bare: BTreeSet::new(),
            settled: Vec::new(),
            replies: Vec::new(),
        }
    }
}

pub(crate) struct Engine<D> {
    disk: D,
    settings: StoreSettings,
    active: HashMap<TicketNumber, Active>,
    lanes: Vec<Lane>,
    next_group: u64,
    /// When the last step was.
    last: Timestamp,
    tally: Tally,
    leasing: bool,
    /// Who waits for leases, by adapter.
    wanted: BTreeMap<AdapterName, Wanted>,
    recent: Recent,
    /// Who waits until a delivery is final.
    waiting: HashMap<DeliveryId, Vec<Sender<()>>>,
    out: Out,
}

impl<D: Disk> Engine<D> {
    pub(crate) fn open(
        disk: D,
        settings: &StoreSettings,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            recent: Recent::open(&disk, now)?,
            tally: stock::tally(&disk)?,
            disk,
            settings: settings.clone(),
            active: HashMap::new(),
            lanes: Vec::new(),
            next_group: 0,
            last: now,
            leasing: true,
            wanted: BTreeMap::new(),
            waiting: HashMap::new(),
            out: Out::default(),
        })
    }

    /// After a commit that failed: nobody is left waiting, and what is not on disk is not in memory.
    pub(crate) fn fail(&mut self) {
        // In an order that a simulation can repeat.
        let waiting: BTreeMap<_, _> = std::mem::take(&mut self.waiting).into_iter().collect();
        let replies = waiting.into_values().flatten().map(Reply::Done);
        let lanes = std::mem::take(&mut self.wanted).into_values();
        let lanes = lanes.map(|wanted| Reply::Leased(wanted.reply, Leased::default()));
        replies.chain(lanes).for_each(|reply| reply.send(Err(StoreError::Away)));
        self.lanes.clear();
        self.active.clear();
    }

    /// Gives out no more leases.
    pub(crate) fn lease_nothing(&mut self) {
        self.leasing = false;
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
        let contents: Vec<_> = step.incoming.drain(..).map(Incoming::commit).collect();
        let done = done.and_then(|()| match step.writes.0.is_empty() {
            true => Ok(()),
            false => self.disk.commit(std::mem::take(&mut step.writes)),
        });
        match done.is_ok() {
            true => {
                contents.into_iter().for_each(Committing::done);
                self.out.note(&step.replies, &step.settled);
            }
            false => {
                contents.into_iter().for_each(Committing::unsure);
                self.out.undo(&step.replies);
            }
        }
        (step.replies, done)
    }

    fn collect(&mut self, step: &mut Step, requests: Vec<Request>) -> Result<(), StoreError> {
        // First, while the disk has all that lanes know of: what this group makes due is not there yet,
        // and a lane that read past its place, or took the next due time from there, would miss it.
        let (is_set_back, latest_ms) = (step.now < self.last, epoch_ms(self.latest(step.now)));
        self.last = step.now;
        for at in 0..self.lanes.len() {
            if let Some(lane) = self.lanes.get_mut(at).filter(|_| is_set_back) {
                lane.look_ahead(&self.disk, latest_ms)?;
            }
            self.read_on(step, at)?;
        }
        for request in requests {
            self.take(step, request)?;
        }
        self.note_requests(step);
        self.note_recent(step);
        self.spread(step)?;
        self.grant_all(step);
        self.write_changed(step)?;
        self.note_finished(step);
        Ok(())
    }

    fn take(&mut self, step: &mut Step, request: Request) -> Result<(), StoreError> {
        match request {
            Request::Accept { new, reply } => {
                let told = self.accept(step, *new);
                step.replies.push(Reply::Accepted(reply, ours(told)?));
            }
            Request::Change { change, incoming, reply } => {
                let told = self.change(step, *change, incoming);
                step.replies.push(Reply::Changed(reply, ours(told)?));
            }
            Request::Settle { id, outcome, attempt, reply } => {
                self.settle_leased(step, id, outcome, attempt)?;
                step.replies.push(Reply::Done(reply));
            }
            Request::Decide { decision, reply } => {
                let told = self.decide(step, decision);
                step.replies.push(Reply::Decided(reply, ours(told)?));
            }
            Request::Hear { number, judge, reply } => {
                let told = self.hear(step, number, judge);
                step.replies.push(Reply::Heard(reply, ours(told)?));
            }
            Request::Turn { planned, judge, reply } => self.turn(step, planned, (judge, reply))?,
            Request::PlanPolls { moves, reply } => self.plan_polls(step, moves, reply)?,
            Request::Adopt { new, there, reply } => {
                let told = self.adopt(step, *new, &there);
                step.replies.push(Reply::Accepted(reply, ours(told)?));
            }
            Request::Lease { adapter, wanted } => self.ask(step, adapter, wanted)?,
            Request::Finished { id, reply } => self.finished(step, id, reply)?,
            Request::Unwait { id } => self.unwait(id),
            Request::FixNumber { number, reply } => {
                let told = self.fix_number(step, number);
                step.replies.push(Reply::Number(reply, ours(told)?));
            }
            Request::Forget { ends, reply } => {
                let more = self.forget(step)? | self.purge(step, ends)?;
                step.replies.push(Reply::Forgot(reply, more));
            }
            Request::Put { key, value, reply } => {
                step.writes.0.push((key, value));
                step.replies.push(Reply::Done(reply));
            }
            Request::Sync { reply } => step.replies.push(Reply::Done(reply)),
            Request::StopLeasing => self.stop_leasing(step),
            Request::Close { reply } => {
                self.stop_leasing(step);
                step.replies.push(Reply::Done(reply));
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
            if lane.add_group(group, (&ids, epoch_ms(step.now)), &mut step.writes) {
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

    /// The latest that anything may be due which was put there by this clock.
    fn latest(&self, now: Timestamp) -> Timestamp {
        match self.settings.wait_max {
            Duration::ZERO => Timestamp::MAX,
            wait_max => now.checked_add(wait_max).unwrap_or(Timestamp::MAX),
        }
    }

    /// Lets a lane read from its indexes what it has room for.
    fn read_on(&mut self, step: &mut Step, at: usize) -> Result<(), StoreError> {
        let times = (epoch_ms(step.now), epoch_ms(self.latest(step.now)));
        let Some(lane) = self.lanes.get_mut(at) else { return Ok(()) };
        for (id, origin) in lane.read_on(&self.disk, times)? {
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
            self.load(step, id.ticket)?;
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
        let is_out = delivery.is_some_and(|delivery| delivery.phase == Phase::InFlight);
        match lane.origin(id) {
            Some(loaded) if loaded == origin => {}
            None if is_out => {
                lane.hold(id, origin);
                active.uses += 1;
            }
            None if is_ready => {
                lane.admit(id, origin);
                active.uses += 1;
            }
            Some(_) | None => lane.drop_key(id, origin, &mut step.writes),
        }
        Ok(())
    }

    /// Writes each changed ticket's state once, and what is owed by all of them, and lets go of tickets
    /// without loaded deliveries.
    fn write_changed(&mut self, step: &mut Step) -> Result<(), StoreError> {
        let mut is_owed_other = false;
        for number in std::mem::take(&mut step.touched) {
            let Some(active) = self.active.get_mut(&number) else { continue };
            is_owed_other |= self.tally.count(&active.state, &mut active.counted);
            if std::mem::take(&mut active.dirty) {
                if active.state.is_finished() {
                    step.finished.insert(number);
                }
                step.writes.put(layout::state(number), envelope::seal(&active.state)?);
            }
            if active.uses == 0 {
                self.active.remove(&number);
            }
        }
        if is_owed_other {
            step.writes.put(layout::tally(), envelope::seal(&self.tally)?);
        }
        Ok(())
    }

    /// The lane of a track, opened at its first mention.
    fn lane(&mut self, adapter: &AdapterName, track: &Track) -> Result<usize, StoreError> {
        let is_it = |lane: &Lane| lane.track == *track && lane.adapter == *adapter;
        if let Some(at) = self.lanes.iter().position(is_it) {
            return Ok(at);
        }
        let last = self.disk.last(&layout::groups(adapter, track))?;
        let after = last.as_deref().and_then(layout::group_of).map_or(0, |group| group + 1);
        self.next_group = self.next_group.max(after);
        let mut lane = Lane::open(adapter.clone(), track.clone(), &self.disk)?;
        lane.look_ahead(&self.disk, epoch_ms(self.latest(self.last)))?;
        self.lanes.push(lane);
        Ok(self.lanes.len() - 1)
    }
}

impl<D: Disk + Clone> Engine<D> {
    /// Begins with what is on the disk now, and with what dispatchers have.
    pub(crate) fn begin_anew(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let fresh = Self::open(self.disk.clone(), &self.settings, now)?;
        let before = std::mem::replace(self, fresh);
        self.out = before.out;
        self.leasing = before.leasing;
        self.next_group = before.next_group;
        Ok(())
    }
}

/// A damaged value is the matter of who asked about it; any other error is everybody's.
fn ours<T>(told: Result<T, StoreError>) -> Result<Result<T, StoreError>, StoreError> {
    match told {
        Err(error @ StoreError::Damaged { .. }) => Ok(Err(error)),
        Err(error) => Err(error),
        told => Ok(told),
    }
}

//! The plans of polls and of the SLA clock: read from the disk, written by the engine.

use std::time::Duration;

use jiff::Timestamp;
use omnihub_contract::{AdapterName, BoxFuture, TicketNumber};

use super::Committed;
use crate::store::disk::Disk;
use crate::store::plan::{self, PlannedPoll, Plans, PollMove, Turn};
use crate::store::transaction::Request;
use crate::store::{Heard, StoreError};

impl<D: Disk> Plans for Committed<D> {
    fn due_slas(&self, at_most: usize) -> Result<Vec<(Timestamp, TicketNumber)>, StoreError> {
        plan::due_slas(&self.disk, self.clock.now(), at_most)
    }

    fn turn(
        &self,
        planned: (Timestamp, TicketNumber),
        judge: Turn,
    ) -> BoxFuture<'_, Result<Heard, StoreError>> {
        Box::pin(self.ask(move |reply| Request::Turn { planned, judge, reply }))
    }

    fn due_polls(
        &self,
        adapter: &AdapterName,
        at_most: usize,
        longest: Duration,
    ) -> Result<Vec<PlannedPoll>, StoreError> {
        let now = self.clock.now();
        let latest = now.checked_add(longest).unwrap_or(Timestamp::MAX);
        plan::due_polls(&self.disk, adapter, (now, latest), at_most)
    }

    fn plan_polls(
        &self,
        adapter: AdapterName,
        moves: Vec<PollMove>,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.ask(move |reply| Request::PlanPolls { moves: (adapter, moves), reply }))
    }
}

//! One life's way to a system: an adapter that does what the weather says.

use std::panic::panic_any;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use omnihub::store::Store;
use omnihub_contract::{
    Adapter, BoxFuture, Delivery, DeliveryId, Failure, Fault, LookUp, Operation, Receipt,
};
use tokio::time::sleep;

use super::clock::SimulatedClock;
use super::systems::System;
use super::tally::Happened;
use super::weather::End;
use super::world::World;

/// What an adapter's panic says, so that it is known for what it is.
pub(crate) struct Planned;

/// An adapter of one life of the hub.
pub(crate) struct Upstream {
    pub(crate) system: &'static System,
    pub(crate) world: Arc<World>,
    pub(crate) clock: Arc<SimulatedClock>,
    pub(crate) store: Weak<dyn Store>,
    /// Whether this life lasts: nothing leaves a dead process.
    pub(crate) is_alive: Arc<AtomicBool>,
}

/// A call under way; it ends with this, also where the process ends.
struct Call<'a> {
    upstream: &'a Upstream,
    id: DeliveryId,
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.upstream.world.known().end(self.upstream.system, self.id);
    }
}

impl Upstream {
    async fn call(&self, delivery: &Delivery) -> Result<Receipt, Failure> {
        let store = self.living().await;
        let act = self.world.known().begin(self.system, delivery, &*store);
        drop(store);
        let under_way = Call { upstream: self, id: delivery.id };
        sleep(act.takes / 2).await;
        if act.arrives {
            let at_ms = self.clock.elapsed().as_millis();
            self.world.known().arrive(self.system, delivery, at_ms);
        }
        sleep(act.takes / 2).await;
        drop(under_way);
        match act.end {
            End::Done => {
                self.world.count(Happened::Delivered);
                Ok(self.world.known().given(delivery.id).unwrap_or_default())
            }
            End::Fails(fault, wait) => {
                self.world.count(happened(fault));
                if fault == Fault::Inapplicable {
                    self.world.known().dropped.insert(delivery.id);
                }
                Err(Failure::new(fault, "as the weather is").with_retry_after(wait))
            }
            End::Panics => {
                self.world.count(Happened::Panicked);
                panic_any(Planned)
            }
        }
    }

    async fn asked_after(&self, delivery: &Delivery) -> Result<LookUp, Failure> {
        drop(self.living().await);
        sleep(std::time::Duration::from_millis(5)).await;
        if delivery.operation.gives.is_empty() || self.system.name != "desk" {
            self.world.count(Happened::CannotSay);
            return Ok(LookUp::CannotSay);
        }
        let mut known = self.world.known();
        if let Some(fault) = known.weather.asked_after() {
            return Err(Failure::new(fault, "as the weather is"));
        }
        match known.given(delivery.id) {
            Some(receipt) => {
                known.tally.add(Happened::Found);
                Ok(LookUp::Found(receipt))
            }
            None => {
                known.tally.add(Happened::Absent);
                Ok(LookUp::Absent)
            }
        }
    }

    async fn probed(&self) -> Result<(), Failure> {
        drop(self.living().await);
        let fault = self.world.known().weather.probed(self.system.name);
        match fault {
            Some(fault) => {
                self.world.count(Happened::ProbeFailed);
                Err(Failure::new(fault, "not yet"))
            }
            None => {
                self.world.count(Happened::ProbePassed);
                Ok(())
            }
        }
    }

    /// The store of this life; who calls after it has ended waits for ever.
    async fn living(&self) -> Arc<dyn Store> {
        match self.store.upgrade().filter(|_| self.is_alive.load(Ordering::Relaxed)) {
            Some(store) => store,
            None => std::future::pending().await,
        }
    }
}

fn happened(fault: Fault) -> Happened {
    match fault {
        Fault::Refused => Happened::Refused,
        Fault::Unauthorized => Happened::Unauthorized,
        Fault::Misconfigured => Happened::Misconfigured,
        Fault::Throttled => Happened::Throttled,
        Fault::Unavailable => Happened::Unavailable,
        Fault::Unknown => Happened::Unknown,
        Fault::Unreadable => Happened::Unreadable,
        Fault::Inapplicable => Happened::Inapplicable,
    }
}

impl Adapter for Upstream {
    fn operations(&self) -> &'static [Operation] {
        self.system.operations
    }

    fn deliver<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Result<Receipt, Failure>> {
        Box::pin(self.call(delivery))
    }

    fn probe(&self) -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(self.probed())
    }

    fn look_up<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Result<LookUp, Failure>> {
        Box::pin(self.asked_after(delivery))
    }
}

//! What runs by the clock: polls of each system, and the SLA.

use std::sync::Arc;
use std::time::Duration;

use omnihub_contract::{AdapterName, Effect};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::until;
use crate::adapters::Listed;
use crate::dispatch::Lane;
use crate::dispatch::budget::{Budget, Limits};
use crate::sync::Ears;
use crate::sync::poll::{Asked, Poller, Rhythm};

/// Between two looks at what is late, each of which reads one key where nothing is.
const SLA_LOOK: Duration = Duration::from_secs(1);

/// Who is asked for, by system; only systems that are polled have a place.
pub(super) type AskedFor = Vec<(AdapterName, Arc<Asked>)>;

/// Starts all of it.
pub(super) fn start(
    (listed, lanes): (&[Listed], &[Arc<Lane>]),
    ears: &Ears,
    asked: &AskedFor,
    stopped: &watch::Receiver<bool>,
) -> Vec<JoinHandle<()>> {
    let pollers = pollers(listed, lanes, ears, asked).into_iter();
    let mut tasks: Vec<JoinHandle<()>> =
        pollers.map(|poller| tokio::spawn(poller.run(until(stopped.clone())))).collect();
    tasks.push(tokio::spawn(tell_breaches(ears.clone(), until(stopped.clone()))));
    tasks
}

/// A place for who is asked for, for each system that is polled.
pub(super) fn asked_for(listed: &[Listed]) -> AskedFor {
    let polled = listed.iter().filter(|listed| {
        listed.adapter.is_some() && !listed.polls.is_empty() && !listed.section.poll.0.is_zero()
    });
    polled.map(|listed| (listed.name.clone(), Arc::default())).collect()
}

fn pollers(listed: &[Listed], lanes: &[Arc<Lane>], ears: &Ears, asked: &AskedFor) -> Vec<Poller> {
    let pollers = asked.iter().filter_map(|(name, asked)| {
        let listed = listed.iter().find(|listed| listed.name == *name)?;
        let lane = lanes.iter().find(|lane| lane.name == *name)?;
        Some(poller((listed, lane), ears, Arc::clone(asked)))
    });
    pollers.collect()
}

fn poller((listed, lane): (&Listed, &Arc<Lane>), ears: &Ears, asked: Arc<Asked>) -> Poller {
    let per_minute = Some(listed.section.poll_per_minute);
    let own = Budget::new(&Limits { read_per_minute: per_minute, ..Limits::default() });
    let adapter = Arc::clone(&lane.adapter);
    let (asker, clock) = (Arc::clone(lane), Arc::clone(&ears.clock));
    let (teacher, now) = (Arc::clone(lane), Arc::clone(&ears.clock));
    Poller {
        ears: ears.clone(),
        name: listed.name.clone(),
        adapter,
        polls: listed.polls,
        rhythm: Rhythm { interval: listed.section.poll.0, closed: listed.section.poll_closed.0 },
        may_ask: Box::new(move || {
            own.room(Effect::Read).is_ok()
                && asker.may_ask(clock.now())
                && own.try_take(Effect::Read).is_ok()
        }),
        learn: Box::new(move |failure| teacher.asked(failure, now.now())),
        asked,
    }
}

async fn tell_breaches(ears: Ears, stop: impl Future<Output = ()>) {
    let mut looks = tokio::time::interval(SLA_LOOK);
    tokio::pin!(stop);
    loop {
        tokio::select! {
            _ = looks.tick() => match ears.tell_breaches().await {
                Ok(0) => {}
                Ok(late) => tracing::info!(late, "what did not come in time was told"),
                Err(error) => tracing::warn!(%error, "what is late could not be looked at"),
            },
            () = &mut stop => return,
        }
    }
}

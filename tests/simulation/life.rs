//! One life of the hub, from its start over a disk to its end: in order, or by a crash.
//!
//! It is put together from the hub's own parts; only the systems are made up.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use omnihub::clock::Clock;
use omnihub::dispatch::breaker::BreakerPolicy;
use omnihub::dispatch::budget::{Budget, Limits};
use omnihub::dispatch::decide::RETRY_AFTER_MAX;
use omnihub::dispatch::originals::Originals;
use omnihub::dispatch::retry::RetryPolicy;
use omnihub::dispatch::{self, FileRoom, Lane, Shared};
use omnihub::mapping::{CompileOptions, Mappings};
use omnihub::operate::adapters::{Handle, brakes};
use omnihub::store::memory::Platter;
use omnihub::store::{Store, StoreSettings, embedded};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::clock::SimulatedClock;
use super::systems::{SYSTEMS, System};
use super::upstream::Upstream;
use super::world::World;

/// Turns after which a dead hub's tasks have to be gone.
const TURNS_MAX: usize = 10_000;

/// What outlives every life.
pub(crate) struct Ground {
    pub(crate) disk: Disk,
    pub(crate) world: Arc<World>,
    pub(crate) clock: Arc<SimulatedClock>,
    pub(crate) seed: u64,
}

/// What tickets are kept on.
pub(crate) enum Disk {
    Memory(Platter),
    Folder(TempDir),
}

impl Disk {
    fn open(&self, clock: Arc<dyn Clock>) -> Arc<dyn Store> {
        let numbering = "desk.number".parse().unwrap();
        let settings = StoreSettings {
            wait_max: RETRY_AFTER_MAX,
            ..StoreSettings::of(9_000_000_000, numbering)
        };
        let opened = match self {
            Self::Memory(platter) => platter.open(&settings, clock),
            Self::Folder(folder) => {
                embedded::open_on_task(&Path::join(folder.path(), "data"), &settings, clock)
            }
        };
        opened.unwrap_or_else(|error| panic!("{error}"))
    }
}

/// A hub that runs.
pub(crate) struct Life {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) handles: Vec<Handle>,
    pub(crate) mappings: Arc<ArcSwap<Mappings>>,
    is_alive: Arc<AtomicBool>,
    stop: watch::Sender<bool>,
    lanes: JoinSet<()>,
}

impl Life {
    /// Starts it over what is on disk.
    pub(crate) fn start(ground: &Ground, mappings: Arc<Mappings>) -> Self {
        let clock: Arc<dyn Clock> = Arc::<SimulatedClock>::clone(&ground.clock);
        let store = ground.disk.open(Arc::clone(&clock));
        let (stop, stopped) = watch::channel(false);
        let mappings = Arc::new(ArcSwap::new(mappings));
        let options = CompileOptions::default();
        let originals = Originals::new(Arc::clone(&store), Vec::new(), options);
        let shared = Shared {
            originals: Arc::new(originals),
            store: Arc::clone(&store),
            mappings: Arc::clone(&mappings),
            clock,
            seed: ground.seed,
            file_room: FileRoom::default(),
            stopped,
        };
        let is_alive = Arc::new(AtomicBool::new(true));
        let (mut lanes, mut handles) = (JoinSet::new(), Vec::new());
        for system in &SYSTEMS {
            let lane = lane(system, ground, &store, &is_alive);
            let brakes = Some(lane.brakes.clone());
            handles.push(Handle { name: lane.name.clone(), brakes, has_destinations: false });
            lanes.spawn(dispatch::run(Arc::new(lane), shared.clone()));
        }
        Self { store, handles, mappings, is_alive, stop, lanes }
    }

    /// Stops it as `Hub::stop` does: what is under way is finished.
    pub(crate) async fn stop(mut self, world: &World) {
        self.stop.send_replace(true);
        self.store.stop_leasing();
        while self.lanes.join_next().await.is_some() {}
        let under_way: Vec<_> = world.known().under_way.values().copied().collect();
        if !under_way.is_empty() {
            world.known().wrong(format!("stopped while {under_way:?} are under way"));
        }
        self.is_alive.store(false, Ordering::Relaxed);
        self.store.close().await;
        gone(self.store).await;
    }

    /// Ends it where it stands: nothing leaves it any more, nothing is written any more.
    pub(crate) async fn crash(self) {
        self.is_alive.store(false, Ordering::Relaxed);
        drop(self.lanes);
        gone(self.store).await;
    }
}

/// Waits until nobody has it any more, and it has its disk no more.
async fn gone(store: Arc<dyn Store>) {
    let kept = Arc::downgrade(&store);
    drop(store);
    for _ in 0..TURNS_MAX {
        if kept.strong_count() == 0 {
            // And its task is gone a turn later.
            tokio::task::yield_now().await;
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("somebody keeps a dead hub's store");
}

fn lane(
    system: &'static System,
    ground: &Ground,
    store: &Arc<dyn Store>,
    is_alive: &Arc<AtomicBool>,
) -> Lane {
    let upstream = Upstream {
        system,
        world: Arc::clone(&ground.world),
        clock: Arc::clone(&ground.clock),
        store: Arc::downgrade(store),
        is_alive: Arc::clone(is_alive),
    };
    let name = system.name.into();
    let brakes = brakes(&**store, &name, false, ground.clock.now()).unwrap();
    Lane {
        name,
        adapter: Arc::new(upstream),
        concurrency: system.concurrency,
        create_concurrency: system.concurrency,
        retry: RetryPolicy {
            initial: Duration::from_millis(500),
            factor: 2.0,
            max_interval: Duration::from_secs(60),
            attempts_max: 6,
            age_max: Duration::from_secs(3600),
        }
        .into(),
        repeat_unknown: system.repeat_unknown.iter().map(|name| name.to_string()).collect(),
        breaker: BreakerPolicy { failures: system.breaker, cooldown: Duration::from_secs(20) },
        brakes,
        budget: Budget::new(&Limits::default()),
        promptness: Arc::default(),
        counts: Arc::default(),
    }
}

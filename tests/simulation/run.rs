//! One run: a storm in which everything may happen, then fair weather until all is at rest.

use std::sync::Arc;
use std::time::Duration;

use omnihub::store::memory::{Cut, Platter};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::clients::{Client, Open};
use super::clock::SimulatedClock;
use super::life::{Disk, Ground, Life};
use super::operators;
use super::promises::Promises;
use super::random::Random;
use super::rest;
use super::systems::{MENDED, SETS, SYSTEMS};
use super::tally::{Happened, Tally};
use super::world::World;

/// Clients of one run.
const CLIENTS: u8 = 3;

/// How long everything may take to come to rest once all is well again: some dozens of attempts, the
/// longest wait that a system asked for, as much again where the clock was set back, and the longest
/// between two probes.
const REST_MAX: Duration = Duration::from_secs(3 * 3600);

const MONTH_MS: u64 = 30 * 24 * 3600 * 1000;

/// Between two looks of an operator in fair weather.
const LOOK: Duration = Duration::from_secs(20);

/// What a run came to.
pub(crate) struct Ran {
    pub(crate) tally: Tally,
    /// What was against the rules; none in a good run.
    pub(crate) violations: Vec<String>,
    /// Stands for all that happened, in its order.
    pub(crate) trace: u64,
}

/// A hub, what it stands on, and who uses it.
pub(crate) struct Run {
    pub(crate) ground: Arc<Ground>,
    pub(crate) clients: JoinSet<()>,
    promises: Arc<Promises>,
    random: Random,
    doors: Doors,
    life: Life,
}

/// Makes the run of this seed.
pub(crate) async fn run(seed: u64, disk: Disk) -> Ran {
    let tickets = 1 + Random::of(seed, 3).below(4);
    let mut run = Run::start(seed, disk, tickets).storm().await;
    run.ground.world.known().weather.clear();
    run.come_to_rest().await;
    rest::check(&run.ground, &run.life, &run.promises.all());
    let known = run.ground.world.known();
    let (tally, violations, trace) = (known.tally.clone(), known.violations.clone(), known.trace);
    Ran { tally, violations, trace }
}

/// Where each client finds the hub: one a client, since one for all would wake them in any order.
#[derive(Default)]
struct Doors(Vec<watch::Sender<Option<Open>>>);

impl Doors {
    fn open_one(&mut self, life: &Life) -> watch::Receiver<Option<Open>> {
        let (door, client) = watch::channel(Some(open(life)));
        self.0.push(door);
        client
    }

    fn all(&self, life: Option<&Life>) {
        for door in &self.0 {
            door.send_replace(life.map(open));
        }
    }
}

fn open(life: &Life) -> Open {
    Open { store: Arc::clone(&life.store), mappings: Arc::clone(&life.mappings) }
}

impl Run {
    /// A hub that runs, and clients that begin to post, each so many tickets.
    pub(crate) fn start(seed: u64, disk: Disk, tickets: u64) -> Self {
        let world = World::new(Random::of(seed, 1));
        let clock = SimulatedClock::start();
        let ground = Arc::new(Ground { disk, world, clock, seed });
        let mut random = Random::of(seed, 2);
        let life = Life::start(&ground, Arc::clone(random.one_of(&SETS).unwrap()));
        let mut doors = Doors::default();
        let promises = Arc::<Promises>::default();
        let mut clients = JoinSet::new();
        for name in 0..CLIENTS {
            let client = Client {
                ground: Arc::clone(&ground),
                promises: Arc::clone(&promises),
                hub: doors.open_one(&life),
                name,
                random: Random::of(seed, 10 + u64::from(name)),
                tickets,
            };
            clients.spawn(client.run());
        }
        Self { ground, clients, promises, random, doors, life }
    }

    /// Everything happens, until all clients are answered.
    async fn storm(mut self) -> Self {
        while !self.clients.is_empty() {
            let wait = Duration::from_millis(self.random.below(15_000));
            tokio::select! {
                biased;
                Some(client) = self.clients.join_next() => client.unwrap(),
                cut = cut(&self.ground.disk) => self = self.crash(cut).await,
                () = sleep(wait) => self = self.turn().await,
            }
        }
        self
    }

    /// A turn of an operator, or of fate.
    async fn turn(mut self) -> Self {
        match self.random.below(20) {
            0..5 => {
                if let Disk::Memory(platter) = &self.ground.disk {
                    let cut = if self.random.happens(500) { Cut::Before } else { Cut::After };
                    platter.fail_after(u32::try_from(self.random.below(12)).unwrap(), cut);
                }
                self
            }
            5 => self.crash(Happened::CutBetween).await,
            6 if self.random.happens(400) => self.stop().await,
            7 if self.random.happens(400) => {
                self.set_clock();
                self
            }
            _ => {
                rest::check_owed(&self.ground, &self.life);
                operators::act(&self.ground, &self.life, &mut self.random).await;
                self
            }
        }
    }

    /// Back or forward by up to a month.
    fn set_clock(&mut self) {
        let (back, forward) = (self.random.below(MONTH_MS), self.random.below(MONTH_MS));
        let (back, forward) = (i64::try_from(back).unwrap(), i64::try_from(forward).unwrap());
        self.ground.clock.set(if self.random.happens(700) { -back } else { forward });
        self.ground.world.count(Happened::ClockSet);
    }

    async fn crash(mut self, how: Happened) -> Self {
        self.ground.world.count(how);
        if !self.ground.world.known().under_way.is_empty() {
            self.ground.world.count(Happened::CutInFlight);
        }
        let mappings = self.life.mappings.load_full();
        self.doors.all(None);
        self.life.crash().await;
        self.life = start(&self.ground, &self.doors, &mut self.random, mappings).await;
        self
    }

    async fn stop(mut self) -> Self {
        self.ground.world.count(Happened::StoppedInOrder);
        let mappings = self.life.mappings.load_full();
        self.doors.all(None);
        self.life.stop(&self.ground.world).await;
        self.life = start(&self.ground, &self.doors, &mut self.random, mappings).await;
        self
    }

    /// Faults are over, people look: everything has to come to rest.
    async fn come_to_rest(&mut self) {
        if let Disk::Memory(platter) = &self.ground.disk {
            platter.fail_after(u32::MAX, Cut::Before);
        }
        self.life.mappings.store(Arc::clone(&MENDED));
        for system in &SYSTEMS {
            operators::resumed_by_hand(&self.ground, &self.life, system.name).await;
        }
        let mut waited = Duration::ZERO;
        while !rest::is_at_rest(&self.life) {
            operators::look(&self.ground, &self.life);
            for (id, _) in operators::waiting(&self.life) {
                let verdict = operators::truthful(&self.ground, id);
                operators::decide(&self.ground, &self.life, id, verdict).await;
            }
            sleep(LOOK).await;
            waited += LOOK;
            if waited > REST_MAX || !self.ground.world.known().violations.is_empty() {
                let unrest = format!("no rest after {waited:?}:\n{}", rest::unrest(&self.life));
                return self.ground.world.known().wrong(unrest);
            }
        }
    }
}

/// Ends when the disk has failed.
async fn cut(disk: &Disk) -> Happened {
    match disk {
        Disk::Memory(platter) => match platter.failed().await {
            Cut::Before => Happened::CutBeforeCommit,
            Cut::After => Happened::CutAfterCommit,
        },
        Disk::Folder(_) => std::future::pending().await,
    }
}

/// Starts the hub anew, some time later.
async fn start(
    ground: &Ground,
    doors: &Doors,
    random: &mut Random,
    mappings: Arc<omnihub::mapping::Mappings>,
) -> Life {
    let away = match random.below(60) {
        0 => Duration::from_secs(40 * 24 * 3600),
        1..6 => Duration::from_secs(600),
        _ => Duration::from_millis(random.below(5_000)),
    };
    if away > Duration::from_secs(60) {
        ground.world.count(Happened::AwayForLong);
    }
    sleep(away).await;
    let life = Life::start(ground, mappings);
    doors.all(Some(&life));
    life
}

/// A disk in memory.
pub(crate) fn in_memory() -> Disk {
    Disk::Memory(Platter::default())
}

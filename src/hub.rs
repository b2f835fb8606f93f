//! The hub: puts the parts together, starts them, and stops them in order.
//!
//! Only `main`, the command line and the tests use it. Stopping: no new connections, requests under
//! way finish, no new leases, attempts under way settle, the store flushes.

mod calendar;
mod clocks;
mod door;
mod ears;
mod edge;
mod files;
mod lanes;
mod late_secrets;
mod live;
mod mappings;
mod partners;
mod silent;
mod stamp;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use omnihub_contract::ReceiptName;
use tokio::net::UnixListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::adapters::{self, AdapterError, Needs};
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, ConfigError};
use crate::dispatch::{self, FileRoom, Shared};
use crate::http::tls::TlsError;
use crate::http::{self, Door};
use crate::mapping::Findings;
use crate::metrics::{Commits, Metrics};
use crate::operate::adapters::Handle;
use crate::operate::calls::Callable;
use crate::operate::{self, Desk};
use crate::store::{Store, StoreError, StoreSettings, embedded};
use crate::sync::Ears;

pub use calendar::{calendar, lacking};
pub use door::due;
pub use edge::{facts, tls};
pub use files::{CASES, case_files, mapping_files};
pub use lanes::callables;
pub use late_secrets::LateSecrets;
pub use mappings::{Checked, catalogs, check, compile, files_of, schemas};
pub use partners::partners;
pub use silent::{Silence, Silent};

use door::{Parts, door};
use ears::ears;
use lanes::{handles, lanes};
use live::Live;

/// The receipt by which tickets are found, and whose adapter numbers them.
const NUMBERING: &str = "helpdesk.ticketNumber";

/// Between two looks at what can be forgotten.
const HOUSEKEEPING: Duration = Duration::from_secs(60);

/// A running hub.
pub struct Hub {
    /// Where the public listener is.
    pub address: SocketAddr,
    /// The store.
    pub store: Arc<dyn Store>,
    /// Names of adapters whose deliveries wait because they have no address.
    pub waiting_adapters: Vec<String>,
    /// Every adapter, and what holds it.
    pub adapters: Vec<Handle>,
    /// What hears systems.
    pub ears: Ears,
    is_tls: bool,
    door: Arc<Door>,
    stop: watch::Sender<bool>,
    servers: Vec<JoinHandle<()>>,
    lanes: Vec<JoinHandle<()>>,
}

/// How a hub is started.
#[derive(Clone, Copy, Debug, Default)]
pub struct StartOptions {
    /// Rules that are shipped switched off are on: for the sandbox.
    pub switched_off_rules: bool,
}

/// Why the hub does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// An adapter's settings.
    #[error(transparent)]
    Adapter(#[from] AdapterError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is kept of a pause.
    #[error(transparent)]
    Pause(#[from] operate::adapters::AdapterError),
    /// The mapping files cannot be read.
    #[error("the mapping files in {folder} cannot be read: {error}")]
    MappingFiles {
        /// Which folder.
        folder: String,
        /// Why.
        error: std::io::Error,
    },
    /// The mapping files are wrong.
    #[error("{0}")]
    Mappings(Findings),
    /// A file of holidays.
    #[error("the holidays in {file}: {why}")]
    Holidays {
        /// Which file.
        file: String,
        /// Why.
        why: String,
    },
    /// The certificate of the public listener.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// An address cannot be listened on.
    #[error(
        "{place} cannot be listened on: {error}; name another place in the settings (http.listen, operate.listen, operate.socket)"
    )]
    Listen {
        /// Address or socket.
        place: String,
        /// Why.
        error: std::io::Error,
    },
}

impl Hub {
    /// Opens the store, checks the mappings, and starts lanes and listeners.
    ///
    /// # Errors
    /// When anything is wrong; nothing is left running then.
    pub async fn start(config: &Config, options: StartOptions) -> Result<Self, StartError> {
        let clock = SystemClock::shared();
        let secrets = Arc::new(LateSecrets::new(Arc::clone(&clock)));
        let needs = Needs { secrets: Arc::<LateSecrets>::clone(&secrets) };
        let listed = adapters::all(config, &needs)?;
        let live = Live::start(config, &listed, options, Arc::clone(&clock))?;
        let tls = tls(config)?.map(Arc::new);
        let listener = edge::listen(config).await?;
        let address = listener.local_addr().unwrap_or(config.http.listen);
        let metrics = &Arc::new(counted(&listed));
        let store = open_counted(config, Arc::clone(&clock), &metrics.commits)?;
        secrets.set(Arc::clone(&store));
        live.keep_in(&store).await;
        let socket = operate::bind(&config.socket()?)
            .map_err(|(place, error)| StartError::Listen { place, error })?;
        let mappings = Arc::clone(&live.mappings);
        let originals = Arc::new(live.originals(&store));
        let lanes = lanes(config, &listed, (&*store, metrics), clock.now())?;
        let handles = handles(&listed, &lanes);
        let parts = Parts { store: &store, live: &live, clock: &clock, lanes: &lanes, metrics };
        let (ears, asked) = (ears(config, &listed, &parts)?, clocks::asked_for(&listed));
        let door = Arc::new(door(config, &listed, &parts, (ears.clone(), &asked))?);
        let (stop, stopped) = watch::channel(false);
        let bounds = edge::bounds(config);
        let desk = desk(config, (&parts, &door), &handles, callables(&listed), ears.clone());
        let operators = operators(config, desk, socket, &stopped).await?;
        let mut servers = vec![
            tokio::spawn(http::server::serve(
                listener,
                http::router(Arc::clone(&door)),
                bounds,
                tls.clone(),
                until(stopped.clone()),
            )),
            tokio::spawn(keep_house(Arc::clone(&door), until(stopped.clone()))),
            tokio::spawn(live.keep_current(until(stopped.clone()))),
            tokio::spawn(ears::look_again(ears.clone(), until(stopped.clone()))),
        ];
        servers.extend(clocks::start((&listed, &lanes), &ears, &asked, &stopped));
        let is_tls = tls.is_some();
        servers.extend(operators);
        servers.extend(tls.map(|tls| tokio::spawn(tls.keep_current(until(stopped.clone())))));
        let (seed, file_room, kept) = (seed(), FileRoom::default(), Arc::clone(&store));
        let shared = Shared { store: kept, mappings, originals, clock, seed, file_room, stopped };
        let waiting_adapters = waiting(&listed);
        let lanes = lanes.into_iter();
        let lanes = lanes.map(|lane| tokio::spawn(dispatch::run(lane, shared.clone()))).collect();
        Ok(Self {
            address,
            ears,
            is_tls,
            store,
            adapters: handles,
            waiting_adapters,
            door,
            stop,
            servers,
            lanes,
        })
    }

    /// What the paths of the public listener come after.
    pub fn url(&self) -> String {
        let scheme = if self.is_tls { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Stops in order and returns when everything is on disk.
    pub async fn stop(self) {
        self.door.is_ready.store(false, Ordering::Relaxed);
        self.stop.send_replace(true);
        for server in self.servers {
            drop(server.await);
        }
        self.store.stop_leasing();
        for lane in self.lanes {
            drop(lane.await);
        }
        self.store.close().await;
    }

    /// Waits until the hub cannot go on: the store has ended.
    pub async fn failed(&self) {
        self.store.failed().await;
    }
}

/// What is counted, of every adapter.
fn counted(listed: &[adapters::Listed]) -> Metrics {
    let adapters = listed.iter().map(|it| (it.name.clone(), it.operations));
    Metrics::new(&adapters.collect::<Vec<_>>())
}

/// Names of adapters that are on and have no address.
fn waiting(listed: &[adapters::Listed]) -> Vec<String> {
    let waiting = listed.iter().filter(|it| it.section.enabled && it.adapter.is_none());
    waiting.map(|listed| listed.name.to_string()).collect()
}

/// Opens the embedded store that the settings name.
///
/// # Errors
/// When it cannot be opened.
pub fn open_store(config: &Config, clock: Arc<dyn Clock>) -> Result<Arc<dyn Store>, StartError> {
    open_counted(config, clock, &Arc::default())
}

fn open_counted(
    config: &Config,
    clock: Arc<dyn Clock>,
    counts: &Arc<Commits>,
) -> Result<Arc<dyn Store>, StartError> {
    let (numbering, polled) = (numbering()?, adapters::polled(config));
    let free_bytes_min = u64::try_from(config.store.free_bytes_min.0).unwrap_or(u64::MAX);
    let settings = StoreSettings {
        first_number: config.first_number()?,
        numbering,
        free_bytes_min,
        keep: config.store.keep.0,
        keep_numbers: config.store.keep_numbers.0,
        polled,
        wait_max: lanes::longest_wait(config),
        counts: Arc::clone(counts),
    };
    Ok(embedded::open(&config.data_folder()?, &settings, clock)?)
}

fn desk(
    config: &Config,
    (parts, door): (&Parts<'_>, &Door),
    handles: &[Handle],
    systems: Vec<Callable>,
    ears: Ears,
) -> Desk {
    let live = parts.live.clone();
    Desk {
        store: Arc::clone(parts.store),
        keys: Arc::default(),
        strangers: Arc::clone(&door.strangers),
        clock: Arc::clone(parts.clock),
        adapters: handles.to_vec(),
        systems,
        gives: adapters::gives,
        receipts: adapters::receipts().into(),
        rotation_overlap: config.webhooks.rotation_overlap.0,
        mappings: Arc::new(move || live.now()),
        ears,
        metrics: Arc::clone(parts.metrics),
        since: parts.clock.now(),
    }
}

/// What operators and monitoring reach: the socket, and a listener if the settings name one.
async fn operators(
    config: &Config,
    desk: Desk,
    socket: UnixListener,
    stopped: &watch::Receiver<bool>,
) -> Result<Vec<JoinHandle<()>>, StartError> {
    let bounds = edge::bounds(config);
    let mut servers = Vec::new();
    if let Some(place) = config.operate.listen {
        let listener = http::server::bind(place, config.http.request_timeout.0).await;
        let listener =
            listener.map_err(|error| StartError::Listen { place: place.to_string(), error })?;
        let router = operate::listener_router(desk.clone());
        let serving = http::server::serve(listener, router, bounds, None, until(stopped.clone()));
        servers.push(tokio::spawn(serving));
    }
    let router = operate::router(desk);
    let serving = http::server::serve(socket, router, bounds, None, until(stopped.clone()));
    servers.push(tokio::spawn(serving));
    Ok(servers)
}

fn numbering() -> Result<ReceiptName, ConfigError> {
    NUMBERING.parse().map_err(|why| ConfigError::wrong("the numbering adapter", why))
}

/// A seed for the retries' jitter; where the machine has no random bits the process id will do.
fn seed() -> u64 {
    getrandom::u64().unwrap_or_else(|_| u64::from(std::process::id()))
}

/// Forgets what nobody asks about any more.
async fn keep_house(door: Arc<Door>, stop: impl Future<Output = ()>) {
    let mut turns = tokio::time::interval(HOUSEKEEPING);
    tokio::pin!(stop);
    loop {
        tokio::select! {
            _ = turns.tick() => forget(&door).await,
            () = &mut stop => return,
        }
    }
}

async fn forget(door: &Door) {
    door.limits.forget_idle();
    door.strangers.forget_idle();
    loop {
        match door.store.forget().await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::warn!(%error, "old requests could not be forgotten");
                return;
            }
        }
    }
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // A sender that is gone means the same as its signal.
    drop(stopped.wait_for(|stopped| *stopped).await);
}

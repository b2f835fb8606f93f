//! A whole hub in the test's process, on a free port, in a folder of its own, pointed at stand-ins.
//!
//! It is spoken to as a client would, over HTTP ([`Client`]), and its stand-ins say what they were
//! told. A test ends with [`TestHub::done`], which waits for every delivery and names those that are
//! not delivered; one that forgets it fails.

mod client;
pub(crate) mod samples;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use jiff::Timestamp;
use omnihub::access::{self, NewKey, Permission, Scope};
use omnihub::adapters::KNOWN;
use omnihub::clock::{Clock, SystemClock};
use omnihub::config::{self, Config, Span};
use omnihub::hub::{Hub, StartOptions};
use omnihub::operate::deliveries::{DeliveryView, views};
use omnihub::stand_ins;
use omnihub::store::attempt::Attempt;
use omnihub::store::{PartnerRecord, Record, RecordKind, Store};
use omnihub::sync::regulatory::Calendar;
use omnihub_contract::{Event, ExposeSecret};
use omnihub_sandbox::{FaultRule, HelpdeskTicket, Received, Sandbox, Settings, System, What};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) use client::{Answer, Client, Style};

/// Whose key a client has unless the test says otherwise.
pub(crate) const PARTNER: &str = "web-portal";

/// Longest wait for anything: so long that only a hub that is stuck meets it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Between two looks at the store, which tells nobody when a delivery ends.
const LOOK: Duration = Duration::from_millis(2);

/// A running hub, its stand-ins and its folder.
pub(crate) struct TestHub {
    pub(crate) sandbox: Sandbox,
    hub: Option<Hub>,
    config: Config,
    options: StartOptions,
    folder: TempDir,
    key: String,
    posted: Mutex<Vec<String>>,
}

impl TestHub {
    /// A hub with the shipped settings and mappings, but for quick retries.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// The same, with settings changed.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_as(StartOptions::default(), change).await
    }

    /// The same, with the rules that are shipped switched off.
    pub(crate) async fn start_with_every_rule() -> Self {
        Self::start_as(StartOptions { switched_off_rules: true }, |_| {}).await
    }

    async fn start_as(options: StartOptions, change: impl FnOnce(&mut Config)) -> Self {
        omnihub_upstream::install_tls();
        let folder = tempfile::tempdir().unwrap();
        let sandbox = Sandbox::start(Settings::default()).await.unwrap();
        let file = folder.path().join("config.toml");
        let mut config = config::read(&file, config::SHIPPED).unwrap();
        stand_ins::point_at(&mut config, &sandbox);
        only_stand_ins(&mut config);
        config.http.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        // The hub's own number at once; who tests the wait says so.
        config.accept.wait_for_helpdesk = Span(Duration::ZERO);
        config.retry.initial = Span(Duration::from_millis(5));
        config.retry.max_interval = Span(Duration::from_millis(40));
        config.breaker.cooldown = Span(Duration::from_millis(40));
        change(&mut config);
        let hub = Hub::start(&config, options).await.unwrap();
        let key = key(&*hub.store, PARTNER, &Permission::ALL, Scope::Own).await;
        let posted = Mutex::default();
        Self { sandbox, hub: Some(hub), config, options, folder, key, posted }
    }

    /// Stops the hub, and starts it on the same folder. Clients are to be asked for again.
    pub(crate) async fn restart(&mut self) {
        self.reconfigure(|_| {}).await;
    }

    /// The same, with settings changed meanwhile.
    pub(crate) async fn reconfigure(&mut self, change: impl FnOnce(&mut Config)) {
        self.stop().await;
        change(&mut self.config);
        self.start_again().await;
    }

    /// Starts a hub that was stopped.
    pub(crate) async fn start_again(&mut self) {
        self.hub = Some(Hub::start(&self.config, self.options).await.unwrap());
    }

    /// Stops the hub, which is to take no longer than a person would wait.
    pub(crate) async fn stop(&mut self) {
        let hub = self.hub.take().unwrap();
        tokio::time::timeout(PATIENCE, hub.stop()).await.expect("the hub does not stop");
    }

    /// A client with the key of [`PARTNER`].
    pub(crate) fn client(&self) -> Client<'_> {
        Client::new(self, &self.key)
    }

    /// A client with a new key.
    pub(crate) async fn client_of(
        &self,
        partner: &str,
        permissions: &[Permission],
        scope: Scope,
    ) -> Client<'_> {
        let key = key(&*self.hub().store, partner, permissions, scope).await;
        Client::new(self, &key)
    }

    /// The key of [`PARTNER`].
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// Where the public listener is.
    pub(crate) fn address(&self) -> SocketAddr {
        self.hub().address
    }

    /// What paths of the public listener come after.
    pub(crate) fn url(&self) -> String {
        self.hub().url()
    }

    /// The settings that it was started with.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// The folder that holds everything that the hub keeps.
    pub(crate) fn data_folder(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A webhook URL at the stand-in.
    pub(crate) fn receiver(&self) -> String {
        format!("{}/webhook/client", self.sandbox.base_url(System::Webhook))
    }

    /// Makes calls of a system fail.
    pub(crate) fn fail(&self, system: System, rules: impl IntoIterator<Item = FaultRule>) {
        self.sandbox.set_faults(system, rules.into_iter().collect());
    }

    /// The calls that create something at a system: everything but questions and logins.
    pub(crate) fn posts(&self, system: System) -> Vec<Received> {
        let calls = self.sandbox.received(system).into_iter();
        calls.filter(|call| call.method == "POST" && !call.path().ends_with("/auth")).collect()
    }

    /// The helpdesk's tickets, without the twins that it makes of claims by itself.
    pub(crate) fn helpdesk_tickets(&self) -> Vec<HelpdeskTicket> {
        let tickets = self.sandbox.helpdesk_tickets().into_iter();
        tickets.filter(|ticket| ticket.door != omnihub_sandbox::Door::Twin).collect()
    }

    /// Texts of the partner's webhook secrets, the newest first.
    pub(crate) fn webhook_secrets(&self, partner: &str) -> Vec<String> {
        let record = self.hub().store.read(RecordKind::Partner, partner).unwrap().unwrap();
        let record: PartnerRecord = serde_json::from_slice(&record).unwrap();
        record.webhook_secrets.into_iter().map(|secret| secret.text).collect()
    }

    /// A ticket as the store has it.
    pub(crate) fn record(&self, number: &str) -> Record {
        self.hub().store.find(number).unwrap().unwrap()
    }

    /// A ticket's timeline.
    pub(crate) fn timeline(&self, number: &str) -> Vec<Event> {
        self.hub().store.timeline(&self.record(number)).unwrap()
    }

    /// A ticket's deliveries to one adapter.
    pub(crate) fn deliveries(&self, number: &str, adapter: &str) -> Vec<DeliveryView> {
        let views = views(&self.record(number)).into_iter();
        views.filter(|view| view.adapter == adapter).collect()
    }

    /// A ticket's only delivery to one adapter.
    pub(crate) fn delivery(&self, number: &str, adapter: &str) -> DeliveryView {
        let mut deliveries = self.deliveries(number, adapter);
        assert_eq!(deliveries.len(), 1, "{deliveries:?}");
        deliveries.remove(0)
    }

    /// Every attempt of every delivery, the newest ticket first.
    pub(crate) fn attempts(&self) -> Vec<(DeliveryView, Attempt)> {
        let numbers = self.store().newest(1000).unwrap().into_iter();
        let views = numbers.flat_map(|number| views(&self.record(&number.to_string())));
        let attempts = |view: DeliveryView| {
            let kept = self.store().attempts(view.id.parse().unwrap()).unwrap();
            kept.into_iter().map(move |attempt| (view.clone(), attempt))
        };
        views.flat_map(attempts).collect()
    }

    /// Waits until every delivery of every posted ticket is delivered, but for exactly these: each
    /// `adapter state`, or `adapter state code`.
    pub(crate) async fn settled(&self, but: &[&str]) {
        self.until(|hub| hub.undelivered() == sorted(but)).await;
    }

    /// Waits until it is so.
    pub(crate) async fn until(&self, is_so: impl Fn(&Self) -> bool) {
        let so = async {
            while !is_so(self) {
                tokio::time::sleep(LOOK).await;
            }
        };
        if tokio::time::timeout(PATIENCE, so).await.is_err() {
            panic!("waited in vain; not delivered: {:?}", self.undelivered());
        }
    }

    /// Waits as [`settled`](Self::settled) does, and stops everything.
    pub(crate) async fn done(mut self, but: &[&str]) {
        self.settled(but).await;
        self.stop().await;
    }

    /// Stops everything, whatever is still to be delivered: the test has seen what it wanted.
    pub(crate) async fn done_early(mut self) {
        self.stop().await;
    }

    /// Adapters, and what holds them.
    pub(crate) fn adapters(&self) -> &[omnihub::operate::adapters::Handle] {
        &self.hub().adapters
    }

    /// The store, for what operators ask it.
    pub(crate) fn store(&self) -> &dyn Store {
        &*self.hub().store
    }

    /// What hears systems.
    pub(crate) fn ears(&self) -> &omnihub::sync::Ears {
        &self.hub().ears
    }

    /// Its working days, and the time: what says how dues stand.
    pub(crate) fn clock(&self) -> (&Calendar, Timestamp) {
        (&self.hub().ears.calendar, SystemClock.now())
    }

    fn hub(&self) -> &Hub {
        self.hub.as_ref().expect("the hub was stopped")
    }

    /// What is not delivered of everything that was posted, sorted.
    pub(crate) fn undelivered(&self) -> Vec<String> {
        let posted = self.posted.lock().unwrap().clone();
        let all = posted.iter().flat_map(|number| views(&self.record(number)));
        let mut undelivered: Vec<String> =
            all.filter(|view| view.state != "delivered").map(|view| shown(&view)).collect();
        undelivered.sort();
        undelivered
    }
}

impl Drop for TestHub {
    fn drop(&mut self) {
        if self.hub.is_some() && !std::thread::panicking() {
            panic!("the test ends without done(): not delivered: {:?}", self.undelivered());
        }
    }
}

/// Nothing is routed to a system that has no stand-in: tests say what becomes of all that is owed.
fn only_stand_ins(config: &mut Config) {
    let stand_in = |name: &str| System::ALL.iter().any(|system| system.as_str() == name);
    for known in KNOWN.iter().filter(|known| !stand_in(known.name)) {
        config.adapters.entry(known.name.to_owned()).or_default().enabled = false;
    }
}

/// Adds lines to an adapter's mapping file, in a folder of the hub's own that has the shipped ones.
pub(crate) fn add_rules(config: &Config, adapter: &str, rules: &str) {
    let own = &config.mappings.dir;
    if !own.exists() {
        fs::create_dir_all(own).unwrap();
        for file in KNOWN.iter().map(|known| format!("{}.toml", known.name)) {
            let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings").join(&file);
            fs::copy(shipped, own.join(&file)).unwrap();
        }
    }
    let file = own.join(format!("{adapter}.toml"));
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text + rules).unwrap();
}

/// A rule that answers these calls with this status and body, so many times.
pub(crate) fn answer(on: &str, status: u16, body: Value, times: u64) -> FaultRule {
    fault(on, What::status_with(status.try_into().unwrap(), body), times)
}

/// A rule that meets these calls so many times.
pub(crate) fn fault(on: &str, what: What, times: u64) -> FaultRule {
    FaultRule::new(what).on(on).times(times.try_into().unwrap())
}

async fn key(store: &dyn Store, partner: &str, permissions: &[Permission], scope: Scope) -> String {
    let new = NewKey { permissions: permissions.to_vec(), scope, ..NewKey::of(partner) };
    let (_, key) = access::create(store, new, SystemClock.now()).await.unwrap();
    key.expose_secret().to_owned()
}

fn shown(view: &DeliveryView) -> String {
    match (&*view.state, &view.code) {
        ("held" | "dead" | "discarded", Some(code)) => {
            format!("{} {} {code}", view.adapter, view.state)
        }
        (state, _) => format!("{} {state}", view.adapter),
    }
}

fn sorted(texts: &[&str]) -> Vec<String> {
    let mut texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
    texts.sort();
    texts
}

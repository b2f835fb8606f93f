//! The keys of `config.toml` and their defaults. What each means is said in that file.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::adapters::AdapterSection;
use super::partners::{self, Catalogue, PartnerSection};
use super::problem::ConfigError;
use super::regulatory::RegulatorySection;
use super::secrets;
use super::units::{Size, Span};

/// All settings.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The public listener.
    pub http: Http,
    /// The operators' socket.
    pub operate: Operate,
    /// Where tickets are kept.
    pub store: StoreHome,
    /// What happens on accepting.
    pub accept: Accept,
    /// How long repeats are recognised.
    pub idempotency: Idempotency,
    /// Requests a minute and key.
    pub limits: Limits,
    /// Hours and thresholds.
    pub sla: Sla,
    /// Working days of complaints.
    pub regulatory: RegulatorySection,
    /// When deliveries are repeated.
    pub retry: Retry,
    /// When a system that fails is left alone.
    pub breaker: Breaker,
    /// Where the mapping files are.
    pub mappings: MappingFiles,
    /// Rules for clients' webhooks.
    pub webhooks: Webhooks,
    /// One section a partner.
    pub partners: BTreeMap<String, PartnerSection>,
    /// Names of services and branches.
    pub catalogue: Catalogue,
    /// One section an adapter.
    pub adapters: BTreeMap<String, AdapterSection>,
    /// How to log.
    pub log: Log,
    /// `OMNIHUB_…` variables (without the prefix) that name no key.
    #[serde(skip)]
    pub ignored_variables: Vec<String>,
}

macro_rules! section {
    ($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $kind:ty = $default:expr,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name { $($(#[$fdoc])* pub $field: $kind,)+ }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }
    };
}

section! {
    /// `[http]`
    Http {
        /// Address of the public listener.
        listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 8080)),
        /// Certificates in PEM form, the server's own first; with the key it makes the listener TLS.
        tls_cert: Option<PathBuf> = None,
        /// The private key in PEM form.
        tls_key: Option<PathBuf> = None,
        /// Largest body, counted after unpacking.
        body_bytes_max: Size = Size(1_000_000),
        /// The same where attachments may come.
        attachment_body_bytes_max: Size = Size(72_000_000),
        /// All bodies at once.
        body_bytes_in_flight_max: Size = Size(256_000_000),
        /// Connections at once.
        connections_max: usize = 2048,
        /// Requests under way at once.
        requests_max: usize = 1024,
        /// Longest wait for the head of a request, and for a TLS handshake.
        header_timeout: Span = Span::s(10),
        /// Longest wait for a body, and for a client that takes in none of its answer.
        request_timeout: Span = Span::s(60),
        /// Longest wait for requests under way when stopping.
        stop_timeout: Span = Span::s(20),
        /// `trackingUrl`, with `{number}`.
        tracking_url: String = "/tickets/{number}".to_owned(),
    }
}

section! {
    /// `[operate]`
    Operate {
        /// The socket by which the command line reaches a running hub.
        socket: Option<PathBuf> = None,
        /// Where monitoring reads `/metrics`; absent: on the socket only.
        listen: Option<SocketAddr> = None,
    }
}

section! {
    /// `[store]`
    StoreHome {
        /// `sled:` and a folder.
        url: String = "sled:data".to_owned(),
        /// Bytes that have to be free for anything new to be taken in; zero: any.
        free_bytes_min: Size = Size(256_000_000),
        /// How long a ticket is kept whole after nothing is owed for it; zero: for ever.
        keep: Span = Span::s(400 * 24 * 3600),
        /// How long its numbers, links and times are kept after that; zero: for ever.
        keep_numbers: Span = Span::s(3650 * 24 * 3600),
    }
}

section! {
    /// `[accept]`
    Accept {
        /// How long an answer waits for the helpdesk's number, or for its yes or no.
        wait_for_helpdesk: Span = Span::s(2),
        /// What the hub's own numbers begin with; nine digits follow.
        number_prefix: String = "9".to_owned(),
    }
}

section! {
    /// `[idempotency]`
    Idempotency {
        /// How long a repeat of a request is the same request.
        keep: Span = Span::s(72 * 3600),
        /// How long an equal claim without a request id is the same claim; zero: never.
        same_claim_within: Span = Span::s(600),
    }
}

section! {
    /// `[limits]`
    Limits {
        /// Claims and tickets.
        create_per_minute: u32 = 100,
        /// Status and details.
        read_per_minute: u32 = 500,
        /// Comments, attachments, status.
        update_per_minute: u32 = 200,
        /// Requests without a right key, by address; zero: as many as come.
        failed_auth_per_minute: u32 = 30,
    }
}

section! {
    /// `[sla]`
    Sla {
        /// Hours to resolution of a claim.
        claim_hours: u32 = 72,
        /// Hours by priority.
        critical_hours: u32 = 4,
        /// Hours by priority.
        urgent_hours: u32 = 8,
        /// Hours by priority.
        high_hours: u32 = 24,
        /// Hours by priority.
        medium_hours: u32 = 48,
        /// Hours by priority.
        low_hours: u32 = 72,
    }
}

section! {
    /// `[breaker]`
    Breaker {
        /// Failures in a row after which a system is left alone; zero: never.
        failures: u32 = 5,
        /// How long, before one attempt finds out.
        cooldown: Span = Span::s(10),
    }
}

section! {
    /// `[retry]`
    Retry {
        /// Longest wait after the first failure.
        initial: Span = Span::s(1),
        /// What each further failure multiplies it by.
        factor: f64 = 2.0,
        /// Longest wait of all.
        max_interval: Span = Span::s(300),
        /// Attempts after which a delivery is dead.
        attempts_max: u32 = 100,
        /// Age after which a failing delivery is dead.
        age_max: Span = Span::s(24 * 3600),
    }
}

section! {
    /// `[mappings]`
    MappingFiles {
        /// Folder of the mapping files; the shipped ones serve where it does not exist.
        dir: PathBuf = PathBuf::from("mappings"),
    }
}

section! {
    /// `[webhooks]`
    Webhooks {
        /// Hosts (`host`, `host:port` or a range) exempt from "https and public addresses only".
        allow_hosts: Vec<String> = Vec::new(),
        /// How long an old secret signs beside a new one.
        rotation_overlap: Span = Span::s(24 * 3600),
    }
}

section! {
    /// `[log]`
    Log {
        /// Text for people or JSON for programs.
        format: LogFormat = LogFormat::Text,
        /// `error`, `warn`, `info`, `debug` or `trace`, or tracing's filter language.
        level: String = "info".to_owned(),
    }
}

/// Form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// A JSON object a line.
    Json,
}

/// Longest wait for the helpdesk's number.
const WAIT_MAX: Duration = Duration::from_secs(30);

/// Longest time for which claims without a request id are remembered: they are held in memory.
const SAME_CLAIM_MAX: Duration = Duration::from_secs(3600);

/// OMNI API 1.0, "Idempotency": request ids are kept for at least 24 hours.
const KEEP_MIN: Duration = Duration::from_secs(24 * 3600);

impl Config {
    /// Makes paths absolute to the file's folder, reads secrets from their files, and checks what a
    /// type cannot.
    pub(crate) fn resolve(&mut self, folder: &Path) -> Result<(), ConfigError> {
        self.mappings.dir = folder.join(&self.mappings.dir);
        if let Some(path) = self.store.url.strip_prefix("sled:") {
            self.store.url = format!("sled:{}", folder.join(path).display());
        }
        let files = [&mut self.operate.socket, &mut self.http.tls_cert, &mut self.http.tls_key];
        for file in files.into_iter().flatten() {
            *file = folder.join(&*file);
        }
        for (name, section) in &mut self.adapters {
            secrets::read_files(name, &mut section.own, folder)?;
            secrets::keep_variables_as_text(name, &mut section.own);
            secrets::check(name, &section.own)?;
        }
        self.regulatory.resolve(folder)?;
        partners::read_files(&mut self.partners, folder)?;
        partners::check(&self.partners)?;
        partners::spell(&mut self.catalogue)?;
        self.check()
    }

    /// The folder of the embedded store.
    ///
    /// # Errors
    /// When the store's address is not one of an embedded store.
    pub fn data_folder(&self) -> Result<PathBuf, ConfigError> {
        let wrong = || ConfigError::wrong("store.url", "write it as \"sled:<folder>\"");
        self.store.url.strip_prefix("sled:").map(PathBuf::from).ok_or_else(wrong)
    }

    /// The socket by which the command line reaches a running hub.
    ///
    /// # Errors
    /// As [`Config::data_folder`].
    pub fn socket(&self) -> Result<PathBuf, ConfigError> {
        match &self.operate.socket {
            Some(socket) => Ok(socket.clone()),
            None => Ok(self.data_folder()?.join("omnihub.sock")),
        }
    }

    /// The first of the hub's own numbers.
    ///
    /// # Errors
    /// When the prefix is not one to nine digits that begin with no zero.
    pub fn first_number(&self) -> Result<u64, ConfigError> {
        let prefix = &self.accept.number_prefix;
        let is_good = (1..=9).contains(&prefix.len())
            && !prefix.starts_with('0')
            && prefix.bytes().all(|byte| byte.is_ascii_digit());
        let number = if is_good { format!("{prefix}000000000").parse().ok() } else { None };
        number.ok_or_else(|| {
            ConfigError::wrong("accept.number_prefix", "use one to nine digits, the first not 0")
        })
    }

    fn check(&self) -> Result<(), ConfigError> {
        self.first_number()?;
        self.data_folder()?;
        if self.accept.wait_for_helpdesk.0 > WAIT_MAX {
            let what = "clients do not wait so long: use at most \"30s\"";
            return Err(ConfigError::wrong("accept.wait_for_helpdesk", what));
        }
        if self.idempotency.keep.0 < KEEP_MIN {
            let what = "the documents promise a day: use at least \"24h\"";
            return Err(ConfigError::wrong("idempotency.keep", what));
        }
        if self.idempotency.same_claim_within.0 > SAME_CLAIM_MAX {
            let what = "claims are remembered in memory for it: use at most \"1h\"";
            return Err(ConfigError::wrong("idempotency.same_claim_within", what));
        }
        if self.http.requests_max == 0 {
            return Err(ConfigError::wrong("http.requests_max", "use a number of at least 1"));
        }
        self.http.check()?;
        if !self.store.keep.0.is_zero() && self.store.keep.0 < self.idempotency.keep.0 {
            let what =
                "repeats of a request are answered from its ticket: use at least idempotency.keep";
            return Err(ConfigError::wrong("store.keep", what));
        }
        if self.retry.factor < 1.0 {
            return Err(ConfigError::wrong("retry.factor", "use a number of at least 1"));
        }
        Ok(())
    }
}

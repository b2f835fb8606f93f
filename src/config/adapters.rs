//! The sections `[adapters.A]`: keys that every adapter has, and those of its own.

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroUsize};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::units::Span;

/// `[adapters.<name>]`: what every adapter has; the rest is the adapter's own.
#[derive(Clone, Debug, Deserialize)]
pub struct AdapterSection {
    /// Whether rules route to it at all.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// What stands before the documented path; without it deliveries wait.
    pub base_url: Option<String>,
    /// Longest time for one attempt.
    #[serde(default = "ten_seconds")]
    pub timeout: Span,
    /// Attempts at once.
    #[serde(default = "sixteen")]
    pub concurrency: usize,
    /// Whether it is paused at first: until somebody resumes it, which then holds for later starts too.
    #[serde(default)]
    pub start_paused: bool,
    /// Whether a ticket is closed when the system says so; otherwise a person is told, and the others.
    #[serde(default = "yes")]
    pub close_is_final: bool,
    /// Between two polls of a ticket that moves, where the adapter is polled; `0s`: it is not.
    #[serde(default = "a_minute")]
    pub poll: Span,
    /// Between two polls of a ticket that is closed, for a week; `0s`: it is polled no more.
    #[serde(default = "a_day")]
    pub poll_closed: Span,
    /// Polls a minute.
    #[serde(default = "three_hundred")]
    pub poll_per_minute: NonZeroU32,
    /// What it takes from us; what is left out is as the adapter is shipped.
    #[serde(default)]
    pub limits: LimitsSection,
    /// Where it differs from `[retry]`.
    #[serde(default)]
    pub retry: RetryOverride,
    /// What mapping files read as `settings.…`.
    #[serde(default)]
    pub settings: Map<String, Value>,
    /// By operation.
    #[serde(default)]
    pub operations: BTreeMap<String, OperationSection>,
    /// The adapter's own keys, checked by its crate.
    #[serde(flatten)]
    pub own: Map<String, Value>,
}

fn yes() -> bool {
    true
}

fn ten_seconds() -> Span {
    Span::s(10)
}

fn a_minute() -> Span {
    Span::s(60)
}

fn a_day() -> Span {
    Span::s(24 * 3600)
}

fn three_hundred() -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(299)
}

fn sixteen() -> usize {
    16
}

impl Default for AdapterSection {
    fn default() -> Self {
        Self {
            enabled: yes(),
            base_url: None,
            timeout: ten_seconds(),
            concurrency: sixteen(),
            start_paused: false,
            close_is_final: yes(),
            poll: a_minute(),
            poll_closed: a_day(),
            poll_per_minute: three_hundred(),
            limits: LimitsSection::default(),
            retry: RetryOverride::default(),
            settings: Map::new(),
            operations: BTreeMap::new(),
            own: Map::new(),
        }
    }
}

/// `[adapters.<name>.limits]`
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsSection {
    /// Creates in a minute.
    pub create_per_minute: Option<NonZeroU32>,
    /// Questions in a minute.
    pub read_per_minute: Option<NonZeroU32>,
    /// Everything else in a minute.
    pub update_per_minute: Option<NonZeroU32>,
    /// Creates at once.
    pub create_concurrency: Option<NonZeroUsize>,
}

/// `[adapters.<name>.retry]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetryOverride {
    /// As in `[retry]`.
    pub initial: Option<Span>,
    /// As in `[retry]`.
    pub factor: Option<f64>,
    /// As in `[retry]`.
    pub max_interval: Option<Span>,
    /// As in `[retry]`.
    pub attempts_max: Option<u32>,
    /// As in `[retry]`.
    pub age_max: Option<Span>,
}

/// `[adapters.<name>.operations.<name>]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperationSection {
    /// What to do with a delivery of unknown outcome that cannot be looked up.
    #[serde(default)]
    pub on_unknown: OnUnknown,
    /// What later deliveries do while one is held or dead; by default creates block, others do not.
    pub on_dead: Option<OnDead>,
    /// Where it differs from the adapter's own.
    #[serde(default)]
    pub retry: RetryOverride,
}

/// What later deliveries of a ticket to the same system do while one is held or dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnDead {
    /// They wait.
    Block,
    /// They go on; a finding tells of it.
    Skip,
}

/// What to do with a delivery of unknown outcome that cannot be looked up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnUnknown {
    /// Keep it for a person.
    #[default]
    Hold,
    /// Repeat it: a duplicate is preferred.
    Retry,
}

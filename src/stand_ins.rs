//! Settings that point a hub at the sandbox's stand-ins, for whoever runs one against them.
//!
//! It starts nothing and names no folder: where the hub keeps its tickets is the caller's.

use std::num::NonZeroU32;

use omnihub_sandbox::{Sandbox, System};
use serde_json::{Value, json};

use crate::config::{AdapterSection, Config, LimitsSection, Span};

/// So high that nobody meets it by hand.
const PER_MINUTE: u32 = 10_000_000;

/// What an adapter's section says, key by key.
pub type Section = Vec<(&'static str, Value)>;

/// Points every adapter at its stand-in, which is polled each second; lets webhooks go to this machine,
/// and raises the limits. What has no stand-in has no address either: nobody real is told of what is tried.
pub fn point_at(config: &mut Config, sandbox: &Sandbox) {
    config.adapters.values_mut().for_each(|section| section.base_url = None);
    for (name, keys) in sections(sandbox) {
        point(config.adapters.entry(name.to_owned()).or_default(), keys);
    }
    let dolphins = config.adapters.entry("dolphins".to_owned()).or_default();
    dolphins.settings.insert("supervisor_id".to_owned(), json!("supervisor"));
    config.webhooks.allow_hosts.push("127.0.0.1".to_owned());
    config.limits.create_per_minute = PER_MINUTE;
    config.limits.read_per_minute = PER_MINUTE;
    config.limits.update_per_minute = PER_MINUTE;
    config.limits.failed_auth_per_minute = PER_MINUTE;
}

/// The adapters' keys that point at the stand-ins, by adapter.
pub fn sections(sandbox: &Sandbox) -> [(&'static str, Section); 3] {
    let credentials = sandbox.credentials();
    let base_url = |system| json!(sandbox.base_url(system));
    [
        (
            "helpdesk",
            vec![
                ("base_url", base_url(System::Helpdesk)),
                ("api_key", json!(credentials.helpdesk_api_key)),
                ("webhook_secret", json!(credentials.helpdesk_webhook_secret)),
            ],
        ),
        (
            "sociomile",
            vec![
                ("base_url", base_url(System::Sociomile)),
                ("client_secret_key", json!(credentials.sociomile_client_secret_key)),
                ("callback_secret", json!(credentials.sociomile_callback_secret)),
                ("claims_told_by", json!("hub")),
            ],
        ),
        (
            "dolphins",
            vec![
                ("base_url", base_url(System::Dolphins)),
                ("username", json!(credentials.dolphins_username)),
                ("password", json!(credentials.dolphins_password)),
                ("callback_secret", json!(credentials.dolphins_callback_secret)),
                ("link_channels", json!(["CHAT"])),
            ],
        ),
    ]
}

fn point(section: &mut AdapterSection, keys: Section) {
    section.enabled = true;
    section.poll = Span::s(1);
    section.limits = LimitsSection {
        create_per_minute: NonZeroU32::new(PER_MINUTE),
        read_per_minute: NonZeroU32::new(PER_MINUTE),
        update_per_minute: NonZeroU32::new(PER_MINUTE),
        ..section.limits
    };
    for (key, value) in keys {
        match (key, value) {
            ("base_url", Value::String(url)) => section.base_url = Some(url),
            (key, value) => drop(section.own.insert(key.to_owned(), value)),
        }
    }
}

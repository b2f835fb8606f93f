//! What monitoring reads, in Prometheus' text form: `/metrics`.
//!
//! So far the mapping files in force and what holds each adapter. Nothing in it is about a ticket or a
//! person.

use jiff::Timestamp;

use super::adapters::{AdapterView, Handle, list};

/// The mapping files in force.
#[derive(Clone, Debug)]
pub struct MappingsNow {
    /// Their digest.
    pub digest: String,
    /// Since when.
    pub loaded_at: Timestamp,
    /// Whether the folder has changed and what it has now was refused.
    pub is_refused: bool,
}

/// The whole text.
pub fn text(mappings: &MappingsNow, adapters: &[Handle], now: Timestamp) -> String {
    let MappingsNow { digest, loaded_at, is_refused } = mappings;
    let mut text = String::new();
    gauge(
        &mut text,
        "mappings_info",
        "The mapping files in force.",
        &[format!("{{digest=\"{digest}\"}} 1")],
    );
    gauge(
        &mut text,
        "mappings_loaded_timestamp_seconds",
        "Since when they are.",
        &[format!(" {}", loaded_at.as_second())],
    );
    gauge(
        &mut text,
        "mappings_refused",
        "1 while changed mapping files are refused and those of before go on.",
        &[format!(" {}", u8::from(*is_refused))],
    );
    let states = list(adapters, now).into_iter().map(|AdapterView { name, state, .. }| {
        format!("{{adapter=\"{name}\",state=\"{state}\"}} 1")
    });
    gauge(
        &mut text,
        "adapter_state",
        "Where each adapter stands: running, paused, open (left alone because it fails) or off.",
        &states.collect::<Vec<_>>(),
    );
    text
}

fn gauge(text: &mut String, name: &str, help: &str, values: &[String]) {
    text.push_str(&format!("# HELP omnihub_{name} {help}\n# TYPE omnihub_{name} gauge\n"));
    for value in values {
        text.push_str(&format!("omnihub_{name}{value}\n"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dispatch::brakes::{Brakes, ByHand};

    #[test]
    fn each_gauge_has_its_help_and_its_type() {
        let now: Timestamp = "2024-12-19T10:30:00Z".parse().unwrap();
        let hand = ByHand { at: now, by: "siti".into(), reason: "an upgrade".into() };
        let handle = |name: &str, brakes| Handle { name: name.into(), brakes };
        let adapters = [
            handle("helpdesk", Some(Brakes::new(Some(hand)))),
            handle("sociomile", Some(Brakes::new(None))),
            handle("dolphins", None),
        ];
        let mappings = MappingsNow { digest: "0a1b".into(), loaded_at: now, is_refused: true };
        let text = text(&mappings, &adapters, now);
        for line in [
            "# TYPE omnihub_mappings_info gauge",
            "omnihub_mappings_info{digest=\"0a1b\"} 1",
            "omnihub_mappings_loaded_timestamp_seconds 1734604200",
            "omnihub_mappings_refused 1",
            "omnihub_adapter_state{adapter=\"helpdesk\",state=\"paused\"} 1",
            "omnihub_adapter_state{adapter=\"sociomile\",state=\"running\"} 1",
            "omnihub_adapter_state{adapter=\"dolphins\",state=\"off\"} 1",
        ] {
            assert!(text.lines().any(|has| has == line), "no {line:?} in\n{text}");
        }
        assert!(!text.contains("siti"), "{text}");
    }
}

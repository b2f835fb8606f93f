//! JSON Schemas of mapping files, for editors: made of the same tables that the checker reads.
//!
//! A schema completes and catches slips while somebody writes. It proves nothing: that is
//! `omnihub check`. It leaves out what is somebody's own, such as settings and tables, and knows
//! the form of a line, not its types.
//!
//! Draft 7, since that is what editors of TOML understand.

use omnihub_contract::{EventKind, HUB, PUBLIC_NUMBER};
use serde_json::{Map, Value, json};

use super::check::{COMMENT_KEYS, TAKEN_AS};
use super::{Catalog, path};

mod fields;
mod lines;
mod tree;

/// The schema of one adapter's file; `catalogs` are all adapters', for the receipts that they give.
pub(super) fn of(catalog: &Catalog, catalogs: &[Catalog]) -> Value {
    let mut definitions = Map::new();
    lines::define(&mut definitions, "line", &rule_paths(catalogs));
    lines::define(&mut definitions, "said", &said_paths(catalog));
    lines::define_when(&mut definitions);
    definitions.insert("rule".to_owned(), rule(catalog));
    for operation in catalog.operations {
        definitions.insert(format!("fields of {}", operation.name), fields::of(operation));
    }
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": format!("What {} is told, and how it is read", catalog.adapter),
        "description": "Written by `omnihub check --schema`; see mappings/README.md.",
        "type": "object",
        "required": ["adapter"],
        "additionalProperties": false,
        "properties": {
            "adapter": {"const": catalog.adapter.as_str()},
            "rule": list_of("rule", "One delivery for every event that matches."),
            "groups": {
                "description": "Lines that rules share: a rule takes them with `groups = [\"name\"]`.",
                "type": "object",
                "additionalProperties": {"type": "object", "additionalProperties": reference("line")},
            },
            "inbound": inbound(catalog),
            "tables": {
                "description": "Words and what each becomes.",
                "type": "object",
                "additionalProperties": {"type": "object", "additionalProperties": row()},
            },
        },
        "definitions": definitions,
    })
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/definitions/{name}")})
}

fn list_of(name: &str, description: &str) -> Value {
    json!({"description": description, "type": "array", "items": reference(name)})
}

fn rule(catalog: &Catalog) -> Value {
    let operations: Vec<&str> = catalog.operations.iter().map(|operation| operation.name).collect();
    let events: Vec<&str> = EventKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let by_operation: Vec<Value> = operations
        .iter()
        .map(|name| {
            json!({
                "if": {"properties": {"operation": {"const": name}}, "required": ["operation"]},
                "then": {"properties": {"fields": reference(&format!("fields of {name}"))}},
            })
        })
        .collect();
    json!({
        "type": "object",
        "required": ["name", "on", "operation"],
        "additionalProperties": false,
        "properties": {
            "name": {"description": "As messages call it; unique in the file.", "type": "string"},
            "on": {"description": "The event that it waits for.", "enum": events},
            "when": reference("when"),
            "operation": {"description": "What is asked of the system.", "enum": operations},
            "enabled": {"description": "`false` switches it off but in the sandbox.", "type": "boolean"},
            "also": {
                "description": "Whether it may match beside an earlier rule of its operation.",
                "type": "boolean",
            },
            "groups": {
                "description": "Groups of fields that it takes; its own lines win.",
                "type": "array",
                "items": {"type": "string"},
            },
            "fields": {"type": "object"},
        },
        "allOf": by_operation,
    })
}

fn inbound(catalog: &Catalog) -> Value {
    let told: Vec<&str> = catalog.incoming.iter().map(|incoming| incoming.name).collect();
    let comment: Map<String, Value> =
        COMMENT_KEYS.iter().map(|key| ((*key).to_owned(), reference("said"))).collect();
    json!({
        "description": "How what the system says becomes a status, an assignee and comments.",
        "type": "array",
        "items": {
            "type": "object",
            "required": ["what"],
            "additionalProperties": false,
            "properties": {
                "what": {"description": "A callback, or the operation whose answer it is.", "enum": told},
                "status": reference("said"),
                "assignee": reference("said"),
                "priority": reference("said"),
                "created_at": reference("said"),
                "comment": {
                    "type": "object",
                    "required": ["content"],
                    "additionalProperties": false,
                    "properties": comment,
                },
            },
        },
    })
}

fn row() -> Value {
    json!({"anyOf": [
        {"type": ["string", "number", "boolean"]},
        {
            "description": "Several words of theirs: the first is sent, all are understood.",
            "type": "array",
            "minItems": 1,
            "items": {"type": "string"},
        },
        {
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "from": {"type": "string", "pattern": "^settings\\."},
                "value": {},
                "lossy": {"description": "Whether it is no way back.", "type": "boolean"},
            },
        },
    ]})
}

/// Paths of a rule that can be listed.
fn rule_paths(catalogs: &[Catalog]) -> Vec<String> {
    let receipts = catalogs.iter().flat_map(|catalog| {
        let gives = catalog.operations.iter().flat_map(|operation| operation.gives);
        gives.map(|name| format!("receipts.{}.{name}", catalog.adapter))
    });
    let hub = format!("receipts.{HUB}.{PUBLIC_NUMBER}");
    let mut paths: Vec<String> =
        path::names().map(str::to_owned).chain(receipts).chain([hub]).collect();
    paths.sort();
    paths.dedup();
    paths
}

/// Paths of a section that reads what the system says.
fn said_paths(catalog: &Catalog) -> Vec<String> {
    let members = catalog.incoming.iter().flat_map(|incoming| incoming.members);
    let mut paths: Vec<String> = members
        .map(|member| match member.name.split_once("[].") {
            Some((_, name)) => format!("item.{name}"),
            None => format!("said.{}", member.name),
        })
        .collect();
    paths.sort();
    paths.dedup();
    paths
}

/// What `as` can say.
fn taken_as() -> Value {
    json!({"description": "What the value is taken as.", "enum": TAKEN_AS})
}

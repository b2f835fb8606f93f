//! What the shipped files are compiled against: the operations of the adapters that the hub knows, and the
//! settings of the shipped `config.toml`.

use std::fs;
use std::path::Path;

use omnihub_contract::AdapterName;
use serde_json::{Map, Value, json};

use crate::adapters::{KNOWN, Known};
use crate::config::SHIPPED;
use crate::mapping::{Catalog, CompileOptions, Findings, MappingFile, Mappings, compile};

/// Every adapter with the shipped settings, and chats that are linked, as in the sandbox.
pub(super) fn catalogs() -> Vec<Catalog> {
    let config: Value = toml::from_str(SHIPPED).unwrap();
    let catalog = |known: &Known| Catalog {
        adapter: known.name.into(),
        operations: known.operations,
        incoming: known.incoming,
        settings: settings(&config, known.name),
    };
    KNOWN.iter().map(catalog).collect()
}

fn settings(config: &Value, adapter: &str) -> Map<String, Value> {
    let shipped = config["adapters"][adapter]["settings"].as_object();
    let mut settings = shipped.cloned().unwrap_or_default();
    if adapter == "dolphins" {
        settings.insert("link_channels".to_owned(), json!(["CHAT"]));
    }
    settings
}

/// A file as it would be called on disk.
pub(super) fn file(adapter: &str, text: &str) -> MappingFile {
    let path = format!("mappings/{adapter}.toml");
    MappingFile { adapter: AdapterName::from(adapter), path, text: text.to_owned() }
}

/// Every file that is shipped.
pub(super) fn shipped() -> Vec<MappingFile> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings");
    let text = |name: &str| fs::read_to_string(folder.join(format!("{name}.toml"))).unwrap();
    KNOWN.iter().map(|known| file(known.name, &text(known.name))).collect()
}

/// Those of the systems that the bank began with, for tests that say who is told of what.
pub(super) fn the_banks() -> Vec<MappingFile> {
    let names = ["helpdesk", "sociomile", "dolphins", "webhook"];
    shipped().into_iter().filter(|file| names.contains(&file.adapter.as_str())).collect()
}

/// Compiles a set against every adapter.
pub(super) fn compiled(
    files: &[MappingFile],
    switched_off_rules: bool,
) -> Result<Mappings, Findings> {
    compile(files, &catalogs(), CompileOptions { switched_off_rules })
}

//! What the shipped files are compiled against: the adapters' own operations, and the settings of the
//! shipped `config.toml`.

use omnihub_contract::AdapterName;
use serde_json::{Map, Value, json};

use crate::config::SHIPPED;
use crate::mapping::{Catalog, CompileOptions, Findings, MappingFile, Mappings, compile};

/// The four adapters with the shipped settings, and chats that are linked, as in the sandbox.
pub(super) fn catalogs() -> Vec<Catalog> {
    let config: Value = toml::from_str(SHIPPED).unwrap();
    [
        ("helpdesk", omnihub_helpdesk::OPERATIONS, omnihub_helpdesk::INCOMING),
        ("sociomile", omnihub_sociomile::OPERATIONS, omnihub_sociomile::INCOMING),
        ("dolphins", omnihub_dolphins::OPERATIONS, omnihub_dolphins::INCOMING),
        ("webhook", omnihub_webhook::OPERATIONS, &[]),
    ]
    .into_iter()
    .map(|(name, operations, incoming)| Catalog {
        adapter: name.into(),
        operations,
        incoming,
        settings: settings(&config, name),
    })
    .collect()
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

/// The files that are shipped.
pub(super) fn shipped() -> Vec<MappingFile> {
    vec![
        file("helpdesk", include_str!("../../../mappings/helpdesk.toml")),
        file("sociomile", include_str!("../../../mappings/sociomile.toml")),
        file("dolphins", include_str!("../../../mappings/dolphins.toml")),
        file("webhook", include_str!("../../../mappings/webhook.toml")),
    ]
}

/// Compiles a set against the four adapters.
pub(super) fn compiled(
    files: &[MappingFile],
    switched_off_rules: bool,
) -> Result<Mappings, Findings> {
    compile(files, &catalogs(), CompileOptions { switched_off_rules })
}

//! `[partners.<name>]` and `[catalogue]`: what the bank says of its clients, services and branches.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use omnihub_contract::{Channel, Secret, ServiceType};
use serde::{Deserialize, Deserializer, de::Error as _};

use super::problem::{ConfigError, no_such};

/// `[partners.<name>]`; a partner without a section has these defaults.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PartnerSection {
    /// Channel of its claims that name none.
    pub channel: Option<Channel>,
    /// Branch code of what names none.
    pub branch_code: Option<String>,
    /// Name of that branch.
    pub branch_name: Option<String>,
    /// Hosts and ranges exempt from "https and public addresses only", for its webhooks alone.
    pub webhook_hosts: Vec<String>,
    /// Addresses and ranges from which its keys may be used; empty: from anywhere.
    pub source_addresses: Vec<Net>,
    /// The key that its tickets go to the helpdesk with; without one, the hub's own.
    pub helpdesk_api_key: Option<Secret>,
    /// A file with that key.
    pub helpdesk_api_key_file: Option<PathBuf>,
}

/// `[catalogue]`: names in answers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Catalogue {
    /// By service type.
    pub services: BTreeMap<String, ServiceNames>,
    /// By branch code.
    pub branches: BTreeMap<String, BranchNames>,
}

/// `[catalogue.services.<service type>]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServiceNames {
    /// `service.name`.
    pub name: Option<String>,
    /// `supportGroup`.
    pub support_group: Option<String>,
    /// `assignedTo`.
    pub assigned_to: Option<String>,
}

/// `[catalogue.branches.<branch code>]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BranchNames {
    /// `branch.name` of a ticket that brought none.
    pub name: Option<String>,
    /// `assignedTo`, before that of the service.
    pub assigned_to: Option<String>,
}

/// An address, or a range of them, written as a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Net(pub IpNet);

impl<'de> Deserialize<'de> for Net {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let address = text.parse::<IpAddr>().map(IpNet::from);
        address.or_else(|_| text.parse()).map(Self).map_err(|_| {
            D::Error::custom(format!(
                "`{text}` is no address or range: write it as \"10.1.2.3\" or \"10.1.0.0/16\""
            ))
        })
    }
}

/// Reads the keys that stand in files.
pub(super) fn read_files(
    partners: &mut BTreeMap<String, PartnerSection>,
    folder: &Path,
) -> Result<(), ConfigError> {
    for (name, partner) in partners {
        let Some(file) = partner.helpdesk_api_key_file.take() else { continue };
        let file = folder.join(file);
        let text = std::fs::read_to_string(&file).map_err(|error| ConfigError::SecretFile {
            key: format!("partners.{name}.helpdesk_api_key_file"),
            file,
            error,
        })?;
        partner.helpdesk_api_key = Some(Secret::from(text.trim_end()));
    }
    Ok(())
}

/// Checks the words that open enums take whatever they are.
pub(super) fn check(partners: &BTreeMap<String, PartnerSection>) -> Result<(), ConfigError> {
    for (name, partner) in partners {
        if let Some(Channel::Unlisted(word)) = &partner.channel {
            let key = format!("partners.{name}.channel");
            return Err(no_such(&key, "channel", word, Channel::WORDS));
        }
    }
    Ok(())
}

/// Brings service types to their own form: a variable's name comes in small letters.
///
/// # Errors
/// When one is not a documented word.
pub(super) fn spell(catalogue: &mut Catalogue) -> Result<(), ConfigError> {
    let written = std::mem::take(&mut catalogue.services);
    for (name, names) in written {
        let word = name.to_uppercase();
        if !ServiceType::from(word.as_str()).is_known() {
            let key = format!("catalogue.services.{name}");
            return Err(no_such(&key, "service type", &word, ServiceType::WORDS));
        }
        catalogue.services.insert(word, names);
    }
    Ok(())
}

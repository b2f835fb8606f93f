//! Keys: who may do what, and for which partner.
//!
//! A key is `omni_<id>_<secret>`: an id to find it by, and 256 random bits of which the store keeps
//! only the SHA-256. It is shown once, when it is made. This module knows the store, not HTTP.

use jiff::Timestamp;
use omnihub_contract::{ExposeSecret, PartnerId, Secret};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::store::{PartnerRecord, RecordKind, Store, StoreError};

/// What every key begins with, so that scanners for leaked secrets find it.
const PREFIX: &str = "omni_";

/// What a key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// `omnichannel:create`: claims and tickets.
    Create,
    /// `omnichannel:read`: status and details.
    Read,
    /// `omnichannel:update`: comments, attachments, status.
    Update,
}

impl Permission {
    /// Every permission, in the documents' order; a key's default.
    pub const ALL: [Self; 3] = [Self::Create, Self::Read, Self::Update];

    /// The permission of this name, with or without `omnichannel:`.
    pub fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix("omnichannel:").unwrap_or(text) {
            "create" => Some(Self::Create),
            "read" => Some(Self::Read),
            "update" => Some(Self::Update),
            _ => None,
        }
    }
}

/// Whose tickets a key sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Its partner's.
    Own,
    /// Every partner's.
    All,
}

/// A key as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Its id, `key_…`.
    pub id: String,
    /// Whose it is.
    pub partner: PartnerId,
    /// What it may be used for.
    pub permissions: Vec<Permission>,
    /// Whose tickets it sees.
    pub scope: Scope,
    /// When it was made.
    pub created_at: Timestamp,
    /// SHA-256 of the whole key, in hexadecimal digits.
    hash: String,
}

impl Key {
    /// Whether the key may be used for that.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    /// Whether the key sees that partner's tickets.
    pub fn sees(&self, partner: &PartnerId) -> bool {
        self.scope == Scope::All || self.partner == *partner
    }
}

/// What a new key is to be.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewKey {
    /// Whose it is.
    pub partner: PartnerId,
    /// What it may be used for.
    pub permissions: Vec<Permission>,
    /// Whose tickets it sees.
    pub scope: Scope,
}

/// Why a key could not be made.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The machine gave no random bits.
    #[error("the machine gives no random bits: {0}")]
    NoRandomness(getrandom::Error),
    /// The store failed.
    #[error("the key could not be kept")]
    Store(#[from] StoreError),
    /// What the store has is not a key.
    #[error("the stored key cannot be read")]
    Damaged(#[from] serde_json::Error),
}

/// Makes a key and keeps its hash; gives the key itself, which nobody can be told again. A partner's
/// first key brings its webhook secret with it.
///
/// # Errors
/// When there is no randomness or the store fails.
pub async fn create(
    store: &dyn Store,
    new: NewKey,
    now: Timestamp,
) -> Result<(String, Secret), AccessError> {
    let id = hex(&random::<8>()?);
    let key = format!("{PREFIX}{id}_{}", hex(&random::<32>()?));
    let record = Key {
        id: format!("key_{id}"),
        partner: new.partner.clone(),
        permissions: new.permissions,
        scope: new.scope,
        created_at: now,
        hash: hex(&Sha256::digest(key.as_bytes())),
    };
    if store.read(RecordKind::Partner, new.partner.as_str())?.is_none() {
        let partner = PartnerRecord {
            partner: new.partner.clone(),
            webhook_secrets: vec![webhook_secret()?],
        };
        let value = serde_json::to_value(&partner)?;
        store.put(RecordKind::Partner, new.partner.as_str(), value).await?;
    }
    store.put(RecordKind::Key, &id, serde_json::to_value(&record)?).await?;
    Ok((record.id, Secret::from(key)))
}

/// The stored key that this text is, if it is one. Takes the same time for a wrong secret as for a
/// right one.
///
/// # Errors
/// When the store fails.
pub fn verify(store: &dyn Store, key: &Secret) -> Result<Option<Key>, AccessError> {
    let text = key.expose_secret();
    let Some((id, _)) = text.strip_prefix(PREFIX).and_then(|rest| rest.split_once('_')) else {
        return Ok(None);
    };
    let Some(value) = store.read(RecordKind::Key, id)? else { return Ok(None) };
    let record: Key = serde_json::from_value(value)?;
    let hash = hex(&Sha256::digest(text.as_bytes()));
    let is_same: bool = hash.as_bytes().ct_eq(record.hash.as_bytes()).into();
    Ok(is_same.then_some(record))
}

/// A webhook secret in the form of Standard Webhooks: `whsec_` and 32 bytes of base64.
fn webhook_secret() -> Result<String, AccessError> {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(random::<32>()?);
    Ok(format!("whsec_{text}"))
}

fn random<const N: usize>() -> Result<[u8; N], AccessError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(AccessError::NoRandomness)?;
    Ok(bytes)
}

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

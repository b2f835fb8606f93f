//! Keys: who may do what, and for which partner; and the secrets that partners' webhooks are signed
//! with.
//!
//! A key is `omni_<id>_<secret>`: an id to find it by, and 256 random bits of which the store keeps
//! only the SHA-256. It is shown once, when it is made. This module knows the store, not HTTP. Its
//! parts: `keys` and `secrets` (what can be done with them), `known` (keys in use), `strangers` (who
//! keeps failing to show one), `bits` (randomness as text).
//!
//! Invariants:
//! - The store is asked at every use, so a revoked key stops working with the answer that says so;
//!   only what its record says is not read anew while it is the same bytes.
//! - Records are read, changed and put back by one writer at a time, so that no rotation undoes a
//!   revocation.

mod bits;
mod keys;
mod known;
mod secrets;
mod strangers;

use jiff::Timestamp;
use omnihub_contract::PartnerId;
use serde::{Deserialize, Serialize};

use crate::store::StoreError;

pub use keys::{KEYS_MAX, Rotation, create, list, revoke, rotate, verify};
pub use known::KnownKeys;
pub use secrets::{live_secrets, rotate_secret, secrets_of};
pub(crate) use strangers::whole_seconds;
pub use strangers::{Peer, Shut, Strangers};

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
    /// `hub:operate`: everything that operators do, for every partner's tickets.
    Operate,
}

impl Permission {
    /// Every permission of clients, in the documents' order; a key's default.
    pub const ALL: [Self; 3] = [Self::Create, Self::Read, Self::Update];

    /// The permission of this name, a client's with or without `omnichannel:`.
    pub fn parse(text: &str) -> Option<Self> {
        if text == Self::Operate.as_str() {
            return Some(Self::Operate);
        }
        let name = text.strip_prefix("omnichannel:").unwrap_or(text);
        Self::ALL.into_iter().find(|permission| permission.as_str() == name)
    }

    /// Its name, which is also that of the class of requests that it allows.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Operate => "hub:operate",
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

/// Requests a minute of one key, where they differ from `[limits]`; zero refuses everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeyLimits {
    /// Claims and tickets.
    pub create: Option<u32>,
    /// Status and details.
    pub read: Option<u32>,
    /// Comments, attachments, status.
    pub update: Option<u32>,
}

impl KeyLimits {
    /// The limit of one class.
    pub fn of(&self, class: Permission) -> Option<u32> {
        match class {
            Permission::Create => self.create,
            Permission::Read => self.read,
            Permission::Update => self.update,
            Permission::Operate => None,
        }
    }
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
    /// Its own limits.
    #[serde(default)]
    pub per_minute: KeyLimits,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working by itself.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// The key that took its place, and until when this one works beside it.
    #[serde(default)]
    pub replaced: Option<Replaced>,
    /// When it was revoked.
    #[serde(default)]
    pub revoked_at: Option<Timestamp>,
    /// SHA-256 of the whole key, in hexadecimal digits.
    hash: String,
}

/// What became of a key that was rotated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replaced {
    /// Id of the newer key.
    pub by: String,
    /// When the older one stops working.
    pub until: Timestamp,
}

/// Where a key is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// It works.
    Active,
    /// It works for a while yet, beside the one that took its place.
    Replaced,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
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

    /// When it stops working if nobody revokes it.
    pub fn ends_at(&self) -> Option<Timestamp> {
        let until = self.replaced.as_ref().map(|replaced| replaced.until);
        [self.expires_at, until].into_iter().flatten().min()
    }

    /// Where it is in its life.
    pub fn state(&self, now: Timestamp) -> KeyState {
        match (self.revoked_at, self.ends_at()) {
            (Some(_), _) => KeyState::Revoked,
            (None, Some(end)) if end <= now => KeyState::Expired,
            (None, _) if self.replaced.is_some() => KeyState::Replaced,
            (None, _) => KeyState::Active,
        }
    }

    /// Whether it still works.
    pub fn works(&self, now: Timestamp) -> bool {
        matches!(self.state(now), KeyState::Active | KeyState::Replaced)
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
    /// Its own limits.
    pub per_minute: KeyLimits,
    /// Seconds after which it stops working; absent: never.
    pub life_s: Option<u64>,
}

impl NewKey {
    /// A key of this partner with every permission, for its own tickets, without an end.
    pub fn of(partner: &str) -> Self {
        Self {
            partner: partner.into(),
            permissions: Permission::ALL.to_vec(),
            scope: Scope::Own,
            per_minute: KeyLimits::default(),
            life_s: None,
        }
    }
}

/// Why it could not be done.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The machine gave no random bits.
    #[error("the machine gives no random bits: {0}")]
    NoRandomness(getrandom::Error),
    /// The store failed.
    #[error("the store could not do it: {0}")]
    Store(#[from] StoreError),
    /// What the store has is no key or partner.
    #[error("what is stored cannot be read: {0}")]
    Damaged(#[from] serde_json::Error),
    /// There is no key with this id.
    #[error("there is no key {0}; `omnihub keys list` shows all")]
    NoSuchKey(String),
    /// The key does not work any more, so nothing can take its place.
    #[error("the key {0} does not work any more; make a new one with `omnihub keys create`")]
    Ended(String),
    /// There is no partner of this name.
    #[error("there is no partner {0}; a partner gets its secret with its first key")]
    NoSuchPartner(String),
}

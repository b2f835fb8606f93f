//! Keys and partners' secrets as operators see and name them.

use jiff::Timestamp;
use omnihub_contract::{ExposeSecret, PartnerId, Secret};
use serde::{Deserialize, Serialize};

use crate::access::{
    self, AccessError, Key, KeyLimits, KeyState, NewKey, Permission, Rotation, Scope,
};
use crate::store::Store;

/// Which keys are wanted.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct KeyFilter {
    /// Only this partner's.
    pub partner: Option<PartnerId>,
}

/// A key by its id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NamedKey {
    /// `key_…`, or what stands behind that.
    pub id: String,
}

/// A partner by its name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NamedPartner {
    /// Its name.
    pub partner: PartnerId,
}

/// A partner that is to have a new secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewSecret {
    /// Its name.
    pub partner: PartnerId,
    /// Seconds for which the old one signs too; absent: as the settings say.
    pub overlap_s: Option<u64>,
}

/// A key that was just made: shown once.
#[derive(Serialize, Deserialize)]
pub struct MadeKey {
    /// Its id.
    pub id: String,
    /// The key itself.
    pub key: String,
}

/// A key as a list shows it: never the key itself, nor its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyView {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub partner: PartnerId,
    /// What it may be used for.
    pub permissions: Vec<Permission>,
    /// Whose tickets it sees.
    pub scope: Scope,
    /// Its own limits.
    pub per_minute: KeyLimits,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working, or did.
    pub expires_at: Option<Timestamp>,
    /// Where it is in its life.
    pub state: KeyState,
    /// The key that took its place.
    pub replaced_by: Option<String>,
}

/// Makes a key.
///
/// # Errors
/// As [`access::create`].
pub async fn create(
    store: &dyn Store,
    new: NewKey,
    now: Timestamp,
) -> Result<MadeKey, AccessError> {
    access::create(store, new, now).await.map(made)
}

/// Every key that the filter names, the newest last.
///
/// # Errors
/// When the store fails.
pub fn list(
    store: &dyn Store,
    filter: &KeyFilter,
    now: Timestamp,
) -> Result<Vec<KeyView>, AccessError> {
    let is_wanted =
        |key: &Key| filter.partner.as_ref().is_none_or(|partner| *partner == key.partner);
    let keys = access::list(store)?.into_iter();
    Ok(keys.filter(is_wanted).map(|key| view(key, now)).collect())
}

/// Ends a key.
///
/// # Errors
/// As [`access::revoke`].
pub async fn revoke(
    store: &dyn Store,
    key: &NamedKey,
    now: Timestamp,
) -> Result<KeyView, AccessError> {
    Ok(view(access::revoke(store, &key.id, now).await?, now))
}

/// Makes a key that takes another's place.
///
/// # Errors
/// As [`access::rotate`].
pub async fn rotate(
    store: &dyn Store,
    rotation: &Rotation,
    now: Timestamp,
) -> Result<MadeKey, AccessError> {
    access::rotate(store, rotation, now).await.map(made)
}

fn made((id, key): (String, Secret)) -> MadeKey {
    MadeKey { id, key: key.expose_secret().to_owned() }
}

fn view(key: Key, now: Timestamp) -> KeyView {
    KeyView {
        state: key.state(now),
        expires_at: key.revoked_at.or(key.ends_at()),
        id: key.id,
        partner: key.partner,
        permissions: key.permissions,
        scope: key.scope,
        per_minute: key.per_minute,
        created_at: key.created_at,
        replaced_by: key.replaced.map(|replaced| replaced.by),
    }
}

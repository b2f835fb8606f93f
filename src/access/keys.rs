//! Making, checking, listing and ending keys.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use omnihub_contract::{ExposeSecret, Secret};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::bits::{hex, random};
use super::{AccessError, Key, KnownKeys, NewKey, Replaced, secrets};
use crate::store::{RecordKind, Store};

/// What every key begins with, so that scanners for leaked secrets find it.
const PREFIX: &str = "omni_";

/// What every key's id begins with.
const ID_PREFIX: &str = "key_";

/// Most keys that are listed: far more than partners have, and a few megabytes.
pub const KEYS_MAX: usize = 10_000;

/// One writer at a time. It is enough that this holds within the process, since no other has the
/// store open.
pub(super) static WRITING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// How a key is to be replaced.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rotation {
    /// Id of the key.
    pub id: String,
    /// Seconds for which it works beside the new one.
    pub overlap_s: u64,
    /// Seconds after which the new one stops working; absent: as long as the old one was made for.
    pub life_s: Option<u64>,
}

/// Makes a key and keeps its hash; gives its id and the key itself, which nobody can be told again. A
/// partner's first key brings its webhook secret with it.
///
/// # Errors
/// When there is no randomness or the store fails.
pub async fn create(
    store: &dyn Store,
    new: NewKey,
    now: Timestamp,
) -> Result<(String, Secret), AccessError> {
    let _writing = WRITING.lock().await;
    secrets::ensure(store, &new.partner).await?;
    let (record, key) = made(new, now)?;
    keep(store, &record).await?;
    Ok((record.id, key))
}

/// The stored key that this text is, if it is one and still works. Takes the same time for a wrong
/// secret as for a right one.
///
/// # Errors
/// When the store fails.
pub fn verify(
    store: &dyn Store,
    known: &KnownKeys,
    key: &Secret,
    now: Timestamp,
) -> Result<Option<Arc<Key>>, AccessError> {
    let text = key.expose_secret();
    let Some((id, _)) = text.strip_prefix(PREFIX).and_then(|rest| rest.split_once('_')) else {
        return Ok(None);
    };
    let Some(json) = store.read(RecordKind::Key, id)? else { return Ok(None) };
    let record = known.read(id, json)?;
    let hash = hash(text);
    let is_same: bool = hash.as_bytes().ct_eq(record.hash.as_bytes()).into();
    Ok((is_same && record.works(now)).then_some(record))
}

/// Every key, those that do not work any more too, the newest last; at most [`KEYS_MAX`].
///
/// # Errors
/// When the store fails.
pub fn list(store: &dyn Store) -> Result<Vec<Key>, AccessError> {
    let records = store.records(RecordKind::Key, KEYS_MAX)?.into_iter();
    let keys = records.map(|(_, value)| serde_json::from_value(value));
    let mut keys: Vec<Key> = keys.collect::<Result<_, _>>()?;
    keys.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    Ok(keys)
}

/// Ends a key: it does not work any more when this returns. To end one twice changes nothing.
///
/// # Errors
/// When there is no such key or the store fails.
pub async fn revoke(store: &dyn Store, id: &str, now: Timestamp) -> Result<Key, AccessError> {
    let _writing = WRITING.lock().await;
    let mut key = existing(store, id)?;
    if key.revoked_at.is_none() {
        key.revoked_at = Some(now);
        keep(store, &key).await?;
    }
    Ok(key)
}

/// Makes a key for the same partner, permissions, scope and limits, and lets the old one work for the
/// overlap more. The new one comes first: cut off in between, both work.
///
/// # Errors
/// When there is no such key, it does not work any more, there is no randomness, or the store fails.
pub async fn rotate(
    store: &dyn Store,
    rotation: &Rotation,
    now: Timestamp,
) -> Result<(String, Secret), AccessError> {
    let _writing = WRITING.lock().await;
    let mut old = existing(store, &rotation.id)?;
    if !old.works(now) {
        return Err(AccessError::Ended(old.id));
    }
    let (new, key) = made(successor(&old, rotation.life_s), now)?;
    keep(store, &new).await?;
    let until = after(now, rotation.overlap_s);
    // Rotated again, as after a lost answer: that does not lengthen the first overlap.
    let until = old.replaced.map_or(until, |replaced| replaced.until.min(until));
    old.replaced = Some(Replaced { by: new.id.clone(), until });
    keep(store, &old).await?;
    Ok((new.id, key))
}

/// So many seconds later, or as late as there is.
pub(super) fn after(now: Timestamp, seconds: u64) -> Timestamp {
    now.checked_add(Duration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

fn successor(old: &Key, life_s: Option<u64>) -> NewKey {
    let old_life = || {
        let life = old.expires_at?.duration_since(old.created_at);
        u64::try_from(life.as_secs()).ok()
    };
    NewKey {
        partner: old.partner.clone(),
        permissions: old.permissions.clone(),
        scope: old.scope,
        per_minute: old.per_minute,
        life_s: life_s.or_else(old_life),
    }
}

fn made(new: NewKey, now: Timestamp) -> Result<(Key, Secret), AccessError> {
    let id = hex(&random::<8>()?);
    let key = format!("{PREFIX}{id}_{}", hex(&random::<32>()?));
    let record = Key {
        id: format!("{ID_PREFIX}{id}"),
        partner: new.partner,
        permissions: new.permissions,
        scope: new.scope,
        per_minute: new.per_minute,
        created_at: now,
        expires_at: new.life_s.map(|life| after(now, life)),
        replaced: None,
        revoked_at: None,
        hash: hash(&key),
    };
    Ok((record, Secret::from(key)))
}

fn hash(key: &str) -> String {
    hex(&Sha256::digest(key.as_bytes()))
}

fn existing(store: &dyn Store, id: &str) -> Result<Key, AccessError> {
    let name = name_of(id);
    find(store, name)?.ok_or_else(|| AccessError::NoSuchKey(format!("{ID_PREFIX}{name}")))
}

fn find(store: &dyn Store, name: &str) -> Result<Option<Key>, AccessError> {
    let json = store.read(RecordKind::Key, name)?;
    Ok(json.map(|json| serde_json::from_slice(&json)).transpose()?)
}

async fn keep(store: &dyn Store, key: &Key) -> Result<(), AccessError> {
    let name = name_of(&key.id);
    Ok(store.put(RecordKind::Key, name, serde_json::to_value(key)?).await?)
}

/// The name under which the store keeps the key of this id.
fn name_of(id: &str) -> &str {
    id.strip_prefix(ID_PREFIX).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::KeyState;
    use crate::clock::SystemClock;
    use crate::store::{StoreSettings, memory};

    fn store() -> Arc<dyn Store> {
        let numbering = "helpdesk.ticketNumber".parse().unwrap();
        let settings = StoreSettings::of(9_000_000_000, numbering);
        memory::open(&settings, SystemClock::shared()).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        format!("2024-12-{text}Z").parse().unwrap()
    }

    #[track_caller]
    fn check(store: &dyn Store, key: &Secret, now: &str, expected: Option<KeyState>) {
        let found = verify(store, &KnownKeys::default(), key, at(now)).unwrap();
        assert_eq!(found.map(|key| key.state(at(now))), expected, "{now}");
    }

    #[tokio::test]
    async fn a_key_works_until_it_expires() {
        let store = store();
        let new = NewKey { life_s: Some(86_400), ..NewKey::of("wa-bot") };
        let (_, key) = create(&*store, new, at("19T10:30:00")).await.unwrap();
        check(&*store, &key, "20T10:29:59", Some(KeyState::Active));
        check(&*store, &key, "20T10:30:00", None);
    }

    #[tokio::test]
    async fn a_revoked_key_works_no_more_and_stays_revoked() {
        let store = store();
        let (id, key) = create(&*store, NewKey::of("wa-bot"), at("19T10:30:00")).await.unwrap();
        revoke(&*store, &id, at("19T11:00:00")).await.unwrap();
        check(&*store, &key, "19T11:00:00", None);
        let again = revoke(&*store, &id, at("19T12:00:00")).await.unwrap();
        assert_eq!(again.revoked_at, Some(at("19T11:00:00")));
        let rotation = Rotation { id: id.clone(), overlap_s: 60, life_s: None };
        let refused = rotate(&*store, &rotation, at("19T12:00:00")).await.unwrap_err();
        assert!(matches!(refused, AccessError::Ended(ended) if ended == id));
    }

    #[tokio::test]
    async fn a_rotated_key_works_beside_the_new_one_for_the_overlap() {
        let store = store();
        let new = NewKey {
            life_s: Some(30 * 86_400),
            per_minute: crate::access::KeyLimits { create: Some(7), ..Default::default() },
            ..NewKey::of("wa-bot")
        };
        let (id, old) = create(&*store, new, at("01T00:00:00")).await.unwrap();
        let rotation = Rotation { id: id.clone(), overlap_s: 3600, life_s: None };
        let (newer, key) = rotate(&*store, &rotation, at("19T10:00:00")).await.unwrap();
        check(&*store, &old, "19T10:59:59", Some(KeyState::Replaced));
        check(&*store, &old, "19T11:00:00", None);
        check(&*store, &key, "19T11:00:00", Some(KeyState::Active));
        let known = KnownKeys::default();
        let made = verify(&*store, &known, &key, at("19T11:00:00")).unwrap().unwrap();
        assert_eq!((made.id.as_str(), made.per_minute.create), (newer.as_str(), Some(7)));
        // As long as the old one was made for, from now on.
        assert_eq!(made.expires_at, Some("2025-01-18T10:00:00Z".parse().unwrap()));
        // A second rotation does not lengthen the life of the first key.
        rotate(&*store, &rotation, at("19T10:30:00")).await.unwrap();
        check(&*store, &old, "19T11:00:00", None);
        assert_eq!(list(&*store).unwrap().len(), 3);
    }

    #[tokio::test]
    async fn a_key_that_is_unknown_is_named() {
        let refused = revoke(&*store(), "0a", at("19T10:00:00")).await.unwrap_err();
        assert!(refused.to_string().contains("there is no key key_0a"), "{refused}");
    }

    #[test]
    fn a_key_of_the_first_version_is_read() {
        let stored = serde_json::json!({
            "id": "key_0a", "partner": "wa-bot", "permissions": ["create"], "scope": "own",
            "created_at": "2024-12-19T10:30:00Z", "hash": "00",
        });
        let key: Key = serde_json::from_value(stored).unwrap();
        assert_eq!(key.state(at("19T10:30:00")), KeyState::Active);
    }
}

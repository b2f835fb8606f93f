//! What the records of keys in use say, so that it is not read anew for every request.
//!
//! The record itself comes from the store each time: when its bytes are others than before, it is
//! read anew. So nothing that was revoked, rotated or expired is taken for what it was.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::Key;

/// Keys that are known at once: far more than are in use, and less than a megabyte.
const KNOWN_MAX: usize = 1024;

/// Keys in use, by the name of their record.
#[derive(Default)]
pub struct KnownKeys(RwLock<HashMap<String, Known>>);

struct Known {
    /// What it was read from.
    json: Vec<u8>,
    key: Arc<Key>,
}

impl KnownKeys {
    /// What this record of a key says.
    pub(super) fn read(&self, name: &str, json: Vec<u8>) -> Result<Arc<Key>, serde_json::Error> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(name)
            && known.json == json
        {
            return Ok(Arc::clone(&known.key));
        }
        drop(known);
        let key: Arc<Key> = Arc::new(serde_json::from_slice(&json)?);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        known.insert(name.to_owned(), Known { json, key: Arc::clone(&key) });
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Permission;

    fn record(permissions: &str) -> Vec<u8> {
        format!(
            r#"{{"id":"key_0a","partner":"wa-bot","permissions":[{permissions}],"scope":"own",
            "created_at":"2024-12-19T10:30:00Z","hash":"00"}}"#
        )
        .into_bytes()
    }

    #[test]
    fn a_record_is_read_once_until_it_changes() {
        let known = KnownKeys::default();
        let first = known.read("0a", record(r#""create""#)).unwrap();
        let again = known.read("0a", record(r#""create""#)).unwrap();
        assert!(Arc::ptr_eq(&first, &again));
        let changed = known.read("0a", record("")).unwrap();
        assert!(first.may(Permission::Create) && !changed.may(Permission::Create));
    }

    #[test]
    fn no_more_are_known_than_there_is_room_for() {
        let known = KnownKeys::default();
        for name in 0..=KNOWN_MAX {
            known.read(&name.to_string(), record("")).unwrap();
        }
        assert!(known.0.read().unwrap().len() <= KNOWN_MAX);
    }
}

//! Partners' signing secrets, for the adapter that signs.

use std::sync::{Arc, OnceLock};

use omnihub_contract::{PartnerId, Secret, SigningSecrets};

use crate::access;
use crate::clock::Clock;
use crate::store::Store;

/// Partners' secrets from the store, which is opened after the adapters are known to be right.
pub struct LateSecrets {
    store: OnceLock<Arc<dyn Store>>,
    clock: Arc<dyn Clock>,
}

impl LateSecrets {
    /// None yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { store: OnceLock::new(), clock }
    }

    /// From now on those of this store.
    pub fn set(&self, store: Arc<dyn Store>) {
        drop(self.store.set(store));
    }
}

impl SigningSecrets for LateSecrets {
    fn newest_first(&self, partner: &PartnerId) -> Vec<Secret> {
        let Some(store) = self.store.get() else { return Vec::new() };
        access::live_secrets(store.as_ref(), partner, self.clock.now())
    }

    fn are_readable(&self, partner: &PartnerId) -> bool {
        let Some(store) = self.store.get() else { return false };
        let read = access::secrets_of(store.as_ref(), partner, self.clock.now());
        !matches!(read, Err(access::AccessError::Store(_)))
    }
}

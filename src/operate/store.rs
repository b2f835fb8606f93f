//! What the store holds, a page at a time: each request is bounded work, however much there is.

use serde::{Deserialize, Serialize};

use crate::store::{Store, StoreError, Survey};

/// Which page.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Page {
    /// The key that it comes after; empty: the first page.
    pub after: Vec<u8>,
}

/// One page.
///
/// # Errors
/// When the store cannot be read.
pub fn page(store: &dyn Store, page: &Page) -> Result<Survey, StoreError> {
    store.survey(&page.after)
}

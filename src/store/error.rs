//! Why the store could not do something. Nothing of a ticket is said in it.

use std::sync::Arc;

/// Why the store could not do it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// Too many transactions are waiting; nothing was written.
    #[error("the store has too many transactions waiting")]
    Busy,
    /// It is closing or failed before; nothing was written.
    #[error("the store is closed")]
    Closed,
    /// The disk failed. Whether the transaction was kept is not known; the hub stops.
    #[error("the store's disk failed: {0}")]
    Disk(Arc<str>),
    /// Contents of attachments cannot be written or read just now, mostly because the disk is full. What
    /// they came with was not kept, and nothing is left of them.
    #[error("contents of attachments cannot be kept or read: {0}")]
    Contents(Arc<str>),
    /// A stored value cannot be read.
    #[error("the store's value for {what} cannot be read: {why}")]
    Damaged {
        /// Which value.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// The folder cannot be opened as a store.
    #[error("the store in {folder} cannot be opened: {why}")]
    Open {
        /// Which folder.
        folder: String,
        /// What is wrong, and what to do.
        why: String,
    },
}

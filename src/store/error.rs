//! Why the store could not do something. Nothing of a ticket is said in it.

use std::sync::Arc;

use super::layout::FORMAT;

/// Why the store could not do it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// Too many transactions are waiting; nothing was written.
    #[error("the store has too many transactions waiting")]
    Busy,
    /// It is closing; nothing was written.
    #[error("the store is closed")]
    Closed,
    /// The disk failed. Whether the transaction was kept is not known.
    #[error("the store's disk failed (H0901): {0}")]
    Disk(Arc<str>),
    /// The disk failed before and is not back yet; nothing was written.
    #[error("the store's disk failed and is not back yet (H0901)")]
    Away,
    /// The disk is almost full, so nothing new is taken in; nothing was written.
    #[error(
        "the disk of the data folder is almost full (H0902): {free} bytes are free, and {wanted} have to be"
    )]
    Full {
        /// Bytes that are free.
        free: u64,
        /// Bytes that have to be.
        wanted: u64,
    },
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
    /// It was written by a newer program, which may have put there what this one would misread.
    #[error(
        "the store in {folder} is of format {format}, which a newer omnihub wrote (H0903); this one reads up to format {FORMAT}: run the newer one, or go back to a copy of the folder from before"
    )]
    Newer {
        /// Which folder.
        folder: String,
        /// Its format.
        format: u32,
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

impl StoreError {
    /// Whether it passes by itself once the disk is well again.
    pub(crate) fn passes(&self) -> bool {
        matches!(self, Self::Disk(_) | Self::Away)
    }
}

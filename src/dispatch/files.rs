//! The files that a delivery carries: read from the store, within what all lanes may have in memory.
//!
//! Only a delivery whose mapping reads files has them; a webhook about the same ticket costs nothing.
//! One that finds no room waits in its own lane, in the order of arrival, and no lane waits for it
//! that carries no files.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use omnihub_contract::Attachment;
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Lane, Shared};
use crate::mapping::{self, Mappings};
use crate::store::{Lease, StoreError};

/// What all lanes' files may take in memory: those of one ticket as large as the door takes (50 MB),
/// and some small ones beside it.
const BYTES_MAX: u64 = 256 << 20;

/// Bytes in memory for one of a file: as base64 four for three, and of that three copies at most, in
/// what the mapping read, in what it made, and in the body that is sent.
const COPIES: u64 = 4;

/// What is counted, so that its number fits a semaphore.
const UNIT_BYTES: u64 = 1 << 10;

/// What all lanes' files may take together.
#[derive(Clone)]
pub struct FileRoom(Arc<Semaphore>);

impl Default for FileRoom {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(usize::try_from(BYTES_MAX / UNIT_BYTES).unwrap_or(1))))
    }
}

/// The files of one delivery. They have their room until this is dropped.
#[derive(Default)]
pub(super) struct Files {
    /// As mappings read them.
    pub(super) values: Vec<Value>,
    _room: Option<OwnedSemaphorePermit>,
}

/// What came with the event, if the delivery's mapping reads it.
pub(super) async fn load(
    lane: &Lane,
    shared: &Shared,
    mappings: &Mappings,
    lease: &Lease,
) -> Result<Files, StoreError> {
    let attached = match lease.event_place {
        0 => &lease.ticket.attachments,
        _ => &lease.event.attachments,
    };
    if attached.is_empty() || !mappings.reads_files(&lane.name, &lease.rule) {
        return Ok(Files::default());
    }
    let room = room(&shared.file_room, attached).await;
    let (store, number, attached) =
        (Arc::clone(&shared.store), lease.ticket.number, attached.clone());
    let read = tokio::task::spawn_blocking(move || {
        let file = |attachment| -> Result<Value, StoreError> {
            let content = store.content(number, attachment)?;
            Ok(mapping::file(attachment, &STANDARD.encode(content)))
        };
        attached.iter().map(file).collect::<Result<_, _>>()
    });
    let values = read.await.unwrap_or(Err(StoreError::Closed))?;
    Ok(Files { values, _room: room })
}

async fn room(room: &FileRoom, attached: &[Attachment]) -> Option<OwnedSemaphorePermit> {
    let bytes = attached.iter().fold(0, |sum: u64, file| sum.saturating_add(file.bytes));
    // More than there is at all has to do with all of it.
    let units = bytes.saturating_mul(COPIES).min(BYTES_MAX).div_ceil(UNIT_BYTES);
    let units = u32::try_from(units).unwrap_or(u32::MAX);
    // It is never closed.
    Arc::clone(&room.0).acquire_many_owned(units).await.ok()
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::FutureExt;
    use omnihub_contract::Checksum;

    use super::*;

    fn file(bytes: u64) -> Attachment {
        Attachment {
            filename: "a.bin".into(),
            mime_type: "application/octet-stream".into(),
            size: 1,
            description: None,
            bytes,
            sha256: Checksum([0; 32]),
        }
    }

    #[test]
    fn all_lanes_files_share_one_room_in_the_order_of_their_coming() {
        const MB: u64 = 1 << 20;
        let all = FileRoom::default();
        let large = vec![file(10 * MB); 5];
        let first = room(&all, &large).now_or_never().flatten().expect("there is room");
        let small = room(&all, &[file(MB)]).now_or_never().flatten();
        assert!(small.is_some(), "and for a small one beside it");
        drop(small);
        let mut second = pin!(room(&all, &large));
        assert!(second.as_mut().now_or_never().is_none(), "not for two large ones");
        assert!(room(&all, &[file(MB)]).now_or_never().is_none(), "nobody overtakes");
        drop(first);
        assert!(second.now_or_never().flatten().is_some());
        // Even what is larger than the room gets its turn.
        assert!(room(&all, &[file(u64::MAX)]).now_or_never().flatten().is_some());
    }
}

//! Contents of attachments: each a file of its own beside the tickets, or a value in memory.
//!
//! They are no values of the [`Disk`], which keeps small ones only. A content is named by its ticket
//! and checksum, so the ticket's record says where it is and what has to stand there, and a name never
//! has two contents. Here is what happens in which order; what a file is, is the [`Shelf`]'s.
//!
//! Invariants:
//! - A content is whole and on disk under `incoming/` before its ticket is committed, and moved to its
//!   place before anybody is told of the ticket. So a crash leaves a content without a ticket at most.
//! - Opening looks at what is under `incoming/` only, which is what was under way: what a ticket names
//!   is moved to its place, the rest removed. It costs nothing for what is stored already.
//! - What is read is what was accepted, or an error.

use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use omnihub_contract::{Attachment, Checksum, TicketNumber};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::disk::Disk;
use super::reading::{event, stored};
use super::{Contents, StoreError};

/// Tickets whose contents are written at once: enough to keep a disk busy, few enough that others'
/// syncs do not wait behind all of them.
const WRITERS_MAX: usize = 4;

/// Bytes that are moved at once.
const PIECE_BYTES: usize = 64 << 10;

/// Where what is not yet anybody's is put.
pub(super) const INCOMING: &str = "incoming/";

/// Tickets in one folder: about as many as a person can look at.
const FOLDER_TICKETS: u64 = 10_000;

/// Keeps contents under paths of at most one folder and a name.
pub(crate) trait Shelf: Send + Sync + 'static {
    /// Writes a new file and syncs it.
    fn write(&self, path: &str, content: &mut dyn Read) -> io::Result<()>;
    /// Makes the names in a folder durable.
    fn sync(&self, folder: &str) -> io::Result<()>;
    /// Gives a file another path, in a folder that may be new. What stood there is gone.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Removes a file; one that is not there is as good as removed.
    fn remove(&self, path: &str) -> io::Result<()>;
    /// Opens a file.
    fn open(&self, path: &str) -> io::Result<Box<dyn Read>>;
    /// Names in a folder.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;
}

/// Files that could be neither moved nor removed when that was due, and are looked at again. More are
/// left until the next start.
const REST_MAX: usize = 10_000;

/// A shelf, and what is left to be done on it.
struct Place {
    shelf: Arc<dyn Shelf>,
    rest: Mutex<Vec<Moved>>,
}

impl Place {
    /// Notes what the disk did not do now.
    fn leave(&self, moved: Moved) {
        let mut rest = self.rest.lock().unwrap_or_else(PoisonError::into_inner);
        if rest.len() < REST_MAX {
            rest.push(moved);
        }
    }
}

/// Writes and reads contents.
pub(crate) struct Keeper {
    place: Arc<Place>,
    writers: Arc<Semaphore>,
    /// Tells files apart that hold the same content of the same ticket.
    next: AtomicU64,
}

impl Keeper {
    /// A keeper over a shelf, on which nothing is left under way.
    pub(crate) fn open(shelf: Arc<dyn Shelf>, disk: &impl Disk) -> Result<Self, StoreError> {
        tidy(&*shelf, disk)?;
        let writers = Arc::new(Semaphore::new(WRITERS_MAX));
        let place = Arc::new(Place { shelf, rest: Mutex::default() });
        Ok(Self { place, writers, next: AtomicU64::new(0) })
    }

    /// Ends what the disk did not do when it was due: what it has of the tickets says how.
    pub(crate) fn end_rest(&self, disk: &impl Disk) {
        let mut rest = self.place.rest.lock().unwrap_or_else(PoisonError::into_inner);
        rest.retain(|Moved { from, .. }| {
            let ended = end(&*self.place.shelf, disk, from.strip_prefix(INCOMING).unwrap_or(from));
            ended
                .inspect_err(|error| tracing::debug!(%error, "a content is still left over"))
                .is_err()
        });
    }

    /// Writes the contents of a ticket's attachments, which are given in the same order, and returns
    /// when they are on disk. Nothing is left of them where that fails.
    pub(crate) async fn take_in(
        &self,
        number: TicketNumber,
        attachments: &[Attachment],
        contents: Contents,
    ) -> Result<Incoming, StoreError> {
        if attachments.len() != contents.len() {
            return Err(failed("attachments and contents are not as many"));
        }
        let Ok(turn) = Arc::clone(&self.writers).acquire_owned().await else {
            return Err(StoreError::Closed);
        };
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        let paths = attachments.iter().enumerate().map(|(at, attachment)| Moved {
            from: format!("{INCOMING}{}-{first}-{at}", name(number, attachment.sha256)),
            to: path(number, attachment.sha256),
        });
        let (place, paths) = (Arc::clone(&self.place), paths.collect());
        // If nobody waits any more, what is written is dropped there, and so removed.
        let written = tokio::task::spawn_blocking(move || {
            let written = write(place, paths, contents);
            drop(turn);
            written
        });
        written.await.unwrap_or_else(|error| Err(failed(&error)))
    }

    /// Removes a content whose ticket is purged.
    pub(crate) fn remove(&self, number: TicketNumber, sha256: Checksum) -> Result<(), StoreError> {
        self.place.shelf.remove(&path(number, sha256)).map_err(|error| failed(&error))
    }

    /// An attachment's content.
    pub(crate) fn read(
        &self,
        number: TicketNumber,
        attachment: &Attachment,
        disk: &impl Disk,
    ) -> Result<Vec<u8>, StoreError> {
        let damaged = |why: &str| StoreError::Damaged {
            what: format!("an attachment's content of ticket {number}"),
            why: why.to_owned(),
        };
        let path = path(number, attachment.sha256);
        let open = self.place.shelf.open(&path).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                // It may not have been moved yet.
                self.end_rest(disk);
                self.place.shelf.open(&path)
            }
            _ => Err(error),
        });
        let file = open.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => damaged("it is gone"),
            _ => failed(&error),
        })?;
        let bytes = usize::try_from(attachment.bytes).map_err(|_| damaged("its size is wrong"))?;
        let mut content = Vec::with_capacity(bytes);
        // One byte more would be one too many.
        let limit = attachment.bytes.saturating_add(1);
        file.take(limit).read_to_end(&mut content).map_err(|error| failed(&error))?;
        match Checksum(Sha256::digest(&content).into()) == attachment.sha256 {
            true => Ok(content),
            false => Err(damaged("its checksum is wrong")),
        }
    }
}

/// Contents on disk whose ticket is not. They are removed with it, unless it is committed.
pub(crate) struct Incoming {
    place: Arc<Place>,
    paths: Vec<Moved>,
}

struct Moved {
    from: String,
    to: String,
}

impl Incoming {
    /// What they become with the commit that is about to be made. From here on they are not removed:
    /// where a commit fails nobody knows what the disk kept, and it is looked at afterwards.
    pub(crate) fn commit(mut self) -> Committing {
        Committing { place: Arc::clone(&self.place), paths: std::mem::take(&mut self.paths) }
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        for moved in self.paths.drain(..) {
            if let Err(error) = self.place.shelf.remove(&moved.from) {
                tracing::warn!(%error, "an attachment's content is left over for now");
                self.place.leave(moved);
            }
        }
    }
}

/// Contents whose ticket is being committed.
pub(crate) struct Committing {
    place: Arc<Place>,
    paths: Vec<Moved>,
}

impl Committing {
    /// Moves them to their places: the ticket is on disk.
    pub(crate) fn done(self) {
        for moved in self.paths {
            if let Err(error) = self.place.shelf.rename(&moved.from, &moved.to) {
                tracing::error!(%error, "an attachment's content is not in its place yet");
                self.place.leave(moved);
            }
        }
    }
}

impl Committing {
    /// Leaves them where they are: the commit failed, and nobody knows what the disk kept.
    pub(crate) fn unsure(self) {
        self.paths.into_iter().for_each(|moved| self.place.leave(moved));
    }
}

fn write(place: Arc<Place>, paths: Vec<Moved>, contents: Contents) -> Result<Incoming, StoreError> {
    // From the first byte on, so that what fails half-way is removed.
    let incoming = Incoming { place, paths };
    let shelf = &incoming.place.shelf;
    for (Moved { from, .. }, mut content) in incoming.paths.iter().zip(contents) {
        shelf.write(from, &mut *content).map_err(|error| failed(&error))?;
    }
    shelf.sync(INCOMING).map_err(|error| failed(&error))?;
    Ok(incoming)
}

/// Ends what was under way when the store was left.
fn tidy(shelf: &dyn Shelf, disk: &impl Disk) -> Result<(), StoreError> {
    let names = shelf.list(INCOMING).map_err(|error| failed(&error))?;
    names.iter().try_for_each(|name| end(shelf, disk, name))
}

/// Moves a file that was under way to its place, or removes it.
fn end(shelf: &dyn Shelf, disk: &impl Disk, name: &str) -> Result<(), StoreError> {
    let from = format!("{INCOMING}{name}");
    let done = match belongs(shelf, disk, name, &from) {
        Ok(Some(to)) => shelf.rename(&from, &to),
        Ok(None) => shelf.remove(&from),
        Err(error @ StoreError::Damaged { .. }) => {
            tracing::error!(%error, name, "an attachment's content is left where it is");
            Ok(())
        }
        Err(error) => return Err(error),
    };
    done.map_err(|error| failed(&error))
}

/// Where a file under way belongs, if a ticket names it and it is whole.
fn belongs(
    shelf: &dyn Shelf,
    disk: &impl Disk,
    name: &str,
    from: &str,
) -> Result<Option<String>, StoreError> {
    let mut parts = name.split('-');
    let (Some(Ok(number)), Some(Ok(sha256))) =
        (parts.next().map(str::parse), parts.next().map(str::parse))
    else {
        return Ok(None);
    };
    let is_right = is_named(disk, number, sha256)?
        && shelf.open(from).and_then(checksum).map_err(|error| failed(&error))? == sha256;
    Ok(is_right.then(|| path(number, sha256)))
}

/// Whether the ticket has an attachment of this content.
fn is_named(disk: &impl Disk, number: TicketNumber, sha256: Checksum) -> Result<bool, StoreError> {
    let Some((ticket, state)) = stored(disk, number)? else { return Ok(false) };
    let is_in = |attachments: &[Attachment]| attachments.iter().any(|it| it.sha256 == sha256);
    let mut later = (1..=state.later_events).map(|place| event(disk, number, place));
    Ok(is_in(&ticket.attachments)
        || later.try_fold(false, |found, event| Ok(found || is_in(&event?.attachments)))?)
}

fn checksum(mut file: Box<dyn Read>) -> io::Result<Checksum> {
    let mut hash = Sha256::new();
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(Checksum(hash.finalize().into())),
            count => hash.update(piece.get(..count).unwrap_or_default()),
        }
    }
}

fn name(number: TicketNumber, sha256: Checksum) -> String {
    format!("{number}-{sha256}")
}

fn path(number: TicketNumber, sha256: Checksum) -> String {
    format!("{}/{}", number.0 / FOLDER_TICKETS, name(number, sha256))
}

fn failed(error: &(impl std::fmt::Display + ?Sized)) -> StoreError {
    StoreError::Contents(error.to_string().into())
}

#[cfg(test)]
mod tests;

//! Contents on a shelf that fails when it is told to.

use std::sync::Mutex;

use jiff::Timestamp;
use omnihub_contract::{Attachment, Event, EventKind, Source};
use serde_json::json;

use super::*;
use crate::clock::SystemClock;
use crate::store::committer::Committed;
use crate::store::memory::{MemoryDisk, MemoryShelf};
use crate::store::{Acceptance, Store, StoreSettings};

/// Fails at the call of this place, counted from 0; then works again.
#[derive(Default)]
struct Failing {
    shelf: MemoryShelf,
    fails_at: Mutex<Option<usize>>,
}

impl Failing {
    fn counted(&self) -> io::Result<()> {
        let mut at = self.fails_at.lock().unwrap();
        let is_now = *at == Some(0);
        *at = at.and_then(|at| at.checked_sub(1));
        if is_now { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}

impl Shelf for Failing {
    fn write(&self, path: &str, content: &mut dyn Read) -> io::Result<()> {
        // What a full disk leaves of it.
        self.shelf.write(path, &mut content.take(2))?;
        self.counted()
    }

    fn sync(&self, folder: &str) -> io::Result<()> {
        self.counted().and_then(|()| self.shelf.sync(folder))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.counted().and_then(|()| self.shelf.rename(from, to))
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.shelf.remove(path)
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn Read>> {
        self.counted().and_then(|()| self.shelf.open(path))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        self.shelf.list(folder)
    }
}

fn settings() -> StoreSettings {
    let numbering = "made-up.number".parse().unwrap();
    StoreSettings::of(1_000, numbering)
}

/// A ticket with two small files.
fn acceptance(store: &dyn Store) -> Acceptance {
    let at: Timestamp = "2024-12-19T10:30:00Z".parse().unwrap();
    let files: Vec<Attachment> = ["AA", "BB"].map(attachment).into();
    let ticket = json!({
        "id": uuid::Uuid::nil(), "number": store.reserve_number(), "kind": "ticket",
        "partner": "p", "service_type": "OTHER", "channel": "CHAT", "priority": "LOW",
        "title": "t", "description": "d", "customer": { "name": "n" }, "attachments": files,
        "sla": { "hours": 1, "response_due": at, "resolution_due": at }, "created_at": at,
    });
    let contents = ["AA", "BB"].map(|text| -> Box<dyn Read + Send> { Box::new(text.as_bytes()) });
    Acceptance {
        ticket: serde_json::from_value(ticket).unwrap(),
        event: Event::new(EventKind::TicketCreated, at, Source::Client),
        due: Vec::new(),
        contents: contents.into(),
        request: None,
        likeness: None,
        public_number: None,
    }
}

fn attachment(content: &str) -> Attachment {
    Attachment {
        filename: "a".into(),
        mime_type: "text/plain".into(),
        size: 2,
        description: None,
        bytes: 2,
        sha256: Checksum(Sha256::digest(content).into()),
    }
}

#[tokio::test]
async fn a_disk_that_is_full_at_any_moment_keeps_neither_the_ticket_nor_a_file() {
    let shelf = Arc::new(Failing::default());
    let kept = Arc::clone(&shelf);
    let store =
        Committed::start(MemoryDisk::default(), kept, &settings(), SystemClock::shared()).unwrap();
    // Two files are written, then their folder is synced.
    for at in 0..3 {
        *shelf.fails_at.lock().unwrap() = Some(at);
        let acceptance = acceptance(&store);
        let number = acceptance.ticket.number;
        let refused = store.accept(acceptance).await;
        assert!(matches!(refused, Err(StoreError::Contents(_))), "{at}: {refused:?}");
        assert!(store.find(&number.to_string()).unwrap().is_none());
        assert!(shelf.list("").unwrap().is_empty(), "{at}");
    }
    let acceptance = acceptance(&store);
    let ticket = Arc::clone(&acceptance.ticket);
    store.accept(acceptance).await.unwrap();
    assert_eq!(store.content(ticket.number, &ticket.attachments[1]).unwrap(), b"BB");
    *shelf.fails_at.lock().unwrap() = Some(0);
    let unread = store.content(ticket.number, &ticket.attachments[1]);
    assert!(matches!(unread, Err(StoreError::Contents(_))), "{unread:?}");
}

#[tokio::test]
async fn what_cannot_be_moved_to_its_place_is_moved_when_it_is_read_or_at_the_next_opening() {
    let (shelf, disk) = (Arc::new(Failing::default()), MemoryDisk::default());
    let open = || {
        let shelf = Arc::clone(&shelf);
        Committed::start(disk.clone(), shelf, &settings(), SystemClock::shared()).unwrap()
    };
    for is_read in [true, false] {
        let store = open();
        *shelf.fails_at.lock().unwrap() = Some(3);
        let acceptance = acceptance(&store);
        let ticket = Arc::clone(&acceptance.ticket);
        store.accept(acceptance).await.unwrap();
        assert_eq!(shelf.list(INCOMING).unwrap().len(), 1);
        let store = if is_read { store } else { open() };
        assert_eq!(store.content(ticket.number, &ticket.attachments[0]).unwrap(), b"AA");
        assert!(shelf.list(INCOMING).unwrap().is_empty());
    }
}

#[tokio::test]
async fn what_nobody_waits_for_is_removed_and_what_is_being_committed_is_not() {
    let shelf = Arc::new(MemoryShelf::default());
    let keeper = Keeper::open(Arc::<MemoryShelf>::clone(&shelf), &MemoryDisk::default()).unwrap();
    let take_in = async || {
        let content: Contents = vec![Box::new(&b"AA"[..])];
        keeper.take_in(TicketNumber(7), &[attachment("AA")], content).await.unwrap()
    };
    drop(take_in().await);
    assert!(shelf.list("").unwrap().is_empty());
    drop(take_in().await.commit());
    assert_eq!(shelf.list(INCOMING).unwrap().len(), 1);
    tidy(&*shelf, &MemoryDisk::default()).unwrap();
    assert!(shelf.list("").unwrap().is_empty(), "there is no such ticket");
}

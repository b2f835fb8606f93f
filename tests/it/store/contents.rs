//! Contents of attachments: what every store does with them, and what becomes of their files.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use omnihub::store::{Acceptance, Accepted, Change, Changed, Store, StoreError};
use omnihub_contract::{Attachment, Event, EventKind, Source, Ticket, TicketNumber};

use super::crash::reopened;
use super::in_folder;
use super::samples::{attachment, given, request, with_files};

/// A content of so many bytes that is like no other.
fn content(bytes: usize, seed: u8) -> Vec<u8> {
    (0..bytes).map(|at| at.wrapping_mul(at).to_le_bytes()[1] ^ seed).collect()
}

fn addition(number: TicketNumber, contents: &[Vec<u8>]) -> Change {
    let at = "2024-12-19T11:30:00Z".parse().unwrap();
    let attachments = contents.iter().map(|content| attachment(content)).collect();
    let event = Event::new(EventKind::TicketAttachmentAdded, at, Source::Client);
    let event = Event { attachments, ..event };
    Change { number, event, due: Vec::new(), contents: given(contents), request: None }
}

#[track_caller]
fn check_kept(store: &dyn Store, number: TicketNumber, contents: &[Vec<u8>]) {
    for content in contents {
        assert!(store.content(number, &attachment(content)).unwrap() == *content);
    }
}

#[track_caller]
fn check_damaged(store: &dyn Store, number: TicketNumber, content: &[u8], why: &str) {
    let error = store.content(number, &attachment(content)).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    assert!(error.to_string().ends_with(why), "{error}");
}

pub(super) async fn contents_come_back_exactly_as_they_came(store: Arc<dyn Store>) {
    let number = store.reserve_number();
    let first = [content(3_000_000, 1), Vec::new(), content(70_000, 2), content(70_000, 2)];
    store.accept(with_files(number, &first).1).await.unwrap();
    let later = [content(100, 3), content(70_000, 2)];
    for place in 1..=2 {
        let changed = store.change(addition(number, &later)).await.unwrap();
        assert_eq!(changed, Changed::Kept { event: place, deliveries: Vec::new() });
    }
    check_kept(&*store, number, &first);
    check_kept(&*store, number, &later);
    check_damaged(&*store, TicketNumber(number.0 + 1), &later[0], "it is gone");
}

pub(super) async fn what_is_not_kept_leaves_no_contents(store: Arc<dyn Store>) {
    let with_key = |contents: &[Vec<u8>]| {
        let (ticket, acceptance) = with_files(store.reserve_number(), contents);
        (ticket.number, Acceptance { request: Some(request(7, 1)), ..acceptance })
    };
    let (first, second) = (with_key(&[content(10, 1)]), with_key(&[content(10, 2)]));
    assert_eq!(store.accept(first.1).await.unwrap(), Accepted::Kept);
    assert!(matches!(store.accept(second.1).await.unwrap(), Accepted::Repeated(_)));
    check_kept(&*store, first.0, &[content(10, 1)]);
    check_damaged(&*store, second.0, &content(10, 2), "it is gone");
    let none = TicketNumber(17);
    assert_eq!(store.change(addition(none, &[content(9, 1)])).await.unwrap(), Changed::NoTicket);
    check_damaged(&*store, none, &content(9, 1), "it is gone");
}

pub(super) async fn a_content_that_ends_in_an_error_is_not_kept(store: Arc<dyn Store>) {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("cut"))
        }
    }
    let whole = content(100_000, 1);
    let (ticket, acceptance) = with_files(store.reserve_number(), std::slice::from_ref(&whole));
    let cut: Box<dyn Read + Send> = Box::new(std::io::Cursor::new(whole.clone()).chain(Broken));
    let refused = store.accept(Acceptance { contents: vec![cut], ..acceptance }).await;
    assert!(matches!(refused, Err(StoreError::Contents(_))), "{refused:?}");
    assert!(store.find(&ticket.number.to_string()).unwrap().is_none());
    check_damaged(&*store, ticket.number, &whole, "it is gone");
}

/// Files below the folder of contents, by their names.
fn files(folder: &Path) -> Vec<PathBuf> {
    let folders = fs::read_dir(folder.join("contents")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = folders
        .flat_map(|folder| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()))
        .collect();
    files.sort();
    files
}

fn incoming(folder: &Path, number: TicketNumber, of: &Attachment, which: u8) -> PathBuf {
    folder.join(format!("contents/incoming/{number}-{}-{which}-0", of.sha256))
}

async fn accepted(store: &dyn Store, contents: &[Vec<u8>]) -> Arc<Ticket> {
    let (ticket, acceptance) = with_files(store.reserve_number(), contents);
    store.accept(acceptance).await.unwrap();
    ticket
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_under_way_at_a_crash_is_kept_if_a_ticket_names_it_and_removed_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let store = in_folder(folder.path());
    let (one, two, three) = (content(50_000, 1), content(50_000, 2), content(50_000, 3));
    let ticket = accepted(&*store, &[one.clone(), two.clone()]).await;
    store.change(addition(ticket.number, std::slice::from_ref(&three))).await.unwrap();
    drop(store);
    let [first, second] = [0, 1].map(|at| &ticket.attachments[at]);
    let third = attachment(&three);
    let placed = files(folder.path());
    assert_eq!(placed.len(), 3);
    // As before they were moved: one of the create, one of the change.
    for (file, of) in [(&placed, first), (&placed, &third)] {
        let is_its = |path: &&PathBuf| path.to_string_lossy().contains(&of.sha256.to_string());
        let from = file.iter().find(is_its).unwrap();
        fs::rename(from, incoming(folder.path(), ticket.number, of, 0)).unwrap();
    }
    // Cut while they were written: by another change with the same file, and without a ticket.
    fs::write(incoming(folder.path(), ticket.number, second, 1), &two[..4_000]).unwrap();
    fs::write(incoming(folder.path(), ticket.number, first, 2), &one[..4_000]).unwrap();
    fs::write(incoming(folder.path(), TicketNumber(ticket.number.0 + 1), first, 3), &one).unwrap();
    fs::write(folder.path().join("contents/incoming/left"), "x").unwrap();
    let store = reopened(folder.path());
    check_kept(&*store, ticket.number, &[one, two, three]);
    assert_eq!(files(folder.path()), placed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_what_was_accepted_is_never_given_out() {
    let folder = tempfile::tempdir().unwrap();
    let store = in_folder(folder.path());
    let whole = content(50_000, 1);
    let number = accepted(&*store, std::slice::from_ref(&whole)).await.number;
    let file = files(folder.path()).remove(0);
    let mut changed = whole.clone();
    changed[40_000] ^= 1;
    let longer = [&*whole, b"x"].concat();
    for wrong in [&*changed, &whole[..49_999], &longer, b""] {
        fs::write(&file, wrong).unwrap();
        check_damaged(&*store, number, &whole, "its checksum is wrong");
    }
    fs::remove_file(&file).unwrap();
    check_damaged(&*store, number, &whole, "it is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_files_cannot_be_written_nothing_is_accepted_and_then_it_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = in_folder(folder.path());
    let away = folder.path().join("away");
    fs::rename(folder.path().join("contents/incoming"), &away).unwrap();
    let (ticket, acceptance) = with_files(store.reserve_number(), &[content(10, 1)]);
    let refused = store.accept(acceptance).await;
    assert!(matches!(refused, Err(StoreError::Contents(_))), "{refused:?}");
    assert!(store.find(&ticket.number.to_string()).unwrap().is_none());
    fs::rename(away, folder.path().join("contents/incoming")).unwrap();
    let number = accepted(&*store, &[content(10, 1)]).await.number;
    check_kept(&*store, number, &[content(10, 1)]);
}

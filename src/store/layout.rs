//! Keys of the store. One tree; the first byte says what it is.
//!
//! | key | value |
//! |---|---|
//! | `m` name | the store's own facts: `format`, `opened`, `tally` |
//! | `t` number | the ticket and the state it starts with; written once, and once more when it is purged |
//! | `s` number | the ticket's state, once it has changed |
//! | `e` number event | an event after the first |
//! | `d` number ordinal place | an attempt of a delivery: the first, or one of the newest |
//! | `f` adapter track group | deliveries that one commit made ready: number and ordinal of each, and when that was |
//! | `w` adapter track due number ordinal | a delivery that is ready at its time |
//! | `l` number ordinal | a held or dead delivery |
//! | `i` hash | a request with a key |
//! | `j` time group | keys of requests that may be forgotten then |
//! | `a` time group | claims of one commit that came without a request id, remembered until then |
//! | `r` hash number | a ticket with this channel reference |
//! | `n` text | the ticket that has this number of the numbering adapter, or another id that it gave |
//! | `x` adapter 0 name 0 text | the ticket to which the adapter gave this receipt when it was created |
//! | `k` id, `p` name, `h` name | a key, a partner, an adapter that a person has paused |
//! | `q` time group, `y` time group | numbers of the tickets that one commit left finished, or purged |
//! | `z` number | checksums of a purged ticket's files, until they are removed |
//! | `o` place | texts of mapping files that were in force |
//! | `c` name | something that a system told of a ticket that nobody knows |
//! | `v` due number | a ticket whose SLA is due then |
//! | `g` number adapter | when a ticket is polled there, and how idle it is |
//! | `u` adapter 0 idleness due number | the same, in the order of polling |
//!
//! Numbers are big-endian, so that keys sort as they do. A track is 0 (changes), 1 (creates), or 2, a
//! destination and 0 (aside); adapter names hold none of the three, destinations no 0. Contents of
//! attachments are files (`contents`).

use jiff::Timestamp;
use omnihub_contract::{AdapterName, DeliveryId, TicketNumber};

use super::{RecordKind, RequestKey, Track};

/// Version of this layout. A newer store is refused, an older one brought up to date on opening
/// (`upgrade`). Whatever an older program would misread, or leave out, is a new one.
pub const FORMAT: u32 = 2;

const GROUPS: u8 = b'f';
const TIMED: u8 = b'w';

/// Prefix of all tickets.
pub(crate) const TICKETS: &[u8] = b"t";
/// Comes after all of them.
pub(crate) const AFTER_TICKETS: &[u8] = b"u";
/// Prefix of all held and dead deliveries.
pub(crate) const LEDGER: &[u8] = b"l";

/// A time as keys have it.
pub(crate) fn epoch_ms(at: Timestamp) -> u64 {
    u64::try_from(at.as_millisecond()).unwrap_or(0)
}

/// Where the version of the layout stands.
pub(crate) fn format() -> Vec<u8> {
    b"mformat".to_vec()
}

/// Where it stands when the disk was last opened after a failure.
pub(crate) fn opened() -> Vec<u8> {
    b"mopened".to_vec()
}

/// Where it stands how many deliveries are owed.
pub(crate) fn tally() -> Vec<u8> {
    b"mtally".to_vec()
}

pub(crate) fn ticket(number: TicketNumber) -> Vec<u8> {
    numbered(b't', number)
}

pub(crate) fn state(number: TicketNumber) -> Vec<u8> {
    numbered(b's', number)
}

/// Prefix of a ticket's events after the first.
pub(crate) fn events(number: TicketNumber) -> Vec<u8> {
    numbered(b'e', number)
}

pub(crate) fn event(number: TicketNumber, event: u16) -> Vec<u8> {
    [&*events(number), &event.to_be_bytes()].concat()
}

/// Prefix of a delivery's attempts.
pub(crate) fn attempts(id: DeliveryId) -> Vec<u8> {
    delivery(b'd', id)
}

pub(crate) fn attempt(id: DeliveryId, place: u8) -> Vec<u8> {
    [&*attempts(id), &[place]].concat()
}

/// Prefix of the tickets with this reference; the hash says in whose eyes.
pub(crate) fn references(hash: &[u8; 16]) -> Vec<u8> {
    tagged(b'r', hash)
}

/// Sorted backwards, so that the newest ticket comes first.
pub(crate) fn reference(hash: &[u8; 16], number: TicketNumber) -> Vec<u8> {
    [&*references(hash), &(u64::MAX - number.0).to_be_bytes()].concat()
}

/// The ticket's number in a reference's key.
pub(crate) fn referred(key: &[u8]) -> Option<TicketNumber> {
    key.last_chunk().map(|bytes| TicketNumber(u64::MAX - u64::from_be_bytes(*bytes)))
}

/// Prefix of what may be forgotten.
pub(crate) const FORGETTABLE: &[u8] = b"j";

pub(crate) fn forgettable(at_ms: u64, group: u64) -> Vec<u8> {
    [FORGETTABLE, &at_ms.to_be_bytes(), &group.to_be_bytes()].concat()
}

/// Prefix of recent claims that came without a request id.
pub(crate) const RECENT: &[u8] = b"a";
/// Comes after all of them.
pub(crate) const AFTER_RECENT: &[u8] = b"b";

pub(crate) fn recent(until_ms: u64, group: u64) -> Vec<u8> {
    [RECENT, &until_ms.to_be_bytes(), &group.to_be_bytes()].concat()
}

/// Prefix of what was finished when.
pub(crate) const FINISHED: &[u8] = b"q";

/// Prefix of what was purged when.
pub(crate) const BARE: &[u8] = b"y";

/// Tickets that a group left finished, or bare: where their numbers stand.
pub(crate) fn ended(index: &[u8], at_ms: u64, group: u64) -> Vec<u8> {
    [index, &at_ms.to_be_bytes(), &group.to_be_bytes()].concat()
}

/// Prefix of what is to be removed.
pub(crate) const UNWANTED: &[u8] = b"z";

/// Checksums of a purged ticket's files, until they are removed.
pub(crate) fn unwanted(number: TicketNumber) -> Vec<u8> {
    numbered(b'z', number)
}

/// Prefix of what is kept of all attempts of a ticket's deliveries.
pub(crate) fn attempts_of(number: TicketNumber) -> Vec<u8> {
    numbered(b'd', number)
}

/// When what stands under this key may be forgotten, in epoch milliseconds.
pub(crate) fn forgettable_at(key: &[u8]) -> Option<u64> {
    key.get(1..9)?.try_into().ok().map(u64::from_be_bytes)
}

pub(crate) fn ledger(id: DeliveryId) -> Vec<u8> {
    delivery(b'l', id)
}

pub(crate) fn request(key: &RequestKey) -> Vec<u8> {
    tagged(b'i', key)
}

pub(crate) fn other_number(text: &str) -> Vec<u8> {
    tagged(b'n', text.as_bytes())
}

pub(crate) fn receipt(adapter: &AdapterName, name: &str, text: &str) -> Vec<u8> {
    [b"x", adapter.as_str().as_bytes(), &[0], name.as_bytes(), &[0], text.as_bytes()].concat()
}

pub(crate) fn record(kind: RecordKind, name: &str) -> Vec<u8> {
    [&records(kind), name.as_bytes()].concat()
}

/// Prefix of all small records of a kind.
pub(crate) fn records(kind: RecordKind) -> Vec<u8> {
    match kind {
        RecordKind::Key => b"k".to_vec(),
        RecordKind::Partner => b"p".to_vec(),
        RecordKind::Pause => b"h".to_vec(),
        RecordKind::Mappings => b"o".to_vec(),
        RecordKind::Notice => b"c".to_vec(),
    }
}

/// The name in the key of a small record.
pub(crate) fn record_name_of(key: &[u8]) -> String {
    String::from_utf8_lossy(key.get(1..).unwrap_or_default()).into_owned()
}

/// Prefix of tickets whose SLA is due.
pub(crate) const SLAS: &[u8] = b"v";

pub(crate) fn sla(due_ms: u64, number: TicketNumber) -> Vec<u8> {
    [SLAS, &due_ms.to_be_bytes(), &number.0.to_be_bytes()].concat()
}

/// Prefix of an adapter's polls of one idleness.
pub(crate) fn polls(adapter: &AdapterName, idle: u8) -> Vec<u8> {
    [&*of_adapter(b'u', adapter, 0), &[idle]].concat()
}

pub(crate) fn poll(
    adapter: &AdapterName,
    idle: u8,
    (due_ms, number): (u64, TicketNumber),
) -> Vec<u8> {
    [&*polls(adapter, idle), &due_ms.to_be_bytes(), &number.0.to_be_bytes()].concat()
}

/// Comes after all of them.
pub(crate) fn after_polls(prefix: &[u8]) -> Vec<u8> {
    [prefix, &[u8::MAX; 17]].concat()
}

/// Time and ticket in a key that ends with both.
pub(crate) fn planned(prefix: &[u8], key: &[u8]) -> Option<(Timestamp, TicketNumber)> {
    let (due, rest) = key.strip_prefix(prefix)?.split_first_chunk()?;
    let due = Timestamp::from_millisecond(i64::try_from(u64::from_be_bytes(*due)).ok()?).ok()?;
    Some((due, TicketNumber(u64::from_be_bytes(*rest.first_chunk()?))))
}

pub(crate) fn own_poll(number: TicketNumber, adapter: &AdapterName) -> Vec<u8> {
    [&*numbered(b'g', number), adapter.as_str().as_bytes()].concat()
}

/// Prefix of a track's groups of ready deliveries.
pub(crate) fn groups(adapter: &AdapterName, track: &Track) -> Vec<u8> {
    of_track(GROUPS, adapter, track)
}

/// Prefix of a track's deliveries that are ready at their time.
pub(crate) fn timed(adapter: &AdapterName, track: &Track) -> Vec<u8> {
    of_track(TIMED, adapter, track)
}

/// Prefixes of both indexes of an adapter's deliveries that stand aside.
pub(crate) fn asides(adapter: &AdapterName) -> [Vec<u8>; 2] {
    [GROUPS, TIMED].map(|tag| of_adapter(tag, adapter, 2))
}

/// The destination in a key under one of them.
pub(crate) fn aside_of(prefix: &[u8], key: &[u8]) -> Option<Box<str>> {
    let name = key.strip_prefix(prefix)?.split(|byte| *byte == 0).next()?;
    std::str::from_utf8(name).ok().map(Box::from)
}

/// Comes after all keys of that destination.
pub(crate) fn after_aside(prefix: &[u8], destination: &str) -> Vec<u8> {
    [prefix, destination.as_bytes(), &[1]].concat()
}

pub(crate) fn group(prefix: &[u8], group: u64) -> Vec<u8> {
    [prefix, &group.to_be_bytes()].concat()
}

/// What stands in a group's value.
pub(crate) fn group_value(ids: &[DeliveryId], made_at_ms: u64) -> Vec<u8> {
    let mut value: Vec<u8> = ids.iter().flat_map(|id| pack(*id)).collect();
    value.extend_from_slice(&made_at_ms.to_be_bytes());
    value
}

/// The deliveries in a group's value.
pub(crate) fn grouped(value: &[u8]) -> impl Iterator<Item = DeliveryId> {
    value.chunks_exact(ID_BYTES).filter_map(unpack)
}

/// When a group was made, in epoch milliseconds; nothing in one of format 1.
pub(crate) fn group_made_at(value: &[u8]) -> Option<u64> {
    value.chunks_exact(ID_BYTES).remainder().try_into().ok().map(u64::from_be_bytes)
}

/// The group's number in its key.
pub(crate) fn group_of(key: &[u8]) -> Option<u64> {
    key.last_chunk().map(|bytes| u64::from_be_bytes(*bytes))
}

pub(crate) fn timed_entry(prefix: &[u8], due_ms: u64, id: DeliveryId) -> Vec<u8> {
    [prefix, &due_ms.to_be_bytes(), &pack(id)].concat()
}

/// Comes after all of an index's entries.
pub(crate) fn after_timed(prefix: &[u8]) -> Vec<u8> {
    [prefix, &[u8::MAX; 8 + ID_BYTES + 1]].concat()
}

/// Time and delivery in a timed key.
pub(crate) fn timed_entry_of(prefix: &[u8], key: &[u8]) -> Option<(u64, DeliveryId)> {
    let (due, id) = key.strip_prefix(prefix)?.split_first_chunk()?;
    Some((u64::from_be_bytes(*due), unpack(id)?))
}

/// Bytes of a packed delivery id.
const ID_BYTES: usize = 10;

/// A delivery id in ten bytes.
fn pack(id: DeliveryId) -> [u8; ID_BYTES] {
    let mut bytes = [0; ID_BYTES];
    let (number, ordinal) = bytes.split_at_mut(8);
    number.copy_from_slice(&id.ticket.0.to_be_bytes());
    ordinal.copy_from_slice(&id.ordinal.to_be_bytes());
    bytes
}

/// The delivery id in ten bytes.
fn unpack(bytes: &[u8]) -> Option<DeliveryId> {
    let (number, rest) = bytes.split_first_chunk()?;
    let ordinal = rest.first_chunk()?;
    let ticket = TicketNumber(u64::from_be_bytes(*number));
    Some(DeliveryId { ticket, ordinal: u16::from_be_bytes(*ordinal) })
}

/// The number in a key of a ticket, state or ledger entry.
pub(crate) fn number_of(key: &[u8]) -> Option<TicketNumber> {
    let bytes = key.get(1..9)?.try_into().ok()?;
    Some(TicketNumber(u64::from_be_bytes(bytes)))
}

fn numbered(tag: u8, number: TicketNumber) -> Vec<u8> {
    let mut key = Vec::with_capacity(13);
    key.push(tag);
    key.extend_from_slice(&number.0.to_be_bytes());
    key
}

fn delivery(tag: u8, id: DeliveryId) -> Vec<u8> {
    let mut key = numbered(tag, id.ticket);
    key.extend_from_slice(&id.ordinal.to_be_bytes());
    key
}

fn tagged(tag: u8, rest: &[u8]) -> Vec<u8> {
    [&[tag], rest].concat()
}

fn of_track(tag: u8, adapter: &AdapterName, track: &Track) -> Vec<u8> {
    match track {
        Track::Changes => of_adapter(tag, adapter, 0),
        Track::Creates => of_adapter(tag, adapter, 1),
        Track::Aside(destination) => {
            [&*of_adapter(tag, adapter, 2), destination.as_bytes(), &[0]].concat()
        }
    }
}

fn of_adapter(tag: u8, adapter: &AdapterName, track: u8) -> Vec<u8> {
    [&[tag], adapter.as_str().as_bytes(), &[track]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_key_has_a_first_byte_of_its_own() {
        let (number, adapter) = (TicketNumber(1), AdapterName::from("desk"));
        let id = DeliveryId { ticket: number, ordinal: 1 };
        let kinds: Vec<Vec<u8>> = vec![
            format(),
            ticket(number),
            state(number),
            events(number),
            groups(&adapter, &Track::Changes),
            timed(&adapter, &Track::Changes),
            ledger(id),
            request(&[0; 32]),
            FORGETTABLE.to_vec(),
            RECENT.to_vec(),
            references(&[0; 16]),
            other_number("1"),
            FINISHED.to_vec(),
            BARE.to_vec(),
            SLAS.to_vec(),
            polls(&adapter, 0),
            own_poll(number, &adapter),
            records(RecordKind::Key),
            records(RecordKind::Partner),
            records(RecordKind::Pause),
            records(RecordKind::Mappings),
            records(RecordKind::Notice),
        ];
        let mut bytes: Vec<u8> = kinds.iter().map(|key| key[0]).collect();
        bytes.sort_unstable();
        bytes.dedup();
        assert_eq!(bytes.len(), kinds.len(), "{}", String::from_utf8_lossy(&bytes));
    }
}

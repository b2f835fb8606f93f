//! Collecting the pieces of a body, within its limit and its place.
//!
//! It counts what is kept, which for a packed body is what it unpacks to: a bomb is refused as soon as
//! it passes the limit, and the rest of it is never unpacked.

use std::io::{self, Write};

use bytes::{Bytes, BytesMut};
use flate2::write::MultiGzDecoder;
use http::StatusCode;

use super::room::Place;
use super::{Whole, too_large};
use crate::http::reply::Problem;

/// Bytes for which a Content-Length is enough to be given room; the rest is, once these have come.
const BYTES_BELIEVED: usize = 1 << 20;

/// The pieces so far.
pub(super) struct Gathered {
    place: Place,
    bytes_max: usize,
    bytes_expected: usize,
    /// Nearly every body comes in one piece, and then needs no copy.
    first: Bytes,
    rest: BytesMut,
}

impl Gathered {
    /// Nothing yet, of about so many bytes.
    pub(super) fn new(place: Place, bytes_max: usize, bytes_expected: usize) -> Self {
        let (first, rest) = (Bytes::new(), BytesMut::new());
        Self { place, bytes_max, bytes_expected: bytes_expected.min(bytes_max), first, rest }
    }

    pub(super) fn bytes_max(&self) -> usize {
        self.bytes_max
    }

    /// One piece more.
    pub(super) fn add(&mut self, piece: Bytes) -> Result<(), Problem> {
        self.count(piece.len())?;
        if self.first.is_empty() && self.rest.is_empty() {
            self.first = piece;
        } else {
            self.copy(&piece);
        }
        Ok(())
    }

    pub(super) fn into_whole(self) -> Whole {
        let bytes = if self.rest.is_empty() { self.first } else { self.rest.freeze() };
        (bytes, self.place)
    }

    fn copy(&mut self, piece: &[u8]) {
        let first = std::mem::take(&mut self.first);
        for piece in [&*first, piece] {
            let kept = self.rest.len();
            let is_begun = kept >= BYTES_BELIEVED;
            let expected =
                self.bytes_expected.min(if is_begun { usize::MAX } else { BYTES_BELIEVED });
            self.rest.reserve(piece.len().max(expected.saturating_sub(kept)));
            self.rest.extend_from_slice(piece);
        }
    }

    fn count(&mut self, bytes: usize) -> Result<(), Problem> {
        if self.first.len() + self.rest.len() + bytes > self.bytes_max {
            return Err(too_large(self.bytes_max));
        }
        if !self.place.grow(bytes) {
            return Err(too_many());
        }
        Ok(())
    }
}

/// Those that are under way take all the room that there is for large ones.
pub(super) fn too_many() -> Problem {
    let text = "Too many large requests at once: try again shortly";
    Problem::of(StatusCode::SERVICE_UNAVAILABLE, text).retry_after(1)
}

/// Packed bytes that are unpacked in one go. They make at most a thousand times as many, some
/// milliseconds' work, and then other tasks have their turn.
const PACKED_BYTES_AT_ONCE: usize = 4 << 10;

/// The pieces so far of a body that came as gzip.
pub(super) struct Unpacked(MultiGzDecoder<Kept>);

impl Unpacked {
    pub(super) fn new(gathered: Gathered) -> Self {
        Self(MultiGzDecoder::new(Kept { gathered, refused: None }))
    }

    /// One packed piece more.
    pub(super) async fn add(&mut self, piece: &[u8]) -> Result<(), Problem> {
        for part in piece.chunks(PACKED_BYTES_AT_ONCE) {
            let unpacked = self.0.write_all(part);
            unpacked.map_err(|_| self.refused())?;
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// What came of them; checks their length and checksum.
    pub(super) fn finish(mut self) -> Result<Gathered, Problem> {
        let finished = self.0.try_finish();
        finished.map_err(|_| self.refused())?;
        self.0.finish().map(|kept| kept.gathered).map_err(|_| not_gzip())
    }

    fn refused(&mut self) -> Problem {
        self.0.get_mut().refused.take().unwrap_or_else(not_gzip)
    }
}

fn not_gzip() -> Problem {
    Problem::of(StatusCode::BAD_REQUEST, "The request body is not the gzip that its header says")
}

/// Where the decoder writes to. It knows only I/O errors: the reason of ours is kept beside.
struct Kept {
    gathered: Gathered,
    refused: Option<Problem>,
}

impl Write for Kept {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if let Err(problem) = self.gathered.count(piece.len()) {
            self.refused.get_or_insert(problem);
            return Err(io::ErrorKind::Other.into());
        }
        self.gathered.copy(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;
    use crate::http::body::Room;

    #[tokio::test]
    async fn of_a_bomb_only_what_is_within_the_limit_is_unpacked() {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(&vec![0; 20_000_000]).unwrap();
        let packed = packed.finish().unwrap();
        let room = Room::of(usize::MAX, usize::MAX);
        let mut unpacked = Unpacked::new(Gathered::new(room.place(), 1_000, packed.len()));
        assert!(unpacked.add(&packed).await.is_err());
        let kept = &unpacked.0.get_ref().gathered;
        assert!(kept.first.len() + kept.rest.len() <= 1_000);
        assert!(unpacked.finish().is_err());
    }
}

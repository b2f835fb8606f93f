//! A posted document: a whole body, parsed, and what it takes of the room for bodies.
//!
//! Parsing and checking a large one takes so long that others would wait: that is done aside, few at a
//! time, since a body is in memory twice while it is parsed. Small ones are done on the spot.

use std::io::{self, Read};
use std::ops::Deref;
use std::sync::Arc;

use axum::body::Body;
use http::HeaderMap;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Semaphore;

use super::Bodies;
use super::body::{self, Place};
use super::reply::Problem;
use crate::intake::{Content, Document};
use crate::store::Contents;

/// Bodies from here on are large: those below are done within a millisecond.
const LARGE_BYTES: usize = 256 << 10;

/// A document, which takes its place among all bodies until it is dropped or its contents are.
pub(crate) struct Posted<'a> {
    bodies: &'a Bodies,
    document: Document,
    bytes: usize,
    place: Place,
}

impl<'a> Posted<'a> {
    /// Reads a body of at most so many bytes, and parses it.
    pub(crate) async fn read(
        bodies: &'a Bodies,
        headers: &HeaderMap,
        body: Body,
        bytes_max: usize,
    ) -> Result<Self, Problem> {
        let (whole, place) = body::read(bodies, headers, body, bytes_max).await?;
        let bytes = whole.len();
        // From here on the document stands for the body.
        let document = aside(&bodies.turns, bytes, move || Document::parse(&whole)).await?;
        Ok(Self { bodies, document, bytes, place })
    }

    /// Does what takes the longer the larger the document is.
    pub(crate) async fn aside<T>(&mut self, work: impl FnOnce(&mut Document) -> T) -> T {
        let document = &mut self.document;
        aside(&self.bodies.turns, self.bytes, move || work(document)).await
    }

    /// Its contents as the store takes them. They have the document's place from now on, wherever they
    /// are: they are nearly all of it.
    pub(crate) fn hand_over(&mut self, contents: Vec<Content>) -> Contents {
        if contents.is_empty() {
            return Contents::new();
        }
        let empty = self.bodies.room.place();
        let place = Arc::new(std::mem::replace(&mut self.place, empty));
        let held = |content: Content| -> Box<dyn Read + Send> {
            Box::new(Held { content: content.read(), _place: Arc::clone(&place) })
        };
        contents.into_iter().map(held).collect()
    }
}

impl Deref for Posted<'_> {
    type Target = Document;

    fn deref(&self) -> &Document {
        &self.document
    }
}

/// A content, and the place that it takes until it was read.
struct Held<R> {
    content: R,
    _place: Arc<Place>,
}

impl<R: Read> Read for Held<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.content.read(into)
    }
}

async fn aside<T>(turns: &Semaphore, bytes: usize, work: impl FnOnce() -> T) -> T {
    if bytes < LARGE_BYTES {
        return work();
    }
    // It is never closed.
    let _turn = turns.acquire().await;
    match Handle::current().runtime_flavor() {
        RuntimeFlavor::MultiThread => tokio::task::block_in_place(work),
        // With one thread there is no other to leave the rest to.
        _ => work(),
    }
}

//! The claims that are posted: the documented example as finished bytes, each a claim of its own.
//!
//! Only `transactionId` differs between them, so that none counts as a repetition of another.

use std::io::{self, ErrorKind, Write};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

use crate::Failed;
use crate::wire::find;

/// OMNI API 1.0, "Create Simplified Claim (KLAIM-OMNI)".
const EXAMPLE: &str = include_str!("../../fixtures/omni/create_claim/atm_purchase.json");

/// What stands before the digits of the example's `transactionId`, and how many there are.
const MARK: &str = "\"transactionId\":\"TXN";
const DIGITS: usize = 9;

/// Where claims come from; shared by all connections.
pub(crate) struct Claims {
    bytes: Vec<u8>,
    digits_at: usize,
    used: AtomicU32,
}

impl Claims {
    /// Claims for the server at this address, presented with this key.
    pub(crate) fn new(address: SocketAddr, key: &str) -> Result<Self, Failed> {
        let example: Value = serde_json::from_str(EXAMPLE)?;
        let body = example.get("body").ok_or("the example has no body")?.to_string();
        let bytes = format!(
            "POST /api/omnichannel/claims HTTP/1.1\r\n\
             Host: {address}\r\n\
             Authorization: Bearer {key}\r\n\
             Content-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes();
        let mark_at = find(&bytes, MARK.as_bytes()).ok_or("the example has no transactionId")?;
        Ok(Self { bytes, digits_at: mark_at + MARK.len(), used: AtomicU32::new(0) })
    }

    /// A buffer for [`Claims::renew`].
    pub(crate) fn buffer(&self) -> Vec<u8> {
        self.bytes.clone()
    }

    /// Makes this buffer the next claim.
    pub(crate) fn renew(&self, buffer: &mut [u8]) -> io::Result<()> {
        let serial = self.used.fetch_add(1, Ordering::Relaxed);
        let digits = buffer.get_mut(self.digits_at..self.digits_at + DIGITS);
        write!(digits.ok_or(ErrorKind::InvalidInput)?, "{serial:0DIGITS$}")
    }

    /// How many there were.
    pub(crate) fn used(&self) -> u32 {
        self.used.load(Ordering::Relaxed)
    }
}

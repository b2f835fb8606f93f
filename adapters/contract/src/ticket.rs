//! The canonical ticket: what the hub keeps of a claim or ticket, in its own words.
//!
//! [`Ticket`] is the part that never changes after accepting. What changes (status, receipts,
//! deliveries) is the store's, so that a settle writes a small value and never this one.
//! Times are UTC instants; each adapter's zone and format is configuration.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::checksum::Checksum;
use crate::ids::{PartnerId, TicketId, TicketNumber};
use crate::personal::Personal;
use crate::words::{Category, Channel, Medium, Priority, ServiceType, StatusWord};

/// Which of the two documented creates a ticket came by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// `POST /claims`: a disputed transaction, with an amount.
    Claim,
    /// `POST /tickets`: anything else.
    Ticket,
}

impl Kind {
    /// The word that mapping files use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Ticket => "ticket",
        }
    }
}

/// A claim or ticket as it was accepted. Never changes.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    /// The hub's own identity of it.
    pub id: TicketId,
    /// The hub's number for it.
    pub number: TicketNumber,
    /// Which create it came by.
    pub kind: Kind,
    /// The partner whose key posted it.
    pub partner: PartnerId,
    /// `integration.partnerId`, as sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner_reference: Option<String>,
    /// `integration.requestId` or the `Idempotency-Key` header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What it is about. A claim's is `CLAIM`.
    pub service_type: ServiceType,
    /// Where it came in.
    pub channel: Channel,
    /// The client's own reference in that channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_reference_id: Option<String>,
    /// How urgent it is: as given, or by service type and amount.
    pub priority: Priority,
    /// As given; absent where the client gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// As given, or made from the service type.
    pub title: Personal,
    /// The words of the customer or client, with card numbers masked. Never empty.
    pub description: Personal,
    /// Whose ticket it is.
    pub customer: Customer,
    /// The disputed transaction: always there for a claim, for a ticket as far as its metadata says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Claim>,
    /// `ticket.metadata` as sent, with card numbers masked.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
    /// What was attached, without the contents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// Where the client wants to be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_url: Option<String>,
    /// When it has to be answered and resolved.
    pub sla: Sla,
    /// How long the regulator gives, where it is a complaint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regulatory: Option<Regulatory>,
    /// When the hub took it: when it was received.
    pub created_at: Timestamp,
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket")
            .field("id", &self.id)
            .field("number", &self.number)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// The customer that a ticket is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Customer {
    /// Full name.
    pub name: Personal,
    /// E-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Personal>,
    /// Phone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// CIF, account number or another id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<Personal>,
    /// Code of the branch, with its leading zeros ("001").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch_code: Option<String>,
    /// Name of the branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch_name: Option<String>,
    /// Segment or department.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// Preferred language, `id` or `en`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// A phone number, normalised where that is certain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Phone {
    /// E.164 (`+628123456789`), absent where the text is no Indonesian or international number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e164: Option<Personal>,
    /// As it was sent.
    pub raw: Personal,
}

/// The disputed transaction.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct Claim {
    /// Medium of the transaction; a claim's always, a ticket's never (contract trap 16).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub medium: Option<Medium>,
    /// `jenisTransaksi`: PEMBELIAN, PEMBAYARAN or TRANSFER.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction_type: Option<String>,
    /// Whole rupiah, 1 to 1,000,000,000; a claim's always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<u64>,
    /// Account number, with its leading zeros.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_number: Option<Personal>,
    /// Card number: at most its first six and last four digits, `*` between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<Personal>,
    /// Why the customer claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Personal>,
    /// When the transaction was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    /// The transaction's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction_id: Option<String>,
    /// The transaction's reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference_number: Option<String>,
    /// Id of the cash machine, with its leading zeros ("0126").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub atm_id: Option<String>,
    /// Name of the cash machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub atm_name: Option<String>,
    /// The branch's complaint register number (domain 4.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch_register_number: Option<String>,
}

/// A file that came with a ticket. Its content is not kept here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Name as sent.
    pub filename: Personal,
    /// Media type as sent.
    pub mime_type: String,
    /// Size as sent, in bytes; need not be that of the content (contract trap 26).
    pub size: u64,
    /// Description as sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Personal>,
    /// True size of the content, in bytes: what limits count.
    pub bytes: u64,
    /// Checksum of the content.
    pub sha256: Checksum,
}

/// When a ticket has to be answered and resolved.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sla {
    /// Hours from accepting to resolution.
    pub hours: u32,
    /// First answer due: a quarter of the hours (contract trap 25).
    pub response_due: Timestamp,
    /// Resolution due; the documents call it `estimatedResolution`.
    pub resolution_due: Timestamp,
}

/// How long the regulator gives for a complaint, as the settings said when it came (domain 4.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Regulatory {
    /// How it was made.
    pub form: Form,
    /// Working days to its answer.
    pub days: u16,
    /// Working days that it may be extended by, once.
    pub extension_days: u16,
    /// The name of the clock that these days are of, where it is not the common one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<String>,
}

/// How a complaint was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// By voice.
    Oral,
    /// In writing.
    Written,
}

impl Form {
    /// In a word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Oral => "oral",
            Self::Written => "written",
        }
    }
}

/// A status: OMNI's word, the word it came as, and who said it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// In OMNI's words.
    pub canonical: StatusWord,
    /// As the source said it; absent where the hub itself set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

impl Status {
    /// What every ticket starts with.
    pub fn open() -> Self {
        Self { canonical: StatusWord::Open, raw: None }
    }
}

//! What the hub and its adapters share: the canonical ticket, the [`Adapter`] trait, and what
//! passes through it ([`Delivery`], [`Receipt`], [`Failure`]).
//!
//! It does not know any vendor's words, HTTP, stores, clocks or randomness: everything here is
//! plain data and pure functions. The root package depends on the adapters, and they on this crate,
//! because Cargo refuses a cycle between a package and its own dependants.
//!
//! Invariants:
//! - No secret and no personal datum can be printed: they are [`Secret`] and [`Personal`], and the
//!   types that hold free text implement `Debug` by hand.
//! - Words that an upstream may invent (a status, a priority) are open enums: an unknown word is
//!   kept, never a failed parse.
//!
//! Read on in [`ticket`], then [`adapter`].

pub mod adapter;
pub mod arguments;
pub mod callback;
pub mod checksum;
pub mod draft;
pub mod event;
pub mod ids;
pub mod incoming;
pub mod mask;
pub mod operation;
pub mod outline;
pub mod personal;
pub mod receipts;
pub mod ticket;
pub mod words;

pub use adapter::{
    Adapter, Arguments, BoxFuture, Delivery, Failure, Fault, LookUp, Receipt, SigningSecrets,
};
pub use arguments::{BadArgument, payload, question};
pub use callback::{About, Callback, CallbackAnswer, Look, Notice, Rejected, Told};
pub use checksum::{Checksum, NoChecksum};
pub use draft::Draft;
pub use event::{Breach, Comment, Event, EventKind, SlaDue, Source, StatusChange};
pub use ids::{AdapterName, DeliveryId, PartnerId, TicketId, TicketNumber};
pub use incoming::{Incoming, Pages, Poll};
pub use operation::{Effect, Field, FieldKind, Operation, Place, Repeat};
pub use personal::{ExposeSecret, Personal, Secret};
pub use receipts::{HUB, PUBLIC_NUMBER, ReceiptName, Receipts};
pub use ticket::{Attachment, Claim, Customer, Form, Kind, Phone, Regulatory, Sla, Status, Ticket};
pub use words::{Category, Channel, Medium, Priority, ServiceType, StatusWord};

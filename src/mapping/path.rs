//! The paths of the canonical model: one row a path, with its type and how it is read.
//!
//! A path is found by name when a file is compiled, never while a ticket is mapped. This table is
//! the only place that knows both the names and the ticket.

use omnihub_contract::{Breach, Category, Channel, Claim, Comment, Event, EventKind, Kind, Medium};
use omnihub_contract::{
    Personal, Priority, ServiceType, SlaDue, Status, StatusChange, StatusWord, Ticket,
};

use super::step::Source;
use super::val::{Ty, Val};

/// One path.
pub(super) struct Row {
    /// As mapping files write it.
    pub(super) name: &'static str,
    /// Its type.
    pub(super) ty: Ty,
    /// Whether it is always there: in every ticket, or with every event that it is of.
    pub(super) always: bool,
    /// The only event that it is of; no rule on another can read it.
    pub(super) of: Option<EventKind>,
    /// Every word it can be, where the door takes no other.
    pub(super) words: Option<&'static [&'static str]>,
    /// Whether it may hold personal data.
    pub(super) is_personal: bool,
    /// How it is read.
    pub(super) read: Read,
}

/// How a path is read.
#[derive(Clone, Copy)]
pub(super) enum Read {
    /// From the ticket, which is known when a rule is chosen.
    Ticket(fn(&Ticket) -> Option<Val<'_>>),
    /// From the status at the time of mapping.
    Status(fn(&Status) -> Option<Val<'_>>),
    /// From the event, which is known when a rule is chosen.
    Event(fn(&Event) -> Option<Val<'_>>),
    /// The event's kind, which `on` has asked already.
    Kind,
    /// The files with their contents, which only a dispatcher has; the function says whether there
    /// are any.
    Files(fn(&Ticket, &Event) -> bool),
}

impl Read {
    /// The source that lines and conditions keep of it.
    pub(super) fn source(self) -> Source {
        match self {
            Self::Ticket(read) => Source::Ticket(read),
            Self::Status(read) => Source::Status(read),
            Self::Event(read) => Source::Event(read),
            Self::Kind => Source::Kind,
            Self::Files(are_there) => Source::Files(are_there),
        }
    }
}

impl Row {
    const fn new(name: &'static str, ty: Ty, read: Read) -> Self {
        Self { name, ty, always: false, of: None, words: None, is_personal: false, read }
    }

    const fn ticket(name: &'static str, ty: Ty, read: fn(&Ticket) -> Option<Val<'_>>) -> Self {
        Self::new(name, ty, Read::Ticket(read))
    }

    const fn text(name: &'static str, read: fn(&Ticket) -> Option<Val<'_>>) -> Self {
        Self::ticket(name, Ty::Text, read)
    }

    const fn event(name: &'static str, ty: Ty, read: fn(&Event) -> Option<Val<'_>>) -> Self {
        Self::new(name, ty, Read::Event(read)).always()
    }

    const fn maybe_event(name: &'static str, read: fn(&Event) -> Option<Val<'_>>) -> Self {
        Self::new(name, Ty::Text, Read::Event(read))
    }

    const fn always(self) -> Self {
        Self { always: true, ..self }
    }

    const fn of(self, kind: EventKind) -> Self {
        Self { of: Some(kind), ..self }
    }

    const fn personal(self) -> Self {
        Self { is_personal: true, ..self }
    }

    const fn one_of(self, words: &'static [&'static str]) -> Self {
        Self { words: Some(words), ..self }
    }
}

/// The row of that name.
pub(super) fn find(name: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.name == name)
}

/// Names of all paths.
pub(super) fn names() -> impl Iterator<Item = &'static str> + Clone {
    ROWS.iter().map(|row| row.name)
}

const KINDS: &[&str] = &["claim", "ticket"];

const FORMS: &[&str] = &["oral", "written"];

fn text(text: &str) -> Option<Val<'_>> {
    Some(Val::text(text))
}

fn shown(value: &impl ToString) -> Option<Val<'static>> {
    Some(Val::Text(value.to_string().into()))
}

fn maybe(value: &Option<String>) -> Option<Val<'_>> {
    written(value.as_deref()?)
}

fn personal(value: &Option<Personal>) -> Option<Val<'_>> {
    written(value.as_ref()?.reveal())
}

/// Upstreams take a text without a letter for a missing one, so an optional path does too.
fn written(value: &str) -> Option<Val<'_>> {
    text(value).filter(|value| !value.is_blank())
}

fn commented(event: &Event, read: fn(&Comment) -> Option<Val<'_>>) -> Option<Val<'_>> {
    event.comment.as_ref().and_then(read)
}

fn changed(event: &Event, read: fn(&StatusChange) -> &StatusWord) -> Option<Val<'_>> {
    event.change.as_ref().and_then(|change| text(read(change).as_str()))
}

fn told(event: &Event, read: fn(&StatusChange) -> &Option<Personal>) -> Option<Val<'_>> {
    event.change.as_ref().and_then(|change| personal(read(change)))
}

fn breached(event: &Event, read: fn(&Breach) -> Option<Val<'_>>) -> Option<Val<'_>> {
    event.breach.as_ref().and_then(read)
}

fn claimed(ticket: &Ticket, read: fn(&Claim) -> Option<Val<'_>>) -> Option<Val<'_>> {
    ticket.claim.as_ref().and_then(read)
}

/// Every path, in the order of the documentation.
pub(super) static ROWS: &[Row] = &[
    Row::text("ticket.id", |t| shown(&t.id)).always(),
    Row::text("ticket.number", |t| shown(&t.number)).always(),
    Row::text("ticket.kind", |t| text(Kind::as_str(t.kind))).always().one_of(KINDS),
    Row::text("ticket.partner", |t| text(t.partner.as_str())).always(),
    Row::text("ticket.partner_reference", |t| maybe(&t.partner_reference)),
    Row::text("ticket.request_id", |t| maybe(&t.request_id)),
    Row::text("ticket.service_type", |t| text(t.service_type.as_str()))
        .always()
        .one_of(ServiceType::WORDS),
    Row::text("ticket.channel", |t| text(t.channel.as_str())).always().one_of(Channel::WORDS),
    // A client's own text: in some channels it is a phone number or an address.
    Row::text("ticket.channel_reference_id", |t| maybe(&t.channel_reference_id)).personal(),
    Row::text("ticket.priority", |t| text(t.priority.as_str())).always().one_of(Priority::WORDS),
    Row::text("ticket.category", |t| t.category.as_ref().and_then(|c| text(c.as_str())))
        .one_of(Category::WORDS),
    Row::text("ticket.title", |t| text(t.title.reveal())).always().personal(),
    Row::text("ticket.description", |t| text(t.description.reveal())).always().personal(),
    Row::text("ticket.customer.name", |t| text(t.customer.name.reveal())).always().personal(),
    Row::text("ticket.customer.email", |t| personal(&t.customer.email)).personal(),
    Row::text("ticket.customer.phone", |t| {
        t.customer.phone.as_ref().and_then(|phone| personal(&phone.e164))
    })
    .personal(),
    Row::text("ticket.customer.phone_raw", |t| {
        t.customer.phone.as_ref().and_then(|phone| written(phone.raw.reveal()))
    })
    .personal(),
    Row::text("ticket.customer.identifier", |t| personal(&t.customer.identifier)).personal(),
    Row::text("ticket.customer.branch_code", |t| maybe(&t.customer.branch_code)),
    Row::text("ticket.customer.branch_name", |t| maybe(&t.customer.branch_name)),
    Row::text("ticket.customer.department", |t| maybe(&t.customer.department)),
    Row::text("ticket.customer.language", |t| maybe(&t.customer.language)),
    Row::ticket("ticket.claim", Ty::Group, |t| t.claim.as_ref().map(|_| Val::Group)),
    Row::text("ticket.claim.medium", |t| {
        claimed(t, |c| c.medium.as_ref().and_then(|medium| text(medium.as_str())))
    })
    .one_of(Medium::WORDS),
    Row::text("ticket.claim.transaction_type", |t| claimed(t, |c| maybe(&c.transaction_type))),
    Row::ticket("ticket.claim.amount", Ty::Whole, |t| claimed(t, |c| c.amount.map(Val::Whole))),
    Row::text("ticket.claim.account_number", |t| claimed(t, |c| personal(&c.account_number)))
        .personal(),
    Row::text("ticket.claim.card", |t| claimed(t, |c| personal(&c.card))).personal(),
    Row::text("ticket.claim.reason", |t| claimed(t, |c| personal(&c.reason))).personal(),
    Row::ticket("ticket.claim.occurred_at", Ty::Time, |t| {
        claimed(t, |c| c.occurred_at.map(Val::Time))
    }),
    Row::text("ticket.claim.transaction_id", |t| claimed(t, |c| maybe(&c.transaction_id))),
    Row::text("ticket.claim.reference_number", |t| claimed(t, |c| maybe(&c.reference_number))),
    Row::text("ticket.claim.atm_id", |t| claimed(t, |c| maybe(&c.atm_id))),
    Row::text("ticket.claim.atm_name", |t| claimed(t, |c| maybe(&c.atm_name))),
    Row::text("ticket.claim.branch_register_number", |t| {
        claimed(t, |c| maybe(&c.branch_register_number))
    }),
    Row::ticket("ticket.metadata", Ty::Object, |t| {
        (!t.metadata.is_empty()).then_some(Val::Object(&t.metadata))
    })
    .personal(),
    Row::new("ticket.attachments", Ty::List, Read::Files(|t, _| !t.attachments.is_empty()))
        .of(EventKind::TicketCreated)
        .personal(),
    Row::text("ticket.webhook_url", |t| maybe(&t.webhook_url)),
    Row::ticket("ticket.created_at", Ty::Time, |t| Some(Val::Time(t.created_at))).always(),
    Row::text("ticket.form", |t| {
        t.regulatory.as_ref().and_then(|regulatory| text(regulatory.form.as_str()))
    })
    .one_of(FORMS),
    Row::ticket("ticket.sla.hours", Ty::Whole, |t| Some(Val::Whole(t.sla.hours.into()))).always(),
    Row::ticket("ticket.sla.response_due", Ty::Time, |t| Some(Val::Time(t.sla.response_due)))
        .always(),
    Row::ticket("ticket.sla.resolution_due", Ty::Time, |t| Some(Val::Time(t.sla.resolution_due)))
        .always(),
    Row::new("status.canonical", Ty::Text, Read::Status(|s| text(s.canonical.as_str())))
        .always()
        .one_of(StatusWord::WORDS),
    Row::new("status.raw", Ty::Text, Read::Status(|s| maybe(&s.raw))),
    Row::new("event.kind", Ty::Text, Read::Kind).always(),
    Row::event("event.at", Ty::Time, |e| Some(Val::Time(e.at))),
    Row::event("event.comment.id", Ty::Text, |e| commented(e, |c| text(&c.id)))
        .of(EventKind::TicketCommented),
    Row::event("event.comment.content", Ty::Text, |e| commented(e, |c| text(c.content.reveal())))
        .of(EventKind::TicketCommented)
        .personal(),
    Row::event("event.comment.author", Ty::Text, |e| commented(e, |c| text(c.author.reveal())))
        .of(EventKind::TicketCommented)
        .personal(),
    Row::event("event.comment.at", Ty::Time, |e| commented(e, |c| Some(Val::Time(c.at))))
        .of(EventKind::TicketCommented),
    Row::event("event.comment.is_from_support", Ty::Flag, |e| {
        commented(e, |c| Some(Val::Flag(c.is_from_support)))
    })
    .of(EventKind::TicketCommented),
    Row::event("event.change.from", Ty::Text, |e| changed(e, |c| &c.from))
        .of(EventKind::TicketStatusChanged)
        .one_of(StatusWord::WORDS),
    Row::event("event.change.to", Ty::Text, |e| changed(e, |c| &c.to.canonical))
        .of(EventKind::TicketStatusChanged)
        .one_of(StatusWord::WORDS),
    Row::maybe_event("event.change.assigned_to", |e| told(e, |c| &c.assigned_to))
        .of(EventKind::TicketStatusChanged)
        .personal(),
    Row::maybe_event("event.change.comment", |e| told(e, |c| &c.comment))
        .of(EventKind::TicketStatusChanged)
        .personal(),
    Row::event("event.breach.due", Ty::Text, |e| breached(e, |b| text(b.due.as_str())))
        .of(EventKind::SlaBreached)
        .one_of(SlaDue::WORDS),
    Row::event("event.breach.at", Ty::Time, |e| breached(e, |b| Some(Val::Time(b.at))))
        .of(EventKind::SlaBreached),
    Row::new("event.attachments", Ty::List, Read::Files(|_, e| !e.attachments.is_empty()))
        .always()
        .of(EventKind::TicketAttachmentAdded)
        .personal(),
];

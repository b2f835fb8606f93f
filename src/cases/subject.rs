//! A subject: a ticket, something that happened to it, and what is known by then; and what a set of
//! mappings makes of it.

use std::io::Read as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use omnihub_contract::{
    AdapterName, Attachment, Event, EventKind, Operation, ReceiptName, Receipts, Source, Status,
    StatusChange, Ticket,
};
use serde_json::Value;

use super::given::{Given, GivenError, NUMBER, Omni, StatusGiven};
use crate::intake::{
    self, Attached, Content, Document, PartnerDefaults, Policy, Taken, Update, UpdateDoor,
};
use crate::mapping::{self, Explanation, Facts, MapFailure, Mappings};

/// What a receipt is taken to be where it is not there and must not matter: a number, as most are.
pub const SAMPLE_RECEIPT: &str = "1446";

/// Stands for the content of a file that is not at hand.
const CONTENT: &str = "(content)";

/// What the door knows of a partner.
pub struct Stage<'a> {
    /// Thresholds, hours and limits.
    pub policy: &'a Policy,
    /// What its tickets have where the body says nothing.
    pub defaults: &'a PartnerDefaults,
}

/// What mappings are tried on.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The ticket.
    pub ticket: Arc<Ticket>,
    /// What happened.
    pub event: Event,
    /// Its status when a delivery goes out.
    pub status: Status,
    /// What upstreams gave by then.
    pub receipts: Receipts,
    /// Files that the event brought.
    pub attachments: Vec<Value>,
}

impl Subject {
    /// A stored ticket and one of its events; contents of files are only named.
    pub fn stored(ticket: Arc<Ticket>, event: Event, status: Status, receipts: Receipts) -> Self {
        let files: &[Attachment] = match event.kind {
            EventKind::TicketCreated => &ticket.attachments,
            _ => &event.attachments,
        };
        let attachments = files.iter().map(named).collect();
        Self { ticket, event, status, receipts, attachments }
    }

    /// What mappings read.
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            ticket: &self.ticket,
            event: &self.event,
            status: &self.status,
            receipts: &self.receipts,
            attachments: &self.attachments,
        }
    }

    /// Gives it these receipts, where they are not there, so that what waits for them can be seen.
    pub fn add_missing<'r>(&mut self, needs: impl IntoIterator<Item = &'r ReceiptName>) {
        for name in needs {
            if !self.receipts.has(name) {
                let values = [(name.name.to_string(), SAMPLE_RECEIPT.to_owned())];
                self.receipts.add(&name.adapter, values.into_iter().collect());
            }
        }
    }
}

/// A delivery that a subject makes.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Where it goes.
    pub adapter: AdapterName,
    /// What is asked there.
    pub operation: &'static Operation,
    /// The rule that says so.
    pub rule: Arc<str>,
    /// The line on which that begins.
    pub line: usize,
    /// What it waits for, there or not.
    pub needs: Vec<ReceiptName>,
    /// What is sent, and how it came about.
    pub explained: Explanation,
}

/// What a set of mappings makes of a subject, in the order of the files.
pub fn deliveries(mappings: &Mappings, subject: &Subject) -> Vec<Planned> {
    let facts = subject.facts();
    let planned = |route: mapping::Route| -> Result<Planned, MapFailure> {
        let explained = mappings.explain(&route.adapter, &route.rule, &facts)?;
        let is_meant = |rule: &mapping::RuleSummary<'_>| {
            *rule.adapter == route.adapter && **rule.name == *route.rule
        };
        let line = mappings.rules().find(is_meant).map_or(1, |rule| rule.line);
        let mapping::Route { adapter, operation, rule, needs } = route;
        Ok(Planned { adapter, operation, rule, line, needs, explained })
    };
    let routes = mappings.route(&subject.ticket, &subject.event).into_iter();
    // A rule that was just routed to is there.
    routes.filter_map(|route| planned(route).ok()).collect()
}

impl Given {
    /// The ticket and the event, as the door would make them.
    ///
    /// # Errors
    /// When it would not take them, or they do not go together.
    pub fn subject(&self, stage: &Stage<'_>) -> Result<Subject, GivenError> {
        let (ticket, files) = self.ticket(stage)?;
        let (event, files) = self.event(&ticket, files, stage)?;
        let status = match (&self.status, &event.change) {
            (Some(StatusGiven::Whole(status)), _) => status.clone(),
            (Some(StatusGiven::Word(word)), _) => Status { canonical: word.clone(), raw: None },
            (None, Some(change)) => change.to.clone(),
            (None, None) => Status::open(),
        };
        let receipts = self.receipts(&ticket);
        Ok(Subject { ticket: Arc::new(ticket), event, status, receipts, attachments: files })
    }

    fn ticket(&self, stage: &Stage<'_>) -> Result<(Ticket, Vec<Value>), GivenError> {
        let taken = match (&self.omni, &self.ticket) {
            (Some(Omni::Claim(body)), None) => {
                self.taken(body, stage, |document, door| intake::claim(document, door))?
            }
            (Some(Omni::Ticket(body)), None) => self.taken(body, stage, intake::ticket)?,
            (None, Some(ticket)) => {
                let files = ticket.attachments.iter().map(named).collect();
                return Ok((ticket.clone(), files));
            }
            _ => return Err(GivenError::Form("one of `omni` and `ticket` is to be given")),
        };
        let files = with_contents(&taken.ticket.attachments, taken.contents);
        Ok((taken.ticket, files))
    }

    fn taken(
        &self,
        body: &Value,
        stage: &Stage<'_>,
        take: fn(&mut Document, &intake::Door<'_>) -> Result<Taken, intake::IntakeError>,
    ) -> Result<Taken, GivenError> {
        let mut document = Document::parse(body.to_string().as_bytes())?;
        let partner = self.partner();
        let door = intake::Door {
            now: self.time(),
            id: self.id(),
            number: self.number.unwrap_or(NUMBER),
            partner: &partner,
            partner_defaults: stage.defaults,
            policy: stage.policy,
            request_id: document.request_id(None)?,
        };
        Ok(take(&mut document, &door)?)
    }

    /// What happened, and the files that it brought.
    fn event(
        &self,
        ticket: &Ticket,
        files: Vec<Value>,
        stage: &Stage<'_>,
    ) -> Result<(Event, Vec<Value>), GivenError> {
        match (&self.update, &self.event) {
            (None, None) => {
                let kind = EventKind::TicketCreated;
                Ok((Event::new(kind, ticket.created_at, Source::Client), files))
            }
            (None, Some(event)) if event.kind == EventKind::TicketCreated => {
                Ok((event.clone(), files))
            }
            (None, Some(event)) => {
                Ok((event.clone(), event.attachments.iter().map(named).collect()))
            }
            (Some(body), None) => self.updated(ticket, body, stage),
            (Some(_), Some(_)) => {
                Err(GivenError::Form("only one of `update` and `event` is to be given"))
            }
        }
    }

    fn updated(
        &self,
        ticket: &Ticket,
        body: &Value,
        stage: &Stage<'_>,
    ) -> Result<(Event, Vec<Value>), GivenError> {
        let now = self.time();
        let door = UpdateDoor {
            now,
            id: self.id().to_string(),
            author: &ticket.customer.name,
            attached: Attached::default(),
            policy: stage.policy,
        };
        let mut document =
            Document::parse(body.to_string().as_bytes()).map_err(GivenError::Update)?;
        let event = |kind| Event::new(kind, now, Source::Client);
        Ok(match intake::update(&mut document, &door).map_err(GivenError::Update)? {
            Update::Comment(comment) => {
                (Event { comment: Some(comment), ..event(EventKind::TicketCommented) }, Vec::new())
            }
            Update::Status(word) => {
                let to = Status { canonical: word, raw: None };
                let change = Some(StatusChange::new(Status::open().canonical, to));
                (Event { change, ..event(EventKind::TicketStatusChanged) }, Vec::new())
            }
            Update::Attachments { attachments, contents } => {
                let files = with_contents(&attachments, contents);
                (Event { attachments, ..event(EventKind::TicketAttachmentAdded) }, files)
            }
        })
    }

    /// What is given, and the number that the ticket's client was told.
    fn receipts(&self, ticket: &Ticket) -> Receipts {
        let mut receipts = Receipts::default();
        for (name, value) in &self.receipts {
            if let Some(value) = value {
                let values = [(name.name.to_string(), value.clone())];
                receipts.add(&name.adapter, values.into_iter().collect());
            }
        }
        let is_number = |name: &ReceiptName| {
            name.adapter.as_str() == omnihub_contract::HUB
                && *name.name == *omnihub_contract::PUBLIC_NUMBER
        };
        if !self.receipts.keys().any(is_number) {
            receipts.fix_public_number(&ticket.number.to_string());
        }
        receipts
    }
}

fn named(file: &Attachment) -> Value {
    mapping::file(file, CONTENT)
}

fn with_contents(files: &[Attachment], contents: Vec<Content>) -> Vec<Value> {
    let encoded = |(file, content): (&Attachment, Content)| {
        let mut bytes = Vec::new();
        // It was found to be good before; of a bad one the beginning would be there.
        drop(content.read().read_to_end(&mut bytes));
        mapping::file(file, &STANDARD.encode(bytes))
    };
    files.iter().zip(contents).map(encoded).collect()
}

//! From a file or number to what mappings are tried on.

use std::path::Path;

use omnihub_contract::{AdapterName, EventKind, ReceiptName};
use serde_json::{Map, Value};

use super::Args;
use crate::cases::{Given, GivenError, Stage, Subject, guess};
use crate::cli::Failed;
use crate::cli::reach::Reach;
use crate::config::Config;
use crate::http::Partners;
use crate::hub;
use crate::intake::IntakeError;
use crate::operate::facts::{self, TicketFacts, Wanted};

/// One thing to try mappings on.
pub(super) struct Input {
    /// What people call it.
    pub(super) name: String,
    /// What was given, as a case would have it.
    pub(super) given: Given,
    /// Whether that is a stored ticket, and so a real customer's.
    pub(super) is_stored: bool,
    /// The adapter that given settings are of, where it is a case's.
    pub(super) settings_of: Option<AdapterName>,
    /// What is made of it.
    pub(super) subject: Subject,
}

/// Makes inputs of what is given, as the door of these settings would.
pub(super) struct Entrance {
    partners: Partners,
}

impl Entrance {
    pub(super) fn of(config: &Config) -> Result<Self, Failed> {
        Ok(Self { partners: hub::partners(config)? })
    }

    pub(super) fn input(&self, name: &str, given: Given) -> Result<Input, GivenError> {
        let partner = self.partners.of(&given.partner());
        let stage = Stage { policy: &partner.policy, defaults: &partner.defaults };
        let subject = given.subject(&stage)?;
        Ok(Input { name: name.to_owned(), given, is_stored: false, settings_of: None, subject })
    }
}

/// What a word on the command line stands for.
pub(super) enum Named<'a> {
    File(&'a Path),
    Number(&'a str),
}

impl<'a> Named<'a> {
    pub(super) fn of(word: &'a str) -> Result<Self, Failed> {
        let path = Path::new(word);
        if path.is_file() {
            return Ok(Self::File(path));
        }
        let looks_like_a_file = word.contains(['/', '\\']) || word.ends_with(".json");
        if looks_like_a_file || path.exists() {
            return Err(Failed::Wrong(format!("{word} is no file")));
        }
        Ok(Self::Number(word))
    }
}

/// Reads a file, with what the arguments add to it.
pub(super) fn of_file(entrance: &Entrance, path: &Path, args: &Args) -> Result<Input, Failed> {
    let name = path.display().to_string();
    let mut given =
        guess(&read(path)?, args.kind()).map_err(|why| Failed::Wrong(format!("{name} {why}")))?;
    if given.said.is_some() {
        let why = "is a case of what a system says; `omnihub check` runs it";
        return Err(Failed::Wrong(format!("{name} {why}")));
    }
    if let Some(update) = &args.update {
        given.update = Some(update_in(update)?);
    }
    if let Some(partner) = &args.partner {
        given.partner = Some(partner.as_str().into());
    }
    add_receipts(&mut given, &args.receipts)?;
    let input = entrance.input(&name, given).map_err(|error| refused(&name, error))?;
    if let Some(event) = args.event()?.filter(|event| *event != input.subject.event.kind) {
        let happened = input.subject.event.kind.as_str();
        let event = event.as_str();
        let why = format!("{name} makes {happened}; for {event} name an update with --update");
        return Err(Failed::Misused(why));
    }
    Ok(Input { settings_of: adapter_of(path), ..input })
}

/// The adapter in whose folder of cases a file stands.
fn adapter_of(path: &Path) -> Option<AdapterName> {
    let path = path.canonicalize().ok()?;
    let folder = path.parent()?.file_name()?.to_str()?;
    folder.strip_suffix(hub::CASES).map(AdapterName::from)
}

fn read(path: &Path) -> Result<String, Failed> {
    let text = std::fs::read_to_string(path);
    text.map_err(|error| Failed::Wrong(format!("{} cannot be read: {error}", path.display())))
}

/// The body of an update, alone or in a file of the documents' examples.
fn update_in(path: &Path) -> Result<Value, Failed> {
    let wrong = |why: &str| Failed::Wrong(format!("{} {why}", path.display()));
    let value: Value = serde_json::from_str(&read(path)?)
        .map_err(|error| wrong(&format!("is not JSON: {error}")))?;
    let body = value.get("body").cloned().unwrap_or(value);
    match body.get("action") {
        Some(_) => Ok(body),
        None => Err(wrong("is no update: it has no `action`")),
    }
}

fn add_receipts(given: &mut Given, receipts: &[String]) -> Result<(), Failed> {
    for (name, value) in parsed(receipts)? {
        given.receipts.insert(name, Some(value));
    }
    Ok(())
}

fn parsed(receipts: &[String]) -> Result<Vec<(ReceiptName, String)>, Failed> {
    let parse = |text: &String| {
        let wrong = || {
            let why = format!("`{text}` is no receipt: write --receipt helpdesk.ticketNumber=1446");
            Failed::Misused(why)
        };
        let (name, value) = text.split_once('=').ok_or_else(wrong)?;
        Ok((name.trim().parse().map_err(|_| wrong())?, value.trim().to_owned()))
    };
    receipts.iter().map(parse).collect()
}

/// What the door would answer.
fn refused(name: &str, error: GivenError) -> Failed {
    let (what, errors) = match error {
        GivenError::Body(IntakeError::Fields(errors)) => ("it", errors),
        GivenError::Update(IntakeError::Fields(errors)) => ("the update", errors),
        other => return Failed::Wrong(format!("{name}: {other}")),
    };
    let told: String = errors.iter().map(|(path, why)| format!("\n  {path}: {why}")).collect();
    Failed::Wrong(format!("{name}: the door would refuse {what}:{told}"))
}

/// A stored ticket.
pub(super) async fn stored(reach: &Reach, number: &str) -> Result<TicketFacts, Failed> {
    match reach {
        Reach::Running(desk) => desk.get("/hub/facts", &Wanted { number: number.to_owned() }).await,
        Reach::Alone(store) => facts::of(store.as_ref(), number)?
            .ok_or_else(|| Failed::Wrong(format!("there is no ticket {number}"))),
    }
}

/// What the arguments ask of a stored ticket.
pub(super) fn of_stored(facts: &TicketFacts, args: &Args) -> Result<Input, Failed> {
    if args.update.is_some() {
        return Err(Failed::Misused(
            "--update goes with a file; of a stored ticket --event names what happened".to_owned(),
        ));
    }
    let wanted = args.event()?.unwrap_or(EventKind::TicketCreated);
    let (number, events) = (facts.ticket.number, facts.events.len());
    let place = facts.events.iter().rposition(|event| event.kind == wanted).ok_or_else(|| {
        Failed::Wrong(format!("ticket {number} has no event {}", wanted.as_str()))
    })?;
    let mut input = of_event(facts, place);
    if events > 1 {
        input.name = format!("{}, event {} of {events}", input.name, place + 1);
    }
    for (name, value) in parsed(&args.receipts)? {
        let values = [(name.name.to_string(), value.clone())].into_iter().collect();
        input.subject.receipts.add(&name.adapter, values);
        input.given.receipts.insert(name, Some(value));
    }
    Ok(input)
}

/// One event of a stored ticket.
pub(super) fn of_event(facts: &TicketFacts, place: usize) -> Input {
    let event = facts.events.get(place).or(facts.events.first()).cloned();
    let created = facts.ticket.created_at;
    let event = event.unwrap_or_else(|| {
        let source = omnihub_contract::Source::Client;
        omnihub_contract::Event::new(EventKind::TicketCreated, created, source)
    });
    let given = Given {
        ticket: Some((*facts.ticket).clone()),
        event: Some(event.clone()),
        status: Some(crate::cases::StatusGiven::Whole(facts.status.clone())),
        receipts: listed(&facts.receipts),
        settings: Map::new(),
        ..Given::default()
    };
    let (status, receipts) = (facts.status.clone(), facts.receipts.clone());
    let name = format!("ticket {}", facts.ticket.number);
    let subject = Subject::stored(std::sync::Arc::clone(&facts.ticket), event, status, receipts);
    Input { name, given, is_stored: true, settings_of: None, subject }
}

fn listed(
    receipts: &omnihub_contract::Receipts,
) -> std::collections::BTreeMap<ReceiptName, Option<String>> {
    let names = receipts.all().map(|(name, value)| (name, Some(value.to_owned())));
    let mut listed: std::collections::BTreeMap<_, _> = names.collect();
    // What is not there must not be taken to be.
    let public = ReceiptName {
        adapter: omnihub_contract::HUB.into(),
        name: omnihub_contract::PUBLIC_NUMBER.into(),
    };
    listed.entry(public).or_insert(None);
    listed
}

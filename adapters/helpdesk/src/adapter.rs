//! The trait: one call a delivery, and what came of it.

use std::fmt;

use http::Method;
use omnihub_contract::{
    Adapter, Arguments, BoxFuture, Callback, Delivery, Draft, Effect, Failure, Fault, LookUp,
    Notice, Operation, PartnerId, Receipt, Rejected, Secret, question,
};
use omnihub_upstream::{
    Address, Answer, BadSettings, Call, Client, ClientSettings, fill, json, rows,
};
use serde_json::{Map, Value};

use crate::credentials::{Credential, Credentials};
use crate::operations::{
    ADD_COMMENT, CREATE_CLAIM, CREATE_TICKET, FIND_TICKETS, LINK_TWIN, OPERATIONS, TICKET_PATH,
    TWIN_ID, TWIN_NUMBER, UPDATE_TWIN,
};
use crate::settings::Settings;
use crate::{answers, callbacks, comments, faults, wire};

const CLAIMS: &str = "/api/omnichannel/claims";
const TICKETS: &str = "/api/omnichannel/tickets";

/// Numbers start at 1: a question about this one changes nothing and finds nothing.
const NO_TICKET: &str = "0";

/// BSG Helpdesk.
pub struct Helpdesk {
    client: Client,
    claims: Address,
    tickets: Address,
    credentials: Credentials,
    webhook_secret: Option<Secret>,
}

impl Helpdesk {
    /// The helpdesk at this address.
    pub fn new(client: &ClientSettings, settings: &Settings) -> Result<Self, BadSettings> {
        let client = Client::new(client)?;
        Ok(Self {
            claims: client.address(CLAIMS)?,
            tickets: client.address(TICKETS)?,
            credentials: Credentials::new(settings)?,
            webhook_secret: settings.webhook_secret.clone(),
            client,
        })
    }

    async fn carry(&self, delivery: &Delivery) -> Result<Receipt, Failure> {
        let answer = self.client.send(self.call(delivery)?).await?;
        let (fields, key) = (&delivery.payload, self.credential(delivery).key());
        match (delivery.operation.name, delivery.operation.effect) {
            (UPDATE_TWIN, _) => {
                answers::update(&answer).ok_or_else(|| faults::of_twin(&answer, fields, key))
            }
            (LINK_TWIN, _) => {
                let found = answers::receipt(&answer);
                found.map(twin).ok_or_else(|| faults::of_twin(&answer, fields, key))
            }
            (_, Effect::Change | Effect::Status) => {
                answers::update(&answer).ok_or_else(|| faults::of_update(&answer, fields, key))
            }
            (_, Effect::Read) => {
                answers::receipt(&answer).ok_or_else(|| faults::of_update(&answer, fields, key))
            }
            (_, Effect::Create) => {
                answers::receipt(&answer).ok_or_else(|| faults::failure(&answer, fields, key))
            }
        }
    }

    /// The call of a delivery.
    fn call(&self, delivery: &Delivery) -> Result<Call, Failure> {
        let body = || json(&wire::Body(delivery));
        let call = match (delivery.operation.name, delivery.operation.effect) {
            (CREATE_CLAIM, _) => Call::new(Method::POST, &self.claims).json(body()?),
            (CREATE_TICKET, _) => Call::new(Method::POST, &self.tickets).json(body()?),
            (_, Effect::Read) => self.question(delivery.operation, &delivery.payload)?,
            _ => Call::new(Method::PATCH, &self.ticket(delivery)?).json(body()?),
        };
        Ok(self.credential(delivery).on(call))
    }

    fn question(&self, row: &Operation, fields: &Map<String, Value>) -> Result<Call, Failure> {
        if row.name == FIND_TICKETS && fields.len() != 1 {
            let words = "either ticketNumber or channelReferenceId is required, and not both";
            return Err(Failure::new(Fault::Refused, words));
        }
        rows::call(&self.client, OPERATIONS, row, fields)
    }

    async fn query(&self, operation: &str, arguments: &Arguments) -> Result<Value, Failure> {
        let (row, fields) = question(OPERATIONS, operation, arguments)?;
        let own = self.credentials.of(None);
        let answer = self.client.send(own.on(self.question(row, &fields)?)).await?;
        answers::ticket(&answer).ok_or_else(|| faults::of_update(&answer, &fields, own.key()))
    }

    async fn find(&self, delivery: &Delivery) -> Result<LookUp, Failure> {
        match (delivery.operation.name, delivery.text("channelReferenceId")) {
            (CREATE_TICKET, Some(reference)) => self.find_ticket(delivery, reference).await,
            (ADD_COMMENT, _) => self.find_comment(delivery).await,
            // A claim keeps no reference there (domain 2.5), and a file no trace of who sent it.
            _ => Ok(LookUp::CannotSay),
        }
    }

    /// OMNI API 1.0, "Get Ticket Status": one ticket by its channel reference.
    async fn find_ticket(&self, delivery: &Delivery, reference: &str) -> Result<LookUp, Failure> {
        let partner = Some(&delivery.partner);
        let answer = self.ask(partner, "channelReferenceId", reference).await?;
        if let Some(receipt) = answers::receipt(&answer) {
            return Ok(LookUp::Found(receipt));
        }
        if answers::says_not_found(&answer) {
            return Ok(LookUp::Absent);
        }
        let key = self.credential(delivery).key();
        Err(faults::failure(&answer, &delivery.payload, key))
    }

    /// OMNI API 1.0, "Get Detailed Ticket Information": the ticket with its newest comments.
    async fn find_comment(&self, delivery: &Delivery) -> Result<LookUp, Failure> {
        let credential = self.credential(delivery);
        let call = Call::new(Method::GET, &self.ticket(delivery)?);
        let answer = self.client.send(credential.on(call)).await?;
        match answer.json() {
            Some(body) if answer.is_success() => Ok(comments::look_up(&body, delivery)),
            // Without a ticket it has no comments either; the next attempt is refused and says so.
            Some(_) if answers::says_not_found(&answer) => Ok(LookUp::Absent),
            _ => Err(faults::of_update(&answer, &delivery.payload, credential.key())),
        }
    }

    /// The address of the ticket that an update is about.
    fn ticket(&self, delivery: &Delivery) -> Result<Address, Failure> {
        let path = fill(TICKET_PATH, |name| delivery.text(name))?;
        self.client
            .address(&path)
            .map_err(|_| Failure::new(Fault::Refused, "the ticket's number cannot stand in a path"))
    }

    async fn try_out(&self) -> Result<(), Failure> {
        let answer = self.ask(None, "ticketNumber", NO_TICKET).await?;
        if answer.is_success() || answers::says_not_found(&answer) {
            return Ok(());
        }
        Err(faults::failure(&answer, &Map::new(), self.credentials.of(None).key()))
    }

    async fn ask(
        &self,
        partner: Option<&PartnerId>,
        parameter: &str,
        value: &str,
    ) -> Result<Answer, Failure> {
        let to = self.tickets.clone().with_query(parameter, value);
        self.client.send(self.credentials.of(partner).on(Call::new(Method::GET, &to))).await
    }

    fn credential(&self, delivery: &Delivery) -> &Credential {
        self.credentials.of(Some(&delivery.partner))
    }
}

/// A second ticket's numbers by names of their own.
fn twin(found: Receipt) -> Receipt {
    let renamed = |name: &str| if name == "ticketId" { TWIN_ID } else { TWIN_NUMBER };
    let values = found.values.into_iter();
    let values = values.map(|(name, value)| (renamed(&name).to_owned(), value)).collect();
    Receipt { values, ..found }
}

impl Adapter for Helpdesk {
    fn operations(&self) -> &'static [Operation] {
        OPERATIONS
    }

    fn deliver<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Result<Receipt, Failure>> {
        Box::pin(self.carry(delivery))
    }

    fn draft(&self, delivery: &Delivery) -> Result<Draft, Failure> {
        Ok(self.call(delivery)?.draft(&[self.credential(delivery).key()]))
    }

    /// It puts a mark before the words, which is taken off where they come back.
    fn shown_as<'d>(&self, delivery: &'d Delivery) -> Option<&'d str> {
        delivery.text("comment").filter(|_| delivery.operation.name == ADD_COMMENT)
    }

    fn look_up<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Result<LookUp, Failure>> {
        Box::pin(self.find(delivery))
    }

    fn receive(&self, callback: &Callback) -> Result<Vec<Notice>, Rejected> {
        callbacks::receive(self.webhook_secret.as_ref(), callback)
    }

    fn probe(&self) -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(self.try_out())
    }

    fn query<'a>(
        &'a self,
        operation: &'a str,
        arguments: &'a Arguments,
    ) -> BoxFuture<'a, Result<Value, Failure>> {
        Box::pin(self.query(operation, arguments))
    }
}

impl fmt::Debug for Helpdesk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Helpdesk").field("client", &self.client).finish_non_exhaustive()
    }
}

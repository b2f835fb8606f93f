//! The trait: one call a delivery, and what came of it.

use std::fmt;

use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue, Method};
use omnihub_contract::{
    Adapter, BoxFuture, Callback, Delivery, Draft, Effect, ExposeSecret, Failure, Fault, LookUp,
    Notice, Operation, Receipt, Rejected, Secret,
};
use omnihub_upstream::{Address, Answer, BadSettings, Call, Client, ClientSettings, fill, json};

use crate::operations::{ADD_ATTACHMENT, ADD_COMMENT, CREATE_CLAIM, CREATE_TICKET};
use crate::operations::{OPERATIONS, TICKET_PATH, UPDATE_STATUS};
use crate::settings::{Auth, Settings};
use crate::{answers, callbacks, comments, faults, wire};

const CLAIMS: &str = "/api/omnichannel/claims";
const TICKETS: &str = "/api/omnichannel/tickets";
const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Numbers start at 1: a question about this one changes nothing and finds nothing.
const NO_TICKET: &str = "0";

/// BSG Helpdesk.
pub struct Helpdesk {
    client: Client,
    claims: Address,
    tickets: Address,
    credential: (HeaderName, HeaderValue),
    api_key: Secret,
    webhook_secret: Option<Secret>,
}

impl Helpdesk {
    /// The helpdesk at this address.
    pub fn new(client: &ClientSettings, settings: Settings) -> Result<Self, BadSettings> {
        let client = Client::new(client)?;
        Ok(Self {
            claims: client.address(CLAIMS)?,
            tickets: client.address(TICKETS)?,
            credential: credential(&settings)?,
            webhook_secret: settings.webhook_secret.clone(),
            api_key: settings.api_key,
            client,
        })
    }

    async fn carry(&self, delivery: &Delivery) -> Result<Receipt, Failure> {
        let answer = self.client.send(self.made(delivery)?).await?;
        match delivery.operation.effect {
            Effect::Change | Effect::Status => answers::update(&answer)
                .ok_or_else(|| faults::of_update(&answer, &delivery.payload, &self.api_key)),
            Effect::Create | Effect::Read => answers::receipt(&answer)
                .ok_or_else(|| faults::failure(&answer, &delivery.payload, &self.api_key)),
        }
    }

    /// The call of a delivery.
    fn made(&self, delivery: &Delivery) -> Result<Call, Failure> {
        let body = || json(&wire::Body(delivery));
        Ok(match delivery.operation.name {
            CREATE_CLAIM => self.call(Method::POST, &self.claims).json(body()?),
            CREATE_TICKET => self.call(Method::POST, &self.tickets).json(body()?),
            ADD_COMMENT | UPDATE_STATUS | ADD_ATTACHMENT => {
                self.call(Method::PATCH, &self.ticket(delivery)?).json(body()?)
            }
            _ => return Err(Failure::new(Fault::Refused, "the helpdesk has no such operation")),
        })
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
        let answer = self.ask("channelReferenceId", reference).await?;
        if let Some(receipt) = answers::receipt(&answer) {
            return Ok(LookUp::Found(receipt));
        }
        if answers::says_not_found(&answer) {
            return Ok(LookUp::Absent);
        }
        Err(faults::failure(&answer, &delivery.payload, &self.api_key))
    }

    /// OMNI API 1.0, "Get Detailed Ticket Information": the ticket with its newest comments.
    async fn find_comment(&self, delivery: &Delivery) -> Result<LookUp, Failure> {
        let to = self.ticket(delivery)?;
        let answer = self.client.send(self.call(Method::GET, &to)).await?;
        match answer.json() {
            Some(body) if answer.is_success() => Ok(comments::look_up(&body, delivery)),
            // Without a ticket it has no comments either; the next attempt is refused and says so.
            Some(_) if answers::says_not_found(&answer) => Ok(LookUp::Absent),
            _ => Err(faults::of_update(&answer, &delivery.payload, &self.api_key)),
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
        let answer = self.ask("ticketNumber", NO_TICKET).await?;
        if answer.is_success() || answers::says_not_found(&answer) {
            return Ok(());
        }
        Err(faults::failure(&answer, &serde_json::Map::new(), &self.api_key))
    }

    async fn ask(&self, parameter: &str, value: &str) -> Result<Answer, Failure> {
        let to = self.tickets.clone().with_query(parameter, value);
        self.client.send(self.call(Method::GET, &to)).await
    }

    fn call(&self, method: Method, to: &Address) -> Call {
        let (name, value) = &self.credential;
        Call::new(method, to).header(name.clone(), value.clone())
    }
}

impl Adapter for Helpdesk {
    fn operations(&self) -> &'static [Operation] {
        OPERATIONS
    }

    fn deliver<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Result<Receipt, Failure>> {
        Box::pin(self.carry(delivery))
    }

    fn draft(&self, delivery: &Delivery) -> Result<Draft, Failure> {
        Ok(self.made(delivery)?.draft(&[&self.api_key]))
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
}

impl fmt::Debug for Helpdesk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Helpdesk").field("client", &self.client).finish_non_exhaustive()
    }
}

fn credential(settings: &Settings) -> Result<(HeaderName, HeaderValue), BadSettings> {
    let key = settings.api_key.expose_secret();
    let (name, text) = match settings.auth {
        Auth::Bearer => (AUTHORIZATION, format!("Bearer {key}")),
        Auth::XApiKey => (X_API_KEY, key.to_owned()),
    };
    let mut value = HeaderValue::from_str(&text).map_err(|_| BadSettings::Secret("api_key"))?;
    value.set_sensitive(true);
    Ok((name, value))
}

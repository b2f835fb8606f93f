//! The trait: one call a delivery, and what came of it.

use std::fmt;

use http::Method;
use omnihub_contract::{
    Adapter, BoxFuture, Callback, CallbackAnswer, Delivery, Draft, ExposeSecret, Failure, Fault,
    Notice, Operation, Receipt, Rejected, Secret, Told,
};
use omnihub_upstream::{Address, BadSettings, Call, Client, ClientSettings, form, json, rows};
use serde_json::{Map, Value};

use crate::callbacks::Callbacks;
use crate::operations::{CREATE_HELPDESK, CREATE_VOICE, OPERATIONS, STATUS, UPDATE_STATUS};
use crate::settings::{Encoding, Settings};
use crate::{answers, faults};

/// Sociomile.
pub struct Sociomile {
    client: Client,
    // Addresses carry the secret in their query and cannot be printed.
    create: Address,
    update_status: Address,
    encoding: Encoding,
    client_secret_key: Secret,
    callbacks: Callbacks,
}

impl Sociomile {
    /// The Sociomile at this address.
    pub fn new(client: &ClientSettings, settings: &Settings) -> Result<Self, BadSettings> {
        let client = Client::new(client)?;
        let keyed = |path: &str| {
            let key = settings.client_secret_key.expose_secret();
            Ok(client.address(path)?.with_query("client_secret_key", key))
        };
        Ok(Self {
            create: keyed(&settings.paths.create)?,
            update_status: keyed(&settings.paths.update_status)?,
            encoding: settings.encoding,
            client_secret_key: settings.client_secret_key.clone(),
            callbacks: Callbacks::new(settings.callback_secret.clone()),
            client,
        })
    }

    async fn carry(&self, delivery: &Delivery) -> Result<Receipt, Failure> {
        let answer = self.client.send(self.call(delivery)?).await?;
        let body = answer.json();
        let secrets = [&self.client_secret_key];
        let failure = || faults::failure(&answer, body.as_ref(), &delivery.payload, &secrets);
        let receipt = match delivery.operation.name {
            UPDATE_STATUS if body.as_ref().is_some_and(answers::is_success) => Receipt::default(),
            UPDATE_STATUS => return Err(faults::of_update(failure())),
            _ => body.as_ref().and_then(answers::receipt).ok_or_else(failure)?,
        };
        Ok(answer.receipt(receipt))
    }

    /// A status update without fields: the complaint about the first one is health, and nothing can be
    /// made or changed by it.
    async fn try_out(&self) -> Result<(), Failure> {
        let answer =
            self.client.send(self.post(&self.update_status, &STATUS, &Map::new())?).await?;
        let body = answer.json();
        let secrets = [&self.client_secret_key];
        match faults::failure(&answer, body.as_ref(), &Map::new(), &secrets) {
            Failure { fault: Fault::Refused, .. } => Ok(()),
            Failure { fault: Fault::Unknown, message, .. } => {
                Err(answer.failure(Fault::Unreadable, message))
            }
            failure => Err(failure),
        }
    }

    fn call(&self, delivery: &Delivery) -> Result<Call, Failure> {
        match delivery.operation.name {
            CREATE_HELPDESK | CREATE_VOICE => {
                self.post(&self.create, delivery.operation, &delivery.payload)
            }
            UPDATE_STATUS => self.post(&self.update_status, delivery.operation, &delivery.payload),
            _ => Err(Failure::new(Fault::Refused, "Sociomile has no such operation")),
        }
    }

    fn post(
        &self,
        to: &Address,
        row: &Operation,
        payload: &Map<String, Value>,
    ) -> Result<Call, Failure> {
        let (call, body) = (Call::new(Method::POST, to), rows::Body { row, payload });
        Ok(match self.encoding {
            Encoding::Json => call.json(json(&body)?),
            Encoding::Form => {
                call.form(form(body.members().map(|(name, member)| (name, member.value))))
            }
        })
    }
}

impl Adapter for Sociomile {
    fn operations(&self) -> &'static [Operation] {
        OPERATIONS
    }

    fn deliver<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Result<Receipt, Failure>> {
        Box::pin(self.carry(delivery))
    }

    fn draft(&self, delivery: &Delivery) -> Result<Draft, Failure> {
        Ok(self.call(delivery)?.draft(&[&self.client_secret_key]))
    }

    fn receive(&self, callback: &Callback) -> Result<Vec<Notice>, Rejected> {
        self.callbacks.receive(callback)
    }

    fn answer(&self, told: Told<'_>) -> CallbackAnswer {
        self.callbacks.answer(told)
    }

    fn probe(&self) -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(self.try_out())
    }
}

impl fmt::Debug for Sociomile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sociomile").field("client", &self.client).finish_non_exhaustive()
    }
}

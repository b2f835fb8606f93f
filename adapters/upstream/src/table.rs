//! An adapter that is no more than a table: for systems whose answers can be read by pointing at them.
//!
//! Such a system has one credential that every call carries, answers in JSON, and says by status or by
//! one member whether it did what it was asked. It has no login, no callbacks, no look-up and nothing
//! to judge by the words of an answer: who needs one of these writes an adapter, and may use
//! [`rows`] for its calls.
//!
//! Invariant: as for every adapter, one call a delivery, and no secret and no field in a failure.

use std::fmt;

use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue};
use omnihub_contract::{
    Adapter, Arguments, BoxFuture, Delivery, Draft, Effect, ExposeSecret, Failure, Fault,
    Operation, Receipt, Secret, payload,
};
use serde_json::{Map, Value};

use crate::answer::Answer;
use crate::call::Call;
use crate::client::{BadSettings, Client, ClientSettings};
use crate::faults::fault_of;
use crate::redact::redact;
use crate::rows;
use crate::values::word;

/// What there is to know of a system. Pointers are JSON pointers (RFC 6901), as `/data/id`.
#[derive(Debug)]
pub struct Table {
    /// What it can be asked to do.
    pub operations: &'static [Operation],
    /// Where receipts stand in its answers: the names that rows give, each with a pointer. A create
    /// whose answer lacks one is of unknown outcome.
    pub receipts: &'static [(&'static str, &'static str)],
    /// What an answer says that did it.
    pub success: Success,
    /// Pointers to what a refusal says, the best first. Nothing else of an answer is ever told.
    pub words: &'static [&'static str],
    /// Statuses that mean something else than they do everywhere (see [`fault_of`]).
    pub faults: &'static [(u16, Fault)],
    /// The query without mandatory fields that is asked to see whether the system is well.
    pub probe: &'static str,
}

/// What an answer says that did what it was asked.
#[derive(Clone, Copy, Debug)]
pub enum Success {
    /// Its status is one of 2xx.
    Status,
    /// That, and at this pointer stands this word, number or flag. Another one there is a refusal.
    Says(&'static str, &'static str),
}

/// What every call carries.
#[derive(Clone, Copy, Debug)]
pub enum Credential<'s> {
    /// `Authorization: Bearer …`.
    Bearer(&'s Secret),
    /// A header of this name, in small letters.
    Header(&'static str, &'s Secret),
}

/// The adapter of a [`Table`].
pub struct TableAdapter {
    client: Client,
    table: &'static Table,
    header: (HeaderName, HeaderValue),
    secret: Secret,
}

impl TableAdapter {
    /// The system of this table, at this address.
    ///
    /// # Errors
    /// When the address or the credential is none.
    pub fn new(
        client: &ClientSettings,
        table: &'static Table,
        credential: Credential<'_>,
    ) -> Result<Self, BadSettings> {
        let (name, text, secret) = match credential {
            Credential::Bearer(secret) => {
                (AUTHORIZATION, format!("Bearer {}", secret.expose_secret()), secret)
            }
            Credential::Header(name, secret) => {
                let name = HeaderName::from_bytes(name.as_bytes());
                let name = name.map_err(|_| BadSettings::Secret("the credential's header"))?;
                (name, secret.expose_secret().to_owned(), secret)
            }
        };
        let value = HeaderValue::from_str(&text);
        let mut value = value.map_err(|_| BadSettings::Secret("the credential"))?;
        value.set_sensitive(true);
        let client = Client::new(client)?;
        Ok(Self { client, table, header: (name, value), secret: secret.clone() })
    }

    fn call(&self, row: &Operation, fields: &Map<String, Value>) -> Result<Call, Failure> {
        let (name, value) = &self.header;
        let call = rows::call(&self.client, self.table.operations, row, fields)?;
        Ok(call.header(name.clone(), value.clone()))
    }

    async fn carry(&self, delivery: &Delivery) -> Result<Receipt, Failure> {
        let (row, fields) = (delivery.operation, &delivery.payload);
        let answer = self.client.send(self.call(row, fields)?).await?;
        let body = answer.json();
        if !self.is_done(&answer, body.as_ref()) {
            return Err(self.failure(row, fields, &answer, body.as_ref()));
        }
        let pointed = |name: &str| {
            let (_, pointer) = self.table.receipts.iter().find(|(known, _)| *known == name)?;
            body.as_ref()?.pointer(pointer).and_then(word)
        };
        let given = row.gives.iter().map(|name| ((*name).to_owned(), pointed(name)));
        let mut receipt = Receipt::default();
        for (name, value) in given {
            match value {
                Some(value) => drop(receipt.values.insert(name, value)),
                None if row.effect == Effect::Create => {
                    return Err(
                        answer.failure(Fault::Unreadable, format!("a success without {name}"))
                    );
                }
                None => {}
            }
        }
        Ok(answer.receipt(receipt))
    }

    async fn ask(&self, operation: &str, arguments: &Arguments) -> Result<Value, Failure> {
        let is_asked = |row: &&Operation| row.name == operation && row.effect == Effect::Read;
        let row = self.table.operations.iter().find(is_asked);
        let row = row.ok_or_else(|| refused(format!("there is no query `{operation}`")))?;
        let fields = payload(row, arguments).map_err(|bad| refused(bad.to_string()))?;
        let answer = self.client.send(self.call(row, &fields)?).await?;
        let body = answer.json();
        match self.is_done(&answer, body.as_ref()) {
            // Where the status says it all there need not be a body.
            true => Ok(body.unwrap_or_default()),
            false => Err(self.failure(row, &fields, &answer, body.as_ref())),
        }
    }

    fn is_done(&self, answer: &Answer, body: Option<&Value>) -> bool {
        answer.is_success()
            && match self.table.success {
                // A page instead of an answer did nothing; no body at all is an answer.
                Success::Status => body.is_some() || answer.body.is_empty(),
                Success::Says(pointer, wanted) => {
                    body.and_then(|body| said(body, pointer)).is_some_and(|said| said == wanted)
                }
            }
    }

    fn failure(
        &self,
        row: &Operation,
        fields: &Map<String, Value>,
        answer: &Answer,
        body: Option<&Value>,
    ) -> Failure {
        let own = self.table.faults.iter().find(|(status, _)| *status == answer.status);
        let is_about_one = answer.status == 404 && body.is_some() && row.path.contains('{');
        let says_no = match self.table.success {
            Success::Status => false,
            Success::Says(pointer, _) => body.is_some_and(|body| said(body, pointer).is_some()),
        };
        let fault = match (own, fault_of(answer.status)) {
            (Some((_, fault)), _) => *fault,
            // What the path names is not there; the system is.
            (None, Some(_)) if is_about_one => Fault::Refused,
            (None, Some(fault)) => fault,
            (None, None) if says_no => Fault::Refused,
            (None, None) => Fault::Unreadable,
        };
        // Behind 5xx stands an exception, which may quote anybody's data.
        let body = body.filter(|_| answer.status < 500);
        let words = self.table.words.iter().find_map(|pointer| body?.pointer(pointer)?.as_str());
        match words {
            Some(words) => answer.failure(fault, redact(words, fields, &[&self.secret])),
            None => answer.failure(fault, "answered without an explanation"),
        }
    }
}

/// A word, number or flag as text.
fn said(body: &Value, pointer: &str) -> Option<String> {
    let value = body.pointer(pointer)?;
    word(value).or_else(|| value.as_bool().map(|flag| flag.to_string()))
}

fn refused(words: String) -> Failure {
    Failure::new(Fault::Refused, words)
}

impl Adapter for TableAdapter {
    fn operations(&self) -> &'static [Operation] {
        self.table.operations
    }

    fn deliver<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Result<Receipt, Failure>> {
        Box::pin(self.carry(delivery))
    }

    fn probe(&self) -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(async { self.ask(self.table.probe, &Arguments::new()).await.map(drop) })
    }

    fn draft(&self, delivery: &Delivery) -> Result<Draft, Failure> {
        Ok(self.call(delivery.operation, &delivery.payload)?.draft(&[&self.secret]))
    }

    fn query<'a>(
        &'a self,
        operation: &'a str,
        arguments: &'a Arguments,
    ) -> BoxFuture<'a, Result<Value, Failure>> {
        Box::pin(self.ask(operation, arguments))
    }
}

impl fmt::Debug for TableAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableAdapter").field("client", &self.client).finish_non_exhaustive()
    }
}

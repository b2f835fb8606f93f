//! The adapter of a table: its calls, with a credential, and what came of them.
//!
//! Invariant: as for every adapter, one call a delivery, and no secret and no field in a failure.

use std::fmt;

use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue};
use jiff::Timestamp;
use omnihub_contract::{
    Adapter, Arguments, BoxFuture, Callback, Delivery, Draft, ExposeSecret, Failure, LookUp,
    Notice, Operation, Receipt, Rejected, Secret, question,
};
use serde_json::{Map, Value};

use super::reading::Answered;
use super::{Search, Table};
use crate::answer::Answer;
use crate::call::Call;
use crate::client::{BadSettings, Client, ClientSettings};
use crate::rows;
use crate::session::{Login, Session};

/// What every call carries.
#[derive(Clone, Copy, Debug)]
pub enum Credential<'s> {
    /// `Authorization: Bearer …`.
    Bearer(&'s Secret),
    /// A header of this name, in small letters.
    Header(&'static str, &'s Secret),
    /// `Authorization: Bearer …` with a token that is got by logging in.
    Login(Login<'s>),
}

/// What callbacks report, where they show the secret or are signed with it
/// ([`shows`](crate::shows), [`signs`](crate::signs)).
pub type Receive = fn(Option<&Secret>, &Callback) -> Result<Vec<Notice>, Rejected>;

/// The adapter of a [`Table`].
pub struct TableAdapter {
    client: Client,
    table: &'static Table,
    carried: Carried,
    receive: Option<(Receive, Option<Secret>)>,
}

enum Carried {
    Header(HeaderName, HeaderValue, Secret),
    Token(Box<Session>),
}

impl TableAdapter {
    /// The system of this table, at this address.
    ///
    /// # Errors
    /// When the address or the credential is none, or the table contradicts itself.
    pub fn new(
        client: &ClientSettings,
        table: &'static Table,
        credential: Credential<'_>,
    ) -> Result<Self, BadSettings> {
        if let Some(mistake) = table.mistake() {
            return Err(BadSettings::Table(mistake));
        }
        let client = Client::new(client)?;
        let carried = match credential {
            Credential::Bearer(secret) => {
                let text = format!("Bearer {}", secret.expose_secret());
                Carried::header(AUTHORIZATION, &text, secret)?
            }
            Credential::Header(name, secret) => {
                let name = HeaderName::from_bytes(name.as_bytes());
                let name = name.map_err(|_| BadSettings::Secret("the credential's header"))?;
                Carried::header(name, secret.expose_secret(), secret)?
            }
            Credential::Login(login) => Carried::Token(Box::new(Session::new(&client, login)?)),
        };
        Ok(Self { client, table, carried, receive: None })
    }

    /// The same, and it hears callbacks.
    #[must_use]
    pub fn hearing(self, receive: Receive, secret: Option<&Secret>) -> Self {
        Self { receive: Some((receive, secret.cloned())), ..self }
    }

    fn call(&self, row: &Operation, fields: &Map<String, Value>) -> Result<Call, Failure> {
        rows::call(&self.client, self.table.operations, row, fields)
    }

    /// Makes the call; gives what was shown as a credential, too.
    async fn send(
        &self,
        at: Option<Timestamp>,
        row: &Operation,
        fields: &Map<String, Value>,
    ) -> Result<(Answer, Secret), Failure> {
        match &self.carried {
            Carried::Header(name, value, secret) => {
                let call = self.call(row, fields)?.header(name.clone(), value.clone());
                Ok((self.client.send(call).await?, secret.clone()))
            }
            Carried::Token(session) => {
                let make = || self.call(row, fields);
                let (answer, token) = session.send(&self.client, at, make).await?;
                Ok((answer, token.secret()))
            }
        }
    }

    async fn carry(&self, delivery: &Delivery) -> Result<Receipt, Failure> {
        let (operation, fields) = (delivery.operation, &delivery.payload);
        let (answer, secret) = self.send(Some(delivery.at), operation, fields).await?;
        self.table.receipt(Answered { operation, fields, answer: &answer, secret: &secret })
    }

    async fn ask(&self, operation: &str, arguments: &Arguments) -> Result<Value, Failure> {
        let (operation, fields) = question(self.table.operations, operation, arguments)?;
        let (answer, secret) = self.send(None, operation, &fields).await?;
        self.table.found(Answered { operation, fields: &fields, answer: &answer, secret: &secret })
    }

    async fn search(&self, delivery: &Delivery) -> Result<LookUp, Failure> {
        let is_of = |search: &&Search| search.of == delivery.operation.name;
        let Some(search) = self.table.searches.iter().find(is_of) else {
            return Ok(LookUp::CannotSay);
        };
        let (argument, field) = search.with;
        let Some(carried) = delivery.text(field) else { return Ok(LookUp::CannotSay) };
        let arguments = Arguments::from([(argument.to_owned(), carried.to_owned())]);
        let (operation, fields) = question(self.table.operations, search.by, &arguments)?;
        let (answer, secret) = self.send(Some(delivery.at), operation, &fields).await?;
        let answered = Answered { operation, fields: &fields, answer: &answer, secret: &secret };
        self.table.searched(search, delivery, answered)
    }
}

impl Carried {
    fn header(name: HeaderName, text: &str, secret: &Secret) -> Result<Self, BadSettings> {
        let value = HeaderValue::from_str(text);
        let mut value = value.map_err(|_| BadSettings::Secret("the credential"))?;
        value.set_sensitive(true);
        Ok(Self::Header(name, value, secret.clone()))
    }
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

    fn look_up<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Result<LookUp, Failure>> {
        Box::pin(self.search(delivery))
    }

    fn draft(&self, delivery: &Delivery) -> Result<Draft, Failure> {
        let call = self.call(delivery.operation, &delivery.payload)?;
        Ok(match &self.carried {
            Carried::Header(name, value, secret) => {
                call.header(name.clone(), value.clone()).draft(&[secret])
            }
            Carried::Token(session) => session.draft(call),
        })
    }

    fn query<'a>(
        &'a self,
        operation: &'a str,
        arguments: &'a Arguments,
    ) -> BoxFuture<'a, Result<Value, Failure>> {
        Box::pin(self.ask(operation, arguments))
    }

    fn receive(&self, callback: &Callback) -> Result<Vec<Notice>, Rejected> {
        let (receive, secret) = self.receive.as_ref().ok_or(Rejected::NoSuchPath)?;
        receive(secret.as_ref(), callback)
    }
}

impl fmt::Debug for TableAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableAdapter").field("client", &self.client).finish_non_exhaustive()
    }
}

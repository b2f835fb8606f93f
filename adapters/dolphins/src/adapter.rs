//! The trait: one call a delivery, with a token that is renewed once when it is turned away.

use std::fmt;

use http::Method;
use http::header::AUTHORIZATION;
use jiff::Timestamp;
use omnihub_contract::{
    Adapter, Arguments, BoxFuture, Delivery, Failure, Fault, Operation, Receipt,
};
use omnihub_upstream::{
    Address, Answer, BadSettings, Call, Client, ClientSettings, Token, TokenCache, fill, json,
    redact,
};
use serde_json::Value;

use crate::operations::{OPERATIONS, SEND_MESSAGE, SEND_MESSAGE_PATH, TICKET, TICKET_PATH};
use crate::settings::Settings;
use crate::{answers, faults, login};

const UNAUTHORIZED: u16 = 401;

/// 3Dolphins SRM.
pub struct Dolphins {
    client: Client,
    login: Address,
    send_message: Address,
    settings: Settings,
    tokens: TokenCache,
}

impl Dolphins {
    /// The 3Dolphins at this address.
    pub fn new(client: &ClientSettings, settings: Settings) -> Result<Self, BadSettings> {
        let client = Client::new(client)?;
        Ok(Self {
            login: client.address(&settings.login_path)?,
            send_message: client.address(SEND_MESSAGE_PATH)?,
            tokens: TokenCache::default(),
            client,
            settings,
        })
    }

    async fn carry(&self, delivery: &Delivery) -> Result<Receipt, Failure> {
        match delivery.operation.name {
            TICKET => {
                let number = delivery.text("ticketNumber");
                self.ticket(Some(delivery.at), number)
                    .await
                    .map(|(number, _)| Receipt::of([("ticketNumber", number)]))
            }
            SEND_MESSAGE => self.tell(delivery).await,
            _ => Err(Failure::new(Fault::Refused, "3Dolphins has no such operation")),
        }
    }

    async fn tell(&self, delivery: &Delivery) -> Result<Receipt, Failure> {
        let body = json(&delivery.payload)?;
        let make = || Call::new(Method::POST, &self.send_message).json(body.clone());
        let (answer, token) = self.call(Some(delivery.at), make).await?;
        let body = answer.json();
        let safe = |words: &str| redact(words, &delivery.payload, &[&token.secret()]);
        match &body {
            Some(body) if answer.is_success() && answers::is_success(body) => {
                let warning = answers::warning(body).map(|words| safe(&words));
                Ok(Receipt { warning, ..Receipt::default() })
            }
            _ => Err(faults::of_message(&answer, body.as_ref(), safe)),
        }
    }

    /// The number and the fields of the ticket of this number.
    async fn ticket(
        &self,
        at: Option<Timestamp>,
        number: Option<&str>,
    ) -> Result<(String, Value), Failure> {
        let path = fill(TICKET_PATH, |_| number)?;
        let to = self.client.address(&path).map_err(|_| {
            Failure::new(Fault::Refused, "the ticket's number cannot stand in a path")
        })?;
        let (answer, token) = self.call(at, || Call::new(Method::GET, &to)).await?;
        let body = answer.json();
        let found = body.as_ref().filter(|_| answer.is_success()).and_then(|body| {
            // The answer may hold others; linking one of them would tell a stranger's customer.
            answers::tickets(body).find_map(|ticket| {
                let found = answers::number(ticket)?;
                let is_same = number.is_some_and(|asked| asked.eq_ignore_ascii_case(&found));
                is_same.then(|| (found, ticket.clone()))
            })
        });
        found.ok_or_else(|| {
            let told = number.map(|number| ("ticketNumber".to_owned(), number.into()));
            let told = told.into_iter().collect();
            faults::of_ticket(&answer, body.as_ref(), |words| {
                redact(words, &told, &[&token.secret()])
            })
        })
    }

    /// Sends the call with the token; once more, with a new one, where that is turned away.
    async fn call(
        &self,
        at: Option<Timestamp>,
        make: impl Fn() -> Call,
    ) -> Result<(Answer, Token), Failure> {
        let token = self.token(at, None).await?;
        let answer = self.client.send(make().header(AUTHORIZATION, token.header())).await?;
        if answer.status != UNAUTHORIZED {
            return Ok((answer, token));
        }
        let token = self.token(at, Some(&token)).await?;
        let answer = self.client.send(make().header(AUTHORIZATION, token.header())).await?;
        Ok((answer, token))
    }

    async fn token(
        &self,
        at: Option<Timestamp>,
        turned_away: Option<&Token>,
    ) -> Result<Token, Failure> {
        let login = async || login::login(&self.client, &self.login, &self.settings).await;
        self.tokens.token(at, turned_away, login).await
    }
}

impl Adapter for Dolphins {
    fn operations(&self) -> &'static [Operation] {
        OPERATIONS
    }

    fn deliver<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Result<Receipt, Failure>> {
        Box::pin(self.carry(delivery))
    }

    /// Logs in anew: the one call that needs nothing to be there.
    fn probe(&self) -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(async { login::login(&self.client, &self.login, &self.settings).await.map(drop) })
    }

    fn query<'a>(
        &'a self,
        operation: &'a str,
        arguments: &'a Arguments,
    ) -> BoxFuture<'a, Result<Value, Failure>> {
        Box::pin(async move {
            if operation != TICKET {
                let words = format!("there is no query `{operation}`");
                return Err(Failure::new(Fault::Refused, words));
            }
            let number = arguments.get("ticketNumber").map(String::as_str);
            self.ticket(None, number).await.map(|(_, ticket)| ticket)
        })
    }
}

impl fmt::Debug for Dolphins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dolphins").field("client", &self.client).finish_non_exhaustive()
    }
}

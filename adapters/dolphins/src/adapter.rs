//! The trait: one call a delivery, with a token that is renewed once when it is turned away.
//!
//! Which call a row makes is the table's business (`rows`); what its answer means is read here.

use std::fmt;

use jiff::Timestamp;
use omnihub_contract::{
    Adapter, Arguments, BoxFuture, Callback, Delivery, Draft, Failure, LookUp, Notice, Operation,
    Receipt, Rejected, Secret, question,
};
use omnihub_upstream::{
    Answer, BadSettings, Call, Client, ClientSettings, End, Login, Session, Token, redact, rows,
};
use serde_json::{Map, Value};

use crate::operations::{
    CONVERSATION, FILE_LINK, MESSAGE, OPERATIONS, TICKET, TICKET_NUMBER, TRANSFORM_BUTTON_MESSAGE,
};
use crate::settings::Settings;
use crate::{answers, callbacks, conversation, faults, links, paging};

/// 3Dolphins SRM.
pub struct Dolphins {
    client: Client,
    session: Session,
    callback_secret: Option<Secret>,
}

/// An operation and its fields.
struct Asked {
    row: &'static Operation,
    payload: Map<String, Value>,
}

/// An answer, and the token that it was got with.
struct Answered {
    answer: Answer,
    body: Option<Value>,
    token: Token,
}

impl Dolphins {
    /// The 3Dolphins at this address.
    pub fn new(client: &ClientSettings, settings: &Settings) -> Result<Self, BadSettings> {
        let client = Client::new(client)?;
        let login = Login {
            path: &settings.login_path,
            name: ("username", &settings.username),
            password: ("password", &settings.password),
            token: &["/token", "/data/token"],
            end: End::At(&["/expireAt", "/data/expireAt"]),
        };
        let session = Session::new(&client, login)?;
        Ok(Self { client, session, callback_secret: settings.callback_secret.clone() })
    }

    async fn carry(&self, delivery: &Delivery) -> Result<Receipt, Failure> {
        let asked = Asked::of(delivery.operation, delivery.payload.clone());
        let answered = self.ask(Some(delivery.at), &asked).await?;
        match asked.row.name {
            TICKET => {
                let (number, _) = linked(&asked, &answered)?;
                Ok(answered.answer.receipt(Receipt::of([("ticketNumber", number)])))
            }
            _ => receipt(&asked, &answered),
        }
    }

    async fn look(&self, operation: &str, arguments: &Arguments) -> Result<Value, Failure> {
        let (row, fields) = question(OPERATIONS, operation, arguments)?;
        self.find(Asked::of(row, fields)).await
    }

    /// The answer to a question, without its envelope and without tokens.
    async fn find(&self, asked: Asked) -> Result<Value, Failure> {
        let mut answered = self.ask(None, &asked).await?;
        let token = answered.token.secret();
        let mut found = match (asked.row.name, answered.body.take()) {
            (TICKET, body) => linked(&asked, &Answered { body, ..answered })?.1,
            (_, Some(body)) if answered.answer.is_success() && answers::is_success(&body) => {
                answers::asked_for(body)
            }
            (_, body) => return Err(failure(&asked, &Answered { body, ..answered })),
        };
        links::veil(&mut found, &token);
        Ok(found)
    }

    /// A message is looked for in its conversation.
    async fn look_for(&self, delivery: &Delivery) -> Result<LookUp, Failure> {
        let number = delivery.text(TICKET_NUMBER).filter(|_| delivery.operation.name == MESSAGE);
        let Some(number) = number else { return Ok(LookUp::CannotSay) };
        let arguments = Arguments::from([(TICKET_NUMBER.to_owned(), number.to_owned())]);
        let shown = self.look(CONVERSATION, &arguments).await?;
        Ok(conversation::look_up(&shown, delivery))
    }

    async fn ask(&self, at: Option<Timestamp>, asked: &Asked) -> Result<Answered, Failure> {
        let (answer, token) = self.session.send(&self.client, at, || self.call(asked)).await?;
        Ok(Answered { body: answer.json(), answer, token })
    }

    fn call(&self, asked: &Asked) -> Result<Call, Failure> {
        rows::call(&self.client, OPERATIONS, asked.row, &asked.payload)
    }
}

impl Asked {
    fn of(row: &'static Operation, payload: Map<String, Value>) -> Self {
        Self { row, payload: paging::bounded(row, payload) }
    }
}

/// What comes of a call that is no link.
fn receipt(asked: &Asked, answered: &Answered) -> Result<Receipt, Failure> {
    let is_bare = asked.row.name == TRANSFORM_BUTTON_MESSAGE;
    let is_done = |body: &&Value| {
        answered.answer.is_success()
            && (answers::is_success(body) || is_bare && answers::is_bare(body))
    };
    let Some(body) = answered.body.as_ref().filter(is_done) else {
        return Err(failure(asked, answered));
    };
    let warning = answers::warning(body).map(|words| safe(asked, &answered.token, &words));
    let mut receipt = Receipt { warning, ..Receipt::default() };
    if asked.row.gives.contains(&FILE_LINK) {
        let link = body.get("data").and_then(links::file_link);
        let link = link.map(|link| links::veiled(&link, &answered.token.secret()));
        receipt.values.extend(link.map(|link| (FILE_LINK.to_owned(), link)));
    }
    Ok(answered.answer.receipt(receipt))
}

/// The number and the fields of the ticket that was asked for.
fn linked(asked: &Asked, answered: &Answered) -> Result<(String, Value), Failure> {
    let number = asked.payload.get("ticketNumber").and_then(Value::as_str).unwrap_or_default();
    let body = answered.body.as_ref().filter(|_| answered.answer.is_success());
    // The answer may hold others; linking one of them would tell a stranger's customer.
    let found = body.and_then(|body| {
        answers::tickets(body).find_map(|ticket| {
            let found = answers::number(ticket)?;
            number.eq_ignore_ascii_case(&found).then(|| (found, ticket.clone()))
        })
    });
    found.ok_or_else(|| {
        let safe = |words: &str| safe(asked, &answered.token, words);
        faults::of_ticket(&answered.answer, answered.body.as_ref(), safe)
    })
}

fn failure(asked: &Asked, answered: &Answered) -> Failure {
    let safe = |words: &str| safe(asked, &answered.token, words);
    faults::of_call(&answered.answer, answered.body.as_ref(), asked.row, safe)
}

/// Words of the upstream's without what it was told, and without tokens.
fn safe(asked: &Asked, token: &Token, words: &str) -> String {
    let token = token.secret();
    links::veiled(&redact(words, &asked.payload, &[&token]), &token)
}

impl Adapter for Dolphins {
    fn operations(&self) -> &'static [Operation] {
        OPERATIONS
    }

    fn deliver<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Result<Receipt, Failure>> {
        Box::pin(self.carry(delivery))
    }

    fn receive(&self, callback: &Callback) -> Result<Vec<Notice>, Rejected> {
        callbacks::receive(self.callback_secret.as_ref(), callback)
    }

    /// Logs in anew: the one call that needs nothing to be there.
    fn probe(&self) -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(async { self.session.log_in(&self.client).await.map(drop) })
    }

    fn look_up<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Result<LookUp, Failure>> {
        Box::pin(self.look_for(delivery))
    }

    /// Agents and the conversation see what customers are sent.
    fn shown_as<'d>(&self, delivery: &'d Delivery) -> Option<&'d str> {
        delivery.text("message").filter(|_| delivery.operation.name == MESSAGE)
    }

    fn draft(&self, delivery: &Delivery) -> Result<Draft, Failure> {
        let call = self.call(&Asked::of(delivery.operation, delivery.payload.clone()))?;
        Ok(self.session.draft(call))
    }

    fn query<'a>(
        &'a self,
        operation: &'a str,
        arguments: &'a Arguments,
    ) -> BoxFuture<'a, Result<Value, Failure>> {
        Box::pin(self.look(operation, arguments))
    }
}

impl fmt::Debug for Dolphins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dolphins").field("client", &self.client).finish_non_exhaustive()
    }
}

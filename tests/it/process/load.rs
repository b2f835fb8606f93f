//! Many OMNI clients at once, and what they were told.
//!
//! A client that gets no answer does what the documents allow: a ticket is posted again with the same
//! `requestId` until it is answered; a claim has no such key, so it is not posted again, and nobody
//! knows whether it was kept.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use super::harness::{client, post};

/// Clients at once.
pub(crate) const CLIENTS: usize = 32;

/// Between two posts of one client: all of them together post about as much as the sandbox's helpdesk
/// takes with its delays, so that there is always work and never an endless queue.
const PACE: Duration = Duration::from_millis(40);

/// One post in so many is a ticket of type CLAIM, which makes a twin in the helpdesk.
const TWIN_EVERY: usize = 10;

/// Clients that post until they are told to stop.
pub(crate) struct Load {
    hub: watch::Sender<Hub>,
    clients: JoinSet<Told>,
}

/// Where the hub is, as far as clients know.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Hub {
    At(SocketAddr),
    Away,
    Done,
}

/// What clients were told.
#[derive(Default)]
pub(crate) struct Told {
    /// Creates that were answered.
    pub(crate) acknowledged: Vec<Acknowledged>,
    /// Posts that were not answered, each time counted.
    pub(crate) unanswered: usize,
    /// Those of them that had a connection.
    pub(crate) cut_off: usize,
}

/// An answered create.
pub(crate) struct Acknowledged {
    /// Whether it was posted as a claim.
    pub(crate) is_claim: bool,
    /// Whether Sociomile's complaint desk is to be told of it.
    pub(crate) is_disputed: bool,
    /// The hub's number.
    pub(crate) number: String,
}

impl Load {
    /// Starts posting with this key.
    pub(crate) fn start(key: &str) -> Self {
        let (hub, seen) = watch::channel(Hub::Away);
        let mut clients = JoinSet::new();
        for name in 0..CLIENTS {
            clients.spawn(run(name, key.to_owned(), seen.clone()));
        }
        Self { hub, clients }
    }

    /// The hub is here now.
    pub(crate) fn point_at(&self, address: SocketAddr) {
        self.hub.send_replace(Hub::At(address));
    }

    /// The hub is gone for now.
    pub(crate) fn pause(&self) {
        self.hub.send_replace(Hub::Away);
    }

    /// Stops posting, and gives what all clients were told.
    pub(crate) async fn finish(mut self) -> Told {
        self.hub.send_replace(Hub::Done);
        let mut all = Told::default();
        while let Some(told) = self.clients.join_next().await {
            let told = told.unwrap();
            all.acknowledged.extend(told.acknowledged);
            all.unanswered += told.unanswered;
            all.cut_off += told.cut_off;
        }
        all
    }
}

async fn run(name: usize, key: String, mut hub: watch::Receiver<Hub>) -> Told {
    let client = client();
    let mut told = Told::default();
    let mut pace = interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for count in 0.. {
        pace.tick().await;
        let reference = format!("REF-{name}-{count}");
        let (is_claim, is_disputed) = (count % 2 == 1, count % 2 == 1 || count % TWIN_EVERY == 0);
        let (path, body) = match (is_claim, is_disputed) {
            (true, _) => ("claims", claim(&reference)),
            (false, true) => ("tickets", disputed_ticket(&reference)),
            (false, false) => ("tickets", ticket(&reference)),
        };
        loop {
            let Some(address) = here(&mut hub).await else { return told };
            match post(&client, (address, &key), path, &body).await {
                Ok((status, answer)) => {
                    assert_eq!(status, 201, "{answer}");
                    let number = answer["ticketNumber"].as_str().unwrap().to_owned();
                    told.acknowledged.push(Acknowledged { is_claim, is_disputed, number });
                    break;
                }
                Err(error) => told.cut_off += usize::from(!error.is_connect()),
            }
            told.unanswered += 1;
            moved(&mut hub, address).await;
            if is_claim {
                break;
            }
        }
    }
    told
}

/// Where the hub is, waiting while it is away; none when there is to be no more.
async fn here(hub: &mut watch::Receiver<Hub>) -> Option<SocketAddr> {
    match *hub.wait_for(|hub| *hub != Hub::Away).await.unwrap() {
        Hub::At(address) => Some(address),
        Hub::Away | Hub::Done => None,
    }
}

/// Waits until the hub is no longer there.
async fn moved(hub: &mut watch::Receiver<Hub>, from: SocketAddr) {
    hub.wait_for(|hub| *hub != Hub::At(from)).await.unwrap();
}

/// OMNI API 1.0, "Create Simplified Claim".
pub(crate) fn claim(reference: &str) -> Value {
    json!({
        "namaNasabah": "John Doe",
        "mediaTransaksi": "ATM",
        "jenisTransaksi": "PEMBELIAN",
        "nominal": 500_000,
        "nomorRekening": "1234567890",
        "nomorKartu": "****1234",
        "claimReason": "Transaction failed but amount was deducted",
        "claimDate": "2024-12-19T10:30:00Z",
        "transactionId": reference,
        "atmId": "ATM001",
        "description": "ATM transaction failed but money was debited from account",
    })
}

/// Omnichannel payloads 1.0.0, "Minimal Example - General Inquiry", with a request id.
pub(crate) fn ticket(reference: &str) -> Value {
    json!({
        "channel": "EMAIL",
        "serviceType": "INQUIRY",
        "customer": { "name": "Jane Smith", "email": "jane.smith@email.com" },
        "ticket": {
            "title": "Account Balance Inquiry",
            "description": "Customer wants to know about account balance and transaction history",
            "metadata": { "reference": reference },
        },
        "integration": { "requestId": reference },
    })
}

/// Omnichannel payloads 1.0.0, "Complete Example - ATM Card Claim", without its attachment.
fn disputed_ticket(reference: &str) -> Value {
    let mut body = ticket(reference);
    body["serviceType"] = json!("CLAIM");
    body["ticket"]["metadata"] = json!({
        "reference": reference,
        "transactionId": reference,
        "claimType": "ATM_CARD_RETAINED",
        "claimAmount": 500_000,
        "claimCurrency": "IDR",
        "claimDate": "2024-01-15T10:30:00Z",
        "claimReason": "Card retained by ATM",
        "atmId": "ATM001",
    });
    body
}

//! What became of all that was acknowledged, counted at the systems themselves.
//!
//! At each system everything acknowledged must be exactly once, or be listed by the hub as held.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use omnihub_sandbox::{Door, HelpdeskTicket, Sandbox};
use serde_json::Value;

use super::harness::{Home, until};
use super::load::Acknowledged;

/// Longest wait for everything to land, on a machine that does other things too.
const LAND_MAX: Duration = Duration::from_secs(180);

/// Where everything is.
pub(crate) struct Count {
    /// At BSG Helpdesk: everything.
    pub(crate) helpdesk: Tally,
    /// At Sociomile: disputed transactions.
    pub(crate) sociomile: Tally,
    /// Deliveries that wait for a person, as the command line lists them.
    pub(crate) listed: Vec<Value>,
}

/// One system's share, by the hub's numbers.
#[derive(Default)]
pub(crate) struct Tally {
    /// How many it should have.
    pub(crate) owed: usize,
    /// How many it has.
    pub(crate) arrived: usize,
    /// What it has not, and the hub lists as held.
    pub(crate) held: BTreeSet<String>,
    /// What it has not, and the hub lists as dead.
    pub(crate) dead: BTreeSet<String>,
    /// What it has not, and nobody knows of.
    pub(crate) lost: Vec<String>,
    /// How many it has that nobody was told of: kept, but the answer was cut.
    pub(crate) untold: usize,
    /// What it has more than once, whether it was acknowledged or not.
    pub(crate) doubled: Vec<String>,
}

impl Tally {
    pub(crate) fn text(&self) -> String {
        let Self { owed, arrived, held, dead, lost, untold, doubled } = self;
        let (held, dead, lost) = (held.len(), dead.len(), lost.len());
        let doubled = doubled.len();
        format!(
            "{owed} owed, {arrived} arrived, {held} held, {dead} dead, {lost} lost, {doubled} doubled; \
             {untold} more whose answers were cut"
        )
    }

    fn of<'a>(
        owed: impl Iterator<Item = &'a Acknowledged>,
        copies: &BTreeMap<String, usize>,
        (held, dead): (&BTreeSet<String>, &BTreeSet<String>),
    ) -> Self {
        let doubled = copies.iter().filter(|(_, copies)| **copies > 1);
        let doubled = doubled.map(|(number, _)| number.clone()).collect();
        let mut tally = Self { doubled, ..Self::default() };
        for number in owed.map(|acknowledged| &acknowledged.number) {
            tally.owed += 1;
            match copies.contains_key(number) {
                true => tally.arrived += 1,
                false if held.contains(number) => drop(tally.held.insert(number.clone())),
                false if dead.contains(number) => drop(tally.dead.insert(number.clone())),
                false => tally.lost.push(number.clone()),
            }
        }
        tally.untold = copies.len() - tally.arrived;
        tally
    }
}

/// Waits until everything acknowledged is somewhere, and counts.
pub(crate) async fn settled(home: &Home, sandbox: &Sandbox, of: &[Acknowledged]) -> Count {
    let began = std::time::Instant::now();
    until("everything is somewhere", LAND_MAX * 2, async || {
        let count = now(home, sandbox, of).await;
        let missing = count.helpdesk.lost.len() + count.sociomile.lost.len();
        (missing == 0 || began.elapsed() > LAND_MAX).then_some(count)
    })
    .await
}

/// Counts.
pub(crate) async fn now(home: &Home, sandbox: &Sandbox, of: &[Acknowledged]) -> Count {
    // Against the stream, so that whatever is seen at Sociomile is seen at the helpdesk too.
    let listed = listed(home).await;
    let at_sociomile = sandbox.sociomile_tickets();
    let tickets = sandbox.helpdesk_tickets();
    let owned = tickets.iter().filter(|ticket| ticket.door != Door::Twin);
    let numbers: Vec<_> = owned.map(|ticket| (ticket.number.clone(), hub_number(ticket))).collect();
    let by_helpdesk_number: BTreeMap<_, _> = numbers.iter().cloned().collect();
    let told = at_sociomile.iter().map(|ticket| &ticket.fields["nomorTicketHelpdesk"]);
    let told = told.map(|number| by_helpdesk_number[&number.to_string()].clone());
    let waiting = |adapters| (held(&listed, adapters), dead(&listed, adapters));
    let at_helpdesk = waiting(&["helpdesk"]);
    // What is held on its way to the helpdesk has no number there, and Sociomile waits for it.
    let on_the_way = waiting(&["helpdesk", "sociomile"]);
    let disputed = of.iter().filter(|acknowledged| acknowledged.is_disputed);
    Count {
        helpdesk: Tally::of(
            of.iter(),
            &copies(numbers.into_iter().map(|(_, hub)| hub)),
            (&at_helpdesk.0, &at_helpdesk.1),
        ),
        sociomile: Tally::of(disputed, &copies(told), (&on_the_way.0, &on_the_way.1)),
        listed,
    }
}

/// What a client calls them: each of these must be in the helpdesk once, whatever number it has.
pub(crate) fn doubled_references(sandbox: &Sandbox) -> Vec<String> {
    let tickets = sandbox.helpdesk_tickets();
    let owned = tickets.iter().filter(|ticket| ticket.door != Door::Twin);
    let references = owned.map(|ticket| match ticket.door {
        Door::Claims => text(&ticket.metadata["transactionId"]),
        Door::Tickets | Door::Twin => text(&ticket.metadata["reference"]),
    });
    copies(references).into_iter().filter(|(_, copies)| *copies > 1).map(|(name, _)| name).collect()
}

/// Deliveries that wait for a person, as the command line lists them while the hub runs.
pub(crate) async fn listed(home: &Home) -> Vec<Value> {
    let listed = home.run(&["deliveries", "list", "--json"]).await;
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    serde_json::from_slice(&listed.stdout).unwrap()
}

/// The numbers of what is held on the way to these.
pub(crate) fn held(listed: &[Value], adapters: &[&str]) -> BTreeSet<String> {
    in_state("held", listed, adapters)
}

fn dead(listed: &[Value], adapters: &[&str]) -> BTreeSet<String> {
    in_state("dead", listed, adapters)
}

fn in_state(state: &str, listed: &[Value], adapters: &[&str]) -> BTreeSet<String> {
    let those = listed.iter().filter(|delivery| {
        delivery["state"] == state && adapters.iter().any(|name| delivery["adapter"] == *name)
    });
    those.map(|delivery| text(&delivery["ticket"])).collect()
}

fn copies(of: impl Iterator<Item = String>) -> BTreeMap<String, usize> {
    let mut copies = BTreeMap::new();
    for one in of {
        *copies.entry(one).or_default() += 1;
    }
    copies
}

/// The hub's number, as the shipped mapping writes it into each ticket.
fn hub_number(ticket: &HelpdeskTicket) -> String {
    match ticket.door {
        Door::Claims => claim_number(&ticket.description),
        Door::Tickets | Door::Twin => Some(text(&ticket.metadata["omnihubNumber"])),
    }
    .unwrap()
}

/// The hub's number in a claim's text.
pub(crate) fn claim_number(description: &str) -> Option<String> {
    let (_, rest) = description.split_once("[omnihub ")?;
    Some(rest.split_once(']')?.0.to_owned())
}

/// A text, or a number as text.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

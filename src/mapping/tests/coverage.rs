//! The shipped files against the tables of the contract: where each field of Sociomile's comes from
//! (4.3), cards, and dates on both sides of midnight.

use omnihub_contract::{Claim, Medium, Ticket};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::catalogs::{catalogs, compiled, shipped, the_banks};
use super::samples::{bare_claim, created, receipts, tickets, with_facts};
use crate::mapping::{CompileOptions, Mappings, compile};

const DISPUTE: &str = "disputed transaction to the complaint desk";

fn mapped_by(
    mappings: &Mappings,
    ticket: &Ticket,
    adapter: &str,
    rule: &str,
) -> Map<String, Value> {
    let mapped =
        with_facts(ticket, &receipts("1446"), |facts| mappings.map(&adapter.into(), rule, facts));
    mapped.unwrap()
}

/// Field by field of contract 4.3: from the claim where it has it, else a visible placeholder.
#[test]
fn every_mandatory_field_of_the_complaint_desk_has_a_source_and_a_placeholder() {
    let mappings = compiled(&shipped(), false).unwrap();
    let mut full = bare_claim();
    full.customer.email = Some("budi@contoh.example".into());
    full.customer.branch_code = Some("017".into());
    full.customer.branch_name = Some("Cabang Bitung".into());
    full.claim = Some(Claim {
        medium: Some(Medium::Atm),
        amount: Some(200_000),
        atm_id: Some("0126".into()),
        atm_name: Some("MOBIL KELILING CAB UTAMA".into()),
        branch_register_number: Some("101892087".into()),
        ..Claim::default()
    });
    let of = |ticket: &Ticket| mapped_by(&mappings, ticket, "sociomile", DISPUTE);
    let (bare, full) = (of(&bare_claim()), of(&full));
    for (field, without, with) in [
        ("ticketType", json!("helpdesk"), json!("helpdesk")),
        ("namaNasabah", json!("Budi Contoh"), json!("Budi Contoh")),
        ("mediaTransaksi", json!("QRIS"), json!("ATM")),
        ("nominal", json!(500_000), json!(200_000)),
        ("content", json!("Keluhan\nRusak"), json!("Keluhan\nRusak")),
        ("connectID", json!("omnihub"), json!("budi@contoh.example")),
        ("branchCode", json!("000"), json!("017")),
        ("branchName", json!("Unknown Branch"), json!("Cabang Bitung")),
        ("atmId", json!("N/A"), json!("0126")),
        ("atmName", json!("N/A"), json!("MOBIL KELILING CAB UTAMA")),
        ("nomorTicketHelpdesk", json!(1446), json!(1446)),
        ("noRegPengaduanCabang", json!(1446), json!(101_892_087)),
    ] {
        assert_eq!((&bare[field], &full[field]), (&without, &with), "{field}");
    }
}

/// The shipped files with Sociomile's zone set to another.
fn in_zone(zone: &str) -> Mappings {
    let mut catalogs = catalogs();
    let sociomile = catalogs.iter_mut().find(|catalog| catalog.adapter.as_str() == "sociomile");
    sociomile.unwrap().settings.insert("timezone".into(), zone.into());
    compile(&shipped(), &catalogs, CompileOptions::default()).unwrap()
}

#[track_caller]
fn check_date(instant: &str, zone: &str, expected: &str) {
    let mut claim = bare_claim();
    claim.claim.as_mut().unwrap().occurred_at = Some(instant.parse().unwrap());
    let sent = mapped_by(&in_zone(zone), &claim, "sociomile", DISPUTE);
    assert_eq!(sent["claimDate"], expected, "{instant} in {zone}");
    let sent = mapped_by(&in_zone(zone), &claim, "helpdesk", "claim");
    assert_eq!(sent["claimDate"], instant, "the helpdesk gets the instant itself");
}

/// Contract trap 48: a claim of 16:30 UTC is of the next day in WITA, and of the same in WIB.
#[test]
fn a_date_is_that_of_its_zone_on_both_sides_of_midnight() {
    for (instant, zone, expected) in [
        ("2024-12-19T15:59:59Z", "Asia/Makassar", "2024-12-19 23:59:59"),
        ("2024-12-19T16:00:00Z", "Asia/Makassar", "2024-12-20 00:00:00"),
        ("2024-12-19T16:30:00Z", "Asia/Makassar", "2024-12-20 00:30:00"),
        ("2024-12-19T16:30:00Z", "Asia/Jakarta", "2024-12-19 23:30:00"),
        ("2024-12-19T17:00:00Z", "Asia/Jakarta", "2024-12-20 00:00:00"),
        ("2024-12-19T14:59:59Z", "Asia/Jayapura", "2024-12-19 23:59:59"),
        ("2024-12-19T15:00:00Z", "Asia/Jayapura", "2024-12-20 00:00:00"),
        ("2024-12-31T16:00:00Z", "Asia/Makassar", "2025-01-01 00:00:00"),
        ("2024-02-28T16:00:00Z", "Asia/Makassar", "2024-02-29 00:00:00"),
        ("2024-12-19T23:59:59Z", "UTC", "2024-12-19 23:59:59"),
    ] {
        check_date(instant, zone, expected);
    }
}

/// Every text and number of a payload.
fn leaves(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().flat_map(leaves).collect(),
        Value::Object(members) => members.values().flat_map(leaves).collect(),
        leaf => vec![leaf],
    }
}

proptest! {
    /// Contract trap 35: a masked card is no number, and its last digits are another's number.
    #[test]
    fn a_card_is_never_sent_as_a_number(ticket in tickets(), last in 1000..9999_u64) {
        let mut ticket = ticket;
        let card = format!("411111******{last}");
        ticket.claim.get_or_insert_default().card = Some(card.as_str().into());
        let mappings = compiled(&the_banks(), true).unwrap();
        for route in mappings.route(&ticket, &created()) {
            let sent = mapped_by(&mappings, &ticket, route.adapter.as_str(), &route.rule);
            let is_masked = |leaf: &&Value| leaf.as_str().is_some_and(|text| text.contains(&format!("*{last}")));
            let whole = Value::Object(sent.clone());
            let cards: Vec<&Value> = leaves(&whole).into_iter().filter(is_masked).collect();
            let masked = json!(format!("****{last}"));
            match route.operation.name {
                "create_claim" => prop_assert_eq!(cards, vec![&masked]),
                _ => prop_assert!(cards.is_empty(), "{:?}", cards),
            }
            prop_assert!(sent.get("nomorKartu").is_none_or(Value::is_string));
        }
    }
}

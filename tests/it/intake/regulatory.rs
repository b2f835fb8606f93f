//! What is a complaint, and how many working days it has (domain 4.1, 4.2).

use omnihub::intake::{Policy, RegulatoryDays, RegulatoryRules, SpecialDays};
use omnihub_contract::{Category, Channel, Form, Kind, Medium, Regulatory, ServiceType};
use serde_json::{Value, json};

use super::Bench;
use crate::hub::samples::{claim, ticket, with};

#[track_caller]
fn check_days(rules: RegulatoryRules, (kind, body): (Kind, &Value), expected: Option<&Regulatory>) {
    let bench =
        Bench { policy: Policy { regulatory: rules, ..Policy::default() }, ..Bench::default() };
    assert_eq!(bench.take_value(kind, body).unwrap().ticket.regulatory.as_ref(), expected);
}

fn days(form: Form, days: u16, extension_days: u16, clock: Option<&str>) -> Regulatory {
    let clock = clock.map(str::to_owned);
    Regulatory { form, days, extension_days, clock }
}

fn complaint() -> Value {
    with(ticket(), "serviceType", "COMPLAINT")
}

#[test]
fn what_is_said_has_five_days_and_what_is_written_ten() {
    let rules = RegulatoryRules::default;
    let written = days(Form::Written, 10, 10, None);
    check_days(rules(), (Kind::Claim, &claim()), Some(&written));
    check_days(rules(), (Kind::Ticket, &complaint()), Some(&written));
    let oral = days(Form::Oral, 5, 10, None);
    let call = with(claim(), "channel", "PHONE");
    check_days(rules(), (Kind::Claim, &call), Some(&oral));
    let call = with(complaint(), "channel", "PHONE");
    check_days(rules(), (Kind::Ticket, &call), Some(&oral));
    let rules = RegulatoryRules { oral_channels: vec![Channel::Email], ..rules() };
    check_days(rules, (Kind::Ticket, &complaint()), Some(&oral));
}

#[test]
fn a_question_is_no_complaint() {
    for service_type in ["INQUIRY", "FEEDBACK", "GENERAL_REQUEST"] {
        let question = with(ticket(), "serviceType", service_type);
        check_days(RegulatoryRules::default(), (Kind::Ticket, &question), None);
    }
    let rules = RegulatoryRules { exempt: vec![ServiceType::Claim], ..RegulatoryRules::default() };
    check_days(rules.clone(), (Kind::Claim, &claim()), None);
    check_days(rules, (Kind::Ticket, &ticket()), Some(&days(Form::Written, 10, 10, None)));
}

#[test]
fn a_second_clock_takes_what_fits_it_and_of_several_the_one_with_least_days() {
    let special = |name: &str, media: &[&str], categories: &[&str], written| SpecialDays {
        name: name.to_owned(),
        media: media.iter().map(|word| Medium::from(*word)).collect(),
        categories: categories.iter().map(|word| Category::from(*word)).collect(),
        service_types: Vec::new(),
        days: RegulatoryDays { oral: 2, written, extension: 0 },
    };
    let special = vec![
        special("payments", &["QRIS", "ATM"], &[], 20),
        special("quick payments", &["QRIS"], &[], 8),
        special("incidents", &[], &["INCIDENT"], 3),
        special("none", &["QRIS"], &["INCIDENT"], 1),
    ];
    let rules = RegulatoryRules { special, ..RegulatoryRules::default() };
    let quick = days(Form::Written, 8, 0, Some("quick payments"));
    check_days(rules.clone(), (Kind::Claim, &claim()), Some(&quick));
    let atm = with(with(claim(), "mediaTransaksi", "ATM"), "jenisTransaksi", "TRANSFER");
    check_days(
        rules.clone(),
        (Kind::Claim, &atm),
        Some(&days(Form::Written, 20, 0, Some("payments"))),
    );
    let call = with(atm, "channel", "PHONE");
    check_days(
        rules.clone(),
        (Kind::Claim, &call),
        Some(&days(Form::Oral, 2, 0, Some("payments"))),
    );
    let debit = with(claim(), "mediaTransaksi", "DEBIT");
    check_days(rules.clone(), (Kind::Claim, &debit), Some(&days(Form::Written, 10, 10, None)));
    let incident = with(complaint(), "ticket", json!({"description": "x", "category": "INCIDENT"}));
    let three = days(Form::Written, 3, 0, Some("incidents"));
    check_days(rules, (Kind::Ticket, &incident), Some(&three));
}

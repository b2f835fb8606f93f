//! What holds for every body.

use omnihub::intake::Document;
use omnihub_contract::{Kind, Ticket};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::Bench;

/// Member names and texts that the door knows, so that generated bodies get past its first checks.
const KNOWN: &[&str] = &[
    "namaNasabah",
    "mediaTransaksi",
    "jenisTransaksi",
    "nominal",
    "nomorKartu",
    "claimDate",
    "channel",
    "serviceType",
    "customer",
    "name",
    "email",
    "phone",
    "ticket",
    "description",
    "metadata",
    "claimAmount",
    "attachments",
    "content",
    "filename",
    "mimeType",
    "integration",
    "requestId",
    "ATM",
    "QRIS",
    "PEMBELIAN",
    "CLAIM",
    "OTHER",
    "CHAT",
    "2024-12-19",
    "a@b.id",
    "4111111111111111",
    "QQ==",
    "+62 (0)8",
    "\u{0}",
    "é",
];

pub(super) fn text() -> impl Strategy<Value = String> {
    prop_oneof![prop::sample::select(KNOWN).prop_map(str::to_owned), ".{0,12}"]
}

pub(super) fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (1_u64..1_000_000_000).prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(text(), inner, 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Bodies that are right, with anything in the parts that are free.
fn right_body() -> impl Strategy<Value = (Kind, Value)> {
    let prose = ".{0,30}".prop_map(|text| format!("J{}", text.replace(char::is_control, "")));
    let free = prop::collection::btree_map("[a-z]{1,8}", value(), 0..4);
    (prose, 1_u64..1_000_000_000, free, any::<bool>()).prop_map(
        |(words, amount, free, is_claim)| {
            if is_claim {
                let claim = json!({
                    "namaNasabah": words, "mediaTransaksi": "DEBIT", "nominal": amount,
                    "description": words, "unknown": free
                });
                return (Kind::Claim, claim);
            }
            let ticket = json!({
                "channel": "CHAT", "serviceType": "OTHER", "unknown": amount,
                "customer": { "name": words, "phone": words },
                "ticket": { "description": words, "metadata": free }
            });
            (Kind::Ticket, ticket)
        },
    )
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        for kind in [Kind::Claim, Kind::Ticket] {
            prop_assert!(Bench::default().take(kind, &body).is_err());
        }
    }

    #[test]
    fn no_value_makes_it_panic(members in prop::collection::btree_map(text(), value(), 0..12)) {
        let body = Value::Object(members.into_iter().collect::<Map<_, _>>()).to_string();
        for kind in [Kind::Claim, Kind::Ticket] {
            let once = Bench::default().take(kind, body.as_bytes());
            prop_assert_eq!(once, Bench::default().take(kind, body.as_bytes()));
        }
    }

    #[test]
    fn a_body_taken_twice_gives_the_same_ticket((kind, body) in right_body()) {
        let once = Bench::default().take_value(kind, &body);
        prop_assert!(once.is_ok(), "{:?}", once);
        prop_assert_eq!(once, Bench::default().take_value(kind, &body));
    }

    #[test]
    fn a_taken_ticket_survives_its_stored_form((kind, body) in right_body()) {
        let ticket = Bench::default().take_value(kind, &body).unwrap().ticket;
        let stored = serde_json::to_vec(&ticket).unwrap();
        let again: Ticket = serde_json::from_slice(&stored).unwrap();
        prop_assert_eq!(serde_json::to_vec(&again).unwrap(), stored);
    }

    #[test]
    fn a_fingerprint_goes_by_value_alone((_, body) in right_body()) {
        let print = |text: &str| Document::parse(text.as_bytes()).unwrap().fingerprint("POST", "/");
        let pretty = serde_json::to_string_pretty(&body).unwrap();
        prop_assert_eq!(print(&body.to_string()), print(&pretty));
    }
}

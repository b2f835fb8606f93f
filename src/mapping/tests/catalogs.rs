//! The adapters' tables of operations as the documents give them, and the settings that the shipped
//! files read. Written apart from the adapters, so that the two check each other.

use omnihub_contract::{AdapterName, Effect, Field, Operation, Place, Repeat};
use serde_json::{Map, Value};

use crate::mapping::{Catalog, CompileOptions, Findings, MappingFile, Mappings, compile};

/// What `config.toml` has for the shipped files.
pub(super) const SETTINGS: &str = r#"
[helpdesk]
identifier = "TANPA-IDENTITAS"
email = "tanpa-email@omnihub.invalid"
claim_amount = 1

[sociomile]
timezone = "Asia/Makassar"
connect_id = "omnihub"
media_transaksi = "BRANCH_PORTAL"
branch_code = "000"
branch_name = "Unknown Branch"
atm_id = "N/A"
atm_name = "N/A"
customer_hp = "0"
customer_email = "tanpa-email@omnihub.invalid"

[dolphins]
link_channels = ["CHAT"]

[webhook]
"#;

const fn create(name: &'static str, path: &'static str, fields: &'static [Field]) -> Operation {
    let (method, repeat, effect) = ("POST", Repeat::Unsafe, Effect::Create);
    Operation { name, method, path, fields, gives: &[], repeat, effect }
}

const fn update(name: &'static str, repeat: Repeat, fields: &'static [Field]) -> Operation {
    let path = "/api/omnichannel/tickets/{ticketNumber}";
    let (method, effect) = ("PATCH", Effect::Change);
    Operation { name, method, path, fields, gives: &[], repeat, effect }
}

const TICKET_NUMBER: Field = Field::text("ticketNumber").mandatory().at(Place::Path);

static HELPDESK: &[Operation] = &[
    Operation {
        gives: &["ticketNumber", "ticketId"],
        ..create(
            "create_claim",
            "/api/omnichannel/claims",
            &[
                Field::text("namaNasabah").mandatory(),
                Field::text("mediaTransaksi").mandatory(),
                Field::text("jenisTransaksi"),
                Field::number("nominal").mandatory(),
                Field::text("nomorRekening"),
                Field::text("nomorKartu"),
                Field::text("claimReason"),
                Field::text("claimDate"),
                Field::text("transactionId"),
                Field::text("referenceNumber"),
                Field::text("atmId"),
                Field::text("description"),
            ],
        )
    },
    Operation {
        gives: &["ticketNumber", "ticketId"],
        ..create(
            "create_ticket",
            "/api/omnichannel/tickets",
            &[
                Field::text("channel").mandatory(),
                Field::text("channelReferenceId"),
                Field::text("serviceType").mandatory(),
                Field::text("customer.name").mandatory(),
                Field::text("customer.email"),
                Field::text("customer.phone"),
                Field::text("customer.identifier"),
                Field::text("customer.branchCode"),
                Field::text("customer.department"),
                Field::text("customer.preferredLanguage"),
                Field::text("ticket.title"),
                Field::text("ticket.description").mandatory(),
                Field::text("ticket.priority"),
                Field::text("ticket.category"),
                Field::object("ticket.metadata"),
                Field::list("attachments"),
                Field::text("integration.requestId").mandatory(),
                Field::text("integration.webhookUrl"),
                Field::text("integration.apiVersion"),
                Field::text("integration.partnerId"),
            ],
        )
    },
    Operation {
        gives: &["commentId"],
        ..update(
            "add_comment",
            Repeat::Unsafe,
            &[TICKET_NUMBER, Field::text("comment").mandatory()],
        )
    },
    update("update_status", Repeat::Safe, &[TICKET_NUMBER, Field::text("status").mandatory()]),
    update(
        "add_attachment",
        Repeat::Unsafe,
        &[TICKET_NUMBER, Field::list("attachments").mandatory()],
    ),
];

static SOCIOMILE: &[Operation] = &[
    Operation {
        gives: &["ticketId", "ticket_number"],
        ..create(
            "create_helpdesk",
            "/bank-sulut/create",
            &[
                Field::text("namaNasabah").mandatory(),
                Field::text("ticketType").mandatory(),
                Field::text("content").mandatory(),
                Field::text("email"),
                Field::text("connectID").mandatory(),
                Field::text("mediaTransaksi").mandatory(),
                Field::text("jenisTransaksi"),
                Field::number("nominal").mandatory(),
                Field::number("nomorRekening"),
                Field::number("nomorKartu"),
                Field::text("transactionId"),
                Field::text("claimReason"),
                Field::text("claimDate"),
                Field::text("branchCode").mandatory(),
                Field::text("branchName").mandatory(),
                Field::text("atmName").mandatory(),
                Field::text("atmId").mandatory(),
                Field::text("description"),
                Field::number("nomorTicketHelpdesk").mandatory(),
                Field::number("noRegPengaduanCabang").mandatory(),
            ],
        )
    },
    Operation {
        gives: &["ticketId", "ticket_number"],
        ..create(
            "create_voice",
            "/bank-sulut/create",
            &[
                Field::text("customer_hp").mandatory(),
                Field::text("ticketType").mandatory(),
                Field::text("content").mandatory(),
                Field::text("customer_email").mandatory(),
                Field::text("connectID").mandatory(),
                Field::text("customer_name").mandatory(),
                Field::text("ticketId_masking"),
                Field::text("ticket_id"),
                Field::text("subject"),
                Field::text("date_created_at"),
                Field::text("date_close"),
                Field::text("handlingTime"),
                Field::text("mainCategory"),
                Field::text("category_name"),
                Field::text("category_id"),
                Field::text("subCategory"),
                Field::text("detailSubCategory"),
                Field::text("detailSubCategory2"),
                Field::text("created_by_name"),
                Field::text("created_by_id"),
                Field::text("first_stream_text"),
            ],
        )
    },
];

static DOLPHINS: &[Operation] = &[
    Operation {
        name: "ticket",
        method: "GET",
        path: "/dolphin/apiv1/graph/tickets/{ticketNumber}",
        fields: &[Field::text("ticketNumber").mandatory().at(Place::Path)],
        gives: &["ticketNumber"],
        repeat: Repeat::Safe,
        effect: Effect::Read,
    },
    Operation {
        effect: Effect::Change,
        ..create(
            "send_message",
            "/dolphin/apiv1/graph/tickets/sendMessage",
            &[
                Field::text("ticketNumber").mandatory(),
                Field::text("channelType").mandatory(),
                Field::text("message").mandatory(),
                Field::text("replyAgent"),
            ],
        )
    },
];

static WEBHOOK: &[Operation] = &[Operation {
    repeat: Repeat::Safe,
    effect: Effect::Change,
    ..create(
        "send",
        "",
        &[
            Field::text("url").mandatory().at(Place::Address),
            Field::text("event").mandatory(),
            Field::text("ticketNumber").mandatory(),
            Field::text("timestamp").mandatory(),
            Field::text("channelReferenceId"),
            Field::object("data"),
        ],
    )
}];

/// The four adapters with these settings.
pub(super) fn catalogs(settings: &str) -> Vec<Catalog> {
    let settings: Map<String, Value> = toml::from_str(settings).unwrap();
    [("helpdesk", HELPDESK), ("sociomile", SOCIOMILE), ("dolphins", DOLPHINS), ("webhook", WEBHOOK)]
        .into_iter()
        .map(|(name, operations)| Catalog {
            adapter: name.into(),
            operations,
            settings: settings[name].as_object().unwrap().clone(),
        })
        .collect()
}

/// A file as it would be called on disk.
pub(super) fn file(adapter: &str, text: &str) -> MappingFile {
    let path = format!("mappings/{adapter}.toml");
    MappingFile { adapter: AdapterName::from(adapter), path, text: text.to_owned() }
}

/// The files that are shipped.
pub(super) fn shipped() -> Vec<MappingFile> {
    vec![
        file("helpdesk", include_str!("../../../mappings/helpdesk.toml")),
        file("sociomile", include_str!("../../../mappings/sociomile.toml")),
        file("dolphins", include_str!("../../../mappings/dolphins.toml")),
        file("webhook", include_str!("../../../mappings/webhook.toml")),
    ]
}

/// Compiles a set against the four adapters.
pub(super) fn compiled(
    files: &[MappingFile],
    switched_off_rules: bool,
) -> Result<Mappings, Findings> {
    compile(files, &catalogs(SETTINGS), CompileOptions { switched_off_rules })
}

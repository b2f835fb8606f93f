//! The disputed transaction: of a claim its own members, of a ticket what its metadata says.
//!
//! A ticket's metadata never gives a medium or a transaction type: a claim posted as a ticket has
//! neither, and to make them up from `claimType` would be invention (contract trap 16).

use omnihub_contract::{Claim, Medium, Personal, mask};

use super::amount::rupiah;
use super::date::{self, instant};
use super::fields::{Field, Members, Wrong, owned, prose, require, required_word, text, word};
use super::limits::{
    CODE_CHARS_MAX, DATE_CHARS_MAX, NAME_CHARS_MAX, REASON_CHARS_MAX, REFERENCE_CHARS_MAX,
};
use super::schema::{Object, has, named_for, text_like};

/// `jenisTransaksi` (OMNI API 1.0, "Jenis Transaksi").
pub(super) const TRANSACTION_TYPES: &[&str] = &["PEMBELIAN", "PEMBAYARAN", "TRANSFER"];

const MEDIUM: Field = Field::word("mediaTransaksi", "Media transaksi");
const TRANSACTION_TYPE: Field = Field::word("jenisTransaksi", "Jenis transaksi");
const NOMINAL: Field = Field::member("nominal", "Nominal");
const ACCOUNT: Field = Field::line("nomorRekening", "Nomor rekening", CODE_CHARS_MAX);
const CARD: Field = Field::line("nomorKartu", "Nomor kartu", CODE_CHARS_MAX);
const ATM_NAME: Field = Field::line("atmName", "ATM name", NAME_CHARS_MAX);
const REGISTER_NUMBER: Field =
    Field::line("noRegPengaduanCabang", "No reg pengaduan cabang", CODE_CHARS_MAX);

/// Names of the members that both documents have.
struct Names {
    reason: Field,
    date: Field,
    transaction_id: Field,
    reference_number: Field,
    atm_id: Field,
}

const OF_CLAIM: Names = Names {
    reason: Field::prose("claimReason", "Claim reason", REASON_CHARS_MAX),
    date: Field::line("claimDate", "Claim date", DATE_CHARS_MAX),
    transaction_id: Field::line("transactionId", "Transaction id", REFERENCE_CHARS_MAX),
    reference_number: Field::line("referenceNumber", "Reference number", REFERENCE_CHARS_MAX),
    atm_id: Field::line("atmId", "ATM id", CODE_CHARS_MAX),
};

const OF_METADATA: Names = Names {
    reason: Field::prose("ticket.metadata.claimReason", "Claim reason", REASON_CHARS_MAX),
    date: Field::line("ticket.metadata.claimDate", "Claim date", DATE_CHARS_MAX),
    transaction_id: TRANSACTION_ID,
    reference_number: Field::line(
        "ticket.metadata.referenceNumber",
        "Reference number",
        REFERENCE_CHARS_MAX,
    ),
    atm_id: ATM_ID,
};

/// Metadata members that some service types require.
pub(super) const TRANSACTION_ID: Field =
    Field::line("ticket.metadata.transactionId", "Transaction id", REFERENCE_CHARS_MAX);
pub(super) const ATM_ID: Field = Field::line("ticket.metadata.atmId", "ATM id", CODE_CHARS_MAX);
pub(super) const CLAIM_TYPE: Field =
    Field::line("ticket.metadata.claimType", "Claim type", REFERENCE_CHARS_MAX);
pub(super) const CLAIM_AMOUNT: Field = Field::member("ticket.metadata.claimAmount", "Claim amount");

const DISPUTE_AMOUNT: Field = Field::member("ticket.metadata.disputeAmount", "Dispute amount");
const DISPUTE_REASON: Field =
    Field::prose("ticket.metadata.disputeReason", "Dispute reason", REASON_CHARS_MAX);
const CURRENCY: Field = Field::word("ticket.metadata.claimCurrency", "Claim currency");

/// A claim's transaction (OMNI API 1.0, "Create Simplified Claim"), with its medium and amount, unless
/// one of those is missing.
pub(super) fn of_claim(body: Members<'_>, wrong: &mut Wrong) -> Option<(Claim, Medium, u64)> {
    let medium = required_word::<Medium>(body, &MEDIUM, Medium::WORDS, wrong);
    require(body, &NOMINAL, wrong);
    let amount = rupiah(body, &NOMINAL, wrong);
    let transaction_type = transaction_type(body, medium.as_ref(), wrong);
    let claim = Claim {
        transaction_type,
        account_number: owned(body, &ACCOUNT, wrong).map(Personal::from),
        card: card(body, wrong),
        atm_name: owned(body, &ATM_NAME, wrong),
        branch_register_number: owned(body, &REGISTER_NUMBER, wrong),
        ..common(body, &OF_CLAIM, wrong)
    };
    let (medium, amount) = (medium?, amount?);
    Some((Claim { medium: Some(medium.clone()), amount: Some(amount), ..claim }, medium, amount))
}

/// What a ticket's metadata says of a transaction; nothing where it says nothing.
pub(super) fn of_metadata(metadata: Members<'_>, wrong: &mut Wrong) -> Option<Claim> {
    text(metadata, &CLAIM_TYPE, wrong);
    let claim_amount = rupiah(metadata, &CLAIM_AMOUNT, wrong);
    let dispute_amount = rupiah(metadata, &DISPUTE_AMOUNT, wrong);
    let dispute_reason = prose(metadata, &DISPUTE_REASON, wrong);
    check_currency(metadata, wrong);
    let claim = common(metadata, &OF_METADATA, wrong);
    let reason = claim.reason.clone().or(dispute_reason);
    let claim = Claim { amount: claim_amount.or(dispute_amount), reason, ..claim };
    (claim != Claim::default()).then_some(claim)
}

fn common(of: Members<'_>, names: &Names, wrong: &mut Wrong) -> Claim {
    Claim {
        reason: prose(of, &names.reason, wrong),
        occurred_at: instant(of, &names.date, wrong),
        transaction_id: owned(of, &names.transaction_id, wrong),
        reference_number: owned(of, &names.reference_number, wrong),
        atm_id: owned(of, &names.atm_id, wrong),
        ..Claim::default()
    }
}

fn transaction_type(
    body: Members<'_>,
    medium: Option<&Medium>,
    wrong: &mut Wrong,
) -> Option<String> {
    if medium.is_some_and(needs_type) {
        require(body, &TRANSACTION_TYPE, wrong);
    }
    word::<Box<str>>(body, &TRANSACTION_TYPE, TRANSACTION_TYPES, wrong).map(String::from)
}

/// OMNI API 1.0, "Create Simplified Claim": required for ATM, TOUCH, SMS. For QRIS and DEBIT a type is
/// neither required nor forbidden (contract trap 30).
fn needs_type(medium: &Medium) -> bool {
    matches!(medium, Medium::Atm | Medium::Touch | Medium::Sms)
}

/// The card number: masked by the documents' rule, and by us where the client did not.
fn card(body: Members<'_>, wrong: &mut Wrong) -> Option<Personal> {
    let masked = mask::card(text(body, &CARD, wrong)?);
    if masked.is_empty() {
        wrong.add(CARD.path, format!("{} must be a card number, such as ****1234", CARD.label));
        return None;
    }
    Some(masked.into())
}

/// Amounts are whole rupiah everywhere behind the door: taking another currency's would change them.
fn check_currency(metadata: Members<'_>, wrong: &mut Wrong) {
    let currency = text(metadata, &CURRENCY, wrong);
    if currency.is_some_and(|currency| !currency.eq_ignore_ascii_case("IDR")) {
        wrong.add(CURRENCY.path, format!("{} must be IDR", CURRENCY.label));
    }
}

/// What is said of a claim's transaction.
pub(super) fn described_of_claim(object: Object) -> Object {
    let of_type: Vec<&str> =
        Medium::WORDS.iter().copied().filter(|word| needs_type(&Medium::from(*word))).collect();
    let about = format!("Required where the medium is {}.", of_type.join(", "));
    let card = r"^\s*(?:[^\x00-\x1F\x7F]*[0-9*Xx][^\x00-\x1F\x7F]*)?\s*$";
    let object = object
        .needs(&MEDIUM, named_for("Medium", "The medium of the transaction."))
        .may(&TRANSACTION_TYPE, named_for("TransactionType", &about))
        .needs(&NOMINAL, named_for("Amount", "The disputed amount."))
        .text(&ACCOUNT, "Account number, kept as sent.")
        .member(&CARD, text_like(&CARD, card, "Card number; masked at once where it is not."))
        .text(&ATM_NAME, "Name of the machine.")
        .text(&REGISTER_NUMBER, "The branch's own register number of the complaint.")
        .where_words(&MEDIUM, &of_type, &has(TRANSACTION_TYPE.name()));
    described(object, &OF_CLAIM)
}

/// What is said of the transaction that a ticket's metadata may tell of.
pub(super) fn described_of_metadata(object: Object) -> Object {
    let idr = text_like(&CURRENCY, r"^\s*(?:[Ii][Dd][Rr])?\s*$", "IDR: amounts are rupiah.");
    let object = object
        .text(&CLAIM_TYPE, "What the claim is about, such as `ATM_CARD_RETAINED`.")
        .may(&CLAIM_AMOUNT, named_for("Amount", "The claimed amount."))
        .may(&DISPUTE_AMOUNT, named_for("Amount", "The disputed amount."))
        .text(&DISPUTE_REASON, "Why it is disputed.")
        .member(&CURRENCY, idr);
    described(object, &OF_METADATA)
}

fn described(object: Object, names: &Names) -> Object {
    object
        .text(&names.reason, "Why it is claimed.")
        .member(&names.date, date::schema(&names.date, "When the transaction was."))
        .text(&names.transaction_id, "The transaction's id.")
        .text(&names.reference_number, "The transaction's reference number.")
        .text(&names.atm_id, "The machine's id.")
}

//! Whose ticket it is: the same customer under the two documents' different member names.

use omnihub_contract::{Customer, Personal, Phone};

use super::fields::{Field, Members, Wrong, owned, required_text};
use super::limits::{CODE_CHARS_MAX, EMAIL_CHARS_MAX, NAME_CHARS_MAX, PHONE_CHARS_MAX};
use super::schema::Object;
use super::{PartnerDefaults, email, phone};

/// Where a body keeps what is known of its customer.
pub(super) struct Names {
    /// Full name; the one member that is always required.
    pub(super) name: Field,
    /// E-mail address.
    pub(super) email: Field,
    /// Phone number.
    pub(super) phone: Field,
    /// CIF, account number or another id.
    pub(super) identifier: Option<Field>,
    branch_code: Field,
    branch_name: Option<Field>,
    department: Option<Field>,
    language: Option<Field>,
}

/// Members of a claim. All but the name are the hub's own additions: Sociomile asks for them, and
/// the OMNI documents have no place for them.
pub(super) const CLAIM: Names = Names {
    name: Field::line("namaNasabah", "Nama nasabah", NAME_CHARS_MAX),
    email: Field::line("email", "Email", EMAIL_CHARS_MAX),
    phone: Field::line("phone", "Phone", PHONE_CHARS_MAX),
    identifier: None,
    branch_code: Field::line("branchCode", "Branch code", CODE_CHARS_MAX),
    branch_name: Some(Field::line("branchName", "Branch name", NAME_CHARS_MAX)),
    department: None,
    language: None,
};

/// Members of a ticket's `customer`.
pub(super) const TICKET: Names = Names {
    name: Field::line("customer.name", "Customer name", NAME_CHARS_MAX),
    email: Field::line("customer.email", "Customer email", EMAIL_CHARS_MAX),
    phone: Field::line("customer.phone", "Customer phone", PHONE_CHARS_MAX),
    identifier: Some(IDENTIFIER),
    branch_code: Field::line("customer.branchCode", "Customer branch code", CODE_CHARS_MAX),
    branch_name: None,
    department: Some(Field::line("customer.department", "Customer department", NAME_CHARS_MAX)),
    // Any tag will do: no document bounds the languages (contract trap 33).
    language: Some(Field::line(
        "customer.preferredLanguage",
        "Customer preferred language",
        CODE_CHARS_MAX,
    )),
};

/// `customer.identifier`, which some service types require.
pub(super) const IDENTIFIER: Field =
    Field::line("customer.identifier", "Customer identifier", CODE_CHARS_MAX);

/// The customer, unless the name is missing. Every member is read either way.
pub(super) fn customer(
    of: Members<'_>,
    names: &Names,
    defaults: &PartnerDefaults,
    wrong: &mut Wrong,
) -> Option<Customer> {
    let name = required_text(of, &names.name, wrong).map(Personal::from);
    let optional = |field: &Option<Field>, wrong: &mut Wrong| {
        field.as_ref().and_then(|field| owned(of, field, wrong))
    };
    let email: Option<Personal> = email::address(of, &names.email, wrong);
    let phone: Option<Phone> = phone::phone(of, &names.phone, wrong);
    let identifier = optional(&names.identifier, wrong).map(Personal::from);
    let code = owned(of, &names.branch_code, wrong);
    let branch_name = optional(&names.branch_name, wrong);
    let department = optional(&names.department, wrong);
    let language = optional(&names.language, wrong);
    let (branch_code, branch_name) = branch(code, branch_name, defaults);
    let name = name?;
    Some(Customer {
        name,
        email,
        phone,
        identifier,
        branch_code,
        branch_name,
        department,
        language,
    })
}

/// What is said of the customer's members.
pub(super) fn described(names: &Names, object: Object) -> Object {
    let optional = [
        (&names.identifier, "CIF, account number or another id of the customer."),
        (&names.branch_name, "Name of that branch."),
        (&names.department, "Department, kept as sent."),
        (&names.language, "Language tag, such as `id` or `en`, kept as sent."),
    ];
    let object = object
        .needs_text(&names.name, "Full name of the customer.")
        .may(&names.email, email::schema(&names.email))
        .text(&names.phone, "Phone number in any form; kept as sent and, where certain, in E.164.")
        .text(&names.branch_code, "Code of the branch, such as `001`.");
    optional.into_iter().fold(object, |object, (field, about)| match field {
        Some(field) => object.text(field, about),
        None => object,
    })
}

/// The customer's branch: as sent, else the partner's. The partner's name for its branch goes only
/// with that branch's code.
fn branch(
    code: Option<String>,
    name: Option<String>,
    defaults: &PartnerDefaults,
) -> (Option<String>, Option<String>) {
    let is_partners = code.is_none() || code == defaults.branch_code;
    let code = code.or_else(|| defaults.branch_code.clone());
    let name = name.or_else(|| defaults.branch_name.clone().filter(|_| is_partners));
    (code, name)
}

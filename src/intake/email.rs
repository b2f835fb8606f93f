//! E-mail addresses: `Invalid email format` or the address as sent.
//!
//! It checks the form that mail systems take in practice (RFC 5321 without quoted local parts,
//! comments and address literals); whether anybody reads that mailbox it cannot know.

use omnihub_contract::Personal;
use serde_json::{Value, json};

use super::fields::{Field, Members, Wrong, text};

/// Longest part before the `@` (RFC 5321, 4.5.3.1.1).
const LOCAL_BYTES_MAX: usize = 64;
/// Longest label of a domain (RFC 1035, 2.3.4).
const LABEL_BYTES_MAX: usize = 63;

/// An address, where the member is there and right.
pub(super) fn address(of: Members<'_>, field: &Field, wrong: &mut Wrong) -> Option<Personal> {
    let address = text(of, field, wrong)?;
    if is_address(address) {
        return Some(address.into());
    }
    // Omnichannel payloads 1.0.0, "Validation Error (400)".
    wrong.add(field.path, "Invalid email format");
    None
}

/// What is said of such a member.
pub(super) fn schema(field: &Field) -> Value {
    json!({
        "type": "string",
        "format": "email",
        "maxLength": field.chars_max,
        "description": "E-mail address.",
    })
}

fn is_address(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(local, domain)| is_local(local) && is_domain(domain))
}

fn is_local(local: &str) -> bool {
    let is_atom = |atom: &str| {
        let is_atext = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&b);
        !atom.is_empty() && atom.bytes().all(is_atext)
    };
    local.len() <= LOCAL_BYTES_MAX && local.split('.').all(is_atom)
}

fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=LABEL_BYTES_MAX).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.split('.').all(is_label)
        && domain.rsplit_once('.').is_some_and(|(_, top)| {
            top.len() >= 2 && top.starts_with(|first: char| first.is_ascii_alphabetic())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_use_are_taken() {
        for text in [
            "john.doe@email.com",
            "o'brien+bank@mail.example.co.id",
            "a@b.id",
            "_@xn--bcher-kva.example",
        ] {
            assert!(is_address(text), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "@",
            "budi",
            "budi@",
            "@email.com",
            "budi@email",
            "budi@email.",
            "budi@.com",
            "budi@-email.com",
            "budi@email.c",
            "budi@1.2.3.4",
            "budi@@email.com",
            "budi @email.com",
            ".budi@email.com",
            "bu..di@email.com",
            "budi@email.com, tini@email.com",
            "Budi <budi@email.com>",
            "büdi@email.com",
        ] {
            assert!(!is_address(text), "{text}");
        }
    }
}

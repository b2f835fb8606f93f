//! The form of a stored value: one byte of format, four of CRC-32 (big-endian), then JSON.
//!
//! The format byte is that of the value, not of the store (`layout::FORMAT`): a new form of one kind
//! of value is told by it alone.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;

const JSON: u8 = 1;
const HEAD: usize = 5;

/// The stored bytes of a value.
pub(crate) fn seal<T: Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::with_capacity(1024);
    bytes.extend_from_slice(&[JSON, 0, 0, 0, 0]);
    serde_json::to_writer(&mut bytes, value).map_err(|error| damaged("a new value", &error))?;
    let sum = crc32fast::hash(bytes.get(HEAD..).unwrap_or_default());
    if let Some(head) = bytes.get_mut(1..HEAD) {
        head.copy_from_slice(&sum.to_be_bytes());
    }
    Ok(bytes)
}

/// The value of stored bytes.
pub(crate) fn open<T: DeserializeOwned>(what: &str, bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(json_in(what, bytes)?).map_err(|error| damaged(what, &error))
}

/// The JSON in stored bytes.
pub(crate) fn json_in<'a>(what: &str, bytes: &'a [u8]) -> Result<&'a [u8], StoreError> {
    let (head, json) = bytes.split_at_checked(HEAD).ok_or_else(|| damaged(what, &"it is cut"))?;
    let (format, sum) = head.split_first().ok_or_else(|| damaged(what, &"it is empty"))?;
    if *format != JSON {
        return Err(damaged(what, &format!("its format {format} is not known")));
    }
    if sum != crc32fast::hash(json).to_be_bytes() {
        return Err(damaged(what, &"its checksum is wrong"));
    }
    Ok(json)
}

fn damaged(what: &str, why: &dyn std::fmt::Display) -> StoreError {
    StoreError::Damaged { what: what.to_owned(), why: why.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_byte_is_noticed() {
        let bytes = seal(&vec!["a", "b"]).unwrap();
        assert_eq!(open::<Vec<String>>("x", &bytes).unwrap(), ["a", "b"]);
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(open::<Vec<String>>("x", &changed).is_err(), "byte {at}");
        }
    }
}

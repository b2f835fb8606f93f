//! Whether a callback shows what only the upstream knows. Compared in constant time, so that no guess is
//! told how near it came.

use hmac::{Hmac, KeyInit as _, Mac as _};
use omnihub_contract::{ExposeSecret, Secret};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// Whether a callback showed the secret; nothing is shown where there is no secret to compare with.
pub fn shows(secret: Option<&Secret>, shown: Option<&str>) -> bool {
    let (Some(secret), Some(shown)) = (secret, shown) else { return false };
    // Hashes are of one length, so that nothing tells that of the secret.
    let hash = |text: &str| Sha256::digest(text.as_bytes());
    bool::from(hash(secret.expose_secret()).ct_eq(&hash(shown)))
}

/// Whether the signature is the HMAC-SHA256 of these bytes under the secret, in hex; `sha256=` may stand
/// before it.
pub fn signs(secret: Option<&Secret>, body: &[u8], signature: Option<&str>) -> bool {
    let (Some(secret), Some(signature)) = (secret, signature) else { return false };
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()) else {
        return false;
    };
    let signature = signature.trim();
    let hex = signature.strip_prefix("sha256=").unwrap_or(signature);
    bytes_of(hex).is_some_and(|bytes| mac.chain_update(body).verify_slice(&bytes).is_ok())
}

/// The bytes that a hex text stands for.
fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.chars().map(|digit| digit.to_digit(16));
    let digits = digits.collect::<Option<Vec<u32>>>()?;
    let byte = |pair: &[u32]| match pair {
        [high, low] => u8::try_from(high * 16 + low).ok(),
        _ => None,
    };
    digits.chunks(2).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_secret_itself_is_the_secret() {
        let secret = Secret::from("correct horse battery");
        assert!(shows(Some(&secret), Some("correct horse battery")));
        for shown in [None, Some(""), Some("correct horse batter"), Some("Correct horse battery")] {
            assert!(!shows(Some(&secret), shown), "{shown:?}");
        }
        assert!(!shows(None, Some("")) && !shows(None, None));
    }

    /// RFC 4231, 4.3.
    #[test]
    fn only_the_signature_of_exactly_these_bytes_signs_them() {
        let secret = Secret::from("Jefe");
        let body = b"what do ya want for nothing?";
        let right = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let upper = right.to_uppercase();
        let named = format!("sha256={right}");
        for signature in [right, &upper, &named] {
            assert!(signs(Some(&secret), body, Some(signature)), "{signature}");
            assert!(!signs(Some(&secret), b"what do ya want for nothing ?", Some(signature)));
            assert!(!signs(None, body, Some(signature)));
        }
        for wrong in ["", "5bdc", "zz", &right.replace('5', "6"), &format!("{right}00")] {
            assert!(!signs(Some(&secret), body, Some(wrong)), "{wrong}");
        }
    }
}

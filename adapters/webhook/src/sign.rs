//! The two signatures: the documented one, and that of Standard Webhooks.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use omnihub_contract::{ExposeSecret, Secret};
use sha2::Sha256;

/// What stands before the base64 of a secret's text.
const PREFIX: &str = "whsec_";

/// OMNI API 1.0, `X-Webhook-Signature`: lower-case hex of HMAC-SHA256 over the body, keyed with the
/// secret's text as the documented sample would.
pub(crate) fn documented(secret: &Secret, body: &[u8]) -> String {
    let tag = tag(secret.expose_secret().as_bytes(), &[body]);
    tag.iter().fold(String::with_capacity(2 * tag.len()), |hex, byte| hex + &format!("{byte:02x}"))
}

/// Standard Webhooks, `webhook-signature`: one `v1,<base64>` a secret, keyed with its decoded bytes. A
/// secret that cannot be decoded has none.
pub(crate) fn standard(secrets: &[Secret], id: &str, timestamp: &str, body: &[u8]) -> String {
    let head = format!("{id}.{timestamp}.");
    let signatures: Vec<String> = secrets
        .iter()
        .filter_map(|secret| STANDARD.decode(secret.expose_secret().strip_prefix(PREFIX)?).ok())
        .map(|key| format!("v1,{}", STANDARD.encode(tag(&key, &[head.as_bytes(), body]))))
        .collect();
    signatures.join(" ")
}

fn tag(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    // A key of any length will do, so the error cannot come.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_signature_is_that_of_the_sample() {
        // crypto.createHmac('sha256', secret).update(body).digest('hex') in Node.
        let hex = documented(&Secret::from("key"), b"The quick brown fox jumps over the lazy dog");
        assert_eq!(hex, "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
    }

    #[test]
    fn the_standard_signature_is_that_of_the_specification() {
        // The example of the Standard Webhooks libraries.
        let secret = Secret::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let body = br#"{"test": 2432232314}"#;
        let signed = standard(&[secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn each_secret_signs_while_one_replaces_another() {
        let secrets = ["whsec_MTIz", "whsec_NDU2", "no base64"].map(Secret::from);
        let signed = standard(&secrets, "m", "1", b"{}");
        let single = |secret| standard(std::slice::from_ref(secret), "m", "1", b"{}");
        assert_eq!(signed, format!("{} {}", single(&secrets[0]), single(&secrets[1])));
    }
}

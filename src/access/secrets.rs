//! Secrets that partners' webhooks are signed with: made with a partner's first key, changed by hand.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use omnihub_contract::{PartnerId, Secret};

use super::AccessError;
use super::bits::random;
use super::keys::{WRITING, after};
use crate::store::{PartnerRecord, RecordKind, Store, WebhookSecret};

/// Most secrets that sign at once: each is one more signature in a header. Rotated more often within
/// one overlap, the oldest stop signing early.
const SECRETS_MAX: usize = 5;

/// A partner's secrets that sign now, the newest first, each with its end.
///
/// # Errors
/// When there is no such partner or the store fails.
pub fn secrets_of(
    store: &dyn Store,
    partner: &PartnerId,
    now: Timestamp,
) -> Result<Vec<WebhookSecret>, AccessError> {
    let mut record = existing(store, partner)?;
    record.webhook_secrets.retain(|secret| secret.signs(now));
    Ok(record.webhook_secrets)
}

/// The same as texts to sign with; none where the partner is unknown or cannot be read.
pub fn live_secrets(store: &dyn Store, partner: &PartnerId, now: Timestamp) -> Vec<Secret> {
    let live = secrets_of(store, partner, now).unwrap_or_default();
    live.into_iter().map(|secret| Secret::from(secret.text)).collect()
}

/// Makes a partner a new secret; those before it go on signing for the overlap. Gives what
/// [`secrets_of`] gives afterwards.
///
/// # Errors
/// When there is no such partner, no randomness, or the store fails.
pub async fn rotate_secret(
    store: &dyn Store,
    partner: &PartnerId,
    overlap_s: u64,
    now: Timestamp,
) -> Result<Vec<WebhookSecret>, AccessError> {
    let _writing = WRITING.lock().await;
    let mut record = existing(store, partner)?;
    let end = after(now, overlap_s);
    for secret in &mut record.webhook_secrets {
        secret.until = Some(secret.until.map_or(end, |until| until.min(end)));
    }
    record.webhook_secrets.retain(|secret| secret.signs(now));
    record.webhook_secrets.insert(0, made()?);
    record.webhook_secrets.truncate(SECRETS_MAX);
    keep(store, &record).await?;
    Ok(record.webhook_secrets)
}

/// Makes the partner, with a secret, if it is new. The caller is the one writer.
pub(super) async fn ensure(store: &dyn Store, partner: &PartnerId) -> Result<(), AccessError> {
    if store.read(RecordKind::Partner, partner.as_str())?.is_some() {
        return Ok(());
    }
    let record = PartnerRecord { partner: partner.clone(), webhook_secrets: vec![made()?] };
    keep(store, &record).await
}

fn existing(store: &dyn Store, partner: &PartnerId) -> Result<PartnerRecord, AccessError> {
    let json = store.read(RecordKind::Partner, partner.as_str())?;
    let json = json.ok_or_else(|| AccessError::NoSuchPartner(partner.to_string()))?;
    Ok(serde_json::from_slice(&json)?)
}

async fn keep(store: &dyn Store, record: &PartnerRecord) -> Result<(), AccessError> {
    let value = serde_json::to_value(record)?;
    Ok(store.put(RecordKind::Partner, record.partner.as_str(), value).await?)
}

/// In the form of Standard Webhooks: `whsec_` and 32 bytes of base64.
fn made() -> Result<WebhookSecret, AccessError> {
    let text = format!("whsec_{}", STANDARD.encode(random::<32>()?));
    Ok(WebhookSecret { text, until: None })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{NewKey, create};
    use super::*;
    use crate::clock::SystemClock;
    use crate::store::{StoreSettings, memory};

    fn at(text: &str) -> Timestamp {
        format!("2024-12-19T{text}Z").parse().unwrap()
    }

    async fn store_with_partner() -> (Arc<dyn Store>, PartnerId) {
        let numbering = "helpdesk.ticketNumber".parse().unwrap();
        let settings = StoreSettings::of(9_000_000_000, numbering);
        let store = memory::open(&settings, SystemClock::shared()).unwrap();
        create(&*store, NewKey::of("wa-bot"), at("10:00:00")).await.unwrap();
        (store, "wa-bot".into())
    }

    #[tokio::test]
    async fn old_and_new_sign_during_the_overlap_the_newest_first() {
        let (store, partner) = store_with_partner().await;
        let first = secrets_of(&*store, &partner, at("10:00:00")).unwrap();
        let both = rotate_secret(&*store, &partner, 3600, at("11:00:00")).await.unwrap();
        assert_eq!(both.len(), 2);
        assert_eq!((&both[1].text, both[1].until), (&first[0].text, Some(at("12:00:00"))));
        assert_eq!(live_secrets(&*store, &partner, at("11:59:59")).len(), 2);
        let after = secrets_of(&*store, &partner, at("12:00:00")).unwrap();
        assert_eq!((after.len(), &after[0].text), (1, &both[0].text));
        // A second key changes nothing.
        create(&*store, NewKey::of("wa-bot"), at("12:00:00")).await.unwrap();
        assert_eq!(secrets_of(&*store, &partner, at("12:00:00")).unwrap(), after);
    }

    #[tokio::test]
    async fn without_an_overlap_the_old_one_stops_at_once_and_their_number_is_bounded() {
        let (store, partner) = store_with_partner().await;
        let now = at("11:00:00");
        assert_eq!(rotate_secret(&*store, &partner, 0, now).await.unwrap().len(), 1);
        for _ in 0..2 * SECRETS_MAX {
            rotate_secret(&*store, &partner, 3600, now).await.unwrap();
        }
        assert_eq!(secrets_of(&*store, &partner, now).unwrap().len(), SECRETS_MAX);
    }

    #[tokio::test]
    async fn a_partner_without_a_key_has_no_secret() {
        let (store, _) = store_with_partner().await;
        let refused = secrets_of(&*store, &"portal".into(), at("10:00:00")).unwrap_err();
        assert!(matches!(refused, AccessError::NoSuchPartner(_)));
        assert!(live_secrets(&*store, &"portal".into(), at("10:00:00")).is_empty());
    }

    #[test]
    fn a_partner_of_the_first_version_is_read() {
        let stored = serde_json::json!({ "partner": "wa-bot", "webhook_secrets": ["whsec_QQ=="] });
        let record: PartnerRecord = serde_json::from_value(stored).unwrap();
        assert_eq!(record.webhook_secrets[0].text, "whsec_QQ==");
        assert_eq!(record.webhook_secrets[0].until, None);
    }
}

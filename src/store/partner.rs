//! What is kept of a partner: the secrets that its webhooks are signed with.
//!
//! When one is made and ends is decided elsewhere ([`crate::access`]).

use std::fmt;

use jiff::Timestamp;
use omnihub_contract::PartnerId;
use serde::{Deserialize, Serialize};

/// What a partner is: the record of [`RecordKind::Partner`](super::RecordKind::Partner).
#[derive(Clone, Serialize, Deserialize)]
pub struct PartnerRecord {
    /// Its name.
    pub partner: PartnerId,
    /// Webhook signing secrets, the newest first.
    pub webhook_secrets: Vec<WebhookSecret>,
}

/// A secret that webhooks are signed with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredSecret")]
pub struct WebhookSecret {
    /// The secret as the partner knows it: `whsec_` and base64.
    pub text: String,
    /// When it stops signing; absent for the newest.
    pub until: Option<Timestamp>,
}

impl WebhookSecret {
    /// Whether it signs at that time.
    pub fn signs(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| until > now)
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookSecret").field("until", &self.until).finish_non_exhaustive()
    }
}

/// The first version kept the text alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum StoredSecret {
    Text(String),
    WithEnd { text: String, until: Option<Timestamp> },
}

impl From<StoredSecret> for WebhookSecret {
    fn from(stored: StoredSecret) -> Self {
        match stored {
            StoredSecret::Text(text) => Self { text, until: None },
            StoredSecret::WithEnd { text, until } => Self { text, until },
        }
    }
}

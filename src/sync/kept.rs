//! What systems said of tickets that nobody knows: kept, shown, and put on the ticket if it appears later.
//!
//! Bounded in number and time; of too many of a system the oldest go. By what they name their ticket is in
//! memory, so that looking for tickets reads nothing but an index; what they say is in the store only.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use omnihub_contract::{About, AdapterName, Notice, ReceiptName, mask};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::notices::gave;
use super::{Ears, Saying};
use crate::store::link::fingerprint;
use crate::store::{Record, RecordKind, Store, StoreError};

/// How long something is kept (design: thirty days).
pub const KEPT_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Kept of one system: more than it says of unknown tickets in a bad month, and some megabytes.
const KEPT_MAX: usize = 5_000;

/// How often tickets are looked for.
pub const LOOKS: Duration = Duration::from_secs(2);

/// How long something that the authority said waits before its ticket is taken for one that the hub did not
/// make: far longer than a create takes to be kept.
const OWN_APPEAR_WITHIN: SignedDuration = SignedDuration::from_secs(60);

/// Something that was said of a ticket that nobody knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptNotice {
    /// Who said it.
    pub adapter: AdapterName,
    /// The row of its `INCOMING`.
    pub what: String,
    /// By what its ticket is named: a receipt of the system, or any number.
    pub about: Vec<KeptName>,
    /// When it came.
    pub at: Timestamp,
    /// What was said, with card numbers masked.
    pub said: Value,
    /// The word for a status in it, as people may see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub word: Option<String>,
    /// How many comments are in it.
    #[serde(default)]
    pub comments: usize,
    /// The system's own id of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// By what a ticket is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptName {
    /// The receipt that it is; a number otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// The value.
    pub value: String,
}

impl From<&About> for KeptName {
    fn from(about: &About) -> Self {
        let receipt = match about {
            About::Number(_) => None,
            About::Receipt(name, _) => Some((*name).to_owned()),
        };
        Self { receipt, value: about.value().to_owned() }
    }
}

/// What is in memory of one.
#[derive(Clone, Debug)]
struct Sought {
    adapter: AdapterName,
    about: Vec<KeptName>,
    at: Timestamp,
    /// Whether the authority was asked for its ticket.
    is_asked: bool,
}

/// What is kept, by the name of its record.
#[derive(Debug, Default)]
pub struct Kept(Mutex<BTreeMap<String, Sought>>);

impl Kept {
    /// What the store has.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let records = store.records(RecordKind::Notice, usize::MAX)?.into_iter();
        let sought = records.filter_map(|(name, value)| {
            let kept: KeptNotice = serde_json::from_value(value).ok()?;
            let KeptNotice { adapter, about, at, .. } = kept;
            Some((name, Sought { adapter, about, at, is_asked: false }))
        });
        Ok(Self(Mutex::new(sought.collect())))
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Sought>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The oldest of a system, where it has as many as are kept.
    fn to_give_up(&self, adapter: &AdapterName) -> Option<String> {
        let all = self.all();
        let own = || all.iter().filter(|(_, sought)| sought.adapter == *adapter);
        let oldest = own().min_by_key(|(_, sought)| sought.at);
        oldest.filter(|_| own().count() >= KEPT_MAX).map(|(name, _)| name.clone())
    }

    /// All of them, the oldest first.
    fn sought(&self) -> Vec<(String, Sought)> {
        let mut all: Vec<_> = self.all().iter().map(|(k, v)| (k.clone(), v.clone())).collect();
        all.sort_by_key(|(_, sought)| sought.at);
        all
    }
}

impl Ears {
    /// Keeps what is said of a ticket that nobody knows. The same words are kept once.
    pub(super) async fn keep(
        &self,
        adapter: &AdapterName,
        notice: &Notice,
    ) -> Result<(), StoreError> {
        let about: Vec<KeptName> = notice.about.iter().map(KeptName::from).collect();
        let at = self.clock.now();
        let texts = [adapter.as_str(), notice.what, &notice.said.to_string()];
        let name = format!("{:016x}", fingerprint(&texts));
        let is_new = !self.kept.all().contains_key(&name);
        if let Some(oldest) = self.kept.to_give_up(adapter).filter(|_| is_new) {
            tracing::warn!(%adapter, "the oldest callback about an unknown ticket is given up");
            self.give_up(&oldest).await?;
        }
        let what = notice.look.as_ref().map_or(notice.what, |look| look.query);
        let mut said = notice.said.clone();
        mask::cards_of(&mut said);
        let read = (self.mappings)().inbound(adapter, what, &said);
        let kept = KeptNotice {
            adapter: adapter.clone(),
            what: what.to_owned(),
            about: about.clone(),
            at,
            said,
            word: read.unknown.or(read.status.and_then(|status| status.raw)),
            comments: read.comments.len(),
            id: notice.id.clone(),
        };
        let value = serde_json::to_value(&kept).unwrap_or_default();
        self.store.put(RecordKind::Notice, &name, value).await?;
        let sought = Sought { adapter: adapter.clone(), about, at, is_asked: false };
        self.kept.all().insert(name, sought);
        Ok(())
    }

    /// Looks for the tickets of what is kept, and puts it on those that have appeared.
    pub async fn look_again(&self) {
        for (name, sought) in self.kept.sought() {
            if let Err(error) = self.try_again(&name, &sought).await {
                tracing::warn!(%error, "a callback that is kept could not be put on its ticket");
                return;
            }
        }
    }

    async fn try_again(&self, name: &str, sought: &Sought) -> Result<(), StoreError> {
        let age = self.clock.now().duration_since(sought.at);
        if age > KEPT_FOR {
            return self.give_up(name).await;
        }
        let is_own = sought.adapter == self.numbering.adapter;
        let record = match self.named(sought)? {
            None if is_own && !sought.is_asked && age > OWN_APPEAR_WITHIN => {
                self.ask_for(name, sought).await?
            }
            found => found,
        };
        let (Some(record), Some(kept)) = (record, self.read(name)?) else { return Ok(()) };
        let saying = Saying::new(&kept.adapter, &kept.what, &kept.said);
        let gave = gave(&kept.adapter, kept.about.iter().cloned());
        let (number, id) = (record.ticket.number, kept.id.as_deref());
        self.apply(number, Saying { id, gave: &gave, ..saying }).await?;
        self.give_up(name).await
    }

    fn named(&self, sought: &Sought) -> Result<Option<Record>, StoreError> {
        for KeptName { receipt, value } in &sought.about {
            let found = match receipt {
                None => self.store.find(value)?,
                Some(name) => {
                    let adapter = sought.adapter.clone();
                    let name = ReceiptName { adapter, name: name.as_str().into() };
                    self.store.find_receipt(&name, value)?
                }
            };
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Asks the authority, once, for a ticket that it spoke of.
    async fn ask_for(&self, name: &str, sought: &Sought) -> Result<Option<Record>, StoreError> {
        if let Some(sought) = self.kept.all().get_mut(name) {
            sought.is_asked = true;
        }
        match sought.about.iter().find(|about| about.receipt.is_none()) {
            Some(about) => self.adopt(&about.value).await,
            None => Ok(None),
        }
    }

    fn read(&self, name: &str) -> Result<Option<KeptNotice>, StoreError> {
        let bytes = self.store.read(RecordKind::Notice, name)?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    async fn give_up(&self, name: &str) -> Result<(), StoreError> {
        self.store.remove(RecordKind::Notice, name).await?;
        self.kept.all().remove(name);
        Ok(())
    }
}

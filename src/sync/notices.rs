//! Callbacks: proved by the adapter, put on the tickets that they are about, and answered in the system's
//! own shapes.
//!
//! An answer of success leaves only after what was said is on disk: on its ticket, or among what is kept
//! until its ticket appears.

use std::sync::Arc;
use std::time::Duration;

use omnihub_contract::{
    About, Adapter, AdapterName, Arguments, Callback, CallbackAnswer, Failure, Look, Notice,
    ReceiptName, Rejected, Told,
};
use serde_json::Value;

use super::kept::KeptName;
use super::{Ears, Saying};
use crate::metrics::Told as Came;
use crate::store::{Record, StoreError};

/// Longest wait for the answer to a question that a callback leads to: callers wait half a minute
/// (domain 2.10).
const LOOK_MAX: Duration = Duration::from_secs(15);

/// What became of a callback.
#[derive(Debug)]
pub struct Taken {
    /// Its answer.
    pub answer: CallbackAnswer,
    /// Whether it did not show that it comes from the system.
    pub is_stranger: bool,
}

/// Why a callback cannot be heard just now.
#[derive(Debug, thiserror::Error)]
enum NotNow {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the ticket cannot be asked for: {0}")]
    Look(Failure),
    #[error("the ticket cannot be asked for in time, or too many are asked for")]
    Slow,
}

impl Ears {
    /// Hears a callback; nothing where no such system is connected.
    pub async fn take(&self, adapter: &str, callback: &Callback) -> Option<Taken> {
        let (name, adapter) = self.connected(adapter)?;
        let counts = &self.systems.get(name)?.counts;
        let notices = match adapter.receive(callback) {
            Ok(notices) => notices,
            Err(rejected) => {
                let is_stranger = rejected == Rejected::Unauthenticated;
                counts.told(if is_stranger { Came::Stranger } else { Came::Refused });
                let answer = adapter.answer(Told::Rejected(&rejected));
                return Some(Taken { answer, is_stranger });
            }
        };
        let (told, came) = match self.put_all(name, &*adapter, &notices).await {
            Ok(true) => (Told::Heard(&notices), Came::Heard),
            Ok(false) => (Told::Kept(&notices), Came::Kept),
            Err(error) => {
                tracing::warn!(adapter = %name, %error, "a callback could not be heard");
                (Told::Busy, Came::Busy)
            }
        };
        counts.told(came);
        Some(Taken { answer: adapter.answer(told), is_stranger: false })
    }

    pub(super) fn connected(&self, adapter: &str) -> Option<(&AdapterName, Arc<dyn Adapter>)> {
        let (name, system) = self.systems.get_key_value(adapter)?;
        system.adapter.clone().map(|adapter| (name, adapter))
    }

    /// Puts every notice on its ticket; false where one was kept because nobody knows its ticket.
    async fn put_all(
        &self,
        name: &AdapterName,
        adapter: &dyn Adapter,
        notices: &[Notice],
    ) -> Result<bool, NotNow> {
        let mut is_known = true;
        for notice in notices {
            match self.about(name, notice).await? {
                Some(record) => self.put(name, adapter, notice, &record).await?,
                None => {
                    self.keep(name, notice).await?;
                    is_known = false;
                }
            }
        }
        Ok(is_known)
    }

    /// The ticket that a notice is about: known, or adopted now. What the authority itself says of a
    /// ticket that is just being made there must not make a second one of it: that waits.
    async fn about(
        &self,
        adapter: &AdapterName,
        notice: &Notice,
    ) -> Result<Option<Record>, StoreError> {
        if let Some(record) = self.find(adapter, &notice.about)? {
            return Ok(Some(record));
        }
        let number = notice.about.iter().find_map(|about| match about {
            About::Number(number) => Some(number),
            About::Receipt(..) => None,
        });
        match number.filter(|_| *adapter != self.numbering.adapter) {
            Some(number) => self.adopt(number).await,
            None => Ok(None),
        }
    }

    /// The first ticket that is named.
    pub(super) fn find(
        &self,
        adapter: &AdapterName,
        about: &[About],
    ) -> Result<Option<Record>, StoreError> {
        for about in about {
            let found = match about {
                About::Number(number) => self.store.find(number)?,
                About::Receipt(name, value) => {
                    let name = ReceiptName { adapter: adapter.clone(), name: (*name).into() };
                    self.store.find_receipt(&name, value)?
                }
            };
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    async fn put(
        &self,
        name: &AdapterName,
        adapter: &dyn Adapter,
        notice: &Notice,
        record: &Record,
    ) -> Result<(), NotNow> {
        let number = record.ticket.number;
        let saying = match &notice.look {
            None => Saying::new(name, notice.what, &notice.said),
            Some(look) => {
                let said = self.look(adapter, look).await?;
                self.apply(number, Saying::new(name, look.query, &said)).await?;
                return Ok(());
            }
        };
        let gave = gave(name, notice.about.iter().map(KeptName::from));
        let id = notice.id.as_deref();
        self.apply(number, Saying { id, gave: &gave, ..saying }).await?;
        Ok(())
    }

    async fn look(&self, adapter: &dyn Adapter, look: &Look) -> Result<Value, NotNow> {
        let _seat = self.asking.seats.try_acquire().map_err(|_| NotNow::Slow)?;
        let arguments = Arguments::from([(look.argument.to_owned(), look.value.clone())]);
        let asked = tokio::time::timeout(LOOK_MAX, adapter.query(look.query, &arguments)).await;
        asked.map_err(|_| NotNow::Slow)?.map_err(NotNow::Look)
    }
}

/// What a system names a ticket by that it gave the ticket itself.
pub(super) fn gave(
    adapter: &AdapterName,
    about: impl Iterator<Item = KeptName>,
) -> Vec<(ReceiptName, String)> {
    let receipts = about.filter_map(|KeptName { receipt, value }| {
        let name = ReceiptName { adapter: adapter.clone(), name: receipt?.into() };
        Some((name, value))
    });
    receipts.collect()
}

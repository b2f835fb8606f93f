//! Mappings that were in force before: for deliveries that a person wants mapped as they were.
//!
//! The store keeps the texts of the last sets, by digest, and they are compiled again when somebody asks
//! for one. Settings are those of today: a set that depends on others comes out with another digest,
//! and is refused rather than mapped differently.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::mapping::{self, Catalog, CompileOptions, MappingFile, Mappings};
use crate::store::{RecordKind, Store, StoreError};

/// Sets that are kept: years of changes, in a few megabytes.
const KEPT_MAX: usize = 50;

/// Largest set that is kept, in bytes: four times the shipped one, and so small that neighbours of one page
/// of the store stay far below what its disk keeps in files of their own.
const SET_BYTES_MAX: usize = 100 << 10;

/// Where earlier mappings come from.
pub struct Originals {
    store: Arc<dyn Store>,
    catalogs: Vec<Catalog>,
    options: CompileOptions,
    /// The last one that was asked for: a replay asks for the same many times.
    last: Mutex<Option<Arc<Mappings>>>,
}

/// A set as the store keeps it.
#[derive(Serialize, Deserialize)]
struct Kept {
    digest: String,
    at: Timestamp,
    files: Vec<MappingFile>,
}

impl Originals {
    /// Those of this store, compiled against these adapters.
    pub fn new(store: Arc<dyn Store>, catalogs: Vec<Catalog>, options: CompileOptions) -> Self {
        Self { store, catalogs, options, last: Mutex::default() }
    }

    /// The set of this short digest.
    ///
    /// # Errors
    /// Why it cannot be had, in words.
    pub fn find(&self, digest: &str) -> Result<Arc<Mappings>, String> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = last.as_ref().filter(|last| last.short_digest() == digest) {
            return Ok(Arc::clone(last));
        }
        let kept = all(&*self.store).map_err(|error| error.to_string())?.into_iter();
        let kept = kept.map(|(_, kept)| kept).find(|kept| kept.digest == digest);
        let kept = kept.ok_or_else(|| format!("the mappings {digest} are not kept any more"))?;
        let compiled = mapping::compile(&kept.files, &self.catalogs, self.options);
        let compiled = compiled.map_err(|findings| {
            format!("the mappings {digest} do not fit the hub of today: {findings}")
        })?;
        if compiled.short_digest() != digest {
            return Err(format!("the mappings {digest} were made with other settings"));
        }
        let found = Arc::new(compiled);
        *last = Some(Arc::clone(&found));
        Ok(found)
    }
}

/// Whether the set of this short digest is kept.
///
/// # Errors
/// When the store cannot be read.
pub fn is_kept(store: &dyn Store, digest: &str) -> Result<bool, StoreError> {
    Ok(all(store)?.iter().any(|(_, kept)| kept.digest == digest))
}

/// Keeps the texts of a set that comes into force, in the place of the oldest where there are many. One
/// that is too large is not kept, and the log says so.
///
/// # Errors
/// When the store fails.
pub async fn keep(
    store: &dyn Store,
    mappings: &Mappings,
    now: Timestamp,
) -> Result<(), StoreError> {
    let digest = mappings.short_digest().to_owned();
    let bytes: usize = mappings.sources().iter().map(|file| file.text.len()).sum();
    if bytes > SET_BYTES_MAX {
        tracing::warn!(
            digest,
            bytes,
            "too large to be kept: no delivery can be mapped by it again"
        );
        return Ok(());
    }
    let kept = all(store)?;
    if kept.iter().any(|(_, kept)| kept.digest == digest) {
        return Ok(());
    }
    let oldest = kept.iter().min_by_key(|(_, kept)| kept.at).map(|(place, _)| place.clone());
    let place = match oldest.filter(|_| kept.len() >= KEPT_MAX) {
        Some(place) => place,
        None => format!("{:02}", kept.len()),
    };
    let new = Kept { digest, at: now, files: mappings.sources().to_vec() };
    let new = serde_json::to_value(new).map_err(|error| StoreError::Damaged {
        what: "new mappings".into(),
        why: error.to_string(),
    })?;
    store.put(RecordKind::Mappings, &place, new).await
}

fn all(store: &dyn Store) -> Result<Vec<(String, Kept)>, StoreError> {
    let records = store.records(RecordKind::Mappings, KEPT_MAX)?.into_iter();
    records
        .map(|(place, value)| {
            let kept = serde_json::from_value(value).map_err(|error| StoreError::Damaged {
                what: format!("the kept mappings {place}"),
                why: error.to_string(),
            })?;
            Ok((place, kept))
        })
        .collect()
}

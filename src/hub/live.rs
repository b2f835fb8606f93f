//! The mappings that are in force, and how changed files take their place while the hub runs.
//!
//! The folder is looked at twice a second. What looks different from what was taken, and has not
//! changed between two looks, is read, compiled and checked beside the hot path, and swapped as a
//! whole; an attempt that has begun goes on with what it began with. What is wrong is told once, in
//! the log and under `/health/ready`, and the mappings of before go on.
//!
//! Only the mapping files are looked at: settings, and so which adapters are on and what another
//! system does in our place, are those of the start.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::MissedTickBehavior;

use super::stamp::Stamp;
use super::{StartError, StartOptions, catalogs, mapping_files};
use crate::adapters::Listed;
use crate::clock::Clock;
use crate::config::Config;
use crate::dispatch::originals::{self, Originals};
use crate::mapping::{self, Catalog, CompileOptions, Finding, Mappings};
use crate::operate::metrics::MappingsNow;
use crate::store::Store;

/// Between two looks at the folder: a change is seen by the first, taken by the second, and there is
/// a second left to compile it.
const LOOK: Duration = Duration::from_millis(500);

/// Findings that are shown under `/health/ready`: the first ones say most, and all are in the log.
const FINDINGS_SHOWN_MAX: usize = 20;

/// The mappings in force, and what there is to say of them.
#[derive(Clone)]
pub(super) struct Live {
    /// What deliveries are mapped with.
    pub(super) mappings: Arc<ArcSwap<Mappings>>,
    standing: Arc<ArcSwap<Standing>>,
    set: Arc<Set>,
    clock: Arc<dyn Clock>,
    taken: Stamp,
    /// Where the texts of what comes into force are kept; absent until the store is open.
    kept_in: Arc<OnceLock<Arc<dyn Store>>>,
}

/// Where mappings come from.
struct Set {
    folder: PathBuf,
    catalogs: Vec<Catalog>,
    options: CompileOptions,
}

/// What there is to say of the mappings in force.
#[derive(Clone)]
struct Standing {
    loaded_at: Timestamp,
    refused: Option<Refused>,
}

/// A changed folder that was not taken.
#[derive(Clone)]
struct Refused {
    at: Timestamp,
    findings: Vec<Value>,
}

impl Live {
    /// The mappings of the start.
    ///
    /// # Errors
    /// When files cannot be read or are wrong.
    pub(super) fn start(
        config: &Config,
        listed: &[Listed],
        options: StartOptions,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StartError> {
        // Before they are read: what changes meanwhile looks different.
        let taken = Stamp::of(&config.mappings.dir);
        let mappings = super::compile(config, listed, options)?;
        let standing = Standing { loaded_at: clock.now(), refused: None };
        let set = Set {
            folder: config.mappings.dir.clone(),
            catalogs: catalogs(listed),
            options: CompileOptions { switched_off_rules: options.switched_off_rules },
        };
        Ok(Self {
            mappings: Arc::new(ArcSwap::from_pointee(mappings)),
            standing: Arc::new(ArcSwap::from_pointee(standing)),
            set: Arc::new(set),
            clock,
            taken,
            kept_in: Arc::default(),
        })
    }

    /// Keeps the texts of what is in force in this store, and from now on those of what follows.
    pub(super) async fn keep_in(&self, store: &Arc<dyn Store>) {
        let store = self.kept_in.get_or_init(|| Arc::clone(store));
        let mappings = self.mappings.load_full();
        keep(&**store, &mappings, &*self.clock).await;
    }

    /// The mappings of before.
    pub(super) fn originals(&self, store: &Arc<dyn Store>) -> Originals {
        Originals::new(Arc::clone(store), self.set.catalogs.clone(), self.set.options)
    }

    /// What there is to say of them, for whoever watches the hub.
    pub(super) fn standing(&self) -> Value {
        let (mappings, standing) = (self.mappings.load(), self.standing.load());
        let mut told = json!({ "digest": mappings.digest(), "loaded_at": standing.loaded_at });
        if let (Some(refused), Some(members)) = (&standing.refused, told.as_object_mut()) {
            let findings = json!({ "at": refused.at, "findings": refused.findings });
            members.insert("refused".to_owned(), findings);
        }
        told
    }

    /// The same for monitoring.
    pub(super) fn now(&self) -> MappingsNow {
        let standing = self.standing.load();
        MappingsNow {
            digest: self.mappings.load().digest().to_owned(),
            loaded_at: standing.loaded_at,
            is_refused: standing.refused.is_some(),
        }
    }

    /// Takes over changed files until it is told to stop.
    pub(super) async fn keep_current(self, stop: impl Future<Output = ()>) {
        let mut turns = tokio::time::interval(LOOK);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut watch = Watch { done: self.taken.clone(), before: self.taken.clone() };
        tokio::pin!(stop);
        loop {
            tokio::select! {
                _ = turns.tick() => {}
                () = &mut stop => return,
            }
            let set = Arc::clone(&self.set);
            let Some(seen) = aside(move || Stamp::of(&set.folder)).await else { continue };
            if watch.is_for_a_turn(&seen) {
                let after = self.turn(&seen).await;
                watch.turned(seen, after);
            }
        }
    }

    /// Takes the folder over or refuses it. Gives how it looks afterwards, where that can be seen: when
    /// it changed while it was read, nothing was done.
    async fn turn(&self, seen: &Stamp) -> Option<Stamp> {
        let (set, is_gone) = (Arc::clone(&self.set), *seen == Stamp::None);
        let (compiled, after) = aside(move || {
            let compiled = if is_gone { Err(vec![gone()]) } else { set.compile() };
            (compiled, Stamp::of(&set.folder))
        })
        .await?;
        if after != *seen {
            return Some(after);
        }
        match compiled {
            Ok(mappings) => {
                if let Some(store) = self.kept_in.get() {
                    keep(&**store, &mappings, &*self.clock).await;
                }
                self.take(mappings);
            }
            Err(findings) => self.refuse(findings),
        }
        Some(after)
    }

    fn take(&self, mappings: Mappings) {
        let before = self.mappings.load();
        let names = |mappings: &Mappings| -> Vec<String> {
            mappings.rules().map(|rule| format!("{}: {}", rule.adapter, rule.name)).collect()
        };
        let (now, digest) = (names(&mappings), mappings.short_digest().to_owned());
        let gone: Vec<String> =
            names(&before).into_iter().filter(|name| !now.contains(name)).collect();
        if before.digest() == mappings.digest() {
            tracing::info!(digest, "the mapping files are again what is in force");
            let loaded_at = self.standing.load().loaded_at;
            self.standing.store(Arc::new(Standing { loaded_at, refused: None }));
            return;
        }
        self.mappings.store(Arc::new(mappings));
        let loaded_at = self.clock.now();
        self.standing.store(Arc::new(Standing { loaded_at, refused: None }));
        tracing::info!(digest, rules = now.len(), "changed mapping files are in force");
        if !gone.is_empty() {
            let gone = gone.join(", ");
            tracing::warn!(
                "rules are gone, and deliveries that they made cannot be mapped: {gone}"
            );
        }
    }

    fn refuse(&self, findings: Vec<Told>) {
        for finding in &findings {
            tracing::error!("{}", finding.line);
        }
        tracing::error!(
            digest = self.mappings.load().short_digest(),
            "changed mapping files are refused; those of before go on"
        );
        let at = self.clock.now();
        let shown = findings.into_iter().take(FINDINGS_SHOWN_MAX).map(|finding| finding.shown);
        let refused = Some(Refused { at, findings: shown.collect() });
        let loaded_at = self.standing.load().loaded_at;
        self.standing.store(Arc::new(Standing { loaded_at, refused }));
    }
}

/// A set whose texts cannot be kept is in force all the same: only a replay by it is not to be had.
async fn keep(store: &dyn Store, mappings: &Mappings, clock: &dyn Clock) {
    if let Err(error) = originals::keep(store, mappings, clock.now()).await {
        tracing::warn!(%error, "the texts of the mapping files could not be kept");
    }
}

/// What was seen of the folder.
struct Watch {
    /// As it was when it was last taken over or refused.
    done: Stamp,
    /// As it was at the last look.
    before: Stamp,
}

impl Watch {
    /// Whether it is changed and nobody is at it any more.
    fn is_for_a_turn(&mut self, seen: &Stamp) -> bool {
        let is_still = self.before == *seen;
        self.before = seen.clone();
        is_still && self.done != *seen
    }

    /// After a turn. What changed meanwhile is looked at again; what made the turn fail is not.
    fn turned(&mut self, seen: Stamp, after: Option<Stamp>) {
        match after {
            Some(after) if after != seen => self.before = after,
            _ => self.done = seen,
        }
    }
}

/// Runs what blocks beside the hot path; none when it panicked.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| tracing::error!(%error, "mapping files could not be looked at")).ok()
}

/// A finding, as the log and the watchers of the hub are told.
struct Told {
    line: String,
    shown: Value,
}

impl Set {
    fn compile(&self) -> Result<Mappings, Vec<Told>> {
        let folder = self.folder.display();
        let files = mapping_files(&self.folder)
            .map_err(|error| vec![told(format!("{folder} cannot be read: {error}"))])?;
        if files.is_empty() {
            return Err(vec![told(format!("there is no mapping file in {folder}"))]);
        }
        mapping::compile(&files, &self.catalogs, self.options)
            .map_err(|findings| findings.iter().map(of_finding).collect())
    }
}

fn gone() -> Told {
    told("the folder of the mapping files is gone".to_owned())
}

fn told(line: String) -> Told {
    let shown = json!({ "message": line });
    Told { line, shown }
}

/// The file by its name alone: where it stands is nothing for the public listener.
fn of_finding(finding: &Finding) -> Told {
    let Finding { code, message, file, line, column, help, .. } = finding;
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let hint = help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
    Told {
        line: format!("{code} {file}:{line}:{column}: {message}{hint}"),
        shown: json!({
            "code": code, "file": name, "line": line, "column": column, "message": message,
            "help": help,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Folders that look as these texts, one look after the other; gives at which there is a turn.
    #[track_caller]
    fn check_turns(looks: &[&str], expected: &[usize]) {
        let stamp = |text: &str| Stamp::Unreadable(text.to_owned());
        let mut watch = Watch { done: stamp("old"), before: stamp("old") };
        let mut turns = Vec::new();
        for (at, look) in looks.iter().map(|look| stamp(look)).enumerate() {
            if watch.is_for_a_turn(&look) {
                turns.push(at);
                watch.turned(look.clone(), Some(look));
            }
        }
        assert_eq!(turns, expected, "{looks:?}");
    }

    #[test]
    fn a_folder_has_its_turn_once_it_is_still_and_only_once() {
        check_turns(&["old", "old"], &[]);
        check_turns(&["new", "new", "new"], &[1]);
        check_turns(&["half", "more", "new", "new"], &[3]);
        check_turns(&["new", "new", "old", "old"], &[1, 3]);
        check_turns(&["half", "old", "old"], &[]);
    }

    #[test]
    fn what_changes_while_it_is_read_waits_until_it_is_still() {
        let stamp = |text: &str| Stamp::Unreadable(text.to_owned());
        let mut watch = Watch { done: stamp("old"), before: stamp("new") };
        assert!(watch.is_for_a_turn(&stamp("new")));
        watch.turned(stamp("new"), Some(stamp("newer")));
        assert!(watch.is_for_a_turn(&stamp("newer")));
    }

    /// Two seconds are promised: two looks, and a second to compile.
    #[test]
    fn there_is_time_to_compile() {
        assert!(2 * LOOK <= Duration::from_secs(1));
    }

    #[test]
    fn a_stamp_tells_every_change_of_a_mapping_file() {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        let stamp = || Stamp::of(folder.path());
        let mut seen = vec![Stamp::of(&folder.path().join("none")), stamp()];
        write("a.toml", "1");
        seen.push(stamp());
        write("a.toml", "22");
        seen.push(stamp());
        // As editors do: another file takes the place.
        write("new", "33");
        std::fs::rename(folder.path().join("new"), folder.path().join("a.toml")).unwrap();
        seen.push(stamp());
        write("b.toml", "");
        seen.push(stamp());
        for (at, stamp) in seen.iter().enumerate() {
            assert!(!seen[..at].contains(stamp), "{at}: {stamp:?}");
        }
        write("README.md", "other files do not matter");
        assert_eq!(Some(&stamp()), seen.last());
    }
}

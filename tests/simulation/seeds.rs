//! Many seeds, and what all of them came to.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

use super::life::Disk;
use super::run::{self, Ran, in_memory};
use super::tally::{Happened, Tally};
use super::upstream::Planned;

/// An unoptimised build takes a minute for what others do in some seconds.
const SEEDS: u64 = if cfg!(debug_assertions) { 100 } else { 500 };
const SEEDS_LONG: u64 = 10_000;
/// Runs that are made twice.
const SEEDS_TWICE: u64 = 10;
const SEEDS_ON_SLED: u64 = 4;
const SEEDS_ON_SLED_LONG: u64 = 20;

#[test]
fn whatever_goes_wrong_nothing_is_lost_doubled_or_out_of_order_and_all_comes_to_rest() {
    let seeds = if is_long() { SEEDS_LONG } else { SEEDS };
    let tally = all(seeds, in_memory);
    if given_seed().is_none() {
        assert_eq!(tally.missing(), [], "some things never happened: {tally}");
    }
}

#[test]
fn the_same_holds_over_sled() {
    let seeds = if is_long() { SEEDS_ON_SLED_LONG } else { SEEDS_ON_SLED };
    let tally = all(seeds, || Disk::Folder(tempfile::tempdir().unwrap()));
    assert!(given_seed().is_some() || tally.of(Happened::CutBetween) > 0, "{tally}");
}

#[test]
fn a_seed_makes_the_same_run_each_time() {
    for seed in 0..SEEDS_TWICE {
        let (first, second) = (ran(seed, in_memory()), ran(seed, in_memory()));
        assert_eq!((first.trace, &first.tally), (second.trace, &second.tally), "seed {seed}");
        assert!(first.tally.of(Happened::Delivered) > 0, "nothing happened");
    }
}

/// Makes the runs of so many seeds, on all processors.
fn all(seeds: u64, disk: impl Fn() -> Disk + Sync) -> Tally {
    let (first, end) = given_seed().map_or((0, seeds), |seed| (seed, seed + 1));
    let next = AtomicU64::new(first);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let began = std::time::Instant::now();
    let one_thread = || {
        let mut tally = Tally::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end {
                return tally;
            }
            tally.join(&checked(seed, disk()));
        }
    };
    let mut tally = Tally::default();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(one_thread)).collect();
        for thread in threads {
            tally.join(&thread.join().unwrap_or_else(|why| std::panic::resume_unwind(why)));
        }
    });
    say(&format!("{} seeds in {:.1?}: {tally}", end - first, began.elapsed()));
    tally
}

/// Makes one run, and says how to have it again if it is not as it should be.
fn checked(seed: u64, disk: Disk) -> Tally {
    let ran = catch_unwind(AssertUnwindSafe(|| ran(seed, disk)));
    let again = format!("seed {seed} (OMNIHUB_SEED={seed} cargo test --test simulation)");
    let Ran { tally, violations, .. } = ran.unwrap_or_else(|_| panic!("{again} panicked"));
    assert!(violations.is_empty(), "{again}:\n{}", violations.join("\n"));
    assert!(tally.of(Happened::Delivered) > 0, "{again}: nothing was delivered: {tally}");
    tally
}

fn ran(seed: u64, disk: Disk) -> Ran {
    quiet();
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(run::run(seed, disk))
}

/// Lets panics that belong to the run pass without a word.
fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = take_hook();
        set_hook(Box::new(move |what| {
            if what.payload().downcast_ref::<Planned>().is_none() {
                usual(what);
            }
        }));
    });
}

fn given_seed() -> Option<u64> {
    std::env::var("OMNIHUB_SEED").ok()?.parse().ok()
}

fn is_long() -> bool {
    std::env::var("OMNIHUB_TESTS").is_ok_and(|value| value == "long")
}

fn say(line: &str) {
    use std::io::Write as _;
    drop(writeln!(std::io::stderr().lock(), "{line}"));
}

//! The file and its rest: compactions that are cut at every step, locks, and sled's own cleaning.

use super::*;

fn pairs(folder: &Path) -> Vec<Pair> {
    SledDisk::open(folder).unwrap().scan(b"", b"", usize::MAX).unwrap()
}

/// A store with more in its file than is live.
fn filled(folder: &Path) -> SledDisk {
    let disk = SledDisk::open(folder).unwrap();
    disk.format(folder).unwrap();
    for round in 0..4_u32 {
        let mut writes = Writes::default();
        for at in 0..600_u32 {
            let value = format!("{round} {at} ").repeat(200).into_bytes();
            writes.put(format!("t{at}").into_bytes(), value);
            if round > 0 && at % 3 == 0 {
                writes.remove(format!("t{at}").into_bytes());
            }
        }
        disk.commit(writes).unwrap();
    }
    disk
}

#[track_caller]
fn check_cut_after(steps: usize) {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let disk = filled(folder);
    let before = disk.scan(b"", b"", usize::MAX).unwrap();
    write_aside(&disk, folder).unwrap();
    compact::swap(folder, steps).unwrap();
    drop(disk);
    assert!(pairs(folder) == before, "cut after {steps} steps");
    // The next one finishes what is left.
    compact(folder).unwrap();
    assert!(pairs(folder) == before && !folder.join("compacting").exists(), "after {steps} steps");
}

#[test]
fn a_store_that_is_just_being_let_go_of_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Some(SledDisk::open(folder.path()).unwrap());
    assert!(locked(&config(folder.path()), || false).is_err_and(|error| is_locked(&error)));
    let mut looks = 0;
    let opened = locked(&config(folder.path()), || {
        looks += 1;
        first = None;
        looks < 100_000
    });
    assert!(opened.is_ok() && looks > 0);
}

/// How often there is something to clean, and how long it is looked for each time: far above what it takes.
const ROUNDS: u32 = 10;
const LOOKED_FOR: Duration = Duration::from_secs(1);

/// Segments of which hardly anything is live.
fn litter(disk: &SledDisk) {
    for batch in 0..30_u32 {
        let mut writes = Writes::default();
        for at in 0..1_000_u32 {
            writes.put(format!("t{batch} {at}").into_bytes(), vec![7; 1_000]);
        }
        disk.commit(writes).unwrap();
    }
    for batch in 0..30_u32 {
        let mut writes = Writes::default();
        let gone = (0..1_000_u32).filter(|at| at % 100 > 0);
        gone.for_each(|at| writes.remove(format!("t{batch} {at}").into_bytes()));
        disk.commit(writes).unwrap();
    }
}

#[test]
fn what_is_live_is_moved_out_of_mostly_dead_segments_while_nobody_writes() {
    let folder = tempfile::tempdir().unwrap();
    let disk = SledDisk::open(folder.path()).unwrap();
    let changed = || disk.file.metadata().unwrap().modified().unwrap();
    let is_cleaned = (0..ROUNDS).any(|_| {
        litter(&disk);
        let (ours, began) = (changed(), Instant::now());
        while changed() == ours && began.elapsed() < LOOKED_FOR {
            std::thread::yield_now();
        }
        changed() > ours
    });
    assert!(is_cleaned, "nothing is written but by commits");
}

#[test]
fn a_compaction_that_is_cut_anywhere_leaves_one_good_store() {
    for steps in 0..=5 {
        check_cut_after(steps);
    }
}

#[test]
fn a_compaction_keeps_every_pair_and_makes_the_file_smaller() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    drop(filled(folder));
    let before = pairs(folder);
    let done = compact(folder).unwrap();
    assert_eq!(done.pairs, u64::try_from(before.len()).unwrap());
    assert!(done.after < done.before, "{done:?}");
    assert!(pairs(folder) == before);
}

#[test]
fn a_store_that_is_open_is_not_compacted() {
    let folder = tempfile::tempdir().unwrap();
    let disk = filled(folder.path());
    let refused = compact(folder.path()).unwrap_err().to_string();
    assert!(refused.contains("another omnihub has it open"), "{refused}");
    drop(disk);
}

#[test]
fn where_there_is_no_store_none_is_made() {
    let folder = tempfile::tempdir().unwrap();
    assert!(compact(folder.path()).is_err());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

//! What a process and a folder use, as the kernel counts it.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::Failed;
use crate::figures::count;

/// Linux counts time for user space in hundredths of a second (`USER_HZ`).
const TICK: Duration = Duration::from_millis(10);

/// Processor time from its start on.
pub(crate) struct Meter {
    hub: Option<u32>,
    began: Instant,
    before: Spent,
}

/// Processor time that was spent.
#[derive(Clone, Copy)]
pub(crate) struct Spent {
    /// By the hub.
    pub(crate) hub: Duration,
    /// By this process: generator and sink, and the bare server where that is measured.
    pub(crate) own: Duration,
    machine: Duration,
}

impl Meter {
    /// Begins to measure, with a hub's process or without one.
    pub(crate) fn start(hub: Option<u32>) -> Result<Self, Failed> {
        Ok(Self { hub, began: Instant::now(), before: spent(hub)? })
    }

    /// What was spent since, and how many percent of the machine other processes had meanwhile:
    /// where that is much, the figures are too low.
    pub(crate) fn read(&self) -> Result<(Spent, f64), Failed> {
        let now = spent(self.hub)?;
        let spent = Spent {
            hub: now.hub - self.before.hub,
            own: now.own - self.before.own,
            machine: now.machine - self.before.machine,
        };
        let others = spent.machine.saturating_sub(spent.hub + spent.own).as_secs_f64();
        let processors = count(thread::available_parallelism()?.get());
        Ok((spent, 100.0 * others / (self.began.elapsed().as_secs_f64() * processors)))
    }
}

fn spent(hub: Option<u32>) -> Result<Spent, Failed> {
    Ok(Spent {
        hub: hub.map(process).transpose()?.unwrap_or_default(),
        own: process(std::process::id())?,
        machine: machine()?,
    })
}

fn process(pid: u32) -> Result<Duration, Failed> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The program's name, in brackets, may hold spaces; utime and stime are fields 14 and 15, and
    // the first after the name is field 3.
    let after_name = stat.rsplit_once(") ").ok_or("no name in /proc/PID/stat")?.1;
    ticks(after_name.split(' ').skip(11).take(2))
}

/// What all processors did but wait: user, nice, system, irq, softirq, steal.
fn machine() -> Result<Duration, Failed> {
    let stat = fs::read_to_string("/proc/stat")?;
    let mut fields = stat.split_whitespace().skip(1);
    Ok(ticks(fields.by_ref().take(3))? + ticks(fields.skip(2).take(3))?)
}

fn ticks<'a>(fields: impl Iterator<Item = &'a str>) -> Result<Duration, Failed> {
    Ok(TICK * fields.map(str::parse::<u32>).sum::<Result<u32, _>>()?)
}

/// Resident memory of a process, now and at most so far, in MB (1,000,000 bytes).
pub(crate) fn memory_mb(pid: u32) -> Result<(f64, f64), Failed> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let field = |name: &str| -> Result<f64, Failed> {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
        Ok(f64::from(kib.ok_or("a field of /proc/PID/status is missing")?.parse::<u32>()?)
            * 0.001024)
    };
    Ok((field("VmRSS:")?, field("VmHWM:")?))
}

/// What a folder's files take on disk, in MB (1,000,000 bytes).
pub(crate) fn folder_mb(folder: &Path) -> io::Result<f64> {
    let mut total = 0.0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let of = entry.metadata()?;
        total += match of.is_dir() {
            true => folder_mb(&entry.path())?,
            false => f64::from(u32::try_from(of.blocks()).unwrap_or(u32::MAX)) * 512e-6,
        };
    }
    Ok(total)
}

//! Logs: text or JSON lines on standard error, with card numbers masked in every line.
//!
//! Secrets and personal data do not get this far, because their types do not print; card numbers in
//! free text could, and so the last step before the line leaves masks them.

use std::io::{self, Write};

use omnihub_contract::mask;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::config::{Log, LogFormat};

/// Starts logging. Only the first call in a process counts.
///
/// # Errors
/// When the level is none.
pub fn start(log: &Log) -> Result<(), String> {
    let filter = EnvFilter::try_new(&log.level)
        .map_err(|error| format!("log.level: `{}` is no level: {error}", log.level))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(Masked);
    let started = match log.format {
        LogFormat::Text => lines.with_target(false).with_ansi(false).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    // A second start in one process, as in tests, keeps the first.
    drop(started);
    Ok(())
}

/// Standard error, masked.
struct Masked;

impl<'a> MakeWriter<'a> for Masked {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        Self
    }
}

impl Write for Masked {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        io::stderr().lock().write_all(mask::cards(&text).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().lock().flush()
    }
}

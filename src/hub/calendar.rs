//! The bank's working days, from the settings and the files that they name.

use jiff::Timestamp;

use super::StartError;
use crate::config::Config;
use crate::sync::regulatory::Calendar;

/// The years that are known to the program.
const SHIPPED: &str = include_str!("../../holidays.toml");

/// The calendar: the shipped years, and those of the file that the settings name, which win.
///
/// # Errors
/// When that cannot be read, or is no list of holidays.
pub fn calendar(config: &Config) -> Result<Calendar, StartError> {
    let mut calendar = Calendar::new(config.regulatory.zone()?);
    add(&mut calendar, "holidays.toml (shipped)", SHIPPED)?;
    if let Some(file) = &config.regulatory.holidays {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file)
            .map_err(|error| StartError::Holidays { file: name.clone(), why: error.to_string() })?;
        add(&mut calendar, &name, &text)?;
    }
    Ok(calendar)
}

fn add(calendar: &mut Calendar, file: &str, text: &str) -> Result<(), StartError> {
    let bad = |why: String| StartError::Holidays { file: file.to_owned(), why };
    calendar.add(text).map_err(|error| bad(error.to_string()))
}

/// What to say where the holidays of a year are not known that due dates of these days may reach into.
pub fn lacking(calendar: &Calendar, now: Timestamp) -> Option<String> {
    let year = calendar.lacks(now)?;
    Some(format!(
        "the holidays of {year} are not known: regulatory due dates that reach into it may be too early. \
         Name a file with them as regulatory.holidays; its form is that of holidays.toml"
    ))
}

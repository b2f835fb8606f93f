//! `[regulatory]`: how many working days complaints have, and on which days the bank works.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use omnihub_contract::{Category, Channel, Medium, ServiceType};
use serde::Deserialize;

use super::problem::{ConfigError, no_such};

/// Most working days that can be set: more than a year would be a slip.
const DAYS_MAX: u16 = 366;

/// `[regulatory]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RegulatorySection {
    /// Working days for a complaint by voice.
    pub oral_days: u16,
    /// The same for one in writing.
    pub written_days: u16,
    /// Working days that either may be extended by, once.
    pub extension_days: u16,
    /// Channels in which people speak; in all others they write.
    pub oral_channels: Vec<Channel>,
    /// What is no complaint, and has no regulatory clock.
    pub exempt_service_types: Vec<ServiceType>,
    /// Where days begin and end.
    pub timezone: String,
    /// A file of holidays, beside the shipped one.
    pub holidays: Option<PathBuf>,
    /// Other days for some complaints, by the clock's name.
    pub clocks: BTreeMap<String, ClockSection>,
}

/// `[regulatory.clocks.<name>]`: complaints that all lists which are given have a word of.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockSection {
    /// Media of the disputed transaction.
    #[serde(default)]
    pub media: Vec<Medium>,
    /// Categories.
    #[serde(default)]
    pub categories: Vec<Category>,
    /// Service types.
    #[serde(default)]
    pub service_types: Vec<ServiceType>,
    /// Working days for one by voice.
    pub oral_days: u16,
    /// For one in writing.
    pub written_days: u16,
    /// By which either may be extended, once.
    pub extension_days: u16,
}

impl Default for RegulatorySection {
    fn default() -> Self {
        Self {
            oral_days: 5,
            written_days: 10,
            extension_days: 10,
            oral_channels: vec![Channel::Phone],
            exempt_service_types: vec![
                ServiceType::Inquiry,
                ServiceType::Feedback,
                ServiceType::GeneralRequest,
            ],
            timezone: "Asia/Makassar".to_owned(),
            holidays: None,
            clocks: BTreeMap::new(),
        }
    }
}

impl RegulatorySection {
    /// Makes its paths absolute, and checks what a type cannot.
    pub(super) fn resolve(&mut self, folder: &Path) -> Result<(), ConfigError> {
        if let Some(file) = &mut self.holidays {
            *file = folder.join(&*file);
        }
        self.zone()?;
        let key = |name: &str| format!("regulatory.{name}");
        check_days(&key, (self.oral_days, self.written_days, self.extension_days))?;
        known(&key("oral_channels"), "channel", &self.oral_channels, Channel::WORDS)?;
        let exempt = &self.exempt_service_types;
        known(&key("exempt_service_types"), "service type", exempt, ServiceType::WORDS)?;
        self.clocks.iter().try_for_each(|(name, clock)| clock.check(name))
    }

    /// Where days begin and end.
    ///
    /// # Errors
    /// When there is no such zone.
    pub fn zone(&self) -> Result<TimeZone, ConfigError> {
        TimeZone::get(&self.timezone).map_err(|_| {
            let what =
                format!("there is no zone `{}`; write it as \"Asia/Makassar\"", self.timezone);
            ConfigError::wrong("regulatory.timezone", &what)
        })
    }
}

impl ClockSection {
    fn check(&self, name: &str) -> Result<(), ConfigError> {
        let key = |member: &str| format!("regulatory.clocks.{name}.{member}");
        check_days(&key, (self.oral_days, self.written_days, self.extension_days))?;
        known(&key("media"), "medium", &self.media, Medium::WORDS)?;
        known(&key("categories"), "category", &self.categories, Category::WORDS)?;
        known(&key("service_types"), "service type", &self.service_types, ServiceType::WORDS)?;
        if self.media.is_empty() && self.categories.is_empty() && self.service_types.is_empty() {
            let what = "say which complaints it is for: media, categories or service_types";
            return Err(ConfigError::wrong(&format!("regulatory.clocks.{name}"), what));
        }
        Ok(())
    }
}

fn check_days(
    key: &impl Fn(&str) -> String,
    (oral, written, extension): (u16, u16, u16),
) -> Result<(), ConfigError> {
    let all =
        [("oral_days", oral, 1), ("written_days", written, 1), ("extension_days", extension, 0)];
    for (name, days, least) in all {
        if !(least..=DAYS_MAX).contains(&days) {
            let what = format!("use a number of working days from {least} to {DAYS_MAX}");
            return Err(ConfigError::wrong(&key(name), &what));
        }
    }
    Ok(())
}

/// Open enums take any word: these have to be documented ones.
fn known<T: std::fmt::Display>(
    key: &str,
    what: &str,
    words: &[T],
    documented: &[&str],
) -> Result<(), ConfigError> {
    let words = words.iter().map(T::to_string);
    let unknown = words.into_iter().find(|word| !documented.contains(&word.as_str()));
    unknown.map_or(Ok(()), |word| Err(no_such(key, what, &word, documented)))
}

//! What is a complaint, in which form it was made, and how many working days the regulator gives for it
//! (domain 4.1, 4.2). Which days those are is for a calendar to say, and not for this.

use omnihub_contract::{Category, Channel, Form, Medium, Regulatory, ServiceType};

/// How many working days whose complaints have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegulatoryRules {
    /// Of every complaint that nothing special is said of.
    pub days: RegulatoryDays,
    /// Channels in which people speak; in all others they write.
    pub oral_channels: Vec<Channel>,
    /// What is no complaint.
    pub exempt: Vec<ServiceType>,
    /// Of some complaints; where several fit, the one that gives least.
    pub special: Vec<SpecialDays>,
}

/// Working days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegulatoryDays {
    /// For a complaint by voice.
    pub oral: u16,
    /// For one in writing.
    pub written: u16,
    /// That either may be extended by, once.
    pub extension: u16,
}

/// Working days of some complaints. An empty list asks for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecialDays {
    /// The name of this clock.
    pub name: String,
    /// About a transaction in one of these.
    pub media: Vec<Medium>,
    /// Of one of these categories.
    pub categories: Vec<Category>,
    /// Of one of these service types.
    pub service_types: Vec<ServiceType>,
    /// How many.
    pub days: RegulatoryDays,
}

/// What decides the days of a ticket.
pub(super) struct About<'a> {
    pub(super) service_type: &'a ServiceType,
    pub(super) channel: &'a Channel,
    pub(super) medium: Option<&'a Medium>,
    pub(super) category: Option<&'a Category>,
}

impl Default for RegulatoryRules {
    fn default() -> Self {
        Self {
            // POJK 22/2023, as banks publish it (domain 4.1).
            days: RegulatoryDays { oral: 5, written: 10, extension: 10 },
            oral_channels: vec![Channel::Phone],
            exempt: vec![ServiceType::Inquiry, ServiceType::Feedback, ServiceType::GeneralRequest],
            special: Vec::new(),
        }
    }
}

impl RegulatoryRules {
    /// What the regulator gives for it; nothing where it is no complaint.
    pub(super) fn of(&self, about: &About<'_>) -> Option<Regulatory> {
        if self.exempt.contains(about.service_type) {
            return None;
        }
        let is_oral = self.oral_channels.contains(about.channel);
        let form = if is_oral { Form::Oral } else { Form::Written };
        let fitting = self.special.iter().filter(|special| special.fits(about));
        let special = fitting.min_by_key(|special| special.days.of(form));
        let days = special.map_or(&self.days, |special| &special.days);
        Some(Regulatory {
            form,
            days: days.of(form),
            extension_days: days.extension,
            clock: special.map(|special| special.name.clone()),
        })
    }
}

impl RegulatoryDays {
    fn of(&self, form: Form) -> u16 {
        match form {
            Form::Oral => self.oral,
            Form::Written => self.written,
        }
    }
}

impl SpecialDays {
    fn fits(&self, about: &About<'_>) -> bool {
        is_among(about.medium, &self.media)
            && is_among(about.category, &self.categories)
            && is_among(Some(about.service_type), &self.service_types)
    }
}

fn is_among<T: PartialEq>(it: Option<&T>, wanted: &[T]) -> bool {
    wanted.is_empty() || it.is_some_and(|it| wanted.contains(it))
}

//! To whom nothing is routed, whatever the mappings say.

use omnihub_contract::AdapterName;

use crate::adapters::Listed;

/// Adapters and operations to which nothing is routed. It goes by the settings alone: no mappings
/// that are taken over later change it.
#[derive(Clone, Debug)]
pub struct Silent(Vec<(AdapterName, Option<&'static str>)>);

/// Why nothing is routed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// The adapter is off.
    Off,
    /// Another system does the operation in our place.
    Elsewhere,
}

impl Silent {
    /// All of an adapter that is off, and what another system does in our place.
    pub fn of(listed: &[Listed]) -> Self {
        let off = listed.iter().filter(|l| !l.section.enabled).map(|l| (l.name.clone(), None));
        let elsewhere = listed.iter().flat_map(|l| {
            l.done_elsewhere.iter().map(|operation| (l.name.clone(), Some(*operation)))
        });
        Self(off.chain(elsewhere).collect())
    }

    /// Whether nothing is routed there.
    pub fn has(&self, adapter: &AdapterName, operation: &str) -> bool {
        self.why(adapter, operation).is_some()
    }

    /// Why nothing is routed there, if nothing is.
    pub fn why(&self, adapter: &AdapterName, operation: &str) -> Option<Silence> {
        let of_adapter = self.0.iter().filter(|(name, _)| name == adapter);
        of_adapter
            .filter_map(|(_, only)| match only {
                None => Some(Silence::Off),
                Some(only) => (*only == operation).then_some(Silence::Elsewhere),
            })
            .next()
    }
}

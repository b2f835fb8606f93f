//! The keys that calls carry: the hub's own, or that of the partner whose ticket it is.

use std::collections::BTreeMap;

use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue};
use omnihub_contract::{ExposeSecret, PartnerId, Secret};
use omnihub_upstream::{BadSettings, Call};

use crate::settings::{Auth, Settings};

const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Every key, ready to be sent.
pub(crate) struct Credentials {
    own: Credential,
    of_partners: BTreeMap<PartnerId, Credential>,
}

/// One key, ready to be sent.
pub(crate) struct Credential {
    header: (HeaderName, HeaderValue),
    key: Secret,
}

impl Credentials {
    pub(crate) fn new(settings: &Settings) -> Result<Self, BadSettings> {
        let auth = settings.auth;
        let partners = settings.partner_keys.iter();
        let of_partners = partners.map(|(partner, key)| {
            Ok((partner.clone(), credential(auth, key, "helpdesk_api_key")?))
        });
        Ok(Self {
            own: credential(auth, &settings.api_key, "api_key")?,
            of_partners: of_partners.collect::<Result<_, _>>()?,
        })
    }

    /// The key for what this partner's ticket brings; without one, the hub's own.
    pub(crate) fn of(&self, partner: Option<&PartnerId>) -> &Credential {
        partner.and_then(|partner| self.of_partners.get(partner)).unwrap_or(&self.own)
    }
}

impl Credential {
    /// The call with the key.
    pub(crate) fn on(&self, call: Call) -> Call {
        let (name, value) = &self.header;
        call.header(name.clone(), value.clone())
    }

    /// The key, for taking it out of words.
    pub(crate) fn key(&self) -> &Secret {
        &self.key
    }
}

fn credential(auth: Auth, key: &Secret, name: &'static str) -> Result<Credential, BadSettings> {
    let text = key.expose_secret();
    let (header, text) = match auth {
        Auth::Bearer => (AUTHORIZATION, format!("Bearer {text}")),
        Auth::XApiKey => (X_API_KEY, text.to_owned()),
    };
    let mut value = HeaderValue::from_str(&text).map_err(|_| BadSettings::Secret(name))?;
    value.set_sensitive(true);
    Ok(Credential { header: (header, value), key: key.clone() })
}

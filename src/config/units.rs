//! Durations (`"2s"`, `"500ms"`, `"72h"`) and sizes (`"1MB"`) as texts in the settings.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, de::Error as _};

/// A duration, written as a text with its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(pub Duration);

impl Span {
    pub(crate) const fn s(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SpanText)
    }
}

struct SpanText;

impl serde::de::Visitor<'_> for SpanText {
    type Value = Span;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration with its unit, as \"2s\", \"500ms\" or \"72h\"")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Span, E> {
        text.parse().map_err(E::custom)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let span = jiff::SignedDuration::try_from(self.0).unwrap_or(jiff::SignedDuration::MAX);
        write!(f, "{span:#}")
    }
}

impl FromStr for Span {
    type Err = String;

    /// A day has 24 hours here; months and years have no length.
    fn from_str(text: &str) -> Result<Self, String> {
        let span = || {
            let span: jiff::Span = text.parse().ok()?;
            let span = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok()?;
            Duration::try_from(span).ok().map(Self)
        };
        span().ok_or_else(|| {
            format!("`{text}` is no duration: write it as \"2s\", \"500ms\", \"72h\" or \"90d\"")
        })
    }
}

/// A number of bytes, written as a number or a text with its unit (`"1MB"` is 1,000,000 bytes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub usize);

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Bytes(usize),
            Text(String),
        }
        match Form::deserialize(deserializer)? {
            Form::Bytes(bytes) => Ok(Self(bytes)),
            Form::Text(text) => size(&text).ok_or_else(|| {
                D::Error::custom(format!("`{text}` is no size: write it as \"64KB\" or \"1MB\""))
            }),
        }
    }
}

fn size(text: &str) -> Option<Size> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let count: usize = digits.parse().ok()?;
    let unit = match text.strip_prefix(digits)?.trim() {
        "" | "B" => 1,
        "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        _ => return None,
    };
    count.checked_mul(unit).map(Size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        assert_eq!(size("64KB"), Some(Size(64_000)));
        assert_eq!(size("1 MB"), Some(Size(1_000_000)));
        assert_eq!(size("12"), Some(Size(12)));
        assert_eq!(size("1 parsec"), None);
        assert_eq!(size("MB"), None);
    }

    #[test]
    fn durations_have_units() {
        let span = |text: &str| serde_json::from_value::<Span>(serde_json::json!(text));
        assert_eq!(span("2s").unwrap(), Span(Duration::from_secs(2)));
        assert_eq!(span("0s").unwrap(), Span(Duration::ZERO));
        assert_eq!(span("500ms").unwrap(), Span(Duration::from_millis(500)));
        assert_eq!(span("72h").unwrap(), Span::s(72 * 3600));
        assert_eq!(span("90d").unwrap(), Span::s(90 * 24 * 3600));
        assert_eq!(span("90m").unwrap().to_string(), "1h 30m");
        assert!(span("1y").is_err());
        assert!(span("-2s").is_err());
        assert!(span("2").unwrap_err().to_string().contains("write it as"));
    }
}

//! What has to fit together in `[http]`.

use super::{ConfigError, Http};

impl Http {
    /// Checks what a type cannot.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if self.tls_cert.is_some() != self.tls_key.is_some() {
            let what = "set both http.tls_cert and http.tls_key, or neither";
            return Err(ConfigError::wrong("http", what));
        }
        let largest = self.body_bytes_max.0.max(self.attachment_body_bytes_max.0);
        if self.body_bytes_in_flight_max.0 < largest {
            let what = "one of the largest bodies has to fit: make it larger, or them smaller";
            return Err(ConfigError::wrong("http.body_bytes_in_flight_max", what));
        }
        Ok(())
    }
}

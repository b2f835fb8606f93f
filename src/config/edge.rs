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
        if self.large_bodies_in_flight_max() < largest {
            let what = "one of the largest bodies has to fit into three quarters of it: make it \
                        larger, or them smaller";
            return Err(ConfigError::wrong("http.body_bytes_in_flight_max", what));
        }
        Ok(())
    }

    /// What large bodies may take together: a quarter of what all may is left to small ones.
    pub(crate) fn large_bodies_in_flight_max(&self) -> usize {
        let all = self.body_bytes_in_flight_max.0;
        all - all / 4
    }
}

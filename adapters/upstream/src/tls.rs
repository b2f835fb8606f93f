//! The one cryptographic provider of the process.

use std::sync::Once;

/// Makes ring the process's TLS provider. Only the first call has an effect; one that somebody else
/// installed before stays.
pub fn install_tls() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        // An error means that a provider is there already, which serves as well.
        drop(rustls::crypto::ring::default_provider().install_default());
    });
}

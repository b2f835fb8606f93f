//! TLS at the door: a certificate and its key from two files, read again when they change.
//!
//! It makes no certificates and asks clients for none. **Invariant:** what is served was once right: a
//! pair that is not, is told of and passed over.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Between two looks at the files. A change counts when it has stood for one look, since certificate
/// and key are seldom written at once.
const LOOK: Duration = Duration::from_secs(1);

/// What a client may choose by ALPN, the better first.
const HTTP2: &[u8] = b"h2";
const HTTP1: &[u8] = b"http/1.1";

/// Which HTTP a connection speaks.
pub(crate) enum Spoken {
    /// HTTP/1.1, also where the client said nothing.
    Http1,
    /// HTTP/2.
    Http2,
}

/// The certificate that is served.
pub struct Tls {
    files: Files,
    pair: Print,
    current: ArcSwap<ServerConfig>,
}

/// Why a certificate and its key cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// One of the files cannot be read.
    #[error("{setting} names {file}, which cannot be read: {error}", file = file.display())]
    Unreadable {
        /// The setting that names it.
        setting: &'static str,
        /// Which file.
        file: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// One of the files is not what it should be.
    #[error("{setting} names {file}, which holds no {what} in PEM form", file = file.display())]
    NotPem {
        /// The setting that names it.
        setting: &'static str,
        /// Which file.
        file: PathBuf,
        /// What it should hold.
        what: &'static str,
    },
    /// They do not belong together, or are of a kind that cannot be served.
    #[error("http.tls_cert and http.tls_key cannot be served: {0}")]
    Unfit(rustls::Error),
}

impl Tls {
    /// Reads a chain of certificates, the server's own first, and its private key.
    ///
    /// # Errors
    /// When they cannot be read or served.
    pub fn load(cert: &Path, key: &Path) -> Result<Self, TlsError> {
        let files = Files { cert: cert.to_owned(), key: key.to_owned() };
        let pems = files.read()?;
        let current = ArcSwap::from_pointee(pems.server_config(&files)?);
        Ok(Self { pair: pems.print(), files, current })
    }

    /// Reads the files again when they change, until `stop` ends.
    pub async fn keep_current(self: Arc<Self>, stop: impl Future<Output = ()>) {
        let mut turns = tokio::time::interval(LOOK);
        let mut looks = Looks { judged: Some(self.pair), seen: Some(self.pair) };
        tokio::pin!(stop);
        loop {
            tokio::select! {
                _ = turns.tick() => {}
                () = &mut stop => return,
            }
            let files = self.files.clone();
            // Their disk may be slow, and other connections are not to wait for it.
            let Ok(read) = tokio::task::spawn_blocking(move || files.read()).await else {
                continue;
            };
            if looks.has_changed(read.as_ref().ok().map(Pems::print)) {
                self.change(read.and_then(|pems| pems.server_config(&self.files)));
            }
        }
    }

    /// The connection and what it speaks, once client and server know each other. Has no time limit.
    pub(crate) async fn accept<S>(&self, stream: S) -> io::Result<(TlsStream<S>, Spoken)>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let stream = TlsAcceptor::from(self.current.load_full()).accept(stream).await?;
        let is_http2 = stream.get_ref().1.alpn_protocol() == Some(HTTP2);
        Ok((stream, if is_http2 { Spoken::Http2 } else { Spoken::Http1 }))
    }

    fn change(&self, to: Result<ServerConfig, TlsError>) {
        match to {
            Ok(config) => {
                self.current.store(Arc::new(config));
                tracing::info!("new connections get the new certificate");
            }
            Err(error) => tracing::error!(%error, "the old certificate is kept"),
        }
    }
}

/// A digest of both files.
type Print = [u8; 32];

/// What the looks at the files have shown; nothing where they could not be read.
struct Looks {
    judged: Option<Print>,
    seen: Option<Print>,
}

impl Looks {
    /// Whether this is new, and was seen at the last look too.
    fn has_changed(&mut self, now: Option<Print>) -> bool {
        let stands = std::mem::replace(&mut self.seen, now) == now;
        let has_changed = stands && self.judged != now;
        if has_changed {
            self.judged = now;
        }
        has_changed
    }
}

#[derive(Clone)]
struct Files {
    cert: PathBuf,
    key: PathBuf,
}

impl Files {
    fn read(&self) -> Result<Pems, TlsError> {
        let read = |setting, file: &PathBuf| {
            std::fs::read(file).map_err(|error| TlsError::Unreadable {
                setting,
                file: file.clone(),
                error,
            })
        };
        let cert = read("http.tls_cert", &self.cert)?;
        Ok(Pems { cert, key: read("http.tls_key", &self.key)? })
    }
}

/// The files' texts. The key is a secret: this is never kept, nor printed.
struct Pems {
    cert: Vec<u8>,
    key: Vec<u8>,
}

impl Pems {
    fn print(&self) -> Print {
        let hash = Sha256::new().chain_update(self.cert.len().to_be_bytes());
        hash.chain_update(&self.cert).chain_update(&self.key).finalize().into()
    }

    fn server_config(&self, files: &Files) -> Result<ServerConfig, TlsError> {
        let not_pem =
            |setting, file: &PathBuf, what| TlsError::NotPem { setting, file: file.clone(), what };
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&self.cert).collect();
        let chain = chain.ok().filter(|chain| !chain.is_empty());
        let chain = chain.ok_or_else(|| not_pem("http.tls_cert", &files.cert, "certificates"))?;
        let key = PrivateKeyDer::from_pem_slice(&self.key)
            .map_err(|_| not_pem("http.tls_key", &files.key, "private key"))?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key));
        let mut config = config.map_err(TlsError::Unfit)?;
        config.alpn_protocols = vec![HTTP2.to_vec(), HTTP1.to_vec()];
        Ok(config)
    }
}

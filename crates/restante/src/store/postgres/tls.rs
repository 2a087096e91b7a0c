//! TLS as `sslmode` asks for it, by rustls with ring; no OpenSSL.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::NAME;
use super::address::{Address, Check};
use crate::Error;

/// What connections to this address speak.
pub(super) fn connect(address: &Address) -> Result<MakeRustlsConnect, Error> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|e| Error::internal(NAME, "TLS cannot be set up").with_source(e))?;
    let algorithms = provider.signature_verification_algorithms;
    let config = match address.check {
        Check::Nothing => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Lenient { issuer: None, algorithms })),
        Check::Issuer => {
            let issuer = Some(verifier(address, &provider)?);
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Lenient { issuer, algorithms }))
        }
        Check::IssuerAndName => builder.with_webpki_verifier(verifier(address, &provider)?),
    };
    Ok(MakeRustlsConnect::new(config.with_no_client_auth()))
}

fn verifier(
    address: &Address,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, Error> {
    let bad = |error: rustls::client::VerifierBuilderError| {
        Error::invalid("database", "there is no certificate to trust").with_source(error)
    };
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots(address)?), Arc::clone(provider))
        .build()
        .map_err(bad)
}

fn roots(address: &Address) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    let Some(path) = &address.roots else {
        // Those that cannot be read are not trusted, which is safe.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        return Ok(roots);
    };
    let unreadable = "the file of `sslrootcert` is not one of PEM certificates";
    let found = CertificateDer::pem_file_iter(path)
        .map_err(|e| Error::invalid("database", unreadable).with_source(e))?;
    for certificate in found {
        let certificate =
            certificate.map_err(|e| Error::invalid("database", unreadable).with_source(e))?;
        roots
            .add(certificate)
            .map_err(|e| Error::invalid("database", unreadable).with_source(e))?;
    }
    Ok(roots)
}

/// Does not ask whose certificate it is: `require` checks nothing, `verify-ca` who signed it.
#[derive(Debug)]
struct Lenient {
    issuer: Option<Arc<WebPkiServerVerifier>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(issuer) = &self.issuer else {
            return Ok(ServerCertVerified::assertion());
        };
        let verified =
            issuer.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match verified {
            // The name is looked at last: everything else held.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

//! HMAC-SHA256 for the `jsonwebtoken` crate, from the same crates that sign everything else here:
//! its own choices of cryptography would each bring a second one along.

use std::sync::Once;

use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result};
use jsonwebtoken::signature::{Error as SignatureError, Signer, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use sha2::Sha256;

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key: &EncodingKey| Ok(Box::new(keyed(*algorithm, key.as_bytes())?)),
    verifier_factory: |algorithm, key: &DecodingKey| {
        Ok(Box::new(keyed(*algorithm, key.try_get_as_bytes()?)?))
    },
    // Keys come as bytes; there is no set of public keys to be read.
    key_utils: KeyUtils::new_unimplemented(),
};

/// Tells `jsonwebtoken` to use it, once in a process: without, it panics at its first use.
pub(super) fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        // Nobody else in this process has reason to install one; if so, theirs stays.
        let _ = PROVIDER.install_default();
    });
}

struct HmacSha256(Hmac<Sha256>);

fn keyed(algorithm: Algorithm, key: &[u8]) -> Result<HmacSha256> {
    if algorithm != Algorithm::HS256 {
        return Err(ErrorKind::InvalidAlgorithm.into());
    }
    let keyed = Hmac::new_from_slice(key).map_err(|_| ErrorKind::InvalidKeyFormat)?;
    Ok(HmacSha256(keyed))
}

impl Signer<Vec<u8>> for HmacSha256 {
    fn try_sign(&self, text: &[u8]) -> std::result::Result<Vec<u8>, SignatureError> {
        Ok(self.0.clone().chain_update(text).finalize().into_bytes().to_vec())
    }
}

impl Verifier<Vec<u8>> for HmacSha256 {
    /// Compares in constant time.
    fn verify(&self, text: &[u8], signature: &Vec<u8>) -> std::result::Result<(), SignatureError> {
        let mac = self.0.clone().chain_update(text);
        mac.verify_slice(signature).map_err(SignatureError::from_source)
    }
}

impl JwtSigner for HmacSha256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for HmacSha256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::Error;

/// How many bytes a signature has: HMAC-SHA256, whole.
pub(super) const SIGNATURE: usize = 32;

/// The secret that signs flash cookies, with older ones that are still accepted.
///
/// ```
/// use restante::Key;
///
/// let old = Key::new(b"the secret of last year, 32 bytes")?;
/// let key = Key::new(b"this year's secret, also 32 bytes")?.with_fallback(old);
/// assert!(Key::new(b"short").unwrap_err().is_invalid());
/// # let _ = key;
/// # Ok::<(), restante::Error>(())
/// ```
#[derive(Clone)]
pub struct Key {
    /// The first signs, all verify. Each has taken its secret already, which saves two of the four
    /// compressions of a short message.
    hashes: Vec<Hmac<Sha256>>,
}

impl Key {
    /// The key of a secret of at least 32 bytes. All servers of a site share it.
    ///
    /// # Errors
    /// `Invalid` for the field `key` when the secret is shorter.
    pub fn new(secret: impl AsRef<[u8]>) -> Result<Self, Error> {
        let secret = secret.as_ref();
        if secret.len() < 32 {
            return Err(Error::invalid("key", "a secret has at least 32 bytes"));
        }
        // Not the secret itself, so that the same one may serve other purposes beside this.
        let derived = hash_of(b"restante flash cookie 1", &[secret])?;
        Ok(Self { hashes: vec![keyed(&derived)?] })
    }

    /// A key of this process alone: messages do not outlive it. For tests and trying out.
    ///
    /// # Panics
    /// When the system has no randomness, as the standard library's hash maps do.
    #[expect(clippy::expect_used, reason = "without randomness there is no key to go on with")]
    pub fn generate() -> Self {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).expect("the system has randomness");
        Self::new(secret).expect("32 bytes are enough")
    }

    /// Also accepts what an older key signed.
    pub fn with_fallback(mut self, old: Self) -> Self {
        self.hashes.extend(old.hashes);
        self
    }

    /// The signature of `payload` for the cookie of this name.
    pub(super) fn sign(&self, name: &str, payload: &[u8]) -> [u8; SIGNATURE] {
        // `new` and `with_fallback` leave at least one.
        self.hashes.first().map_or([0; SIGNATURE], |hash| {
            tagged(hash.clone(), name, payload).finalize().into_bytes().into()
        })
    }

    /// Whether any of the keys signed it. Compares in constant time.
    pub(super) fn verify(&self, name: &str, payload: &[u8], signature: &[u8]) -> bool {
        self.hashes
            .iter()
            .any(|hash| tagged(hash.clone(), name, payload).verify_slice(signature).is_ok())
    }
}

/// The name is part of what is signed, so that one cookie cannot stand in for another.
fn tagged(mut hash: Hmac<Sha256>, name: &str, payload: &[u8]) -> Hmac<Sha256> {
    hash.update(name.as_bytes());
    hash.update(&[0]);
    hash.update(payload);
    hash
}

fn keyed(secret: &[u8]) -> Result<Hmac<Sha256>, Error> {
    Hmac::new_from_slice(secret)
        .map_err(|e| Error::invalid("key", "the secret cannot be used").with_source(e))
}

fn hash_of(secret: &[u8], parts: &[&[u8]]) -> Result<[u8; 32], Error> {
    let mut hash = keyed(secret)?;
    for part in parts {
        hash.update(part);
    }
    Ok(hash.finalize().into_bytes().into())
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({} fallbacks)", self.hashes.len().saturating_sub(1))
    }
}

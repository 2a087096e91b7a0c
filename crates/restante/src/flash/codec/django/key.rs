use std::fmt;
use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::{Error, Key};

/// How many characters a signature has.
pub(super) const SIGNATURE: usize = 43;

/// What signs the `messages` cookie of a Django site, with older keys that are still accepted.
///
/// Django derives it from its `SECRET_KEY`. Whoever has only what is derived can write messages and
/// nothing else: no session, no password reset. `restante cookie derive-key` derives it where the
/// site's settings are.
///
/// ```
/// use restante::DjangoKey;
///
/// let old = DjangoKey::new("what is in SECRET_KEY_FALLBACKS")?;
/// let key = DjangoKey::new("what is in SECRET_KEY")?.with_fallback(old);
/// let same = DjangoKey::from_derived_hex(&key.derived_hex())?;
/// assert!(DjangoKey::from_derived_hex("abc").unwrap_err().is_invalid());
/// # let _ = same;
/// # Ok::<(), restante::Error>(())
/// ```
#[derive(Clone)]
pub struct DjangoKey {
    first: Derived,
    fallbacks: Vec<Derived>,
}

/// One derived key, and its hash that has taken it already.
#[derive(Clone)]
struct Derived {
    bytes: [u8; 32],
    hash: Hmac<Sha256>,
}

impl DjangoKey {
    /// The key of a site with this `SECRET_KEY`.
    ///
    /// # Errors
    /// `Invalid` for the field `secret_key` when it is empty, which Django refuses, too.
    pub fn new(secret_key: impl AsRef<[u8]>) -> Result<Self, Error> {
        let secret_key = secret_key.as_ref();
        if secret_key.is_empty() {
            return Err(Error::invalid("secret_key", "cannot be empty"));
        }
        // The salt, what Django's signers append to it, and what its cookies put before the secret.
        let hash = Sha256::new()
            .chain_update(b"django.contrib.messages")
            .chain_update(b"signer")
            .chain_update(b"django.http.cookies")
            .chain_update(secret_key);
        Ok(Self::from_derived(hash.finalize().into()))
    }

    /// The key that was derived elsewhere.
    pub fn from_derived(bytes: [u8; 32]) -> Self {
        // A key that is shorter than the hash's block is filled up with zeros.
        let mut block = [0; 64];
        block[..32].copy_from_slice(&bytes);
        let hash = Hmac::new(&block.into());
        Self { first: Derived { bytes, hash }, fallbacks: Vec::new() }
    }

    /// The same from its 64 hexadecimal digits.
    ///
    /// # Errors
    /// `Invalid` for the field `derived_key` when it is anything else.
    pub fn from_derived_hex(digits: &str) -> Result<Self, Error> {
        let invalid = || Error::invalid("derived_key", "is 64 hexadecimal digits");
        let digits = digits.as_bytes();
        if digits.len() != 64 {
            return Err(invalid());
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            for digit in pair {
                let value = char::from(*digit).to_digit(16).ok_or_else(invalid)?;
                *byte = *byte << 4 | u8::try_from(value).unwrap_or(0);
            }
        }
        Ok(Self::from_derived(bytes))
    }

    /// What is derived, without the fallbacks, as hexadecimal digits. It is a secret: who has it can
    /// write messages.
    pub fn derived_hex(&self) -> String {
        self.first.bytes.iter().fold(String::with_capacity(64), |mut digits, byte| {
            // A string takes everything.
            let _ = write!(digits, "{byte:02x}");
            digits
        })
    }

    /// Also accepts what an older key signed: one of `SECRET_KEY_FALLBACKS`.
    pub fn with_fallback(mut self, old: Self) -> Self {
        self.fallbacks.push(old.first);
        self.fallbacks.extend(old.fallbacks);
        self
    }

    fn keys(&self) -> impl Iterator<Item = &Derived> {
        std::iter::once(&self.first).chain(&self.fallbacks)
    }

    /// The text with its signature.
    pub(super) fn sign(&self, mut signed: String) -> String {
        let mut hash = self.first.hash.clone();
        hash.update(signed.as_bytes());
        signed.push(':');
        URL_SAFE_NO_PAD.encode_string(hash.finalize().into_bytes(), &mut signed);
        signed
    }

    /// What was signed, if any of the keys did. Compares in constant time.
    pub(super) fn verify<'v>(&self, value: &'v str) -> Option<&'v str> {
        let (signed, signature) = value.rsplit_once(':')?;
        // One spelling only: what is left of the last character's bits has to be zero.
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let is_of = |key: &Derived| {
            key.hash.clone().chain_update(signed.as_bytes()).verify_slice(&signature).is_ok()
        };
        self.keys().any(is_of).then_some(signed)
    }

    /// A key for what is not Django's, such as the session's text.
    #[expect(clippy::expect_used, reason = "the length is fixed")]
    pub(crate) fn own(&self) -> Key {
        let own = |key: &Derived| Key::new(key.bytes).expect("32 bytes are enough");
        self.fallbacks.iter().map(own).fold(own(&self.first), Key::with_fallback)
    }
}

impl fmt::Debug for DjangoKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DjangoKey({} fallbacks)", self.fallbacks.len())
    }
}

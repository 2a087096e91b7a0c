use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use restante::UserId;
use sha2::Sha256;

/// Says of a user until when, so that nobody else can: `user.ends.nonce.signature`.
#[derive(Clone)]
pub(super) struct Signed {
    purpose: &'static str,
    keyed: Hmac<Sha256>,
}

impl Signed {
    /// The purpose keeps a signature for one from serving as one for another. `None` when the
    /// secret has no usable length: an empty one would sign, and anyone could.
    pub(super) fn new(purpose: &'static str, secret: &[u8]) -> Option<Self> {
        let keyed = Hmac::new_from_slice(secret).ok().filter(|_| secret.len() >= 32)?;
        Some(Self { purpose, keyed })
    }

    /// The nonce tells two for one user apart.
    pub(super) fn write(&self, user: &UserId, ends: SystemTime, nonce: [u8; 16]) -> String {
        let (user, nonce) = (BASE64.encode(user.as_str()), BASE64.encode(nonce));
        let claims = format!("{user}.{}.{nonce}", millis(ends));
        let signature = self.sign(&claims);
        format!("{claims}.{signature}")
    }

    /// Whose it is and when it ends; `None` when it was not signed here or has ended.
    pub(super) fn read(&self, now: SystemTime, text: &str) -> Option<(UserId, SystemTime)> {
        let (claims, signature) = text.rsplit_once('.')?;
        if !self.is_signed(claims, signature) {
            return None;
        }
        let mut parts = claims.split('.');
        let (user, ends) = (parts.next()?, parts.next()?.parse::<u64>().ok()?);
        if ends <= millis(now) {
            return None;
        }
        let user = UserId::new(String::from_utf8(BASE64.decode(user).ok()?).ok()?).ok()?;
        Some((user, UNIX_EPOCH.checked_add(Duration::from_millis(ends))?))
    }

    fn mac(&self, text: &str) -> Hmac<Sha256> {
        let mut mac = self.keyed.clone();
        mac.update(self.purpose.as_bytes());
        mac.update(b"\0");
        mac.update(text.as_bytes());
        mac
    }

    pub(super) fn sign(&self, text: &str) -> String {
        BASE64.encode(self.mac(text).finalize().into_bytes())
    }

    /// Compares in constant time.
    pub(super) fn is_signed(&self, text: &str, signature: &str) -> bool {
        let signature = BASE64.decode(signature);
        signature.is_ok_and(|bytes| self.mac(text).verify_slice(&bytes).is_ok())
    }
}

impl std::fmt::Debug for Signed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signed({}, …)", self.purpose)
    }
}

/// Since 1970.
fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

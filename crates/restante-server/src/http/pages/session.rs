//! Session cookies and form tokens, both signed with the secret of the database.
//!
//! A session is kept by the browser alone: `user.expiry.nonce.signature`, each in base64url but the
//! expiry. Nothing is stored, so nothing has to be swept and every server of a database knows it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use restante::UserId;
use sha2::Sha256;

/// How long a browser stays signed in.
pub(super) const LIFETIME: Duration = Duration::from_secs(12 * 3600);
/// The cookie's name.
pub(super) const COOKIE: &str = "restante_session";

/// Makes and checks them.
pub(crate) struct Sessions {
    keyed: Hmac<Sha256>,
}

impl Sessions {
    /// `None` when the secret has no usable length.
    pub(super) fn new(secret: &[u8]) -> Option<Self> {
        // An empty secret would sign, and anyone could.
        let keyed = Hmac::new_from_slice(secret).ok().filter(|_| secret.len() >= 32)?;
        Some(Self { keyed })
    }

    /// A fresh session's cookie. The nonce tells two sessions of one user apart.
    pub(super) fn begin(&self, now: SystemTime, user: &UserId, nonce: [u8; 16]) -> String {
        let ends = seconds(now).saturating_add(LIFETIME.as_secs());
        let (user, nonce) = (BASE64.encode(user.as_str()), BASE64.encode(nonce));
        let claims = format!("{user}.{ends}.{nonce}");
        let signature = self.sign("session", &claims);
        format!("{claims}.{signature}")
    }

    /// Whose session this is; `None` when it was not signed here or has ended.
    pub(super) fn user(&self, now: SystemTime, cookie: &str) -> Option<UserId> {
        let (claims, signature) = cookie.rsplit_once('.')?;
        if !self.is_signed("session", claims, signature) {
            return None;
        }
        let mut parts = claims.split('.');
        let (user, ends) = (parts.next()?, parts.next()?.parse::<u64>().ok()?);
        if ends <= seconds(now) {
            return None;
        }
        UserId::new(String::from_utf8(BASE64.decode(user).ok()?).ok()?).ok()
    }

    /// The token that a form of this session carries: another site cannot know it.
    pub(super) fn form_token(&self, session: &str) -> String {
        self.sign("form", session)
    }

    /// Whether a form carried its session's token.
    pub(super) fn is_form_token(&self, session: &str, token: &str) -> bool {
        self.is_signed("form", session, token)
    }

    /// The purpose keeps a signature for one from serving as one for another.
    fn mac(&self, purpose: &str, text: &str) -> Hmac<Sha256> {
        let mut mac = self.keyed.clone();
        mac.update(purpose.as_bytes());
        mac.update(b"\0");
        mac.update(text.as_bytes());
        mac
    }

    fn sign(&self, purpose: &str, text: &str) -> String {
        BASE64.encode(self.mac(purpose, text).finalize().into_bytes())
    }

    /// Compares in constant time.
    fn is_signed(&self, purpose: &str, text: &str, signature: &str) -> bool {
        let signature = BASE64.decode(signature);
        signature.is_ok_and(|bytes| self.mac(purpose, text).verify_slice(&bytes).is_ok())
    }
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sessions(…)")
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_names_its_user_until_it_ends() {
        let sessions = Sessions::new(&[7; 32]).unwrap();
        let user = UserId::new("al.ice; é").unwrap();
        let now = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let cookie = sessions.begin(now, &user, [1; 16]);
        assert_eq!(sessions.user(now, &cookie), Some(user));
        assert_eq!(sessions.user(now + LIFETIME, &cookie), None);

        let bob = BASE64.encode("bob");
        let (_, rest) = cookie.split_once('.').unwrap();
        assert_eq!(sessions.user(now, &format!("{bob}.{rest}")), None);
        assert_eq!(Sessions::new(&[8; 32]).unwrap().user(now, &cookie), None);
        for bad in ["", ".", "...", "a.b.c.d"] {
            assert_eq!(sessions.user(now, bad), None, "{bad}");
        }
    }

    #[test]
    fn a_form_token_belongs_to_its_session_and_signs_nothing_else() {
        let sessions = Sessions::new(&[7; 32]).unwrap();
        let token = sessions.form_token("a");
        assert!(sessions.is_form_token("a", &token));
        assert!(!sessions.is_form_token("b", &token));
        assert!(!sessions.is_signed("session", "a", &token));
        assert!(Sessions::new(&[]).is_none());
    }
}

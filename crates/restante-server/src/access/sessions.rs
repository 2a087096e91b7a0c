//! Session cookies and form tokens, signed with the secret of the database.
//!
//! A session is kept by the browser alone: `user.ends.nonce.signature`, each in base64url but the
//! time. Nothing is stored, so nothing has to be swept and every server of a database knows it.

use std::time::{Duration, SystemTime};

use restante::UserId;

use super::signed::Signed;

/// How long a browser stays signed in.
pub(crate) const LIFETIME: Duration = Duration::from_secs(12 * 3600);
/// The cookie's name.
pub(crate) const COOKIE: &str = "restante_session";

/// Makes and checks session cookies, and the tokens of their forms.
#[derive(Debug)]
pub(crate) struct Sessions {
    cookies: Signed,
    forms: Signed,
}

impl Sessions {
    /// `None` when the secret has no usable length.
    pub(crate) fn new(secret: &[u8]) -> Option<Self> {
        Some(Self { cookies: Signed::new("session", secret)?, forms: Signed::new("form", secret)? })
    }

    /// A fresh session's cookie.
    pub(crate) fn begin(&self, now: SystemTime, user: &UserId, nonce: [u8; 16]) -> String {
        self.cookies.write(user, now + LIFETIME, nonce)
    }

    /// Whose session this is and when it began; `None` when it was not signed here or has ended.
    pub(crate) fn read(&self, now: SystemTime, cookie: &str) -> Option<(UserId, SystemTime)> {
        let (user, ends) = self.cookies.read(now, cookie)?;
        Some((user, ends.checked_sub(LIFETIME)?))
    }

    /// The token that a form of this session carries: another site cannot know it.
    pub(crate) fn form_token(&self, session: &str) -> String {
        self.forms.sign(session)
    }

    /// Whether a form carried its session's token.
    pub(crate) fn is_form_token(&self, session: &str, token: &str) -> bool {
        self.forms.is_signed(session, token)
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

    use super::*;

    #[test]
    fn a_session_names_its_user_until_it_ends() {
        let sessions = Sessions::new(&[7; 32]).unwrap();
        let user = UserId::new("al.ice; é").unwrap();
        let now = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let cookie = sessions.begin(now, &user, [1; 16]);
        assert_eq!(sessions.read(now, &cookie), Some((user, now)));
        assert_eq!(sessions.read(now + LIFETIME, &cookie), None);

        let bob = BASE64.encode("bob");
        let (_, rest) = cookie.split_once('.').unwrap();
        assert_eq!(sessions.read(now, &format!("{bob}.{rest}")), None);
        assert_eq!(Sessions::new(&[8; 32]).unwrap().read(now, &cookie), None);
        for bad in ["", ".", "...", "a.b.c.d"] {
            assert_eq!(sessions.read(now, bad), None, "{bad}");
        }
    }

    #[test]
    fn a_form_token_belongs_to_its_session_and_signs_nothing_else() {
        let sessions = Sessions::new(&[7; 32]).unwrap();
        let token = sessions.form_token("a");
        assert!(sessions.is_form_token("a", &token));
        assert!(!sessions.is_form_token("b", &token));
        assert!(!sessions.cookies.is_signed("a", &token));
        assert!(Sessions::new(&[]).is_none());
    }
}

//! Sessions of whoever administers: begun with an API key, and over with it.
//!
//! The cookie names the key by its id and says when the session ends, signed; the key itself is not
//! in it. Each time it is looked at the store is asked whether the key still lives and may
//! administer, and whether its sessions were ended, so both hold on every server at once.

use std::time::{Duration, SystemTime};

use restante::store::ApiKey;
use restante::{Error, Store, UserId};

use super::signed::Signed;
use super::{Scope, random};

/// How long a browser stays signed in.
pub(crate) const LIFETIME: Duration = Duration::from_secs(12 * 3600);
/// The cookie's name.
pub(crate) const COOKIE: &str = "restante_admin";
/// How far ahead another server's clock may be: a session that it began counts as begun by then.
const AHEAD: Duration = Duration::from_secs(60);

/// Makes and checks the cookies of administrators, and the tokens of their forms.
#[derive(Debug)]
pub(crate) struct AdminSessions {
    cookies: Signed,
    forms: Signed,
    names: Signed,
}

impl AdminSessions {
    /// `None` when the secret has no usable length.
    pub(crate) fn new(secret: &[u8]) -> Option<Self> {
        Some(Self {
            cookies: Signed::new("admin session", secret)?,
            forms: Signed::new("admin form", secret)?,
            names: Signed::new("admin sessions ended", secret)?,
        })
    }

    /// The cookie of a fresh session of this key.
    ///
    /// # Errors
    /// `Internal` when the system gives no random bytes, and those of the store.
    pub(crate) async fn begin(
        &self,
        store: &dyn Store,
        now: SystemTime,
        key: &ApiKey,
    ) -> Result<String, Error> {
        let id = UserId::new(&key.id)?;
        // Right after all were ended a new one must count as begun later.
        let ended = store.tokens_ended_at(&self.name(&id)?).await?;
        let begins = ended.map_or(now, |ended| now.max(ended + Duration::from_millis(1)));
        Ok(self.cookies.write(&id, begins + LIFETIME, random()?))
    }

    /// The key of this session; `None` when it was not begun here, is over, or its key may not
    /// administer any more.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn read(
        &self,
        store: &dyn Store,
        now: SystemTime,
        cookie: &str,
    ) -> Result<Option<ApiKey>, Error> {
        let Some((id, ends)) = self.cookies.read(now, cookie) else {
            return Ok(None);
        };
        let ended = store.tokens_ended_at(&self.name(&id)?).await?;
        if ended.is_some_and(|ended| ends <= ended + LIFETIME) {
            return Ok(None);
        }
        let mut keys = store.api_keys().await?.into_iter();
        Ok(keys.find(|key| key.id == id.as_str()).filter(may_administer))
    }

    /// Ends all sessions of this key that were begun up to now, on whichever server.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn end_all(
        &self,
        store: &dyn Store,
        now: SystemTime,
        key: &ApiKey,
    ) -> Result<(), Error> {
        store.end_tokens(now + AHEAD, &self.name(&UserId::new(&key.id)?)?).await
    }

    /// The token that a form of this session carries: another site cannot know it.
    pub(crate) fn form_token(&self, cookie: &str) -> String {
        self.forms.sign(cookie)
    }

    /// Whether a form carried its session's token.
    pub(crate) fn is_form_token(&self, cookie: &str, token: &str) -> bool {
        self.forms.is_signed(cookie, token)
    }

    /// Under which name the store keeps when a key's sessions were ended, beside those of users'
    /// tokens. It is signed: whoever does not have the database's secret cannot name a user so.
    fn name(&self, key: &UserId) -> Result<UserId, Error> {
        UserId::new(format!("restante-admin.{}", self.names.sign(key.as_str())))
    }
}

/// Whether a key lives and may do everything.
pub(crate) fn may_administer(key: &ApiKey) -> bool {
    key.revoked_at.is_none() && Scope::Admin.is_held(&key.scopes)
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use restante::{MemoryStore, Records};

    use super::*;
    use crate::access::keys;

    fn now() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_800_000_000)
    }

    fn sessions() -> AdminSessions {
        AdminSessions::new(&[7; 32]).unwrap()
    }

    async fn key(store: &MemoryStore, scope: Scope) -> ApiKey {
        keys::create(store, now(), "ops", &[scope]).await.unwrap().kept
    }

    #[tokio::test]
    async fn a_session_is_its_key_s_until_its_time_is_over_or_the_key_is_revoked() {
        let (store, sessions) = (MemoryStore::new(), sessions());
        let key = key(&store, Scope::Admin).await;
        let cookie = sessions.begin(&store, now(), &key).await.unwrap();
        let read = async |at, cookie: &str| sessions.read(&store, at, cookie).await.unwrap();
        assert_eq!(read(now(), &cookie).await, Some(key.clone()));
        assert_eq!(read(now() + LIFETIME, &cookie).await, None);
        for bad in ["", "a.b.c.d", &cookie[1..]] {
            assert_eq!(read(now(), bad).await, None, "{bad}");
        }
        let others = AdminSessions::new(&[8; 32]).unwrap();
        assert_eq!(others.read(&store, now(), &cookie).await.unwrap(), None);
        store.revoke_api_key(now(), &key.id).await.unwrap();
        assert_eq!(read(now(), &cookie).await, None);
    }

    #[tokio::test]
    async fn a_key_that_may_not_administer_has_no_session() {
        let (store, sessions) = (MemoryStore::new(), sessions());
        let key = key(&store, Scope::Tokens).await;
        let cookie = sessions.begin(&store, now(), &key).await.unwrap();
        assert_eq!(sessions.read(&store, now(), &cookie).await.unwrap(), None);
    }

    #[tokio::test]
    async fn all_sessions_of_a_key_end_together_and_the_next_one_lives() {
        let (store, sessions) = (MemoryStore::new(), sessions());
        let (ours, others) = (key(&store, Scope::Admin).await, key(&store, Scope::Admin).await);
        let begin = async |at, key| sessions.begin(&store, at, key).await.unwrap();
        let before = [
            begin(now(), &ours).await,
            // By a server whose clock is ahead.
            begin(now() + AHEAD, &ours).await,
        ];
        let other = begin(now(), &others).await;
        sessions.end_all(&store, now(), &ours).await.unwrap();
        let lives =
            async |cookie: &str| sessions.read(&store, now(), cookie).await.unwrap().is_some();
        for cookie in before {
            assert!(!lives(&cookie).await);
        }
        assert!(lives(&other).await, "another key's session lives on");
        assert!(lives(&begin(now(), &ours).await).await, "the key itself still opens");
    }

    #[test]
    fn a_form_token_belongs_to_its_session_and_signs_nothing_else() {
        let sessions = sessions();
        let token = sessions.form_token("a");
        assert!(sessions.is_form_token("a", &token) && !sessions.is_form_token("b", &token));
        assert!(!sessions.cookies.is_signed("a", &token));
        let of_readers = crate::access::sessions::Sessions::new(&[7; 32]).unwrap();
        assert!(!of_readers.is_form_token("a", &token), "the inbox's forms are others");
        assert!(AdminSessions::new(&[]).is_none());
    }
}

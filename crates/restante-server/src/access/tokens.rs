//! Tokens of users: JSON Web Tokens (RFC 7519) signed with HMAC-SHA256, which an app can also make
//! by itself when it was given the secret.
//!
//! Claims: `sub` is the user, `exp` when it ends, `iat` when it was made, `joined` when the user
//! joined, all times in seconds since 1970, fractions allowed. `nbf` is honoured, a token with an
//! `aud` is for somebody else. An app should say `iat`: a token without it counts as made before
//! all that was ended, but if it lasts longer than 30 days, that its user's tokens were ended may be
//! forgotten before it ends.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use quick_cache::sync::Cache;
use restante::{Error, Store, User, UserId};
use serde::{Deserialize, Serialize};

use super::{random, signing};

/// How long a token lasts unless told otherwise.
pub(crate) const LIFETIME: Duration = Duration::from_secs(3600);
/// How long it may last. That a user's tokens were ended is remembered for as long, so no ended one
/// comes back.
pub(crate) const LONGEST: Duration = Duration::from_secs(30 * 86_400);
/// How far ahead the clock of an app that signs tokens may be.
const AHEAD: Duration = Duration::from_secs(60);
/// What HMAC-SHA256 should have at least.
const SECRET_BYTES: usize = 32;

/// For how long a token that was read counts as not ended, and how many such are remembered: a page
/// that asks again and again with the same one need not cost a look into the store each time.
const FRESH: Duration = Duration::from_secs(1);
const REMEMBERED: usize = 16_384;

/// Makes and reads tokens.
pub(crate) struct Tokens {
    signing: EncodingKey,
    reading: Vec<DecodingKey>,
    rules: Validation,
    /// Those that were read, were signed here, and had not been ended then.
    read: Cache<Box<str>, Arc<Read>>,
}

/// A token that was good when it was read.
struct Read {
    user: UserId,
    joined: Option<SystemTime>,
    /// At any time, if it does not say.
    made: SystemTime,
    begins: SystemTime,
    ends: SystemTime,
    at: SystemTime,
}

impl Read {
    /// Whether nothing needs to be asked again.
    fn is_fresh(&self, now: SystemTime) -> bool {
        // A clock that was turned back says nothing about how long ago it was.
        let is_recent = now.duration_since(self.at).is_ok_and(|since| since < FRESH);
        is_recent && self.begins <= now + AHEAD && now < self.ends
    }

    fn user(&self) -> User {
        let user = User::from(&self.user).since(self.made).until(self.ends);
        match self.joined {
            Some(joined) => user.joined(joined),
            None => user,
        }
    }
}

/// A token just made.
#[derive(Clone, Debug)]
pub(crate) struct FreshToken {
    pub(crate) token: String,
    pub(crate) expires_at: SystemTime,
}

/// Why a token lets nobody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It was not signed here, or is no token at all.
    Unknown,
    /// Its time is over, or its user's tokens were ended.
    Ended,
    /// Its time has not begun, or would never end.
    BadTimes,
}

#[derive(Deserialize, Serialize)]
struct Claims {
    sub: String,
    exp: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nbf: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    joined: Option<f64>,
}

impl Tokens {
    /// Signs with the first of these secrets and reads those signed with any, so that a secret can
    /// be changed while its tokens live. With none, the database's own is used, made by whoever
    /// asks first: all servers of one database agree.
    ///
    /// # Errors
    /// `Invalid` for the field `token-secret`, and those of the store.
    pub(crate) async fn open(store: &dyn Store, secrets: &[String]) -> Result<Self, Error> {
        if secrets.iter().any(|secret| secret.len() < SECRET_BYTES) {
            return Err(Error::invalid("token-secret", "a secret has at least 32 bytes"));
        }
        let mut secrets: Vec<Vec<u8>> =
            secrets.iter().map(|secret| secret.clone().into_bytes()).collect();
        if secrets.is_empty() {
            let fresh = random::<SECRET_BYTES>()?;
            secrets.push(store.secret("tokens", &fresh).await?);
        }
        signing::install();
        let mut rules = Validation::new(Algorithm::HS256);
        // Times are judged by the service's clock, below.
        rules.validate_exp = false;
        rules.required_spec_claims = ["sub", "exp"].map(str::to_owned).into();
        Ok(Self {
            signing: EncodingKey::from_secret(&secrets[0]),
            reading: secrets.iter().map(|secret| DecodingKey::from_secret(secret)).collect(),
            rules,
            read: Cache::new(REMEMBERED),
        })
    }

    /// A user's tokens were ended: here at once nothing of them is remembered. Other servers of the
    /// same database notice within a second.
    pub(crate) fn forget(&self, user: &UserId) {
        self.read.retain(|_, read| read.user != *user);
    }

    /// A token for this user.
    ///
    /// # Errors
    /// `Invalid` or `TooLarge` for the field `ttl`, and those of the store.
    pub(crate) async fn issue(
        &self,
        store: &dyn Store,
        now: SystemTime,
        user: &UserId,
        ttl: Duration,
        joined: Option<SystemTime>,
    ) -> Result<FreshToken, Error> {
        if ttl < Duration::from_secs(1) {
            return Err(Error::invalid("ttl", "a token lasts at least a second"));
        }
        if ttl > LONGEST {
            return Err(Error::too_large("ttl", "a token lasts at most 30 days"));
        }
        // Right after the user's tokens were ended a new one must count as made later.
        let ended = store.tokens_ended_at(user).await?;
        let made = ended.map_or(now, |ended| now.max(ended + Duration::from_millis(1)));
        let expires_at = now + ttl;
        let claims = Claims {
            sub: user.as_str().to_owned(),
            exp: seconds(expires_at),
            iat: Some(seconds(made)),
            nbf: None,
            joined: joined.map(seconds),
        };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signing);
        let token = token.map_err(|error| {
            Error::internal("system", "a token could not be signed").with_source(error)
        })?;
        Ok(FreshToken { token, expires_at })
    }

    /// Whose token this is.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn read(
        &self,
        store: &dyn Store,
        now: SystemTime,
        token: &str,
    ) -> Result<Result<User, Refused>, Error> {
        if let Some(read) = self.read.get(token).filter(|read| read.is_fresh(now)) {
            return Ok(Ok(read.user()));
        }
        let (user, claims) = match self.claims(now, token) {
            Ok(good) => good,
            Err(refused) => return Ok(Err(refused)),
        };
        if let Some(ended) = store.tokens_ended_at(&user).await? {
            // One that does not say when it was made may have been made at any time.
            if claims.iat.is_none_or(|made| millis(made) <= millis(seconds(ended))) {
                return Ok(Err(Refused::Ended));
            }
        }
        let begins = claims.nbf.into_iter().chain(claims.iat).fold(0.0, f64::max);
        let read = Arc::new(Read {
            user,
            joined: claims.joined.and_then(time),
            made: claims.iat.and_then(time).unwrap_or(UNIX_EPOCH),
            begins: time(begins).unwrap_or(now),
            ends: time(claims.exp).unwrap_or(now),
            at: now,
        });
        self.read.insert(token.into(), Arc::clone(&read));
        Ok(Ok(read.user()))
    }

    /// What a token says, if it was signed here and its time is now.
    fn claims(&self, now: SystemTime, token: &str) -> Result<(UserId, Claims), Refused> {
        let mut read = self
            .reading
            .iter()
            .map(|key| jsonwebtoken::decode::<Claims>(token.as_bytes(), key, &self.rules));
        let claims = read.find_map(Result::ok).ok_or(Refused::Unknown)?.claims;
        let user = UserId::new(&claims.sub).map_err(|_| Refused::Unknown)?;
        let (now, longest) = (seconds(now), LONGEST.as_secs_f64());
        if claims.exp <= now {
            return Err(Refused::Ended);
        }
        let latest = now + AHEAD.as_secs_f64();
        let made = claims.iat.unwrap_or(now);
        let begins_later = made > latest || claims.nbf.is_some_and(|begins| begins > latest);
        if begins_later || claims.exp - made > longest + AHEAD.as_secs_f64() {
            return Err(Refused::BadTimes);
        }
        Ok((user, claims))
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(…)")
    }
}

/// Seconds since 1970, in whole milliseconds: what the store keeps of a time.
fn seconds(time: SystemTime) -> f64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    (since.as_secs_f64() * 1000.0).floor() / 1000.0
}

/// To be compared: fractions of a second have no exact place in a float.
fn millis(seconds: f64) -> f64 {
    (seconds * 1000.0).round()
}

/// To the millisecond; `None` for what is no time at all.
fn time(seconds: f64) -> Option<SystemTime> {
    let since = Duration::try_from_secs_f64(seconds).ok()?;
    // A float has no exact place for most fractions: it may lie just below the millisecond meant.
    let nearest = since.checked_add(Duration::from_micros(500))?;
    let whole = Duration::new(nearest.as_secs(), nearest.subsec_millis() * 1_000_000);
    UNIX_EPOCH.checked_add(whole)
}

#[cfg(test)]
mod tests {
    use restante::{MemoryStore, Records};

    use super::*;

    const OLD: &str = "an old secret that has at least 32 bytes";
    const NEW: &str = "a new secret that has at least 32 bytes!";
    const HOUR: Duration = Duration::from_secs(3600);

    fn now() -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(1_800_000_000_123)
    }

    fn alice() -> UserId {
        UserId::new("älice; 1").unwrap()
    }

    fn sign(secret: &str, claims: &serde_json::Value) -> String {
        signing::install();
        let key = EncodingKey::from_secret(secret.as_bytes());
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).unwrap()
    }

    async fn tokens(store: &MemoryStore, secrets: &[&str]) -> Tokens {
        let secrets: Vec<_> = secrets.iter().map(|&secret| secret.to_owned()).collect();
        Tokens::open(store, &secrets).await.unwrap()
    }

    #[tokio::test]
    async fn a_token_names_its_user_until_it_ends() {
        let store = MemoryStore::new();
        let tokens = tokens(&store, &[]).await;
        let fresh = tokens.issue(&store, now(), &alice(), HOUR, None).await.unwrap();
        let read = async |at| tokens.read(&store, at, &fresh.token).await.unwrap();
        assert_eq!(
            read(now()).await.unwrap(),
            User::from(alice()).since(now()).until(now() + HOUR)
        );
        assert_eq!(read(now() + HOUR).await.unwrap_err(), Refused::Ended);

        let (claims, _) = fresh.token.rsplit_once('.').unwrap();
        for bad in ["", "a.b.c", claims, &format!("{claims}.AAAA")] {
            assert_eq!(tokens.read(&store, now(), bad).await.unwrap(), Err(Refused::Unknown));
        }
        for bad in [Duration::ZERO, LONGEST + Duration::from_secs(1)] {
            let refused = tokens.issue(&store, now(), &alice(), bad, None).await.unwrap_err();
            assert_eq!(refused.field(), Some("ttl"));
        }
    }

    #[tokio::test]
    async fn ended_tokens_stay_ended_and_the_next_one_works() {
        let store = MemoryStore::new();
        let tokens = tokens(&store, &[]).await;
        let old = tokens.issue(&store, now(), &alice(), HOUR, None).await.unwrap();
        store.end_tokens(now(), &alice()).await.unwrap();
        let new = tokens.issue(&store, now(), &alice(), HOUR, None).await.unwrap();
        let read = async |token: &str| tokens.read(&store, now(), token).await.unwrap();
        assert_eq!(read(&old.token).await, Err(Refused::Ended));
        assert_eq!(
            read(&new.token).await,
            Ok(User::from(alice()).since(now() + Duration::from_millis(1)).until(new.expires_at))
        );

        let bob = UserId::new("bob").unwrap();
        let bobs = tokens.issue(&store, now(), &bob, HOUR, None).await.unwrap();
        assert!(read(&bobs.token).await.is_ok(), "another's tokens live on");
    }

    #[tokio::test]
    async fn what_another_server_ends_is_over_within_a_second() {
        let store = MemoryStore::new();
        let here = tokens(&store, &[NEW]).await;
        let token = here.issue(&store, now(), &alice(), HOUR, None).await.unwrap().token;
        let read = async |at| here.read(&store, at, &token).await.unwrap();
        assert!(read(now()).await.is_ok());
        store.end_tokens(now(), &alice()).await.unwrap();
        assert_eq!(read(now() + FRESH).await, Err(Refused::Ended));
        let next = here.issue(&store, now() + FRESH, &alice(), HOUR, None).await.unwrap().token;
        let read = async |at| here.read(&store, at, &next).await.unwrap();
        let later = now() + FRESH * 2;
        assert!(read(later).await.is_ok());
        assert_eq!(
            read(later + HOUR).await,
            Err(Refused::Ended),
            "its time is looked at each time"
        );
        assert_eq!(read(now() - AHEAD).await, Err(Refused::BadTimes));
        store.end_tokens(later, &alice()).await.unwrap();
        here.forget(&alice());
        assert_eq!(read(later).await, Err(Refused::Ended), "what is ended here is over at once");
    }

    #[tokio::test]
    async fn a_secret_is_changed_while_its_tokens_live() {
        let store = MemoryStore::new();
        let before = tokens(&store, &[OLD]).await;
        let old = before.issue(&store, now(), &alice(), HOUR, None).await.unwrap();
        let both = tokens(&store, &[NEW, OLD]).await;
        let new = both.issue(&store, now(), &alice(), HOUR, None).await.unwrap();
        assert!(both.read(&store, now(), &old.token).await.unwrap().is_ok());
        assert!(before.read(&store, now(), &new.token).await.unwrap().is_err());
        let after = tokens(&store, &[NEW]).await;
        assert!(after.read(&store, now(), &old.token).await.unwrap().is_err());
        assert!(after.read(&store, now(), &new.token).await.unwrap().is_ok());
        let short = Tokens::open(&store, &["short".to_owned()]).await.unwrap_err();
        assert_eq!(short.field(), Some("token-secret"));
    }

    #[tokio::test]
    async fn an_app_may_sign_by_itself_within_the_rules() {
        let store = MemoryStore::new();
        let tokens = tokens(&store, &[NEW]).await;
        let read = async |claims: serde_json::Value| {
            tokens.read(&store, now(), &sign(NEW, &claims)).await.unwrap()
        };
        let at: u64 = 1_800_000_000;
        let joined = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let good = serde_json::json!({ "sub": "a", "exp": at + 60, "joined": 1_700_000_000 });
        let until = UNIX_EPOCH + Duration::from_secs(at + 60);
        assert_eq!(
            read(good).await,
            Ok(User::new("a").joined(joined).since(UNIX_EPOCH).until(until))
        );
        for (claims, why) in [
            (serde_json::json!({ "sub": "a", "exp": at }), Refused::Ended),
            (serde_json::json!({ "sub": "*", "exp": at + 60 }), Refused::Unknown),
            (serde_json::json!({ "exp": at + 60 }), Refused::Unknown),
            (serde_json::json!({ "sub": "a" }), Refused::Unknown),
            (serde_json::json!({ "sub": "a", "exp": "soon" }), Refused::Unknown),
            (serde_json::json!({ "sub": "a", "exp": at + 60, "aud": "shop" }), Refused::Unknown),
            (serde_json::json!({ "sub": "a", "exp": at + 999, "nbf": at + 99 }), Refused::BadTimes),
            (serde_json::json!({ "sub": "a", "exp": at + 999, "iat": at + 99 }), Refused::BadTimes),
            (serde_json::json!({ "sub": "a", "exp": at + 31 * 86_400 }), Refused::BadTimes),
        ] {
            assert_eq!(read(claims.clone()).await, Err(why), "{claims}");
        }
    }
}

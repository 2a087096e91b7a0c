//! API keys: shown once, kept as a hash.

use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use restante::store::ApiKey;
use restante::{Error, Store};
use sha2::{Digest, Sha256};

use super::{Scope, random};

/// What every key begins with, so that one that leaks can be recognised for what it is. A token of
/// a user has dots, which no key has.
const PREFIX: &str = "restante_";
/// How long a key's name may be, in bytes.
const NAME_BYTES: usize = 100;

/// A key just made: the only time that it is there to be read.
pub(crate) struct FreshKey {
    /// What the sender has to present.
    pub(crate) key: String,
    /// What is kept.
    pub(crate) kept: ApiKey,
}

/// Makes a key of 256 random bits and keeps its hash.
///
/// # Errors
/// `Invalid` or `TooLarge` for the fields `name` and `scopes`, `Internal` when the system gives no
/// random bytes, and those of the store.
pub(crate) async fn create(
    store: &dyn Store,
    now: SystemTime,
    name: &str,
    scopes: &[Scope],
) -> Result<FreshKey, Error> {
    check(name, scopes)?;
    let key = format!("{PREFIX}{}", BASE64.encode(random::<32>()?));
    let id = random::<6>()?.iter().fold("k_".to_owned(), |id, byte| format!("{id}{byte:02x}"));
    // In a fixed order and none twice, however they were given.
    let scopes = Scope::ALL.into_iter().filter(|scope| scopes.contains(scope));
    let kept = ApiKey {
        id,
        name: name.to_owned(),
        hash: hash(&key),
        scopes: scopes.map(|scope| scope.name().to_owned()).collect(),
        created_at: now,
        revoked_at: None,
    };
    store.add_api_key(&kept).await?;
    Ok(FreshKey { key, kept })
}

/// Whether a key of this name and with these scopes can be made.
///
/// # Errors
/// `Invalid` or `TooLarge` for the fields `name` and `scopes`.
pub(crate) fn check(name: &str, scopes: &[Scope]) -> Result<(), Error> {
    check_name(name)?;
    if scopes.is_empty() {
        return Err(Error::invalid("scopes", "at least one is needed: send, tokens or admin"));
    }
    Ok(())
}

/// The live key that somebody presents. Looked for by its hash, so that no timing tells how much of
/// a guess was right; asked of the store each time, so that a revoked one ends at once everywhere.
pub(crate) async fn find(store: &dyn Store, key: &str) -> Result<Option<ApiKey>, Error> {
    if !is_key(key) {
        return Ok(None);
    }
    let found = store.api_key(&hash(key)).await?;
    Ok(found.filter(|key| key.revoked_at.is_none()))
}

/// Whether it looks like a key at all.
pub(crate) fn is_key(text: &str) -> bool {
    text.starts_with(PREFIX) && !text.contains('.')
}

fn hash(key: &str) -> [u8; 32] {
    // The key is random throughout: there is nothing that a slow hash would protect.
    Sha256::digest(key).into()
}

fn check_name(name: &str) -> Result<(), Error> {
    if name.trim().is_empty() {
        return Err(Error::invalid("name", "a key needs a name to know it by"));
    }
    if name.len() > NAME_BYTES {
        return Err(Error::too_large("name", "a name is at most 100 bytes"));
    }
    if name.chars().any(char::is_control) {
        return Err(Error::invalid("name", "control characters are not allowed"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use restante::{MemoryStore, Records};

    use super::*;

    #[tokio::test]
    async fn a_key_is_found_until_it_is_revoked() {
        let store = MemoryStore::new();
        let scopes = [Scope::Tokens, Scope::Send, Scope::Send];
        let fresh = create(&store, UNIX_EPOCH, "shop", &scopes).await.unwrap();
        assert_eq!(fresh.kept.scopes, ["send", "tokens"]);
        assert!(is_key(&fresh.key) && fresh.key.len() == PREFIX.len() + 43);

        let found = find(&store, &fresh.key).await.unwrap().unwrap();
        assert_eq!(found, fresh.kept);
        for wrong in ["", PREFIX, "a.b.c", &fresh.key[1..], &format!("{}x", fresh.key)] {
            assert!(find(&store, wrong).await.unwrap().is_none(), "{wrong}");
        }
        store.revoke_api_key(UNIX_EPOCH, &fresh.kept.id).await.unwrap();
        assert!(find(&store, &fresh.key).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_key_without_a_name_or_scope_is_refused() {
        let store = MemoryStore::new();
        let long = "n".repeat(101);
        for (name, scopes, field) in [
            (" ", &[Scope::Send][..], "name"),
            ("a\u{7}", &[Scope::Send], "name"),
            (long.as_str(), &[Scope::Send], "name"),
            ("shop", &[], "scopes"),
        ] {
            let refused = create(&store, UNIX_EPOCH, name, scopes).await.err().unwrap();
            assert_eq!(refused.field(), Some(field), "{name}");
        }
        assert!(store.api_keys().await.unwrap().is_empty());
    }
}

//! Users' internal ids, remembered by the writer.

use std::collections::HashMap;

use super::Result;
use super::session::Session;
use crate::UserId;

/// Most ids that are remembered: some ten megabytes.
const REMEMBERED: usize = 100_000;

const FIND: &str = "
    SELECT c.forgotten, u.id, u.key FROM restante_clock c
    LEFT JOIN restante_users u ON u.key = ANY ($1)";
/// Sorted: two processes that make the same users in another order would each wait for the other.
/// In a statement, and so a transaction, of its own, which waits for nothing else.
const MAKE: &str = "
    INSERT INTO restante_users(key)
    SELECT key FROM unnest($1::text[]) WITH ORDINALITY new(key, place) ORDER BY place
    ON CONFLICT (key) DO NOTHING";

/// Ids by user, right as long as nobody was forgotten since: a user who is forgotten and comes again
/// has another id. The transaction that uses an id compares the number of users forgotten.
#[derive(Debug, Default)]
pub(super) struct Directory {
    forgotten: i64,
    ids: HashMap<UserId, i64>,
}

impl Directory {
    /// How many users had been forgotten when the first of the ids was looked up.
    pub(super) fn forgotten(&self) -> i64 {
        self.forgotten
    }

    pub(super) fn clear(&mut self) {
        self.ids.clear();
    }

    pub(super) fn id(&self, user: &UserId) -> Option<i64> {
        self.ids.get(user).copied()
    }

    /// Sees to it that all of these users have an id, and that it is known. Sorted, none twice.
    pub(super) async fn resolve(&mut self, session: &Session, users: &[UserId]) -> Result<()> {
        if self.ids.len() + users.len() > REMEMBERED {
            self.clear();
        }
        loop {
            let unknown: Vec<&str> = self.unknown(users);
            if unknown.is_empty() {
                return Ok(());
            }
            self.look_up(session, &unknown).await?;
            // Looking up may have found that what was known is not any more.
            let new = self.unknown(users);
            if !new.is_empty() {
                make(session, &new).await?;
            }
        }
    }

    fn unknown<'u>(&self, users: &'u [UserId]) -> Vec<&'u str> {
        let unknown = users.iter().filter(|user| !self.ids.contains_key(*user));
        unknown.map(|user| user.as_str()).collect()
    }

    async fn look_up(&mut self, session: &Session, keys: &[&str]) -> Result<()> {
        for row in session.query(FIND, &[&keys]).await? {
            let forgotten: i64 = row.try_get(0)?;
            if forgotten != self.forgotten {
                self.clear();
                self.forgotten = forgotten;
            }
            let (id, key): (Option<i64>, Option<String>) = (row.try_get(1)?, row.try_get(2)?);
            if let Some((id, user)) = id.zip(key.and_then(|key| UserId::new(key).ok())) {
                self.ids.insert(user, id);
            }
        }
        Ok(())
    }
}

/// Makes users that may be new. Sorted, none twice.
pub(super) async fn make(session: &Session, keys: &[&str]) -> Result<()> {
    session.execute(MAKE, &[&keys]).await.map(|_| ())
}

/// The ids of those who are known, sorted; with how many had been forgotten by then.
pub(super) async fn find(session: &Session, keys: &[&str]) -> Result<(i64, Vec<(String, i64)>)> {
    let (mut forgotten, mut known) = (0, Vec::with_capacity(keys.len()));
    for row in session.query(FIND, &[&keys]).await? {
        forgotten = row.try_get(0)?;
        if let Some(id) = row.try_get(1)? {
            known.push((row.try_get(2)?, id));
        }
    }
    Ok((forgotten, known))
}

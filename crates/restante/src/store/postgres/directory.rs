//! Users' internal ids, remembered by the writer.

use std::collections::{HashMap, HashSet};

use super::Result;
use super::session::Session;
use crate::UserId;

/// Most ids that are remembered: some ten megabytes.
const REMEMBERED: usize = 100_000;

const FIND: &str = "
    SELECT c.forgotten, u.id, u.key, u.is_kept FROM restante_clock c
    LEFT JOIN restante_users u ON u.key = ANY ($1)";
/// Sorted: two processes that make the same users in another order would each wait for the other.
/// In a statement, and so a transaction, of its own, which waits for nothing else.
const MAKE: &str = "
    INSERT INTO restante_users(key, is_kept)
    SELECT key, $2 FROM unnest($1::text[]) WITH ORDINALITY new(key, place) ORDER BY place
    ON CONFLICT (key) DO NOTHING";
const KEEP: &str = "UPDATE restante_users SET is_kept = true WHERE id = ANY ($1) AND NOT is_kept";

/// Whether it is certain that something will be kept of a user whose row is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    Surely,
    /// What is done for may still be refused: whoever does it calls [`keep`].
    Perhaps,
}

/// A user as a look-up finds it.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) id: i64,
    pub(super) key: String,
    pub(super) is_kept: bool,
}

/// Ids by user, right as long as nobody was forgotten since: a user who is forgotten and comes again
/// has another id. The transaction that uses an id compares the number of users forgotten.
#[derive(Debug, Default)]
pub(super) struct Directory {
    forgotten: i64,
    ids: HashMap<UserId, i64>,
    /// Those of which nothing may be kept yet.
    perhaps: HashSet<i64>,
}

impl Directory {
    /// How many users had been forgotten when the first of the ids was looked up.
    pub(super) fn forgotten(&self) -> i64 {
        self.forgotten
    }

    pub(super) fn clear(&mut self) {
        self.ids.clear();
        self.perhaps.clear();
    }

    pub(super) fn id(&self, user: &UserId) -> Option<i64> {
        self.ids.get(user).copied()
    }

    /// Those of these ids for which [`keep`] is to be called.
    pub(super) fn perhaps(&self, ids: &[i64]) -> Vec<i64> {
        if self.perhaps.is_empty() {
            return Vec::new();
        }
        ids.iter().copied().filter(|id| self.perhaps.contains(id)).collect()
    }

    /// What was asked of [`keep`] is committed.
    pub(super) fn are_kept(&mut self, ids: &[i64]) {
        for id in ids {
            self.perhaps.remove(id);
        }
    }

    /// Sees to it that all of these users have an id, and that it is known. Sorted, none twice.
    pub(super) async fn resolve(
        &mut self,
        session: &Session,
        users: &[UserId],
        kept: Kept,
    ) -> Result<()> {
        if self.ids.len() + users.len() > REMEMBERED {
            self.clear();
        }
        loop {
            let unknown = self.unknown(users);
            if unknown.is_empty() {
                return Ok(());
            }
            self.look_up(session, &unknown).await?;
            // Looking up may have found that what was known is not any more.
            let new = self.unknown(users);
            if !new.is_empty() {
                make(session, &new, kept).await?;
            }
        }
    }

    pub(super) fn knows(&self, users: &[UserId]) -> bool {
        users.iter().all(|user| self.ids.contains_key(user))
    }

    fn unknown<'u>(&self, users: &'u [UserId]) -> Vec<&'u str> {
        let unknown = users.iter().filter(|user| !self.ids.contains_key(*user));
        unknown.map(UserId::as_str).collect()
    }

    async fn look_up(&mut self, session: &Session, keys: &[&str]) -> Result<()> {
        let (forgotten, known) = find(session, keys).await?;
        if forgotten != self.forgotten {
            self.clear();
            self.forgotten = forgotten;
        }
        for Known { id, key, is_kept } in known {
            // A key in the table has been checked when it was put there.
            if let Ok(user) = UserId::new(key) {
                self.ids.insert(user, id);
                if !is_kept {
                    self.perhaps.insert(id);
                }
            }
        }
        Ok(())
    }
}

/// Makes users that may be new. Sorted, none twice.
pub(super) async fn make(session: &Session, keys: &[&str], kept: Kept) -> Result<()> {
    session.execute(MAKE, &[&keys, &(kept == Kept::Surely)]).await.map(|_| ())
}

/// From here on something is kept of these users. In the transaction that holds the clock.
pub(super) async fn keep(session: &Session, ids: &[i64]) -> Result<()> {
    session.execute(KEEP, &[&ids]).await.map(|_| ())
}

/// Those who are known, with how many had been forgotten by then.
pub(super) async fn find(session: &Session, keys: &[&str]) -> Result<(i64, Vec<Known>)> {
    let (mut forgotten, mut known) = (0, Vec::with_capacity(keys.len()));
    for row in session.query(FIND, &[&keys]).await? {
        forgotten = row.try_get(0)?;
        if let Some(id) = row.try_get(1)? {
            known.push(Known { id, key: row.try_get(2)?, is_kept: row.try_get(3)? });
        }
    }
    Ok((forgotten, known))
}

//! Users' internal ids, remembered by the writer.

use std::collections::{HashMap, HashSet};

use super::Database;
use crate::{Error, UserId};

/// Most ids that are remembered: some ten megabytes.
const REMEMBERED: usize = 100_000;

/// How often users are looked up who were not there. Once they are made, only somebody who forgets
/// them at this very moment takes them away again.
pub(super) const LOOKS: u32 = 20;

/// Users that were made are not found again: their keys come back otherwise than they were written.
pub(crate) fn not_found<D: Database>() -> Error {
    Error::internal(D::NAME, "users that were just made cannot be found again")
}

/// Whether it is certain that something will be kept of a user whose row is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    Surely,
    /// What is done for may still be refused: whoever does it calls
    /// [`Transaction::keep`](super::Transaction::keep).
    Perhaps,
}

/// A user as a look-up finds it.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) id: i64,
    pub(crate) key: String,
    pub(crate) is_kept: bool,
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

    /// Those of these ids of which it is to be said that something is kept.
    pub(super) fn perhaps(&self, ids: &[i64]) -> Vec<i64> {
        if self.perhaps.is_empty() {
            return Vec::new();
        }
        ids.iter().copied().filter(|id| self.perhaps.contains(id)).collect()
    }

    /// That something is kept of these is committed.
    pub(super) fn are_kept(&mut self, ids: &[i64]) {
        for id in ids {
            self.perhaps.remove(id);
        }
    }

    /// Sees to it that all of these users have an id, and that it is known. Sorted, none twice. Tells
    /// whether it is: else users that were made are not found again.
    pub(super) async fn resolve<D: Database>(
        &mut self,
        session: &D::Session,
        users: &[UserId],
        kept: Kept,
    ) -> Result<bool, D::Failure> {
        if self.ids.len() + users.len() > REMEMBERED {
            self.clear();
        }
        for _ in 0..LOOKS {
            let unknown = self.unknown(users);
            if unknown.is_empty() {
                return Ok(true);
            }
            self.look_up::<D>(session, &unknown).await?;
            // Looking up may have found that what was known is not any more.
            let new = self.unknown(users);
            if !new.is_empty() {
                D::make(session, &new, kept).await?;
            }
        }
        Ok(false)
    }

    pub(super) fn knows(&self, users: &[UserId]) -> bool {
        users.iter().all(|user| self.ids.contains_key(user))
    }

    fn unknown<'u>(&self, users: &'u [UserId]) -> Vec<&'u str> {
        let unknown = users.iter().filter(|user| !self.ids.contains_key(*user));
        unknown.map(UserId::as_str).collect()
    }

    async fn look_up<D: Database>(
        &mut self,
        session: &D::Session,
        keys: &[&str],
    ) -> Result<(), D::Failure> {
        let (forgotten, known) = D::find(session, keys).await?;
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

//! The users of a long list, looked up before the list is recorded.

use std::collections::HashSet;

use super::directory::LOOKS;
use super::{Database, Kept};

/// The internal ids of a long list's users.
#[derive(Clone, Debug)]
pub(crate) struct LongList {
    ids: Vec<i64>,
    /// How many users had been forgotten before the first was looked up.
    forgotten: i64,
}

impl LongList {
    /// From its parts, each with how many users had been forgotten before it was looked up.
    pub(crate) fn new(parts: Vec<(i64, Vec<i64>)>) -> Self {
        let forgotten = parts.first().map_or(0, |(forgotten, _)| *forgotten);
        let mut ids: Vec<i64> = parts.into_iter().flat_map(|(_, ids)| ids).collect();
        ids.sort_unstable();
        Self { ids, forgotten }
    }

    /// Sorted.
    pub(crate) fn ids(&self) -> &[i64] {
        &self.ids
    }

    /// Whether nobody has been forgotten since, given how many have been by now. Looking a million
    /// users up takes long, so it is done again only when somebody was.
    pub(crate) fn is_as_it_was(&self, forgotten: i64) -> bool {
        self.forgotten == forgotten
    }

    /// The ids without those of users who are not known any more.
    pub(crate) fn only(&self, known: &HashSet<i64>) -> Vec<i64> {
        self.ids.iter().copied().filter(|id| known.contains(id)).collect()
    }
}

/// The internal ids of users, those who are new made first, with how many had been forgotten before.
/// `None` when users that were made are not found again.
pub(crate) async fn find_or_make<D: Database>(
    session: &D::Session,
    keys: &[&str],
) -> Result<Option<(i64, Vec<i64>)>, D::Failure> {
    let mut forgotten = None;
    // Again where somebody was forgotten in between.
    for _ in 0..LOOKS {
        let (now, known) = D::find(session, keys).await?;
        let forgotten = *forgotten.get_or_insert(now);
        if known.len() == keys.len() {
            return Ok(Some((forgotten, known.into_iter().map(|user| user.id).collect())));
        }
        let known: HashSet<&str> = known.iter().map(|user| user.key.as_str()).collect();
        let new: Vec<&str> = keys.iter().copied().filter(|key| !known.contains(key)).collect();
        D::make(session, &new, Kept::Surely).await?;
    }
    Ok(None)
}

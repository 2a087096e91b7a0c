//! The users of a long list, looked up before the list is recorded.

use std::borrow::Cow;

use rusqlite::Connection;

use super::tx::Tx;
use super::{SqliteStore, users};
use crate::{Error, UserId};

/// The internal ids of a long list's users, sorted.
pub(super) struct LongList {
    ids: Vec<i64>,
    /// How many users had been forgotten before the first was looked up.
    forgotten: i64,
}

impl LongList {
    /// Looks the users up and makes those who are new, a part at a time, each in a transaction of
    /// its own, so that other senders are not kept waiting.
    pub(super) async fn resolve(
        store: &SqliteStore,
        users: &[UserId],
        part_size: usize,
    ) -> Result<Self, Error> {
        let forgotten = store.read(|snapshot| forgotten(snapshot.conn))?;
        let mut ids = Vec::with_capacity(users.len());
        for part in users.chunks(part_size) {
            let known = store.read(|snapshot| {
                let find = |user| users::find_id(snapshot.conn, user);
                part.iter().map(find).collect::<rusqlite::Result<Vec<_>>>()
            })?;
            let unknown: Vec<UserId> = known
                .iter()
                .zip(part)
                .filter(|(id, _)| id.is_none())
                .map(|(_, user)| user.clone())
                .collect();
            ids.extend(known.into_iter().flatten());
            if unknown.is_empty() {
                tokio::task::yield_now().await;
                continue;
            }
            let made = move |tx: &mut Tx<'_>| {
                let make = |user| users::id(tx.conn, user);
                unknown.iter().map(make).collect::<rusqlite::Result<Vec<_>>>()
            };
            ids.extend(store.write(made).await?);
        }
        ids.sort_unstable();
        Ok(Self { ids, forgotten })
    }

    /// The ids without those of users forgotten since they were looked up. Asked in the transaction
    /// that records the list: from then on [`forget`](super::forgetting::forget) sees to it.
    pub(super) fn still_known(&self, conn: &Connection) -> rusqlite::Result<Cow<'_, [i64]>> {
        // Looking a million users up takes long, so it is done only when somebody was forgotten.
        if forgotten(conn)? == self.forgotten {
            return Ok(Cow::Borrowed(&self.ids));
        }
        let mut find =
            conn.prepare_cached("SELECT 1 FROM restante_users WHERE id = ?1 AND key IS NOT NULL")?;
        let mut known = Vec::with_capacity(self.ids.len());
        for id in &self.ids {
            if find.exists([id])? {
                known.push(*id);
            }
        }
        Ok(Cow::Owned(known))
    }
}

fn forgotten(conn: &Connection) -> rusqlite::Result<i64> {
    conn.prepare_cached("SELECT forgotten FROM restante_clock")?.query_row([], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::store::Store;

    #[tokio::test]
    async fn who_is_forgotten_meanwhile_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("a.db")).await.unwrap();
        let user = |name: &str| UserId::new(name).unwrap();
        let names = ["alice", "bob", "carol"].map(user);
        let list = LongList::resolve(&store, &names, 2).await.unwrap();
        let known = |list: &LongList| {
            store.read(|snapshot| list.still_known(snapshot.conn).map(Cow::into_owned)).unwrap()
        };
        assert_eq!(known(&list), list.ids);

        // Gone by name only, then altogether.
        let now = SystemTime::now();
        assert!(store.forget(now, &user("bob")).await.unwrap());
        assert_eq!(known(&list), [list.ids[0], list.ids[2]]);
        while store.sweep(now).await.unwrap().more {}
        assert_eq!(known(&list), [list.ids[0], list.ids[2]]);
    }
}

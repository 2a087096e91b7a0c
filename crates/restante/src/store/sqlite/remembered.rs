//! What a connection has counted since anybody last wrote.
//!
//! SQLite tells by `PRAGMA data_version` whether another connection, of this process or of another,
//! has committed since this one last asked. Readers never write, so while it stays the same the file
//! does, and a count is right until something in it expires. To ask costs a tenth of counting.
//!
//! Where many write or each user asks once there is nothing to be had from it. So after a change, and
//! when few were asked for again, it is left alone for some counts.

use std::collections::HashMap;

use rusqlite::Connection;

use super::watching;
use crate::{Count, UserId};

/// How many users' counts are remembered at most.
const USERS: usize = 4_096;
/// For how many counts it is left alone after somebody wrote.
const AFTER_A_WRITE: u32 = 64;
/// And after it was full of counts that hardly anybody asked for again.
const AFTER_STRANGERS: u32 = 65_536;

/// The counts of one connection.
pub(super) struct Remembered {
    data_version: i64,
    counts: HashMap<UserId, Lasting>,
    /// How many were of use since there were none.
    hits: usize,
    /// For how many counts nothing is looked up.
    pause: u32,
}

/// A count and when it holds, in milliseconds.
struct Lasting {
    count: Count,
    from: i64,
    until: i64,
}

impl Remembered {
    pub(super) fn new() -> Self {
        // No version is negative.
        Self { data_version: -1, counts: HashMap::new(), hits: 0, pause: 0 }
    }

    /// Whether what is remembered, and what is counted from now on, may be used: it asks whether
    /// somebody wrote, and forgets what was counted before.
    pub(super) fn is_current(&mut self, conn: &Connection) -> rusqlite::Result<bool> {
        if self.pause > 0 {
            self.pause -= 1;
            return Ok(false);
        }
        let version = watching::version(conn)?;
        if version != self.data_version {
            self.data_version = version;
            self.forget();
            self.pause = AFTER_A_WRITE;
            return Ok(false);
        }
        Ok(true)
    }

    /// What was counted for a user, if it still holds.
    pub(super) fn find(&mut self, now: i64, user: &UserId) -> Option<Count> {
        // A clock that was turned back may bring back what had expired.
        let lasting = self.counts.get(user)?;
        let found = (lasting.from..lasting.until).contains(&now).then_some(lasting.count);
        self.hits += usize::from(found.is_some());
        found
    }

    /// Remembers what was counted after [`is_current`](Self::is_current) said yes. It may be of a
    /// later state of the file than that, which the next question then tells.
    pub(super) fn keep(&mut self, now: i64, until: i64, user: &UserId, count: Count) {
        if self.counts.len() >= USERS {
            if self.hits < USERS {
                self.pause = AFTER_STRANGERS;
            }
            self.forget();
        }
        self.counts.insert(user.clone(), Lasting { count, from: now, until });
    }

    fn forget(&mut self) {
        self.counts.clear();
        self.hits = 0;
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::super::{SqliteStore, schema};
    use super::*;
    use crate::store::{Expiry, NewMessage, Store};
    use crate::{AsOf, Filter, Message, Recipients};

    fn user(number: usize) -> UserId {
        UserId::new(format!("user-{number}")).unwrap()
    }

    fn counted(unread: u64) -> Count {
        Count { unread, as_of: AsOf::default() }
    }

    fn connections() -> (tempfile::TempDir, [Connection; 2]) {
        let folder = tempfile::tempdir().unwrap();
        let open = || Connection::open(folder.path().join("a.db")).unwrap();
        let mut both = [open(), open()];
        schema::migrate(&mut both[0]).unwrap();
        (folder, both)
    }

    /// Asks until what is counted may be remembered, and how often that was.
    fn asked_until_current(remembered: &mut Remembered, conn: &Connection) -> u32 {
        (1..=AFTER_STRANGERS * 2).find(|_| remembered.is_current(conn).unwrap()).unwrap()
    }

    #[test]
    fn whatever_another_connection_writes_ends_it() {
        let (_folder, [reader, writer]) = connections();
        let mut remembered = Remembered::new();
        assert!(!remembered.is_current(&reader).unwrap());
        for _ in 0..3 {
            let asked = asked_until_current(&mut remembered, &reader);
            assert_eq!(asked, AFTER_A_WRITE + 1, "where many write it is not looked for each time");
            remembered.keep(0, 10, &user(1), counted(7));
            assert!(remembered.is_current(&reader).unwrap());
            assert_eq!(remembered.find(5, &user(1)), Some(counted(7)));
            assert_eq!(remembered.find(5, &user(2)), None);
            writer.execute("UPDATE restante_clock SET last = last + 2", []).unwrap();
            assert!(!remembered.is_current(&reader).unwrap());
            assert_eq!(remembered.find(5, &user(1)), None);
        }
    }

    #[test]
    fn it_holds_from_when_it_was_counted_until_something_expires() {
        let mut remembered = Remembered::new();
        remembered.keep(10, 20, &user(1), counted(7));
        let found = [9, 10, 19, 20].map(|now| remembered.find(now, &user(1)).is_some());
        assert_eq!(found, [false, true, true, false]);
    }

    #[test]
    fn strangers_are_not_remembered_for_long() {
        let (_folder, [reader, _writer]) = connections();
        let mut remembered = Remembered::new();
        asked_until_current(&mut remembered, &reader);
        (0..=USERS).for_each(|number| remembered.keep(0, 10, &user(number), counted(7)));
        assert!(remembered.counts.len() <= USERS);
        assert_eq!(asked_until_current(&mut remembered, &reader), AFTER_STRANGERS + 1);
        // Those who come again are worth a place.
        remembered.forget();
        for number in 0..=USERS {
            remembered.keep(0, 10, &user(number), counted(7));
            remembered.find(5, &user(number));
        }
        assert_eq!(asked_until_current(&mut remembered, &reader), 1);
    }

    /// Counts as often as it takes to remember, and holds each against what a store says that has
    /// counted nothing before.
    async fn unread(store: &SqliteStore, other: &SqliteStore, now: SystemTime) -> u64 {
        let fresh = SqliteStore::open(store.path()).await.unwrap();
        let count = fresh.count(now, &user(1)).await.unwrap();
        for _ in 0..AFTER_A_WRITE + 4 {
            assert_eq!(store.count(now, &user(1)).await.unwrap(), count);
            assert_eq!(other.count(now, &user(1)).await.unwrap(), count);
        }
        count.unread
    }

    #[tokio::test]
    async fn a_count_is_right_at_once_whoever_wrote() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.db");
        let (here, there) =
            (SqliteStore::open(&file).await.unwrap(), SqliteStore::open(&file).await.unwrap());
        let day = Duration::from_secs(86_400);
        let start = SystemTime::UNIX_EPOCH + day * 20_000;
        let (alice, to) = (user(1), Recipients::new([user(1)]).unwrap());
        let prepare = |message: Message, to| {
            let expiry = Expiry::default();
            NewMessage::prepare(start, message, "app", None, to, false, expiry).unwrap()
        };
        let soon = prepare(Message::info("soon").expires_in(day), Some(&to));
        let late = prepare(Message::info("late").expires_in(day * 9), Some(&to));
        let all = prepare(Message::info("all").expires_in(day * 2), None);

        assert_eq!(unread(&here, &there, start).await, 0);
        let first = here.send(start, &soon, &to).await.unwrap();
        assert_eq!(unread(&here, &there, start).await, 1);
        there.send(start, &late, &to).await.unwrap();
        assert_eq!(unread(&here, &there, start).await, 2);
        here.broadcast(start, &all, false).await.unwrap();
        assert_eq!(unread(&here, &there, start).await, 3);
        // Time passes and nobody writes; then the clock is turned back.
        for (later, left) in [(day / 1_000 * 999, 3), (day, 2), (day * 2, 1), (day * 9, 0)] {
            assert_eq!(unread(&here, &there, start + later).await, left, "{later:?}");
        }
        assert_eq!(unread(&here, &there, start).await, 3);

        let items = here.list(start, &alice, &Filter::unread()).await.unwrap().items;
        let as_of = there.count(start, &alice).await.unwrap().as_of;
        assert_eq!(there.mark_read(start, &alice, &[items[1].id]).await.unwrap(), 1);
        assert_eq!(unread(&here, &there, start).await, 2);
        assert!(here.mark_unread(start, &alice, items[1].id).await.unwrap());
        assert_eq!(unread(&here, &there, start).await, 3);
        assert!(there.dismiss(start, &alice, items[1].id).await.unwrap());
        assert_eq!(unread(&here, &there, start).await, 2);
        assert!(here.retract(start, first.id, None).await.unwrap());
        assert_eq!(unread(&here, &there, start).await, 1);
        assert!(there.mark_all_read(start, &alice, &as_of).await.unwrap());
        assert_eq!(unread(&here, &there, start).await, 0);
        there.send(start, &late, &to).await.unwrap();
        assert_eq!(unread(&here, &there, start).await, 1);
        assert!(here.forget(start, &alice).await.unwrap());
        there.broadcast(start, &all, false).await.unwrap();
        assert_eq!(unread(&here, &there, start).await, 2, "one never heard of sees broadcasts");
    }

    #[tokio::test]
    async fn what_was_counted_is_not_counted_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("a.db")).await.unwrap();
        for _ in 0..AFTER_A_WRITE + 10 {
            store.count(SystemTime::now(), &user(1)).await.unwrap();
        }
        let hits = store.glance(|_, _, remembered| Ok(remembered.hits)).unwrap();
        assert!(hits > 0);
    }
}

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use restante::store::{Followed, OutboxRow};
use restante::{
    Durability, Event, EventKind, Events, Filter, Follower, ItemId, MemoryStore, Restante,
    SqliteOptions, SqliteStore, Store,
};
use tempfile::TempDir;

/// A store with parts of two users, and the outbox's other end.
pub(crate) struct Ground {
    pub(crate) store: Arc<dyn Store>,
    place: Place,
}

enum Place {
    Memory(MemoryStore),
    Folder(TempDir),
}

impl Ground {
    pub(crate) fn memory() -> Self {
        let store = MemoryStore::with_part_size(2);
        Self { store: Arc::new(store.clone()), place: Place::Memory(store) }
    }

    pub(crate) async fn sqlite() -> Self {
        let folder = TempDir::new().unwrap();
        let store = open(folder.path().join("service.db")).await;
        Self { store: Arc::new(store), place: Place::Folder(folder) }
    }

    /// The service on it, with nothing done by itself.
    pub(crate) fn quiet(&self) -> Restante {
        self.service().without_background()
    }

    pub(crate) fn service(&self) -> Restante {
        Restante::from_arc(Arc::clone(&self.store))
    }

    /// Another handle on the same data, as another process would have it.
    pub(crate) async fn second_handle(&self) -> Arc<dyn Store> {
        match &self.place {
            Place::Memory(store) => Arc::new(store.clone()),
            Place::Folder(_) => Arc::new(open(self.file()).await),
        }
    }

    /// Leaves a row in the outbox as another program does: on SQLite with plain SQL.
    pub(crate) fn leave(&self, recipient: &str, text: &str) {
        match &self.place {
            Place::Memory(store) => store.leave(OutboxRow::new(recipient, text)),
            Place::Folder(_) => {
                let insert = "INSERT INTO restante_outbox(recipient, message) VALUES (?1, ?2)";
                self.outside().execute(insert, (recipient, text)).unwrap();
            }
        }
    }

    /// Another program's connection to the file.
    pub(crate) fn outside(&self) -> rusqlite::Connection {
        let connection = rusqlite::Connection::open(self.file()).unwrap();
        connection.busy_timeout(Duration::from_secs(10)).unwrap();
        connection
    }

    fn file(&self) -> PathBuf {
        match &self.place {
            Place::Memory(_) => PathBuf::new(),
            Place::Folder(folder) => folder.path().join("service.db"),
        }
    }
}

async fn open(file: PathBuf) -> SqliteStore {
    SqliteOptions::new().durability(Durability::Off).part_size(2).open(file).await.unwrap()
}

pub(crate) async fn on_each_store(test: impl AsyncFn(Ground)) {
    test(Ground::memory()).await;
    test(Ground::sqlite().await).await;
}

/// Waits, but not for ever.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), future).await.expect("nothing came in time")
}

/// An event without its message's particulars: kind, user, item and text.
pub(crate) type Told = (EventKind, Option<String>, Option<ItemId>, Option<String>);

pub(crate) fn told(event: &Event) -> Told {
    let user = event.user.as_ref().map(|user| user.as_str().to_owned());
    let text = event.message.as_ref().map(|message| message.text().to_owned());
    (event.kind, user, event.id, text)
}

pub(crate) async fn next(events: &mut Events) -> Event {
    soon(events.recv()).await.expect("the service is gone")
}

/// What has been told by now, if anything. Not a matter of tokio's budget for a task, which would
/// hide what there is.
pub(crate) fn told_already(events: &mut Events) -> Option<Event> {
    tokio::task::unconstrained(events.recv()).now_or_never().flatten()
}

/// Whom the next `count` messages reach, in the order of being told.
pub(crate) async fn reached(events: &mut Events, count: usize) -> Vec<String> {
    let mut users = Vec::new();
    for _ in 0..count {
        let event = next(events).await;
        assert_eq!(event.kind, EventKind::Stored);
        users.push(event.user.unwrap().as_str().to_owned());
    }
    users
}

pub(crate) async fn entry(follower: &mut Follower) -> Followed {
    soon(follower.next()).await.unwrap()
}

/// The text of the next entry.
pub(crate) async fn text(follower: &mut Follower) -> String {
    entry(follower).await.message.text().to_owned()
}

/// The texts of a user's inbox, oldest first.
pub(crate) async fn inbox(restante: &Restante, user: &str) -> Vec<String> {
    let filter = Filter::unread().limit(100);
    let page = restante.inbox(user).unwrap().list(filter).await.unwrap();
    page.items.iter().rev().map(|item| item.message.text().to_owned()).collect()
}

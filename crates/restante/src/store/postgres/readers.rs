//! Connections for what is quick to read, shared by all callers, and what the process keeps in
//! memory of broadcasts.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Result;
use super::connector::{Connector, Link};
use super::failure;
use super::messages;
use super::session::Session;
use crate::Error;
use crate::store::shared_view::{Broadcast, SharedView};

/// In one statement, so that all of it is of one snapshot.
const VIEW: &str = "
    SELECT c.version, ARRAY(SELECT r.position FROM restante_retracting r),
        b.position, b.until, b.newcomers,
        m.sent_at, m.expires_at, m.level, m.text, m.tags, m.url, m.data
    FROM restante_clock c
    LEFT JOIN (restante_broadcasts b JOIN restante_messages m ON m.id = b.position) ON true
    ORDER BY b.position";

#[derive(Debug)]
pub(super) struct Readers {
    links: Vec<Link>,
    next: AtomicUsize,
    /// The newest view loaded.
    view: Mutex<Arc<SharedView>>,
}

impl Readers {
    pub(super) fn new(connector: &Arc<Connector>, connections: usize) -> Self {
        let links = (0..connections.max(1)).map(|_| Link::new(Arc::clone(connector))).collect();
        let view = Arc::new(SharedView { version: -1, ..SharedView::default() });
        Self { links, next: AtomicUsize::new(0), view: Mutex::new(view) }
    }

    /// The connections.
    pub(super) fn links(&self) -> &[Link] {
        &self.links
    }

    /// One of the connections, each in turn.
    pub(super) async fn session(&self) -> std::result::Result<Arc<Session>, Error> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        self.links[turn % self.links.len()].session().await
    }

    /// Whether to try again after an error: once, if the connection broke off. What is asked here
    /// may be asked twice.
    #[expect(clippy::unused_self, reason = "it is the readers' rule")]
    pub(super) fn again(
        &self,
        error: tokio_postgres::Error,
        tries: &mut u32,
    ) -> std::result::Result<(), Error> {
        *tries += 1;
        if *tries < 3 && failure::is_lost(&error) {
            return Ok(());
        }
        Err(failure::error(error))
    }

    /// The view last loaded, which may be out of date: whoever uses it compares its version.
    pub(super) fn view(&self) -> Arc<SharedView> {
        Arc::clone(&self.lock())
    }

    /// The view as the connection's next statement sees it.
    pub(super) async fn load_view(&self, session: &Session) -> Result<Arc<SharedView>> {
        let loaded = Arc::new(load(session).await?);
        let mut view = self.lock();
        if view.version < loaded.version {
            *view = Arc::clone(&loaded);
        }
        Ok(loaded)
    }

    fn lock(&self) -> MutexGuard<'_, Arc<SharedView>> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn load(session: &Session) -> Result<SharedView> {
    let mut view = SharedView::default();
    for row in session.query(VIEW, &[]).await? {
        view.version = row.try_get(0)?;
        if view.retracting.is_empty() {
            view.retracting = HashSet::from_iter(row.try_get::<_, Vec<i64>>(1)?);
        }
        if let Some(position) = row.try_get(2)? {
            view.broadcasts.push(Broadcast {
                position,
                until: row.try_get(3)?,
                newcomers: row.try_get(4)?,
                body: messages::body(&row, 5)?,
            });
        }
    }
    Ok(view)
}

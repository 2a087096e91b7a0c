//! What the process keeps in memory of broadcasts.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::connector::begin_snapshot;
use super::session::{Session, get};
use super::sql::sql;
use super::{Result, messages};
use crate::store::shared_view::{Broadcast, SharedView};

const VIEW: &str = "
    SELECT version FROM restante_clock;
    SELECT position FROM restante_retracting;
    SELECT b.position, b.until, b.newcomers,
        m.sent_at, m.expires_at, m.level, m.text, m.tags, m.url, m.data
    FROM restante_broadcasts b JOIN restante_messages m ON m.id = b.position ORDER BY b.position";

/// The newest view loaded.
#[derive(Debug)]
pub(super) struct Views {
    newest: Mutex<Arc<SharedView>>,
}

impl Default for Views {
    fn default() -> Self {
        let none = SharedView { version: -1, ..SharedView::default() };
        Self { newest: Mutex::new(Arc::new(none)) }
    }
}

impl Views {
    /// The view last loaded, which may be out of date: whoever uses it compares its version.
    pub(super) fn newest(&self) -> Arc<SharedView> {
        Arc::clone(&self.lock())
    }

    /// The view as it is now; within a snapshot as that has it.
    pub(super) async fn load(
        &self,
        session: &Session,
        is_in_snapshot: bool,
    ) -> Result<Arc<SharedView>> {
        let loaded = Arc::new(load(session, is_in_snapshot).await?);
        let mut newest = self.lock();
        if newest.version < loaded.version {
            *newest = Arc::clone(&loaded);
        }
        Ok(loaded)
    }

    fn lock(&self) -> MutexGuard<'_, Arc<SharedView>> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn load(session: &Session, is_in_snapshot: bool) -> Result<SharedView> {
    let mut statements = sql(VIEW, &[]);
    if !is_in_snapshot {
        statements = begin_snapshot().then(&statements).then(&sql("COMMIT", &[]));
    }
    let mut view = SharedView::default();
    for row in session.ask(&statements).await?.into_iter().flat_map(|answer| answer.rows) {
        match (row.len(), row.columns_ref()[0].name_str().as_ref()) {
            (1, "version") => view.version = get(&row, 0)?,
            (1, _) => {
                view.retracting.insert(get(&row, 0)?);
            }
            _ => view.broadcasts.push(Broadcast {
                position: get(&row, 0)?,
                until: get(&row, 1)?,
                newcomers: get(&row, 2)?,
                body: messages::body(&row, 3)?,
            }),
        }
    }
    Ok(view)
}

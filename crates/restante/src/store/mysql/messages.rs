//! Messages' rows.

use std::sync::Arc;

use mysql_async::Row as SqlRow;

use super::Result;
use super::session::{Session, get};
use crate::clock::from_millis;
use crate::store::shared_view::Body;
use crate::store::{NewMessage, SentMessage};
use crate::{Level, Message, MessageId};

const BODY: &str = "
    SELECT m.sent_at, m.expires_at, m.level, m.text, m.tags, m.url, m.data, m.retracted_at
    FROM restante_messages m WHERE m.id = ?";

/// What was said, from the columns `level, text, tags, url, data`, from `first` on.
pub(super) fn message(row: &SqlRow, first: usize) -> Result<Arc<Message>> {
    Ok(Arc::new(Message::from_stored(
        Level::new(get(row, first)?),
        get::<String>(row, first + 1)?,
        get::<String>(row, first + 2)?,
        get(row, first + 3)?,
        get(row, first + 4)?,
    )))
}

/// A body from the columns `sent_at, expires_at, level, text, tags, url, data`, from `first` on, of
/// a message that was not retracted.
pub(super) fn body(row: &SqlRow, first: usize) -> Result<Body> {
    Ok(Body {
        sent_at: get(row, first)?,
        expires_at: get(row, first + 1)?,
        message: message(row, first + 2)?,
        is_retracted: false,
    })
}

/// The body of the message with this id.
pub(super) async fn find_body(session: &Session, id: i64) -> Result<Option<Body>> {
    let row = session.row(BODY, &[id.into()]).await?;
    row.map(|row| {
        let is_retracted = get::<Option<i64>>(&row, 7)?.is_some();
        Ok(Body { is_retracted, ..body(&row, 0)? })
    })
    .transpose()
}

/// What senders see of a message, with its figures.
#[derive(Debug)]
pub(super) struct SentRow {
    pub(super) sent: SentMessage,
    pub(super) inbox_until: i64,
    pub(super) recipients: Option<Vec<u8>>,
    pub(super) gone_delivered: u64,
    pub(super) gone_read: u64,
}

/// The columns that [`sent_row`] reads, as the beginning of a statement.
macro_rules! select_sent {
    ($rest:literal) => {
        concat!(
            "SELECT m.level, m.text, m.tags, m.url, m.data, m.sent_at, m.expires_at,
             m.retracted_at, m.id, m.sender, m.total, m.inbox_until, m.recipients,
             m.gone_delivered, m.gone_read ",
            $rest
        )
    };
}
pub(super) use select_sent;

/// A row of [`select_sent`].
pub(super) fn sent_row(row: &SqlRow) -> Result<SentRow> {
    let id = MessageId::new(get(row, 8)?);
    let count = |column: usize| get::<i64>(row, column).map(|n| u64::try_from(n).unwrap_or(0));
    Ok(SentRow {
        sent: SentMessage {
            id,
            sender: get(row, 9)?,
            message: message(row, 0)?,
            date: from_millis(get(row, 5)?),
            expires_at: NewMessage::shown_expiry(from_millis(get(row, 6)?)),
            retracted_at: get::<Option<i64>>(row, 7)?.map(from_millis),
            recipients: if id.is_broadcast() { None } else { Some(count(10)?) },
        },
        inbox_until: get(row, 11)?,
        recipients: get(row, 12)?,
        gone_delivered: count(13)?,
        gone_read: count(14)?,
    })
}

//! One user's items and counts as the database gives them: one statement, one snapshot.

use tokio_postgres::Row as SqlRow;

use super::session::Session;
use super::{Result, messages, rows};
use crate::View;
use crate::store::paging::{Answer, Ask, Personal};
use crate::store::shared_view::SharedView;
use crate::store::state::Row;
use crate::store::user_view::{UserRow, UserView};

const PAGE: &str = "
    SELECT kind, position, state, until, at, marked, sent_at, expires_at, level, text, tags, url,
        data
    FROM restante_page($1, $2, $3, $4, $5, $6, $7)";

/// Asks. `None` when `shared` is not what this snapshot has: then it has to be loaded anew.
pub(super) async fn ask(
    session: &Session,
    shared: &SharedView,
    ask: Ask<'_>,
) -> Result<Option<Answer>> {
    let retracting: Vec<i64> = shared.retracting.iter().copied().collect();
    let at_most = i32::try_from(ask.at_most).unwrap_or(i32::MAX);
    let is_archive = ask.view == View::Archive;
    let rows = session
        .query(
            PAGE,
            &[
                &ask.user.as_str(),
                &ask.now,
                &is_archive,
                &ask.below,
                &at_most,
                &shared.version,
                &retracting,
            ],
        )
        .await?;
    let mut answer = None;
    for row in &rows {
        match (row.try_get::<_, i16>(0)?, &mut answer) {
            (1, answer) => *answer = Some(head(row, rows.len())?),
            (2, Some(answer)) => {
                let state = rows::state(row.try_get(2)?);
                answer.user.seen.push((row.try_get(1)?, state, row.try_get(4)?));
            }
            (3, Some(answer)) => answer.items.push(personal(row)?),
            // Kind 0: another version.
            _ => return Ok(None),
        }
    }
    if let Some(answer) = &mut answer {
        // Each state has come for itself.
        answer.items.sort_unstable_by_key(|item| std::cmp::Reverse(item.row.position));
    }
    Ok(answer)
}

fn head(row: &SqlRow, rows: usize) -> Result<Answer> {
    let user =
        UserRow { id: row.try_get(1)?, joined: row.try_get(3)?, read_through: row.try_get(4)? };
    Ok(Answer {
        user: UserView { user, seen: Vec::new() },
        unread: u64::try_from(row.try_get::<_, i64>(6)?).unwrap_or(0),
        newest: row.try_get(7)?,
        items: Vec::with_capacity(rows),
    })
}

fn personal(row: &SqlRow) -> Result<Personal> {
    let item = Row {
        position: row.try_get(1)?,
        state: rows::state(row.try_get(2)?),
        until: row.try_get(3)?,
        at: row.try_get(4)?,
    };
    Ok(Personal { row: item, body: messages::body(row, 6)?, marked: row.try_get(5)? })
}

//! One user's items and counts as the database gives them: several small statements that see one
//! moment, in one round trip.

use mysql_async::Row as SqlRow;

use super::connector::begin_snapshot;
use super::session::{Answer as Rows, Session, get};
use super::sql::{Sql, Value, key, sql};
use super::{Result, messages, rows};
use crate::View;
use crate::store::paging::{Answer, Ask, Personal};
use crate::store::shared_view::SharedView;
use crate::store::user_view::{UserRow, UserView};

/// In all of them the user's row is found by its unique key before anything else, so that its id and
/// watermark are constants and the items a range of their key.
const USER: &str = "
    SELECT c.version, u.id, u.joined, u.read_through
    FROM restante_clock c LEFT JOIN restante_users u ON u.`key` = ?";
const COUNT_NEW: &str = "
    SELECT COALESCE(SUM(d.until > ? AND d.position NOT IN (?)), 0), COALESCE(MAX(d.position), 0)
    FROM restante_users u STRAIGHT_JOIN restante_deliveries d
        ON d.user_id = u.id AND d.state = 1 AND d.position > u.read_through
    WHERE u.`key` = ?";
const COUNT_KEPT: &str = "
    SELECT COALESCE(SUM(d.until > ? AND d.position NOT IN (?)), 0), COALESCE(MAX(d.at), 0)
    FROM restante_users u STRAIGHT_JOIN restante_deliveries d ON d.user_id = u.id AND d.state = 2
    WHERE u.`key` = ?";
const SEEN: &str = "
    SELECT s.position, s.state, s.at
    FROM restante_users u STRAIGHT_JOIN restante_seen s ON s.user_id = u.id
    WHERE u.`key` = ? ORDER BY s.position";

macro_rules! items {
    ($which:literal) => {
        concat!(
            "SELECT d.state, d.position, d.until, d.at,
                m.sent_at, m.expires_at, m.level, m.text, m.tags, m.url, m.data
             FROM restante_users u STRAIGHT_JOIN restante_deliveries d ON d.user_id = u.id AND ",
            $which,
            " STRAIGHT_JOIN restante_messages m ON m.id = COALESCE(d.message, d.position)
             WHERE u.`key` = ? AND d.position < ? AND d.position NOT IN (?)
             AND m.expires_at > ? AND m.retracted_at IS NULL
             ORDER BY d.position DESC LIMIT ?"
        )
    };
}

/// An unread item leaves the inbox no later than its message expires. One that has left it is passed
/// over without a look at its message.
const UNREAD: [&str; 2] = [
    items!("d.state = 1 AND d.position > u.read_through AND d.until > ?"),
    items!("d.state = 2 AND d.until > ?"),
];
/// As many values, so that all are filled in the same way.
const ARCHIVE: [&str; 3] = [
    items!("d.state = 0 AND d.position > ? * 0"),
    items!("d.state = 1 AND d.position > ? * 0"),
    items!("d.state = 2 AND d.position > ? * 0"),
];

/// Asks. `None` when `shared` is not what this moment has: then it has to be loaded anew.
pub(super) async fn ask(
    session: &Session,
    shared: &SharedView,
    wanted: Ask<'_>,
    is_in_snapshot: bool,
) -> Result<Option<Answer>> {
    let mut statements = statements(shared, wanted);
    if !is_in_snapshot {
        statements = begin_snapshot().then(&statements).then(&sql("COMMIT", &[]));
    }
    let mut answers = session.ask(&statements).await?.into_iter();
    if !is_in_snapshot {
        // SET TRANSACTION and START TRANSACTION.
        answers.nth(1);
    }
    let head = answers.next().and_then(|answer| answer.rows.into_iter().next());
    let Some(head) = head else { return Ok(None) };
    if get::<i64>(&head, 0)? != shared.version {
        return Ok(None);
    }
    let user = UserRow {
        id: get::<Option<i64>>(&head, 1)?.unwrap_or(0),
        joined: get(&head, 2)?,
        read_through: get::<Option<i64>>(&head, 3)?.unwrap_or(0),
    };
    let (fresh, newest) = counted(answers.next())?;
    let (kept, newest_kept) = counted(answers.next())?;
    let mut answer = Answer {
        user: UserView { user, seen: Vec::new() },
        unread: u64::try_from(fresh + kept).unwrap_or(0),
        newest: newest.max(newest_kept),
        items: Vec::new(),
    };
    for row in answers.next().into_iter().flat_map(|answer| answer.rows) {
        answer.user.seen.push((get(&row, 0)?, rows::state(get(&row, 1)?), get(&row, 2)?));
    }
    for row in answers.flat_map(|answer| answer.rows) {
        answer.items.push(personal(&row)?);
    }
    // Each state has come for itself, with as many items as may be needed of it.
    answer.items.sort_unstable_by_key(|item| std::cmp::Reverse(item.row.position));
    answer.items.truncate(wanted.at_most);
    Ok(Some(answer))
}

fn statements(shared: &SharedView, wanted: Ask<'_>) -> Sql {
    let user = key(wanted.user);
    let now = Value::Number(wanted.now);
    let retracting: Vec<i64> = shared.retracting.iter().copied().collect();
    let retracting = Value::Numbers(&retracting);
    let mut statements = sql(USER, &[user])
        .then(&sql(COUNT_NEW, &[now, retracting, user]))
        .then(&sql(COUNT_KEPT, &[now, retracting, user]))
        .then(&sql(SEEN, &[user]));
    if wanted.at_most > 0 {
        let branches: &[&'static str] = match wanted.view {
            View::Unread => &UNREAD,
            View::Archive => &ARCHIVE,
        };
        let at_most = i64::try_from(wanted.at_most).unwrap_or(i64::MAX);
        let values = [now, user, wanted.below.into(), retracting, now, at_most.into()];
        for branch in branches {
            statements = statements.then(&sql(branch, &values));
        }
    }
    statements
}

fn counted(answer: Option<Rows>) -> Result<(i64, i64)> {
    match answer.and_then(|answer| answer.rows.into_iter().next()) {
        Some(row) => Ok((get(&row, 0)?, get(&row, 1)?)),
        None => Ok((0, 0)),
    }
}

fn personal(row: &SqlRow) -> Result<Personal> {
    Ok(Personal { row: rows::delivery(row, 0)?, body: messages::body(row, 4)?, marked: None })
}

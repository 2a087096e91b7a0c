//! What is unread, of several users in one statement.
//!
//! A statement by itself costs more than the rows of a page, so callers who ask at the same time
//! share one (`inboxes`). It gives positions alone: they are in the leaves of the key, while
//! deliveries and messages lie far apart. What they say never changes, and a process mostly
//! remembers it.

use std::collections::HashMap;

use tokio_postgres::Row as SqlRow;

use super::session::Session;
use super::{Result, messages, rows};
use crate::store::paging::Answer;
use crate::store::shared_view::{Body, SharedView};
use crate::store::state::{Row, State};
use crate::store::user_view::{UserRow, UserView};

/// Each user is looked up by the keys, whatever the tables' sizes were when the plan was made: a
/// LIMIT is not taken for a join. The arrays come by way of a SELECT, so that a plan for these very
/// users looks no better than the one that is kept.
///
/// New ones above the watermark and kept ones are one range of the key. An unread item leaves the
/// inbox no later than its message expires, so `until` tells enough.
const GLANCE: &str = "
    SELECT asked.place, (SELECT c.version FROM restante_clock c),
        own.id, own.joined, own.read_through, range.unread, range.newest,
        CASE WHEN range.kept > 0 THEN
            (SELECT max(d.at) FROM restante_deliveries d WHERE d.user_id = own.id AND d.state = 2)
        END,
        CASE WHEN range.fresh > 0 AND asked.at_most > 0 THEN ARRAY(
            SELECT d.position FROM restante_deliveries d
            WHERE d.user_id = own.id AND d.state = 1
              AND d.position > own.read_through AND d.position < asked.below
              AND d.until > asked.now AND d.position <> ALL ($5)
            ORDER BY d.position DESC LIMIT asked.at_most) END,
        CASE WHEN range.kept > 0 AND asked.at_most > 0 THEN ARRAY(
            SELECT d.position FROM restante_deliveries d
            WHERE d.user_id = own.id AND d.state = 2 AND d.position < asked.below
              AND d.until > asked.now AND d.position <> ALL ($5)
            ORDER BY d.position DESC LIMIT asked.at_most) END,
        ARRAY(SELECT unnest(ARRAY[s.position, s.state, s.at]) FROM restante_seen s
              WHERE s.user_id = own.id ORDER BY s.position)
    FROM unnest((SELECT $1::text[]), (SELECT $2::bigint[]), (SELECT $3::bigint[]),
                (SELECT $4::integer[])) WITH ORDINALITY asked(key, now, below, at_most, place)
    LEFT JOIN LATERAL (
        SELECT u.id, u.joined, u.read_through FROM restante_users u
        WHERE u.key = asked.key LIMIT 1) own ON true
    LEFT JOIN LATERAL (
        SELECT count(*) FILTER (WHERE d.until > asked.now AND d.position <> ALL ($5)) AS unread,
            count(*) FILTER (WHERE d.state = 1) AS fresh,
            count(*) FILTER (WHERE d.state = 2) AS kept,
            max(d.position) FILTER (WHERE d.state = 1) AS newest
        FROM restante_deliveries d
        WHERE d.user_id = own.id AND d.state <= 2
          AND (d.state, d.position) > (1::smallint, own.read_through)) range ON true";
/// What was said at these positions: messages' ids, or those of parts of long lists.
const BODIES: &str = "
    SELECT m.sent_at, m.expires_at, m.level, m.text, m.tags, m.url, m.data, at.position
    FROM unnest((SELECT $1::bigint[])) at(position)
    CROSS JOIN LATERAL (
        SELECT * FROM restante_messages m
        WHERE m.id = COALESCE(
            (SELECT p.message FROM restante_parts p WHERE p.position = at.position), at.position)
        LIMIT 1) m
    WHERE m.retracted_at IS NULL";

/// What is asked of users, by column.
#[derive(Debug, Default)]
pub(super) struct Wanted<'a> {
    keys: Vec<&'a str>,
    now: Vec<i64>,
    below: Vec<i64>,
    at_most: Vec<i32>,
}

impl<'a> Wanted<'a> {
    /// Asks for one more user's counts, and for at most so many items below a position.
    pub(super) fn add(&mut self, key: &'a str, now: i64, below: i64, at_most: i32) {
        self.keys.push(key);
        self.now.push(now);
        self.below.push(below);
        self.at_most.push(at_most);
    }
}

/// One user's counts, and the items without what they say.
#[derive(Debug)]
pub(super) struct Glance {
    /// The number of the user, as they were added.
    pub(super) place: usize,
    pub(super) answer: Answer,
    /// Newest first.
    pub(super) items: Vec<Row>,
}

/// Looks. `None` when `shared` is not what this snapshot has: then it has to be loaded anew.
pub(super) async fn look(
    session: &Session,
    shared: &SharedView,
    wanted: &Wanted<'_>,
) -> Result<Option<Vec<Glance>>> {
    let retracting: Vec<i64> = shared.retracting.iter().copied().collect();
    let Wanted { keys, now, below, at_most } = wanted;
    let rows = session.query(GLANCE, &[keys, now, below, at_most, &retracting]).await?;
    let mut glances = Vec::with_capacity(rows.len());
    for row in &rows {
        if row.try_get::<_, i64>(1)? != shared.version {
            return Ok(None);
        }
        glances.push(glance(row)?);
    }
    Ok(Some(glances))
}

fn glance(row: &SqlRow) -> Result<Glance> {
    let number = |column| row.try_get::<_, Option<i64>>(column).map(Option::unwrap_or_default);
    let user = UserRow { id: number(2)?, joined: row.try_get(3)?, read_through: number(4)? };
    let mut items = positions(row, 8, State::New)?;
    let kept = positions(row, 9, State::Kept)?;
    if !kept.is_empty() {
        items.extend(kept);
        items.sort_unstable_by_key(|item| std::cmp::Reverse(item.position));
    }
    let answer = Answer {
        user: UserView { user, seen: seen(&row.try_get::<_, Vec<Option<i64>>>(10)?) },
        unread: u64::try_from(number(5)?).unwrap_or(0),
        newest: number(6)?.max(number(7)?),
        items: Vec::with_capacity(items.len()),
    };
    let place = usize::try_from(row.try_get::<_, i64>(0)? - 1).unwrap_or(usize::MAX);
    Ok(Glance { place, answer, items })
}

/// Unread items, of which no more than that has to be known.
fn positions(row: &SqlRow, column: usize, state: State) -> Result<Vec<Row>> {
    let positions: Option<Vec<i64>> = row.try_get(column)?;
    let item = |position| Row { state, ..Row::new(position, i64::MAX) };
    Ok(positions.into_iter().flatten().map(item).collect())
}

/// Own states of broadcasts, three numbers each.
fn seen(numbers: &[Option<i64>]) -> Vec<(i64, State, Option<i64>)> {
    let state = |number: i64| rows::state(i16::try_from(number).unwrap_or(i16::MAX));
    let one = |numbers: &[Option<i64>]| match *numbers {
        [Some(position), Some(number), at] => Some((position, state(number), at)),
        _ => None,
    };
    numbers.chunks_exact(3).filter_map(one).collect()
}

/// The bodies at these positions, but for what was retracted or swept since, and how many bytes are
/// in each.
pub(super) async fn bodies(
    session: &Session,
    positions: &[i64],
) -> Result<HashMap<i64, (Body, usize)>> {
    let mut bodies = HashMap::with_capacity(positions.len());
    for row in session.query(BODIES, &[&positions]).await? {
        bodies.insert(row.try_get(7)?, (messages::body(&row, 0)?, row.raw_size_bytes()));
    }
    Ok(bodies)
}

//! The first page of an inbox by plain commands.
//!
//! A script costs the server twice as much as what it does: each body passes through Lua. What stands
//! in the way of plain commands is that the count needs the watermark, which is on the server. So it
//! is guessed, as what this process saw last, and read with the rest: where the guess was wrong, or
//! anything else is out of the ordinary, the script is asked.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use redis::{Pipeline, Value};

use super::body;
use super::reply;
use super::shards::Shards;
use super::store::RedisStore;
use super::user_page::{UserPage, own_state};
use crate::store::state::Row;
use crate::{Error, UserId};

/// How many watermarks are remembered; then all are forgotten.
const REMEMBERED: usize = 100_000;

/// The watermarks of the users who were here last. None is 0.
#[derive(Debug, Default)]
pub(super) struct Guesses(Mutex<HashMap<UserId, i64>>);

impl Guesses {
    fn of(&self, user: &UserId) -> i64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(user).copied().unwrap_or(0)
    }

    fn correct(&self, user: &UserId, through: i64) {
        let mut guesses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if guesses.len() >= REMEMBERED {
            guesses.clear();
        }
        guesses.insert(user.clone(), through);
    }
}

impl RedisStore {
    /// The page, or nothing where only the script can tell. One transaction: one snapshot.
    pub(super) async fn quick_page(
        &self,
        now: i64,
        user: &UserId,
        want: usize,
    ) -> Result<Option<UserPage>, Error> {
        let clock = self.shard_of(user);
        let key = |kind: &str| Shards::key(clock, &format!("{kind}:{user}"));
        let (state, new) = (key("s"), key("n"));
        let guess = self.guesses.of(user);
        let mut all = Pipeline::with_capacity(5);
        all.atomic();
        all.cmd("HMGET").arg(clock).arg(&["v", "x"]);
        all.cmd("HMGET").arg(&state).arg(&["w", "wb", "j", "ks", "lu"]);
        all.cmd("SORT").arg(&new).arg(&["BY", "nosort", "DESC", "LIMIT", "0"]).arg(want);
        all.arg(&["GET", "#", "GET"]).arg(Shards::key(clock, "m:*"));
        all.cmd("ZCOUNT").arg(&new).arg(format!("({guess}")).arg("+inf");
        all.cmd("HGETALL").arg(key("b"));
        let [shared, state, newest, count, own] = reply::members(self.link.ask_all(all).await?)?;
        let [version, retracting] = reply::members(shared)?;
        let [through, broadcasts_through, joined, since, first] = reply::members(state)?;
        let number = |value: &Value| reply::optional_number(value).map(Option::unwrap_or_default);
        let through = number(&through)?;
        if through != guess {
            self.guesses.correct(user, through);
            return Ok(None);
        }
        let first = reply::optional_number(&first)?;
        if number(&retracting)? != 0 || number(&since)? != 0 || first.is_some_and(|at| at <= now) {
            return Ok(None);
        }
        let mut items = Vec::with_capacity(want);
        for pair in reply::array(newest)?.chunks_exact(2) {
            let position = reply::number(&pair[0])?;
            // What a mark-all went over is below all that it did not.
            if position <= through {
                break;
            }
            // Swept in this moment.
            if matches!(pair[1], Value::Nil) {
                continue;
            }
            let body = body::decode(reply::bytes(&pair[1]))?;
            items.push((Row::new(position, body.until), body));
        }
        let mut states = Vec::new();
        for pair in reply::array(own)?.chunks_exact(2) {
            if let Some((state, at)) = own_state(reply::bytes(&pair[1])) {
                states.push((reply::number(&pair[0])?, state, at));
            }
        }
        let (version, broadcasts_through) = (number(&version)?, number(&broadcasts_through)?);
        let joined = reply::optional_number(&joined)?;
        let count = reply::count(&count)?;
        let through = (through, broadcasts_through);
        Ok(Some(UserPage::of_new(version, through, joined, count, states, items)))
    }
}

//! The first page of an inbox, and its count, by plain commands.
//!
//! A script costs the server twice as much as what it does. What stands in the way of plain commands
//! is that what is unread depends on the watermark, which is on the server. So it is guessed, as what
//! this process saw last, and read with the rest: where the guess was wrong, or anything else is out
//! of the ordinary, the script is asked. Bodies that this process does not know yet are asked for
//! afterwards; they never change.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use redis::{Cmd, Pipeline, Value};

use super::body::{self, Body};
use super::reply;
use super::shards::Shards;
use super::store::RedisStore;
use super::user_page::{UserPage, own_state};
use crate::store::state::Row;
use crate::{Error, UserId};

/// How many users are remembered; then all are forgotten.
const REMEMBERED: usize = 100_000;

/// What is guessed of the users who were here last.
#[derive(Debug, Default)]
pub(super) struct Guesses(Mutex<HashMap<UserId, Guess>>);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Guess {
    /// The watermark.
    through: i64,
    /// Whether there are states of broadcasts of the user's own.
    has_own: bool,
}

impl Guesses {
    fn of(&self, user: &UserId) -> Guess {
        let guesses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        guesses.get(user).copied().unwrap_or_default()
    }

    fn correct(&self, user: &UserId, guess: Guess) {
        let mut guesses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if guesses.len() >= REMEMBERED {
            guesses.clear();
        }
        guesses.insert(user.clone(), guess);
    }
}

impl RedisStore {
    /// The page, or for none the count alone; nothing where only the script can tell. One
    /// transaction: one snapshot.
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
        let above = format!("({}", guess.through);
        let mut all = Pipeline::with_capacity(5);
        all.atomic();
        // Rooms that they fit in: this is what a process does most.
        let mut shared = Cmd::with_capacity(4, 64);
        shared.arg("HMGET").arg(clock).arg(&["v", "x"]);
        let mut watermarks = Cmd::with_capacity(8, 128);
        watermarks.arg("HMGET").arg(&state).arg(&["w", "wb", "j", "ks", "lu", "x"]);
        let mut newest = Cmd::with_capacity(9, 160);
        newest.arg("ZRANGE").arg(&new).arg("+inf").arg(&above);
        // The newest is needed in any case.
        newest.arg(&["BYSCORE", "REV", "LIMIT", "0"]).arg(want.max(1));
        let mut count = Cmd::with_capacity(4, 128);
        count.arg("ZCOUNT").arg(&new).arg(&above).arg("+inf");
        all.add_command(shared).add_command(watermarks).add_command(newest).add_command(count);
        if guess.has_own {
            all.cmd("HGETALL").arg(key("b"));
        }
        let Some(answers) = self.link.ask_all(all).await? else { return Ok(None) };
        let mut answers = reply::array(answers)?;
        let own = if guess.has_own { answers.pop().unwrap_or(Value::Nil) } else { Value::Nil };
        let [shared, state, newest, count] = reply::members(Value::Array(answers))?;
        let [version, retracting] = reply::members(shared)?;
        let [through, broadcasts_through, joined, since, first, has_own] = reply::members(state)?;
        let number = |value: &Value| reply::optional_number(value).map(Option::unwrap_or_default);
        let through = number(&through)?;
        let right = Guess { through, has_own: number(&has_own)? != 0 };
        if guess != right {
            self.guesses.correct(user, right);
            return Ok(None);
        }
        let first = reply::optional_number(&first)?;
        if number(&retracting)? != 0 || number(&since)? != 0 || first.is_some_and(|at| at <= now) {
            return Ok(None);
        }
        let newest = reply::array(newest)?;
        let mut positions = newest.iter().map(reply::number).collect::<Result<Vec<_>, _>>()?;
        let newest = positions.first().copied().unwrap_or(through);
        positions.truncate(want);
        let Some(items) = self.items(now, clock, &positions).await? else { return Ok(None) };
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
        Ok(Some(UserPage::of_new(version, through, joined, (newest, count), states, items)))
    }

    /// New items with their bodies; nothing where one of them was swept in this moment.
    async fn items(
        &self,
        now: i64,
        clock: &str,
        positions: &[i64],
    ) -> Result<Option<Vec<(Row, Body)>>, Error> {
        let mut found = self.bodies.find(positions);
        let missing = || positions.iter().zip(&found).filter(|(_, body)| body.is_none());
        if missing().next().is_some() {
            let mut get = redis::cmd("MGET");
            for (position, _) in missing() {
                get.arg(Shards::key(clock, &format!("m:{position}")));
            }
            let read = reply::array(self.link.ask(get).await?)?;
            let missing = positions.iter().zip(&mut found).filter(|(_, body)| body.is_none());
            for ((position, body), read) in missing.zip(&read) {
                if matches!(read, Value::Nil) {
                    return Ok(None);
                }
                let bytes = reply::bytes(read);
                let read = body::decode(bytes)?;
                self.bodies.keep(now, *position, &read, bytes.len());
                *body = Some(read);
            }
        }
        let item = |(position, body): (&i64, Option<Body>)| {
            body.map(|body| (Row::new(*position, body.until), body))
        };
        Ok(positions.iter().zip(found).map(item).collect())
    }
}

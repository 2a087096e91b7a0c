//! The first pages of inboxes, and counts, by plain commands, of all who ask at once.
//!
//! A script costs the server twice as much as what it does. What stands in the way of plain commands
//! is that what is unread depends on the watermark, which is on the server. So it is guessed, as what
//! this process saw last, and read with the rest: where the guess was wrong, or anything else is out
//! of the ordinary, the script is asked. Bodies that this process does not know yet are asked for
//! afterwards; they never change.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use redis::{Cmd, Pipeline, Value};

use super::body::{self, Body};
use super::connection::Link;
use super::reply;
use super::shards::Shards;
use super::user_page::{UserPage, own_state};
use super::{NAME, connection};
use crate::store::bodies::Bodies;
use crate::store::gathering::{Asked, Together};
use crate::store::state::{Row, State};
use crate::{Error, UserId};

/// How many users are remembered; then all are forgotten.
const REMEMBERED: usize = 100_000;

/// A user's newest unread items, at most so many, and the count; none for the count alone.
pub(super) struct Question {
    pub(super) now: i64,
    pub(super) user: UserId,
    pub(super) want: usize,
}

/// How to ask, and what this process remembers of those who did.
#[derive(Debug)]
pub(super) struct Inboxes {
    link: Arc<Link>,
    shards: Arc<Shards>,
    guesses: Guesses,
    bodies: Bodies<Body>,
}

/// What is guessed of the users who were here last.
#[derive(Debug, Default)]
struct Guesses(Mutex<HashMap<UserId, Guess>>);

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

/// A page whose bodies are yet to be found.
struct Outline {
    version: i64,
    through: (i64, i64),
    joined: Option<i64>,
    newest: i64,
    count: u64,
    own: Vec<(i64, State, Option<i64>)>,
    /// Newest first.
    positions: Vec<i64>,
}

impl Together for Inboxes {
    const NAME: &'static str = NAME;
    type Question = Question;
    /// Nothing where only the script can tell.
    type Answer = Option<UserPage>;

    fn lanes(&self) -> usize {
        connection::LANES
    }

    async fn ask(&self, _lane: usize, waiting: &mut Vec<Asked<Self>>) -> Result<(), Error> {
        // Those who ask together are of one shard: of several, each asks alone.
        let Some(first) = waiting.first() else { return Ok(()) };
        self.ask_shard(self.shards.of(&first.question.user), waiting).await
    }
}

impl Inboxes {
    pub(super) fn new(link: Arc<Link>, shards: Arc<Shards>) -> Self {
        Self { link, shards, guesses: Guesses::default(), bodies: Bodies::default() }
    }

    /// Asks for users of one shard: one slot, one transaction, one snapshot.
    async fn ask_shard(&self, shard: usize, waiting: &mut Vec<Asked<Self>>) -> Result<(), Error> {
        let clock = self.shards.clock(shard);
        let key = |kind: &str, user: &UserId| Shards::key(clock, &format!("{kind}:{user}"));
        let mut all = Pipeline::with_capacity(1 + 4 * waiting.len());
        all.atomic();
        // Rooms that they fit in: this is what a process does most.
        let mut versions = Cmd::with_capacity(4, 64);
        versions.arg("HMGET").arg(clock).arg(&["v", "x"]);
        all.add_command(versions);
        let mut guesses = Vec::with_capacity(waiting.len());
        for Question { user, want, .. } in waiting.iter().map(|asked| &asked.question) {
            let guess = self.guesses.of(user);
            let (new, above) = (key("n", user), format!("({}", guess.through));
            let mut watermarks = Cmd::with_capacity(8, 128);
            watermarks.arg("HMGET").arg(key("s", user));
            watermarks.arg(&["w", "wb", "j", "ks", "lu", "x"]);
            let mut newest = Cmd::with_capacity(9, 160);
            newest.arg("ZRANGE").arg(&new).arg("+inf").arg(&above);
            // The newest is needed in any case.
            newest.arg(&["BYSCORE", "REV", "LIMIT", "0"]).arg((*want).max(1));
            let mut count = Cmd::with_capacity(4, 128);
            count.arg("ZCOUNT").arg(&new).arg(&above).arg("+inf");
            all.add_command(watermarks).add_command(newest).add_command(count);
            if guess.has_own {
                all.cmd("HGETALL").arg(key("b", user));
            }
            guesses.push(guess);
        }
        let Some(answers) = self.link.ask_all(all).await? else {
            waiting.drain(..).for_each(|asked| asked.tell(Ok(None)));
            return Ok(());
        };
        let mut answers = reply::array(answers)?.into_iter();
        let [version, retracting] = reply::members(answers.next().unwrap_or(Value::Nil))?;
        let (version, retracting) = (number(&version)?, number(&retracting)? != 0);
        let mut outlines = Vec::with_capacity(waiting.len());
        for (asked, guess) in waiting.iter().zip(guesses) {
            let mut next = || answers.next().unwrap_or(Value::Nil);
            let (state, newest, count) = (next(), next(), next());
            let own = if guess.has_own { next() } else { Value::Nil };
            let outline =
                self.outline(version, &asked.question, guess, state, newest, &count, own)?;
            outlines.push(outline.filter(|_| !retracting));
        }
        self.tell(clock, outlines, waiting).await
    }

    /// What was answered of one user; nothing where the guess was wrong or the script is needed.
    #[expect(clippy::too_many_arguments, reason = "one for each answer")]
    fn outline(
        &self,
        version: i64,
        asked: &Question,
        guess: Guess,
        state: Value,
        newest: Value,
        count: &Value,
        own: Value,
    ) -> Result<Option<Outline>, Error> {
        let [through, broadcasts_through, joined, since, first, has_own] = reply::members(state)?;
        let through = number(&through)?;
        let right = Guess { through, has_own: number(&has_own)? != 0 };
        if guess != right {
            self.guesses.correct(&asked.user, right);
            return Ok(None);
        }
        let first = reply::optional_number(&first)?;
        if number(&since)? != 0 || first.is_some_and(|at| at <= asked.now) {
            return Ok(None);
        }
        let newest = reply::array(newest)?;
        let mut positions = newest.iter().map(reply::number).collect::<Result<Vec<_>, _>>()?;
        let newest = positions.first().copied().unwrap_or(through);
        positions.truncate(asked.want);
        let mut states = Vec::new();
        for pair in reply::array(own)?.chunks_exact(2) {
            if let Some((state, at)) = own_state(reply::bytes(&pair[1])) {
                states.push((reply::number(&pair[0])?, state, at));
            }
        }
        Ok(Some(Outline {
            version,
            through: (through, number(&broadcasts_through)?),
            joined: reply::optional_number(&joined)?,
            newest,
            count: reply::count(count)?,
            own: states,
            positions,
        }))
    }

    /// Answers those at once whose messages are all remembered, and then the others.
    async fn tell(
        &self,
        clock: &str,
        outlines: Vec<Option<Outline>>,
        waiting: &mut Vec<Asked<Self>>,
    ) -> Result<(), Error> {
        let (mut late, mut missing) = (Vec::new(), BTreeSet::new());
        for (asked, outline) in waiting.drain(..).zip(outlines) {
            let Some(outline) = outline else {
                asked.tell(Ok(None));
                continue;
            };
            let bodies = self.bodies.find(&outline.positions);
            if bodies.iter().all(Option::is_some) {
                asked.tell(Ok(outline.page(bodies)));
                continue;
            }
            let unknown = outline.positions.iter().zip(&bodies).filter(|(_, body)| body.is_none());
            missing.extend(unknown.map(|(position, _)| *position));
            late.push((asked, outline, bodies));
        }
        if late.is_empty() {
            return Ok(());
        }
        let mut get = redis::cmd("MGET");
        for position in &missing {
            get.arg(Shards::key(clock, &format!("m:{position}")));
        }
        let read = match self.link.ask(get).await.and_then(reply::array) {
            Ok(read) => read,
            Err(error) => {
                waiting.extend(late.into_iter().map(|(asked, ..)| asked));
                return Err(error);
            }
        };
        let read: HashMap<i64, Value> = missing.into_iter().zip(read).collect();
        for (asked, outline, mut bodies) in late {
            let page = self.complete(asked.question.now, &outline.positions, &mut bodies, &read);
            asked.tell(page.map(|()| outline.page(bodies)));
        }
        Ok(())
    }

    /// Puts in what was read.
    fn complete(
        &self,
        now: i64,
        positions: &[i64],
        bodies: &mut [Option<Body>],
        read: &HashMap<i64, Value>,
    ) -> Result<(), Error> {
        let missing = positions.iter().zip(bodies).filter(|(_, body)| body.is_none());
        for (position, body) in missing {
            let Some(read) = read.get(position).filter(|read| !matches!(read, Value::Nil)) else {
                continue;
            };
            let bytes = reply::bytes(read);
            let read = body::decode(bytes)?;
            self.bodies.keep(now, *position, &read, bytes.len());
            *body = Some(read);
        }
        Ok(())
    }
}

impl Outline {
    /// The page; nothing where a message was swept in this moment.
    fn page(self, bodies: Vec<Option<Body>>) -> Option<UserPage> {
        let Self { version, through, joined, newest, count, own, positions } = self;
        let item = |(position, body): (&i64, Option<Body>)| {
            body.map(|body| (Row::new(*position, body.until), body))
        };
        let items = positions.iter().zip(bodies).map(item).collect::<Option<Vec<_>>>()?;
        Some(UserPage::of_new(version, through, joined, (newest, count), own, items))
    }
}

/// A number, of which there may be none.
fn number(value: &Value) -> Result<i64, Error> {
    reply::optional_number(value).map(Option::unwrap_or_default)
}
